// Which of a browser's tabs does something for all of them. The lock of the browser says it where there is one; a page
// that came by plain HTTP from another machine has none, and a note in the storage of the site takes its place.

// How long a note holds, and how often it is written anew.
const NOTED = 10_000;
const RENEWED = 3_000;

const token = () => [...crypto.getRandomValues(new Uint32Array(4))].join("-");

// Calls `lead(signal)` as long as this tab leads; when it returns the next tab may. `leave()` gives up; `steal()` takes
// over from a tab that does not answer any more.
export function elect(name, lead) {
  return navigator.locks ? byLock(name, lead) : byNote(name, lead);
}

function byLock(name, lead) {
  const waiting = new AbortController();
  let mine = new AbortController();
  const hold = async () => {
    mine = new AbortController();
    if (!waiting.signal.aborted) await lead(mine.signal);
  };
  // Whoever is stolen from stops, and waits in line again.
  const again = () => {
    mine.abort();
    if (!waiting.signal.aborted) queue();
  };
  const queue = () => navigator.locks.request(name, { signal: waiting.signal }, hold).catch(again);
  queue();
  return {
    leave() { waiting.abort(); mine.abort(); },
    steal() { navigator.locks.request(name, { steal: true }, hold).catch(again); },
  };
}

function byNote(name, lead) {
  const me = token();
  let mine = null;
  let timer = 0;
  let left = false;
  const read = () => {
    try {
      const note = JSON.parse(localStorage.getItem(name));
      return note && note.until > Date.now() && note.until < Date.now() + 2 * NOTED ? note : null;
    } catch { return null; }
  };
  const write = () => {
    // Without a storage every tab leads itself.
    try { localStorage.setItem(name, JSON.stringify({ me, until: Date.now() + NOTED })); } catch { return; }
  };
  const forget = () => {
    if (read()?.me === me) localStorage.removeItem(name);
  };
  const stop = () => { mine?.abort(); mine = null; };
  const isOurs = (note) => !note || note.me === me;
  function begin() {
    const own = new AbortController();
    mine = own;
    lead(own.signal).then(() => {
      if (mine === own) { forget(); mine = null; left = true; }
    });
  }
  function look() {
    clearTimeout(timer);
    if (left) return;
    const note = read();
    if (mine && isOurs(note)) write();
    else if (mine) stop();
    else if (!note) {
      write();
      // Two tabs may have written at once; the later one stays.
      setTimeout(() => { if (!left && !mine && isOurs(read())) begin(); }, 50 + Math.random() * 100);
    }
    timer = setTimeout(look, RENEWED * (0.7 + Math.random() * 0.3));
  }
  const heard = (event) => { if (event.key === name && !mine) look(); };
  addEventListener("storage", heard);
  look();
  return {
    leave() {
      left = true;
      clearTimeout(timer);
      removeEventListener("storage", heard);
      stop();
      forget();
    },
    steal() { write(); if (!mine) begin(); },
  };
}
