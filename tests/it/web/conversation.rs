//! Conversations in the browser: lists, reading, changing.

use tests::{TestApp, json};

use super::log_in;

#[test]
fn a_list_is_filtered_sorted_and_paged() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    for n in 0..60 {
        ana.writes(&class, &format!("Chat {n:02}"), "class");
    }
    ben.writes(&class, "Alpha", "staff");
    let browser = log_in(&app, "ana");
    let path = format!("/classes/{class}");
    let titles = |view: &tests::plain::View| view.html.matches("<p class=\"title\"").count();
    let first = browser.open(&path).is(200).says("Alpha").says("Chat 59");
    assert_eq!(titles(&first), 50);
    let second = browser.open(&first.link(&format!("{path}?cursor="))).is(200).says("Chat 00");
    assert_eq!(titles(&second), 11);
    let by_title = first.form(&path).with("sort", "title").submit().is(200).says("Chat 48");
    assert!(!by_title.has("Chat 49"));
    let rest = browser.open(&by_title.link(&format!("{path}?sort=title&"))).is(200).says("Chat 49");
    assert_eq!((titles(&rest), rest.form(&path).value("sort")), (11, "title"));
    assert!(first.has("latest begun first") && first.has("ChatGPT"), "{}", first.text());
    let staff = first.form(&path).with("visibility", "staff").submit().is(200).says("Alpha");
    assert_eq!((titles(&staff), staff.form(&path).value("visibility")), (1, "staff"));
    assert_eq!(titles(&browser.open(&format!("{path}?author={member}")).is(200)), 1);
    assert_eq!(titles(&first.form(&path).with("author", "me").with("q", "chat 1").submit().is(200)), 10);
    assert_eq!(titles(&first.form(&path).with("platform", "chatgpt").submit().is(200).says("Nothing fits.")), 0);
    // What nobody offers is left out.
    assert_eq!(titles(&browser.open(&format!("{path}?sort=odd&visibility=odd&platform=odd")).is(200)), 50);
}

#[test]
fn an_empty_class_says_what_to_do() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "auditor");
    let path = format!("/classes/{class}");
    let page = log_in(&app, "ana").open(&path).is(200).says("Bring one conversation, about a minute.");
    assert_eq!(page.link(&format!("{path}/invites")), format!("{path}/invites"));
    let page = log_in(&app, "ben").open(&path).is(200).says("What the class shares will stand here.");
    assert!(!page.has("Bring"));
}

#[test]
fn a_conversation_is_renamed_shared_and_deleted_by_its_owner() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = ben.writes(&class, "Mine", "private");
    let browser = log_in(&app, "ben");
    let path = format!("/conversations/{id}");
    let page = browser.open(&path).is(200).says("Only you");
    page.form(&path).with("title", "").submit().is(422).says("This is needed.");
    let stale = browser.open(&path).form(&path).with("title", "Later");
    let renamed = page.form(&path).with("title", "Ours").submit().is(200).says("Saved.");
    assert_eq!(renamed.heading(), "Ours");
    let late = stale.submit().is(412).says("Somebody changed it since you opened this page");
    assert_eq!((late.form(&path).value("title"), late.heading().as_str()), ("Later", "Ours"));
    let visibility = format!("{path}/visibility");
    let ask = renamed.form(&visibility).with("visibility", "staff").submit().is(200).says("One other person");
    let shared = ask.form(&visibility).submit().is(200).says("You and 1 teacher");
    let other = log_in(&app, "ana");
    let csrf = other.open("/account").form("/account/name").value("csrf").to_owned();
    let fields = [("csrf".to_owned(), csrf), ("visibility".to_owned(), "class".to_owned())];
    for path in [&visibility, &format!("{path}/delete")] {
        other.send("POST", path, &fields).is(403);
    }
    let gone = shared.form(&format!("{path}/delete")).submit().is(200).says("The conversation is deleted.");
    assert!(gone.at.starts_with(&format!("/classes/{class}")));
    browser.open(&path).is(404);
}

#[test]
fn messages_keep_their_numbers_their_order_and_what_is_their_owners_alone() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let hostile = "<script>alert(1)</script>\n  indented & kept";
    let messages = json!([
        { "role": "user", "parts": [{ "kind": "context", "text": "My secret memory" }] },
        { "role": "user", "content": hostile },
        { "role": "assistant", "content": "No.", "model": "gpt-4o" },
    ]);
    let body = json!({ "title": "Long", "visibility": "class", "messages": messages });
    let id = ben.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let page = log_in(&app, "ana").open(&format!("/conversations/{id}")).is(200).says("gpt-4o");
    assert!(!page.html.contains("secret memory") && !page.html.contains("<script>"));
    let page = page.says("<script>alert(1)</script>").says("indented & kept");
    assert!(page.html.contains("id=\"m1\"") && page.html.contains("href=\"#m2\"") && !page.html.contains("id=\"m3\""));
}
