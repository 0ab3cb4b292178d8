// The form for a mark: tags, a note, who may see it. Beside the chosen words, or in the card of a mark that is changed.
import { draftOf, putAside, rangesOfTarget } from "./marks-drafts.js";
import { button, isTyping, make, say, sendHint, sends } from "./piece.js";
import { paintChosen } from "./marks-paint.js";
import { warning } from "./marks-names.js";
import { AUDIENCES, audiences, create, here, kept, tags } from "./marks-store.js";
import { audienceName, offerToShow, remember, usual as usualAudience, within } from "./marks-usual.js";

const QUOTE = 160;

// The words of a quote, not longer than a line or two.
export function short(quote) {
  const words = quote.replace(/\s+/g, " ").trim();
  return words.length > QUOTE ? `${words.slice(0, QUOTE)}…` : words;
}

export function dot(colour) {
  return make("span", { class: "dot", "data-colour": colour, "aria-hidden": "true" });
}

// The fields of a mark: `value()` is what they hold, `toggle(n)` sets or takes away the nth tag.
export function fields({ note = "", tags: set = [], audience }, onChange = () => {}) {
  const chosen = new Set(set);
  const choices = audiences();
  const usual = within(audience);
  const all = [...tags.values()];
  const buttons = all.map((tag, at) => {
    const flip = (event) => {
      if (!chosen.delete(tag.id)) chosen.add(tag.id);
      one.setAttribute("aria-pressed", chosen.has(tag.id));
      // Who clicked it has the form: Enter is for that, and does not take the tag away again.
      if (event.detail > 0 && !one.form.contains(document.activeElement)) one.form.focus({ preventScroll: true });
      onChange();
    };
    const key = at < 9 ? make("kbd", { "aria-hidden": "true" }, String(at + 1)) : null;
    const one = button([key, dot(tag.colour), tag.name], flip, { class: "small tag-button", title: tag.definition, "aria-pressed": String(chosen.has(tag.id)) });
    one.addEventListener("mousedown", (event) => event.preventDefault());
    return one;
  });
  const text = make("textarea", { rows: 2, maxlength: 10_000, dir: "auto", placeholder: "Note", "aria-label": "Note", on: { input: onChange } });
  text.value = note ?? "";
  const save = make("button", { class: "small primary" });
  const label = () => { save.textContent = AUDIENCES.find(([key]) => key === who.value)[2]; };
  const who = make("select", { "aria-label": "Who can see it", on: { change: () => { label(); onChange(); slip.check(); } } },
    choices.map(([key]) => make("option", { value: key, selected: key === usual }, audienceName(key))));
  label();
  const slip = warning(text, { isRead: () => who.value === "class" });
  const box = buttons.length > 0 ? make("div", { class: "marker-tags", role: "group", "aria-label": "Tags" }, buttons) : null;
  return {
    elements: [box, text, slip.element, sendHint("saves"), here.writtenAs ? make("p", { class: "small written-as" }, here.writtenAs) : null],
    who,
    save,
    text,
    toggle: (at) => { buttons[at]?.click(); return Boolean(buttons[at]); },
    value: () => ({ note: text.value.trim() || null, tags: [...chosen], audience: who.value }),
    isEmpty: () => chosen.size === 0 && text.value.trim() === "",
  };
}

// The form that is open: for what, and its fields.
let open = null;
export const draft = () => open;

function keep() {
  if (open) kept.set("draft", { targets: open.targets, ...open.fields.value(), audience: open.fields.who.value });
}

// Opens the form for some targets: `{ target, message_id?, version?, part?, start?, end?, quote? }`. More than one is a
// mark on each. `at` is where the chosen words stand in the window; without it, or by touch, the form is at the bottom.
export function openForm({ targets, ranges = targets.flatMap(rangesOfTarget), at = null, byKeyboard = false, filled = null }) {
  if (!here.mayMark) return;
  shut();
  const held = fields({ audience: usualAudience(), ...(filled ?? draftOf(targets)) }, keep);
  const what = targets[0].quote ? `“${short(targets[0].quote)}”` : targets[0].target === "message" ? "This message" : "This conversation";
  const many = targets.length > 1 ? make("p", { class: "small" }, `${targets.length} passages: saving marks each.`) : null;
  const others = make("p", { class: "marker-others", role: "status", hidden: true });
  const element = make("form", { class: `marker${at ? "" : " docked"}`, "aria-label": `Mark: ${what}`, tabindex: "-1" },
    make("p", { class: "marker-quote", dir: "auto" }, what), others, many, held.elements,
    make("div", { class: "marker-row" }, held.who, targets.length > 1 ? make("span", { class: "small" }, "each") : null, held.save,
      button("Cancel", () => leave(), { class: "small" })));
  element.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  open = { element, targets, others, fields: held, from: document.activeElement };
  document.body.append(element);
  if (at) position(element, at);
  paintChosen("mark-draft", ranges);
  if (byKeyboard) element.focus({ preventScroll: true });
  keep();
}

// Above the words if there is room, else below.
function position(element, at) {
  const { offsetWidth: width, offsetHeight: height } = element;
  const top = at.top - height - 8 >= 4 ? at.top - height - 8 : at.bottom + 8;
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
  element.style.top = `${top + scrollY}px`;
  element.style.left = `${left + scrollX}px`;
}

// Closes the form. What is typed is the draft of its words, unless it is `sent`.
export function shut({ sent = false } = {}) {
  if (!open) return;
  const { element, from, targets, fields: held } = open;
  const focused = element.contains(document.activeElement);
  open = null;
  element.remove();
  paintChosen("mark-draft", []);
  kept.set("draft", null);
  putAside(targets, sent ? null : held.value());
  if (focused && from?.isConnected) from.focus({ preventScroll: true });
}

// Closes the form and lets go of the words.
export function leave(how) {
  const begun = open?.fields.value().note;
  shut(how);
  getSelection().removeAllRanges();
  if (begun && !how?.sent) say("Kept as a draft of these words.");
}

export function save() {
  if (!open) return;
  const { targets, fields: held } = open;
  const value = held.value();
  remember(value.audience);
  leave({ sent: true });
  say(`Marking: ${targets[0].quote ? short(targets[0].quote) : "the whole"}`);
  const all = targets.map((target) => create({ ...target, ...value }));
  for (const one of all) one.then((made) => { if (made && made.audience !== "private") say("Saved."); });
  Promise.all(all).then((made) => offerToShow(made.filter(Boolean)));
}

// Other words were chosen while the form holds something: they take the place of the first ones if that is wanted.
export function offerOthers(form) {
  if (!open) return;
  const words = form.targets[0].quote ?? "";
  const instead = button(`Mark “${short(words)}” instead`, () => {
    const { note, tags: set, audience } = open.fields.value();
    shut({ sent: true });
    openForm({ ...form, filled: { note: note ?? "", tags: set, audience } });
    open.fields.text.focus();
  }, { class: "small" });
  open.others.replaceChildren(instead);
  open.others.hidden = false;
  // Where one looks now.
  if (form.at && !open.element.classList.contains("docked")) position(open.element, form.at);
}

export function hideOthers() {
  if (open) open.others.hidden = true;
}

// Whether a key with Ctrl is for the form: not while somebody types elsewhere.
export const isForForm = (event) => Boolean(open) && sends(event) && (!isTyping(event.target) || open.element.contains(event.target));

// While the form is open: Ctrl+Enter saves and Escape leaves; while nobody types digits choose tags, and Enter saves.
export function onKey(event, singleKeys) {
  if (!open) return false;
  const typing = isTyping(event.target);
  if (event.key === "Escape") leave();
  else if (isForForm(event)) save();
  else if (event.key === "Enter" && !typing && !event.target.closest?.("button, a, summary, select")) save();
  else if (!typing && singleKeys && /^[1-9]$/.test(event.key)) open.fields.toggle(Number(event.key) - 1);
  else return false;
  event.preventDefault();
  return true;
}

// What was being typed when the page went away.
export function restoreForm() {
  const before = kept.get("draft");
  if (!before || !Array.isArray(before.targets)) return;
  const { targets, ...filled } = before;
  const isEmpty = !filled.note && !(filled.tags ?? []).length;
  if (isEmpty) return kept.set("draft", null);
  return openForm({ targets, filled });
}
