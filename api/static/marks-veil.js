// What keeps the marks of others from a student, and how much is left of it.
import { marks } from "./marks-store.js";
import { count, make } from "./piece.js";

// The page says what it is; what is left of it is said here.
export const veil = document.getElementById("veil");
const left = make("span", { class: "veil-left" });
// A longer wait would be no wait at all.
const LONGEST = 2 ** 31 - 1;
// A whole class looks when the date comes: not all in the same moment.
const SPREAD = 3_000;

const mine = () => [...marks.values()].filter((mark) => mark.author?.me && !mark.state).length;
const needed = () => Number(veil.dataset.needed);

// Whether one mark of one's own more or less may bring those of others into sight, or take them out of it.
export const isClose = () => "needed" in veil.dataset && Math.abs(mine() - needed()) <= 1;

// Says how many are to go; shows nothing once they are made.
export function showVeil() {
  if (!("needed" in veil.dataset)) return;
  const toGo = needed() - mine();
  veil.hidden = toGo <= 0;
  left.textContent = ` ${count(Math.max(0, toGo), "more", "more")} to go.`;
  if (left.parentNode !== veil) veil.append(left);
}

// Calls back when the date has come, by the server's clock: the page says how far away it was.
let waiting = 0;
export function awaitDate(come) {
  clearTimeout(waiting);
  if ("wait" in veil.dataset) waiting = setTimeout(come, Math.min(LONGEST, Number(veil.dataset.wait) + Math.random() * SPREAD));
}
