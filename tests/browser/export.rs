//! An exported page, opened from a file as people do who were sent one.

use tests::{
    TestApp,
    browser::{Browser, Window},
    json,
    talk::talk,
};

use crate::import::on_disk;

#[test]
fn an_exported_page_stands_by_itself() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Primes");
    ana.admits(&class, &ben, "student");
    let talk = talk(&ben, &class, "class");
    let body = json!({ "note": "How long?", "audience": "class" });
    ana.post(&format!("/api/v1/conversations/{talk}/annotations"), body).is(201);
    let page = ben.get(&format!("/api/v1/conversations/{talk}/export?format=html")).is(200);
    let file = on_disk(&app, "export.html", &page.body);
    for window in [Window::Desktop, Window::Phone] {
        let Some(browser) = Browser::start(format!("file://{}", file.display()), window) else { return };
        browser.open("");
        browser.reads("Is it prime?");
        browser.reads("How long?");
        browser.look("exported-page");
        // Its own style is let in by its own policy.
        assert_eq!(browser.ask("return getComputedStyle(document.querySelector('article')).borderTopStyle"), "solid");
    }
}
