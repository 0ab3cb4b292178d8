//! What people do with the web app, in a real Chromium.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod anchor;
mod door;
mod export;
mod import;
mod journey;
mod live;
mod live_cut;
mod live_page;
mod marks;
mod names;
mod pages;
mod pasted;
mod projector;
mod reading;
mod settings;

use tests::{
    Person, TestApp,
    app::PASSWORD,
    browser::{Browser, Window},
    json,
};

/// A browser in which somebody is signed in and has opened this page.
fn reader(app: &TestApp, name: &str, window: Window, path: &str, script: bool) -> Option<Browser> {
    let browser = signed_in(&format!("http://{}", app.addr), &app.sign_in(&format!("{name}@example.org")), window)?;
    if !script {
        browser.without_script();
    }
    browser.open(path);
    Some(browser)
}

/// A browser in which somebody is signed in at the server with this address, and wants nothing to move: a card that moves
/// while it is clicked is missed.
fn signed_in(base: &str, person: &Person, window: Window) -> Option<Browser> {
    let browser = Browser::start(base, window)?;
    browser.scheme(false);
    // The browser has the token that scripts of a page show, too.
    let session = person.post("/api/v1/sessions", json!({ "email": person.email, "password": PASSWORD })).is(201);
    for (name, value) in [("session", session.str("token")), ("csrf", session.str("csrf_token"))] {
        browser.command("Network.setCookie", &json!({ "url": base, "name": name, "value": value }));
    }
    Some(browser)
}
