// The camera's picture lies over the drawing as soon as there is one.

export function showPreview() {
  const picture = document.getElementById("preview");
  if (!picture) return;
  const live = () => {
    if (picture.naturalWidth) picture.dataset.live = "";
  };
  picture.addEventListener("load", live);
  picture.addEventListener("error", () => picture.remove());
  if (picture.complete) live();
  // a stream of pictures never counts as loaded in some browsers: look for its first one
  const looking = setInterval(() => {
    live();
    if ("live" in picture.dataset || !picture.isConnected) clearInterval(looking);
  }, 300);
  addEventListener("pagehide", () => picture.removeAttribute("src"));
}
