// The page follows its station: by server-sent events, and by asking each second while there are none.

import { goTo, isBusy } from "./steps.js";

const KINDS = ["changed", "arrived", "called", "ended", "help", "reload"];

export function followStation() {
  let asking = false;
  let polling = null;

  async function look() {
    if (asking || isBusy()) return;
    asking = true;
    try {
      const response = await fetch("/state", { headers: { Accept: "application/json" } });
      const { mark } = await response.json();
      if (mark && mark !== document.body.dataset.mark && !isBusy()) goTo("/");
    } catch {
      // asked again with the next event or the next second
    } finally {
      asking = false;
    }
  }

  function poll(on) {
    clearInterval(polling);
    polling = on ? setInterval(look, 1000) : null;
  }

  poll(true);
  const stream = new EventSource("/live");
  stream.addEventListener("open", () => {
    poll(false);
    look();
  });
  stream.addEventListener("error", () => poll(true));
  stream.addEventListener("down", () => poll(true));
  stream.addEventListener("up", () => {
    poll(false);
    look();
  });
  for (const kind of KINDS) stream.addEventListener(kind, look);
  addEventListener("pagehide", () => stream.close());
}
