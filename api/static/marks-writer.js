// A field for words of one's own below a mark, with the people they name.
import { both, button, fresh, make, sendHint, sends } from "./piece.js";
import { changed, here, kept } from "./marks-store.js";
import { nameable, namedIn, warning } from "./marks-names.js";

// A field for words of one's own, which keeps them over a reload; `send(body, mentions)` answers whether it went well, and
// `people` are those named before. A refusal with the words that others wrote meanwhile shows both.
export function writer({ name, label, words = "", people = [], keepAs = null, send, after, onCancel = null }) {
  const text = make("textarea", { rows: 2, dir: "auto", "aria-label": label, placeholder: label, "aria-autocomplete": "list" });
  const wrong = make("p", { class: "wrong small", role: "alert", hidden: true });
  const beside = make("div", { hidden: true });
  const named = new Map(people.map((one) => [one.id, one.name]));
  const list = make("ul", { class: "people", role: "listbox", "aria-label": "People", id: `people-${fresh()}`, hidden: true });
  const hint = sendHint(name === "Save" ? "saves" : "sends");
  hint.id = `keys-${fresh()}`;
  text.setAttribute("aria-describedby", hint.id);
  const meant = async (body) => {
    const chosen = [...named].filter(([, person]) => body.includes(`@${person}`)).map(([id, person]) => ({ id, name: person }));
    const typed = (await namedIn(body)).filter((one) => !chosen.some((other) => other.name === one.name));
    return [...chosen, ...typed];
  };
  const done = make("button", { class: "small primary" }, name);
  text.value = (keepAs && kept.get(keepAs)) || words;
  const slip = warning(text, { but: async (body) => (await meant(body)).map((one) => one.name) });
  const at = button("@", null, { "aria-label": "Name somebody", "aria-haspopup": "listbox", "aria-expanded": "false",
    on: { mousedown: (event) => event.preventDefault(), click: () => begin(text) } });
  const writtenAs = here.writtenAs ? make("p", { class: "small written-as" }, here.writtenAs) : null;
  const form = make("form", { class: "writer" }, beside, text, list, slip.element, wrong, hint, writtenAs, make("div", { class: "marker-row" }, done, at,
    onCancel ? button("Cancel", onCancel) : null));
  const submit = async () => {
    const body = text.value.trim();
    if (!body || done.disabled) return;
    done.disabled = true;
    try {
      await send(body, (await meant(body)).map((one) => one.id));
      if (keepAs) kept.set(keepAs, null);
      text.value = "";
      wrong.hidden = true;
      done.textContent = name;
      slip.check();
      await after();
    } catch (refusal) {
      const isOld = refusal.theirs !== undefined;
      wrong.hidden = false;
      wrong.textContent = isOld ? "It changed elsewhere while you were editing. Save again to keep yours." : `Not saved. ${refusal.message}`;
      done.textContent = isOld ? name : "Retry";
      beside.hidden = !isOld;
      if (isOld) beside.replaceChildren(both(refusal.theirs, body));
    }
    done.disabled = false;
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", () => {
    if (keepAs) kept.set(keepAs, text.value === words ? null : text.value);
    suggest(text, list, named);
  });
  text.addEventListener("blur", () => show(text, list, []));
  text.addEventListener("keydown", (event) => onWriterKey(event, { text, list, submit, onCancel }));
  return { form, text };
}

// The list of people belongs to the field, which says which of them is chosen; a textarea cannot say that a list is open,
// so the button beside it does.
function show(text, list, options) {
  const [isOpen, was] = [options.length > 0, !list.hidden];
  list.replaceChildren(...options);
  list.hidden = !isOpen;
  text.form.querySelector("[aria-expanded]").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) {
    text.setAttribute("aria-controls", list.id);
    choose(text, list, 0);
  } else for (const key of ["aria-controls", "aria-activedescendant"]) text.removeAttribute(key);
  // What is below makes room.
  if (isOpen || was) changed({ layout: true });
}

function choose(text, list, at) {
  [...list.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
  text.setAttribute("aria-activedescendant", list.children[at].id);
}

// Types an @ where the caret is.
function begin(text) {
  const before = text.value.slice(0, text.selectionStart);
  text.focus();
  if (!/(?:^|\s)@[\p{L}\p{N} .'-]{0,30}$/u.test(before)) text.setRangeText(/(?:^|\s)$/u.test(before) ? "@" : " @", before.length, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input"));
}

function onWriterKey(event, { text, list, submit, onCancel }) {
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.isComposing) return;
  if (sends(event)) submit();
  else if (!list.hidden && by) choose(text, list, (at + by + options.length) % options.length);
  else if (!list.hidden && ["Enter", "Tab"].includes(event.key)) options[Math.max(0, at)].click();
  else if (!list.hidden && event.key === "Escape") show(text, list, []);
  else if (event.key === "Escape" && onCancel) onCancel();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Names that fit what stands between the @ and the caret.
async function suggest(text, list, named) {
  const before = text.value.slice(0, text.selectionStart);
  const begun = /(?:^|\s)@([\p{L}\p{N} .'-]{0,30})$/u.exec(before)?.[1];
  if (begun === undefined) return show(text, list, []);
  const found = (await nameable()).filter((one) => one.name.toLowerCase().startsWith(begun.toLowerCase())).slice(0, 6);
  if (before !== text.value.slice(0, text.selectionStart) || document.activeElement !== text) return;
  const pick = (one) => {
    named.set(one.id, one.name);
    text.setRangeText(`${one.name} `, before.length - begun.length, text.selectionStart, "end");
    text.focus();
    text.dispatchEvent(new Event("input"));
    show(text, list, []);
  };
  show(text, list, found.map((one, at) => make("li", { role: "option", id: `${list.id}-${at}`, "aria-selected": "false",
    on: { mousedown: (event) => event.preventDefault(), click: () => pick(one) } }, one.name)));
}
