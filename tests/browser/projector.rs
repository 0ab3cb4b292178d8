//! The projector in two windows: one presents, the other follows.

use tests::{
    TestApp,
    browser::{Window, key},
    talk::talk,
};

use super::reader;

#[test]
fn who_opened_the_link_follows_the_presenter() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}/present");
    let presentation =
        ana.post(&format!("/api/v1/conversations/{id}/presentations"), tests::json!({})).is(201).str("id");
    let at = format!("/presentations/{presentation}");
    let Some(wall) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    wall.reads("Yours");
    wall.open(&at);
    wall.reads("whether a number is prime");
    let Some(phone) = reader(&app, "ben", Window::Phone, &at, true) else { return };
    phone.reads("whether a number is prime");
    phone.eventually("the phone listens", || phone.count(".projector.follows") == 1);
    wall.look("projector");
    wall.press(&[key::RIGHT]);
    wall.reads("Divide by every number");
    phone.reads("Divide by every number");
    phone.look("projector-follower");
    // One after the other, however fast they are pressed.
    wall.press(&[key::RIGHT, key::RIGHT]);
    phone.reads("The third version is the shortest.");
    wall.press(&["b"]);
    phone.eventually("nothing is shown", || !phone.text().contains("The third version"));
    wall.eventually("on the wall neither", || !wall.text().contains("The third version"));
    wall.press(&["b"]);
    phone.reads("The third version is the shortest.");
    // How large the words are is each window's own.
    wall.press(&["+", "+", "-"]);
    wall.eventually("larger", || wall.count(".projector.size-5") == 1);
    assert_eq!(phone.count(".projector.size-4"), 1);
    wall.press(&[key::LEFT]);
    wall.reads("Could you shorten that?");
    phone.reads("Could you shorten that?");
    assert!(wall.path().contains("size=5"), "{}", wall.path());
    wall.click("End");
    phone.reads("This presentation is over.");
    phone.look("projector-over");
}
