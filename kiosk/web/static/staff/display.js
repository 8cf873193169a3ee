// The waiting room: new calls appear by themselves, and are read aloud where somebody switched that on.

import { fragment, listen, parsed } from "./live.js";

const calls = document.getElementById("calls");
const voice = document.getElementById("voice");
const isOn = () => voice.getAttribute("aria-pressed") === "true";
const keys = (root) => [...root.querySelectorAll(".call")].map((one) => `${one.dataset.number}/${one.dataset.key}`);

function say(call) {
  const words = voice.dataset.words.replace("{number}", call.dataset.number).replace("{room}", call.dataset.room);
  const spoken = new SpeechSynthesisUtterance(words);
  spoken.lang = voice.dataset.lang;
  spoken.rate = 0.9;
  speechSynthesis.speak(spoken);
}

async function reload() {
  const known = new Set(keys(calls));
  const fresh = parsed(await fragment(calls.dataset.calls));
  const added = [...fresh.querySelectorAll(".call")].filter((one) => !known.has(`${one.dataset.number}/${one.dataset.key}`));
  calls.replaceChildren(...fresh.childNodes);
  if (isOn()) added.reverse().forEach(say);
}

if ("speechSynthesis" in window) {
  voice.hidden = false;
  voice.addEventListener("click", () => {
    voice.setAttribute("aria-pressed", String(!isOn()));
    if (!isOn()) speechSynthesis.cancel();
  });
}
listen({ address: calls.dataset.live, position: calls.dataset.position, changed: reload, reload });
