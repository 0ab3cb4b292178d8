// Reading by keyboard, copying code, keeping one's place. A conversation reads well without this file.
import { openFind } from "./find.js";
import { whenStill } from "./press.js";

const messages = () => [...document.querySelectorAll(".message")];
const layers = () => [...document.querySelectorAll("details.layers")];
const keysDialog = document.querySelector("#keys");

// A link to a message that this way does not pass leads to a way that does.
function follow() {
  const asked = /^#m(\d+)$/.exec(location.hash)?.[1];
  if (!asked || document.getElementById(`m${asked}`)) return;
  const address = new URL(location.href);
  if (address.searchParams.get("at") === asked) return;
  address.searchParams.delete("page");
  address.searchParams.set("at", asked);
  location.replace(address);
}
addEventListener("hashchange", follow);
follow();

// The list of questions stands open where there is room beside the text.
const outline = document.querySelector(".outline details");
if (outline) {
  const wide = matchMedia("(min-width: 80rem)");
  const fit = () => { outline.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  outline.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) outline.open = false;
  });
  markOutline();
}

// Says in the list of questions where one is.
function markOutline() {
  const links = new Map();
  for (const link of outline.querySelectorAll("a[href^='#m']")) links.set(link.hash.slice(1), link);
  let marked = null;
  const watcher = new IntersectionObserver((entries) => {
    const entry = entries.findLast((each) => each.isIntersecting);
    let message = entry?.target;
    while (message && !links.has(message.id)) message = message.previousElementSibling;
    const link = message && links.get(message.id);
    if (!link || link === marked) return;
    marked?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "location");
    const list = link.closest("ol");
    if (list.scrollHeight > list.clientHeight) {
      list.scrollTop = link.offsetTop - list.offsetTop - list.clientHeight / 2;
    }
    marked = link;
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const message of messages()) watcher.observe(message);
}

// Code can be copied.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".messages [data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector("pre").textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Copy it by hand";
      }
      setTimeout(() => whenStill(() => { button.textContent = "Copy"; }), 2000);
    });
    block.prepend(button);
  }
}

// Does something to the page and leaves the line one reads where it is.
function inPlace(change) {
  const place = document.querySelector(".messages");
  const left = place.getBoundingClientRect().left + 40;
  let line = document.elementFromPoint(left, innerHeight / 4)?.closest("p, li, pre, tr, summary, header, h3, h4, .versions");
  // What lies in a layer may go away.
  line = line?.closest("details.layers")?.querySelector("summary") ?? line;
  const before = line?.getBoundingClientRect().top;
  change();
  if (line) scrollBy({ top: line.getBoundingClientRect().top - before, behavior: "instant" });
}

function toggleLayers() {
  const all = layers();
  const open = all.some((layer) => !layer.open);
  inPlace(() => { for (const layer of all) layer.open = open; });
}

// The next message, or the one before: from the one with the focus, else from the one at the top of the window.
function step(by) {
  const all = messages();
  const focused = document.activeElement?.closest(".message");
  const margin = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  let at = all.indexOf(focused);
  if (at < 0) {
    at = all.findIndex((message) => message.getBoundingClientRect().bottom > margin + 1);
    if (by > 0 && all[at]?.getBoundingClientRect().top > margin + 1) at -= 1;
  }
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "start" });
}

// The versions that arrow keys go through: those with the focus, or those of the message with the focus.
function versionsAt(element) {
  if (!element.matches?.(".message")) return element.closest?.(".versions");
  const beside = [element.nextElementSibling, element.previousElementSibling];
  return beside.find((each, at) => each?.matches(at ? ".versions[id]" : ".versions:not([id])"));
}

// Keys. Single ones can be switched off: speech input says letters too.
const SWITCH = "reading.keys";
export const works = () => localStorage.getItem(SWITCH) !== "off";
export const actions = {
  j: () => step(1),
  k: () => step(-1),
  h: toggleLayers,
  "/": openFind,
  "?": () => keysDialog.showModal(),
};

// Whether a key is part of something else: of typing, or of a key of the browser.
export function isBlocked(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing || keysDialog.open);
}

addEventListener("keydown", (event) => {
  if (isBlocked(event)) return;
  const way = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" }[event.key];
  const link = way && versionsAt(event.target)?.querySelector(way);
  if (link) {
    event.preventDefault();
    link.click();
  } else if (works() && Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  }
});

const box = document.querySelector("#keys-on");
box.checked = works();
box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
document.querySelector("#keys-open").addEventListener("click", actions["?"]);
document.querySelector("#find-open").addEventListener("click", openFind);
for (const hidden of document.querySelectorAll(".by-script")) hidden.hidden = false;
