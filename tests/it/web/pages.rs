//! What every page of the table keeps to.

use std::collections::BTreeSet;

use api::{routes::Audience, web};
use tests::{Person, PlainBrowser, TestApp, json, plain::attribute};

use super::{import::Student, log_in};

/// Nobody's id.
const MISSING: &str = "01939c1e-0000-7000-8000-000000000000";

/// A class with everything a page can show, and the ids its pages are opened by.
struct World {
    app: TestApp,
    class: String,
    member: String,
    invite: String,
    code: String,
    conversation: String,
    reset: String,
    import: String,
    staged: String,
    tag: String,
    mark: String,
    comment: String,
    presentation: String,
}

impl World {
    fn new() -> Self {
        let app = TestApp::start();
        let (ana, ben) = (app.person("ana"), app.person("ben"));
        let class = ana.opens_class("Logic <script>alert(1)</script>");
        let member = ana.admits(&class, &ben, "student");
        let invites = ana.get(&format!("/api/v1/classes/{class}/invites")).items();
        let text = |name: &str| invites[0][name].as_str().unwrap().to_owned();
        let (invite, code) = (text("id"), text("code"));
        let hostile = "\"><img src=x onerror=alert(1)><a href='javascript:alert(1)'>https://evil.example</a>";
        let conversation = ben.writes(&class, hostile, "class");
        let email = ::service::text::Email::parse("ben@example.org").unwrap();
        let reset = app.run(::service::admin::reset_link(&app.db, app.clock.now().into(), email)).unwrap();
        let reset = reset.expose().to_owned();
        let import = ana.imports(&class, "", "User: why?\nAssistant: so.").is(201).str("id");
        let staged = Student::browse(&app, ana.clone(), class.clone()).stages();
        let staged = staged.rsplit('/').next().unwrap().to_owned();
        let tag = ben
            .post(
                &format!("/api/v1/classes/{class}/tags"),
                json!({ "name": "Hedge", "definition": hostile, "example": hostile }),
            )
            .is(201)
            .str("id");
        let body = json!({ "note": hostile, "audience": "class", "tags": [tag] });
        let mark = ben.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id");
        let said = ben.post(&format!("/api/v1/annotations/{mark}/comments"), json!({ "body": hostile }));
        let comment = said.is(201).str("id");
        let presentation = ana.post(&format!("/api/v1/conversations/{conversation}/presentations"), json!({}));
        let presentation = presentation.is(201).str("id");
        Self { app, class, member, invite, code, conversation, reset, import, staged, tag, mark, comment, presentation }
    }

    /// The address of a page of the table.
    fn path(&self, pattern: &str) -> String {
        let id = match pattern.split('/').nth(1) {
            Some("classes") => &self.class,
            Some("enrolments") => &self.member,
            Some("invites") => &self.invite,
            Some("conversations") => &self.conversation,
            Some("imports") => &self.import,
            Some("tags") => &self.tag,
            Some("annotations") => &self.mark,
            Some("comments") => &self.comment,
            Some("presentations") => &self.presentation,
            _ => MISSING,
        };
        let asset = web::asset::path("app.css");
        if pattern.starts_with("/assets/") {
            return asset;
        }
        pattern
            .replace("{id}", id)
            .replace("{person}", &self.member)
            .replace("{code}", &self.code)
            .replace("{token}", &self.reset)
            .replace("{staged}", &self.staged)
    }
}

fn pages(method: &str) -> Vec<&'static str> {
    let table = web::table().into_iter().filter(|page| page.method.as_str() == method);
    table.map(|page| page.path).collect()
}

/// What is loaded or run from an element, by its attributes.
fn check_html(at: &str, html: &str) {
    assert!(!html.contains("<style") && !html.contains("<script>"), "{at}: inline style or script");
    for tag in html.split('<').skip(1).filter_map(|piece| piece.split('>').next()) {
        let tag = format!("<{tag}>");
        let names = tag.split_whitespace().skip(1).filter_map(|word| word.split_once('=').map(|(name, _)| name));
        for name in names.filter(|name| name.chars().all(|c| c.is_ascii_alphabetic())) {
            assert!(!name.starts_with("on") && name != "style", "{at}: {name} in {tag}");
        }
        for name in ["src", "href", "action"] {
            let Some(place) = attribute(&tag, name) else { continue };
            // Links in messages go where they say, and take nothing along.
            if tag.contains(" rel=\"noopener nofollow noreferrer\"") {
                continue;
            }
            let local = (place.starts_with('/') && !place.starts_with("//")) || place.starts_with('#');
            assert!(local || place.starts_with("http://localhost:8080/join/"), "{at}: {place}");
        }
    }
}

#[test]
fn every_page_is_strict_titled_and_loads_nothing_from_elsewhere() {
    let world = World::new();
    let (ana, nobody) = (log_in(&world.app, "ana"), PlainBrowser::new(&world.app));
    for pattern in pages("GET") {
        let path = world.path(pattern);
        let public = web::table().iter().any(|page| page.path == pattern && page.audience == Audience::Public);
        for browser in [&ana, &nobody] {
            let view = browser.open(&path).is(200);
            if pattern.starts_with("/assets/") {
                assert_eq!(view.answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
                continue;
            }
            let leads_on = !public || matches!(pattern, "/login" | "/register");
            assert!(leads_on || view.at == path, "{path} leads to {}", view.at);
            assert_eq!(view.answer.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(view.answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            let policy = view.answer.header("content-security-policy").unwrap();
            for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
                assert!(policy.contains(part) && !policy.contains("unsafe"), "{path}: {policy}");
            }
            check_html(&path, &view.html);
            assert!(!view.heading().is_empty(), "{path}");
            assert!(view.html.contains("<html lang=\"en\">") && view.html.contains(" - Colloquium</title>"), "{path}");
            for landmark in ["<main id=\"main\"", "<header class=\"top\"", "<a class=\"skip\" href=\"#main\">"] {
                assert!(view.html.contains(landmark), "{path}: no {landmark}");
            }
            let ids: Vec<String> = view
                .html
                .match_indices(" id=\"")
                .map(|(at, _)| view.html[at + 5..].split('"').next().unwrap().to_owned())
                .collect();
            assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{path}: an id stands twice: {ids:?}");
            for input in view.tags("input").into_iter().chain(view.tags("select")).chain(view.tags("textarea")) {
                if !input.contains("type=\"hidden\"") && !input.contains("type=\"radio\"") {
                    let id = attribute(&input, "id").unwrap_or_else(|| panic!("{path}: no id in {input}"));
                    assert!(view.html.contains(&format!("<label for=\"{id}\"")), "{path}: no label for {id}");
                }
            }
        }
    }
}

#[test]
fn what_is_not_there_or_not_visible_answers_404() {
    let world = World::new();
    let _eve: Person = world.app.person("eve");
    let (ana, eve) = (log_in(&world.app, "ana"), log_in(&world.app, "eve"));
    for method in ["GET", "POST"] {
        for pattern in pages(method).into_iter().filter(|path| path.contains("{id}")) {
            let csrf = |browser: &PlainBrowser| {
                let token = browser.open("/account").form("/account/name").value("csrf").to_owned();
                vec![("csrf".to_owned(), token), ("owner".to_owned(), world.member.clone())]
            };
            for id in [MISSING, "no-id", "%00"] {
                let answer = ana
                    .send(method, &pattern.replace("{id}", id).replace("{person}", &world.member), &csrf(&ana))
                    .is(404);
                assert!(answer.text().contains("<h1>Not here, or not shared with you</h1>"), "{method} {pattern}");
                check_html(pattern, &answer.text());
            }
            let answer = eve.send(method, &world.path(pattern), &csrf(&eve)).is(404);
            assert!(answer.text().contains(answer.header("x-request-id").unwrap()), "{method} {pattern}");
        }
    }
    ana.open("/assets/0/nothing.css").is(404);
    assert_eq!(ana.open("/assets/0/app.css").is(200).answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_page_answers_head_as_it_answers_get() {
    let world = World::new();
    for browser in [&log_in(&world.app, "ana"), &PlainBrowser::new(&world.app)] {
        for pattern in pages("GET") {
            let path = world.path(pattern);
            let (get, head) = (browser.send("GET", &path, &[]), browser.send("HEAD", &path, &[]));
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
            for name in ["content-type", "location", "cache-control", "content-security-policy"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path}");
            }
        }
        assert_eq!(browser.send("HEAD", "/nowhere", &[]).status, 404);
    }
}

#[test]
fn a_form_without_a_session_leads_to_the_login() {
    let world = World::new();
    let nobody = PlainBrowser::new(&world.app);
    for page in web::table().into_iter().filter(|page| page.audience == Audience::SignedIn) {
        let answer = nobody.send(page.method.as_str(), &world.path(page.path), &[]).is(303);
        assert!(answer.header("location").unwrap().starts_with("/login"), "{} {}", page.method, page.path);
    }
}

#[test]
fn a_page_costs_at_most_five_statements_however_much_it_shows() {
    let world = World::new();
    let app = &world.app;
    let (ana, ben) = (log_in(app, "ana"), log_in(app, "ben"));
    let cost = |browser: &PlainBrowser, pattern: &str| {
        let (statements, answer) = app.statements(|| browser.send("GET", &world.path(pattern), &[]));
        assert!(matches!(answer.status, 200 | 303), "{pattern}: {}", answer.status);
        statements
    };
    let paths: Vec<&str> = pages("GET").into_iter().filter(|path| !path.contains("{token}")).collect();
    // Whoever reads a conversation first has it rendered.
    cost(&ana, "/conversations/{id}");
    let before: Vec<u64> = paths.iter().map(|path| cost(&ana, path)).collect();
    for (path, cost) in paths.iter().zip(&before) {
        assert!(*cost <= 5, "{path}: {cost} statements");
    }
    let to_student = cost(&ben, "/conversations/{id}");
    assert!(to_student <= 5, "{to_student}");
    let teacher = app.sign_in("ana@example.org");
    for n in 0..20 {
        teacher.writes(&world.class, &format!("Chat {n}"), "class");
        teacher.admits(&world.class, &app.person(&format!("p{n}")), "student");
        teacher.opens_class(&format!("Class {n}"));
        app.log_in("ana@example.org", tests::app::PASSWORD).is(201);
    }
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(cost(&ana, path), before, "{path}");
    }
    assert_eq!(cost(&ben, "/conversations/{id}"), to_student);
}
