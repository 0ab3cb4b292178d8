// Marks on the page of a conversation: select words, say something of them, see what others said.
import { anchorsOf, rangesOf, wordsOf } from "./anchor.js";
import { make, say } from "./piece.js";
import { isSame } from "./marks-drafts.js";
import { draft, hideOthers, isForForm, leave as leaveForm, offerOthers, onKey, openForm, restoreForm } from "./marks-form.js";
import { begin, choosing, chosenTargets, onArrow, stop } from "./marks-keys.js";
import { activate, build, closeSheet, isWide, leave, openSheet, painted, sheetIsOpen, step } from "./marks-margin.js";
import { followMarks } from "./marks-live.js";
import "./marks-print.js";
import { canPaint, marksAt } from "./marks-paint.js";
import { here, load, resume } from "./marks-store.js";
import { turned } from "./marks-veil.js";
import { still, whenStill } from "./press.js";
import { actions, isBlocked, works } from "./reading.js";

const messages = document.querySelector(".messages");
let pointer = "mouse";

// What a range chooses, as targets of marks.
function targetsOf(anchors, range) {
  const words = String(range);
  return anchors.map((anchor, _, all) => ({
    target: "span", message_id: anchor.message, version: anchor.version, part: anchor.part, start: anchor.start, end: anchor.end,
    quote: all.length === 1 ? words : rangesOf(wordsOf(anchor.message, anchor.part), anchor.start, anchor.end).map(String).join(" "),
  }));
}

// The chosen words of the conversation, if there are some.
function selected() {
  const selection = getSelection();
  if (selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(messages)) return null;
  const anchors = anchorsOf(range, messages);
  return anchors.length > 0 ? { anchors, range } : null;
}

function offer(byKeyboard = false) {
  const found = selected();
  if (!found) return false;
  const form = formFor(found, byKeyboard);
  const open = draft();
  if (!open || open.fields.isEmpty()) openForm(form);
  else if (isSame(open.targets, form.targets)) hideOthers();
  else offerOthers(form);
  return true;
}

function formFor({ anchors, range }, byKeyboard) {
  const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
  const box = boxes[0] ?? range.getBoundingClientRect();
  const last = boxes.at(-1) ?? box;
  const docked = pointer === "touch" || !isWide();
  return { targets: targetsOf(anchors, range), ranges: [range.cloneRange()], at: docked ? null : { left: box.left, top: box.top, bottom: last.bottom }, byKeyboard };
}

// A form that nothing was typed into goes with its selection; one that holds something stays, and offers to go.
function selectionChanged() {
  if (choosing()) return;
  const open = draft();
  if (open?.element.contains(document.activeElement)) return;
  if (!offer() && open) hideOthers();
}

let waiting = 0;
document.addEventListener("selectionchange", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => whenStill(selectionChanged), 60);
});
messages.addEventListener("pointerdown", (event) => { pointer = event.pointerType; });
addEventListener("pointerup", (event) => {
  if (draft()?.element.contains(event.target)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => whenStill(() => {
    const open = draft();
    if (selected()) offer();
    else if (open && open.targets[0].target === "span" && open.fields.isEmpty()) leaveForm();
  }), 0);
});

// A click on marked words shows what is said of them.
messages.addEventListener("click", (event) => {
  if (event.target.closest("a, button, summary") || selected()) return;
  const found = marksAt(event.clientX, event.clientY, painted());
  if (found.length === 0) return leave();
  if (!isWide()) return openSheet(new Set(found.map((mark) => mark.id)));
  return activate(found.sort((a, b) => a.anchor.end - a.anchor.start - (b.anchor.end - b.anchor.start))[0].id);
});

// Marks what is chosen by `v`, what is selected, or the message with the focus.
function mark() {
  if (choosing()) {
    const { anchors, range } = chosenTargets();
    const box = range.getBoundingClientRect();
    stop();
    if (anchors.length > 0) openForm({ targets: targetsOf(anchors, range), ranges: [range], at: isWide() ? box : null, byKeyboard: true });
    return;
  }
  if (offer(true)) return;
  const message = document.activeElement?.closest(".message[data-id]");
  if (message) openForm({ targets: [{ target: "message", message_id: message.dataset.id }], byKeyboard: true });
  else say("Choose a message first, with j and k.");
}

function choose() {
  const message = document.activeElement?.closest(".message") ?? document.querySelector(".message");
  message.focus({ preventScroll: true });
  if (!here.mayMark) return;
  if (!begin(message)) say("There are no words to choose here.");
}

Object.assign(actions, { n: () => step(1), N: () => step(-1) }, here.mayMark ? { m: mark, v: choose } : {});

// Before the keys of the page itself: what is chosen or typed here comes first.
addEventListener("keydown", (event) => {
  if (event.target.closest?.("dialog")) return;
  if (isBlocked(event) && event.key !== "Escape" && !isForForm(event)) return;
  const taken = onKey(event, works()) || onArrow(event) || (event.key === "Escape" && letGo());
  if (!taken) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

messages.addEventListener("focusin", (event) => {
  if (choosing() && !choosing().message.contains(event.target)) stop();
});

function letGo() {
  if (choosing()) { stop(); say("Nothing chosen."); }
  else if (sheetIsOpen()) closeSheet();
  else return false;
  return true;
}

// A quiet button for a mark on a message as a whole.
function messageButtons() {
  if (!here.mayMark) return;
  for (const message of document.querySelectorAll(".message[data-id]")) {
    const number = message.querySelector("header .number");
    if (!number) continue;
    const one = make("button", { type: "button", class: "plain mark-message", "aria-label": `Mark message ${message.id.slice(1)}` }, "Mark");
    number.before(one);
  }
  messages.addEventListener("click", (event) => {
    const message = event.target.closest(".mark-message")?.closest(".message");
    if (message) openForm({ targets: [{ target: "message", message_id: message.dataset.id }], byKeyboard: true });
  });
}

document.documentElement.classList.toggle("cannot-paint", !canPaint);
messageButtons();
try {
  followMarks();
  await load();
  await still();
  turned();
  build();
  performance.mark("marks-shown");
  restoreForm();
  resume();
} catch (refusal) {
  document.querySelector(".margin-head")?.append(make("p", { class: "wrong small", role: "alert" }, `Marks cannot be shown. ${refusal.message}`));
}
