// Makes pieces of a page. Text goes in as text, never as HTML.

// An element with these attributes and children; `on` has its listeners. What is null or false is left out.
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// A button that does something.
export function button(words, act, attributes = {}) {
  return make("button", { type: "button", class: "small", on: { click: act }, ...attributes }, words);
}

// "1 mark", "2 marks".
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

// What a screen reader says, without moving the focus.
let region = null;
export function say(words) {
  region ??= document.body.appendChild(make("p", { class: "hint-word", role: "status" }));
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}

// A moment, as its reader would write it.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export function time(text) {
  const at = new Date(text);
  return make("time", { datetime: text }, Number.isNaN(at.getTime()) ? text : local.format(at));
}

// Whether somebody writes just now: then single keys are letters.
export function isTyping(target) {
  return Boolean(target?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}

// Enter is a new line in every field of several lines; with Ctrl or ⌘ it sends.
export const sends = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
const CONTROL = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";
export function sendHint(what) {
  return make("p", { class: "hint send-hint" }, make("kbd", {}, CONTROL), "+", make("kbd", {}, "Enter"), ` ${what}`);
}

// Escape leaves a form, and nothing else of the page.
export function onEscape(event, leave) {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  event.preventDefault();
  leave();
}

// A name that nobody else has. `crypto.randomUUID` is not there on a page that came by plain HTTP from another machine.
export function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Puts these elements into a list, and leaves alone those that are in their place.
export function fill(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, at) => { if (parent.children[at] !== element) parent.insertBefore(element, parent.children[at] ?? null); });
}

// Two texts side by side, for whoever has to choose.
export function both(theirs, mine) {
  const side = (name, words) => make("div", {}, make("p", { class: "small" }, name), make("p", { class: "mark-note", dir: "auto" }, words || "No note"));
  return make("div", { class: "both" }, side("As it is now", theirs), side("Yours", mine));
}
