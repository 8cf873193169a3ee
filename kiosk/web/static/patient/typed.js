// A switch of the dock, or a change of the check-in, fetches the page anew: what was typed so far comes along, and stays
// nowhere.

const KEY = "typed";
const FRESH = 5_000;

const fields = () => [...document.querySelectorAll("[data-types]")];

/** Take it out before anything else, so that it is gone even if this page has no use for it. */
function taken() {
  const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  const fits = stored && stored.page === document.body.dataset.page && Date.now() - stored.at < FRESH;
  return fits ? stored : null;
}

function giveBack({ values, current, letters }) {
  fields().forEach((field, index) => {
    field.value = values[index];
  });
  if (letters) document.querySelector("[data-pad=letters]")?.click();
  fields()[current]?.focus();
}

export function keepTyped() {
  let current = 0;
  let kept = null;
  const back = taken();
  if (back) giveBack(back);

  for (const [index, field] of fields().entries()) {
    field.addEventListener("focus", () => {
      current = index;
    });
  }
  addEventListener("submit", (event) => {
    kept = "keeps" in event.target.dataset ? Date.now() : null;
  });
  document.addEventListener("kiosk:refresh", () => {
    kept = Date.now();
  });
  addEventListener("pagehide", () => {
    if (kept === null || !fields().length) return;
    const values = fields().map((field) => field.value);
    const letters = document.querySelector("[data-keypad=letters]")?.hidden === false;
    const stored = { page: document.body.dataset.page, values, current, letters, at: kept };
    sessionStorage.setItem(KEY, JSON.stringify(stored));
  });
}
