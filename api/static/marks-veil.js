// What keeps the marks of others from a student: the page says what it is, here it is said how much is left of it.
import { marks } from "./marks-store.js";
import { count, make } from "./piece.js";

const veil = document.getElementById("veil");
const left = make("span", { class: "veil-left" });

// How many marks of one's own are to go; nothing where it is not they that lift it.
function toGo() {
  if (!("needed" in veil.dataset)) return 0;
  const mine = [...marks.values()].filter((mark) => mark.author?.me && !mark.state).length;
  return Math.max(0, Number(veil.dataset.needed) - mine);
}

// Whether others' marks came into sight since the last time, or went out of it.
const isLifted = () => toGo() === 0 && !("wait" in veil.dataset);
let lifted = true;
export function turned() {
  const before = lifted;
  lifted = isLifted();
  return lifted !== before;
}

// Says how many are to go; shows nothing once they are made.
export function showVeil() {
  if (!("needed" in veil.dataset)) return;
  const more = toGo();
  veil.hidden = more === 0;
  left.textContent = ` ${count(more, "more", "more")} to go.`;
  if (left.parentNode !== veil) veil.append(left);
}
