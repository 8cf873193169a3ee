// A second failure, or one step that takes too long: reception is told, the place is kept.

import { send } from "./steps.js";

const TOO_LONG = 40_000;
const KEY = "step-since";

export function noticeStruggle() {
  const { page, struggling } = document.body.dataset;
  const told = document.querySelectorAll("#help-coming, #help-told");
  if (["welcome", "ticket", "kept", "forgotten"].includes(page)) {
    sessionStorage.removeItem(KEY);
    return;
  }

  function tell() {
    if ([...told].every((one) => one.hidden)) send(document.getElementById("struggling"));
  }

  if (struggling !== undefined) tell();
  const [known, since] = (sessionStorage.getItem(KEY) ?? "").split(" ");
  const began = known === page ? Number(since) : Date.now();
  sessionStorage.setItem(KEY, `${page} ${began}`);
  setTimeout(tell, Math.max(0, began + TOO_LONG - Date.now()));
}
