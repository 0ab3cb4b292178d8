//! What is typed is not lost: drafts, one meaning of Enter, and marks that are sent when the server is back.

use tests::{
    browser::{Browser, Window, key},
    json,
};

use super::{
    live::{goes_to_the_mark, is_live},
    marks::{Room, painted, place},
    reader,
};

fn cid(room: &Room) -> Option<Browser> {
    let browser = reader(&room.app, "cid", Window::Desktop, &room.path, true)?;
    is_live(&browser);
    Some(browser)
}

fn choose(browser: &Browser, words: &str) {
    let (from, to) = place(browser, words);
    browser.drag(from, to);
    browser.see(".marker");
}

fn note(browser: &Browser) -> tests::Value {
    browser.ask("return document.querySelector('.marker textarea').value")
}

#[test]
fn a_note_that_is_left_is_the_draft_of_its_words() {
    let room = Room::open();
    let Some(browser) = cid(&room) else { return };
    choose(&browser, "divisor that is not larger");
    browser.see(".marker textarea").type_in("Half a thought");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the form is gone", || browser.count(".marker") == 0);
    assert!(painted(&browser, "mark-draft").is_empty());
    browser.look("drafts-kept");
    // Other words have none; the same words have it again.
    choose(&browser, "composite");
    assert_eq!(note(&browser), json!(""));
    browser.click("Cancel");
    choose(&browser, "divisor that is not larger");
    assert_eq!(note(&browser), json!("Half a thought"));
    browser.see(".marker textarea").type_in(", and more");
    browser.click("Cancel");
    browser.eventually("the form is gone", || browser.count(".marker") == 0);
    // Also after a reload, from the margin.
    browser.open(&room.path);
    is_live(&browser);
    browser.click("1 draft");
    assert_eq!(note(&browser), json!("Half a thought, and more"));
    assert_eq!(painted(&browser, "mark-draft"), ["divisor that is not larger"]);
    // Another form takes its place, and loses nothing either.
    browser.see("#m2").click();
    browser.press(&["m"]);
    browser.reads("1 draft");
    browser.press(&[key::ESCAPE]);
    browser.click("1 draft");
    browser.see(".marker .primary").click();
    browser.eventually("it is saved", || room.marks(&room.cid).len() == 1);
    assert_eq!(room.marks(&room.cid)[0]["note"], "Half a thought, and more");
    browser.eventually("there is no draft any more", || !browser.text().contains("1 draft"));
    browser.is_clean();
}

#[test]
fn enter_is_a_new_line_everywhere_and_ctrl_enter_saves() {
    let room = Room::open();
    let tags = format!("/api/v1/classes/{}/tags", room.class);
    let tag = room.ana.post(&tags, json!({ "name": "Doubt" })).is(201).str("id");
    let Some(browser) = cid(&room) else { return };
    // In the note of a mark, after a tag was clicked.
    choose(&browser, "divisor that is not larger");
    browser.see(".tag-button").click();
    browser.see(".marker textarea").type_in("One");
    browser.press(&[key::ENTER, "t", "w", "o"]);
    assert_eq!(note(&browser), json!("One\ntwo"));
    browser.reads("saves");
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("it is saved", || room.marks(&room.cid).len() == 1);
    let mark = room.marks(&room.cid).remove(0);
    assert_eq!((&mark["note"], &mark["tags"]), (&json!("One\ntwo"), &json!([tag])));
    // A tag that was clicked stays, whatever Enter does.
    choose(&browser, "composite");
    browser.see(".tag-button").click();
    browser.press(&[key::ENTER]);
    browser.eventually("it is saved", || room.marks(&room.cid).len() == 2);
    assert!(room.marks(&room.cid).iter().all(|mark| mark["tags"] == json!([tag])));
    // When a mark is changed.
    browser.eventually("both are confirmed", || browser.count(".mark:not(.saving)") == 2);
    let card = format!("//article[@data-mark='{}']", mark["id"].as_str().unwrap());
    browser.button(&card, "Edit").click();
    browser.see(".mark-edit textarea");
    browser.press(&[key::ENTER, "!"]);
    assert_eq!(browser.ask("return document.querySelector('.mark-edit textarea').value"), json!("One\ntwo\n!"));
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("the change is saved", || room.marks(&room.cid).iter().any(|one| one["note"] == "One\ntwo\n!"));
    // In a reply, and on a page of its own.
    let comments = format!("/api/v1/annotations/{}/comments", mark["id"].as_str().unwrap());
    let said = || room.cid.get(&comments).is(200).items();
    browser.button(&card, "Reply").click();
    browser.see(".thread textarea").type_in("Why");
    browser.press(&[key::ENTER, "?"]);
    assert!(said().is_empty());
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("it is said", || said().len() == 1);
    assert_eq!(said()[0]["body"], "Why\n?");
    browser.open(&format!("/annotations/{}", mark["id"].as_str().unwrap()));
    browser.see("textarea[name=body]").type_in("So");
    browser.press(&[key::ENTER, "!"]);
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("it is said", || said().len() == 2);
    assert_eq!(said()[1]["body"], "So\r\n!");
    // The list of keys says so.
    browser.open(&room.path);
    browser.click("Keys");
    browser.reads("save or send what you write");
    browser.reads("set or take away a tag");
    browser.is_clean();
}

#[test]
fn what_was_begun_below_a_mark_is_marked_after_a_reload_and_found_again() {
    let room = Room::open();
    let mark = room.marks_words(&room.cid, 2, "divisor", json!({ "note": "First", "audience": "class" }));
    let comments = format!("/api/v1/annotations/{mark}/comments");
    room.ben.post(&comments, json!({ "body": "Is it?" })).is(201);
    let Some(browser) = cid(&room) else { return };
    goes_to_the_mark(&browser);
    // An answer that was cancelled, and a reply that was being typed.
    browser.click("1 reply");
    browser.see(".comment-tools button").click();
    browser.see(".comments textarea").type_in("To Ben");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the form is gone", || browser.count(".comments textarea") == 0);
    browser.see(".thread > form textarea").type_in("To all");
    browser.open(&room.path);
    is_live(&browser);
    browser.see("button.draft");
    browser.look("drafts-chip");
    browser.click("Draft");
    browser.eventually("both are there", || {
        browser.ask("return [...document.querySelectorAll('.thread textarea')].map((text) => text.value)")
            == json!(["To Ben", "To all"])
    });
    browser.see(".comments .primary").click();
    browser.eventually("it is sent", || room.cid.get(&comments).is(200).items().len() == 2);
    browser.see(".thread > form .primary").click();
    browser.eventually("it is sent", || room.cid.get(&comments).is(200).items().len() == 3);
    // A change of the mark.
    browser.button("//p[@class='mark-tools']", "Edit").click();
    browser.see(".mark-edit textarea").type_in(" of all");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the form is gone", || browser.count(".mark-edit") == 0);
    browser.open(&room.path);
    is_live(&browser);
    browser.click("Draft");
    assert_eq!(browser.ask("return document.querySelector('.mark-edit textarea').value"), json!("First of all"));
    browser.see(".mark-edit .primary").click();
    browser.eventually("it is saved", || room.marks(&room.cid)[0]["note"] == "First of all");
    browser.eventually("nothing is begun", || browser.count("button.draft:not([hidden])") == 0);
    browser.is_clean();
}

#[test]
fn a_mark_that_was_not_saved_is_sent_when_the_server_is_back() {
    let room = Room::open();
    let Some(browser) = cid(&room) else { return };
    let offline = |is: bool| {
        let conditions = json!({ "offline": is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        browser.command("Network.emulateNetworkConditions", &conditions);
    };
    choose(&browser, "divisor that is not larger");
    browser.see(".marker textarea").type_in("A thought");
    offline(true);
    browser.see(".marker .primary").click();
    browser.reads("Not saved.");
    offline(false);
    browser.reads("Saved.");
    assert_eq!(room.marks(&room.cid).len(), 1);
    assert_eq!(room.marks(&room.cid)[0]["note"], "A thought");
    browser.eventually("its card is confirmed", || browser.count(".mark:not(.saving):not(.failed)") == 1);
}

#[test]
fn a_flag_asks_why_and_the_queue_says_who_why_and_where() {
    let room = Room::open();
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let comments = format!("/api/v1/annotations/{mark}/comments");
    room.ben.post(&comments, json!({ "body": "Is it?" })).is(201);
    let Some(browser) = cid(&room) else { return };
    goes_to_the_mark(&browser);
    browser.click("Flag");
    browser.reads("Why should the teachers look at it?");
    browser.look("flag-form");
    browser.see(".flagging input").type_in("Unkind");
    browser.press(&[key::ENTER]);
    browser.reads("Take flag back");
    browser.click("1 reply");
    browser.button("//div[@class='thread']", "Flag").click();
    browser.see(".flagging input").type_in("Off the topic");
    browser.click("Flag it");
    browser.eventually("both are flagged", || browser.text().matches("Take flag back").count() == 2);
    browser.is_clean();
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &format!("/classes/{}/flags", room.class), true) else {
        return;
    };
    ana.reads("Flagged by cid: Unkind");
    ana.reads("Flagged by cid: Off the topic");
    ana.look("flags");
    ana.click("Is it prime?");
    ana.arrives(&room.path);
    ana.is_clean();
}
