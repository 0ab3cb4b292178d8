// Lists in which several conversations are chosen: how many, and buttons only while there are some. Works without it.
import { count } from "./piece.js";

// As many as the server takes at once.
const MOST = 100;
const forms = () => document.querySelectorAll("form[data-several]");

function tell(form) {
  const boxes = [...form.querySelectorAll("input[name=conversation]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const bar = form.querySelector(".bar");
  bar.hidden = chosen === 0;
  bar.querySelector(".tally").textContent = `${count(chosen, "conversation")} chosen${chosen > MOST ? `: ${MOST} at once at most` : ""}`;
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen > MOST;
  form.querySelector("[data-all]").hidden = boxes.length < 2;
  form.querySelector("[data-all] button").textContent = chosen === boxes.length ? "Untick all" : words.get(form);
}

const words = new Map([...forms()].map((form) => [form, form.querySelector("[data-all] button").textContent]));
const tellAll = () => forms().forEach((form) => { if (words.has(form)) tell(form); });

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form[data-several]");
  if (form) tell(form);
});
document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("[data-all] button")?.form;
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=conversation]")];
  const on = !boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = on;
  tell(form);
});
// What the server says is put in place of what this script changed.
document.addEventListener("live-page", tellAll);
addEventListener("pageshow", tellAll);
tellAll();
