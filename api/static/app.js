// Small conveniences. Every page works without this file.
import { whenStill } from "./press.js";

// Times stand in UTC; readers see their own. Buttons that copy what `data-copy` says are not there without the script.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export function prepare(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(time.getAttribute("datetime"));
    if (!Number.isNaN(at.getTime())) {
      time.title = time.textContent;
      time.textContent = local.format(at);
    }
  }
  for (const field of root.querySelectorAll("input[type=datetime-local][data-utc]")) {
    delete field.dataset.utc;
    const at = new Date(`${field.value}Z`);
    const offset = at.getTimezoneOffset() * 60_000;
    if (field.value) field.value = new Date(at.getTime() - offset).toISOString().slice(0, 16);
    const zone = document.getElementById(`${field.id}-hint`);
    if (zone) zone.textContent = "In your own time.";
    // What is typed is the reader's own time; what is sent is UTC.
    field.form.addEventListener("formdata", ({ formData }) => {
      if (field.value) formData.set(field.name, new Date(field.value).toISOString().slice(0, 16));
    });
  }
  for (const hint of root.querySelectorAll(".send-hint")) hint.hidden = false;
  if (navigator.clipboard) for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = false;
}
prepare(document);

// On a phone the tab one is on may lie outside.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.closest(".tabs").scrollLeft = tab.offsetLeft + tab.offsetWidth / 2 - innerWidth / 2;

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) return;
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copy it by hand";
  }
  setTimeout(() => whenStill(() => { button.textContent = words; }), 2000);
});

// Enter is a new line in every field of several lines; with Ctrl or ⌘ it sends the form, as the button below it does.
document.addEventListener("keydown", (event) => {
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
  const text = sends && event.target.closest?.("textarea:not([readonly])");
  if (text?.form?.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  const buttons = [...text.form.elements].filter((one) => one.type === "submit");
  text.form.requestSubmit(buttons.find((one) => text.closest("section")?.contains(one)) ?? buttons[0]);
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// What was typed before the session ended goes on by itself; without the script a button sends it.
document.querySelector("form[data-resume]")?.requestSubmit();
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
