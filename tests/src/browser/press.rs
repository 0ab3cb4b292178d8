//! Pressing what a page shows, as a person does: the pointer goes there, is down for a while and comes up again. On a
//! phone it is a finger. No script clicks for anybody.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Browser, ELEMENT, Element, PATIENCE, Window};

/// For how long a press lasts that nobody counts, in milliseconds.
const HOLD: u64 = 30;

/// Where an element can be pressed: in the middle of its first line, once it stands still, is in the window and nothing
/// lies over it.
const PLACE: &str = "const [element, script, done] = arguments;
    const place = () => {
        const box = [...element.getClientRects()].find((one) => one.width > 0 && one.height > 0);
        if (!box) return null;
        const middle = (from, to, most) => (Math.max(0, from) + Math.min(most, to)) / 2;
        const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
        return element.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
    };
    const scroll = (block) => element.scrollIntoView({ block, behavior: 'instant' });
    const frame = () => new Promise((next) => { requestAnimationFrame(next); setTimeout(next, 100); });
    const moves = () => document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running'
        && one.effect.target.contains(element));
    const wait = async () => {
        for (let before = null, tries = 0; tries < 20; tries += 1) {
            await frame();
            const now = place();
            if (now && String(now) === String(before) && !moves()) return now;
            if (!now) scroll(tries < 3 ? 'nearest' : 'center');
            before = now;
        }
        return null;
    };
    scroll('nearest');
    if (script) wait().then(done, () => done(null));
    else {
        if (!place()) scroll('center');
        done(place());
    }";

impl Browser {
    /// Presses at a place of the window for `hold` milliseconds, with the mouse or, on a phone, a finger.
    pub fn press_at(&self, at: (f64, f64), hold: u64) {
        let actions =
            [moved(at), button("pointerDown"), json!({ "type": "pause", "duration": hold }), button("pointerUp")];
        self.point(&actions);
    }

    /// Puts the pointer down at a place of the window, until [`Browser::let_go`].
    pub fn hold_at(&self, at: (f64, f64)) {
        self.point(&[moved(at), button("pointerDown")]);
    }

    /// Lets go of what is held.
    pub fn let_go(&self) {
        self.point(&[button("pointerUp")]);
    }

    /// Does these with the mouse, or with a finger on a phone.
    fn point(&self, actions: &[Value]) {
        self.driver.post("/actions", json!({ "actions": [self.pointer(actions)] })).unwrap();
    }

    fn pointer(&self, actions: &[Value]) -> Value {
        let kind = if self.window == Window::Phone { "touch" } else { "mouse" };
        json!({ "type": "pointer", "id": kind, "parameters": { "pointerType": kind }, "actions": actions })
    }
}

impl Element<'_> {
    /// Presses it, as long as people do.
    ///
    /// # Panics
    /// When nobody could: it is not there any more, never stands still, or something lies over it.
    pub fn click(&self) {
        self.press(HOLD);
    }

    /// Presses it for so many milliseconds.
    ///
    /// # Panics
    /// As [`Element::click`].
    pub fn press(&self, hold: u64) {
        self.browser.press_at(self.place(), hold);
    }

    /// Presses it while a key is held.
    ///
    /// # Panics
    /// As [`Element::click`].
    pub fn click_with(&self, key: &str) {
        let pause = || json!({ "type": "pause", "duration": 0 });
        let key = |kind: &str| json!({ "type": kind, "value": key });
        let keys = [key("keyDown"), pause(), pause(), pause(), pause(), key("keyUp")];
        let hold = json!({ "type": "pause", "duration": HOLD });
        let actions = [pause(), moved(self.place()), button("pointerDown"), hold, button("pointerUp"), pause()];
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": keys });
        let actions = json!({ "actions": [keyboard, self.browser.pointer(&actions)] });
        self.browser.driver.post("/actions", actions).unwrap();
    }

    /// Chooses it from its list, if it is an option: the list is a window of the system's, where no pointer of a page
    /// reaches.
    pub fn choose(&self) {
        self.post("click", json!({})).unwrap();
    }

    /// Where it can be pressed.
    ///
    /// # Panics
    /// As [`Element::click`].
    #[must_use]
    pub fn place(&self) -> (f64, f64) {
        let begun = Instant::now();
        let asked = json!({ "script": PLACE, "args": [{ ELEMENT: self.id }, self.browser.scripts.get()] });
        loop {
            let found = self.browser.driver.post("/execute/async", asked.clone()).unwrap();
            if let (Some(x), Some(y)) = (found[0].as_f64(), found[1].as_f64()) {
                return (x, y);
            }
            assert!(begun.elapsed() < PATIENCE, "{:?} cannot be pressed at {}", self.text(), self.browser.path());
        }
    }
}

pub(super) fn moved((x, y): (f64, f64)) -> Value {
    json!({ "type": "pointerMove", "duration": 0, "x": x.floor(), "y": y.floor() })
}

pub(super) fn button(kind: &str) -> Value {
    json!({ "type": kind, "button": 0 })
}
