// How far the chip card's reading is; the page itself is fetched anew when something else is to be said.

export function showCardProgress(card) {
  const bar = document.getElementById("card-progress");
  if (!bar || !card || !card.total) return;
  bar.max = card.total;
  bar.value = card.done;
}
