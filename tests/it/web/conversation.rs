//! Conversations in the browser: lists, reading, changing.

use tests::{
    TestApp, json,
    talk::{SECRET, talk},
};

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
    assert!(first.has("started: newest first") && first.has("ChatGPT"), "{}", first.text());
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
    // Whoever teaches sees how students come in, at no more cost than other pages, and can try it out.
    let code = ana.get(&format!("/api/v1/classes/{class}/invites")).is(200).items();
    assert_eq!(code.len(), 1, "an auditor's invitation is none for students");
    let page = page.says("Try it with the demo chat");
    assert!(page.tags("svg").iter().all(|tag| !tag.contains("QR code")));
    let code = ana.invites(&class, "student");
    let teacher = log_in(&app, "ana");
    let (statements, page) = app.statements(|| teacher.open(&path).is(200).says(&code));
    assert!(statements <= 5, "{statements}");
    assert!(page.html.contains(&format!("aria-label=\"QR code of http://localhost:8080/join/{code}\"")));
    assert!(page.form(&format!("{path}/import")).value("text").starts_with("You said:\nI need three sources"));
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
    let page = browser.open(&path).is(200).says("Only me");
    page.form(&path).with("title", "").submit().is(422).says("This is needed.");
    let stale = browser.open(&path).form(&path).with("title", "Later");
    let renamed = page.form(&path).with("title", "Ours").submit().is(200).says("Saved.");
    assert_eq!(renamed.heading(), "Ours");
    let late = stale.submit().is(412).says("Somebody changed it since you opened this page");
    assert_eq!((late.form(&path).value("title"), late.heading().as_str()), ("Later", "Ours"));
    let visibility = format!("{path}/visibility");
    let ask = renamed.form(&visibility).with("visibility", "staff").submit().is(200).says("One other person");
    let shared = ask.form(&visibility).submit().is(200).says("Who can see this: Teachers");
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

#[test]
fn in_an_archived_class_a_conversation_is_taken_back_but_not_given_to_more() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = ben.writes(&class, "Mine", "staff");
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "status": "archived" })).is(200);
    let browser = log_in(&app, "ben");
    let path = format!("/conversations/{id}");
    let visibility = format!("{path}/visibility");
    let page = browser.open(&path).is(200).says("The class is archived. You can take it back");
    assert!(!page.has("Whole class") && !page.has("Rename,"), "{}", page.text());
    let mut wider = page.form(&visibility).with("visibility", "private");
    let field = wider.fields.iter_mut().find(|(name, _)| name == "visibility").unwrap();
    field.1 = "class".to_owned();
    wider.submit().is(409).says("archived");
    let taken = page.form(&visibility).with("visibility", "private").submit().is(200).says("Only me");
    assert!(!taken.html.contains("/visibility\""), "there is nothing left to choose");
    log_in(&app, "ana").open(&path).is(404);
}

#[test]
fn what_was_not_taken_back_before_leaving_stays_shared() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    let id = ben.writes(&class, "Mine", "staff");
    let browser = log_in(&app, "ben");
    let visibility = format!("/conversations/{id}/visibility");
    let ask = browser.open(&format!("/conversations/{id}")).form(&visibility).with("visibility", "class").submit();
    ask.is(200).says("You can take it back for as long as you are in the class");
    let leave = browser.open(&format!("/enrolments/{member}")).is(200).says("take it back before you leave");
    leave.form(&format!("/enrolments/{member}/end")).submit().is(200);
    let left = browser.open(&format!("/conversations/{id}")).is(200).says("Who can see this: Teachers");
    assert!(!left.html.contains("/visibility\"") && !left.has("Rename"), "{}", left.text());
    log_in(&app, "ana").open(&format!("/conversations/{id}")).is(200);
}

#[test]
fn its_owner_looks_at_it_as_a_classmate_does() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}");
    let browser = log_in(&app, "ben");
    let own = browser.open(&path).is(200).says("View as a classmate").says(SECRET);
    let seen = browser.open(&own.link(&format!("{path}?view="))).is(200).says("This is what a classmate sees.");
    assert!(!seen.has(SECRET) && !seen.has("Rename") && !seen.has("(you)"), "{}", seen.text());
    assert!(seen.tags("a").iter().any(|tag| tag.contains("?at=3&#38;view=others#m3")), "versions keep the view");
    // The same words as the teacher gets, but for what the page says of who is logged in.
    let other = log_in(&app, "ana").open(&path).is(200);
    let messages = |html: &str| html.split_once("<article").unwrap().1.replace("&#38;view=others", "");
    assert_eq!(messages(&seen.html), messages(&other.html));
    // Others see their own view in any case, and what nobody else sees shows nobody anything.
    assert!(!log_in(&app, "ana").open(&format!("{path}?view=others")).is(200).has("Rename"));
    ben.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "private" })).is(200);
    browser.open(&format!("{path}?view=others")).is(404);
    assert!(!browser.open(&path).is(200).has("View as"));
}
