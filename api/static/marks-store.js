// The marks of the conversation on this page: what the server knows, and what is on its way there.
import { rangesOf } from "./anchor.js";
import { fresh as name, say } from "./piece.js";
import { whenStill } from "./press.js";
import { all, ask } from "./server.js";

const root = document.querySelector(".reading");

// Whether somebody of this role teaches.
export const teaches = (role) => ["owner", "instructor", "tutor"].includes(role);

// The conversation, and what its reader may do; that may change while it is open.
export const here = {
  conversation: root.dataset.conversation,
  class: root.dataset.class,
  get staff() { return teaches(root.dataset.role); },
  get mayMark() { return "mayMark" in root.dataset; },
  get owner() { return "mine" in root.dataset; },
  // Whether people write under the names that they have in the list of members.
  get named() { return "named" in root.dataset; },
  // Under which name the reader writes, as a sentence; nothing in a class without made-up names.
  get writtenAs() { return root.dataset.writtenAs; },
  // How far a mark goes in this class unless its author says otherwise.
  get usual() { return root.dataset.usual; },
  get members() { return Number(root.dataset.members); },
};

// Who may see a mark: key, who, and what the button says.
export const AUDIENCES = [
  ["private", "Only me", "Save for me"],
  ["staff", "Teachers", "Save for teachers"],
  ["class", "Whole class", "Save for class"],
];

// Those that go no further than the conversation itself.
export function audiences() {
  const widest = AUDIENCES.findIndex(([key]) => key === root.dataset.visibility);
  return AUDIENCES.slice(0, widest + 1);
}

export const marks = new Map();
// Others who wrote something here, under the names they have here.
export const met = new Map();
export function meet(author) { if (author && !author.me) met.set(author.id, author.name); }
export const tags = new Map();
export const changes = new EventTarget();

// Says that marks changed, or with `layout` only the height of a card. Several changes while something is pressed are one.
let due = null;
export function changed({ layout = false } = {}) {
  if (due) { due.layout &&= layout; return; }
  due = { layout };
  whenStill(() => {
    const detail = due;
    due = null;
    changes.dispatchEvent(new CustomEvent("change", { detail }));
  });
}

// Kept for this tab: survives a reload, not the end of the session of a shared computer.
export const kept = {
  // For whom it is: the next person at this computer must not send it.
  name: (what) => `marks.${what}.${here.conversation}.${document.body.dataset.account}`,
  get(what) { try { return JSON.parse(sessionStorage.getItem(this.name(what))); } catch { return null; } },
  set(what, value) {
    if (value === null) sessionStorage.removeItem(this.name(what));
    else sessionStorage.setItem(this.name(what), JSON.stringify(value));
  },
  // Everything that is kept here.
  names() {
    const [begin, end] = this.name("\n").split("\n");
    return Object.keys(sessionStorage).filter((key) => key.startsWith(begin) && key.endsWith(end)).map((key) => key.slice(begin.length, -end.length));
  },
};

// Where parts and messages stand on the page: looked for once, because a long page has many thousand elements.
let places = null;
function placeOf(message, part) {
  if (!places) {
    places = new Map();
    [...root.querySelectorAll("[data-part]")].forEach((words, at) => {
      const { message: id, part: number } = words.dataset;
      const place = { at, words };
      places.set(`${id} ${number}`, place);
      if (!places.has(id)) places.set(id, place);
    });
  }
  return places.get(part === undefined ? message : `${message} ${part}`);
}

// Finds the words of a mark on the page: `where` says what kind of place it has.
function place(mark) {
  mark.ranges = [];
  mark.words = null;
  mark.order = [-1, 0];
  if (mark.target === "conversation") mark.where = "conversation";
  else if (placeOf(mark.message_id) === undefined) mark.where = "elsewhere";
  else if (mark.target === "message") {
    mark.where = "message";
    const { at, words } = placeOf(mark.message_id);
    mark.words = words;
    mark.order = [at, -1];
  } else {
    const { anchor } = mark;
    const found = placeOf(mark.message_id, anchor.part);
    mark.words = found?.words ?? null;
    const fits = !mark.orphan && mark.words && Number(mark.words.dataset.version) === anchor.version;
    if (fits) mark.ranges = rangesOf(mark.words, anchor.start, anchor.end);
    mark.where = mark.ranges.length > 0 ? "span" : "orphan";
    mark.order = [found?.at ?? -1, anchor.start];
  }
  if (mark.where === "elsewhere" && mark.orphan) mark.where = "orphan";
  return mark;
}

// Takes in a mark as the server has it. What others made since the page was opened is `fresh`: it waits to be looked at.
export function take(mark) {
  meet(mark.author);
  const before = marks.get(mark.id);
  // What was written below a mark that was gone stays to be read; the mark itself waits until it is closed.
  if (before?.state === "gone") { before.back = mark; return before; }
  // An answer that was overtaken by a later one.
  if (before && before.version > mark.version) return before;
  const same = before && before.version === mark.version && before.comments === mark.comments && before.state === mark.state;
  if (same && before.flagged === mark.flagged && before.updated_at === mark.updated_at) return before;
  const moved = !before || before.version !== mark.version;
  const taken = moved ? place({ ...mark }) : { ...before, ...mark };
  taken.fresh = before?.fresh ?? (loaded && !mark.author?.me);
  marks.set(mark.id, taken);
  return taken;
}

export function drop(id) {
  return marks.delete(id);
}

// In the order of the page.
export function inOrder(list) {
  return list.sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1] || (a.id < b.id ? -1 : 1));
}

export async function loadTags() {
  const list = await all(`/classes/${here.class}/tags?limit=100`);
  tags.clear();
  for (const tag of list) tags.set(tag.id, tag);
  changed();
}

let loaded = false;
export const isLoaded = () => loaded;

// Reads all marks; `lose(id)` is for those that are not there any more, `turn()` is waited for before each request.
export async function load(lose = drop, turn = undefined) {
  const [before, seen] = [new Set(marks.keys()), new Set()];
  const takeMarks = all(`/conversations/${here.conversation}/annotations?limit=100`, (page) => {
    for (const mark of page) { seen.add(mark.id); take(mark); }
    changed();
  }, turn);
  // Without its codebook a class can be read all the same.
  await Promise.all([loadTags().catch(() => {}), takeMarks]);
  loaded = true;
  for (const id of before) if (!seen.has(id) && !marks.get(id)?.state) lose(id);
  changed();
}

// What is on its way: as long as there is some, the stream may know one's own mark before its answer is here.
let underWay = 0;
export const isBusy = () => underWay > 0;

async function sending(act) {
  underWay += 1;
  try { return await act(); } finally { underWay -= 1; }
}

// Makes a mark. It shows at once; the server confirms it or says why not, and then it waits to be sent again.
export function create(body, key = name()) {
  const id = `new-${key}`;
  const now = new Date().toISOString();
  const { version, part, start, end, quote, ...rest } = body;
  const anchor = body.start === undefined ? null : { version, part, start, end, quote };
  const shown = {
    id, ...rest, message_id: body.message_id ?? null, conversation_id: here.conversation, anchor, orphan: false,
    author: { name: "You", me: true }, comments: 0, created_at: now, updated_at: now, version: 0, state: "saving",
  };
  marks.set(id, place(shown));
  changed();
  return send(id, body, key);
}

async function send(id, body, key) {
  const { version, quote, ...sent } = body;
  remember(key, body);
  try {
    const made = await sending(() => ask("POST", `/conversations/${here.conversation}/annotations`, { body: sent, key }));
    forget(key);
    drop(id);
    take(made);
    changed();
    return made;
  } catch (refusal) {
    const mark = marks.get(id);
    if (mark) Object.assign(mark, { state: "failed", why: refusal.message, status: refusal.status, retry: () => again(id, body, key) });
    changed();
    return null;
  }
}

async function again(id, body, key) {
  const mark = marks.get(id);
  if (mark) mark.state = "saving";
  changed();
  const made = await send(id, body, key);
  if (made) announce(made.id);
  return made;
}

// Says in its card that a mark is saved after all.
const SAID = 10_000;
function announce(id) {
  const tell = (words) => {
    const mark = marks.get(id);
    if (mark) mark.said = words;
    changed();
  };
  say("Saved.");
  tell("Saved.");
  setTimeout(() => tell(undefined), SAID);
}

// Whether what was refused so may go well the next time.
const mayGoWell = (status) => status === 0 || status === 401 || status === 429 || status >= 500;

// Sends once more what was not saved because the server was away, or its session over.
export function sendAgain() {
  for (const mark of [...marks.values()]) if (mark.state === "failed" && mayGoWell(mark.status)) mark.retry();
}

function remember(key, body) {
  kept.set("unsent", { ...kept.get("unsent"), [key]: body });
}

function forget(key) {
  const { [key]: _, ...others } = kept.get("unsent") ?? {};
  kept.set("unsent", Object.keys(others).length ? others : null);
}

// Gives up a mark that was never saved.
export function giveUp(mark) {
  forget(mark.id.slice("new-".length));
  drop(mark.id);
  changed();
}

// Closes the card of a mark that was gone while somebody wrote below it.
export function close(mark) {
  drop(mark.id);
  if (mark.back) take(mark.back).fresh = false;
  changed();
}

// What was on its way when the page went away is sent again: the key sees to it that it is made once.
export function resume() {
  for (const [key, body] of Object.entries(kept.get("unsent") ?? {})) create(body, key);
}

// Changes a mark; `version` is the one the change was made on.
export async function change(mark, body, version = mark.version) {
  const now = await sending(() => ask("PATCH", `/annotations/${mark.id}`, { body, version }));
  take(now);
  changed();
  return now;
}

// What a mark says: the change of anything else is in nobody's way.
export const wordsOf = (mark) => JSON.stringify([mark.note, mark.tags, mark.audience]);

// Does something to a mark as it was seen; once more if meanwhile only something else than its words changed.
export async function settle(mark, act) {
  try {
    return await act(mark.version);
  } catch (refusal) {
    if (refusal.status !== 412) throw refusal;
    const now = await fresh(mark.id);
    if (wordsOf(now) !== wordsOf(mark)) throw refusal;
    return act(now.version);
  }
}

export async function fresh(id) {
  return ask("GET", `/annotations/${id}`);
}

// Deletes a mark. For ten seconds it can be brought back; until then its place stays.
const UNDO = 10_000;
export async function remove(mark) {
  mark.state = "deleted";
  changed();
  try {
    await settle(mark, (version) => sending(() => ask("DELETE", `/annotations/${mark.id}`, { version })));
    mark.gone = setTimeout(() => { if (marks.get(mark.id)?.state === "deleted") drop(mark.id); changed(); }, UNDO);
  } catch (refusal) {
    mark.state = undefined;
    mark.why = refusal.status === 412 ? "It changed meanwhile. Look again." : refusal.message;
    if (refusal.status === 404) drop(mark.id);
    if (refusal.status === 412) take({ ...await fresh(mark.id), why: mark.why });
    changed();
  }
}

export async function restore(mark) {
  clearTimeout(mark.gone);
  try {
    const back = await sending(() => ask("POST", `/annotations/${mark.id}/restore`));
    drop(mark.id);
    take(back ?? await fresh(mark.id));
  } catch (refusal) {
    mark.why = refusal.message;
  }
  changed();
}
