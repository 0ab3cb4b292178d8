//! Personal API tokens: what a script may do with one, and when it ends.

use service::text::Email;
use tests::{Client, Person, TestApp, Value, json};
use time::Duration;

fn make(person: &Person, name: &str, scope: &str) -> Value {
    person.post("/api/v1/me/tokens", json!({ "name": name, "scope": scope })).is(201).json()
}

/// A script of this person's.
fn script(app: &TestApp, person: &Person, scope: &str) -> Client {
    app.anonymous().bearer(make(person, "script", scope)["token"].as_str().unwrap())
}

#[test]
fn a_secret_is_shown_once() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = make(&ana, "  grades ", "read");
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("cqt_") && secret.len() > 43, "{secret}");
    let listed = ana.get("/api/v1/me/tokens").is(200);
    assert!(!listed.text().contains("cqt_"), "{}", listed.text());
    let expected = json!([{ "id": made["id"], "name": "grades", "scope": "read",
        "created_at": "2026-03-02T09:00:00Z", "last_used_at": null, "expires_at": null }]);
    assert_eq!(listed.json()["items"], expected);
    app.anonymous().bearer(secret).get("/api/v1/me").is(200);
}

#[test]
fn a_list_of_tokens_is_ones_own_newest_first() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    make(&ana, "first", "read");
    make(&ben, "bens", "read");
    make(&ana, "second", "write");
    let names = |person: &Person| -> Vec<Value> {
        let items = person.get("/api/v1/me/tokens").is(200).items();
        items.iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(names(&ana), ["second", "first"]);
    assert_eq!(names(&ben), ["bens"]);
}

#[test]
fn a_read_token_reads_and_a_write_token_writes() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let reader = script(&app, &ana, "read");
    assert_eq!(reader.get(&format!("/api/v1/classes/{class}")).is(200).str("name"), "Logic");
    reader.post("/api/v1/classes", json!({ "name": "Ethics" })).is_problem(403, "scope_insufficient");
    let path = format!("/api/v1/classes/{class}");
    reader.patch(&path, json!({ "name": "Ethics" })).is_problem(403, "scope_insufficient");
    reader.delete(&path).is_problem(403, "scope_insufficient");
    reader.upload(&format!("{path}/imports"), "You said:\nHi").is_problem(403, "scope_insufficient");
    assert_eq!(ana.get(&path).is(200).str("name"), "Logic");
    let writer = script(&app, &ana, "write");
    writer.patch(&path, json!({ "name": "Ethics" })).is(200);
    writer.post("/api/v1/classes", json!({ "name": "Logic" })).is(201);
}

#[test]
fn a_token_ends_when_it_was_told_to() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let body = json!({ "name": "script", "scope": "read", "expires_at": "2026-03-02T12:00:00+02:00" });
    let made = ana.post("/api/v1/me/tokens", body).is(201);
    assert_eq!(made.str("expires_at"), "2026-03-02T10:00:00Z");
    let script = app.anonymous().bearer(&made.str("token"));
    app.clock.advance(Duration::hours(1) - Duration::seconds(1));
    script.get("/api/v1/me").is(200);
    app.clock.advance(Duration::seconds(1));
    script.get("/api/v1/me").is_problem(401, "token_expired");
}

#[test]
fn a_token_without_an_end_outlives_sessions() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let script = script(&app, &ana, "read");
    app.clock.advance(Duration::days(400));
    ana.get("/api/v1/me").is_problem(401, "session_expired");
    script.get("/api/v1/me").is(200);
}

#[test]
fn a_token_that_makes_no_sense_is_not_made() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let with = |name: &str, scope: &str, end: Value| json!({ "name": name, "scope": scope, "expires_at": end });
    for (body, pointer, code) in [
        (with("", "read", Value::Null), "/name", "blank"),
        (with(&"x".repeat(101), "read", Value::Null), "/name", "too_long"),
        (with("a\nb", "read", Value::Null), "/name", "control_character"),
        (with("a", "admin", Value::Null), "/scope", "unknown_value"),
        (with("a", "read", json!("2026-03-02T09:00:00Z")), "/expires_at", "in_the_past"),
        (with("a", "read", json!("tomorrow")), "/expires_at", "wrong_type"),
        (with("a", "read", json!(1_772_442_000)), "/expires_at", "wrong_type"),
    ] {
        let answer = ana.post("/api/v1/me/tokens", body.clone()).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors(), [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    assert!(ana.get("/api/v1/me/tokens").is(200).items().is_empty());
}

#[test]
fn a_revoked_token_says_so() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let made = make(&ana, "script", "write");
    let script = app.anonymous().bearer(made["token"].as_str().unwrap());
    let path = format!("/api/v1/me/tokens/{}", made["id"].as_str().unwrap());
    ben.delete(&path).is_problem(404, "not_found");
    script.get("/api/v1/me").is(200);
    ana.delete(&path).is(204);
    script.get("/api/v1/me").is_problem(401, "token_revoked");
    script.post("/api/v1/classes", json!({ "name": "Logic" })).is_problem(401, "token_revoked");
    assert!(ana.get("/api/v1/me/tokens").is(200).items().is_empty());
    ana.delete(&path).is_problem(404, "not_found");
}

#[test]
fn a_mistyped_token_is_none_of_ours() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = make(&ana, "script", "write");
    let secret = made["token"].as_str().unwrap();
    let (head, last) = secret.split_at(secret.len() - 1);
    let other_end = format!("{head}{}", if last == "A" { "B" } else { "A" });
    let swapped = secret.replacen("cqt_", "cqs_", 1);
    let upper = secret.to_uppercase();
    for wrong in [other_end.as_str(), head, &swapped, &upper, "cqt_", "", &"x".repeat(5_000)] {
        app.anonymous().bearer(wrong).get("/api/v1/me").is_problem(401, "token_invalid");
    }
    for scheme in ["bearer", "BEARER"] {
        app.anonymous().with("authorization", format!("{scheme} {secret}")).get("/api/v1/me").is(200);
    }
    for odd in [secret.to_owned(), format!("Token {secret}"), format!("Bearer{secret}")] {
        app.anonymous().with("authorization", odd).get("/api/v1/me").is_problem(401, "token_invalid");
    }
}

#[test]
fn credentials_are_changed_in_a_session_alone() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = make(&ana, "victim", "read");
    let session = ana.get("/api/v1/sessions").is(200).items()[0]["id"].as_str().unwrap().to_owned();
    let paths = [
        ("POST", "/api/v1/me/tokens".to_owned(), json!({ "name": "more", "scope": "write" })),
        (
            "PATCH",
            "/api/v1/me".to_owned(),
            json!({ "password": "another password", "current_password": tests::app::PASSWORD }),
        ),
        ("DELETE", "/api/v1/me?confirm=ana@example.org".to_owned(), Value::Null),
        ("DELETE", "/api/v1/sessions/current".to_owned(), Value::Null),
        ("DELETE", format!("/api/v1/sessions/{session}"), Value::Null),
        ("DELETE", format!("/api/v1/me/tokens/{}", made["id"].as_str().unwrap()), Value::Null),
    ];
    for (scope, code) in [("write", "session_required"), ("read", "scope_insufficient")] {
        let script = script(&app, &ana, scope);
        for (method, path, body) in &paths {
            let body = body.to_string().into_bytes();
            script.send(method, path, Some("application/json"), body).is_problem(403, code);
        }
        assert_eq!(script.get("/api/v1/sessions").is(200).items()[0]["current"], false);
    }
    ana.get("/api/v1/me").is(200);
    app.anonymous().bearer(made["token"].as_str().unwrap()).get("/api/v1/me").is(200);
    assert_eq!(ana.get("/api/v1/me/tokens").is(200).items().len(), 3);
    app.log_in("ana@example.org", tests::app::PASSWORD).is(201);
}

#[test]
fn the_last_use_is_known_to_within_five_minutes() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let script = script(&app, &ana, "read");
    let last = || ana.get("/api/v1/me/tokens").is(200).items()[0]["last_used_at"].clone();
    assert_eq!(last(), Value::Null);
    script.get("/api/v1/me").is(200);
    assert_eq!(last(), "2026-03-02T09:00:00Z");
    app.clock.advance(Duration::seconds(299));
    script.get("/api/v1/me").is(200);
    assert_eq!(last(), "2026-03-02T09:00:00Z");
    app.clock.advance(Duration::seconds(1));
    script.get("/api/v1/me").is(200);
    assert_eq!(last(), "2026-03-02T09:05:00Z");
}

#[test]
fn a_repeated_request_gives_no_secret() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let once = ana.with("idempotency-key", "k1");
    let body = json!({ "name": "script", "scope": "read" });
    let mut first = once.post("/api/v1/me/tokens", body.clone()).is(201).json();
    let again = once.post("/api/v1/me/tokens", body).is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert!(!again.text().contains("cqt_"), "{}", again.text());
    assert!(first.as_object_mut().unwrap().remove("token").is_some());
    assert_eq!(again.json(), first);
    assert_eq!(ana.get("/api/v1/me/tokens").is(200).items().len(), 1);
}

#[test]
fn a_token_rests_while_its_account_is_disabled() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let script = script(&app, &ana, "read");
    let email = || Email::parse("ana@example.org").unwrap();
    app.run(service::admin::disable(&app.db, app.clock.now().into(), email())).unwrap();
    script.get("/api/v1/me").is_problem(401, "account_disabled");
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
    app.run(service::admin::enable(&app.db, app.clock.now().into(), email())).unwrap();
    script.get("/api/v1/me").is(200);
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
}
