// Who speaks, where the text does not say: switch, swap all, split at the cursor, merge up, undo. The words stay as they
// are; the form sends where each part begins and who speaks it.
import { make } from "./import-picks.js";

/** Letters as the server counts them. @param {string} text */
const letters = (text) => [...text].length;

/** @param {HTMLFormElement} form */
export function turns(form) {
  const list = form.querySelector(".turns");
  const undo = form.querySelector("[data-undo]");
  /** @type {{start: number, text: string, speaker: string}[]} */
  let parts = [];
  let length = 0;
  for (const row of list.children) {
    const { start, speaker } = row.dataset;
    const text = row.querySelector(".words").textContent;
    // "Same as above" joins what is spoken by one.
    if (speaker || !parts.length) {
      parts.push({ start: Number(start), text, speaker: speaker || "user", joins: [] });
      length = letters(text);
    } else {
      const before = parts.at(-1);
      before.text = `${before.text}\n\n${text}`;
      before.joins.push({ at: length + 2, start: Number(start) });
      length += 2 + letters(text);
    }
  }
  const past = [];

  /** @param {() => typeof parts} next @param {number} focus */
  const change = (next, focus) => {
    past.push(parts);
    parts = next();
    draw(focus);
  };
  const draw = (focus) => {
    undo.disabled = !past.length;
    list.replaceChildren(...parts.map(row));
    list.children[focus]?.querySelector("select").focus();
  };
  /** The place in the whole text of a place in a part. */
  const place = (part, at) => {
    const join = (part.joins ?? []).findLast((one) => one.at <= at);
    return join ? join.start + at - join.at : part.start + at;
  };
  const split = (index, at) => {
    const part = parts[index];
    const text = [...part.text];
    const skipped = letters(text.slice(at).join("")) - letters(text.slice(at).join("").trimStart());
    const from = at + skipped;
    if (!text.slice(0, at).join("").trim() || from >= text.length) return;
    const joins = part.joins ?? [];
    const other = part.speaker === "user" ? "assistant" : "user";
    const second = { start: place(part, from), text: text.slice(from).join(""), speaker: other,
      joins: joins.filter((one) => one.at > from).map((one) => ({ ...one, at: one.at - from })) };
    const first = { ...part, text: text.slice(0, at).join("").trimEnd(), joins: joins.filter((one) => one.at < at) };
    change(() => parts.toSpliced(index, 1, first, second), index + 1);
  };
  const merge = (index) => {
    const [first, second] = parts.slice(index - 1, index + 1);
    const text = `${first.text}\n\n${second.text}`;
    const at = letters(first.text) + 2;
    const joins = [...(first.joins ?? []), { at, start: second.start }, ...(second.joins ?? []).map((one) => ({ ...one, at: one.at + at }))];
    change(() => parts.toSpliced(index - 1, 2, { ...first, text, joins }), index - 1);
  };

  const row = (part, index) => {
    const who = make("select", { name: "turn" },
      make("option", { value: `${part.start}:user`, textContent: "You", selected: part.speaker === "user" }),
      make("option", { value: `${part.start}:assistant`, textContent: "AI", selected: part.speaker === "assistant" }));
    who.setAttribute("aria-label", `Who speaks part ${index + 1}`);
    const words = make("textarea", { value: part.text, rows: Math.max(1, Math.ceil(part.text.length / 70)), dir: "auto" });
    words.setAttribute("aria-label", `Part ${index + 1}, to put the cursor in`);
    // The cursor moves in it, but the words stay.
    words.addEventListener("beforeinput", (event) => event.preventDefault());
    words.addEventListener("drop", (event) => event.preventDefault());
    who.addEventListener("change", () => {
      const speaker = who.value.endsWith("user") ? "user" : "assistant";
      change(() => parts.with(index, { ...part, speaker }), index);
    });
    const tools = make("div", { className: "tools" });
    const tool = (text, what) => {
      const button = make("button", { type: "button", className: "small", textContent: text });
      button.setAttribute("aria-label", `${text}, part ${index + 1}`);
      button.addEventListener("click", what);
      tools.append(button);
    };
    tool("Split", () => split(index, letters(words.value.slice(0, words.selectionStart))));
    if (index) tool("Merge up", () => merge(index));
    return make("li", { className: `turn ${part.speaker}` }, make("div", { className: "who" }, who), words, tools);
  };

  form.querySelector("[data-swap]").addEventListener("click", () => {
    change(() => parts.map((part) => ({ ...part, speaker: part.speaker === "user" ? "assistant" : "user" })), -1);
  });
  undo.addEventListener("click", () => {
    parts = past.pop() ?? parts;
    draw(-1);
  });
  draw(-1);
}
