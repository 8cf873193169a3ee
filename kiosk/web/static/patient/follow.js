// The page follows its station: by server-sent events, and by asking each second while there are none.

import { showNews, somebodyMoves } from "./news.js";
import { ANSWER_MS, goTo, isBusy } from "./steps.js";

const KINDS = ["changed", "arrived", "called", "ended", "help", "card", "face", "reload"];
const WITHOUT_STREAM = 1_000;
const WITH_STREAM = 5_000;
// The server says something at least every ten seconds; a connection that says nothing for so long is no more.
const SILENT = 25_000;

function refresh() {
  document.dispatchEvent(new Event("kiosk:refresh"));
  goTo("/");
}

export function followStation() {
  let asking = false;
  let again = false;
  let polling = null;
  let silence = null;
  let stream = null;

  // What this page itself did meanwhile, such as telling that somebody struggles, makes the answer an old one.
  async function ask() {
    const { mark: shown } = document.body.dataset;
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const response = await fetch("/state", { headers: { Accept: "application/json" }, signal });
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

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(silent, SILENT);
  }

  function silent() {
    stream.close();
    poll(WITHOUT_STREAM);
    connect();
  }

  function connect() {
    heard();
    stream = new EventSource("/live");
    stream.addEventListener("open", live);
    stream.addEventListener("up", live);
    stream.addEventListener("error", () => poll(WITHOUT_STREAM));
    stream.addEventListener("down", () => poll(WITHOUT_STREAM));
    for (const kind of KINDS) stream.addEventListener(kind, look);
    stream.addEventListener("gone", () => document.dispatchEvent(new Event("kiosk:gone")));
    for (const kind of ["open", "up", "down", "alive", "gone", ...KINDS]) stream.addEventListener(kind, heard);
  }

  poll(WITHOUT_STREAM);
  connect();
  addEventListener("pagehide", () => {
    clearTimeout(silence);
    stream.close();
  });
}
