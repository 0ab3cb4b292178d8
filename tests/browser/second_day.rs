//! The second day of a class: another teacher who joined by a link, and a student with nothing but a phone. Each step is
//! a press of a real pointer.

use tests::{
    app::PASSWORD,
    browser::{Browser, Window},
    json,
};

use super::{
    clicks::{card, close_marks},
    live::is_live,
    marks::{Room, place},
};

/// Somebody who has no account yet, and joins the class by the link of an invitation.
fn joins(room: &Room, role: &str, name: &str, window: Window) -> Option<Browser> {
    let code = room.ana.invites(&room.class, role);
    let browser = Browser::start(format!("http://{}", room.app.addr), window)?;
    browser.scheme(false);
    browser.open(&format!("/join/{code}"));
    browser.look(&format!("day-join-{role}"));
    browser.fill("display_name", name);
    browser.fill("email", &format!("{name}@example.org"));
    browser.fill("password", PASSWORD);
    browser.click("Create the account and join");
    browser.arrives(&format!("/classes/{}", room.class));
    Some(browser)
}

#[test]
fn a_second_teacher_joins_reads_answers_and_tends_the_class() {
    let room = Room::open();
    let [above, _, mark] = close_marks(&room);
    let Some(browser) = joins(&room, "instructor", "eva", Window::Desktop) else { return };
    let shown = |id: &str| room.ana.get(&format!("/api/v1/annotations/{id}")).is(200).json();
    browser.look("day-class");
    browser.click("Is it prime?");
    browser.arrives(&room.path);
    is_live(&browser);
    // Marks, answers, settles, hides.
    let (from, to) = place(&browser, "How long it takes");
    browser.drag(from, to);
    browser.see(".marker textarea").type_in("Who can say?");
    browser.see(".marker select option[value=class]").choose();
    browser.see(".marker .primary").click();
    browser.eventually("her mark is there", || room.marks(&room.ben).len() == 4);
    let press = |id: &str, name: &str| browser.button(&card(id), name).click();
    press(&mark, "Reply");
    browser.see(".thread textarea").type_in("Well seen.");
    browser.button("//div[@class='thread']", "Reply").click();
    browser.eventually("it is said", || shown(&mark)["comments"] == 1);
    browser.look("day-replied");
    press(&mark, "Resolve");
    browser.eventually("it is resolved", || shown(&mark)["resolved"] == true);
    // The card of words that are pressed comes beside them.
    browser.press_at(place(&browser, "Every").0, 30);
    press(&above, "Hide");
    browser.eventually("it is hidden", || shown(&above)["hidden"] == true);
    browser.look("day-marks");
    // The class around it.
    browser.click("Logic");
    browser.click("Codebook");
    browser.fill("name", "Doubt");
    browser.click("Add the tag");
    browser.reads("Doubt");
    browser.look("day-codebook");
    browser.click("Members");
    browser.reads("ben@example.org");
    browser.click("Invite");
    browser.look("day-invites");
    let invites = || room.ana.get(&format!("/api/v1/classes/{}/invites", room.class)).is(200).items().len();
    let before = invites();
    browser.click("Make another invitation");
    browser.see("details[open] button.primary").click();
    browser.eventually("there is another code", || invites() == before + 1);
    browser.click("Settings");
    browser.fill("name", "Logic, second day");
    browser.look("day-settings");
    browser.click("Save");
    browser.reads("Saved.");
    let class = room.ana.get(&format!("/api/v1/classes/{}", room.class)).is(200).json();
    assert_eq!(class["name"], "Logic, second day");
    browser.is_clean();
}

#[test]
fn a_student_with_a_phone_joins_pastes_shares_marks_and_takes_back() {
    let room = Room::open();
    let mark = room.marks_words(&room.ana, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let Some(browser) = joins(&room, "student", "dan", Window::Phone) else { return };
    browser.look("day-phone-class");
    // Brings one in by pasting, for nobody else yet.
    browser.open(&format!("/classes/{}/import", room.class));
    browser.see("#text").type_in("User: What is a stone?\n\nAssistant: A piece of rock.");
    browser.see("[data-text]").click();
    browser.reads("2 messages");
    browser.look("day-phone-found");
    browser.see("button.primary").click();
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it. Share…");
    browser.reads("A piece of rock.");
    let own = browser.path().split(['?', '#']).next().unwrap().to_owned();
    let visibility = || {
        let dan = room.app.sign_in("dan@example.org");
        dan.get(&format!("/api/v1{own}")).is(200).json()["visibility"].clone()
    };
    assert_eq!(visibility(), json!("private"));
    // Shares it.
    let says = |choice: &str| {
        browser.see(".panel summary").click();
        browser.see(&format!("input[name=visibility][value={choice}]")).click();
        browser.click("Change who can see it");
    };
    says("class");
    browser.look("day-phone-share");
    browser.click("Share it");
    browser.eventually("it is shared", || visibility() == "class");
    // Marks another one by touch, and answers in the sheet.
    browser.open(&room.path);
    is_live(&browser);
    let (from, to) = place(&browser, "Every composite");
    browser.drag(from, to);
    browser.see(".marker.docked textarea").type_in("Why every?");
    browser.see(".marker select option[value=class]").choose();
    browser.look("day-phone-form");
    browser.see(".marker .primary").click();
    browser.eventually("the mark is there", || room.marks(&room.ben).len() == 2);
    browser.click("Marks 2");
    browser.button(&card(&mark), "Reply").click();
    browser.see(".thread textarea").type_in("I see.");
    browser.look("day-phone-sheet");
    browser.button("//div[@class='thread']", "Reply").click();
    let comments = format!("/api/v1/annotations/{mark}/comments");
    browser.eventually("it is said", || room.ana.get(&comments).is(200).items().len() == 1);
    browser.reads("1 reply");
    browser.click("Close");
    browser.eventually("the sheet is gone", || browser.count(".margin.open") == 0);
    // Takes back what was shared.
    browser.open(&own);
    says("private");
    browser.eventually("it is taken back", || visibility() == "private");
    browser.is_clean();
}
