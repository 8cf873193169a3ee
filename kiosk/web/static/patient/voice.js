// The screen's sentence, spoken by the browser. It never holds a name or the number of a card.

const TAGS = { vi: "vi-VN", en: "en-GB" };

function say(sentence) {
  const { voice, language } = document.body.dataset;
  speechSynthesis.cancel();
  if (voice === undefined || !sentence) return;
  const words = new SpeechSynthesisUtterance(sentence);
  words.lang = TAGS[language] ?? TAGS.vi;
  words.rate = 0.9;
  const own = speechSynthesis.getVoices().find((one) => one.lang.replace("_", "-").startsWith(language));
  if (own) words.voice = own;
  speechSynthesis.speak(words);
}

/** What appears on the page later, as the question whether somebody is still there. */
function sayWhatAppears() {
  const watcher = new MutationObserver((changes) => {
    const shown = changes.map((change) => change.target).find((one) => one.checkVisibility());
    if (shown) say(shown.dataset.says ?? shown.textContent.trim());
  });
  for (const one of document.querySelectorAll("#help-coming, #help-told, #offline, #still-there")) {
    watcher.observe(one, { attributeFilter: ["hidden", "open"] });
  }
}

export function speakPage() {
  if (!("speechSynthesis" in window)) return;
  say(document.body.dataset.speak);
  sayWhatAppears();
  document.addEventListener("kiosk:said", ({ detail }) => say(detail));
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
