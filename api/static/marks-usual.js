// For whom a mark is, unless its author says otherwise: as the class has it, or as its author chose last in this class.
import { button, make } from "./piece.js";
import { AUDIENCES, audiences, change, here, marks } from "./marks-store.js";

// Kept for this tab, class and person: who comes next to a shared computer begins as the class has it.
const HABIT = `marks.audience.${here.class}.${document.body.dataset.account}`;
export const remember = (audience) => sessionStorage.setItem(HABIT, audience);
export const usual = () => sessionStorage.getItem(HABIT) ?? here.usual;

// At most as far as the conversation goes.
export function within(audience) {
  const keys = audiences().map(([key]) => key);
  const wanted = AUDIENCES.findIndex(([key]) => key === audience);
  return keys[Math.max(0, Math.min(wanted, keys.length - 1))];
}

export function audienceName(key) {
  const name = AUDIENCES.find(([known]) => known === key)[1];
  return key === "class" && here.members ? `${name} (${here.members} ${here.members === 1 ? "person" : "people"})` : name;
}

// Says that marks were saved for their author alone, and shows them to others by one press.
let note = null;
export function offerToShow(made) {
  note?.remove();
  note = null;
  const alone = made.filter((mark) => mark.audience === "private");
  const widest = audiences().at(-1)[0];
  if (alone.length === 0 || widest === "private") return;
  const others = widest === "class" ? "the class" : "the teachers";
  const words = make("span", {}, "Saved for you alone. ");
  const shut = () => { note?.remove(); note = null; };
  const show = button(`Show it to ${others}`, async () => {
    show.disabled = true;
    try {
      await Promise.all(alone.map(({ id }) => marks.get(id)).filter(Boolean).map((mark) => change(mark, { audience: widest })));
      words.textContent = widest === "class" ? "The class sees it now. " : "The teachers see it now. ";
      show.remove();
    } catch (refusal) {
      words.textContent = `It is still yours alone. ${refusal.message} `;
      show.disabled = false;
    }
  });
  note = make("div", { class: "live-note alone", role: "status" }, words, show, " ", button("Close", shut, { class: "plain" }));
  document.body.append(note);
}
