//! Reading a conversation.

use tests::{
    TestApp,
    browser::{Browser, Window, key},
    json,
    talk::{SECRET, long_talk, talk},
};

use super::reader;

/// Ana teaches Logic, where Ben is a student; Ben's conversation is in it.
fn bens_talk() -> (TestApp, String) {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = talk(&ben, &class, "class");
    (app, format!("/conversations/{id}"))
}

/// What is read now: the numbers of the messages.
fn numbers(browser: &Browser) -> String {
    let script = "return [...document.querySelectorAll('article[id]')].map(m => m.id.slice(1)).join(' ')";
    browser.ask(script).as_str().unwrap().to_owned()
}

fn focused(browser: &Browser) -> String {
    browser.ask("return document.activeElement.id").as_str().unwrap().to_owned()
}

/// How far the element stands from the top of the window.
fn top(browser: &Browser, css: &str) -> f64 {
    let script = format!("return document.querySelector('{css}').getBoundingClientRect().top");
    browser.ask(&script).as_f64().unwrap()
}

#[test]
fn somebody_reads_switches_versions_and_goes_back() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ben", Window::Desktop, &path, true) else { return };
    browser.reads("The third version is the shortest.");
    assert_eq!(numbers(&browser), "1 2 5 8 9 10");
    assert!(!browser.text().contains(SECRET), "what is the owner's alone is folded");
    let root = "const [root] = document.querySelectorAll('msqrt'), wide = (it) => it.getBoundingClientRect().width;
        return wide(root) - wide(root.firstElementChild)";
    assert!(browser.ask(root).as_f64().unwrap() > 3.0, "the root has no sign");
    browser.look("conversation");
    // The list of questions stands beside the text and leads to each.
    browser.see(".outline a[href='#m9']").click();
    browser.eventually("message 9 is the target", || browser.count("#m9:target") == 1);
    // Another version of the question, by its link; its answer comes with it.
    browser.see("#m5 + .versions a[rel=prev]").click();
    browser.arrives(&format!("{path}?at=3#m3"));
    browser.reads("Miller-Rabin");
    assert_eq!(numbers(&browser), "1 2 3 4");
    assert_eq!(browser.see("#m3 + .versions").attribute("aria-label").unwrap(), "Question 1 of 2");
    browser.look("conversation-version");
    // An old version says where the conversation went on.
    browser.reads("This version ends here. The conversation went on with question 2: 2 more questions, 4 messages.");
    browser.click("Go on");
    browser.arrives(&format!("{path}?at=5#m5"));
    assert_eq!(numbers(&browser), "1 2 5 8 9 10");
    assert!(!browser.text().contains("This version ends here"));
    browser.back();
    browser.back();
    browser.reads("The third version is the shortest.");
    assert_eq!(numbers(&browser), "1 2 5 8 9 10");
    // A link to a message that this way does not pass.
    browser.open(&format!("{path}#m4"));
    browser.arrives(&format!("{path}?at=4#m4"));
    browser.reads("Miller-Rabin");
}

#[test]
fn hidden_layers_open_without_moving_the_line_one_reads() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ben", Window::Desktop, &path, true) else { return };
    browser.reads("Thought 12 s · 1 tool call");
    let before = top(&browser, "#m2 .layers summary");
    browser.click("Thought 12 s");
    browser.reads("Trial division up to the square root");
    assert!((top(&browser, "#m2 .layers summary") - before).abs() < 1.0, "the line moved");
    browser.click("Custom instructions");
    browser.reads(SECRET);
    browser.look("conversation-layers");
    // All at once, from further down.
    browser.press(&["h"]);
    browser.eventually("all layers are folded", || browser.count("details.layers[open]") == 0);
    browser.ask("document.querySelector('#m2 table').scrollIntoView({ block: 'start' }); scrollBy(0, -200)");
    let before = top(&browser, "#m2 table");
    browser.press(&["h"]);
    browser.eventually("all layers are open", || browser.count("details.layers:not([open])") == 0);
    assert!((top(&browser, "#m2 table") - before).abs() < 2.0, "the line moved");
    // Finding reaches folded text.
    browser.press(&["h", "/"]);
    browser.see("#find-words").type_in("trial division");
    browser.reads("1 of 1");
    browser.reads("Trial division up to the square root");
    browser.see("#find-words").type_in(" nowhere");
    browser.reads("Not found");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the field is gone", || browser.count(".find[hidden]") == 1);
    browser.is_clean();
}

#[test]
fn the_browsers_own_find_reaches_folded_text() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    browser.reads("Thought 12 s");
    assert!(!browser.text().contains("Trial division"));
    // A link to words goes the way of the browser's own find: it unfolds what may be unfolded, and nothing else.
    browser.open(&format!("{path}#:~:text=Trial%20division"));
    browser.reads("Trial division up to the square root");
    assert_eq!(browser.count("details.layers[open]"), 1);
    browser.is_clean();
}

#[test]
fn a_permalink_tints_its_message_for_two_seconds_unless_motion_is_unwanted() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    browser.command("Emulation.setEmulatedMedia", &json!({ "features": [] }));
    let playing = "return document.querySelector('#m5').getAnimations().map(a => a.effect.getTiming().duration)";
    browser.open(&format!("{path}#m5"));
    browser.eventually("the message is tinted", || browser.ask(playing) == json!([2000]));
    browser.eventually("the tint is gone", || browser.ask(playing) == json!([]));
    browser.scheme(false);
    browser.open(&path);
    browser.open(&format!("{path}#m5"));
    browser.eventually("message 5 is the target", || browser.count("#m5:target") == 1);
    assert_eq!(browser.ask(playing), json!([]));
    browser.is_clean();
}

#[test]
fn the_keyboard_alone_reads_all_of_it() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    browser.reads("The third version is the shortest.");
    for (pressed, at) in [("j", "m1"), ("j", "m2"), ("j", "m5"), ("k", "m2"), ("j", "m5"), ("j", "m8"), ("j", "m9")] {
        browser.press(&[pressed]);
        assert_eq!(focused(&browser), at);
    }
    // The arrows switch the versions of the message with the focus, and go on from there.
    browser.press(&["k", key::LEFT]);
    browser.arrives(&format!("{path}?at=7#v7"));
    browser.eventually("the focus is there", || browser.count("#v7:focus") == 1);
    browser.press(&[key::LEFT]);
    browser.arrives(&format!("{path}?at=6#v6"));
    browser.eventually("the focus is there", || browser.count("#v6:focus") == 1);
    browser.press(&[key::RIGHT]);
    browser.arrives(&format!("{path}?at=7#v7"));
    browser.eventually("the focus is there", || browser.count("#v7:focus") == 1);
    // The list of keys, where single ones are switched off.
    browser.press(&["?"]);
    browser.reads("Single keys work here");
    browser.look("conversation-keys");
    browser.click("Single keys work here");
    browser.press(&[key::ESCAPE]);
    browser.eventually("the list is gone", || browser.count("dialog[open]") == 0);
    browser.open(&path);
    browser.press(&["j", "?", "/"]);
    assert_eq!((focused(&browser).as_str(), browser.count("dialog[open]"), browser.count(".find[hidden]")), ("", 0, 1));
    // Nothing fires while somebody types.
    browser.click("Keys");
    browser.click("Single keys work here");
    browser.click("Close");
    browser.press(&["/"]);
    browser.see("#find-words").type_in("jk?");
    assert_eq!(browser.ask("return document.querySelector('#find-words').value"), json!("jk?"));
    browser.is_clean();
}

#[test]
fn code_is_copied() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.command("Browser.grantPermissions", &permissions);
    browser.see("#m2 .words .copy").click();
    browser.reads("Copied");
    let copied = browser.ask("return navigator.clipboard.readText()");
    assert!(copied.as_str().unwrap().starts_with("def is_prime(n: int) -> bool:\n    "), "{copied}");
    browser.is_clean();
}

#[test]
fn a_phone_shows_it_without_script() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ben", Window::Phone, &path, false) else { return };
    browser.reads("The third version is the shortest.");
    browser.look("conversation");
    browser.click("Thought 12 s");
    browser.reads("Trial division up to the square root");
    browser.see("#v8 a[rel=prev]").click();
    browser.reads("A second try: no.");
    browser.arrives(&format!("{path}?at=7#v7"));
    browser.back();
    browser.reads("The third version is the shortest.");
    browser.click("Questions");
    browser.see(".outline a[href='#m9']").click();
    browser.arrives(&format!("{path}#m9"));
    // Fewer people at once, more after a look at how many they are.
    browser.click("Whole class (2 people)");
    browser.look("conversation-who");
    browser.click("Only me");
    browser.click("Change who can see it");
    browser.reads("Done. Fewer people can read it now.");
    browser.reads("Who can see this:\nOnly me");
    browser.click("Only me");
    browser.click("Whole class");
    browser.click("Change who can see it");
    browser.reads("One other person will be able to read it");
    browser.click("Share it");
    browser.reads("Whole class (2 people)");
}

#[test]
fn a_phone_shows_it_with_script() {
    let (app, path) = bens_talk();
    let Some(browser) = reader(&app, "ana", Window::Phone, &path, true) else { return };
    browser.reads("The third version is the shortest.");
    browser.click("Questions");
    browser.see(".outline a[href='#m9']").click();
    browser.eventually("the list is folded again", || browser.count(".outline details[open]") == 0);
    browser.click("Find");
    browser.see("#find-words").type_in("odd");
    browser.reads("1 of");
    browser.look("conversation-find");
}

#[test]
#[expect(clippy::print_stderr, reason = "what was measured")]
fn a_long_conversation_is_read_at_once() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let id = long_talk(&ana, &class, 500, 2_000);
    let path = format!("/conversations/{id}");
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    browser.open(&format!("{path}#m400"));
    browser.eventually("message 400 is in the window", || (0.0..900.0).contains(&top(&browser, "#m400")));
    browser.open(&path);
    let script = "const [page] = performance.getEntriesByType('navigation');
        return { bytes: page.decodedBodySize, first_byte_ms: page.responseStart, interactive_ms: page.domInteractive,
                 scripts_ran_ms: page.domContentLoadedEventEnd, loaded_ms: page.loadEventEnd }";
    eprintln!("500 messages in a development build: {}", browser.ask(script));
    assert_eq!(browser.count("article.message"), 500);
    browser.is_clean();
}
