//! Every page of the table as people get to see it, in light and dark, at a desk and on a phone: nothing that axe-core
//! finds, nothing sideways, nothing in the console, nothing from elsewhere. `SCREENSHOTS` keeps a picture of each.

use std::{cell::RefCell, collections::BTreeSet};

use api::web;
use service::{admin, text::Email};
use tests::{
    Person, TestApp,
    browser::{Browser, Window},
    fixture::chat,
    json,
    talk::talk,
};

/// Nobody's id.
const MISSING: &str = "01939c1e-0000-7000-8000-000000000000";

/// Somebody who goes through pages and notes which ones.
struct Walker<'a> {
    app: &'a TestApp,
    browser: Browser,
    seen: &'a RefCell<BTreeSet<&'static str>>,
}

impl<'a> Walker<'a> {
    fn new(app: &'a TestApp, window: Window, seen: &'a RefCell<BTreeSet<&'static str>>) -> Option<Self> {
        let browser = Browser::start(format!("http://{}", app.addr), window)?;
        Some(Self { app, browser, seen })
    }

    fn becomes(&self, name: &str) {
        let token = self.app.sign_in(&format!("{name}@example.org")).token;
        let url = format!("http://{}", self.app.addr);
        self.browser.command("Network.setCookie", &json!({ "url": url, "name": "session", "value": token }));
    }

    fn forgets(&self) {
        self.browser.command("Network.clearBrowserCookies", &json!({}));
    }

    /// Looks at the page of this pattern.
    fn sees(&self, pattern: &'static str, path: &str, name: &str, words: &str) {
        self.browser.open(path);
        self.looks(pattern, name, words);
    }

    /// Looks at the page that stands there now.
    fn looks(&self, pattern: &'static str, name: &str, words: &str) {
        self.browser.reads(words);
        self.browser.look(&format!("page-{name}"));
        self.seen.borrow_mut().insert(pattern);
    }
}

/// A class with something of everything, and who is in it.
struct World {
    app: TestApp,
    class: String,
    empty: String,
    archived: String,
    bens: String,
    own: String,
    invite: String,
    code: String,
    talk: String,
    reset: String,
    report: String,
    tag: String,
    mark: String,
    comment: String,
    flagged: String,
    presentation: String,
}

fn world() -> World {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Introduction to the philosophy of science");
    let about = "We bring in one conversation a week.\nWe read them together.";
    let change = json!({ "code": "PHIL 101", "description": about });
    ana.patch(&format!("/api/v1/classes/{class}"), change).is(200);
    let bens = ana.admits(&class, &ben, "student");
    for name in ["cleo", "dora"] {
        ana.admits(&class, &app.person(name), if name == "cleo" { "tutor" } else { "auditor" });
    }
    let (empty, archived) = (ana.opens_class("Logic"), ana.opens_class("Rhetoric, last term"));
    let _code: String = ana.invites(&empty, "student");
    ana.admits(&archived, &ben, "student");
    talk(&ben, &archived, "class");
    ana.patch(&format!("/api/v1/classes/{archived}"), json!({ "status": "archived" })).is(200);
    let talk = talk(&ben, &class, "class");
    for (title, visibility) in
        [("Is it a very long title that has to be broken somewhere?", "staff"), ("Mine", "private")]
    {
        ben.writes(&class, title, visibility);
    }
    let export =
        json!([chat("Stones", 1_700_000_000, &["What is a stone?", "Rock."]), { "title": "None", "mapping": {} }]);
    let report = ben.imports(&class, "", export.to_string()).is(201).str("id");
    let own = ana.get(&format!("/api/v1/classes/{class}")).is(200).str("enrolment_id");
    let invites = ana.get(&format!("/api/v1/classes/{class}/invites")).is(200).items();
    let text = |name: &str| invites[0][name].as_str().unwrap().to_owned();
    let (invite, code) = (text("id"), text("code"));
    let email = Email::parse("dora@example.org").unwrap();
    let reset = app.run(admin::reset_link(&app.db, app.clock.now().into(), email)).unwrap().expose().to_owned();
    ana.post(&format!("/api/v1/classes/{class}/tags/import"), json!({ "sample": true })).is(201);
    let new = json!({ "name": "Mine", "private": true, "colour": "yellow" });
    let tag = ana.post(&format!("/api/v1/classes/{class}/tags"), new).is(201).str("id");
    let tags = ana.get(&format!("/api/v1/classes/{class}/tags")).is(200).items();
    // In the class of the marks: the conversation itself shows none, so that its page is looked at without.
    let flagged = ana.opens_class("Rhetoric, this term");
    ana.admits(&flagged, &ben, "student");
    let theirs = ben.writes(&flagged, "Why?", "class");
    let sample = ana.post(&format!("/api/v1/classes/{flagged}/tags/import"), json!({ "sample": true })).is(201);
    let carried = sample.json()["imported"][0].clone();
    assert_eq!(tags.len(), 10);
    let body = json!({ "note": "Is that so?\nI doubt it.", "audience": "class", "tags": [carried] });
    let mark = ben.post(&format!("/api/v1/conversations/{theirs}/annotations"), body).is(201).str("id");
    let said = |person: &Person, body: &str, parent: Option<&str>| {
        let body = json!({ "body": body, "parent_id": parent });
        person.post(&format!("/api/v1/annotations/{mark}/comments"), body).is(201).str("id")
    };
    let comment = said(&ben, "I looked: it is not.", None);
    let answer = said(&ana, "Where did you look?", Some(&comment));
    said(&ben, "In chapter 2.", Some(&answer));
    let presentation = ana.post(&format!("/api/v1/conversations/{talk}/presentations"), json!({})).is(201).str("id");
    ana.post(&format!("/api/v1/comments/{comment}/flags"), json!({ "reason": "Rude" })).is(201);
    World {
        app,
        class,
        empty,
        archived,
        bens,
        own,
        invite,
        code,
        talk,
        reset,
        report,
        tag,
        mark,
        comment,
        flagged,
        presentation,
    }
}

/// What strangers see.
fn strangers(walker: &Walker<'_>, world: &World) {
    walker.sees("/", "/", "welcome", "Do you have a code for a class?");
    walker.sees("/login", "/login", "login", "Forgot the password?");
    walker.browser.fill("email", "ana@example.org");
    walker.browser.fill("password", "wrong horse");
    walker.browser.see("button.primary").click();
    walker.looks("/login", "login-wrong", "The address or the password is wrong.");
    walker.sees("/register", "/register", "register", "Code of a class");
    walker.browser.fill("display_name", "Eve");
    walker.browser.fill("email", "ben@example.org");
    walker.browser.fill("password", "a bench in the park");
    walker.browser.click("Create the account");
    walker.looks("/register", "register-taken", "log in instead");
    walker.sees("/join", "/join", "code", "Your teacher has it.");
    walker.sees("/join/{code}", "/join/ABCD2345", "code-unknown", "No class has this code.");
    walker.sees("/join/{code}", &format!("/join/{}", world.code), "join", "What others will see");
    walker.sees("/reset/{token}", &format!("/reset/{}", world.reset), "reset", "New password");
    walker.sees("/reset/{token}", "/reset/cqr_unknown", "reset-unknown", "This link is not known here");
    walker.sees("/", "/nowhere", "missing", "Not here, or not shared with you");
}

fn teachers(walker: &Walker<'_>, world: &World) {
    let World { class, empty, archived, .. } = world;
    walker.becomes("ana");
    walker.sees("/", "/", "home", "Rhetoric");
    walker.sees("/classes/new", "/classes/new", "class-new", "People read it before they join.");
    walker.sees("/classes/{id}", &format!("/classes/{class}"), "class", "Is it prime?");
    walker.sees("/classes/{id}", &format!("/classes/{class}?q=nothing"), "class-filtered", "Nothing fits.");
    walker.sees("/classes/{id}", &format!("/classes/{empty}"), "class-empty", "Nothing here yet");
    walker.browser.click("Try it with the demo chat");
    walker.looks("/classes/{id}/import/{staged}", "import-demo", "Looks complete?");
    walker.sees("/classes/{id}", &format!("/classes/{archived}"), "class-archived", "This class is archived");
    walker.sees("/classes/{id}/settings", &format!("/classes/{class}/settings"), "settings", "Hand over");
    walker.browser.click("Delete this class");
    walker.browser.fill("confirm", "no");
    walker.browser.click("Delete the class for good");
    walker.looks("/classes/{id}/settings", "settings-refused", "Type it exactly as shown.");
    let of_archived = format!("/classes/{archived}/settings");
    walker.sees("/classes/{id}/settings", &of_archived, "settings-archived", "Open the class again");
    walker.sees("/classes/{id}/members", &format!("/classes/{class}/members"), "members", "dora@example.org");
    walker.sees("/enrolments/{id}", &format!("/enrolments/{}", world.bens), "member", "Remove from the class");
    walker.sees("/enrolments/{id}", &format!("/enrolments/{}", world.own), "member-owner", "You own this class.");
    walker.sees("/classes/{id}/invites", &format!("/classes/{class}/invites"), "invites", "Make another invitation");
    walker.sees("/invites/{id}", &format!("/invites/{}", world.invite), "invite", "joined");
    walker.sees("/conversations/{id}", &format!("/conversations/{}", world.talk), "reading", "The third version");
    let marks = format!("/conversations/{}/marks", world.talk);
    walker.sees("/conversations/{id}/marks", &marks, "marks", "Nothing is marked here");
    walker.sees("/conversations/{id}/mark", marks.trim_end_matches('s'), "mark", "Save the mark");
    codebooks(walker, world);
    let present = format!("/conversations/{}/present", world.talk);
    walker.sees("/conversations/{id}/present", &present, "present", "Begin in a new window");
    walker.sees("/presentations/{id}", &format!("/presentations/{}", world.presentation), "presentation", "is prime");
    walker.sees("/classes/{id}", "/?cursor=x", "address-wrong", "This address is not quite right");
}

fn codebooks(walker: &Walker<'_>, world: &World) {
    let World { class, empty, flagged, tag, mark, comment, .. } = world;
    let book = |class: &str| format!("/classes/{class}/codebook");
    walker.sees("/classes/{id}/codebook", &book(class), "codebook", "Leading question");
    walker.browser.click("Add a tag");
    walker.browser.fill("name", "hedge");
    walker.browser.see("details[open] button.primary").click();
    walker.looks("/classes/{id}/codebook", "codebook-refused", "There is a tag of this name");
    walker.browser.open(&book(class));
    walker.browser.click("Bring many in");
    walker.looks("/classes/{id}/codebook", "codebook-many", "The tags of another class");
    walker.sees("/classes/{id}/codebook", &book(empty), "codebook-empty", "No tags yet.");
    walker.sees("/tags/{id}", &format!("/tags/{tag}"), "tag", "Delete the tag");
    walker.sees("/classes/{id}/flags", &format!("/classes/{flagged}/flags"), "flags", "Rude");
    walker.sees("/classes/{id}/flags", &format!("/classes/{empty}/flags"), "flags-none", "Nothing waits for you.");
    let of_ben = format!("/classes/{class}/people/{}", world.bens);
    walker.sees("/classes/{id}/people/{person}", &of_ben, "person", "Is it prime?");
    walker.sees("/classes/{id}/people/{person}", &format!("{of_ben}?show=marks"), "person-marks", "No marks.");
    let thread = format!("/annotations/{mark}");
    walker.sees("/annotations/{id}", &thread, "thread", "Where did you look?");
    walker.sees("/annotations/{id}", &format!("{thread}?reply={comment}"), "thread-reply", "Your reply to this");
    walker.sees("/annotations/{id}", &format!("{thread}?flag=mark"), "thread-flag", "Why should the teachers");
}

fn students(walker: &Walker<'_>, world: &World) {
    let class = &world.class;
    walker.becomes("ben");
    walker.sees("/annotations/{id}", &format!("/annotations/{}", world.mark), "thread-own", "Change the mark");
    walker.browser.click("Change the mark");
    walker.looks("/annotations/{id}", "thread-change", "Save the mark");
    walker.sees("/classes/{id}", &format!("/classes/{class}"), "class-student", "Bring in a conversation");
    walker.sees("/", &format!("/classes/{class}/settings"), "forbidden", "You may not do this");
    walker.sees("/", "/logout", "method", "This address takes no such request");
    let talk = format!("/conversations/{}", world.talk);
    walker.sees(
        "/conversations/{id}",
        &format!("{talk}?view=others"),
        "reading-as-classmate",
        "This is what a classmate",
    );
    walker.browser.open(&talk);
    walker.browser.click("Who can see this");
    walker.looks("/conversations/{id}", "reading-panel", "View as a classmate");
    walker.browser.open(&talk);
    walker.browser.click("Rename, download, delete");
    walker.looks("/conversations/{id}", "reading-rename", "Delete this conversation");
    walker.browser.open(&format!("/classes/{class}?visibility=staff"));
    walker.browser.click("Is it a very long title");
    walker.browser.click("Who can see this");
    walker.browser.click("Whole class");
    walker.browser.click("Change who can see it");
    walker.looks("/conversations/{id}", "share", "Share this conversation?");
    walker.sees("/imports/{id}", &format!("/imports/{}", world.report), "report", "1 added · 1 could not be read");
    let import = format!("/classes/{class}/import");
    walker.sees("/classes/{id}/import", &import, "import", "Paste one conversation");
    for (text, name, words) in [
        ("Why?\n\nBecause.\n\nAnd then?", "import-turns", "Who speaks?"),
        ("User: Why?\n\nAssistant: Because.", "import-choice", "What was found"),
        ("{\"mapping\": <", "import-refused", "the file ends before its first conversation"),
    ] {
        walker.browser.open(&import);
        walker.browser.fill("text", text);
        walker.browser.see("[data-text]").click();
        let lower = |text: &str| text.to_lowercase();
        walker.browser.eventually(words, || lower(&walker.browser.text()).contains(&lower(words)));
        walker.looks("/classes/{id}/import/{staged}", name, "");
    }
    walker.browser.open("/account");
    walker.browser.click("Make a token");
    walker.browser.fill("token_name", "My script");
    walker.browser.click("Make the token");
    walker.looks("/account", "account-token", "shown once");
    walker.sees("/account", "/account", "account", "Where you are logged in");
    walker.sees(
        "/enrolments/{id}",
        &format!("/enrolments/{}", world.bens),
        "member-leave",
        "take it back before you leave",
    );
    walker.browser.click("Leave the class…");
    walker.browser.click("Leave Introduction");
    walker.looks("/classes/{id}", "class-left", "You are not a member of this class any more.");
    walker.sees("/", &format!("/classes/{MISSING}"), "missing-student", "Not here, or not shared with you");
}

fn walk(window: Window) {
    let empty = TestApp::start();
    let seen = RefCell::default();
    let Some(first) = Walker::new(&empty, window, &seen) else { return };
    first.sees("/", "/", "welcome-empty", "This server is ready, and empty");
    let _somebody: Person = empty.person("ana");
    first.becomes("ana");
    first.sees("/", "/", "home-empty", "No class yet");
    let world = world();
    let Some(walker) = Walker::new(&world.app, window, &seen) else { return };
    strangers(&walker, &world);
    teachers(&walker, &world);
    students(&walker, &world);
    walker.forgets();
    let pages = web::table().into_iter().filter(|page| page.method == "GET" && !page.path.starts_with("/assets/"));
    let missing: Vec<_> = pages.filter(|page| !seen.borrow().contains(page.path)).map(|page| page.path).collect();
    assert!(missing.is_empty(), "nobody looked at {missing:?}");
}

#[test]
fn every_page_at_a_desk() {
    walk(Window::Desktop);
}

#[test]
fn every_page_on_a_phone() {
    walk(Window::Phone);
}
