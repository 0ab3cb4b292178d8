//! Two people look at one conversation, each in a browser of their own: what one does shows in the other's.

use tests::{
    Value,
    browser::{Browser, Window, key},
    json,
};

use super::{
    marks::{Room, painted, place},
    reader,
};

/// Waits until the page follows what happens.
pub(super) fn is_live(browser: &Browser) {
    browser.eventually("the page is live", || browser.count("html[data-live=on]") == 1);
    browser.eventually("it knows what is there", || browser.count(".margin-title") == browser.count(".reading"));
}

/// Goes to the first mark.
pub(super) fn goes_to_the_mark(browser: &Browser) {
    browser.press(&["n"]);
    browser.see(".mark:focus");
}

/// Marks words for the class, with the mouse.
fn marks(browser: &Browser, words: &str, note: &str) {
    let (from, to) = place(browser, words);
    browser.drag(from, to);
    browser.see(".marker select").type_in("Whole class");
    browser.see(".marker textarea").type_in(note);
    browser.press(&[key::CONTROL, key::ENTER]);
}

fn two(room: &Room) -> Option<(Browser, Browser)> {
    let open = |name| reader(&room.app, name, Window::Desktop, &room.path, true);
    let (ben, cid) = (open("ben")?, open("cid")?);
    is_live(&ben);
    is_live(&cid);
    Some((ben, cid))
}

#[test]
fn marks_and_replies_that_others_make_change_hide_and_delete_show_at_once() {
    let room = Room::open();
    let Some((ben, cid)) = two(&room) else { return };
    marks(&cid, "divisor that is not larger", "Is that so?");
    // Painted at once, which moves nothing; its card waits to be asked for.
    ben.reads("1 new mark");
    assert_eq!(painted(&ben, "mark-plain"), ["divisor that is not larger"]);
    assert!(!ben.text().contains("Is that so?"));
    ben.look("live-new");
    ben.click("1 new mark");
    ben.reads("Is that so?");
    let mark = room.marks(&room.cid).remove(0)["id"].as_str().unwrap().to_owned();
    // A reply is counted in both, and stands in a thread that is open.
    ben.click("Reply");
    ben.see(".thread textarea").type_in("It is.");
    ben.see(".thread .primary").click();
    ben.reads("1 reply");
    cid.click("1 reply");
    cid.reads("It is.");
    // What is changed.
    let path = format!("/api/v1/annotations/{mark}");
    room.cid.patch(&path, json!({ "note": "It is so.", "resolved": true })).is(200);
    ben.reads("It is so.");
    ben.reads("resolved");
    let reply = room.ben.get(&format!("{path}/comments")).is(200).items().remove(0)["id"].as_str().unwrap().to_owned();
    room.ben.patch(&format!("/api/v1/comments/{reply}"), json!({ "body": "It certainly is." })).is(200);
    cid.reads("It certainly is.");
    // What staff hide is away for peers and said to its author.
    room.ana.patch(&path, json!({ "hidden": true })).is(200);
    ben.eventually("it is away", || ben.count(".mark") == 0 && painted(&ben, "mark-plain").is_empty());
    cid.reads("hidden by staff");
    room.ana.patch(&path, json!({ "hidden": false })).is(200);
    ben.click("1 new mark");
    ben.reads("It is so.");
    // A reply that goes, and the mark.
    room.ben.delete(&format!("/api/v1/comments/{reply}")).is(204);
    cid.eventually("the reply is gone", || !cid.text().contains("It certainly is."));
    ben.eventually("it is not counted any more", || !ben.text().contains("1 reply"));
    cid.eventually("cid knows, too", || !cid.text().contains("hidden by staff"));
    cid.click("Delete");
    ben.eventually("the mark is gone", || ben.count(".mark") == 0 && painted(&ben, "mark-plain").is_empty());
    cid.click("Undo");
    ben.reads("1 new mark");
    ben.is_clean();
    cid.is_clean();
}

#[test]
fn whoever_types_is_not_disturbed_and_loses_no_word() {
    let room = Room::open();
    let tags = format!("/api/v1/classes/{}/tags", room.class);
    let tag = room.ana.post(&tags, json!({ "name": "Doubt" })).is(201).str("id");
    let more = json!({ "note": "Look here", "audience": "class", "tags": [tag] });
    let mark = room.marks_words(&room.ben, 2, "divisor", more);
    let path = format!("/api/v1/annotations/{mark}");
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    goes_to_the_mark(&cid);
    cid.click("Reply");
    cid.see(".thread textarea").type_in("Half a thou");
    let field = |what: &str| cid.ask(&format!("const field = document.activeElement; return {what}"));
    let top = field("field.getBoundingClientRect().top");
    room.ben.post(&format!("{path}/comments"), json!({ "body": "Somebody was faster" })).is(201);
    cid.reads("1 new reply");
    room.ben.patch(&path, json!({ "note": "Look here, please" })).is(200);
    cid.reads("Look here, please");
    assert_eq!(field("field.value"), json!("Half a thou"));
    assert!(!cid.text().contains("Somebody was faster"));
    let moved = field("field.getBoundingClientRect().top").as_f64().unwrap() - top.as_f64().unwrap();
    assert!(moved.abs() < 60.0, "what is typed moved by {moved} px");
    cid.press(&["g", "h", "t"]);
    assert_eq!(field("field.value"), json!("Half a thought"));
    cid.click("1 new reply");
    cid.reads("Somebody was faster");
    assert_eq!(cid.ask("return document.querySelector('.thread > form textarea').value"), json!("Half a thought"));
    // The mark goes; what was written stays to be read, whatever else is heard of it.
    room.ben.delete(&path).is(204);
    cid.reads("This mark was deleted");
    cid.reads("Half a thought");
    cid.look("live-gone");
    room.ana.delete(&format!("/api/v1/tags/{tag}?confirm=Doubt")).is(204);
    cid.eventually("it knows that the tag is gone", || cid.count("select[aria-label=Tag] option") == 1);
    cid.reads("Half a thought");
    // Back again, it waits until that is closed.
    room.ben.post(&format!("{path}/restore"), json!({})).is(200);
    cid.reads("This mark was away for a while");
    cid.reads("Half a thought");
    cid.click("Close");
    cid.reads("Look here, please");
    cid.eventually("it is gone", || !cid.text().contains("Half a thought"));
    room.ben.delete(&path).is(204);
    cid.eventually("it is gone", || cid.count(".mark") == 0);
}

#[test]
fn behind_made_up_names_teachers_are_named_and_whoever_wrote_something_here() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let path = format!("/api/v1/annotations/{mark}");
    let author = room.cid.get(&path).is(200).json()["author"].clone();
    let name = author["name"].as_str().unwrap();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    goes_to_the_mark(&cid);
    cid.click("Reply");
    cid.see(".thread textarea").type_in("@");
    cid.eventually("both are offered", || cid.count(".people li") == 2);
    let offered = cid.see(".people").text().unwrap();
    assert!(offered.contains(name) && offered.contains("ana") && !offered.contains("ben"), "{offered}");
    cid.see(".thread textarea").type_in(&name.split(' ').next().unwrap().to_lowercase());
    cid.eventually("one is offered", || cid.count(".people li") == 1);
    cid.press(&[key::ENTER]);
    cid.see(".thread textarea").type_in("why?");
    cid.see(".thread .primary").click();
    cid.reads("why?");
    let said = room.cid.get(&format!("{path}/comments")).is(200).items().remove(0);
    assert_eq!(said["mentions"][0]["id"], author["id"]);
    cid.is_clean();
}

#[test]
fn a_comment_that_met_another_change_shows_both_texts() {
    let room = Room::open();
    let mark = room.marks_words(&room.cid, 2, "divisor", json!({ "audience": "class" }));
    let comments = format!("/api/v1/annotations/{mark}/comments");
    let comment = room.cid.post(&comments, json!({ "body": "First" })).is(201).str("id");
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    goes_to_the_mark(&cid);
    cid.click("1 reply");
    cid.reads("First");
    cid.see(".comment-tools button:nth-of-type(2)").click();
    cid.see(".comments textarea").type_in(" of mine");
    room.cid.patch(&format!("/api/v1/comments/{comment}"), json!({ "body": "From elsewhere" })).is(200);
    cid.see(".comments .primary").click();
    cid.reads("It changed elsewhere");
    cid.reads("From elsewhere");
    cid.look("live-both");
    cid.see(".comments .primary").click();
    let words = |items: Vec<Value>| items[0]["body"].clone();
    cid.eventually("mine is saved", || words(room.cid.get(&comments).is(200).items()) == json!("First of mine"));
    cid.reads("First of mine");
}

#[test]
fn who_was_logged_out_logs_in_in_place_and_goes_on() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    let (from, to) = place(&cid, "divisor that is not larger");
    cid.drag(from, to);
    cid.see(".marker textarea").type_in("A thought");
    for session in room.cid.get("/api/v1/sessions").is(200).items() {
        if session["current"] == false {
            room.cid.delete(&format!("/api/v1/sessions/{}", session["id"].as_str().unwrap())).is(204);
        }
    }
    cid.see(".marker .primary").click();
    cid.reads("Log in to go on");
    cid.look("live-login");
    cid.see("#again-password").type_in("wrong horse");
    cid.press(&[key::ENTER]);
    cid.reads("The password is wrong.");
    cid.see("#again-password").clear();
    cid.see("#again-password").type_in(tests::app::PASSWORD);
    cid.press(&[key::ENTER]);
    cid.eventually("the mark is saved", || room.marks(&room.cid).len() == 1);
    assert_eq!(room.marks(&room.cid)[0]["note"], "A thought");
    cid.eventually("the dialog is gone", || cid.count("dialog[open]") == 0);
    // And the page is live again.
    room.marks_words(&room.ben, 4, "Miller-Rabin", json!({ "audience": "class" }));
    room.marks_words(&room.ben, 2, "composite", json!({ "audience": "class" }));
    cid.reads("1 new mark");
}
