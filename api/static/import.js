// Bringing conversations in: paste anywhere, and look into files without sending them. The page works without all this.
import { counted, make, picks } from "./import-picks.js";
import { turns } from "./import-turns.js";
import { whenStill } from "./press.js";

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
for (const part of document.querySelectorAll("[data-plain]")) part.hidden = true;
for (const form of document.querySelectorAll("form[data-picks]")) picks(form);
for (const form of document.querySelectorAll("form[data-turns]")) turns(form);

/** Bytes the server takes at once. */
const MOST_SENT = 256 * 2 ** 20;
const form = document.querySelector("#bring");
if (form) bring(form);

/** @param {HTMLFormElement} form */
function bring(form) {
  const said = document.querySelector("#said");
  const looking = document.querySelector("#looking");
  const [text, file, folder] = ["text", "file", "folder"].map((id) => form.querySelector(`#${id}`));
  const html = make("input", { type: "hidden", name: "html", disabled: true });
  form.append(html);
  const say = (words, bad = false) => said.replaceChildren(make("p", { className: bad ? "notice bad" : "notice", textContent: words }));

  // Paste.
  const take = (rich, plain) => {
    if (/^\s*https?:\/\/\S+\s*$/.test(plain)) {
      say("We do not fetch links. Open it, select all, copy, paste here.", true);
      return;
    }
    text.value = plain;
    html.value = rich;
    html.disabled = !rich;
    file.value = "";
    say("Looking …");
    form.requestSubmit();
  };
  document.addEventListener("paste", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.closest("input, select");
    if (typing || form.hidden || (event.target === text && text.value.trim())) return;
    const data = event.clipboardData;
    const [rich, plain] = [data.getData("text/html"), data.getData("text/plain")];
    if (!plain.trim() && !rich) {
      if (data.files.length) look([...data.files], data.files);
      return;
    }
    event.preventDefault();
    take(rich, plain);
  });
  const button = form.querySelector("#paste");
  if (navigator.clipboard?.read) form.querySelector("[data-text]").classList.remove("primary");
  else button.parentElement.hidden = true;
  button.addEventListener("click", async () => {
    try {
      const [item] = await navigator.clipboard.read();
      const read = async (type) => (item.types.includes(type) ? (await item.getType(type)).text() : "");
      take(await read("text/html"), await read("text/plain"));
    } catch {
      say("This browser does not let the page read the clipboard. Paste into the field below.", true);
      text.focus();
    }
  });
  // Going on by the button sends the words in the field, not what was pasted before they were changed.
  text.addEventListener("input", () => { html.disabled = true; });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-text") && /^\s*https?:\/\/\S+\s*$/.test(text.value)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      say("We do not fetch links. Open it, select all, copy, paste here.", true);
    }
  }, { capture: true });

  // Files.
  file.addEventListener("change", () => look([...file.files], file.files));
  folder.addEventListener("change", () => look([...folder.files].filter(isExport), null));
  const drop = document.querySelector("#drop");
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", async (event) => {
    const data = event.dataTransfer;
    if (form.hidden || !data.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (entries.some((entry) => entry.isDirectory)) look((await inside(entries)).filter(isExport), null);
    else look([...data.files], data.files);
  });

  /** Looks into files here; what is no export goes up by the form. @param {File[]} files @param {FileList | null} list */
  const look = (files, list) => {
    const exports = files.filter((one) => /\.(zip|json)$/i.test(one.name));
    if (!exports.length) {
      if (!list?.length) {
        say("There is no conversations.json and no ZIP in it.", true);
        return;
      }
      file.files = list;
      text.value = html.value = "";
      form.requestSubmit();
      return;
    }
    said.replaceChildren();
    form.hidden = true;
    const others = files.filter((one) => !exports.includes(one));
    local(exports, { form, looking, others, again: (why) => {
      looking.hidden = true;
      form.hidden = false;
      if (!why) return;
      say(why, true);
      if (list) {
        const whole = make("button", { type: "button", textContent: "Send the whole file to the server instead" });
        whole.addEventListener("click", () => { file.files = list; form.requestSubmit(); });
        said.append(make("p", {}, whole));
      }
    } });
  };
}

/** Whether a file of a folder may hold conversations. @param {File} file */
const isExport = (file) => /(^conversations[^/]*\.json|\.zip)$/i.test(file.name);

/** All files of what was dropped. @param {FileSystemEntry[]} entries @returns {Promise<File[]>} */
async function inside(entries) {
  const files = await Promise.all(entries.map(async (entry) => {
    if (entry.isFile) return new Promise((done) => { entry.file((one) => done([one]), () => done([])); });
    const reader = entry.createReader();
    const children = [];
    for (;;) {
      const some = await new Promise((done) => { reader.readEntries(done, () => done([])); });
      if (!some.length) return inside(children);
      children.push(...some);
    }
  }));
  return files.flat();
}

/**
 * Looks into files on this computer, lists what is in them, and sends what is ticked.
 * @param {File[]} files
 */
function local(files, { form, looking, others, again }) {
  const { class: course, className } = form.dataset;
  const worker = new Worker(new URL("./import-worker.js", import.meta.url), { type: "module" });
  const bar = make("progress", { max: 1 });
  bar.setAttribute("aria-label", "Looking through the file");
  const status = make("p", { role: "status", textContent: "Looking through the file. It stays on this computer." });
  const [list, problems] = [make("ul", { className: "pick-list" }), make("div")];
  const add = make("button", { className: "primary", textContent: `Add to ${className}` });
  const back = make("button", { type: "button", className: "plain", textContent: "Another file" });
  const choice = make("form", { className: "choice-form", noValidate: true, hidden: true },
    make("fieldset", { className: "picks" }, make("legend", { className: "unseen", textContent: "Conversations to bring in" }), list), problems,
    make("div", { className: "bar" }, make("p", { className: "count", hidden: true }),
      make("p", { className: "small", textContent: "Only you can see them until you share." }), add), make("p", {}, back));
  choice.querySelector(".count").setAttribute("aria-live", "polite");
  looking.replaceChildren(status, bar, choice);
  looking.hidden = false;

  const all = [];
  const end = (why) => {
    worker.terminate();
    again(why);
  };
  back.addEventListener("click", () => end());
  const looked = async (found) => {
    if (!all.length) {
      end(found[0] ? `Nothing in it could be read: ${found[0].why}.` : "This page finds no conversations in it. The server can say what it is.");
      return;
    }
    all.sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
    await compare(all, course, form.elements.csrf.value);
    list.replaceChildren(...all.map(row));
    bar.hidden = true;
    status.textContent = `${counted(all.length, "conversation")}, newest first. The file is still on this computer: only what you tick is sent.`;
    const aside = others.map((file) => ({ title: file.name, why: "it is no export (ZIP or JSON) and was left out; choose it by itself" }));
    problems.replaceChildren(...unread([...aside, ...found]));
    choice.hidden = false;
    picks(choice);
  };
  worker.addEventListener("error", () => end("This browser cannot look into the file."));
  worker.addEventListener("message", ({ data }) => whenStill(() => {
    if (data.type === "found") {
      all.push(...data.found);
      bar.value = data.total ? data.done / data.total : 0;
      status.textContent = `Looking through the file: ${counted(all.length, "conversation")} so far. It stays on this computer.`;
    } else if (data.type === "looked") looked(data.problems);
    else if (data.type === "collected") send(data.parts);
    else if (!choice.hidden) fail(data.why);
    else end(data.why);
  }));

  const fail = (why) => whenStill(() => {
    bar.hidden = true;
    add.disabled = false;
    status.className = "notice bad";
    status.textContent = why;
    status.scrollIntoView({ block: "nearest" });
  });
  // What was said of an earlier choice does not hold for this one.
  choice.addEventListener("picked", ({ detail: count }) => {
    add.disabled = count === 0;
    if (status.className === "notice bad") {
      status.className = "";
      status.textContent = `${counted(all.length, "conversation")}, newest first.`;
    }
  });
  choice.addEventListener("submit", (event) => {
    event.preventDefault();
    const ids = [...list.querySelectorAll(":checked")].map((box) => Number(box.value));
    const bytes = all.filter(({ id }) => ids.includes(id)).reduce((sum, one) => sum + one.bytes, 0);
    if (!ids.length) return;
    if (bytes > MOST_SENT) fail("That is more than 256 MB. Tick fewer at a time; what is here already is not added twice.");
    else {
      add.disabled = true;
      status.className = "";
      status.textContent = `Sending ${counted(ids.length, "conversation")} …`;
      bar.removeAttribute("value");
      bar.hidden = false;
      worker.postMessage({ type: "collect", ids });
    }
  });

  const keys = new Map();
  const send = (parts) => {
    const body = new FormData();
    for (const { name, blob } of parts) body.append("file", blob, name);
    const chosen = String([...list.querySelectorAll(":checked")].map((box) => box.value));
    if (!keys.has(chosen)) keys.set(chosen, [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/classes/${course}/imports`);
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.setRequestHeader("Idempotency-Key", keys.get(chosen));
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      status.textContent = "The server reads them …";
    });
    request.addEventListener("error", () => fail("The connection broke. Press the button again: nothing is added twice."));
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status < 300 && answer?.id) location.assign(`/imports/${answer.id}?open=yes`);
      else if (request.status === 401) fail("Your session is over. Log in in another tab, then press the button again.");
      else fail(`It was not added. ${answer?.detail ?? "Try again."}`);
    });
    request.send(body);
  };
  worker.postMessage({ type: "look", files });
}

/** Ids asked for at once, and in all: what is beyond is told apart by the server when it comes in. */
const ASKED = [500, 10_000];

/** Notes which conversations are here already, if the server can be asked. */
async function compare(all, course, csrf) {
  const wanted = all.filter(({ source }) => source).slice(0, ASKED[1]);
  const known = new Map();
  for (let at = 0; at < wanted.length; at += ASKED[0]) {
    const body = new URLSearchParams([["csrf", csrf], ...wanted.slice(at, at + ASKED[0]).map(({ source }) => ["source", source])]);
    try {
      const answer = await fetch(`/classes/${course}/import/known`, { method: "POST", body, headers: { accept: "application/json" } });
      if (!answer.ok) return;
      for (const one of await answer.json()) known.set(one.source, one.at);
    } catch {
      return;
    }
  }
  for (const one of wanted) {
    if (known.has(one.source)) one.here = one.at && known.get(one.source) && one.at - known.get(one.source) >= 1 ? "grown" : "same";
  }
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** A conversation in the list. */
function row({ id, title, platform, at, messages, first, last, complete, here }) {
  const meta = make("span", { className: "meta" }, make("span", { textContent: platform }));
  if (at) meta.append(" ", make("time", { dateTime: new Date(at * 1000).toISOString(), textContent: day.format(at * 1000) }));
  meta.append(" ", make("span", { textContent: counted(messages, "message") }));
  if (!complete) meta.append(" ", make("span", { textContent: "ends without an answer" }));
  if (here) meta.append(" ", make("span", { textContent: here === "grown" ? "here already, changed since" : "here already" }));
  const name = title || "Without a title";
  const lines = messages > 1 ? [first, "…", last] : [first];
  const glance = make("blockquote", { className: "glance" }, ...lines.map((line) => make("p", { textContent: line, dir: "auto" })));
  return make("li", { className: here === "same" ? "here" : "" },
    make("label", { className: "choice" }, make("input", { type: "checkbox", name: "pick", value: id }),
      make("span", { className: "what" }, make("strong", { textContent: name, dir: "auto" }), meta)),
    make("details", { className: "look" }, make("summary", {}, "Look", make("span", { className: "unseen", textContent: ` at ${name}` })), glance));
}

/** What could not be read. */
function unread(found) {
  if (!found.length) return [];
  const lines = found.map(({ title, why }) => make("li", {}, make("bdi", { textContent: title }), `: ${why}`));
  return [make("details", { className: "aside" }, make("summary", { textContent: `${counted(found.length, "part")} cannot be read` }), make("ul", {}, ...lines))];
}
