// The discussion below a mark.
import { button, count, make, say, time } from "./piece.js";
import { here, kept } from "./marks-store.js";
import { all, ask } from "./server.js";

// Who can be named in a comment; asked for once, when somebody types an @.
let people = null;
function members() {
  people ??= all(`/classes/${here.class}/enrolments?limit=100`).then((list) => list
    .filter((one) => one.state === "active" && !one.me).map(({ id, name }) => ({ id, name })));
  return people;
}

// A field for words of one's own, which keeps them over a reload; `send(body, mentions)` answers whether it went well.
export function writer({ name, label, words = "", keepAs = null, send, after, onCancel = null }) {
  const text = make("textarea", { rows: 2, maxlength: 10_000, dir: "auto", "aria-label": label, placeholder: label });
  const wrong = make("p", { class: "wrong small", role: "alert", hidden: true });
  const named = new Map();
  const list = make("ul", { class: "people", role: "listbox", "aria-label": "People", hidden: true });
  const done = make("button", { class: "small primary" }, name);
  const form = make("form", { class: "writer" }, text, list, wrong, make("div", { class: "marker-row" }, done,
    onCancel ? button("Cancel", onCancel) : null));
  text.value = (keepAs && kept.get(keepAs)) || words;
  const submit = async () => {
    const body = text.value.trim();
    if (!body || done.disabled) return;
    done.disabled = true;
    const mentions = [...named].filter(([, person]) => body.includes(`@${person}`)).map(([id]) => id);
    try {
      await send(body, mentions);
      if (keepAs) kept.set(keepAs, null);
      text.value = "";
      wrong.hidden = true;
      done.textContent = name;
      await after();
    } catch (refusal) {
      wrong.hidden = false;
      wrong.textContent = `Not saved. ${refusal.message}`;
      done.textContent = "Retry";
    }
    done.disabled = false;
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", () => {
    if (keepAs) kept.set(keepAs, text.value || null);
    suggest(text, list, named);
  });
  text.addEventListener("keydown", (event) => onWriterKey(event, { text, list, named, submit, onCancel }));
  return { form, text };
}

function onWriterKey(event, { text, list, submit, onCancel }) {
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list.hidden && by) {
    options[at]?.setAttribute("aria-selected", "false");
    const next = options[(at + by + options.length) % options.length];
    next.setAttribute("aria-selected", "true");
    say(next.textContent);
  } else if (!list.hidden && ["Enter", "Tab"].includes(event.key)) options[Math.max(0, at)].click();
  else if (!list.hidden && event.key === "Escape") list.hidden = true;
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  else if (event.key === "Escape" && onCancel && !text.value) onCancel();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Names that fit what stands between the @ and the caret.
async function suggest(text, list, named) {
  const before = text.value.slice(0, text.selectionStart);
  const begun = /(?:^|\s)@([\p{L}\p{N} .'-]{0,30})$/u.exec(before)?.[1];
  if (begun === undefined) { list.hidden = true; return; }
  const found = (await members().catch(() => [])).filter((one) => one.name.toLowerCase().startsWith(begun.toLowerCase())).slice(0, 6);
  list.replaceChildren(...found.map((one, at) => make("li", { role: "option", "aria-selected": String(at === 0), on: {
    mousedown: (event) => event.preventDefault(),
    click: () => {
      named.set(one.id, one.name);
      const start = before.length - begun.length;
      text.setRangeText(`${one.name} `, start, text.selectionStart, "end");
      list.hidden = true;
      text.focus();
      text.dispatchEvent(new Event("input"));
      list.hidden = true;
    },
  } }, one.name)));
  list.hidden = found.length === 0;
}

// Words with the people they name in bold.
function bodyOf(comment) {
  const names = comment.mentions.map((one) => `@${one.name}`);
  const element = make("p", { class: "comment-body", dir: "auto" });
  let rest = comment.body;
  while (rest) {
    const hits = names.map((name) => [rest.indexOf(name), name]).filter(([at]) => at >= 0).sort(([a], [b]) => a - b);
    if (hits.length === 0) { element.append(rest); break; }
    const [at, name] = hits[0];
    element.append(rest.slice(0, at), make("strong", {}, name));
    rest = rest.slice(at + name.length);
  }
  return element;
}

// A thread that is open; `refresh()` reads it again.
export function thread(mark, onCount) {
  const list = make("ol", { class: "comments" });
  const more = make("p", { class: "pill-row", hidden: true }, button("", () => { more.hidden = true; draw(); }, { class: "small pill" }));
  const element = make("div", { class: "thread" }, list, more);
  let comments = [], shown = new Set();
  const base = `/annotations/${mark.id}/comments`;
  const post = (parent) => async (body, mentions) => {
    await ask("POST", base, { body: { body, mentions, ...(parent ? { parent_id: parent } : {}) }, key: crypto.randomUUID() });
  };
  const act = (work) => async () => {
    try { await work(); } catch (refusal) { say(refusal.message); }
    await refresh();
  };
  const reply = here.mayMark ? writer({ name: "Reply", label: "Reply", keepAs: `reply.${mark.id}`, send: post(null), after: refresh }) : null;
  if (reply) element.append(reply.form);

  const tools = (comment, body) => {
    if (!here.mayMark || comment.deleted) return null;
    const own = comment.author?.me;
    const path = `/comments/${comment.id}`;
    const swap = (making) => {
      const back = () => { one.form.replaceWith(body); };
      const one = making(back);
      body.replaceWith(one.form);
      one.text.focus();
    };
    const edit = () => swap((back) => writer({ name: "Save", label: "Comment", words: comment.body, onCancel: back, after: refresh,
      send: async (text, mentions) => {
        const held = comment.mentions.filter((one) => text.includes(`@${one.name}`)).map((one) => one.id);
        await ask("PATCH", path, { body: { body: text, ...(mentions.length ? { mentions: [...new Set([...held, ...mentions])] } : {}) }, version: comment.version });
      } }));
    const answer = () => {
      const one = writer({ name: "Reply", label: `Reply to ${comment.author?.name ?? "this"}`, send: post(comment.id), after: refresh, onCancel: () => one.form.remove() });
      body.after(one.form);
      one.text.focus();
    };
    const link = (words, work) => button(words, work, { class: "plain" });
    return make("p", { class: "comment-tools" }, link("Reply", answer),
      own ? link("Edit", edit) : null,
      own ? link("Delete", act(() => ask("DELETE", path))) : null,
      own ? null : link(comment.flagged ? "Take flag back" : "Flag", act(() => (comment.flagged ? ask("DELETE", `${path}/flags`) : ask("POST", `${path}/flags`, { body: {} })))),
      here.staff ? link(comment.hidden ? "Show again" : "Hide", act(() => ask("PATCH", path, { body: { hidden: !comment.hidden } }))) : null);
  };

  const item = (comment) => {
    const gone = comment.deleted ? "Deleted" : comment.body === null ? "Hidden by staff" : null;
    const body = gone ? make("p", { class: "small tombstone" }, gone) : bodyOf(comment);
    const below = comments.filter((one) => one.parent_id === comment.id && shown.has(one.id));
    return make("li", { "data-comment": comment.id },
      make("p", { class: "small" }, make("strong", {}, comment.author?.me ? "You" : comment.author?.name ?? "Somebody"), " ", time(comment.created_at),
        comment.edited_at ? " · edited" : "", comment.hidden && !gone ? " · hidden" : ""),
      body, gone ? null : tools(comment, body),
      below.length ? make("ol", { class: "comments" }, below.map(item)) : null);
  };

  function draw() {
    for (const one of comments) shown.add(one.id);
    const ids = new Set(comments.map((one) => one.id));
    list.replaceChildren(...comments.filter((one) => !one.parent_id || !ids.has(one.parent_id)).map(item));
    onCount();
  }

  async function refresh() {
    comments = await all(`${base}?limit=100`);
    const news = comments.filter((one) => !shown.has(one.id) && !one.author?.me);
    const typing = document.activeElement.matches("textarea") && document.activeElement.value && document.activeElement;
    if (!typing || !element.contains(typing) || (news.length === 0 && !list.contains(typing))) return draw();
    if (news.length === 0) return undefined;
    more.firstChild.textContent = count(news.length, "new reply", "new replies");
    more.hidden = false;
    return undefined;
  }

  return { element, refresh, focus: () => reply?.text.focus() };
}
