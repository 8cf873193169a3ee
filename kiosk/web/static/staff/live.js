// One live connection of a page: events as they come, or a look every five seconds while there is none.

const POLL_MS = 5000;
const ANSWER_MS = 5000;
// The server says something at least every ten seconds; a connection that says nothing for so long is no more.
const SILENT_MS = 25000;
const MANY = 8;
const KINDS = ["changed", "arrived", "called", "ended", "help"];

export class SignedOut extends Error {}

/** Fetch a fragment of the page; the browser's session decides what is in it. Null when it is gone. */
export async function fragment(address) {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const headers = { Accept: "text/html" };
  const answer = await fetch(address, { headers, cache: "no-store", redirect: "error", signal });
  if (answer.status === 401) throw new SignedOut();
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** The elements of a fragment. */
export function parsed(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content;
}

/**
 * Listen to `address` from `position` on.
 * `changed(data)` draws what one event named; `reload()` draws everything anew. They run one after the other, so that
 * an older answer never replaces a newer one; many events at once become one `reload`.
 * Returns what draws everything anew in its turn.
 */
export function listen({ address, position, changed, reload }) {
  const waiting = new Map();
  let all = false;
  let drawing = false;
  let poll = null;
  let again = null;
  let source = null;
  let ended = false;
  let heardAt = Date.now();

  function show(state) {
    for (const line of document.querySelectorAll("#live [data-state]")) line.hidden = line.dataset.state !== state;
  }

  async function drawNext() {
    if (all || waiting.size > MANY) {
      all = false;
      waiting.clear();
      return reload();
    }
    const [id, data] = waiting.entries().next().value;
    waiting.delete(id);
    return changed(data);
  }

  async function draw() {
    if (drawing || ended) return;
    drawing = true;
    try {
      while (all || waiting.size) await drawNext();
      show(poll ? "off" : "on");
    } catch (error) {
      if (error instanceof SignedOut) stop();
      else missed();
    }
    drawing = false;
  }

  function look() {
    all = true;
    return draw();
  }

  /** The server did not answer: everything is read anew a little later, and until then nothing counts as live. */
  function missed() {
    all = true;
    show("gone");
    clearTimeout(again);
    if (!poll) again = setTimeout(draw, POLL_MS);
  }

  function fallBack() {
    if (poll || ended) return;
    show("off");
    poll = setInterval(look, POLL_MS);
  }

  function isLive() {
    clearInterval(poll);
    poll = null;
    if (all) draw();
    else show("on");
  }

  function stop() {
    ended = true;
    clearInterval(poll);
    source.close();
    show("out");
  }

  function heard(event) {
    heardAt = Date.now();
    if (event.lastEventId) position = event.lastEventId;
  }

  function happened(event) {
    const data = JSON.parse(event.data);
    waiting.set(data.check_in, data);
    draw();
  }

  function connect() {
    heardAt = Date.now();
    source = new EventSource(`${address}?after=${encodeURIComponent(position)}`);
    let isDown = false;
    source.addEventListener("open", () => isDown || isLive());
    source.addEventListener("down", () => {
      isDown = true;
      fallBack();
    });
    source.addEventListener("up", () => {
      isDown = false;
      isLive();
    });
    source.addEventListener("reload", look);
    for (const kind of ["open", "alive", "down", "up", "reload", ...KINDS]) source.addEventListener(kind, heard);
    for (const kind of KINDS) source.addEventListener(kind, happened);
    source.addEventListener("error", () => {
      fallBack();
      // refused for good, as when the session ended: the browser does not try again by itself
      if (source.readyState === EventSource.CLOSED) setTimeout(reconnect, POLL_MS);
    });
  }

  /** Open at this end only, as after a cable was pulled: the browser would wait for ever. */
  function watch() {
    if (ended || source.readyState === EventSource.CLOSED || Date.now() - heardAt < SILENT_MS) return;
    source.close();
    fallBack();
    look();
    connect();
  }

  async function reconnect() {
    if (ended || document.hidden || source.readyState !== EventSource.CLOSED) return;
    await look();
    if (!ended && source.readyState === EventSource.CLOSED) connect();
  }

  // A browser opens six connections to one address: a screen that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source.close();
    else reconnect();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && reconnect());
  connect();
  setInterval(watch, POLL_MS);
  return look;
}
