// Nobody touches anything: ask, count down, then forget everything.

import { forget, goTo, post, send } from "./steps.js";

const TELL_EVERY = 10_000;

export function guardIdle() {
  const { idle, warning, untouched } = document.body.dataset;
  if (untouched !== undefined) return;
  const dialog = document.getElementById("still-there");
  const left = document.getElementById("seconds-left");
  let touchedAt = Date.now();
  let toldAt = Date.now();

  function touched() {
    touchedAt = Date.now();
    if (dialog.open) dialog.close();
    if (touchedAt - toldAt < TELL_EVERY) return;
    toldAt = touchedAt;
    post(document.getElementById("here"));
  }

  async function reset() {
    clearInterval(timer);
    forget();
    document.body.hidden = true;
    await send(document.getElementById("leave"));
    goTo("/");
  }

  function look() {
    const quiet = (Date.now() - touchedAt) / 1000;
    const end = Number(idle) + Number(warning);
    if (quiet >= end) reset();
    else if (quiet >= Number(idle)) {
      left.textContent = Math.ceil(end - quiet);
      if (!dialog.open) dialog.showModal();
    }
  }

  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) addEventListener(kind, touched, { passive: true });
  document.addEventListener("kiosk:present", touched);
  // only where all is done: a question that is still open has its own clock
  if (!Number(warning)) document.addEventListener("kiosk:gone", reset, { once: true });
  dialog.addEventListener("cancel", touched);
  document.getElementById("more-time").addEventListener("click", touched);
  const timer = setInterval(look, 250);
}
