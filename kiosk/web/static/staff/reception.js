// Reception: both outer columns follow events; the case in hand is never changed under the hand.

import "./keys.js";
import "./kept.js";
import { fragment, listen, parsed } from "./live.js";
import { needsChanged } from "./needs.js";
import { countDown } from "./undo.js";

const STATIONS_MS = 10000;
const board = document.getElementById("board");
const chosen = board.dataset.chosen;

/** Put a column's new content in place, and keep the focus and what was folded. */
function swap(fresh, id) {
  const old = document.getElementById(id);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const folded = new Map([...old.querySelectorAll("details")].map((one) => [one.id, one.open]));
  const scrolled = old.scrollTop;
  old.replaceChildren(...fresh.getElementById(id).childNodes);
  for (const one of old.querySelectorAll("details")) if (folded.has(one.id)) one.open = folded.get(one.id);
  old.scrollTop = scrolled;
  if (focused) document.getElementById(focused)?.focus();
}

async function reload() {
  const address = chosen ? `${board.dataset.board}?chosen=${encodeURIComponent(chosen)}` : board.dataset.board;
  const fresh = parsed(await fragment(address));
  swap(fresh, "left");
  swap(fresh, "right");
  needsChanged();
}

function changed({ check_in: id }) {
  if (id === chosen) document.getElementById("chosen-changed").hidden = false;
  return reload();
}

countDown(() => board.querySelector("a")?.focus());
const look = listen({ address: board.dataset.live, position: board.dataset.position, changed, reload });
setInterval(look, STATIONS_MS);
