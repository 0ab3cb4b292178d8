// A field for words of one's own below a mark, with the people they name.
import { both, button, make, say } from "./piece.js";
import { here, kept, met, teaches } from "./marks-store.js";
import { all } from "./server.js";

// Who is in the class; asked for once, when somebody types an @, and again when somebody came or went.
let people = null;
function members() {
  people ??= all(`/classes/${here.class}/enrolments?limit=100`).then((list) => list.filter((one) => one.state === "active" && !one.me));
  return people;
}

// Who can be named in a comment: behind made-up names teachers, and whoever wrote something here.
async function nameable() {
  const list = await members().catch(() => []);
  const others = here.named ? list : list.filter((one) => teaches(one.role));
  const names = new Map(here.named ? [] : met);
  for (const { id, name } of others) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name }));
}
export function forgetMembers() { people = null; }

// A field for words of one's own, which keeps them over a reload; `send(body, mentions)` answers whether it went well. A
// refusal with the words that others wrote meanwhile shows both.
export function writer({ name, label, words = "", keepAs = null, send, after, onCancel = null }) {
  const text = make("textarea", { rows: 2, maxlength: 10_000, dir: "auto", "aria-label": label, placeholder: label });
  const wrong = make("p", { class: "wrong small", role: "alert", hidden: true });
  const beside = make("div", { hidden: true });
  const named = new Map();
  const list = make("ul", { class: "people", role: "listbox", "aria-label": "People", hidden: true });
  const done = make("button", { class: "small primary" }, name);
  const form = make("form", { class: "writer" }, beside, text, list, wrong,
    here.writtenAs ? make("p", { class: "small written-as" }, here.writtenAs) : null, make("div", { class: "marker-row" }, done,
    onCancel ? button("Cancel", onCancel) : null));
  text.value = (keepAs && kept.get(keepAs)) || words;
  const submit = async () => {
    const body = text.value.trim();
    if (!body || done.disabled) return;
    done.disabled = true;
    const mentions = [...named].filter(([, person]) => body.includes(`@${person}`)).map(([id]) => id);
    try {
      await send(body, mentions);
      if (keepAs) kept.set(keepAs, null);
      text.value = "";
      wrong.hidden = true;
      done.textContent = name;
      await after();
    } catch (refusal) {
      const met = refusal.theirs !== undefined;
      wrong.hidden = false;
      wrong.textContent = met ? "It changed elsewhere while you were editing. Save again to keep yours." : `Not saved. ${refusal.message}`;
      done.textContent = met ? name : "Retry";
      beside.hidden = !met;
      if (met) beside.replaceChildren(both(refusal.theirs, body));
    }
    done.disabled = false;
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", () => {
    if (keepAs) kept.set(keepAs, text.value || null);
    suggest(text, list, named);
  });
  text.addEventListener("keydown", (event) => onWriterKey(event, { text, list, submit, onCancel }));
  return { form, text };
}

function onWriterKey(event, { text, list, submit, onCancel }) {
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list.hidden && by) {
    options[at]?.setAttribute("aria-selected", "false");
    const next = options[(at + by + options.length) % options.length];
    next.setAttribute("aria-selected", "true");
    say(next.textContent);
  } else if (!list.hidden && ["Enter", "Tab"].includes(event.key)) options[Math.max(0, at)].click();
  else if (!list.hidden && event.key === "Escape") list.hidden = true;
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  else if (event.key === "Escape" && onCancel && !text.value) onCancel();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Names that fit what stands between the @ and the caret.
async function suggest(text, list, named) {
  const before = text.value.slice(0, text.selectionStart);
  const begun = /(?:^|\s)@([\p{L}\p{N} .'-]{0,30})$/u.exec(before)?.[1];
  if (begun === undefined) { list.hidden = true; return; }
  const found = (await nameable()).filter((one) => one.name.toLowerCase().startsWith(begun.toLowerCase())).slice(0, 6);
  list.replaceChildren(...found.map((one, at) => make("li", { role: "option", "aria-selected": String(at === 0), on: {
    mousedown: (event) => event.preventDefault(),
    click: () => {
      named.set(one.id, one.name);
      const start = before.length - begun.length;
      text.setRangeText(`${one.name} `, start, text.selectionStart, "end");
      list.hidden = true;
      text.focus();
      text.dispatchEvent(new Event("input"));
      list.hidden = true;
    },
  } }, one.name)));
  list.hidden = found.length === 0;
}
