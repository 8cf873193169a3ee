// Keys on the screen for people without a keyboard; a real keyboard works beside them.

export function prepareKeypad() {
  const fields = [...document.querySelectorAll("[data-types]")];
  const pads = [...document.querySelectorAll("[data-keypad]")];
  if (!fields.length) return;
  let current = fields[0];

  function moveTo(field) {
    current = field ?? current;
    current.focus();
  }

  function press(key) {
    if (key === "next") return moveTo(fields[fields.indexOf(current) + 1]);
    if (key === "erase") {
      if (!current.value && current !== fields[0]) moveTo(fields[fields.indexOf(current) - 1]);
      current.value = current.value.slice(0, -1);
      return current.focus();
    }
    if (current.value.length < current.maxLength) current.value += key;
    return full();
  }

  function full() {
    const following = fields[fields.indexOf(current) + 1];
    if (current.value.length >= current.maxLength && following) moveTo(following);
    else current.focus();
  }

  function open(name) {
    for (const pad of pads) pad.hidden = pad.dataset.keypad !== name;
  }

  for (const field of fields) {
    field.addEventListener("focus", () => {
      current = field;
    });
    field.addEventListener("input", full);
  }
  addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    const pad = event.target.closest("[data-pad]");
    if (key) press(key.dataset.key);
    if (pad) open(pad.dataset.pad);
  });
  // keys take no focus from the field that they fill
  addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-key], [data-pad]")) event.preventDefault();
  });
  open("digits");
  current.focus();
}
