//! An exported page, opened from a file as people do who were sent one.

use tests::{
    TestApp,
    browser::{Browser, Window},
    json,
    talk::talk,
};

use crate::import::{on_disk, student};

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

#[test]
fn what_went_out_as_json_comes_in_again_by_the_import_page() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Desktop) else { return };
    let elsewhere = ana.opens_class("Elsewhere");
    let talk = talk(&ana, &elsewhere, "class");
    let marks = |id: &str| ana.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items();
    let messages = ana.get(&format!("/api/v1/conversations/{talk}/messages")).is(200).items();
    let asked =
        messages.iter().find(|message| message["content"].as_str().unwrap_or_default().starts_with("How")).unwrap();
    let body = json!({ "message_id": asked["id"], "start": 0, "end": 3, "note": "How long?", "audience": "class" });
    ana.post(&format!("/api/v1/conversations/{talk}/annotations"), body).is(201);
    let file = ana.get(&format!("/api/v1/conversations/{talk}/export?format=json")).is(200);
    browser.see("#file").type_in(on_disk(&app, "Is it prime.json", &file.body).to_str().unwrap());
    browser.reads("1 conversation");
    browser.click("Is it prime?");
    browser.click("Add to PHIL 101");
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it.");
    browser.reads("How long?");
    let here = ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items().remove(0);
    let (there, here) = (marks(&talk), marks(here["id"].as_str().unwrap()));
    assert_eq!((&here[0]["note"], &here[0]["anchor"]["quote"]), (&there[0]["note"], &there[0]["anchor"]["quote"]));
    assert_eq!(here[0]["author"]["me"], true);
    browser.is_clean();
}
