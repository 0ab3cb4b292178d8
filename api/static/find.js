// Finds words in a conversation, in folded layers too, and marks them without touching the page.
const form = document.querySelector(".find");
const field = form.querySelector("input");
const said = form.querySelector("output");
const MOST = 1000;
const canMark = "highlights" in CSS;

let texts = null;
let found = [];
let at = -1;
let from = null;

export function openFind() {
  from = document.activeElement;
  form.hidden = false;
  field.focus();
  field.select();
  if (field.value) search();
}

function close() {
  form.hidden = true;
  if (canMark) { CSS.highlights.delete("found"); CSS.highlights.delete("found-here"); }
  const place = found[at]?.startContainer.parentElement.closest(".message") ?? from;
  texts = null;
  found = [];
  at = -1;
  place?.focus({ preventScroll: true });
}

// The text of each message in one piece, with the places where its nodes begin.
function read() {
  return [...document.querySelectorAll(".messages .message")].map((message) => {
    const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
    const nodes = [], starts = [];
    let text = "";
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest("button")) continue;
      nodes.push(walker.currentNode);
      starts.push(text.length);
      text += walker.currentNode.data;
    }
    const folded = text.toLowerCase();
    // A few letters change their length with their case.
    return { nodes, starts, text: folded.length === text.length ? folded : text };
  });
}

function point({ nodes, starts }, offset, isEnd) {
  let low = 0, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] < offset || (!isEnd && starts[middle] === offset)) low = middle;
    else high = middle - 1;
  }
  return [nodes[low], offset - starts[low]];
}

function search() {
  texts ??= read();
  const words = field.value.toLowerCase();
  found = [];
  for (const message of words.trim() ? texts : []) {
    let place = message.text.indexOf(words);
    while (place >= 0 && found.length < MOST) {
      const range = new Range();
      range.setStart(...point(message, place, false));
      range.setEnd(...point(message, place + words.length, true));
      found.push(range);
      place = message.text.indexOf(words, place + words.length);
    }
  }
  if (canMark) CSS.highlights.set("found", new Highlight(...found));
  at = -1;
  if (found.length > 0) go(1);
  else {
    if (canMark) CSS.highlights.delete("found-here");
    said.textContent = words.trim() ? "Not found" : "";
  }
}

function go(by) {
  if (found.length === 0) return;
  at = (at + by + found.length) % found.length;
  const range = found[at];
  if (canMark) CSS.highlights.set("found-here", new Highlight(range));
  const element = range.startContainer.parentElement;
  for (let layer = element.closest("details"); layer; layer = layer.parentElement.closest("details")) layer.open = true;
  element.scrollIntoView({ block: "center" });
  const more = found.length === MOST ? "+" : "";
  said.textContent = `${at + 1} of ${found.length}${more}`;
}

field.addEventListener("input", search);
form.addEventListener("submit", (event) => { event.preventDefault(); go(1); });
form.addEventListener("click", (event) => {
  const by = event.target.closest("[data-go]")?.dataset.go;
  if (by === "0") close();
  else if (by === "-1") go(-1);
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
  else if (event.key === "Enter" && event.shiftKey && event.target === field) { event.preventDefault(); go(-1); }
  else return;
  event.stopPropagation();
});
