// The card of one mark: what is marked, what is said of it, and what one can do with it.
import { both, button, count, make, onEscape, say, sends, time } from "./piece.js";
import { hasDraft, nameOf } from "./marks-drafts.js";
import { flagForm } from "./marks-flag.js";
import { dot, fields, short } from "./marks-form.js";
import { AUDIENCES, change, changed, close, fresh, giveUp, here, kept, marks, remove, restore, settle, tags, take, teaches, wordsOf } from "./marks-store.js";
import { thread } from "./marks-thread.js";
import { ask } from "./server.js";

// Cards live as long as their mark, so that what is typed in one stays.
const cards = new Map();

export function cardOf(mark) {
  let card = cards.get(mark.id);
  if (!card) {
    // The head is drawn anew when the mark changes; the thread below stays, and so does what is typed in it.
    const head = make("div", { class: "mark-head" });
    card = { element: make("article", { class: "mark", "data-mark": mark.id, tabindex: "-1" }, head), head, editing: null, thread: null, flagging: null, key: null };
    cards.set(mark.id, card);
  }
  const key = JSON.stringify([mark.version, mark.state, mark.why, mark.said, hasDraft(mark) && !card.thread, mark.comments, mark.flagged, mark.updated_at, mark.where, Boolean(mark.back), mark.resolved, mark.hidden, here.mayMark, here.staff, (mark.tags ?? []).map((id) => tags.get(id)?.version)]);
  if (card.key !== key) {
    card.key = key;
    if (mark.state === "gone") farewell(mark, card);
    else if (!card.editing) draw(mark, card);
    // Whoever edits it goes on; only other words than those they began with have to be shown when they save.
    else if (wordsOf(mark) === card.base) card.version = mark.version;
  }
  return card;
}

// Forgets the cards of marks that are gone.
export function tidy() {
  for (const id of cards.keys()) if (!marks.has(id)) { cards.get(id).element.remove(); cards.delete(id); }
}

// Whether somebody is writing in a card: then it stays where it is.
export const isWriting = (card) => Boolean(card.flagging) || Boolean(card.editing) || (card.element.contains(document.activeElement) && document.activeElement.matches("textarea"));

// The card of a mark, if it was ever shown.
export const known = (id) => cards.get(id);

// Whether somebody began something here, now or before the page was read again.
export const isBegun = (mark) => isWriting(cardOf(mark)) || hasDraft(mark);

// What somebody typed in a card and did not send.
const typedIn = ({ element }) => [...element.querySelectorAll("textarea, .flagging input")].map((text) => text.value.trim()).filter(Boolean);
export const holdsWords = (card) => isWriting(card) || typedIn(card).length > 0;

// A mark that its reader lost while they were writing: their words stay.
function farewell(mark, card) {
  card.words ??= typedIn(card);
  const { element, head } = card;
  card.editing = card.thread = card.flagging = null;
  element.className = "mark gone";
  const what = mark.back ? "This mark was away for a while." : "This mark was deleted, or is not for you any more.";
  head.replaceChildren(
    make("p", { class: "wrong small", role: "alert" }, `${what} What you were writing:`),
    ...card.words.map((words) => make("p", { class: "mark-note", dir: "auto" }, words)),
    make("p", { class: "mark-tools" }, button("Close", () => close(mark), { class: "plain" })));
  element.replaceChildren(head);
}

export function quoteOf(mark) {
  if (mark.target === "conversation") return "The whole conversation";
  const number = mark.words?.closest("[id^=m]")?.id.slice(1);
  if (mark.target === "message") return number ? `Message ${number}` : "A message";
  // As it reads on the page; what has no place there is quoted as it was written.
  return `“${short(mark.ranges.map(String).join(" ") || mark.anchor.quote || "")}”`;
}

// What a screen reader says of a mark after its words.
export function summary(mark) {
  return [count((mark.tags ?? []).length, "tag"), count(mark.comments, "reply", "replies")].join(", ");
}

function who(mark) {
  if (!mark.author) return "Somebody";
  const teacher = teaches(mark.author.role) && !mark.author.me;
  return `${mark.author.me ? "You" : mark.author.name}${teacher ? ", teacher" : ""}`;
}

// Fills the head; a button that had the focus has it again.
function show({ head }, ...pieces) {
  const buttons = () => [...head.querySelectorAll("button, a")];
  const at = head.contains(document.activeElement) ? buttons().indexOf(document.activeElement) : -1;
  head.replaceChildren(...pieces.filter(Boolean));
  if (at >= 0) buttons()[at]?.focus({ preventScroll: true });
}

function draw(mark, card) {
  const { element } = card;
  element.className = `mark${mark.state ? ` ${mark.state}` : ""}${mark.resolved ? " resolved" : ""}${mark.hidden ? " hidden-mark" : ""}${element.classList.contains("active") ? " active" : ""}`;
  const label = `${quoteOf(mark)} ${summary(mark)}`;
  element.setAttribute("aria-label", label);
  for (const part of [card.thread?.element, card.flagging?.form]) if (part) part.hidden = mark.state === "deleted";
  if (mark.state === "deleted") {
    show(card, make("p", { class: "small" }, "Deleted. ", button("Undo", () => restore(mark), { class: "plain" })),
      mark.why ? make("p", { class: "wrong small", role: "alert" }, mark.why) : null);
    return;
  }
  const audience = AUDIENCES.find(([key]) => key === mark.audience)?.[1];
  const chips = (mark.tags ?? []).map((id) => tags.get(id)).filter(Boolean).map((tag) =>
    make("span", { class: "tag", title: tag.definition }, dot(tag.colour), tag.name));
  show(card,
    make("p", { class: "mark-who small" }, make("strong", {}, who(mark)), " ", mark.state ? null : time(mark.created_at),
      hasDraft(mark) && !card.thread && !mark.state ? [" ", button("Draft", () => goOn(mark, card), { class: "small draft" })] : null),
    make("p", { class: "mark-quote", dir: "auto" }, quoteOf(mark)),
    chips.length ? make("p", { class: "mark-tags" }, chips) : null,
    mark.note ? make("p", { class: "mark-note", dir: "auto" }, mark.note) : null,
    make("p", { class: "small mark-for" }, [audience, mark.resolved && "resolved", mark.hidden && "hidden by staff", mark.where === "orphan" && "its words are gone"].filter(Boolean).join(" · ")),
    mark.state === "saving" ? make("p", { class: "small" }, "Saving…") : null,
    mark.state === "failed" ? failed(mark) : null,
    mark.said ? make("p", { class: "small mark-said" }, mark.said) : null,
    !mark.state && mark.why ? make("p", { class: "wrong small", role: "alert" }, mark.why) : null,
    mark.state ? null : tools(mark, card));
}

function failed(mark) {
  const why = mark.status === 401 ? "You were logged out." : mark.why;
  return make("p", { class: "wrong small", role: "alert" }, `Not saved. ${why} `,
    button("Retry", () => mark.retry(), { class: "plain" }), " ", button("Give up", () => giveUp(mark), { class: "plain" }));
}

// Does something to a mark, and says in its card if it did not work.
function attempt(mark, work) {
  return async () => {
    try {
      await work();
      mark.why = undefined;
    } catch (refusal) {
      if (refusal.status === 412) take(await fresh(mark.id));
      const now = marks.get(mark.id);
      if (now) { now.why = refusal.status === 412 ? "It changed meanwhile. Look again." : refusal.message; }
    }
    changed();
  };
}

function tools(mark, card) {
  const link = (words, work) => button(words, work, { class: "plain" });
  const own = mark.author?.me;
  const replies = mark.comments > 0 ? count(mark.comments, "reply", "replies") : here.mayMark ? "Reply" : null;
  const settles = own || here.staff || here.owner;
  const turn = (body) => attempt(mark, () => settle(mark, (version) => change(mark, body, version)));
  const flag = mark.flagged ? attempt(mark, () => raise(mark, "DELETE")) : () => askWhy(mark, card);
  return make("p", { class: "mark-tools" },
    replies ? link(replies, () => toggle(mark, card)) : null,
    here.mayMark && own ? link("Edit", () => edit(mark, card)) : null,
    here.mayMark && own ? link("Delete", () => { say("Deleted. You can undo it for ten seconds."); remove(mark); }) : null,
    here.mayMark && settles ? link(mark.resolved ? "Reopen" : "Resolve", turn({ resolved: !mark.resolved })) : null,
    here.mayMark && !own ? link(mark.flagged ? "Take flag back" : "Flag", flag) : null,
    here.mayMark && here.staff && !own ? link(mark.hidden ? "Show again" : "Hide", turn({ hidden: !mark.hidden })) : null);
}

// Flags a mark, or takes that back.
async function raise(mark, method, body) {
  await ask(method, `/annotations/${mark.id}/flags`, { body });
  take(await fresh(mark.id));
}

// Asks why, below the buttons; pressed again it is put away.
function askWhy(mark, card) {
  const away = () => {
    card.flagging?.form.remove();
    card.flagging = null;
    changed();
  };
  if (card.flagging) return away();
  const send = (reason) => raise(mark, "POST", { reason });
  card.flagging = flagForm({ keepAs: nameOf("flag", mark), send, close: away });
  card.head.after(card.flagging.form);
  card.flagging.text.focus();
  return changed({ layout: true });
}

// What was begun here before the page was read again.
function goOn(mark, card) {
  if (kept.get(nameOf("edit", mark))) edit(mark, card);
  else if (kept.get(nameOf("flag", mark))) askWhy(mark, card);
  else toggle(mark, card);
}

function toggle(mark, card) {
  if (card.thread) {
    card.thread.element.remove();
    card.thread = null;
  } else {
    card.thread = thread(mark, (number) => counted(mark.id, number));
    card.element.append(card.thread.element);
    card.thread.refresh().then(() => card.thread?.focus()).catch((refusal) => say(refusal.message));
  }
  changed({ layout: true });
}

// A thread knows best how many replies there are.
function counted(id, number) {
  const mark = marks.get(id);
  const same = !mark || mark.comments === number;
  if (mark) mark.comments = number;
  changed({ layout: same });
}

// Reads open threads again: those below these marks, those with these comments, or all of them.
export function refreshThreads(ids, turn) {
  for (const [id, { thread: open }] of cards) {
    if (open && (!ids || ids.has(id) || open.holds(ids))) open.refresh(turn).catch(() => {});
  }
}

function edit(mark, card, filled = kept.get(nameOf("edit", mark)) ?? mark, version = filled.version) {
  const draft = nameOf("edit", mark);
  const held = fields(filled, () => kept.set(draft, wordsOf(held.value()) === wordsOf(mark) ? null : { ...held.value(), version: card.version }));
  const wrong = make("p", { class: "wrong small", role: "alert", hidden: true });
  const close = () => { card.editing = null; draw(marks.get(mark.id) ?? mark, card); changed({ layout: true }); };
  const form = make("form", { class: "mark-edit", tabindex: "-1", "aria-label": "Change the mark" }, held.elements, wrong,
    make("div", { class: "marker-row" }, held.who, held.save, button("Cancel", close)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    held.save.disabled = true;
    try {
      const editing = card.editing;
      card.editing = null;
      try { await change(mark, held.value(), card.version); } catch (refusal) { card.editing = editing; throw refusal; }
      kept.set(draft, null);
      close();
    } catch (refusal) {
      held.save.disabled = false;
      if (refusal.status === 412) return conflict(take(await fresh(mark.id)), card);
      wrong.hidden = false;
      wrong.textContent = `Not saved. ${refusal.message}`;
      held.save.textContent = "Retry";
    }
  });
  form.addEventListener("keydown", (event) => {
    onEscape(event, close);
    if (sends(event)) { event.preventDefault(); form.requestSubmit(); }
  });
  card.editing = held;
  card.version = version;
  card.base = wordsOf(marks.get(mark.id) ?? mark);
  card.head.replaceChildren(make("p", { class: "mark-quote", dir: "auto" }, quoteOf(mark)), form);
  held.text.focus();
  changed({ layout: true });
}

// It changed while it was being edited: both texts side by side, and nothing is lost.
function conflict(mark, card) {
  if (mark.version === card.version) return;
  const mine = card.editing.value();
  const theirs = mark.note ?? "";
  if (theirs === (mine.note ?? "")) { card.version = mark.version; return; }
  const keep = () => edit(mark, card, mine, mark.version);
  const take_ = () => { kept.set(nameOf("edit", mark), null); card.editing = null; draw(mark, card); changed({ layout: true }); };
  card.head.replaceChildren(
    make("p", { class: "wrong small", role: "alert" }, "This mark changed elsewhere while you were editing."),
    both(theirs, mine.note),
    make("p", { class: "marker-row" }, button("Go on with mine", keep), button("Take the other", take_)));
  changed({ layout: true });
}
