// Others' marks and replies as they are made, changed and taken away. Only what changed is asked for; what is new is
// painted at once, which moves nothing, and its card waits behind "1 new mark".
import { follow, paced, turn } from "./live.js";
import { holdsWords, known, refreshThreads } from "./marks-card.js";
import { changed, drop, here, isBusy, load, loadTags, marks, sendAgain, take } from "./marks-store.js";
import { turned } from "./marks-veil.js";
import { forgetMembers } from "./marks-names.js";
import { onLogin } from "./login.js";
import { button, count, make } from "./piece.js";
import { all } from "./server.js";

const root = document.querySelector(".reading");

// Ids that one request asks for.
const MANY = 100;

// Marks and comments that changed, and whether the codebook or everything did.
const pending = new Set();
let codebook = false;
let everything = false;

// A page that was taken away asks for nothing any more.
let away = false;
document.addEventListener("live-gone", () => { away = true; });

function hear(events) {
  for (const { kind, id, conversation_id: conversation } of events) {
    const [noun] = kind.split(".");
    if (["annotation", "comment", "flag"].includes(noun)) {
      if (conversation === here.conversation) pending.add(id);
    } else if (noun === "tag") {
      codebook = true;
      if (kind === "tag.deleted") for (const mark of marks.values()) if (mark.tags?.includes(id)) pending.add(mark.id);
    } else if (noun === "member") forgetMembers();
    else if (kind === "class.changed" || id === here.conversation) everything = true;
  }
  if (pending.size > 0 || codebook || everything) read();
}

const read = paced(async () => {
  if (away) return;
  if (everything) {
    everything = codebook = false;
    pending.clear();
    try { await load(lose, turn); turned(); } catch (refusal) { everything = refusal.status !== 404; throwUnlessGone(refusal); }
    refreshThreads(null, turn);
    return;
  }
  if (codebook) {
    codebook = false;
    await turn();
    await loadTags();
  }
  await some([...pending].slice(0, MANY));
  if (pending.size > 0 || codebook || everything) read();
});

// That the conversation is not there any more is for the page to say.
function throwUnlessGone(refusal) {
  if (refusal.status !== 404) throw refusal;
}

async function some(ids) {
  if (ids.length === 0) return;
  for (const id of ids) pending.delete(id);
  let now;
  try {
    now = await all(`/conversations/${here.conversation}/annotations?limit=100&ids=${ids.join(",")}`, undefined, turn);
  } catch (refusal) {
    if (refusal.status !== 404) for (const id of ids) pending.add(id);
    return throwUnlessGone(refusal);
  }
  for (const mark of now) {
    // One's own that is still on its way here would stand there twice.
    if (!marks.has(mark.id) && mark.author?.me && isBusy()) setTimeout(() => { pending.add(mark.id); read(); }, 500);
    else take(mark);
  }
  const there = new Set(now.map((mark) => mark.id));
  for (const id of ids) if (!there.has(id)) lose(id);
  changed();
  lookBehind();
  refreshThreads(new Set([...there, ...ids]), turn);
}

// A mark that its reader does not see any more goes, unless they are writing below it: then it goes when they close it.
function lose(id) {
  const mark = marks.get(id);
  if (mark?.state === "gone") mark.back = undefined;
  if (!mark || mark.state) return;
  const card = known(id);
  if (card && holdsWords(card)) mark.state = "gone";
  else drop(id);
}

// What the page says of its reader may have changed with it, and there may be more to read.
document.addEventListener("live-page", ({ detail: page }) => {
  const now = page.querySelector(".reading");
  if (!now) return;
  for (const name of ["data-visibility", "data-role", "data-usual", "data-members", "data-written-as", "data-may-mark", "data-mine", "data-named"]) {
    if (now.hasAttribute(name)) root.setAttribute(name, now.getAttribute(name));
    else root.removeAttribute(name);
  }
  // Names and made-up names must never stand side by side.
  for (const speaker of page.querySelectorAll(".message > header > h2")) {
    const shown = document.getElementById(speaker.id);
    if (shown && shown.textContent !== speaker.textContent) shown.textContent = speaker.textContent;
  }
  lookBehind();
  offerMore([...page.querySelectorAll(".message[data-id]")].map((message) => message.dataset.id));
  changed();
});

const more = make("p", { class: "pill-row", role: "status", hidden: true }, button("", () => location.reload(), { class: "small pill" }));

// New messages come when they are asked for: they change what stands below the text one reads, and its branches.
function offerMore(ids) {
  const seen = new Set([...root.querySelectorAll(".message[data-id]")].map((message) => message.dataset.id));
  const news = ids.filter((id) => !seen.has(id)).length;
  more.hidden = news === 0;
  more.firstChild.textContent = `${count(news, "new message")}. Show`;
  if (!more.isConnected) root.querySelector(".messages").append(more);
}

// One's own marks, or a date, may have brought those of others into sight, which is no event of theirs.
function lookBehind() {
  if (!turned()) return;
  everything = true;
  read();
}

// Begins to follow, before the marks are read for the first time: nothing happens in between unseen.
export function followMarks() {
  const main = document.querySelector("main");
  follow(main.dataset.class, Number(main.dataset.since), {
    onEvents: hear,
    onAgain: () => { everything = true; read(); },
    onState: (state) => { if (state === "on") sendAgain(); },
  });
  addEventListener("online", sendAgain);
  onLogin(sendAgain);
}
