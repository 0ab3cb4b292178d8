//! One press is one act: with a real pointer that is down for a while, whatever changes meanwhile.

use tests::{
    Value,
    browser::{Browser, Window},
    json,
};

use super::{live::is_live, marks::Room, reader};

/// As long as people press.
const PRESS: u64 = 80;

/// Three marks on one line, the second one of the reader's own; their ids from top to bottom.
pub(super) fn close_marks(room: &Room) -> [String; 3] {
    let note = "A note that is long enough for its card to stand in the way of the one below it, and of the next one.";
    let more = json!({ "note": note, "audience": "class" });
    [(&room.ben, "Every composite"), (&room.ana, "composite"), (&room.ben, "divisor that is not larger")]
        .map(|(person, words)| room.marks_words(person, 2, words, more.clone()))
}

/// Ana's browser with three cards that stand close, at their words or in the sheet.
fn ana(room: &Room, window: Window, moves: bool) -> Option<Browser> {
    let browser = reader(&room.app, "ana", window, &room.path, true)?;
    if moves {
        let features = json!([{ "name": "prefers-reduced-motion", "value": "no-preference" }]);
        browser.command("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }
    is_live(&browser);
    match window {
        Window::Desktop => {
            browser.ask("document.querySelector('#m2 blockquote').scrollIntoView({ block: 'center' })");
        }
        Window::Phone => browser.click("Marks 3"),
    }
    browser.eventually("the cards are there", || browser.count(".mark") == 3);
    Some(browser)
}

/// Where the card of a mark is.
pub(super) fn card(id: &str) -> String {
    format!("//article[@data-mark='{id}']")
}

/// What a person sees of a card: whether its thread and its forms are open, and the buttons below it.
fn looks(browser: &Browser, id: &str) -> Value {
    browser.ask(&format!(
        "const card = document.querySelector('[data-mark=\"{id}\"]');
         const has = (what) => Boolean(card?.querySelector(what));
         const tools = [...card?.querySelectorAll('.mark-tools button') ?? []].map((one) => one.textContent);
         return {{ thread: has('.thread'), editing: has('.mark-edit'), flagging: has('.flagging'),
                   deleted: Boolean(card?.matches('.deleted')), tools }}"
    ))
}

/// Presses a button of a card once, and waits until the card looks as it then should.
fn presses(browser: &Browser, id: &str, name: &str, hold: u64) {
    let expected = after(looks(browser, id), name);
    // What comes back may have been resolved before.
    let comes_back = ["Undo", "Cancel"].contains(&name);
    let now = || {
        let mut now = looks(browser, id);
        if comes_back && now["tools"].as_array().unwrap().contains(&json!("Reopen")) && expected != now {
            renamed(&mut now, "Reopen");
        }
        now
    };
    browser.button(&card(id), name).press(hold);
    browser.eventually(&format!("{name} acts: {expected}"), || now() == expected);
}

/// How a card looks after one press of this button.
fn after(mut card: Value, name: &str) -> Value {
    let turn = |card: &mut Value, what: &str| card[what] = json!(card[what] == false);
    match name {
        "Edit" => {
            turn(&mut card, "editing");
            card["tools"] = json!([]);
        }
        "Delete" => {
            turn(&mut card, "deleted");
            card["tools"] = json!([]);
        }
        "Undo" | "Cancel" if card["flagging"] == false => {
            (card["editing"], card["deleted"]) = (json!(false), json!(false));
            card["tools"] = json!(["Reply", "Edit", "Delete", "Resolve"]);
        }
        "Flag" | "Cancel" => turn(&mut card, "flagging"),
        "Resolve" | "Reopen" | "Hide" | "Show again" | "Take flag back" => renamed(&mut card, name),
        _ => turn(&mut card, "thread"),
    }
    card
}

/// What is done to a mark changes the name of its button.
fn renamed(card: &mut Value, name: &str) {
    let pairs = [("Resolve", "Reopen"), ("Hide", "Show again"), ("Flag", "Take flag back")];
    let (one, other) = pairs.into_iter().find(|(one, other)| [*one, *other].contains(&name)).unwrap();
    let now = if name == one { other } else { one };
    let tools = card["tools"].as_array_mut().unwrap();
    tools.iter_mut().filter(|tool| **tool == name).for_each(|tool| *tool = json!(now));
}

fn each_button_acts_once(window: Window, moves: bool) {
    let room = Room::open();
    let [_, own, other] = close_marks(&room);
    let Some(browser) = ana(&room, window, moves) else { return };
    let shown = |id: &str, key: &str| room.ana.get(&format!("/api/v1/annotations/{id}")).is(200).json()[key].clone();
    for (name, key, value) in [("Resolve", "resolved", true), ("Reopen", "resolved", false)] {
        for id in [&own, &other] {
            presses(&browser, id, name, PRESS);
            assert_eq!(shown(id, key), json!(value));
        }
    }
    for (name, value) in [("Hide", true), ("Show again", false)] {
        presses(&browser, &other, name, PRESS);
        assert_eq!(shown(&other, "hidden"), json!(value));
    }
    // Asked why, put away, asked again.
    for name in ["Flag", "Cancel", "Flag"] {
        presses(&browser, &other, name, PRESS);
    }
    browser.see(".flagging input").type_in("Unkind");
    browser.button(&card(&other), "Flag it").press(PRESS);
    browser.eventually("it is flagged", || shown(&other, "flagged") == json!(true));
    browser.eventually("the form is gone", || browser.count(".flagging") == 0);
    presses(&browser, &other, "Take flag back", PRESS);
    assert_eq!(shown(&other, "flagged"), json!(false));
    for name in ["Edit", "Cancel", "Delete", "Undo"] {
        presses(&browser, &own, name, PRESS);
    }
    assert_eq!(shown(&own, "note"), shown(&other, "note"));
    for id in [&own, &other] {
        presses(&browser, id, "Reply", PRESS);
        browser.see(".thread > form textarea").type_in("It is.");
        browser.button(&format!("{}//form", card(id)), "Reply").press(PRESS);
        browser.eventually("it is said", || shown(id, "comments") == json!(1));
        browser.button(&card(id), "1 reply").press(PRESS);
        browser.eventually("the thread is closed", || looks(&browser, id)["thread"] == false);
    }
    if window == Window::Phone {
        browser.called("Close").press(PRESS);
        browser.eventually("the sheet is gone", || browser.count(".margin.open") == 0);
    }
    browser.is_clean();
}

#[test]
fn each_button_of_close_cards_acts_with_one_press() {
    each_button_acts_once(Window::Desktop, false);
}

#[test]
fn each_button_of_close_cards_acts_with_one_press_where_cards_move() {
    each_button_acts_once(Window::Desktop, true);
}

#[test]
fn each_button_of_the_sheet_acts_with_one_press() {
    each_button_acts_once(Window::Phone, true);
}

/// How many random presses a window gets. `PRESSES` says another number.
const PRESSES: usize = 50;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// The buttons of all cards that can be seen once no card moves: the mark and the name. A card that is still on its way
/// may go where nobody can press it.
fn buttons(browser: &Browser) -> Vec<(String, String)> {
    let rests = "return new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))).then(() =>
        !document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running'))";
    browser.eventually("the cards stand still", || browser.ask(rests) == json!(true));
    let found = browser.ask(
        "const of = (one) => [one.closest('.mark').dataset.mark, one.textContent];
         const all = document.querySelectorAll('.mark-tools button, .mark-edit button[type=button]:not(.tag-button), .flagging button[type=button], .deleted button');
         // Beside the text a card may lie outside of the window; in the sheet one scrolls.
         const isThere = (one) => {
             const box = one.getBoundingClientRect();
             const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
             return document.querySelector('.margin.open') ? one.checkVisibility() : one.contains(at);
         };
         return [...all].filter(isThere).map(of)",
    );
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found.as_array().unwrap().iter().map(|one| (text(&one[0]), text(&one[1]))).collect()
}

fn random_presses_act_once(window: Window, moves: bool) {
    let room = Room::open();
    let marks = close_marks(&room);
    let Some(browser) = ana(&room, window, moves) else { return };
    browser.ask("globalThis.clicks = 0; addEventListener('click', (event) => { if (event.isTrusted) globalThis.clicks += 1; }, true)");
    let most = std::env::var_os("PRESSES").map_or(PRESSES, |text| text.to_str().unwrap().parse().unwrap());
    let mut dice = Dice(11);
    for _ in 0..most {
        let all = buttons(&browser);
        let (id, name) = &all[dice.below(all.len())];
        presses(&browser, id, name, u64::try_from(dice.below(201)).unwrap());
    }
    assert_eq!(browser.ask("return globalThis.clicks"), json!(most));
    // The server knows the same.
    for id in &marks {
        let row = room.ana.get(&format!("/api/v1/annotations/{id}")).is(200).json();
        let look = looks(&browser, id);
        let says = |name: &str| look["tools"].as_array().unwrap().contains(&json!(name));
        if look["editing"] == false {
            assert_eq!(
                (row["resolved"] == true, row["hidden"] == true),
                (says("Reopen"), says("Show again")),
                "{look}"
            );
        }
    }
    browser.is_clean();
}

#[test]
fn random_presses_act_once_each_at_a_desk() {
    random_presses_act_once(Window::Desktop, false);
}

#[test]
fn random_presses_act_once_each_at_a_desk_where_cards_move() {
    random_presses_act_once(Window::Desktop, true);
}

#[test]
fn random_presses_act_once_each_on_a_phone() {
    random_presses_act_once(Window::Phone, false);
}

#[test]
fn random_presses_act_once_each_on_a_phone_where_things_move() {
    random_presses_act_once(Window::Phone, true);
}

/// Holds a button while something changes, until the page has asked what, and lets go.
fn meanwhile(browser: &Browser, id: &str, name: &str, change: impl FnOnce()) {
    let place = browser.button(&card(id), name).place();
    browser.ask("performance.clearResourceTimings()");
    browser.hold_at(place);
    change();
    let asked = "return performance.getEntriesByType('resource').some((one) => one.name.includes('ids='))";
    browser.eventually("the page asked what changed", || browser.ask(asked) == json!(true));
    browser.let_go();
}

#[test]
fn what_others_do_in_the_middle_of_a_press_waits_for_its_click() {
    let room = Room::open();
    let [first, own, other] = close_marks(&room);
    let Some(browser) = ana(&room, Window::Desktop, true) else { return };
    let path = |id: &str| format!("/api/v1/annotations/{id}");
    let shown = |id: &str, key: &str| room.ana.get(&path(id)).is(200).json()[key].clone();
    // The name of another button of the card changes, and its place.
    meanwhile(&browser, &other, "Resolve", || {
        room.cid.post(&format!("{}/comments", path(&other)), json!({ "body": "Is it?" })).is(201);
    });
    browser.eventually("it is resolved", || shown(&other, "resolved") == json!(true));
    browser.reads("1 reply");
    // The card above it goes.
    meanwhile(&browser, &other, "Reopen", || {
        room.ben.delete(&path(&first)).is(204);
    });
    browser.eventually("it is open again", || shown(&other, "resolved") == json!(false));
    browser.eventually("the other card is gone", || browser.count(".mark") == 2);
    // The mark itself is another one when the press arrives: hidden, and its author's words the same.
    meanwhile(&browser, &other, "Hide", || {
        room.ben.patch(&path(&other), json!({ "resolved": true })).is(200);
    });
    browser.eventually("it is hidden", || shown(&other, "hidden") == json!(true));
    assert_eq!(shown(&other, "resolved"), json!(true));
    // Words that changed meanwhile are looked at first.
    meanwhile(&browser, &other, "Show again", || {
        room.ben.patch(&path(&other), json!({ "note": "Other words" })).is(200);
    });
    browser.reads("It changed meanwhile. Look again.");
    browser.reads("Other words");
    assert_eq!(shown(&other, "hidden"), json!(true));
    presses(&browser, &other, "Show again", PRESS);
    // A list that grows below a press.
    meanwhile(&browser, &own, "Reply", || {
        room.ben.patch(&path(&other), json!({ "note": "Other words again ".repeat(20) })).is(200);
    });
    browser.see(".thread > form textarea");
    assert_eq!(looks(&browser, &own)["thread"], json!(true));
    browser.is_clean();
}
