//! Idempotency-Key: sent twice, done once. Every POST that makes something keeps the same promises.

use std::sync::Barrier;

use tests::{Client, Person, Response, TestApp, Value, json};
use time::Duration;

const CHAT: &str = "You said:\nWhat is a valid argument?\n\nChatGPT said:\nOne whose conclusion cannot be false \
                    while its premises are true.\n";

/// One creating request, another body for it, and the list that shows its effect.
struct Case {
    name: &'static str,
    who: Client,
    path: String,
    body: Vec<u8>,
    other: Vec<u8>,
    list: String,
    reader: Client,
}

impl Case {
    fn send(&self, key: &str, body: &[u8]) -> Response {
        let once = self.who.with("idempotency-key", key);
        once.send("POST", &self.path, Some("application/json"), body.to_vec())
    }

    fn count(&self) -> usize {
        self.reader.get(&self.list).is(200).items().len()
    }
}

/// Every POST that makes something, except to register and to log in, which come before there is a user.
fn cases(ana: &Person, ben: &Person) -> Vec<Case> {
    let class = ana.opens_class("Logic");
    let conversation = ana.writes(&class, "Validity", "class");
    let (code, other_code) = (ana.invites(&class, "student"), ana.invites(&class, "auditor"));
    let under = |rest: &str| format!("/api/v1/classes/{class}/{rest}");
    let messages = format!("/api/v1/conversations/{conversation}/messages");
    let marks = format!("/api/v1/conversations/{conversation}/annotations");
    let mark = ana.post(&marks, json!({})).is(201).str("id");
    let thread = format!("/api/v1/annotations/{mark}/comments");
    let say = |text: &str| json!({ "messages": [{ "role": "user", "content": text }] });
    let chat = |title: &str| json!({ "title": title, "messages": [{ "role": "user", "content": "Hi" }] });
    let case = |name, path: &str, body: Value, other: Value| Case {
        name,
        who: ana.client.clone(),
        path: path.to_owned(),
        body: body.to_string().into_bytes(),
        other: other.to_string().into_bytes(),
        list: path.to_owned(),
        reader: ana.client.clone(),
    };
    let token = |name: &str| json!({ "name": name, "scope": "read" });
    let joining =
        case("enrolments", "/api/v1/enrolments", json!({ "invite_code": code }), json!({ "invite_code": other_code }));
    let importing = case("imports", &under("imports"), Value::Null, Value::Null);
    vec![
        case("classes", "/api/v1/classes", json!({ "name": "Ethics" }), json!({ "name": "Aesthetics" })),
        case("invites", &under("invites"), json!({ "role": "student" }), json!({ "role": "tutor" })),
        case("conversations", &under("conversations"), chat("One"), chat("Two")),
        case("messages", &messages, say("And then?"), say("And now?")),
        case("annotations", &marks, json!({ "note": "One" }), json!({ "note": "Two" })),
        case("comments", &thread, json!({ "body": "One" }), json!({ "body": "Two" })),
        case("tags", &under("tags"), json!({ "name": "One" }), json!({ "name": "Two" })),
        case("tokens", "/api/v1/me/tokens", token("one"), token("two")),
        Case { who: ben.client.clone(), list: under("enrolments"), ..joining },
        Case {
            body: CHAT.into(),
            other: CHAT.replace("valid", "sound").into(),
            list: under("conversations"),
            ..importing
        },
    ]
}

/// What an answer says, without a secret that only the first one holds.
fn said(answer: &Response) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("token");
    body
}

fn is_replay(answer: &Response) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[test]
fn the_same_request_twice_has_one_effect_and_one_answer() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    for case in cases(&ana, &ben) {
        let before = case.count();
        let key = format!("k-{}", case.name);
        let first = case.send(&key, &case.body).is(201);
        assert!(!is_replay(&first), "{}", case.name);
        assert_eq!(case.count(), before + 1, "{}", case.name);
        for _ in 0..2 {
            let again = case.send(&key, &case.body).is(201);
            assert!(is_replay(&again), "{}", case.name);
            assert_eq!(said(&again), said(&first), "{}", case.name);
            assert_eq!(again.header("location"), first.header("location"), "{}", case.name);
            assert_eq!(again.header("etag"), first.header("etag"), "{}", case.name);
        }
        assert_eq!(case.count(), before + 1, "{}", case.name);
    }
}

#[test]
fn a_key_that_came_with_another_body_is_refused() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    for case in cases(&ana, &ben) {
        let before = case.count();
        let key = format!("k-{}", case.name);
        case.send(&key, &case.body).is(201);
        case.send(&key, &case.other).is_problem(422, "idempotency_key_reused");
        assert_eq!(case.count(), before + 1, "{}", case.name);
        // The first request is still what the key stands for.
        assert!(is_replay(&case.send(&key, &case.body).is(201)), "{}", case.name);
    }
}

#[test]
fn two_at_once_have_one_effect_and_equal_answers() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    for case in cases(&ana, &ben) {
        let before = case.count();
        let key = format!("k-{}", case.name);
        let (one, two) = at_once(|| case.send(&key, &case.body).is(201));
        assert_eq!(said(&one), said(&two), "{}", case.name);
        assert!(is_replay(&one) != is_replay(&two), "{}: who was first?", case.name);
        assert_eq!(case.count(), before + 1, "{}", case.name);
    }
}

fn at_once<T: Send>(work: impl Fn() -> T + Sync) -> (T, T) {
    let start = Barrier::new(2);
    let run = || {
        start.wait();
        work()
    };
    std::thread::scope(|scope| {
        let (one, two) = (scope.spawn(run), scope.spawn(run));
        (one.join().unwrap(), two.join().unwrap())
    })
}

#[test]
fn twenty_pairs_at_once_make_twenty_classes() {
    let app = TestApp::start();
    let ana = app.person("ana");
    for round in 0..20 {
        let once = ana.with("idempotency-key", format!("round-{round}"));
        let body = json!({ "name": format!("Class {round}") });
        let (one, two) = at_once(|| once.post("/api/v1/classes", body.clone()).is(201));
        assert_eq!(one.json(), two.json());
        assert!(is_replay(&one) != is_replay(&two));
    }
    assert_eq!(ana.get("/api/v1/classes?limit=100").is(200).items().len(), 20);
}

#[test]
fn a_key_is_ones_own() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let make = |person: &Person, name: &str| {
        person.with("idempotency-key", "the-same").post("/api/v1/classes", json!({ "name": name })).is(201)
    };
    let (hers, his) = (make(&ana, "Logic"), make(&ben, "Logic"));
    assert_ne!(hers.str("id"), his.str("id"));
    assert!(!is_replay(&his));
    // By another session, and by a token, it is still the same person.
    assert!(is_replay(&make(&app.sign_in("ana@example.org"), "Logic")));
}

#[test]
fn a_key_belongs_to_one_address() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let (logic, ethics) = (ana.opens_class("Logic"), ana.opens_class("Ethics"));
    let once = ana.with("idempotency-key", "k-1");
    let invites = |class: &str| format!("/api/v1/classes/{class}/invites");
    once.post(&invites(&logic), json!({ "role": "student" })).is(201);
    once.post(&invites(&ethics), json!({ "role": "student" })).is_problem(422, "idempotency_key_reused");
    assert!(ana.get(&invites(&ethics)).is(200).items().is_empty());
}

#[test]
fn a_key_is_free_again_after_a_day() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "write" })).is(201);
    let once = app.anonymous().bearer(&made.str("token")).with("idempotency-key", "k-1");
    let make = |name: &str| once.post("/api/v1/classes", json!({ "name": name }));
    let first = make("Logic").is(201).str("id");
    app.clock.advance(Duration::days(1) - Duration::seconds(1));
    let again = make("Logic").is(201);
    assert!(is_replay(&again));
    assert_eq!(again.str("id"), first);
    make("Ethics").is_problem(422, "idempotency_key_reused");
    app.clock.advance(Duration::seconds(1));
    let later = make("Ethics").is(201);
    assert!(!is_replay(&later));
    assert_ne!(later.str("id"), first);
    make("Logic").is_problem(422, "idempotency_key_reused");
    assert_eq!(once.get("/api/v1/classes").is(200).items().len(), 2);
}

#[test]
fn a_key_is_short_and_visible() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let make = |key: &str| ana.with("idempotency-key", key).post("/api/v1/classes", json!({ "name": "Logic" }));
    for key in ["", "a b", "a\tb", &"x".repeat(129)] {
        make(key).is_problem(422, "idempotency_key_invalid");
    }
    assert!(ana.get("/api/v1/classes").is(200).items().is_empty());
    for key in ["x", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", &"x".repeat(128)] {
        make(key).is(201);
    }
}

#[test]
fn a_request_that_failed_leaves_its_key_free() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let enrolment = ana.admits(&class, &ben, "student");
    let (class_path, invites) = (format!("/api/v1/classes/{class}"), format!("/api/v1/classes/{class}/invites"));
    let once = ana.with("idempotency-key", "k-1");
    once.post("/api/v1/classes", json!({ "name": "" })).is_problem(422, "validation_failed");
    once.send("POST", "/api/v1/classes", Some("application/json"), b"{".to_vec()).is_problem(400, "json_malformed");
    assert!(!is_replay(&once.post("/api/v1/classes", json!({ "name": "Ethics" })).is(201)));
    // Forbidden now, allowed later.
    let once = ben.with("idempotency-key", "k-1");
    once.post(&invites, json!({ "role": "student" })).is_problem(403, "role_insufficient");
    ana.patch(&format!("/api/v1/enrolments/{enrolment}"), json!({ "role": "instructor" })).is(200);
    assert!(!is_replay(&once.post(&invites, json!({ "role": "student" })).is(201)));
    // In the way now, gone later.
    let once = ben.with("idempotency-key", "k-2");
    ana.patch(&class_path, json!({ "status": "archived" })).is(200);
    once.post(&invites, json!({ "role": "tutor" })).is_problem(409, "class_archived");
    ana.patch(&class_path, json!({ "status": "active" })).is(200);
    assert!(!is_replay(&once.post(&invites, json!({ "role": "tutor" })).is(201)));
    // Nothing in it now, something later.
    let import = format!("{class_path}/imports");
    let once = ben.with("idempotency-key", "k-3");
    once.upload(&import, "[]").is(422);
    assert!(!is_replay(&once.upload(&import, CHAT).is(201)));
}

#[test]
fn a_rehearsed_import_leaves_the_key_for_the_real_one() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let path = format!("/api/v1/classes/{}/imports", ana.opens_class("Logic"));
    let once = ana.with("idempotency-key", "k-1");
    once.upload(&format!("{path}?dry_run=true"), CHAT).is(200);
    let stored = once.upload(&path, CHAT).is(201);
    assert!(!is_replay(&stored));
    let again = once.upload(&path, CHAT).is(201);
    assert!(is_replay(&again));
    assert_eq!(again.json(), stored.json());
    // Without the key the same file is simply there already.
    let without = ana.upload(&path, CHAT).is(200);
    assert_eq!(without.json()["skipped"][0]["id"], stored.json()["imported"][0]["id"]);
}
