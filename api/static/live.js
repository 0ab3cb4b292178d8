// What changes in a class while its pages are open. One tab of a browser has the stream of events and passes them on to
// the others; when it goes the next one takes over, from the place where it stands itself.
import { elect } from "./live-lead.js";
import { listen } from "./live-stream.js";
import { onLogin } from "./login.js";
import { ask } from "./server.js";

// What this tab asks for by itself, besides what somebody does in it: once in so many milliseconds.
const GAP = 250;
let free = 0;
let line = Promise.resolve();

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Waits until this tab may ask for something again.
export function turn() {
  line = line.then(async () => {
    const wait = free - performance.now();
    if (wait > 0) await sleep(wait);
    free = performance.now() + GAP;
  });
  return line;
}

// Does some work whenever it is asked for, one after the other and `gap` milliseconds apart; what is asked for meanwhile
// is done once. What fails is tried again.
export function paced(work, gap = GAP) {
  let due = false;
  let running = false;
  let next = 0;
  async function run() {
    if (running) return;
    running = true;
    while (due) {
      due = false;
      const wait = next - performance.now();
      if (wait > 0) await sleep(wait);
      next = performance.now() + gap;
      try { await work(); } catch {
        due = true;
        next = performance.now() + 2000 * (0.5 + Math.random());
      }
    }
    running = false;
  }
  return () => { due = true; run(); };
}

// How long nobody may hear of the tab that leads before another one takes its place.
const SILENT = 45_000;
const ANSWERS = 3_000;
const LONGEST = 5_000;

class Room {
  constructor(id, since) {
    this.id = id;
    // The last place this tab knows everything up to; before `caught` somebody has yet to tell it what it missed.
    this.last = since;
    this.caught = false;
    this.state = "waiting";
    this.followers = new Set();
    this.begin();
    addEventListener("pagehide", () => this.end());
    addEventListener("pageshow", (event) => { if (event.persisted && this.state !== "ended") { this.caught = false; this.begin(); } });
    document.addEventListener("visibilitychange", () => this.wake());
    addEventListener("online", () => this.wake());
    onLogin(() => { if (this.state === "over") this.set("waiting"); this.nudge?.(); });
  }

  begin() {
    this.channel = new BroadcastChannel(`live.${this.id}`);
    this.channel.onmessage = ({ data }) => this.hear(data);
    this.heard = performance.now();
    this.seat = elect(`live.${this.id}`, (signal) => this.lead(signal));
    this.watch = setInterval(() => this.mind(SILENT), 5_000);
    this.post({ hello: true });
  }

  end() {
    if (!this.channel) return;
    clearInterval(this.watch);
    this.seat.leave();
    this.channel.close();
    this.channel = null;
  }

  post(message) { this.channel?.postMessage(message); }

  // Tells all tabs, this one too.
  tell(message) {
    this.post(message);
    this.hear(message);
  }

  hear(message) {
    if (message.hello) {
      if (this.leading) this.post({ state: this.state, led: true });
      return;
    }
    this.heard = performance.now();
    if (message.led && message.state === "on" && !this.caught) this.catchUp();
    if (message.state) this.set(message.state);
    if (message.again) {
      this.last = message.last;
      this.caught = true;
      for (const one of this.followers) one.onAgain();
    }
    if (message.events) {
      for (const one of this.followers) one.onEvents(message.events);
      if (this.caught) this.last = Math.max(this.last, message.events.at(-1).seq);
    }
  }

  set(state) {
    document.documentElement.dataset.live = state;
    if (state === this.state) return;
    this.state = state;
    for (const one of this.followers) one.onState?.(state);
    if (state === "ended") this.end();
  }

  // Looks whether the tab that leads is still there.
  mind(patience) {
    if (!this.channel || this.leading || document.hidden || performance.now() - this.heard < patience) return;
    this.heard = performance.now();
    this.seat.steal();
  }

  wake() {
    if (!this.channel || document.hidden) return;
    this.nudge?.();
    const asked = performance.now();
    this.post({ hello: true });
    if (!this.leading) setTimeout(() => { if (this.heard < asked) this.mind(0); }, ANSWERS);
  }

  path(what) { return `/classes/${this.id}/${what}`; }

  // What was missed before this tab heard the others.
  async catchUp() {
    if (this.catching) return;
    this.catching = true;
    try {
      await this.read((events) => { for (const one of this.followers) one.onEvents(events); });
      this.caught = true;
    } catch (refusal) {
      if (refusal.status === 410) { this.caught = true; for (const one of this.followers) one.onAgain(); }
    }
    this.catching = false;
  }

  async read(onEvents) {
    const limit = 100;
    for (;;) {
      await turn();
      const { items, next } = await ask("GET", `${this.path("changes")}?since=${this.last}&limit=${limit}`);
      if (items.length > 0) onEvents(items);
      this.last = Math.max(this.last, next);
      if (items.length < limit) return;
    }
  }

  // Has the stream until this tab goes, or the class is closed to its reader.
  async lead(signal) {
    this.leading = true;
    for (let failures = 0; !signal.aborted;) {
      const opened = () => { failures = 0; this.caught = true; this.tell({ state: "on", led: true }); };
      const outcome = await listen(`/api/v1${this.path("events")}?since=${this.last}`, {
        signal,
        onOpen: opened,
        onEvents: (events) => this.tell({ events, led: true }),
        onAlive: () => this.tell({ state: "on", led: true }),
      });
      if (signal.aborted) break;
      if (!await this.after(outcome, failures, signal)) break;
      failures += 1;
    }
    this.leading = false;
  }

  // What to do when a stream has ended; whether to open another one.
  async after({ status, after }, failures, signal) {
    if (status === 403 || status === 404) {
      this.tell({ state: "ended" });
      return false;
    }
    if (status === 401) {
      this.tell({ state: "over" });
      await this.pause(24 * 3600_000, signal);
      return true;
    }
    if (status === 410) return this.startAnew();
    // Somebody with many streams open goes on by asking.
    const state = status === 429 && await this.poll() ? "on" : "waiting";
    this.tell({ state, led: true });
    const base = Math.min(LONGEST, (after || 1500) * 1.5 ** failures);
    await this.pause(base * (0.5 + Math.random()), signal);
    return true;
  }

  poll() {
    return this.read((events) => this.tell({ events, led: true })).then(() => true, () => false);
  }

  // What happened meanwhile is not kept any more: read everything anew, from a place that was there before.
  async startAnew() {
    try {
      const { next } = await ask("GET", this.path("changes"));
      this.tell({ again: true, last: next });
    } catch { await sleep(2_000); }
    return true;
  }

  // Waits, but not longer than until there is a reason to try at once.
  pause(ms, signal) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.nudge = () => { clearTimeout(timer); done(); };
      signal.addEventListener("abort", this.nudge, { once: true });
    });
  }
}

const rooms = new Map();

// Follows a class from a place of its feed on. `onEvents(events)` hears what changed, some of it twice; `onAgain()` that
// all is to be read anew; `onState(state)` how it stands: `on`, `waiting`, `over` (log in), `ended` (not for you).
export function follow(id, since, follower) {
  if (!rooms.has(id)) rooms.set(id, new Room(id, since));
  const room = rooms.get(id);
  room.followers.add(follower);
  follower.onState?.(room.state);
}
