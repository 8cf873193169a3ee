// A list that is longer than its room has a button for the rest: nobody has to guess that it moves.

export function showMore() {
  const button = document.getElementById("more");
  const room = document.querySelector(".step__content");
  if (!button) return;
  const last = () => room.scrollTop + room.clientHeight >= room.scrollHeight - 4;

  function look() {
    button.hidden = false;
    button.hidden = last() && room.scrollTop === 0;
  }

  button.addEventListener("click", () => {
    room.scrollTo({ top: last() ? 0 : room.scrollTop + room.clientHeight * 0.8 });
  });
  addEventListener("resize", look);
  look();
}
