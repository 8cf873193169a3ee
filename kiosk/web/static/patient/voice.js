// The screen's sentence, spoken by the browser. It never holds a name or the number of a card.

const TAGS = { vi: "vi-VN", en: "en-GB" };

export function speakPage() {
  const { voice, speak, language } = document.body.dataset;
  if (!("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  if (voice === undefined || !speak) return;
  const words = new SpeechSynthesisUtterance(speak);
  words.lang = TAGS[language] ?? TAGS.vi;
  words.rate = 0.9;
  const own = speechSynthesis.getVoices().find((one) => one.lang.replace("_", "-").startsWith(language));
  if (own) words.voice = own;
  speechSynthesis.speak(words);
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
