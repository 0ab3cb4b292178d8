// Logging in without leaving the page: what was typed stays, and goes on from there.
import { button, make } from "./piece.js";
import { whenStill } from "./press.js";

const heard = new Set();
const channel = new BroadcastChannel("login");
let asking = null;
let shown = null;

// Calls back whenever somebody logged in here or in another tab.
export function onLogin(callback) { heard.add(callback); }

function loggedIn(token) {
  // The forms of this page were made for the session before.
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
  shown?.close("in");
  for (const callback of heard) callback();
}
// Only of the person this page is of: another one's words must not be sent as theirs.
channel.onmessage = ({ data }) => {
  if (data.account === document.body.dataset.account) whenStill(() => loggedIn(data.token));
};

// Asks for the password of whoever this page was made for; whether they are logged in after that.
export function logIn() {
  if (!document.body.dataset.account) return Promise.resolve(false);
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

function ask() {
  const account = document.body.dataset.account;
  const password = make("input", { id: "again-password", type: "password", autocomplete: "current-password", maxlength: 256, required: true });
  const wrong = make("p", { class: "wrong", role: "alert", hidden: true });
  const go = make("button", { class: "primary" }, "Log in");
  const form = make("form", {},
    make("h2", { id: "again-title" }, "Log in to go on"),
    make("p", {}, "Your session is over. What you typed is kept, and sent then."), wrong,
    make("div", { class: "field" }, make("label", { for: "again-account" }, "E-mail address"),
      make("input", { id: "again-account", type: "email", value: account, autocomplete: "username", readonly: true })),
    make("div", { class: "field" }, make("label", { for: "again-password" }, "Password"), password),
    make("p", { class: "row" }, go, button("Not now", () => shown.close(""), { class: "" })));
  shown = make("dialog", { class: "again", "aria-labelledby": "again-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const said = await send(account, password.value);
    go.disabled = false;
    wrong.hidden = !said;
    wrong.textContent = said ?? "";
    if (said) password.select();
  });
  // Single keys of the page are letters here.
  shown.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(shown);
  shown.showModal();
  password.focus();
  return new Promise((done) => {
    shown.addEventListener("close", () => {
      const dialog = shown;
      shown = null;
      dialog.remove();
      done(dialog.returnValue === "in");
    }, { once: true });
  });
}

// Logs in; what is wrong, if something is.
async function send(email, password) {
  try {
    const headers = { accept: "application/json", "content-type": "application/json" };
    const answer = await fetch("/api/v1/sessions", { method: "POST", headers, body: JSON.stringify({ email, password }) });
    const said = await answer.json();
    if (!answer.ok) return answer.status === 401 ? "The password is wrong." : said.detail;
    channel.postMessage({ account: email, token: said.csrf_token });
    loggedIn(said.csrf_token);
    return null;
  } catch {
    return "The server cannot be reached.";
  }
}
