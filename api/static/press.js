// One press is one act. While a pointer is down, and until the click that follows, nothing may move or be replaced below
// it: the browser would see the release on something else, and the click would be lost. What wants to change the page by
// itself waits here for that long.

// By touch the click comes after the release; a page that waits for a second tap gives it later still.
const CLICK_COMES = 350;

// Which pointers are down, and whether a click is still to come of one that was.
const down = new Set();
let clickComes = false;
let over = 0;
let waiting = [];
let resting = [];

export const isPressed = () => down.size > 0 || clickComes;

// Does this at once, or after the press there is now; in the order in which it was asked for.
export function whenStill(work) {
  if (isPressed()) waiting.push(work);
  else work();
}

// Waits until nothing is pressed.
export const still = () => new Promise((done) => { whenStill(done); });

// What moves already stops where it is.
function rest() {
  const moving = document.getAnimations().filter((one) => one instanceof CSSTransition && one.playState === "running");
  for (const one of moving) one.pause();
  resting.push(...moving);
}

function begin(pointer) {
  clearTimeout(over);
  if (!isPressed()) rest();
  clickComes = false;
  down.add(pointer);
}

function end() {
  clearTimeout(over);
  down.clear();
  clickComes = false;
  for (const one of resting) if (one.playState === "paused") one.play();
  const now = waiting;
  [waiting, resting] = [[], []];
  for (const work of now) {
    try { work(); } catch (error) { reportError(error); }
  }
}

// A task of its own comes after everything that listens to the click.
function endSoon(after = 0) {
  clearTimeout(over);
  over = setTimeout(end, after);
}

function release(pointer, after) {
  if (!down.delete(pointer) || down.size > 0) return;
  clickComes = true;
  endSoon(after);
}

function cancel() {
  if (isPressed()) end();
}

// The list of a select is a window of its own, which may keep the release to itself.
const opensWindow = (target) => target.closest?.("select, input:is([type=date], [type=datetime-local], [type=color])");

const hear = (kind, listener) => addEventListener(kind, listener, { capture: true, passive: true });
hear("pointerdown", (event) => { if (event.button === 0 && !opensWindow(event.target)) begin(event.pointerId); });
hear("pointerup", (event) => release(event.pointerId, event.pointerType === "mouse" ? 0 : CLICK_COMES));
hear("click", (event) => { if (event.isTrusted && clickComes) endSoon(); });
// The release may have been where the page does not hear of it.
hear("pointermove", (event) => { if (event.pointerType === "mouse" && event.buttons === 0 && down.has(event.pointerId)) end(); });
for (const kind of ["pointercancel", "contextmenu", "dragstart", "pagehide"]) hear(kind, cancel);
hear("blur", (event) => { if (event.target === window) cancel(); });

// The space bar clicks when it is let go.
const SPACE = "space";
const isClicked = (target) => target.closest?.("button, summary, input:is([type=checkbox], [type=radio])");
hear("keydown", (event) => { if (event.key === " " && isClicked(event.target)) begin(SPACE); });
hear("keyup", (event) => { if (event.key === " ") release(SPACE, 0); });
