// One live connection of a page: events as they come, or a look every five seconds while there is none.

const POLL_MS = 5000;

export class SignedOut extends Error {}

/** Fetch a fragment of the page; the browser's session decides what is in it. Null when it is gone. */
export async function fragment(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store", redirect: "error" });
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
 * `changed(data)` is called for each event; `reload()` when the whole list must be read anew, and by the poll.
 */
export function listen({ address, position, changed, reload }) {
  let poll = null;
  let source = null;

  function show(state) {
    for (const line of document.querySelectorAll("#live [data-state]")) line.hidden = line.dataset.state !== state;
  }

  async function look(state) {
    try {
      await reload();
      show(state);
    } catch (error) {
      if (error instanceof SignedOut) stop("out");
      else show("gone");
    }
  }

  function fallBack() {
    if (poll) return;
    show("off");
    poll = setInterval(() => look("off"), POLL_MS);
  }

  function isLive() {
    clearInterval(poll);
    poll = null;
    show("on");
  }

  function stop(state) {
    clearInterval(poll);
    source.close();
    show(state);
  }

  async function one(event) {
    position = event.lastEventId;
    try {
      await changed(JSON.parse(event.data));
    } catch (error) {
      if (error instanceof SignedOut) stop("out");
      else look("on");
    }
  }

  function connect() {
    source = new EventSource(`${address}?after=${encodeURIComponent(position)}`);
    let wasDown = false;
    source.addEventListener("open", () => {
      if (!wasDown) isLive();
    });
    source.addEventListener("down", () => {
      wasDown = true;
      fallBack();
    });
    source.addEventListener("up", () => {
      wasDown = false;
      isLive();
    });
    source.addEventListener("reload", (event) => {
      position = event.lastEventId;
      look(wasDown ? "off" : "on");
    });
    for (const kind of ["changed", "arrived", "called", "ended", "help"]) source.addEventListener(kind, one);
    source.addEventListener("error", () => {
      fallBack();
      // refused for good, as when the session ended: the browser does not try again by itself
      if (source.readyState === EventSource.CLOSED) setTimeout(reconnect, POLL_MS);
    });
  }

  function isSignedOut() {
    return document.querySelector('#live [data-state="out"]')?.hidden === false;
  }

  async function reconnect() {
    if (source.readyState !== EventSource.CLOSED) return;
    await look("off");
    if (!isSignedOut() && !document.hidden) connect();
  }

  // A browser opens six connections to one address: a screen that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) reconnect();
    else if (!isSignedOut()) source.close();
  });
  addEventListener("pagehide", () => source.close());
  connect();
}
