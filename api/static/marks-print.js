// On paper marks are notes below their message, and what is left out is named.
import { quoteOf } from "./marks-card.js";
import { printed } from "./marks-margin.js";
import { tags } from "./marks-store.js";
import { count, make } from "./piece.js";

function note(mark) {
  const names = (mark.tags ?? []).map((id) => tags.get(id)?.name).filter(Boolean).join(", ");
  const who = mark.author?.me ? "You" : mark.author?.name ?? "Somebody";
  return make("p", { dir: "auto" }, `${who}: ${quoteOf(mark)}${names ? ` [${names}]` : ""}${mark.note ? ` ${mark.note}` : ""}`);
}

addEventListener("beforeprint", () => {
  const heading = document.querySelector(".reading > .heading");
  const notes = new Map();
  const below = (place, words) => {
    if (!notes.has(place)) notes.set(place, make("div", { class: "print-marks" }));
    notes.get(place).append(words);
  };
  const { marks, filtered, elsewhere } = printed();
  if (filtered > 0) below(heading, make("p", {}, `Not on this paper: ${count(filtered, "mark")} that the filter leaves out.`));
  if (elsewhere > 0) below(heading, make("p", {}, `Not on this paper: ${count(elsewhere, "mark")} on other versions or pages.`));
  for (const mark of marks) below(mark.words?.closest(".message") ?? heading, note(mark));
  for (const [place, notesOfPlace] of notes) place.append(notesOfPlace);
});
addEventListener("afterprint", () => {
  for (const notes of document.querySelectorAll(".print-marks")) notes.remove();
});
