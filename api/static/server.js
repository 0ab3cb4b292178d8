// Talks to the API of this server, as whoever is logged in.
import { logIn } from "./login.js";
import { still } from "./press.js";

// What was not done, and why.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.errors?.[0]?.detail ?? problem?.detail ?? "The server cannot be reached.");
    this.status = status;
    this.code = problem?.code ?? "";
  }
}

// That of the session one has now; who logged in again in another tab has another one than this page.
function csrf() {
  const cookie = /(?:^|;\s*)(?:__Host-)?csrf=([^;]*)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector("input[name=csrf]")?.value ?? "";
}

// What was answered. Whatever the page makes of it waits until nothing is pressed.
async function sent(path, request) {
  try {
    const answer = await fetch(path, request);
    return { answer, text: await answer.text() };
  } catch {
    throw new Refusal(0, null);
  } finally {
    await still();
  }
}

async function send(method, path, { body, version, key }) {
  const headers = { accept: "application/json" };
  if (method !== "GET") headers["x-csrf-token"] = csrf();
  if (body !== undefined) headers["content-type"] = "application/json";
  if (version !== undefined) headers["if-match"] = `"${version}"`;
  if (key) headers["idempotency-key"] = key;
  const { answer, text } = await sent(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  let said = null;
  try { said = text ? JSON.parse(text) : null; } catch { /* no JSON: a proxy on the way */ }
  if (!answer.ok) throw new Refusal(answer.status, said);
  return said;
}

// Sends a request; what it is answered with. `version` is the one that was read, `key` names what is done once only. Who
// wants to change something after the session is over logs in first.
export async function ask(method, path, what = {}) {
  try {
    return await send(method, path, what);
  } catch (refusal) {
    if (refusal.status !== 401 || method === "GET" || !await logIn()) throw refusal;
    return send(method, path, what);
  }
}

// All items of a list, page after page; each page is passed on as it comes, and `turn` waited for before each.
export async function all(path, onPage = () => {}, turn = () => {}) {
  const items = [];
  let cursor = null;
  do {
    const more = cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : "";
    await turn();
    const page = await ask("GET", path + more);
    items.push(...page.items);
    onPage(page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}
