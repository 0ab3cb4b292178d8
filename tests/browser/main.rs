//! What people do with the web app, in a real Chromium.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod anchor;
mod door;
mod import;
mod journey;
mod marks;
mod pages;
mod pasted;
mod reading;

use tests::{
    TestApp,
    browser::{Browser, Window},
    json,
};

/// A browser in which somebody is signed in and has opened this page.
fn reader(app: &TestApp, name: &str, window: Window, path: &str, script: bool) -> Option<Browser> {
    let base = format!("http://{}", app.addr);
    let browser = Browser::start(base.clone(), window)?;
    let token = app.sign_in(&format!("{name}@example.org")).token;
    browser.command("Network.setCookie", &json!({ "url": base, "name": "session", "value": token }));
    if !script {
        browser.without_script();
    }
    browser.open(path);
    Some(browser)
}
