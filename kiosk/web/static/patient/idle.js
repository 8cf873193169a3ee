// Nobody touches anything: ask, count down, then forget everything.

import { ANSWER_MS, forget, goTo, post, send } from "./steps.js";

const TELL_EVERY = 10_000;
// Whoever touched the screen so lately is there, whatever the camera saw.
const JUST_TOUCHED = 5_000;

export function guardIdle() {
  const { idle, warning, untouched } = document.body.dataset;
  if (untouched !== undefined) return;
  const dialog = document.getElementById("still-there");
  const left = document.getElementById("seconds-left");
  let touchedAt = Date.now();
  let toldAt = Date.now();
  let over = false;
  let unseen = false;

  function touched() {
    touchedAt = Date.now();
    unseen = false;
    if (dialog.open) dialog.close();
    if (touchedAt - toldAt < TELL_EVERY) return;
    toldAt = touchedAt;
    post(document.getElementById("here"));
  }

  async function reset() {
    if (over) return;
    over = true;
    clearInterval(timer);
    document.body.hidden = true;
    try {
      forget();
      const late = new Promise((resolve) => setTimeout(resolve, ANSWER_MS, null));
      const answer = await Promise.race([send(document.getElementById("leave")), late]);
      if (answer === null) sayOffline();
    } finally {
      goTo("/");
    }
  }

  // Until a page comes there is this sentence, and nothing of the patient.
  function sayOffline() {
    const offline = document.getElementById("offline");
    offline.hidden = false;
    document.body.replaceChildren(offline);
    document.body.hidden = false;
  }

  function gone() {
    unseen = true;
  }

  function look() {
    const quiet = (Date.now() - touchedAt) / 1000;
    const end = Number(idle) + Number(warning);
    if (quiet >= end || (unseen && quiet * 1000 >= JUST_TOUCHED)) reset();
    else if (quiet >= Number(idle)) {
      left.textContent = Math.ceil(end - quiet);
      if (!dialog.open) dialog.showModal();
    }
  }

  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) addEventListener(kind, touched, { passive: true });
  document.addEventListener("kiosk:present", touched);
  // only where all is done: a question that is still open has its own clock
  if (!Number(warning)) document.addEventListener("kiosk:gone", gone);
  dialog.addEventListener("cancel", touched);
  document.getElementById("more-time").addEventListener("click", touched);
  const timer = setInterval(look, 250);
}
