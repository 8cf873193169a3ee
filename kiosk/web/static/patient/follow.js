// The page follows its station: by server-sent events, and by asking each second while there are none.

import { showNews, somebodyMoves } from "./news.js";
import { goTo, isBusy } from "./steps.js";

const KINDS = ["changed", "arrived", "called", "ended", "help", "card", "face", "reload"];
const WITHOUT_STREAM = 1_000;
const WITH_STREAM = 5_000;

function refresh() {
  document.dispatchEvent(new Event("kiosk:refresh"));
  goTo("/");
}

export function followStation() {
  let asking = false;
  let again = false;
  let polling = null;

  // What this page itself did meanwhile, such as telling that somebody struggles, makes the answer an old one.
  async function ask() {
    const { mark: shown } = document.body.dataset;
    try {
      const response = await fetch("/state", { headers: { Accept: "application/json" } });
      const answer = await response.json();
      const { mark } = answer;
      if (document.body.dataset.mark !== shown) again = true;
      else if (mark && mark !== shown) {
        if (!isBusy()) refresh();
      } else if (showNews(answer) && somebodyMoves(answer.news)) document.dispatchEvent(new Event("kiosk:present"));
    } catch {
      // asked again with the next event or the next second
    }
  }

  // What happens while an answer is on its way may not be in it: then ask once more.
  async function look() {
    again = true;
    if (asking) return;
    asking = true;
    while (again) {
      again = false;
      await ask();
    }
    asking = false;
  }

  function poll(pause) {
    clearInterval(polling);
    polling = setInterval(look, pause);
  }

  function live() {
    poll(WITH_STREAM);
    look();
  }

  poll(WITHOUT_STREAM);
  const stream = new EventSource("/live");
  stream.addEventListener("open", live);
  stream.addEventListener("up", live);
  stream.addEventListener("error", () => poll(WITHOUT_STREAM));
  stream.addEventListener("down", () => poll(WITHOUT_STREAM));
  for (const kind of KINDS) stream.addEventListener(kind, look);
  stream.addEventListener("gone", () => document.dispatchEvent(new Event("kiosk:gone")));
  addEventListener("pagehide", () => stream.close());
}
