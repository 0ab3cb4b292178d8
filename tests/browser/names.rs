//! Names in replies and notes: the list of people, and the warning of a real name.

use tests::{
    Value,
    browser::{Window, key},
    json,
};

use super::{
    live::{goes_to_the_mark, is_live},
    marks::{Room, place},
    reader,
};

#[test]
fn staff_name_a_student_and_classmates_read_the_made_up_name() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    room.marks_words(&room.cid, 2, "larger", json!({ "note": "Close by", "audience": "class" }));
    let path = format!("/api/v1/annotations/{mark}");
    let made_up = room.cid.get(&path).is(200).json()["author"]["name"].as_str().unwrap().to_owned();
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &room.path, true) else { return };
    is_live(&ana);
    goes_to_the_mark(&ana);
    ana.click("Reply");
    ana.see(".thread textarea").type_in("@be");
    ana.eventually("one is offered", || ana.count(".people li") == 1);
    // The field says which one is chosen, the button that the list is open; what is below made room.
    let chosen = "const field = document.querySelector('.thread textarea');
        return document.getElementById(field.getAttribute('aria-activedescendant')).textContent";
    assert_eq!(ana.ask(chosen), json!("ben"));
    let list = "return document.querySelector('.thread textarea').getAttribute('aria-controls')
        === document.querySelector('.people').id";
    assert_eq!(ana.ask(list), json!(true));
    assert_eq!(ana.count(".writer [aria-expanded=true]"), 1);
    let free = "const box = document.querySelector('.thread .primary').getBoundingClientRect();
        const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return Boolean(there?.closest('.thread .primary'))";
    ana.eventually("Reply can be pressed", || ana.ask(free) == json!(true));
    ana.look("people");
    // Pictures of what is printed take the focus away, and with it the list: it is there again with the next letter.
    ana.see(".thread textarea").type_in("n");
    ana.eventually("one is still offered", || ana.count(".people li") == 1);
    ana.press(&[key::ENTER]);
    ana.eventually("the list is shut", || ana.count(".people li") == 0);
    assert_eq!(ana.count(".writer [aria-expanded=true]"), 0);
    ana.see(".thread textarea").type_in("why?");
    assert_eq!(ana.ask("return document.querySelector('.thread .slip').hidden"), json!(true), "a reference is no slip");
    ana.see(".thread .primary").click();
    ana.reads("why?");
    let said = |who: &tests::Person| -> Vec<Value> {
        let items = who.get(&format!("{path}/comments")).is(200).items();
        items.into_iter().map(|one| one["body"].clone()).collect()
    };
    ana.eventually("it is sent", || said(&room.ana).len() == 1);
    assert_eq!(said(&room.cid), [json!(format!("@{made_up} why?"))]);
    assert_eq!(said(&room.ana), [json!("@ben why?")]);
    ana.is_clean();
}

#[test]
fn staff_are_warned_of_a_real_name_in_replies_and_notes_and_students_are_not() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let author = room.cid.get(&format!("/api/v1/annotations/{mark}")).is(200).json()["author"].clone();
    let made_up = author["name"].as_str().unwrap().to_owned();
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &room.path, true) else { return };
    is_live(&ana);
    goes_to_the_mark(&ana);
    ana.click("Reply");
    ana.see(".thread textarea").type_in("I think Ben is right");
    let warning = format!("Students would read a real name. Use {made_up}?");
    ana.reads(&warning);
    ana.look("slip");
    ana.click("Use it");
    ana.eventually("it is gone", || !ana.text().contains(&warning));
    let typed = ana.ask("return document.querySelector('.thread textarea').value");
    assert_eq!(typed, json!(format!("I think {made_up} is right")));
    // In a note, which is for the class unless its author says otherwise; what is for oneself is read by nobody.
    ana.press(&[key::ESCAPE]);
    let (from, to) = place(&ana, "composite");
    ana.drag(from, to);
    ana.see(".marker textarea").type_in("As ben said");
    ana.reads(&warning);
    ana.see(".marker select option[value=private]").choose();
    ana.eventually("nobody else reads it", || !ana.text().contains(&warning));
    ana.see(".marker select option[value=class]").choose();
    ana.reads(&warning);
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    goes_to_the_mark(&cid);
    cid.click("Reply");
    cid.see(".thread textarea").type_in("I think ben is right");
    cid.see(".thread .primary").click();
    cid.reads("I think ben is right");
    assert_eq!(cid.count(".slip:not([hidden])"), 0);
}
