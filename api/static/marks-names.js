// The people of a class by name: who can be named, and real names that students would read.
import { button, make } from "./piece.js";
import { changed, here, met, teaches } from "./marks-store.js";
import { all } from "./server.js";

// Who is in the class; asked for once, when it is needed, and again when somebody came or went.
let people = null;
export function forgetMembers() { people = null; }
function members() {
  people ??= all(`/classes/${here.class}/enrolments?limit=100`).then((list) => list.filter((one) => one.state === "active" && !one.me));
  return people;
}

// Who can be named in a comment: behind made-up names teachers, and whoever wrote something here.
export async function nameable() {
  const list = await members().catch(() => []);
  const others = here.named ? list : list.filter((one) => teaches(one.role));
  const names = new Map(here.named ? [] : met);
  for (const { id, name } of others) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name }));
}

// Those of them whose "@name" stands in the words, if nobody else has that name.
export async function namedIn(words) {
  if (!words.includes("@")) return [];
  const list = await nameable();
  return list.filter(({ name }) => words.includes(`@${name}`) && list.filter((one) => one.name === name).length === 1);
}

// A letter that goes on with the word before it: Chinese, Japanese and Thai set no spaces.
const LETTER = "(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}])[\\p{L}\\p{N}]";
function pattern(name) {
  const words = name.trim().split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("\\s+");
  const [from, to] = [/^[\p{L}\p{N}]/u, /[\p{L}\p{N}]$/u].map((edge) => edge.test(name));
  return new RegExp(`${from ? `(?<!${LETTER})` : ""}${words}${to ? `(?!${LETTER})` : ""}`, "iu");
}

// The first real name of a student in some words, for whoever teaches a class with made-up names; `but` are names that
// become references. Students are told nothing.
async function slip(words, but) {
  if (!here.staff || !words.trim()) return null;
  const list = await members().catch(() => []);
  if (here.named && !list.some((one) => one.made_up_name)) return null;
  let rest = words;
  for (const name of but.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(`@${name}`, (found) => " ".repeat(found.length));
  const found = list.filter((one) => !teaches(one.role)).map((one) => ({ ...one, at: pattern(one.name).exec(rest) })).filter((one) => one.at);
  return found.sort((a, b) => a.at.index - b.at.index || b.name.length - a.name.length)[0] ?? null;
}

// Warns below a field while somebody types in it: `isRead()` is whether students will read it, `but()` which names become
// references. `check()` looks again.
export function warning(text, { isRead = () => true, but = async () => [] } = {}) {
  const element = make("p", { class: "slip small", role: "status", hidden: true });
  let turn = 0;
  const check = async () => {
    turn += 1;
    const mine = turn;
    const words = text.value;
    const found = here.staff && isRead() ? await slip(words, await but(words)) : null;
    if (mine !== turn) return;
    const key = found ? `${found.id} ${found.at.index}` : "";
    if (element.dataset.key === key) return;
    element.dataset.key = key;
    element.hidden = !found;
    element.replaceChildren(...(found ? said(found) : []));
    changed({ layout: true });
  };
  const said = (found) => {
    const instead = found.made_up_name;
    if (!instead) return [`Students would read a real name: ${found.name}.`];
    return [`Students would read a real name. Use ${instead}? `, button("Use it", () => {
      text.setRangeText(instead, found.at.index, found.at.index + found.at[0].length, "end");
      text.focus();
      text.dispatchEvent(new Event("input"));
    }, { class: "plain" })];
  };
  text.addEventListener("input", check);
  check();
  return { element, check };
}
