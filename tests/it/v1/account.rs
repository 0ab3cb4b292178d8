//! Accounts: register, change, delete, by open door, by invitation and behind a closed one.

use service::{
    entity::user::SiteRole,
    rules::Registration,
    text::{DisplayName, Email},
};
use tests::{Person, Response, TestApp, Value, app::PASSWORD, json};
use time::Duration;

fn registration(email: &str) -> Value {
    json!({ "email": email, "display_name": "Somebody", "password": PASSWORD })
}

fn register(app: &TestApp, body: Value) -> Response {
    app.anonymous().post("/api/v1/users", body)
}

/// A teacher on a server where nobody can register by themselves.
fn teacher(app: &TestApp) -> Person {
    let (email, name) = (Email::parse("ms@example.org"), DisplayName::parse("Ms"));
    let made =
        service::admin::create(&app.db, app.clock.now().into(), email.unwrap(), name.unwrap(), SiteRole::Teacher);
    let token = app.run(made).unwrap();
    let body = json!({ "token": token.expose(), "password": PASSWORD });
    app.anonymous().post("/api/v1/password_resets", body).is(204);
    app.sign_in("ms@example.org")
}

/// What is wrong with a body, sorted by where.
fn flaws(answer: &Response) -> Vec<(String, String)> {
    let mut found = answer.field_errors();
    found.sort();
    found
}

fn flaw(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn a_person_registers_logs_in_and_is_known() {
    let app = TestApp::start();
    let answer = register(&app, registration("Ana@Example.ORG")).is(201);
    assert_eq!(answer.header("location"), Some("/api/v1/me"));
    let body = answer.json();
    assert_eq!(body["enrolment"], Value::Null);
    assert_eq!(body["user"]["email"], "ana@example.org");
    let ana = app.sign_in("ANA@example.org");
    let me = ana.get("/api/v1/me").is(200);
    assert_eq!(me.json(), body["user"]);
    assert_eq!(me.header("etag"), Some("\"1\""));
    let expected = json!({
        "email": "ana@example.org", "display_name": "Somebody", "site_role": "member",
        "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z",
    });
    assert_eq!(me.json(), expected);
    ana.delete("/api/v1/sessions/current").is(204);
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
}

#[test]
fn an_address_can_be_registered_once_in_whatever_case() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    for again in ["ana@example.org", "ANA@example.org", "  Ana@EXAMPLE.org "] {
        register(&app, registration(again)).is_problem(409, "email_taken");
    }
}

#[test]
fn everything_wrong_with_a_registration_is_said_at_once() {
    let app = TestApp::start();
    let body = json!({ "email": "nobody", "display_name": "  ", "password": "short" });
    let answer = register(&app, body).is_problem(422, "validation_failed");
    let expected = [flaw("/display_name", "blank"), flaw("/email", "email_invalid"), flaw("/password", "too_short")];
    assert_eq!(flaws(&answer), expected);
    let mut named = registration("ana@example.org");
    named["display_name"] = json!("An\u{202e}a");
    let answer = register(&app, named).is_problem(422, "validation_failed");
    assert_eq!(flaws(&answer), [flaw("/display_name", "control_character")]);
    let long = json!({ "email": format!("{}@example.org", "a".repeat(250)), "display_name": "x".repeat(101),
        "password": PASSWORD });
    let answer = register(&app, long).is_problem(422, "validation_failed");
    assert_eq!(flaws(&answer), [flaw("/display_name", "too_long"), flaw("/email", "too_long")]);
}

#[test]
fn a_password_is_neither_short_nor_endless_nor_the_first_guess() {
    let app = TestApp::start();
    let with = |password: &str| json!({ "email": "ana.lopez@example.org", "display_name": "Ana Maria Lopez", "password": password });
    let endless = "x".repeat(257);
    for (password, code) in [
        ("1234567", "too_short"),
        ("pässwör", "too_short"),
        (endless.as_str(), "too_long"),
        ("Password1", "password_common"),
        ("colloquium", "password_common"),
        ("Ana.Lopez", "password_common"),
        ("ana maria lopez", "password_common"),
        ("ana.lopez@example.org", "password_common"),
    ] {
        let answer = register(&app, with(password)).is_problem(422, "validation_failed");
        assert_eq!(flaws(&answer), [flaw("/password", code)], "{password}");
    }
    register(&app, with("pässwört")).is(201);
}

#[test]
fn a_password_counts_to_the_last_character() {
    let app = TestApp::start();
    let longest = format!(" {}z🐎 ", "xy".repeat(126));
    let mut body = registration("ana@example.org");
    body["password"] = json!(longest);
    register(&app, body).is(201);
    for wrong in [longest.trim(), &longest[..longest.len() - 1], &longest.to_uppercase()] {
        app.log_in("ana@example.org", wrong).is_problem(401, "wrong_credentials");
    }
    app.log_in("ana@example.org", &longest).is(201);
}

#[test]
fn a_code_registers_and_joins_in_one_go() {
    let app = TestApp::start();
    let ms = app.person("ms");
    let class = ms.opens_class("Logic");
    let mut body = registration("ben@example.org");
    body["invite_code"] = json!(ms.invites(&class, "student").to_lowercase());
    let enrolment = register(&app, body).is(201).json()["enrolment"].clone();
    assert_eq!(enrolment["class_id"], class);
    assert_eq!(enrolment["role"], "student");
    let seen = app.sign_in("ben@example.org").get(&format!("/api/v1/classes/{class}")).is(200);
    assert_eq!(seen.str("enrolment_id"), enrolment["id"]);
}

#[test]
fn a_bad_code_registers_nobody() {
    let app = TestApp::start();
    let ms = app.person("ms");
    let class = ms.opens_class("Logic");
    let invites = format!("/api/v1/classes/{class}/invites");
    let make = |body: Value| ms.post(&invites, body).is(201);
    let over = make(json!({ "role": "student", "expires_at": "2026-03-02T09:00:01Z" })).str("code");
    let used = make(json!({ "role": "student", "max_uses": 1 })).str("code");
    app.person("zoe").joins(&used);
    let revoked = make(json!({ "role": "student" }));
    ms.delete(&format!("/api/v1/invites/{}", revoked.str("id"))).is(204);
    app.clock.advance(Duration::seconds(1));
    for (code, status, name) in [
        ("ZZZZZZZZ", 404, "not_found"),
        ("no code at all", 404, "not_found"),
        (over.as_str(), 410, "invite_expired"),
        (used.as_str(), 410, "invite_used_up"),
        (revoked.str("code").as_str(), 410, "invite_revoked"),
    ] {
        let mut body = registration("ben@example.org");
        body["invite_code"] = json!(code);
        register(&app, body).is_problem(status, name);
    }
    let members = ms.get(&format!("/api/v1/classes/{class}/enrolments")).is(200).items();
    assert_eq!(members.len(), 2);
    // The address is still free.
    register(&app, registration("ben@example.org")).is(201);
}

#[test]
fn where_people_register_by_invitation_nobody_gets_in_without_a_code() {
    let app = TestApp::with(|config| config.rules.registration = Registration::Invite);
    let ms = teacher(&app);
    let code = ms.invites(&ms.opens_class("Logic"), "auditor");
    register(&app, registration("ben@example.org")).is_problem(403, "invite_required");
    let mut body = registration("ben@example.org");
    body["invite_code"] = json!("ZZZZZZZZ");
    register(&app, body.clone()).is_problem(404, "not_found");
    app.log_in("ben@example.org", PASSWORD).is_problem(401, "wrong_credentials");
    body["invite_code"] = json!(code);
    let joined = register(&app, body).is(201).json()["enrolment"].clone();
    assert_eq!(joined["role"], "auditor");
    app.sign_in("ben@example.org").get("/api/v1/me").is(200);
}

#[test]
fn where_registration_is_closed_no_code_opens_it() {
    let app = TestApp::with(|config| config.rules.registration = Registration::Closed);
    let ms = teacher(&app);
    let code = ms.invites(&ms.opens_class("Logic"), "student");
    let mut body = registration("ben@example.org");
    register(&app, body.clone()).is_problem(403, "registration_closed");
    body["invite_code"] = json!(code);
    register(&app, body).is_problem(403, "registration_closed");
    app.log_in("ben@example.org", PASSWORD).is_problem(401, "wrong_credentials");
}

#[test]
fn a_change_of_name_is_not_lost_to_another_one() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let first = ana.with("if-match", "\"1\"");
    app.clock.advance(Duration::minutes(1));
    let changed = first.patch("/api/v1/me", json!({ "display_name": "  Ana L. " })).is(200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(changed.str("display_name"), "Ana L.");
    assert_eq!(changed.str("updated_at"), "2026-03-02T09:01:00Z");
    first.patch("/api/v1/me", json!({ "display_name": "Anna" })).is_problem(412, "version_mismatch");
    assert_eq!(ana.get("/api/v1/me").is(200).str("display_name"), "Ana L.");
    let anyhow = ana.with("if-match", "*");
    let changed = anyhow.patch("/api/v1/me", json!({ "display_name": "Anna" })).is(200);
    assert_eq!(changed.header("etag"), Some("\"3\""));
    ana.patch("/api/v1/me", json!({ "display_name": "Ann" })).is(200);
    let odd = ana.with("if-match", "version 3");
    odd.patch("/api/v1/me", json!({ "display_name": "Ann" })).is_problem(422, "if_match_invalid");
}

#[test]
fn a_name_and_a_password_cannot_be_taken_away() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let nothing = json!({ "display_name": null, "password": null, "current_password": PASSWORD });
    let answer = ana.patch("/api/v1/me", nothing).is_problem(422, "validation_failed");
    assert_eq!(flaws(&answer), [flaw("/display_name", "required"), flaw("/password", "required")]);
    for fixed in ["email", "site_role", "status", "created_at", "id"] {
        let answer = ana.patch("/api/v1/me", json!({ fixed: "admin" })).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors()[0].1, "unknown_field", "{fixed}");
    }
    assert_eq!(ana.get("/api/v1/me").is(200).header("etag"), Some("\"1\""));
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_every_other_way_in() {
    let app = TestApp::start();
    let (ana, phone) = (app.person("ana"), app.sign_in("ana@example.org"));
    let token = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "write" })).is(201).str("token");
    let script = app.anonymous().bearer(&token);
    let with = |current: Option<&str>, new: &str| json!({ "current_password": current, "password": new });
    for (body, expected) in [
        (with(None, "another password"), flaw("/current_password", "required")),
        (with(Some("a wrong guess"), "another password"), flaw("/current_password", "password_wrong")),
        (with(Some(PASSWORD), "ana"), flaw("/password", "too_short")),
    ] {
        let answer = ana.patch("/api/v1/me", body).is_problem(422, "validation_failed");
        assert_eq!(flaws(&answer), [expected]);
    }
    let body = with(Some(PASSWORD), "another password");
    script.patch("/api/v1/me", body.clone()).is_problem(403, "session_required");
    phone.get("/api/v1/me").is(200);
    ana.patch("/api/v1/me", body).is(200);
    ana.get("/api/v1/me").is(200);
    phone.get("/api/v1/me").is_problem(401, "token_invalid");
    script.get("/api/v1/me").is_problem(401, "token_revoked");
    app.log_in("ana@example.org", PASSWORD).is_problem(401, "wrong_credentials");
    app.log_in("ana@example.org", "another password").is(201);
}

#[test]
fn a_new_name_ends_nothing() {
    let app = TestApp::start();
    let (ana, phone) = (app.person("ana"), app.sign_in("ana@example.org"));
    let token = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "write" })).is(201).str("token");
    let script = app.anonymous().bearer(&token);
    script.patch("/api/v1/me", json!({ "display_name": "Ana L." })).is(200);
    phone.get("/api/v1/me").is(200);
    script.get("/api/v1/me").is(200);
}

#[test]
fn an_account_is_deleted_with_its_own_work_and_nothing_else() {
    let app = TestApp::start();
    let (ms, ana) = (app.person("ms"), app.person("ana"));
    let logic = ms.opens_class("Logic");
    let membership = ms.admits(&logic, &ana, "student");
    let hers = ana.writes(&logic, "Hers", "class");
    let his = ms.writes(&logic, "His", "class");
    let own = ana.opens_class("Reading group");
    ms.joins(&ana.invites(&own, "student"));
    let token = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "read" })).is(201).str("token");
    let phone = app.sign_in("ana@example.org");
    for query in ["", "?confirm=", "?confirm=yes", "?confirm=ms@example.org"] {
        let answer = ana.delete(&format!("/api/v1/me{query}")).is_problem(422, "validation_failed");
        assert_eq!(flaws(&answer), [flaw("confirm", "confirmation_wrong")]);
    }
    ana.delete("/api/v1/me?confirm=ANA@example.org").is(204);
    for gone in [&ana.client, &phone.client, &app.anonymous().bearer(&token)] {
        gone.get("/api/v1/me").is_problem(401, "token_invalid");
    }
    app.log_in("ana@example.org", PASSWORD).is_problem(401, "wrong_credentials");
    ms.get(&format!("/api/v1/conversations/{hers}")).is_problem(404, "not_found");
    ms.get(&format!("/api/v1/classes/{own}")).is_problem(404, "not_found");
    ms.get(&format!("/api/v1/conversations/{his}")).is(200);
    let members = ms.get(&format!("/api/v1/classes/{logic}/enrolments")).is(200).items();
    assert!(members.len() == 1 && members.iter().all(|row| row["id"] != membership), "{members:?}");
    register(&app, registration("ana@example.org")).is(201);
}

#[test]
fn an_account_that_owns_a_class_with_others_work_stays() {
    let app = TestApp::start();
    let (ms, ana) = (app.person("ms"), app.person("ana"));
    let class = ms.opens_class("Logic");
    let enrolment = ms.admits(&class, &ana, "instructor");
    ana.writes(&class, "Hers", "private");
    let answer = ms.delete("/api/v1/me?confirm=ms@example.org").is_problem(409, "owns_classes");
    assert!(answer.str("detail").contains("1 class"), "{}", answer.text());
    ms.get("/api/v1/me").is(200);
    ms.patch(&format!("/api/v1/classes/{class}"), json!({ "owner": enrolment })).is(200);
    ms.delete("/api/v1/me?confirm=ms@example.org").is(204);
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}")).is(200).str("role"), "owner");
}

#[test]
fn what_others_try_first_is_refused_at_all_three_doors() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let email = Email::parse("ana@example.org").unwrap();
    let link = app.run(service::admin::reset_link(&app.db, app.clock.now().into(), email)).unwrap();
    let change = |new: &str| json!({ "current_password": PASSWORD, "password": new });
    let reset = |new: &str| json!({ "token": link.expose(), "password": new });
    for easy in ["michael1", "minecraft", "schule123", "Sommer2026!", "password\u{200b}", "        ", "colloquium2"] {
        let new = json!({ "email": "new@example.org", "display_name": "New", "password": easy });
        for refused in [
            register(&app, new),
            ana.patch("/api/v1/me", change(easy)),
            app.anonymous().post("/api/v1/password_resets", reset(easy)),
        ] {
            let refused = refused.is_problem(422, "validation_failed");
            assert_eq!(flaws(&refused), [flaw("/password", "password_common")], "{easy:?}");
        }
    }
    // The account that a link is for is known: its own address and name are easy to guess, too.
    for own in ["ana@example.org", "ana@example.org1"] {
        let refused = app.anonymous().post("/api/v1/password_resets", reset(own)).is_problem(422, "validation_failed");
        assert_eq!(flaws(&refused), [flaw("/password", "password_common")], "{own:?}");
    }
    // Nothing of that used the link up.
    app.anonymous().post("/api/v1/password_resets", reset("a bench in the park")).is(204);
}
