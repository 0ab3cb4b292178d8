// On paper marks are notes below their message.
import { make } from "./piece.js";
import { quoteOf } from "./marks-card.js";
import { shown } from "./marks-margin.js";
import { tags } from "./marks-store.js";

addEventListener("beforeprint", () => {
  const notes = new Map();
  for (const mark of shown()) {
    const message = mark.words?.closest(".message") ?? document.querySelector(".reading > .heading");
    if (!notes.has(message)) notes.set(message, make("div", { class: "print-marks" }));
    const names = (mark.tags ?? []).map((id) => tags.get(id)?.name).filter(Boolean).join(", ");
    const who = mark.author?.me ? "You" : mark.author?.name ?? "Somebody";
    notes.get(message).append(make("p", { dir: "auto" }, `${who}: ${quoteOf(mark)}${names ? ` [${names}]` : ""}${mark.note ? ` ${mark.note}` : ""}`));
  }
  for (const [message, note] of notes) message.append(note);
});
addEventListener("afterprint", () => {
  for (const note of document.querySelectorAll(".print-marks")) note.remove();
});
