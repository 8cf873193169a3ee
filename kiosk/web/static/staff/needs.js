// How many need somebody: in the tab's title, and a quiet sound when there is one more, for whoever switched it on.

const KEY = "kiosk-chime";
const NOTES = [660, 880];
const LOUDNESS = 0.06;

const button = document.getElementById("chime");
let known = count();
let sound = null;

function count() {
  return Number(document.querySelector("#needs-title .count")?.textContent ?? 0);
}

function isOn() {
  return button.getAttribute("aria-pressed") === "true";
}

function chime() {
  sound ??= new AudioContext();
  NOTES.forEach((note, index) => {
    const [tone, volume, at] = [sound.createOscillator(), sound.createGain(), sound.currentTime + index * 0.18];
    tone.frequency.value = note;
    volume.gain.setValueAtTime(LOUDNESS, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  });
}

/** To be called after the list was drawn anew. */
export function needsChanged() {
  const now = count();
  document.title = `${now ? `(${now}) ` : ""}${document.title.replace(/^\(\d+\) /, "")}`;
  if (now > known && isOn()) chime();
  known = now;
}

button.hidden = !("AudioContext" in window);
button.setAttribute("aria-pressed", String(localStorage.getItem(KEY) === "on"));
button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", String(!isOn()));
  localStorage.setItem(KEY, isOn() ? "on" : "off");
  if (isOn()) chime();
});
