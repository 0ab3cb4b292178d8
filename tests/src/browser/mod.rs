//! A real browser: Chromium, driven through WebDriver. `.ci/browser` installs what it needs.
//!
//! Without it a test says so and is left out, except where `CI` is set. Nothing here sleeps: what should happen is asked
//! for again until it has, for ten seconds at most.

mod driver;
mod press;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use driver::{Driver, ELEMENT};

/// How long something that should happen may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the browser is left alone between two questions, in milliseconds.
const BREATH: u64 = 10;

/// The narrowest window in which nothing may scroll sideways, in pixels.
const NARROWEST: u32 = 320;

/// What axe-core looks for.
const OF_ALL: &[&str] = &["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// What it looks for again in other colours, in which nothing else is another thing.
const OF_COLOUR: &[&str] = &["color-contrast", "link-in-text-block"];

/// Keys as WebDriver names them.
pub mod key {
    /// Tab.
    pub const TAB: &str = "\u{e004}";
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Shift, held until [`NONE`].
    pub const SHIFT: &str = "\u{e008}";
    /// Control, held until [`NONE`].
    pub const CONTROL: &str = "\u{e009}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// Space.
    pub const SPACE: &str = "\u{e00d}";
    /// Left arrow.
    pub const LEFT: &str = "\u{e012}";
    /// Up arrow.
    pub const UP: &str = "\u{e013}";
    /// Right arrow.
    pub const RIGHT: &str = "\u{e014}";
    /// Down arrow.
    pub const DOWN: &str = "\u{e015}";
    /// Lets go of what is held.
    pub const NONE: &str = "\u{e000}";
}

/// The window somebody looks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// A laptop's.
    Desktop,
    /// A phone's, held upright.
    Phone,
}

impl Window {
    fn size(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1280, 900),
            Self::Phone => (360, 740),
        }
    }
}

/// One browser of one person, with a profile of its own.
pub struct Browser {
    driver: Driver,
    base: String,
    axe: String,
    window: Window,
    scripts: Cell<bool>,
    pictures: RefCell<BTreeSet<String>>,
    _profile: TempDir,
}

impl Browser {
    /// A new browser that opens pages of the server at `base`; none, said aloud, where there is no Chromium.
    ///
    /// # Panics
    /// Where `CI` is set and there is no browser.
    #[must_use]
    pub fn start(base: impl Into<String>, window: Window) -> Option<Self> {
        let installed = Installed::find()?;
        let profile = TempDir::new().unwrap();
        let driver = Driver::start(&installed.chromedriver, &capabilities(&installed, profile.path(), window));
        let browser = Self {
            driver,
            base: base.into(),
            axe: std::fs::read_to_string(&installed.axe).unwrap(),
            window,
            scripts: Cell::new(true),
            pictures: RefCell::default(),
            _profile: profile,
        };
        browser.resize(window);
        Some(browser)
    }

    /// Opens a page of the server.
    pub fn open(&self, path: &str) {
        self.open_url(&format!("{}{path}", self.base));
    }

    /// Opens a page by its whole address.
    pub fn open_url(&self, url: &str) {
        self.driver.post("/url", json!({ "url": url })).unwrap();
    }

    /// Opens another tab of the same browser, and a page of the server in it; what it is called.
    #[must_use]
    pub fn tab(&self, path: &str) -> String {
        let opened = self.driver.post("/window/new", json!({ "type": "tab" })).unwrap();
        let name = opened["handle"].as_str().unwrap().to_owned();
        self.turn_to(&name);
        self.resize(self.window);
        self.open(path);
        name
    }

    /// The tab one looks at.
    #[must_use]
    pub fn this_tab(&self) -> String {
        self.driver.get("/window").unwrap().as_str().unwrap().to_owned()
    }

    /// Looks at another tab.
    pub fn turn_to(&self, tab: &str) {
        self.driver.post("/window", json!({ "handle": tab })).unwrap();
    }

    /// Closes the tab one looks at, and turns to another one.
    pub fn close_tab(&self, next: &str) {
        self.driver.delete("/window").unwrap();
        self.turn_to(next);
    }

    /// Goes back.
    pub fn back(&self) {
        self.driver.post("/back", json!({})).unwrap();
    }

    /// The path, query and fragment of the page it shows.
    pub fn path(&self) -> String {
        let url = self.driver.get("/url").unwrap();
        url.as_str().unwrap().trim_start_matches(&self.base).to_owned()
    }

    /// Waits until the path starts so.
    pub fn arrives(&self, path: &str) {
        self.eventually(&format!("the address starts with {path}"), || self.path().starts_with(path));
    }

    /// The first visible element that matches, as soon as there is one.
    pub fn see(&self, css: &str) -> Element<'_> {
        self.visible("css selector", css, css)
    }

    /// How many elements match now.
    pub fn count(&self, css: &str) -> usize {
        self.all("css selector", css).len()
    }

    /// Everything the page says, as a person sees it.
    pub fn text(&self) -> String {
        self.all("css selector", "body").first().and_then(Element::text).unwrap_or_default()
    }

    /// Waits until the page says this.
    pub fn reads(&self, text: &str) {
        self.eventually(&format!("the page says {text:?}"), || self.text().contains(text));
    }

    /// Presses what a person would call by this name: a link, a button, a label.
    pub fn click(&self, name: &str) {
        self.called(name).click();
    }

    /// What a person would call by this name, rather all of it than a part.
    pub fn called(&self, name: &str) -> Element<'_> {
        assert!(!name.contains('\''), "an XPath has no way to quote it");
        let path = |test: &str| ["a", "button", "summary", "label"].map(|tag| format!("//{tag}[{test}]")).join(" | ");
        let whole = path(&format!("normalize-space(.)='{name}' or @aria-label='{name}'"));
        let part = path(&format!("contains(normalize-space(.),'{name}') or @aria-label='{name}'"));
        let exact = self.all("xpath", &whole).into_iter().find(Element::is_visible);
        exact.unwrap_or_else(|| self.visible("xpath", &part, name))
    }

    /// The visible button of this name in the place of the page with this XPath.
    pub fn button(&self, place: &str, name: &str) -> Element<'_> {
        self.visible("xpath", &format!("{place}//button[normalize-space(.)='{name}']"), name)
    }

    /// Types into the field with this name, in place of what was there.
    pub fn fill(&self, field: &str, text: &str) {
        let element = self.see(&format!("[name='{field}']"));
        element.clear();
        element.type_in(text);
    }

    /// Presses keys one after the other, wherever the focus is. What is in [`key`] as held stays held to the end.
    pub fn press(&self, keys: &[&str]) {
        let down = |key: &&str| json!({ "type": "keyDown", "value": key });
        let up = |key: &&str| json!({ "type": "keyUp", "value": key });
        let held = |key: &&&str| [key::SHIFT, key::CONTROL].contains(*key);
        let mut actions = Vec::new();
        for key in keys {
            actions.push(down(key));
            if !held(&key) {
                actions.push(up(key));
            }
        }
        actions.extend(keys.iter().filter(held).map(up));
        let source = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.driver.post("/actions", json!({ "actions": [source] })).unwrap();
    }

    /// Selects with the mouse, from one place of the window to another.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        let actions = [press::moved(from), press::button("pointerDown"), press::moved(to), press::button("pointerUp")];
        let source = json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
                             "actions": actions });
        self.driver.post("/actions", json!({ "actions": [source] })).unwrap();
    }

    /// What a script finds out, for what only a script can ask.
    pub fn ask(&self, script: &str) -> Value {
        self.driver.post("/execute/sync", json!({ "script": script, "args": [] })).unwrap()
    }

    /// Sends a command of the browser's own protocol.
    pub fn command(&self, method: &str, parameters: &Value) -> Value {
        self.driver.post("/goog/cdp/execute", json!({ "cmd": method, "params": parameters })).unwrap()
    }

    /// Switches scripts of pages off.
    pub fn without_script(&self) {
        self.scripts.set(false);
        self.command("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    }

    /// Light or dark, as the system would ask for it; nothing moves, so that nothing is looked at half way.
    pub fn scheme(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.command("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Another size of window.
    pub fn resize(&self, window: Window) {
        self.show_as(window, window.size().1);
    }

    fn show_as(&self, window: Window, height: u32) {
        self.measure(window.size().0, height);
    }

    fn measure(&self, width: u32, height: u32) {
        let phone = self.window == Window::Phone;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.command("Emulation.setDeviceMetricsOverride", &metrics);
        self.command("Emulation.setTouchEmulationEnabled", &json!({ "enabled": phone, "maxTouchPoints": 5 }));
    }

    /// Waits until this holds.
    ///
    /// # Panics
    /// When it does not within ten seconds.
    pub fn eventually(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "not within ten seconds: {what}; at {}\n{}", self.path(), self.text());
            self.breathe();
        }
    }

    /// Looks at the page in every way that must hold for all: no violation that axe-core finds in light or dark, no
    /// sideways scrolling, nothing in the console, nothing from elsewhere. With `SCREENSHOTS` set to a directory, keeps a
    /// picture of each.
    pub fn look(&self, name: &str) {
        for dark in [false, true] {
            self.scheme(dark);
            let violations = self.violations(if dark { OF_COLOUR } else { OF_ALL });
            assert!(violations.is_empty(), "{name}, dark: {dark}\n{}", violations.join("\n"));
            self.keep_picture(&format!("{name}-{:?}-{}", self.window, if dark { "dark" } else { "light" }));
        }
        self.scheme(false);
        self.fits(name);
        if self.window == Window::Phone {
            self.measure(NARROWEST, Window::Phone.size().1);
            self.fits(name);
            self.resize(self.window);
        } else {
            self.keep_print(name);
        }
        self.is_clean();
    }

    /// Nothing scrolls sideways.
    fn fits(&self, name: &str) {
        let wide = self.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert!(wide.as_f64().unwrap() <= 0.0, "{name} is {wide} px wider than the window");
    }

    /// Nothing was written to the console and nothing asked of another host since this was last asked.
    ///
    /// # Panics
    /// When something was.
    pub fn is_clean(&self) {
        // That a page answers 404 or 422 is reported by the browser itself; a page that lacks a part of it is a fault.
        let status = |entry: &Value| entry["source"] == "network" && !entry["message"].to_string().contains("/assets/");
        // The page that a new window begins with is the browser's own, and may be torn down in the middle of something.
        let own = |entry: &Value| entry["message"].as_str().is_some_and(|said| said.starts_with("chrome://"));
        let said: Vec<_> = self.log("browser").into_iter().filter(|entry| !status(entry) && !own(entry)).collect();
        assert!(said.is_empty(), "the console says {said:#?}");
        for entry in self.log("performance") {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let url = event.pointer("/message/params/request/url").and_then(Value::as_str).unwrap_or_default();
            let own = url.is_empty()
                || ["data:", "blob:", "chrome:", self.base.as_str()].iter().any(|own| url.starts_with(own));
            assert!(own, "the page asked for {url}");
        }
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.driver.post("/se/log", json!({ "type": kind })).unwrap().as_array().unwrap().clone()
    }

    /// The page was made without its scripts, if those are off; axe-core itself cannot do without.
    fn violations(&self, rules: &[&str]) -> Vec<String> {
        self.command("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
        if self.ask("return Boolean(globalThis.axe)") == false {
            self.ask(&self.axe);
        }
        let run = "const [runOnly, done] = arguments;
            axe.run(document, { runOnly, resultTypes: ['violations'], preload: false })
               .then(found => done(found.violations), error => done([{ id: String(error), nodes: [] }]))";
        let found = self.driver.post("/execute/async", json!({ "script": run, "args": [rules] })).unwrap();
        self.command("Emulation.setScriptExecutionDisabled", &json!({ "value": !self.scripts.get() }));
        let node = |node: &Value| format!("  {} {}", node["html"], node["failureSummary"]);
        let nodes = |found: &Value| found["nodes"].as_array().unwrap().iter().map(node).collect::<Vec<_>>().join("\n");
        found.as_array().unwrap().iter().map(|found| format!("{}\n{}", found["id"], nodes(found))).collect()
    }

    /// What stands in the window now, as a PNG.
    pub fn picture(&self) -> Vec<u8> {
        let taken = self.command("Page.captureScreenshot", &json!({}));
        BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// Keeps a picture of the page as it is printed.
    fn keep_print(&self, name: &str) {
        if std::env::var_os("SCREENSHOTS").is_none() {
            return;
        }
        // What is not printed loses the focus.
        self.ask("globalThis.focused = document.activeElement");
        self.command("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
        self.keep_picture(&format!("{name}-print"));
        self.command("Emulation.setEmulatedMedia", &json!({ "media": "" }));
        self.scheme(false);
        self.ask("globalThis.focused?.focus({ preventScroll: true })");
    }

    fn keep_picture(&self, name: &str) {
        let Some(directory) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
        if self.pictures.borrow_mut().insert(name.to_owned()) {
            std::fs::create_dir_all(&directory).unwrap();
            // All of it in the window: what lies outside may not be painted, and its height be a guess.
            for _ in 0..2 {
                let height = self.ask("return document.documentElement.scrollHeight").as_u64().unwrap();
                self.show_as(self.window, u32::try_from(height).unwrap());
            }
            let png = self.picture();
            self.resize(self.window);
            std::fs::write(directory.join(format!("{name}.png")), png).unwrap();
        }
    }

    /// Leaves the browser the processor for a moment, by a pause of the driver's.
    fn breathe(&self) {
        let pause = json!({ "type": "none", "id": "breath", "actions": [{ "type": "pause", "duration": BREATH }] });
        // Where a page is just left there may be nobody to pause.
        drop(self.driver.post("/actions", json!({ "actions": [pause] })));
    }

    fn all(&self, using: &str, value: &str) -> Vec<Element<'_>> {
        let found = self.driver.post("/elements", json!({ "using": using, "value": value })).unwrap();
        let ids = found.as_array().unwrap().iter().map(|element| element[ELEMENT].as_str().unwrap().to_owned());
        ids.map(|id| Element { browser: self, id }).collect()
    }

    fn visible(&self, using: &str, value: &str, name: &str) -> Element<'_> {
        let begun = Instant::now();
        loop {
            if let Some(element) = self.all(using, value).into_iter().find(Element::is_visible) {
                return element;
            }
            assert!(begun.elapsed() < PATIENCE, "nothing like {name} at {}\n{}", self.path(), self.text());
            self.breathe();
        }
    }
}

/// An element of the page.
pub struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Element<'_> {
    fn post(&self, action: &str, body: Value) -> Result<Value, String> {
        self.browser.driver.post(&format!("/element/{}/{action}", self.id), body)
    }

    fn get(&self, what: &str) -> Option<Value> {
        self.browser.driver.get(&format!("/element/{}/{what}", self.id)).ok()
    }

    /// Empties the field.
    pub fn clear(&self) {
        self.post("clear", json!({})).unwrap();
    }

    /// Types into it. For a file field: the paths, one a line.
    pub fn type_in(&self, text: &str) {
        self.post("value", json!({ "text": text })).unwrap();
    }

    /// What it says; nothing when it is gone.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.get("text")?.as_str().map(str::to_owned)
    }

    /// One of its attributes.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.get(&format!("attribute/{name}"))?.as_str().map(str::to_owned)
    }

    /// Whether a person can see it.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.get("displayed") == Some(Value::Bool(true))
    }
}

/// The programs and the script that browser tests use.
struct Installed {
    chromium: PathBuf,
    chromedriver: PathBuf,
    axe: PathBuf,
}

impl Installed {
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must see what was left out")]
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
        let axe = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe/axe.min.js"));
        let found = match (program("chromium"), program("chromedriver"), axe.is_file().then_some(axe)) {
            (Some(chromium), Some(chromedriver), Some(axe)) => Some(Self { chromium, chromedriver, axe }),
            _ => None,
        };
        if found.is_none() {
            assert!(std::env::var_os("CI").is_none(), "no browser to test with; run `bash .ci/browser`");
            eprintln!("LEFT OUT: no Chromium, chromedriver or axe-core here; `bash .ci/browser` installs them");
        }
        found
    }
}

fn capabilities(installed: &Installed, profile: &Path, window: Window) -> Value {
    let (width, height) = window.size();
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": { "binary": installed.chromium, "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            // A name that is no address of this machine's own: pages from there are as those of another machine.
            "--host-resolver-rules=MAP school.test 127.0.0.1",
            "--hide-scrollbars",
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.display()),
        ] },
    })
}
