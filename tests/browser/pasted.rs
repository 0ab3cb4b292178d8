//! Pages of ChatGPT, Claude, Gemini and AI Studio as Chromium itself puts them on the clipboard: everything selected,
//! copied, and pasted into ours.

use base64::{Engine, prelude::BASE64_STANDARD};
use tests::{
    Person, TestApp, Value,
    browser::{Browser, Window, key},
    json,
};

use super::import::student;

const PAGES: [(&str, &str, &str); 4] = [
    ("ChatGPT", include_str!("../src/fixture/page/chatgpt.html"), "ChatGPT said:"),
    ("Claude", include_str!("../src/fixture/page/claude.html"), "Thought process"),
    ("Gemini", include_str!("../src/fixture/page/gemini.html"), "Show thinking"),
    ("AI Studio", include_str!("../src/fixture/page/ai_studio.html"), "Thoughts"),
];

/// What such a page has around its conversation, and how it hides what only people hear.
const AROUND: [&str; 2] = [
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>A chat</title><style>
     body { display: flex; font: 16px sans-serif; color: #123 } nav { width: 200px } main { overflow: auto; flex: 1 }
     .sr-only, .cdk-visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0,0,0,0) }
     .whitespace-pre-wrap { white-space: pre-wrap } button { user-select: none } mat-icon { font-family: monospace }
     user-query, model-response, ms-chat-turn, message-content { display: block } [hidden] { display: none }
     </style></head><body><nav aria-label=Chats><a href=https://chat.example/1>An older chat</a><a href=https://chat.example/2>Another one</a></nav><main>",
    "</main><form><textarea placeholder='Ask anything'></textarea><button>Send</button></form>
     <p hidden>Not to be seen</p></body></html>",
];

/// Shows a page of another site; its pictures are none.
fn shows(browser: &Browser, fixture: &str) {
    let inside = fixture.split_once("<body>").unwrap().1.split("</body>").next().unwrap();
    let inside =
        inside.replace("https://cdn.example.org/a.png", "data:,").replace("blob:https://chatgpt.com/1", "data:,");
    let page = format!("{}{inside}{}", AROUND[0], AROUND[1]);
    browser.open_url(&format!("data:text/html;charset=utf-8;base64,{}", BASE64_STANDARD.encode(page)));
}

/// Who says what, with the kinds of its parts.
fn said(person: &Person, conversation: &str) -> Vec<Value> {
    let mut messages = person.get(&format!("/api/v1/conversations/{conversation}/messages")).is(200).items();
    for message in &mut messages {
        let fields = message.as_object_mut().unwrap();
        fields.retain(|name, _| ["role", "content", "model", "parts"].contains(&name.as_str()));
    }
    messages
}

#[test]
fn a_page_that_is_selected_copied_and_pasted_is_read_as_it_stands() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Desktop) else { return };
    let fresh = ana.opens_class("As the page is");
    for (name, fixture, chrome) in PAGES {
        shows(&browser, fixture);
        browser.press(&[key::CONTROL, "a"]);
        browser.press(&[key::CONTROL, "c"]);
        browser.open(&format!("/classes/{class}/import"));
        browser.reads("Paste one conversation");

        browser.press(&[key::CONTROL, "v"]);

        browser.reads("What was found");
        browser.click("Add to PHIL 101");
        browser.arrives("/conversations/");
        browser.reads("Added. Only you see it.");
        let pasted = ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items()[0].clone();
        let whole = ana.imports(&fresh, "", fixture).is(201).json();
        let found = said(&ana, pasted["id"].as_str().unwrap());
        let expected = said(&ana, whole["imported"][0]["id"].as_str().unwrap());
        assert_eq!(found, expected, "{name}");
        let all = Value::from(found).to_string();
        for other in [chrome, "An older chat", "Ask anything", "Not to be seen", "Copy"] {
            assert!(!all.contains(other), "{name}: {other} in {all}");
        }
    }
    browser.is_clean();
}

#[test]
fn a_phone_has_a_button_to_paste() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Phone) else { return };
    shows(&browser, PAGES[0].1);
    browser.press(&[key::CONTROL, "a"]);
    browser.press(&[key::CONTROL, "c"]);
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.command("Browser.grantPermissions", &permissions);
    browser.open(&format!("/classes/{class}/import"));
    browser.see("#paste").click();
    browser.reads("What was found");
    browser.reads("4 messages");
    browser.click("Add to PHIL 101");
    browser.arrives("/conversations/");
    browser.is_clean();
    let id = ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items()[0]["id"].clone();
    assert!(said(&ana, id.as_str().unwrap())[1]["content"].as_str().unwrap().contains("$1-(1-\\alpha)^k$"));
}
