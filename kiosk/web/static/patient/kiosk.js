// The patient's screen. Every step also works as a plain form; scripts add what a person at a kiosk needs beyond that.

import { followStation } from "./follow.js";
import { guardIdle } from "./idle.js";
import { prepareKeypad } from "./keypad.js";
import { showMore } from "./more.js";
import { prepareSteps, send } from "./steps.js";
import { showPreview } from "./preview.js";
import { noticeStruggle } from "./struggle.js";
import { keepTyped } from "./typed.js";
import { speakPage } from "./voice.js";

// A page that a browser kept for its Back button is never shown again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

prepareSteps();
prepareKeypad();
keepTyped();
showMore();
showPreview();
followStation();
guardIdle();
noticeStruggle();
speakPage();

// A code shown unasked led to a number: nobody has pressed anything yet that would print it.
const print = document.querySelector("#print[data-at-once]");
if (print) send(print);
