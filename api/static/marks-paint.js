// Colours marked words without touching the page: one highlight for each colour, so that marks may overlap.
import { changes, marks, tags } from "./marks-store.js";

export const canPaint = "highlights" in CSS;
const painted = new Map();

// One highlight of this name; later ones lie above.
function highlight(name, priority) {
  let one = painted.get(name);
  if (!one) {
    one = new Highlight();
    one.priority = priority;
    painted.set(name, one);
    CSS.highlights.set(name, one);
  }
  return one;
}

// The colours of a mark: those of its tags, else none in particular.
export function colours(mark) {
  const found = (mark.tags ?? []).map((id) => tags.get(id)?.colour).filter(Boolean);
  return found.length > 0 ? [...new Set(found)] : ["plain"];
}

// What each mark has on the page now: ranges by colour, so that one new mark costs one mark.
const on = new Map();

function erase(id) {
  for (const [colour, ranges] of on.get(id)?.paint ?? []) {
    for (const range of ranges) painted.get(`mark-${colour}`)?.delete(range);
  }
  on.delete(id);
}

function draw(mark, key) {
  const paint = colours(mark).map((colour) => [colour, mark.ranges]);
  for (const [colour, ranges] of paint) {
    const layer = highlight(`mark-${colour}`, colour === "plain" ? 0 : 1);
    for (const range of ranges) layer.add(range);
  }
  on.set(mark.id, { key, paint, ranges: mark.ranges });
}

// Paints the marks that are shown, and takes away the others.
export function paint(shown) {
  if (!canPaint) return;
  const wanted = new Map(shown.map((mark) => [mark.id, mark]));
  for (const id of on.keys()) if (!wanted.has(id)) erase(id);
  for (const mark of shown) {
    const key = colours(mark).join(" ");
    const before = on.get(mark.id);
    if (before?.key === key && before.ranges === mark.ranges) continue;
    erase(mark.id);
    draw(mark, key);
  }
}

// The words one is about: those chosen for a new mark, or those of the mark that is looked at.
export function paintChosen(name, ranges) {
  if (!canPaint) return;
  const layer = highlight(name, name === "mark-draft" ? 3 : 2);
  layer.clear();
  for (const range of ranges) layer.add(range);
}

// The marks below a point of the window.
export function marksAt(x, y, shown) {
  const caret = document.caretPositionFromPoint?.(x, y);
  const old = caret ? null : document.caretRangeFromPoint?.(x, y);
  const [node, offset] = caret ? [caret.offsetNode, caret.offset] : [old?.startContainer, old?.startOffset];
  if (!node) return [];
  const hit = (range) => {
    try { return range.isPointInRange(node, offset); } catch { return false; }
  };
  return shown.filter((mark) => mark.ranges.some(hit));
}

// Hidden layers say that they carry marks, and versions how many the others have.
function dots() {
  const layers = new Map();
  const elsewhere = new Map();
  for (const mark of marks.values()) {
    if (mark.state === "deleted") continue;
    const layer = mark.words?.closest("details.layers");
    if (layer) layers.set(layer, (layers.get(layer) ?? 0) + 1);
    if (mark.where === "elsewhere") elsewhere.set(mark.message_id, (elsewhere.get(mark.message_id) ?? 0) + 1);
  }
  for (const layer of document.querySelectorAll("details.layers")) {
    const number = layers.get(layer) ?? 0;
    tell(layer.querySelector("summary"), "marks-dot", number, `${number} ${number === 1 ? "mark" : "marks"}`);
  }
  for (const versions of document.querySelectorAll(".versions[data-elsewhere]")) {
    const marked = versions.dataset.elsewhere.split(" ").map((one) => one.split(":")).filter(([id]) => elsewhere.has(id));
    const number = marked.reduce((sum, [id]) => sum + elsewhere.get(id), 0);
    const what = `${number} ${number === 1 ? "mark" : "marks"}`;
    const link = tell(versions, "marks-elsewhere", number, `another version has ${what}`, "a");
    // To the first message there that carries one.
    if (link) link.href = `?at=${marked[0][1]}#m${marked[0][1]}`;
  }
}

function tell(element, kind, number, words, tag = "span") {
  let note = element.querySelector(`.${kind}`);
  if (number === 0) { note?.remove(); return null; }
  if (!note) {
    note = document.createElement(tag);
    note.className = kind;
    element.append(note);
  }
  if (note.textContent !== words) note.textContent = words;
  return note;
}

changes.addEventListener("change", dots);
