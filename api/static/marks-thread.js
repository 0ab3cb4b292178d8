// The discussion below a mark.
import { button, count, fill, fresh, make, say, time } from "./piece.js";
import { nameOf } from "./marks-drafts.js";
import { flagForm } from "./marks-flag.js";
import { here, kept, meet } from "./marks-store.js";
import { writer } from "./marks-writer.js";
import { all, ask } from "./server.js";

// Words with the people they name in bold.
function bodyOf(comment) {
  const names = comment.mentions.map((one) => `@${one.name}`);
  const element = make("p", { class: "comment-body", dir: "auto" });
  let rest = comment.body;
  while (rest) {
    const hits = names.map((name) => [rest.indexOf(name), name]).filter(([at]) => at >= 0).sort(([a, one], [b, other]) => a - b || other.length - one.length);
    if (hits.length === 0) { element.append(rest); break; }
    const [at, name] = hits[0];
    element.append(rest.slice(0, at), make("strong", {}, name));
    rest = rest.slice(at + name.length);
  }
  return element;
}

// A thread that is open; `refresh()` reads it again. What is the same stays as it is, and so does whatever is written in
// it; others' new replies wait while somebody types. `onCount` hears how many can be read.
export function thread(mark, onCount) {
  const list = make("ol", { class: "comments" });
  const more = make("p", { class: "pill-row", role: "status", hidden: true }, button("", showAll, { class: "small pill" }));
  const element = make("div", { class: "thread" }, list, more);
  const items = new Map();
  const seen = new Set();
  let comments = [];
  const base = `/annotations/${mark.id}/comments`;
  const post = (parent) => {
    // The same words have the same key until it went well: sent again they are written once.
    let sent = { key: fresh() };
    return async (body, mentions) => {
      const what = JSON.stringify([body, mentions]);
      if (sent.what !== what) sent = { key: fresh(), what };
      await ask("POST", base, { body: { body, mentions, ...(parent ? { parent_id: parent } : {}) }, key: sent.key });
      sent = { key: fresh() };
    };
  };
  const act = (work) => async () => {
    try { await work(); } catch (refusal) { say(refusal.message); }
    await refresh();
  };
  const reply = here.mayMark ? writer({ name: "Reply", label: "Reply", keepAs: nameOf("reply", mark), send: post(null), after: () => refresh() }) : null;
  if (reply) element.append(reply.form);

  // Somebody writes in an item: until they are done it is not drawn anew.
  const open = (item, place, making, focus = true) => {
    const close = () => {
      item.writing?.form.remove();
      item.writing = null;
      draw();
    };
    if (item.writing) { item.key = null; close(); }
    item.writing = making(close);
    place(item.writing.form);
    if (focus) item.writing.text.focus();
  };

  const edit = (comment, item, focus) => open(item, (form) => item.body.replaceWith(form), (close) => {
    const path = `/comments/${comment.id}`;
    let { version } = comment;
    const send = async (text, mentions) => {
      try {
        await ask("PATCH", path, { body: { body: text, mentions }, version });
      } catch (refusal) {
        if (refusal.status === 412) {
          const now = await ask("GET", path);
          version = now.version;
          refusal.theirs = now.body ?? "";
        }
        throw refusal;
      }
    };
    return writer({ name: "Save", label: "Comment", words: comment.body, people: comment.mentions, keepAs: nameOf("change", mark, comment.id), onCancel: () => { item.key = null; close(); }, send,
      after: () => { item.key = null; close(); return refresh(); } });
  }, focus);

  const answer = (comment, item, focus) => open(item, (form) => item.body.after(form), (close) => writer({
    name: "Reply", label: `Reply to ${comment.author?.name ?? "this"}`, keepAs: nameOf("answer", mark, comment.id), send: post(comment.id),
    onCancel: close, after: () => { close(); return refresh(); },
  }), focus);

  const flag = (comment, item, focus) => open(item, (form) => item.content.append(form), (close) => flagForm({
    keepAs: nameOf("flag", mark, comment.id), close,
    send: async (reason) => { await ask("POST", `/comments/${comment.id}/flags`, { body: { reason } }); await refresh(); },
  }), focus);

  // What was begun in an item before the page was read again.
  const goOn = (comment, item) => {
    const [, begin] = [["change", edit], ["answer", answer], ["flag", flag]].find(([kind]) => kept.get(nameOf(kind, mark, comment.id))) ?? [];
    begin?.(comment, item, false);
  };

  const tools = (comment, item) => {
    if (!here.mayMark || comment.deleted) return null;
    const own = comment.author?.me;
    const path = `/comments/${comment.id}`;
    const link = (words, work) => button(words, work, { class: "plain" });
    return make("p", { class: "comment-tools" }, link("Reply", () => answer(comment, item)),
      own ? link("Edit", () => edit(comment, item)) : null,
      own ? link("Delete", act(() => ask("DELETE", path))) : null,
      own ? null : comment.flagged ? link("Take flag back", act(() => ask("DELETE", `${path}/flags`))) : link("Flag", () => flag(comment, item)),
      here.staff ? link(comment.hidden ? "Show again" : "Hide", act(() => ask("PATCH", path, { body: { hidden: !comment.hidden } }))) : null);
  };

  function itemOf(comment) {
    const isNew = !items.has(comment.id);
    if (isNew) {
      const below = make("ol", { class: "comments", hidden: true });
      items.set(comment.id, { content: make("div"), below, key: null, writing: null, li: make("li", { "data-comment": comment.id }) });
      items.get(comment.id).li.append(items.get(comment.id).content, below);
    }
    const item = items.get(comment.id);
    const key = JSON.stringify(comment);
    if (item.key !== key && !item.writing) {
      item.key = key;
      const gone = comment.deleted ? "Deleted" : comment.body === null ? "Hidden by staff" : null;
      item.body = gone ? make("p", { class: "small tombstone" }, gone) : bodyOf(comment);
      item.content.replaceChildren(...[
        make("p", { class: "small" }, make("strong", {}, comment.author?.me ? "You" : comment.author?.name ?? "Somebody"), " ", time(comment.created_at),
          comment.edited_at ? " · edited" : "", comment.hidden && !gone ? " · hidden" : ""),
        item.body, gone ? null : tools(comment, item)].filter(Boolean));
      if (isNew && !gone && here.mayMark) goOn(comment, item);
    }
    const below = comments.filter((one) => one.parent_id === comment.id && seen.has(one.id));
    fill(item.below, below.map(itemOf));
    item.below.hidden = below.length === 0;
    return item.li;
  }

  // What is there, and what was deleted while somebody wrote in it.
  function draw() {
    const ids = new Set(comments.map((one) => one.id));
    const roots = comments.filter((one) => seen.has(one.id) && (!one.parent_id || !ids.has(one.parent_id))).map(itemOf);
    const lost = [...items].filter(([id, item]) => !ids.has(id) && item.writing).map(([, item]) => item.li);
    fill(list, [...roots, ...lost]);
    onCount(comments.filter((one) => !one.deleted && one.body !== null).length);
  }

  function showAll() {
    more.hidden = true;
    for (const one of comments) seen.add(one.id);
    draw();
  }

  async function refresh(turn) {
    comments = await all(`${base}?limit=100`, undefined, turn);
    for (const one of comments) meet(one.author);
    const isTyping = document.activeElement.matches("textarea") && element.contains(document.activeElement) && document.activeElement.value;
    const news = comments.filter((one) => !seen.has(one.id) && !one.author?.me);
    for (const one of comments) if (one.author?.me) seen.add(one.id);
    if (!isTyping) return showAll();
    more.firstChild.textContent = count(news.length, "new reply", "new replies");
    more.hidden = news.length === 0;
    return draw();
  }

  return { element, refresh, holds: (ids) => comments.some((one) => ids.has(one.id)), focus: () => reply?.text.focus() };
}
