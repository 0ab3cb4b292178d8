// The margin: the cards of what is in the window, each beside its words. On a phone: a sheet with all of them.
import { button, count, fill, make, say } from "./piece.js";
import { cardOf, isBegun, isWriting, quoteOf, summary, tidy } from "./marks-card.js";
import { drafts } from "./marks-drafts.js";
import { openForm } from "./marks-form.js";
import { paint, paintChosen } from "./marks-paint.js";
import { changes, here, inOrder, marks, tags, teaches } from "./marks-store.js";
import { showVeil } from "./marks-veil.js";
import { whenStill } from "./press.js";

const CROWD = 3;
const GAP = 8;
const aside = document.querySelector(".margin");
const wide = matchMedia("(min-width: 64rem)");
const list = make("div", { class: "marks" });
const orphans = make("details", { class: "orphans", hidden: true }, make("summary", {}, ""), make("div", { class: "marks" }));
const strip = make("div", { class: "strip", "aria-hidden": "true" });
const near = new Set();
const unfolded = new Set();
let active = null;
let scheduled = false;
const NO_FILTER = { tag: "", person: "", state: "all" };
let filter = null;
let sheet = null;

// Which marks are shown: those the filter lets through, others' new ones only once they are asked for.
const STATES = [["all", "Any state"], ["open", "Not resolved"], ["resolved", "Resolved"], ["commented", "With replies"]];
function passes(mark) {
  const { tag, person, state } = filter;
  const author = mark.author;
  if (tag && !(mark.tags ?? []).includes(tag)) return false;
  if (person === "mine" && !author?.me) return false;
  if (person === "teachers" && !author?.me && !teaches(author?.role)) return false;
  if (person && !["mine", "teachers"].includes(person) && author?.id !== person) return false;
  if (state === "open") return !mark.resolved;
  if (state === "resolved") return mark.resolved;
  return state !== "commented" || mark.comments > 0;
}

export const painted = () => [...marks.values()].filter((mark) => mark.where === "span" && !["deleted", "gone"].includes(mark.state) && passes(mark));
export const shown = () => inOrder([...marks.values()].filter((mark) => !mark.fresh && mark.where !== "elsewhere" && mark.where !== "orphan" && passes(mark)));
// What goes on paper, also what waits to be looked at; and how many are left out by the filter and by standing elsewhere.
export function printed() {
  const all = [...marks.values()].filter((mark) => !mark.state || mark.state === "saving");
  const onPage = all.filter((mark) => mark.where !== "elsewhere");
  const kept = inOrder(onPage.filter((mark) => !filter || passes(mark)));
  return { marks: kept, filtered: onPage.length - kept.length, elsewhere: all.length - onPage.length };
}

// The head of the margin: how many, the filter, and what is new.
const total = make("h2", { class: "margin-title" });
const pill = button("", showFresh, { class: "small pill" });
const news = make("p", { class: "pill-row", role: "status", hidden: true }, pill);
const selects = {
  tag: make("select", { "aria-label": "Tag" }),
  person: make("select", { "aria-label": "Person" }),
  state: make("select", { "aria-label": "State" }, STATES.map(([key, name]) => make("option", { value: key }, name))),
};
const filters = make("details", { class: "margin-filter" }, make("summary", {}, "Filter"), make("div", {}, Object.values(selects)));
// Where one sees that not all is shown, one press shows it.
const unfilter = button("", () => { filter = { ...NO_FILTER }; changesSeen(); }, { class: "small pill", hidden: true });
const begun = button("", goOn, { class: "small draft", hidden: true });
const away = button("Close", () => closeSheet(), { class: "small sheet-close" });

export function build() {
  filter = { ...NO_FILTER };
  const all = make("a", { href: `/conversations/${here.conversation}/marks` }, "Summary");
  const onWhole = here.mayMark ? button("Mark all of it", () => openForm({ targets: [{ target: "conversation" }], byKeyboard: true }), { class: "plain" }) : null;
  aside.replaceChildren(
    make("div", { class: "margin-head" }, make("div", { class: "margin-line" }, total, away), make("p", { class: "margin-links small" }, all, onWhole, begun), filters,
      make("p", { class: "pill-row" }, unfilter), news),
    list, orphans);
  aside.before(strip);
  for (const [name, select] of Object.entries(selects)) {
    select.addEventListener("change", () => { filter[name] = select.value; changesSeen(); });
  }
  const opener = button("", () => openSheet(null), { class: "small marks-open" });
  document.querySelector(".tools .by-script")?.prepend(opener, " ");
  watch();
  addEventListener("scroll", () => { if (wide.matches) layout(); }, { passive: true });
  addEventListener("resize", layout);
  wide.addEventListener("change", () => whenStill(() => { list.replaceChildren(); changesSeen(); }));
  document.addEventListener("toggle", layout, true);
  // A card that has the focus comes beside its words. What a sheet shows stays.
  aside.addEventListener("focusin", (event) => {
    const id = event.target.closest?.("[data-mark]")?.dataset.mark;
    if (id && wide.matches) whenStill(() => { if (id !== active) activate(id, { scroll: false, focus: false }); });
  });
  changes.addEventListener("change", (event) => {
    if (active && !marks.has(active)) leave();
    if (event.detail.layout) layout();
    else changesSeen();
  });
  document.addEventListener("live-gone", () => { filter = null; });
  changesSeen();
}

// Messages in the window or close to it.
function watch() {
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
    }
    layout();
  }, { rootMargin: "10% 0px" });
  for (const message of document.querySelectorAll(".message")) watcher.observe(message);
}

function options(select, entries) {
  const key = JSON.stringify(entries);
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  select.replaceChildren(...entries.map(([value, name]) => make("option", { value }, name)));
}

// Everything that follows from other marks or another filter.
function changesSeen() {
  if (!filter) return;
  const all = [...marks.values()].filter((mark) => mark.state !== "deleted" && mark.where !== "elsewhere");
  options(selects.tag, [["", "Any tag"], ...[...tags.values()].map((tag) => [tag.id, tag.name])]);
  const people = new Map(all.filter((mark) => mark.author && !mark.author.me && mark.author.id).map((mark) => [mark.author.id, mark.author.name]));
  options(selects.person, [["", "Everybody"], ["mine", "Only mine"], ["teachers", "Mine and teachers'"], ...[...people].sort((a, b) => a[1].localeCompare(b[1]))]);
  for (const [name, select] of Object.entries(selects)) select.value = filter[name];
  const visible = shown();
  const some = visible.length < all.length - freshOnes().length;
  total.textContent = some ? `${visible.length} of ${count(all.length, "mark")}` : count(all.length, "mark");
  filters.classList.toggle("on", isFiltered());
  unfilter.hidden = !isFiltered();
  unfilter.textContent = `Show all ${count(all.length, "mark")} ×`;
  const waiting = drafts().length;
  begun.hidden = waiting === 0;
  begun.textContent = count(waiting, "draft");
  const unseen = freshOnes().length;
  const opener = document.querySelector(".marks-open");
  if (opener) opener.textContent = [`Marks ${all.length}`, unseen > 0 && `${unseen} new`, waiting > 0 && count(waiting, "draft")].filter(Boolean).join(", ");
  news.hidden = unseen === 0;
  const words = count(unseen, "new mark");
  if (pill.textContent !== words) pill.textContent = words;
  showVeil();
  paint(painted());
  tidy();
  showOrphans();
  density(visible);
  layout();
}

const isFiltered = () => Boolean(filter.tag || filter.person || filter.state !== "all");

// Goes on with the mark that was put aside last.
function goOn() {
  const [{ targets }] = drafts();
  closeSheet();
  openForm({ targets, byKeyboard: true });
  document.querySelector(`.message[data-id="${targets[0].message_id}"]`)?.scrollIntoView({ block: "center" });
}

const freshOnes = () => [...marks.values()].filter((mark) => mark.fresh && mark.where !== "elsewhere" && passes(mark));

function showFresh() {
  for (const mark of marks.values()) mark.fresh = false;
  changesSeen();
}

// What cannot be placed is listed apart, never at other words.
function showOrphans() {
  const lost = inOrder([...marks.values()].filter((mark) => mark.where === "orphan" && passes(mark)));
  orphans.hidden = lost.length === 0;
  orphans.firstChild.textContent = `${count(lost.length, "mark")} without a place`;
  fill(orphans.lastChild, lost.map((mark) => cardOf(mark).element));
}

// Once a frame at most.
export function layout() {
  if (scheduled || !filter) return;
  scheduled = true;
  requestAnimationFrame(() => whenStill(() => {
    scheduled = false;
    if (!filter) return;
    if (wide.matches) beside();
    else stacked();
  }));
}

function topOf(mark) {
  if (mark.where === "conversation") return document.querySelector(".reading h1").getBoundingClientRect().top;
  const folded = mark.words?.closest("details:not([open])");
  if (folded) return folded.getBoundingClientRect().top;
  const box = mark.ranges.length > 0 ? mark.ranges[0].getBoundingClientRect() : mark.words.closest(".message, .layer").getBoundingClientRect();
  return box.top;
}

// What stands at one height: a card each, or one line for a crowd.
function groups(visible) {
  const rows = visible.map((mark) => ({ mark, top: topOf(mark) })).sort((a, b) => a.top - b.top);
  const found = [];
  for (const row of rows) {
    const last = found.at(-1);
    if (last && row.top - last.top < 24) last.rows.push(row);
    else found.push({ top: row.top, rows: [row] });
  }
  return found.flatMap(({ top, rows: inGroup }) => {
    const key = inGroup[0].mark.id;
    const open = inGroup.length <= CROWD || unfolded.has(key) || inGroup.some(({ mark }) => mark.id === active || mark.state || isBegun(mark));
    return open ? inGroup.map(({ mark, top: at }) => ({ id: mark.id, top: at, element: cardOf(mark).element })) : [{ id: key, top, element: crowd(key, inGroup) }];
  });
}

const crowds = new Map();
function crowd(key, rows) {
  const number = new Set(rows.flatMap(({ mark }) => mark.tags ?? [])).size;
  const words = `${count(rows.length, "mark")} · ${count(number, "tag")}`;
  let one = crowds.get(key);
  if (!one) {
    one = button(words, () => { unfolded.add(key); layout(); }, { class: "small crowd" });
    crowds.set(key, one);
  }
  if (one.textContent !== words) one.textContent = words;
  return one;
}

// Cards beside their words; the one that is looked at exactly, the others out of its way.
function beside() {
  const inWindow = shown().filter((mark) => {
    if (mark.id === active || isWriting(cardOf(mark))) return true;
    if (mark.where === "conversation") return scrollY < innerHeight;
    return near.has(mark.words?.closest(".message"));
  });
  const rows = groups(inWindow);
  fill(list, rows.map(({ element }) => element));
  if (rows.length === 0) {
    list.append(make("p", { class: "small hint" }, here.mayMark ? "Select words to mark them." : "No marks here."));
    list.lastChild.style.transform = "none";
    return;
  }
  const base = list.getBoundingClientRect().top;
  const heights = rows.map(({ element }) => element.offsetHeight);
  const tops = rows.map(({ top }) => Math.max(0, top - base));
  const at = Math.max(0, rows.findIndex(({ id }) => id === active));
  const room = list.clientHeight;
  tops[at] = Math.max(0, Math.min(tops[at], room - heights[at] - GAP));
  for (let index = at + 1; index < tops.length; index += 1) tops[index] = Math.max(tops[index], tops[index - 1] + heights[index - 1] + GAP);
  for (let index = at - 1; index >= 0; index -= 1) tops[index] = Math.min(tops[index], tops[index + 1] - heights[index] - GAP);
  rows.forEach(({ element }, index) => { element.style.transform = `translateY(${Math.round(tops[index])}px)`; });
}

// The sheet of a phone: all marks, or those of one place.
function stacked() {
  aside.classList.toggle("open", sheet !== null);
  if (sheet === null) return;
  const visible = shown().filter((mark) => !sheet.ids || sheet.ids.has(mark.id) || mark.state);
  const elements = visible.map((mark) => cardOf(mark).element);
  for (const element of elements) element.style.transform = "none";
  fill(list, elements);
  if (elements.length === 0) list.append(make("p", { class: "small hint" }, here.mayMark ? "Select words to mark them." : "No marks here."));
}

export function openSheet(ids) {
  sheet = { ids, from: document.activeElement };
  stacked();
  away.focus({ preventScroll: true });
}

export function closeSheet() {
  const from = sheet?.from;
  sheet = null;
  stacked();
  if (from?.isConnected) from.focus({ preventScroll: true });
}

export const isWide = () => wide.matches;
export const sheetIsOpen = () => sheet !== null;

// Makes a mark the one that is looked at.
export function activate(id, { scroll = true, focus = true } = {}) {
  const mark = marks.get(id);
  if (!mark) return;
  active = id;
  if (mark.fresh) { mark.fresh = false; changesSeen(); }
  for (const element of document.querySelectorAll(".mark.active")) element.classList.remove("active");
  const { element } = cardOf(mark);
  element.classList.add("active");
  paintChosen("mark-here", mark.ranges);
  if (scroll) {
    for (let layer = mark.words?.closest("details"); layer; layer = layer.parentElement.closest("details")) layer.open = true;
    const top = topOf(mark);
    if (top < 60 || top > innerHeight * 0.7) scrollBy({ top: top - innerHeight / 3, behavior: "instant" });
  }
  if (!wide.matches) openSheet(new Set([id]));
  say(`${quoteOf(mark)}. ${mark.note ?? ""} ${summary(mark)}`);
  layout();
  if (focus) whenStill(() => requestAnimationFrame(() => requestAnimationFrame(() => element.focus({ preventScroll: true }))));
}

export function leave() {
  active = null;
  for (const element of document.querySelectorAll(".mark.active")) element.classList.remove("active");
  paintChosen("mark-here", []);
  layout();
}

// The next mark on the page, or the one before.
export function step(by) {
  const all = filter ? shown().filter((mark) => !mark.state) : [];
  if (all.length === 0) return say("There are no marks here.");
  const from = all.findIndex((mark) => mark.id === active);
  let at = from + by;
  if (from < 0) {
    const below = all.findIndex((mark) => topOf(mark) > 60);
    at = by > 0 ? Math.max(0, below) : (below < 0 ? all.length : below) - 1;
  }
  return activate(all[(at + all.length) % all.length].id, { focus: true });
}

// Where in the conversation the marks are, from top to bottom.
const BANDS = 48;
function density(visible) {
  const messages = document.querySelector(".messages");
  if (!wide.matches || visible.length < 2) return strip.replaceChildren();
  const [from, height] = [messages.getBoundingClientRect().top, messages.offsetHeight || 1];
  const bands = new Array(BANDS).fill(0);
  for (const mark of visible) {
    const box = mark.words?.closest(".message")?.getBoundingClientRect();
    const at = Math.floor(((box ? box.top : from) - from) / height * BANDS);
    bands[Math.max(0, Math.min(BANDS - 1, at))] += 1;
  }
  const most = Math.max(...bands);
  return strip.replaceChildren(...bands.map((number) => make("i", { "data-level": number && Math.ceil(number / most * 4) })));
}
