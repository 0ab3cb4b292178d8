// Places in a conversation: from what is selected on the page to offsets in the stored text of a part, and back.
//
// Offsets count Unicode scalar values, as `docs/rendering.md` says and the server does; strings of a script count UTF-16
// code units. `data-s` on a block of text says where its characters are from, `data-a` on an element that it stands for
// a range as a whole.

// Where the characters of a block are from: `[offset in the block, offset in the source, length if it is a whole]`.
function pairs(attribute) {
  return attribute.split(" ").map((word) => {
    const [, at, source, whole] = /^(?:(\d+):)?(\d+)(?:\+(\d+))?$/.exec(word);
    return [Number(at ?? 0), Number(source), whole && Number(whole)];
  });
}

// The source of the character at `offset` of a block: `[start, end]`.
function sourceOf(map, offset) {
  let low = 0, high = map.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (map[middle][0] <= offset) low = middle;
    else high = middle - 1;
  }
  const [at, source, whole] = map[low];
  if (whole !== undefined) return [source, source + whole];
  return [source + offset - at, source + offset - at + 1];
}

// The pieces of a part, in the order of the page: blocks of text and elements that stand for a range.
const known = new WeakMap();

function piecesOf(words) {
  let pieces = known.get(words);
  if (!pieces) {
    pieces = [...words.querySelectorAll("[data-s], [data-a]")].map((element) => {
      if (element.dataset.a === undefined) return { element, map: pairs(element.dataset.s) };
      const [start, end] = element.dataset.a.split(",").map(Number);
      return { element, start, end };
    });
    known.set(words, pieces);
  }
  return pieces;
}

// The text nodes of a block that are text of the source.
function* textNodes(block) {
  const skip = (node) => node.nodeType === Node.ELEMENT_NODE && (node.dataset?.a !== undefined || node.localName === "button");
  const filter = (node) => {
    if (skip(node)) return NodeFilter.FILTER_REJECT;
    return node.nodeType === Node.TEXT_NODE ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP;
  };
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, filter);
  while (walker.nextNode()) yield walker.currentNode;
}

// How many scalar values a text holds.
export function scalars(text) {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const pair = unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length;
    if (pair && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) at += 1;
    count += 1;
  }
  return count;
}

// The code unit at which the scalar value `count` of a text begins.
function unitAt(text, count) {
  let at = 0;
  for (; count > 0 && at < text.length; count -= 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

// Whether the element's inside has more in common with a range than a border.
function overlaps(range, element) {
  const inside = new Range();
  inside.selectNodeContents(element);
  return range.compareBoundaryPoints(Range.START_TO_END, inside) > 0 && range.compareBoundaryPoints(Range.END_TO_START, inside) < 0;
}

// The part of a block's characters that a range holds: `[first, last + 1]`, or nothing.
function selectedIn(block, range) {
  let offset = 0, first = null, last = 0;
  for (const node of textNodes(block)) {
    const whole = scalars(node.data);
    if (range.intersectsNode(node)) {
      const from = node === range.startContainer ? range.startOffset : 0;
      const to = node === range.endContainer ? range.endOffset : node.data.length;
      if (from < to) {
        const start = offset + scalars(node.data.slice(0, from));
        first ??= start;
        last = start + scalars(node.data.slice(from, to));
      }
    }
    offset += whole;
  }
  return first === null ? null : [first, last];
}

// What a range selects of one part; nothing if none of its text.
function anchorIn(words, range) {
  let start = Infinity, end = -1;
  for (const piece of piecesOf(words)) {
    if (!overlaps(range, piece.element)) continue;
    let [from, to] = [piece.start, piece.end];
    if (piece.map) {
      const chosen = selectedIn(piece.element, range);
      if (!chosen) continue;
      from = sourceOf(piece.map, chosen[0])[0];
      to = sourceOf(piece.map, chosen[1] - 1)[1];
    }
    start = Math.min(start, from);
    end = Math.max(end, to);
  }
  if (start >= end) return null;
  const { message, version, part } = words.dataset;
  return { message, version: Number(version), part: Number(part), start, end };
}

// The anchors of a range, one for each part of a message that it touches, in the order of the page.
export function anchorsOf(range, root = document) {
  const touched = [...root.querySelectorAll("[data-part]")].filter((words) => range.intersectsNode(words));
  return touched.map((words) => anchorIn(words, range)).filter(Boolean);
}

// Where a part stands on the page, if it does.
export function wordsOf(message, part, root = document) {
  return root.querySelector(`[data-message="${CSS.escape(message)}"][data-part="${Number(part)}"]`);
}

// The ranges of the page that show the source from `start` to `end` of a part, one for each piece; none where nothing
// of it is shown.
export function rangesOf(words, start, end) {
  const ranges = [];
  for (const piece of piecesOf(words)) {
    const range = piece.map ? shown(piece, start, end) : whole(piece, start, end);
    if (range) ranges.push(range);
  }
  return ranges;
}

function whole(piece, start, end) {
  if (piece.start >= end || piece.end <= start) return null;
  const range = new Range();
  range.selectNodeContents(piece.element);
  return range;
}

// The characters of a block that come from the source between `start` and `end`.
function shown({ element, map }, start, end) {
  if (map[0][1] >= end) return null;
  let offset = 0, range = null;
  for (const node of textNodes(element)) {
    const count = scalars(node.data);
    const first = search(count, (at) => sourceOf(map, offset + at)[1] > start);
    const after = search(count, (at) => sourceOf(map, offset + at)[0] >= end);
    if (first < after) {
      range ??= new Range();
      if (range.startContainer === document) range.setStart(node, unitAt(node.data, first));
      range.setEnd(node, unitAt(node.data, after));
    }
    offset += count;
  }
  return range;
}

// The first number below `count` for which this holds, and for all after it; `count` if it never does.
function search(count, holds) {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

// What each character of a part is from, piece by piece, for tests: `[[character, start, end]…]` or `[start, end]`.
export function charactersOf(words) {
  return piecesOf(words).map(({ element, map, start, end }) => {
    if (!map) return [start, end];
    const text = [...textNodes(element)].map((node) => node.data).join("");
    return [...text].map((character, offset) => [character, ...sourceOf(map, offset)]);
  });
}
