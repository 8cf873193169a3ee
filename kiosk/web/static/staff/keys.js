// Single keys for those who prefer them (WCAG 2.2, 2.1.4: they can be switched off, and the choice is kept).

const STORED = "kiosk-keys";
const dialog = document.getElementById("keys");
const on = document.getElementById("keys-on");

const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");

function toggle() {
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

/** Press the button, or go to the field, that carries this key. */
function use(key) {
  const element = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!element) return false;
  if (element instanceof HTMLButtonElement && !element.dataset.keyFocus) element.click();
  else element.focus();
  return true;
}

function step(by) {
  const links = [...document.querySelectorAll("#needs a, #right a, #rows a")].filter((link) => link.offsetParent);
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}

function pressed(event) {
  // a key that is held down must not call one patient after the other
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (event.key === "?") toggle();
  else if (!on.checked || dialog.open) return;
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (!use(event.key)) return;
  event.preventDefault();
}

on.checked = localStorage.getItem(STORED) !== "off";
on.addEventListener("change", () => localStorage.setItem(STORED, on.checked ? "on" : "off"));
document.getElementById("keys-button").addEventListener("click", toggle);
document.addEventListener("keydown", pressed);
