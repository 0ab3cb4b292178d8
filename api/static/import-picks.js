// The list of what was found: filter, ranges, how many, and a look at one of them. The list itself works without it.
import { whenStill } from "./press.js";

/**
 * @param {string} tag
 * @param {Record<string, unknown>} values
 * @param {(Node | string)[]} inside
 */
export function make(tag, values = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...inside);
  return element;
}

/** @param {number} count @param {string} one */
export const counted = (count, one) => `${count.toLocaleString()} ${one}${count === 1 ? "" : "s"}`;

/** @param {HTMLFormElement} form */
export function picks(form) {
  const list = form.querySelector(".pick-list");
  if (!list) return;
  const boxes = () => [...list.querySelectorAll("input[type=checkbox]")];
  const shown = () => boxes().filter((box) => !box.closest("li").hidden);
  const count = form.querySelector(".count");
  // Where one page holds everything, "Tick all shown" does it.
  if (!(Number(form.dataset.total) > boxes().length)) form.querySelector(".all")?.remove();

  const tell = () => {
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    count.textContent = `${ticked.toLocaleString()} of ${all.length.toLocaleString()}`;
    count.hidden = false;
    form.dispatchEvent(new CustomEvent("picked", { detail: ticked }));
  };
  const filter = make("input", { id: "filter", type: "search", autocomplete: "off" });
  const every = make("button", { type: "button", className: "small", textContent: "Tick all shown" });
  const none = make("button", { type: "button", className: "small", textContent: "Untick all" });
  const status = make("p", { className: "small unseen", role: "status" });
  const clear = make("button", { type: "button", className: "plain", textContent: "Clear the filter" });
  const nothing = make("p", { hidden: true }, "No title fits. ", clear);
  list.before(make("div", { className: "finder" },
    make("div", { className: "field" }, make("label", { htmlFor: "filter", textContent: "Filter by title" }), filter), every, none), status, nothing);
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of list.children) row.hidden = !row.querySelector("strong").textContent.toLowerCase().includes(wanted);
    const left = shown().length;
    status.textContent = `${counted(left, "conversation")} shown`;
    nothing.hidden = left > 0;
    every.disabled = left === 0;
  });
  clear.addEventListener("click", () => {
    filter.value = "";
    filter.dispatchEvent(new Event("input"));
    filter.focus();
  });
  // Enter in the filter must not send the form.
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  every.addEventListener("click", () => { shown().forEach((box) => { box.checked = true; }); tell(); });
  none.addEventListener("click", () => { boxes().forEach((box) => { box.checked = false; }); tell(); });

  let last = null;
  list.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    const between = shown();
    const ends = [between.indexOf(last), between.indexOf(box)];
    if (event.shiftKey && ends[0] >= 0) {
      for (const one of between.slice(Math.min(...ends), Math.max(...ends) + 1)) one.checked = box.checked;
    }
    last = box;
    tell();
  });
  // A range is ticked, not marked as text.
  list.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
  preview(form, list);
  tell();
  return { tell };
}

/** Shows one conversation beside the list, on a phone as a sheet. */
function preview(form, list) {
  const close = make("button", { type: "button", className: "small", textContent: "Close" });
  const inside = make("div");
  const sheet = make("section", { className: "preview", hidden: true, tabIndex: -1 }, close, inside);
  sheet.setAttribute("aria-label", "Preview");
  list.closest(".picks").append(sheet);
  let from = null;
  const show = (row) => {
    const look = row.querySelector(".look");
    inside.replaceChildren(make("h2", { textContent: row.querySelector("strong").textContent, dir: "auto" }),
      row.querySelector(".meta").cloneNode(true), ...[...look.children].slice(1).map((part) => part.cloneNode(true)));
    sheet.hidden = false;
  };
  const hide = () => {
    sheet.hidden = true;
    from?.focus();
  };
  list.addEventListener("click", (event) => {
    const summary = event.target.closest?.("summary");
    if (!summary) return;
    event.preventDefault();
    from = summary;
    show(summary.closest("li"));
    sheet.focus();
  });
  list.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLInputElement && matchMedia("(min-width: 56rem)").matches) whenStill(() => show(target.closest("li")));
  });
  close.addEventListener("click", hide);
  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}
