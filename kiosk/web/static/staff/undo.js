// What can be taken back for a moment: the offer goes when the time is over.

/** Take each offer away after its seconds; `after` is called when one has gone. */
export function countDown(after) {
  for (const form of document.querySelectorAll("form.undo")) {
    setTimeout(() => {
      const focused = form.contains(document.activeElement);
      form.remove();
      if (focused) after();
    }, Number(form.dataset.seconds) * 1000);
  }
}
