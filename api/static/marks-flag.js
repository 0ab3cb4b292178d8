// Asks teachers to look at something, and why.
import { kept } from "./marks-store.js";
import { button, make, onEscape } from "./piece.js";

// A small form for the reason; `send(reason)` raises the flag, `close()` puts the form away. The reason is kept as `keepAs`.
export function flagForm({ keepAs, send, close }) {
  const id = `why.${keepAs}`;
  const text = make("input", { id, maxlength: 300, dir: "auto", autocomplete: "off", on: { input: () => kept.set(keepAs, text.value || null) } });
  text.value = kept.get(keepAs) ?? "";
  const wrong = make("p", { class: "wrong small", role: "alert", hidden: true });
  const done = make("button", { class: "small primary" }, "Flag it");
  const form = make("form", { class: "writer flagging" },
    make("label", { for: id }, "Why should the teachers look at it?", make("span", { class: "small" }, " (optional)")), text, wrong,
    make("div", { class: "marker-row" }, done, button("Cancel", close)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (done.disabled) return;
    done.disabled = true;
    try {
      await send(text.value.trim() || null);
      kept.set(keepAs, null);
      close();
    } catch (refusal) {
      done.disabled = false;
      wrong.hidden = false;
      wrong.textContent = `Not flagged. ${refusal.message}`;
    }
  });
  form.addEventListener("keydown", (event) => onEscape(event, close));
  return { form, text };
}
