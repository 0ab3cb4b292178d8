//! Pages for people, through a browser without script.

mod account;
mod class;
mod codebook;
mod conversation;
mod forms;
mod import;
mod journey;
mod mark;
mod pages;
mod peer;
mod person;
mod presentation;
mod reading;
mod reset;
mod thread;

use tests::{Person, PlainBrowser, TestApp, app::PASSWORD};

/// The browser of somebody with an account, logged in.
fn browser(app: &TestApp, name: &str) -> PlainBrowser {
    let _account: Person = app.person(name);
    log_in(app, name)
}

/// A further browser of somebody with an account.
pub(crate) fn log_in(app: &TestApp, name: &str) -> PlainBrowser {
    let browser = PlainBrowser::new(app);
    let form = browser.open("/login").is(200).form("/login");
    let email = format!("{name}@example.org");
    let home = form.with("email", &email).with("password", PASSWORD).submit().is(200);
    assert_eq!((home.at.as_str(), home.heading().as_str()), ("/", "My classes"));
    browser
}
