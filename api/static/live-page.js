// Pages that follow what changes. A part of a page says in `data-live` what it shows: kinds of events, or the beginning
// of some, each with `@` and an id where it is one thing's. Then the page is read again and that part made like it.
import { prepare } from "./app.js";
import { follow, paced, turn } from "./live.js";
import { morph } from "./live-morph.js";
import { logIn } from "./login.js";
import { button, make } from "./piece.js";
import { still, whenStill } from "./press.js";

const main = document.querySelector("main");
// A whole page costs the server more than a mark does.
const GAP = 2_000;
// For how long the connection may be away before the page says so.
const PATIENCE = 6_000;

const parts = () => [...document.querySelectorAll("[data-live][id]")];

function shows(part, event) {
  return part.dataset.live.split(" ").some((token) => {
    const [kind, id] = token.split("@");
    return event.kind.startsWith(kind) && (!id || id === event.id || id === event.conversation_id);
  });
}

let over = false;
export const readAgain = paced(async () => {
  if (over) return;
  await turn();
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  if (answer.redirected && new URL(answer.url).pathname === "/login") return tell("over");
  if (answer.status >= 500 || answer.status === 429) throw new Error(answer.statusText);
  // What a form was answered with is not there to be read again.
  if (answer.status === 405) return undefined;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  await still();
  return answer.ok ? take(page) : gone(page, await farewell());
}, GAP);

function take(page) {
  for (const part of parts()) {
    const now = page.getElementById(part.id);
    if (!now) continue;
    prepare(now);
    morph(part, now);
  }
  document.dispatchEvent(new CustomEvent("live-page", { detail: page }));
  awaitMoment();
}

// A part may say in `data-wait` in how many milliseconds it is another one, though nobody does anything. A whole class
// waits for it: not all look in the same moment.
const LONGEST = 2 ** 31 - 1;
const SPREAD = 3_000;
let waiting = 0;
function awaitMoment() {
  clearTimeout(waiting);
  const wait = document.querySelector("[data-wait]")?.dataset.wait;
  if (wait) waiting = setTimeout(readAgain, Math.min(LONGEST, Number(wait) + Math.random() * SPREAD));
}

// What became of a conversation that its reader had open, under the name that the reader knows its owner by.
let wasDeleted = false;
async function farewell() {
  const reading = document.querySelector(".reading");
  const owner = reading?.querySelector("[data-owner]")?.textContent;
  if (!owner || "mine" in reading.dataset) return null;
  // Whoever is not in the class any more lost more than this. They may look at the class itself for a while, not at its codebook.
  const book = await fetch(`/classes/${main.dataset.class}/codebook`, { method: "HEAD", headers: { accept: "text/html" }, cache: "no-store" });
  if (!book.ok || book.redirected) return null;
  return wasDeleted ? `${owner} deleted this conversation.` : `${owner} no longer shares this conversation.`;
}

// The page is not there for its reader any more: it says so, and keeps what was being typed.
function gone(page, why) {
  over = true;
  const typed = [...document.querySelectorAll("textarea")].map((text) => text.value.trim()).filter(Boolean);
  for (const form of document.querySelectorAll(".marker")) form.remove();
  document.title = page.title;
  main.replaceChildren(...page.querySelector("main").childNodes);
  main.prepend(make("p", { class: "notice", role: "alert" }, "This page changed while you had it open."));
  if (why) {
    main.querySelector("h1").textContent = why;
    document.title = `${why} - Colloquium`;
  }
  if (typed.length > 0) {
    main.append(make("section", {}, make("h2", {}, "What you were writing"),
      typed.map((words) => make("p", { class: "words", dir: "auto" }, words))));
  }
  document.dispatchEvent(new CustomEvent("live-gone"));
}

// What is shared again is one press away: words that were being typed are not taken off the page for it.
const isOfThis = ({ id, conversation_id: conversation }) => [id, conversation].some((one) => one && location.pathname.includes(one));
const lookAgain = paced(async () => {
  await turn();
  const answer = await fetch(location.href, { method: "HEAD", headers: { accept: "text/html" }, cache: "no-store" });
  await still();
  if (answer.ok && !answer.redirected) show("It is here again. ", button("Show it", () => location.reload(), { class: "small" }));
  else note.hidden = true;
}, GAP);

// How it stands with the connection, at the foot of the window where it is in nobody's way.
const note = make("div", { class: "live-note", role: "status", hidden: true });
let late = 0;

function tell(state) {
  clearTimeout(late);
  if (state === "over") {
    show("You were logged out. ", button("Log in", () => logIn(), { class: "small" }));
  } else if (state === "waiting") {
    late = setTimeout(() => whenStill(() => show("Not connected. What others do shows when the connection is back.")), PATIENCE);
  } else {
    note.hidden = true;
    if (state === "ended") readAgain();
  }
}

function show(...words) {
  note.replaceChildren(...words);
  note.hidden = false;
}

document.body.append(note);
awaitMoment();
follow(main.dataset.class, Number(main.dataset.since), {
  onEvents: (events) => {
    if (events.some((event) => event.kind === "conversation.deleted" && isOfThis(event))) wasDeleted = true;
    if (over && events.some(isOfThis)) lookAgain();
    else if (parts().some((part) => events.some((event) => shows(part, event)))) readAgain();
  },
  onAgain: readAgain,
  onState: (state) => whenStill(() => tell(state)),
});
