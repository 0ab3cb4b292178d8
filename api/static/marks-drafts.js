// What somebody began to write and did not send: kept in this tab, for whoever is logged in, and found at the same words.
import { rangesOf, wordsOf } from "./anchor.js";
import { changed, kept } from "./marks-store.js";

const LIST = "drafts";

// Where on the page the words of a target stand.
export function rangesOfTarget(target) {
  const words = target.target === "span" ? wordsOf(target.message_id, target.part) : null;
  return words ? rangesOf(words, target.start, target.end) : [];
}

// Whether two lists of targets are the same words.
export const isSame = (some, others) => some.length === others.length
  && some.every((one, at) => ["target", "message_id", "part", "start", "end"].every((key) => one[key] === others[at][key]));

// Marks that were begun and put aside, the last one first: `{ targets, note, tags, audience }`.
export const drafts = () => kept.get(LIST) ?? [];

export const draftOf = (targets) => drafts().find((one) => isSame(one.targets, targets));

// Puts a mark aside that somebody began; without a note there is nothing to keep.
export function putAside(targets, value) {
  const others = drafts().filter((one) => !isSame(one.targets, targets));
  const list = value?.note ? [{ targets, ...value }, ...others] : others;
  if (list.length === 0 && drafts().length === 0) return;
  kept.set(LIST, list.length > 0 ? list : null);
  changed();
}

// What is written below a mark or in it is kept under a name of its own, by mark and comment.
export const nameOf = (kind, mark, comment = "") => `${kind}.${mark.id}.${comment}`;

// Whether something is begun below a mark or in it.
export const hasDraft = (mark) => kept.names().some((name) => name.split(".")[1] === mark.id);
