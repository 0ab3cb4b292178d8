//! Marks on the page of a conversation: made, discussed, changed, taken back.

use tests::{
    Person, TestApp, Value,
    browser::{Browser, Window, key},
    json,
    talk::{long_talk, talk},
};

use super::reader;

/// Ana teaches Logic, where Ben and Cid are students; Ben's conversation is for all of them.
pub(super) struct Room {
    pub(super) app: TestApp,
    pub(super) ana: Person,
    pub(super) ben: Person,
    pub(super) cid: Person,
    pub(super) class: String,
    pub(super) id: String,
    pub(super) path: String,
}

impl Room {
    pub(super) fn open() -> Self {
        Self::at(TestApp::start())
    }

    pub(super) fn at(app: TestApp) -> Self {
        let (ana, ben, cid) = (app.person("ana"), app.person("ben"), app.person("cid"));
        let class = ana.opens_class("Logic");
        ana.admits(&class, &ben, "student");
        ana.admits(&class, &cid, "student");
        let id = talk(&ben, &class, "class");
        Self { path: format!("/conversations/{id}"), app, ana, ben, cid, class, id }
    }

    /// The marks of the conversation that somebody sees.
    pub(super) fn marks(&self, person: &Person) -> Vec<Value> {
        person.get(&format!("/api/v1/conversations/{}/annotations", self.id)).is(200).items()
    }

    /// Marks words of a message, counted from 1.
    pub(super) fn marks_words(&self, person: &Person, number: usize, quote: &str, more: Value) -> String {
        let read = person.get(&format!("/api/v1/conversations/{}/messages?branches=all", self.id)).is(200).items();
        let message = read.iter().find(|message| message["position"] == number - 1).unwrap();
        let parts = message["parts"].as_array().unwrap();
        for (part, one) in parts.iter().filter(|part| part["kind"] != "context").enumerate() {
            let text = one["text"].as_str().unwrap_or_default();
            if let Some((before, _)) = text.split_once(quote) {
                let start = before.chars().count();
                let mut body = json!({ "message_id": message["id"], "part": part, "start": start,
                                       "end": start + quote.chars().count(), "quote": quote });
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                return person.post(&format!("/api/v1/conversations/{}/annotations", self.id), body).is(201).str("id");
            }
        }
        panic!("{quote:?} is not said in message {number}");
    }
}

/// Where words of the page stand in the window: their first and their last character, in the middle of its height.
pub(super) fn place(browser: &Browser, words: &str) -> ((f64, f64), (f64, f64)) {
    let script = format!(
        "const walker = document.createTreeWalker(document.querySelector('.messages'), NodeFilter.SHOW_TEXT);
         while (walker.nextNode()) {{
             const at = walker.currentNode.data.indexOf({words:?});
             if (at < 0 || !walker.currentNode.parentElement.checkVisibility()) continue;
             const range = new Range();
             range.setStart(walker.currentNode, at);
             range.setEnd(walker.currentNode, at + {words:?}.length);
             range.startContainer.parentElement.scrollIntoView({{ block: 'center' }});
             const boxes = [...range.getClientRects()], [first, last] = [boxes[0], boxes.at(-1)];
             return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
         }}"
    );
    let found = browser.ask(&script);
    let number = |at: usize| found[at].as_f64().unwrap_or_else(|| panic!("{words:?} is not on the page"));
    ((number(0), number(1)), (number(2), number(3)))
}

/// The words that a highlight of this name holds.
pub(super) fn painted(browser: &Browser, name: &str) -> Vec<String> {
    let found = browser.ask(&format!("return [...(CSS.highlights.get('{name}') ?? [])].map(String)"));
    found.as_array().unwrap().iter().map(|words| words.as_str().unwrap().to_owned()).collect()
}

#[test]
fn other_words_that_are_selected_while_a_note_is_typed_are_offered_instead() {
    let room = Room::open();
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    browser.reads("Select words to mark them.");
    let choose = |words: &str| {
        let (from, to) = place(&browser, words);
        browser.drag(from, to);
    };
    choose("divisor that is not larger");
    browser.see(".marker textarea").type_in("Half a thought");
    choose("composite");
    browser.reads("Mark “composite” instead");
    assert_eq!(painted(&browser, "mark-draft"), ["divisor that is not larger"]);
    browser.look("marks-others");
    browser.click("Mark “composite” instead");
    browser.eventually("the form is for the other words", || painted(&browser, "mark-draft") == ["composite"]);
    assert_eq!(browser.ask("return document.activeElement.value"), json!("Half a thought"));
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("it is saved", || room.marks(&room.cid).len() == 1);
    let mark = room.marks(&room.cid).remove(0);
    assert_eq!((&mark["anchor"]["quote"], &mark["note"]), (&json!("composite"), &json!("Half a thought")));
    browser.is_clean();
}

#[test]
fn words_are_marked_with_the_mouse_changed_and_deleted_with_undo() {
    let room = Room::open();
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    browser.reads("Select words to mark them.");
    browser.look("marks-none");
    let (from, to) = place(&browser, "divisor that is not larger");
    browser.drag(from, to);
    browser.see(".marker textarea").type_in("Is that so?");
    browser.look("marks-form");
    browser.press(&[key::CONTROL, key::ENTER]);
    browser.eventually("the mark is saved", || room.marks(&room.cid).len() == 1);
    let mark = room.marks(&room.cid).remove(0);
    assert_eq!(mark["anchor"]["quote"], "divisor that is not larger");
    assert_eq!((&mark["note"], &mark["audience"]), (&json!("Is that so?"), &json!("class")));
    assert_eq!(room.marks(&room.ben).len(), 1, "as far as the class has it");
    browser.eventually("it is confirmed", || browser.count(".mark:not(.saving)") == 1);
    browser.reads("“divisor that is not larger”");
    assert_eq!(painted(&browser, "mark-plain"), ["divisor that is not larger"]);
    browser.look("marks-one");
    // Changed, and for nobody else.
    browser.click("Edit");
    browser.see(".mark textarea").clear();
    browser.see(".mark textarea").type_in("It is.");
    browser.see(".mark select").type_in("Only me");
    browser.click("Save for me");
    browser.eventually("the change is saved", || room.marks(&room.ben).is_empty());
    browser.reads("It is.");
    // Deleted at once, and back within ten seconds.
    browser.click("Delete");
    browser.reads("Deleted.");
    browser.eventually("it is gone", || room.marks(&room.cid).is_empty());
    browser.click("Undo");
    browser.eventually("it is back", || room.marks(&room.cid).len() == 1);
    browser.eventually("its card too", || browser.count(".mark:not(.deleted)") == 1);
    // Escape leaves nothing behind.
    let (from, to) = place(&browser, "How long it takes");
    browser.drag(from, to);
    browser.see(".marker");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the form is gone", || browser.count(".marker") == 0);
    assert_eq!(browser.ask("return String(getSelection())"), json!(""));
    assert!(painted(&browser, "mark-draft").is_empty());
    browser.is_clean();
}

#[test]
fn the_keyboard_alone_chooses_marks_and_finds_them_again() {
    let room = Room::open();
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    browser.reads("Select words to mark them.");
    browser.press(&["j", "v"]);
    assert_eq!(painted(&browser, "mark-draft"), ["How do I find out whether a number is prime?"]);
    browser.press(&[key::RIGHT]);
    assert_eq!(painted(&browser, "mark-draft"), ["Please in **Python**, and say how long it takes."]);
    browser.press(&[key::SHIFT, key::LEFT]);
    assert_eq!(painted(&browser, "mark-draft"), ["Please in **Python**, and say how long it"]);
    browser.eventually("it is read out", || {
        browser.ask("return document.querySelector('[role=status].hint-word').textContent")
            == json!("Please in **Python**, and say how long it")
    });
    browser.press(&["m"]);
    browser.see(".marker:focus");
    browser.press(&[key::ENTER]);
    browser.eventually("the mark is saved", || room.marks(&room.cid).len() == 1);
    assert_eq!(room.marks(&room.cid)[0]["anchor"]["quote"], "Please in **Python**, and say how long it");
    // A message as a whole.
    browser.press(&["j", "j", "m"]);
    browser.see(".marker:focus");
    browser.press(&[key::TAB, "s", "o", key::CONTROL, key::ENTER]);
    browser.eventually("the message is marked", || room.marks(&room.cid).len() == 2);
    assert_eq!(room.marks(&room.cid)[1]["target"], "message");
    // From mark to mark.
    browser.eventually("both are confirmed", || browser.count(".mark:not(.saving)") >= 1);
    browser.ask("document.activeElement.blur(); scrollTo(0, 0)");
    browser.press(&["n"]);
    browser.eventually("the first has the focus", || {
        browser.ask("return document.activeElement.dataset.mark ?? ''") == room.marks(&room.cid)[0]["id"]
    });
    browser.press(&["n"]);
    browser.eventually("the second has the focus", || {
        browser.ask("return document.activeElement.dataset.mark ?? ''") == room.marks(&room.cid)[1]["id"]
    });
    browser.press(&["N"]);
    browser.eventually("the first again", || {
        browser.ask("return document.activeElement.dataset.mark ?? ''") == room.marks(&room.cid)[0]["id"]
    });
    browser.is_clean();
}

#[test]
fn what_was_typed_survives_a_reload_and_what_was_not_saved_is_sent_again() {
    let room = Room::open();
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    browser.reads("Select words to mark them.");
    let (from, to) = place(&browser, "divisor that is not larger");
    browser.drag(from, to);
    browser.see(".marker textarea").type_in("Half a thought");
    browser.open(&room.path);
    browser.see(".marker");
    assert_eq!(browser.ask("return document.querySelector('.marker textarea').value"), json!("Half a thought"));
    assert_eq!(painted(&browser, "mark-draft"), ["divisor that is not larger"]);
    // The network is away.
    let offline = |is: bool| {
        let conditions = json!({ "offline": is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        browser.command("Network.emulateNetworkConditions", &conditions);
    };
    offline(true);
    browser.see(".marker .primary").click();
    browser.reads("Not saved.");
    browser.click("Retry");
    browser.reads("Not saved.");
    assert!(room.marks(&room.cid).is_empty());
    offline(false);
    browser.eventually("the mark is saved", || room.marks(&room.cid).len() == 1);
    assert_eq!(room.marks(&room.cid)[0]["note"], "Half a thought");
    browser.eventually("it is confirmed", || browser.count(".mark:not(.saving):not(.failed)") == 1);
}

#[test]
fn a_change_that_met_another_shows_both_texts() {
    let room = Room::open();
    let mark = room.marks_words(&room.cid, 2, "divisor", json!({ "note": "First", "audience": "class" }));
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    browser.eventually("the mark is painted", || painted(&browser, "mark-plain") == ["divisor"]);
    browser.press(&["n"]);
    browser.click("Edit");
    browser.see(".mark textarea").type_in(" of mine");
    room.cid.patch(&format!("/api/v1/annotations/{mark}"), json!({ "note": "From elsewhere" })).is(200);
    browser.see(".mark .primary").click();
    browser.reads("This mark changed elsewhere");
    browser.reads("From elsewhere");
    browser.reads("First of mine");
    browser.look("marks-both");
    browser.click("Go on with mine");
    browser.see(".mark .primary").click();
    browser.eventually("mine is saved", || room.marks(&room.cid)[0]["note"] == "First of mine");
}

#[test]
fn hidden_layers_and_other_versions_say_that_they_carry_marks() {
    let room = Room::open();
    let all = json!({ "audience": "class" });
    room.marks_words(&room.cid, 2, "Trial division", all.clone());
    room.marks_words(&room.cid, 4, "Miller-Rabin", all.clone());
    room.marks_words(&room.cid, 4, "test", all);
    let Some(browser) = reader(&room.app, "ana", Window::Desktop, &room.path, true) else { return };
    browser.reads("another version has 2 marks");
    browser.eventually("the layer has a dot", || browser.count("#m2 summary .marks-dot") == 1);
    // Going to the mark opens the layer.
    browser.press(&["n"]);
    browser.eventually("the layer is open", || browser.count("#m2 details.layers[open]") == 1);
    browser.look("marks-layer");
    // What is said of another version leads there.
    browser.click("another version has 2 marks");
    browser.arrives(&format!("{}?at=4#m4", room.path));
    browser.eventually("they are there", || painted(&browser, "mark-plain").len() == 3);
}

#[test]
fn a_phone_shows_marks_in_a_sheet_and_docks_the_form() {
    let room = Room::open();
    room.marks_words(&room.ana, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let Some(browser) = reader(&room.app, "cid", Window::Phone, &room.path, true) else { return };
    browser.reads("Marks 1");
    assert!(!browser.text().contains("Look here"));
    browser.click("Marks 1");
    browser.reads("Look here");
    browser.look("marks-sheet");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the sheet is gone", || browser.count(".margin.open") == 0);
    // The words themselves open it too.
    let (from, _) = place(&browser, "divisor that");
    browser.drag(from, from);
    browser.reads("Look here");
    browser.press(&[key::ESCAPE]);
    let (from, to) = place(&browser, "Every composite");
    browser.drag(from, to);
    browser.see(".marker.docked");
    browser.look("marks-docked");
}

#[test]
fn many_marks_are_all_shown_and_fold_where_they_crowd() {
    let room = Room::open();
    for _ in 0..40 {
        room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    }
    for _ in 0..10 {
        room.marks_words(&room.ana, 2, "composite", json!({ "audience": "class" }));
    }
    let Some(browser) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    // Nothing is left out unless somebody says so.
    browser.reads("50 marks");
    browser.ask("document.querySelector('#m2 blockquote').scrollIntoView({ block: 'center' })");
    browser.reads("50 marks · 0 tags");
    browser.look("marks-crowd");
    browser.click("50 marks · 0 tags");
    browser.eventually("they are unfolded", || browser.count(".margin .mark") == 50);
    browser.click("Filter");
    browser.see(".margin select[aria-label=Person]").type_in("Mine and teachers'");
    browser.reads("10 of 50 marks");
    // What is left out is said, on paper too, and one press brings it back.
    browser.ask("dispatchEvent(new Event('beforeprint'))");
    let paper = browser.ask("return document.querySelector('.print-marks').textContent");
    assert_eq!(paper, json!("Not on this paper: 40 marks that the filter leaves out."));
    browser.ask("dispatchEvent(new Event('afterprint'))");
    browser.click("Show all 50 marks");
    browser.eventually("all are counted", || browser.see(".margin-title").text().as_deref() == Some("50 marks"));
}

#[test]
fn sixty_marks_of_a_long_conversation_are_all_shown() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let id = long_talk(&ana, &class, 100, 2_000);
    let read = ana.reads(&id);
    for (at, message) in read.iter().enumerate().take(60) {
        let message = &message["id"];
        let part = usize::from(at % 2 == 1);
        let body = json!({ "message_id": message, "part": part, "start": 3, "end": 20 + at });
        ana.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201);
    }
    let path = format!("/conversations/{id}");
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    browser.reads("60 marks");
    browser.is_clean();
}
