// The projector: keys for its presenter, and the place of the presenter for everybody else.
import { follow, paced } from "./live.js";
import { isTyping, say } from "./piece.js";
import { still, whenStill } from "./press.js";
import { ask } from "./server.js";

const SIZES = [1, 9];
const stage = document.querySelector(".projector");
const main = document.querySelector("main");
const { presentation, conversation } = stage.dataset;
const path = `/presentations/${presentation}`;
const presents = "presents" in stage.dataset;

// How large the words are is each window's own, and stays over a reload.
function resize(by) {
  const before = Number(stage.dataset.size);
  const size = Math.min(SIZES[1], Math.max(SIZES[0], before + by));
  stage.classList.replace(`size-${before}`, `size-${size}`);
  stage.dataset.size = size;
  history.replaceState(null, "", `${path}?size=${size}`);
}

// Reads the page again and takes what is shown from it.
const look = paced(async () => {
  const answer = await fetch(`${path}?size=${stage.dataset.size}`, { headers: { accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500 || answer.status === 429) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("slide");
  await still();
  // Not theirs to read any more, or logged out: the whole page says it.
  if (now) show(page, now);
  else location.reload();
});

function show(page, now) {
  const before = document.getElementById("slide");
  if (before.innerHTML !== now.innerHTML) {
    before.replaceChildren(...now.childNodes);
    scrollTo(0, 0);
  }
  const controls = document.getElementById("controls");
  const next = page.getElementById("controls");
  // Nobody's click is lost to a button that looks the same.
  if (controls.innerHTML === next.innerHTML) return;
  const held = document.activeElement?.dataset?.go;
  controls.replaceChildren(...next.childNodes);
  if (held) (controls.querySelector(`[data-go=${held}]`) ?? controls.querySelector("[data-go]"))?.focus();
}

// One step after the other, as they were pressed.
let moves = Promise.resolve();
let blank = Boolean(document.querySelector("[data-go=show]"));
function go(what) {
  moves = moves.then(async () => {
    try {
      if (what === "end") await ask("DELETE", path);
      else {
        const step = { next: 1, previous: -1 }[what];
        ({ blank } = await ask("PATCH", path, { body: step ? { step } : { blank: !blank } }));
      }
    } catch (refusal) { say(refusal.message); }
    look();
  });
}

const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", b: "blank", B: "blank" };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "+" || event.key === "=") resize(1);
  else if (event.key === "-") resize(-1);
  else if (presents && KEYS[event.key]) go(KEYS[event.key]);
  else return;
  event.preventDefault();
});

stage.addEventListener("click", (event) => {
  const by = event.target.closest("[data-resize]")?.dataset.resize;
  if (!by) return;
  event.preventDefault();
  resize(Number(by));
});
stage.addEventListener("submit", (event) => {
  event.preventDefault();
  go(event.submitter.dataset.go);
});

// Who cannot listen has a link that looks again.
follow(main.dataset.class, Number(main.dataset.since), {
  onEvents: (events) => { if (events.some((event) => [presentation, conversation].includes(event.id))) look(); },
  onAgain: look,
  onState: (state) => {
    whenStill(() => stage.classList.toggle("follows", state === "on"));
    if (state === "ended") look();
  },
});
