// What changes on a page while it stays: the box about the chip card, what to do before the camera, and how far it is.

/** Swap each part that says something else now; forms and what was typed in them are left alone. */
export function showNews({ news = {}, progress = {} }) {
  let said = "";
  let moved = false;
  for (const [id, { key, html, say }] of Object.entries(news)) {
    const part = document.getElementById(id);
    if (!part || part.dataset.key === key) continue;
    part.dataset.key = key;
    part.innerHTML = html;
    part.hidden = !html;
    said ||= say;
    moved = true;
  }
  for (const [id, [done, total]] of Object.entries(progress)) moved = showProgress(id, done, total) || moved;
  if (said) document.dispatchEvent(new CustomEvent("kiosk:said", { detail: said }));
  return moved;
}

function showProgress(id, done, total) {
  const bar = document.getElementById(id);
  if (!bar || !total || (bar.value === done && bar.max === total)) return false;
  bar.max = total;
  bar.value = done;
  document.querySelector(`[data-ring="${id}"]`)?.setAttribute("stroke-dasharray", `${(100 * done) / total} 200`);
  return true;
}

/** Whether what moved means that somebody is there who touches nothing: they lay a card down, or face the camera. */
export function somebodyMoves(news = {}) {
  return !["wait", "come"].includes(news["face-words"]?.key);
}
