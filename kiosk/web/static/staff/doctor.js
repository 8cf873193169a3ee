// The doctor's list: rows come, change and go without moving what is under the pointer.

import "./keys.js";
import { fragment, listen, parsed } from "./live.js";
import { countDown } from "./undo.js";

const queue = document.getElementById("queue");
const box = document.getElementById("rows-box");
const newcomers = document.getElementById("newcomers");
const chosen = queue.dataset.chosen;
let held = new Map();

const rows = () => document.getElementById("rows");
const rowOf = (id) => document.getElementById(`row-${id}`);
const underPointer = () => rows().querySelector(".queue__item:hover, .queue__item:focus-within");

function withChosen(address) {
  return chosen ? `${address}?chosen=${encodeURIComponent(chosen)}` : address;
}

/** Where a row of that order belongs. */
function placeFor(row) {
  return [...rows().children].find((one) => one.dataset.id !== row.dataset.id && one.dataset.order > row.dataset.order);
}

/** Whether putting or taking a row there would move what the pointer is on. */
function wouldMove(reference, pointed) {
  if (!pointed || !reference) return false;
  return reference === pointed || Boolean(reference.compareDocumentPosition(pointed) & Node.DOCUMENT_POSITION_FOLLOWING);
}

function put(id, row) {
  const old = rowOf(id);
  const pointed = underPointer();
  if (old && row && old.dataset.order === row.dataset.order) {
    old.replaceChildren(...row.children);
    old.dataset.version = row.dataset.version;
    return;
  }
  const before = row ? placeFor(row) : null;
  if (pointed && (wouldMove(before, pointed) || wouldMove(old, pointed))) {
    held.set(id, row);
    newcomers.hidden = false;
    return;
  }
  old?.remove();
  if (row) {
    row.classList.add("queue__item--new");
    rows().insertBefore(row, before ?? null);
    document.getElementById("no-rows")?.remove();
  }
}

function release() {
  if (!held.size || underPointer()) return;
  const waiting = held;
  held = new Map();
  newcomers.hidden = true;
  for (const [id, row] of waiting) put(id, row);
}

async function changed({ check_in: id }) {
  if (id === chosen) noticeChange(id);
  const text = await fragment(withChosen(queue.dataset.row.replace("/-", `/${encodeURIComponent(id)}`)));
  held.delete(id);
  const row = text === null ? null : parsed(text).querySelector(".queue__item");
  if (id === chosen) closeIfOver(row);
  put(id, row);
}

async function reload() {
  const fresh = parsed(await fragment(withChosen(queue.dataset.list)));
  const list = fresh.getElementById("rows");
  const present = new Set();
  if (chosen) closeIfOver([...list.children].find((one) => one.dataset.id === chosen));
  for (const row of [...list.children]) {
    present.add(row.dataset.id);
    if (row.dataset.id === chosen) noticeNewer(row);
    put(row.dataset.id, row);
  }
  for (const old of [...rows().children]) if (!present.has(old.dataset.id)) put(old.dataset.id, null);
  const none = fresh.getElementById("no-rows");
  if (none && !rows().children.length && !document.getElementById("no-rows")) box.append(none);
}

/** A record that may not be read here any more, or is another's now, leaves the screen at once. */
function closeIfOver(row) {
  const record = document.getElementById("record");
  if (!record || row?.dataset.record === record.dataset.record) return;
  record.remove();
  location.replace(queue.dataset.closed);
}

/** What is drawn on the right is of an older version now. */
function noticeChange() {
  document.getElementById("chosen-changed").hidden = false;
}

function noticeNewer(row) {
  const old = rowOf(row.dataset.id);
  if (old && old.dataset.version !== row.dataset.version) noticeChange();
}

box.addEventListener("pointerleave", () => setTimeout(release, 50));
box.addEventListener("focusout", () => setTimeout(release, 50));
countDown(() => rows().querySelector("a")?.focus());
listen({ address: queue.dataset.live, position: rows().dataset.position, changed, reload });
