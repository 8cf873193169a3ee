// A form that came too late: what it held stands in the same form of the case as it is now.

const kept = document.getElementById("kept");

if (kept) {
  history.replaceState(null, "", kept.dataset.page);
  const fields = JSON.parse(kept.dataset.fields);
  const same = [...document.forms].filter((form) => new URL(form.action).pathname === kept.dataset.action);
  for (const form of same) {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (!field || field.type === "hidden") continue;
      field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
