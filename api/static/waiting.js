// A page that says how something stands looks again by itself: new words appear in place, a new page when it is over.
import { still } from "./press.js";

const said = document.querySelector("[data-waiting]");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-waiting]");
    await still();
    if (!now) return location.reload();
    if (now.textContent !== said.textContent) said.textContent = now.textContent;
  } catch {
    // The server is away for a moment; the next look may find it.
  }
  setTimeout(look, 2000);
}

if (said) setTimeout(look, 2000);
