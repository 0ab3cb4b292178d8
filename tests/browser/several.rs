//! Several conversations at once, and for whom marks are.

use tests::{
    browser::{Window, key},
    json,
};

use super::{
    marks::{Room, place},
    reader,
};

#[test]
fn several_are_ticked_and_shared_while_the_list_goes_on_changing() {
    for window in [Window::Desktop, Window::Phone] {
        let room = Room::open();
        let ids = ["Alpha", "Beta"].map(|title| room.ben.writes(&room.class, title, "private"));
        let class = format!("/classes/{}", room.class);
        let Some(ben) = reader(&room.app, "ben", window, &class, true) else { return };
        ben.reads("Alpha");
        ben.eventually("nothing is offered before something is ticked", || ben.count(".bar:not([hidden])") == 0);
        for id in &ids {
            ben.see(&format!("#pick-{id}")).click();
        }
        ben.reads("2 conversations chosen");
        ben.eventually("the page follows", || {
            ben.ask("return Boolean(document.querySelector('.live-note'))") == json!(true)
        });
        room.cid.writes(&room.class, "Gamma", "class");
        ben.reads("Gamma");
        assert_eq!(ben.count("input[name=conversation]:checked"), 2);
        ben.reads("2 conversations chosen");
        ben.look("several-chosen");
        ben.click("Share…");
        ben.reads("Share 2 conversations?");
        ben.look("several-share");
        ben.click("Whole class (3 people)");
        ben.see("main button.primary").click();
        ben.reads("2 conversations shared.");
        let seen = room.cid.get(&format!("/api/v1{class}/conversations")).is(200).items();
        assert_eq!(seen.len(), 4);
        ben.see(&format!("#pick-{}", ids[0])).click();
        ben.click("Take back…");
        ben.reads("Take back 1 conversation?");
        ben.look("several-back");
        ben.see("main button.primary").click();
        ben.reads("1 conversation taken back.");
        ben.see(&format!("#pick-{}", ids[0])).click();
        ben.click("Delete…");
        ben.reads("Delete 1 conversation?");
        ben.look("several-delete");
        ben.click("Delete for good");
        ben.reads("1 conversation deleted.");
        ben.is_clean();
    }
}

#[test]
fn a_mark_for_oneself_says_so_and_is_shown_by_one_press() {
    for window in [Window::Desktop, Window::Phone] {
        let room = Room::open();
        room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
        let Some(cid) = reader(&room.app, "cid", window, &room.path, true) else { return };
        cid.eventually("the marks are there", || cid.count(".mark-message") > 0);
        let choose = |words: &str| {
            let (from, to) = place(&cid, words);
            cid.drag(from, to);
        };
        choose("divisor that is not larger");
        cid.see(".marker textarea").type_in("Mine alone");
        // As the class has it, under the name that stands there.
        cid.reads("Whole class (3 people)");
        cid.reads("; teachers see your name.");
        cid.look("marks-named");
        cid.see(".marker select").type_in("Only me");
        cid.see(".marker button.primary").click();
        cid.reads("Saved for you alone.");
        assert!(room.marks(&room.ben).is_empty());
        cid.look("marks-alone");
        cid.click("Show it to the class");
        cid.reads("The class sees it now.");
        cid.eventually("it is for the class", || room.marks(&room.ben).len() == 1);
        cid.click("Close");
        // The next one begins as far as the last one was meant, in this class and for this person.
        choose("composite");
        cid.see(".marker select");
        assert_eq!(cid.ask("return document.querySelector('.marker select').value"), json!("private"));
        cid.press(&[key::ESCAPE]);
    }
}
