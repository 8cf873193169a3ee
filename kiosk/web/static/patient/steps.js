// Forms and links that replace their page in the history, so that Back leads nowhere.

// A process that hangs must not hold the screen: what has not answered by then does not answer.
export const ANSWER_MS = 5_000;
// A touch may let the station ask a slow medical record, more than once.
const TOUCH_MS = 20_000;

let queue = Promise.resolve();
let waiting = 0;
let submitting = false;

export function isBusy() {
  return waiting > 0 || submitting;
}

export function goTo(address) {
  location.replace(address);
}

// Sends a form as the browser would, one after the other so that each carries the newest version.
// Resolves to the server's answer, or to null when there is none.
export function send(form, submitter = null) {
  waiting += 1;
  queue = queue.then(() => post(form, submitter)).finally(() => {
    waiting -= 1;
  });
  return queue;
}

export async function post(form, submitter = null) {
  const body = new URLSearchParams(new FormData(form, submitter));
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      // a touch in the moment in which the page is fetched anew counts all the same
      keepalive: true,
      signal: AbortSignal.timeout(TOUCH_MS),
    });
    if (response.status === 204) return {};
    const answer = response.ok ? await response.json() : { next: "/problem" };
    if (answer.mark) keepPlace(answer);
    return answer;
  } catch {
    return null;
  }
}

// Reception was told and the place is kept: nothing that was typed is lost. That somebody comes is said by them alone.
function keepPlace(answer) {
  if (document.getElementById("help-coming").hidden) document.getElementById("help-told").hidden = false;
  document.body.dataset.mark = answer.mark;
  for (const field of document.querySelectorAll("[data-version]")) field.value = answer.version;
}

async function submitted(event) {
  const form = event.target;
  event.preventDefault();
  if (submitting) return;
  submitting = true;
  const answer = await send(form, event.submitter);
  if (answer === null) {
    document.getElementById("offline").hidden = false;
    submitting = false;
  } else if ("stays" in form.dataset && answer.mark && document.body.dataset.page !== "welcome") {
    submitting = false;
  } else {
    if ("leaves" in form.dataset) forget();
    goTo(answer.next);
  }
}

export function forget() {
  sessionStorage.clear();
  window.speechSynthesis?.cancel();
}

export function prepareSteps() {
  history.replaceState(null, "", location.pathname);
  addEventListener("submit", submitted);
  addEventListener("click", (event) => {
    const link = event.target.closest("a[data-replace]");
    if (!link) return;
    event.preventDefault();
    goTo(link.href);
  });
}
