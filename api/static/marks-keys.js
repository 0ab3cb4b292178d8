// Choosing words by keyboard: `v` begins at the first sentence of a message, arrows go by sentence, with Shift the end
// moves by word.
import { anchorsOf } from "./anchor.js";
import { say } from "./piece.js";
import { paintChosen } from "./marks-paint.js";

let chosen = null;
export const choosing = () => chosen;

// The text of a part in one piece, with the nodes it is made of.
function textOf(words) {
  const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
  const nodes = [], starts = [];
  let text = "", block = null;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.closest("button, .code-language")) continue;
    const own = element.closest("[data-s], [data-a]");
    // What stands in another block is another sentence.
    if (block && own !== block && !block.contains(own) && !own?.contains(block)) text += "\n\n";
    block = own ?? block;
    nodes.push(walker.currentNode);
    starts.push(text.length);
    text += walker.currentNode.data;
  }
  return { nodes, starts, text };
}

function pieces(text, granularity) {
  const segments = [...new Intl.Segmenter(undefined, { granularity }).segment(text)];
  const wordy = segments.filter((one) => (granularity === "word" ? one.isWordLike : one.segment.trim()));
  return wordy.flatMap(({ index, segment }) => lines(index, granularity === "word" ? segment : segment.trimEnd()));
}

// A sentence ends where its block does.
function lines(index, segment) {
  const found = [];
  let at = index;
  for (const line of segment.split("\n\n")) {
    if (line.trim()) found.push([at + line.length - line.trimStart().length, at + line.trimEnd().length]);
    at += line.length + 2;
  }
  return found;
}

function range({ nodes, starts, text }, start, end) {
  const at = (offset, isEnd) => {
    let index = starts.findLastIndex((from) => (isEnd ? from < offset : from <= offset));
    index = Math.max(0, index);
    return [nodes[index], Math.min(nodes[index].data.length, offset - starts[index])];
  };
  const made = new Range();
  if (text.length === 0) return made;
  made.setStart(...at(start, false));
  made.setEnd(...at(end, true));
  return made;
}

// Begins in a message; in the first of its parts that is shown.
export function begin(message) {
  const all = [...message.querySelectorAll("[data-part]")].filter((words) => words.checkVisibility());
  const parts = all.map((words) => {
    const held = textOf(words);
    return { ...held, sentences: pieces(held.text, "sentence"), words: pieces(held.text, "word") };
  }).filter((part) => part.sentences.length > 0);
  if (parts.length === 0) return false;
  const [start, end] = parts[0].sentences[0];
  chosen = { message, parts, part: 0, sentence: 0, start, end };
  show();
  return true;
}

export function stop() {
  chosen = null;
  paintChosen("mark-draft", []);
}

function show() {
  const part = chosen.parts[chosen.part];
  chosen.range = range(part, chosen.start, chosen.end);
  paintChosen("mark-draft", [chosen.range]);
  const box = chosen.range.getBoundingClientRect();
  if (box.top < 80 || box.bottom > innerHeight - 80) scrollBy({ top: box.top - innerHeight / 3, behavior: "instant" });
  say(part.text.slice(chosen.start, chosen.end));
}

function bySentence(by) {
  let { part, sentence } = chosen;
  sentence += by;
  if (sentence >= chosen.parts[part].sentences.length && part + 1 < chosen.parts.length) [part, sentence] = [part + 1, 0];
  if (sentence < 0 && part > 0) { part -= 1; sentence = chosen.parts[part].sentences.length - 1; }
  const found = chosen.parts[part].sentences[sentence];
  if (!found) return;
  Object.assign(chosen, { part, sentence, start: found[0], end: found[1] });
  show();
}

function byWord(by) {
  const { words } = chosen.parts[chosen.part];
  const inside = words.filter(([start, end]) => start >= chosen.start && end <= chosen.end);
  const next = by > 0 ? words.find(([, end]) => end > chosen.end) : inside.at(-2);
  if (next) chosen.end = next[1];
  show();
}

// Whether the key belonged to choosing.
export function onArrow(event) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!chosen || !by || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.shiftKey) byWord(by);
  else bySentence(by);
  return true;
}

// What is chosen, as targets of marks.
export function chosenTargets() {
  const { range: found } = chosen;
  return { anchors: anchorsOf(found, chosen.message), range: found };
}
