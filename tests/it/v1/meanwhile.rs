//! What happens between the moment a request is recognised and the moment it has effect.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use service::{
    Actor, Error, admin,
    entity::{ApiTokenId, user::SiteRole},
    session::{Credential, Rejection},
    text::Email,
};
use tests::{Client, Person, TestApp, Value, app::PASSWORD, json};

/// A request whose head has arrived and whose body is held back.
struct Held(TcpStream, String);

impl Held {
    /// Sends the head; returns when the server has recognised who asks and waits for the body.
    fn begin(app: &TestApp, person: &Person, path: &str, body: &Value) -> Self {
        // From here on the use of a credential is noted again, which shows that it was looked up.
        app.clock.advance(time::Duration::minutes(6));
        let mut stream = TcpStream::connect(app.addr).unwrap();
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            person.token,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let begin = std::time::Instant::now();
        while !was_used(app) {
            assert!(begin.elapsed().as_secs() < 30, "nobody was recognised");
            std::thread::yield_now();
        }
        Self(stream, body)
    }

    /// Sends the body; the status and code of the answer.
    fn end(mut self) -> (String, String) {
        self.0.write_all(self.1.as_bytes()).unwrap();
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().to_owned();
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        let code = serde_json::from_str::<Value>(body).ok().and_then(|b| b["code"].as_str().map(str::to_owned));
        (status, code.unwrap_or_default())
    }
}

/// Whether a credential was used at this very moment of the test's clock.
fn was_used(app: &TestApp) -> bool {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let now = entity::Moment::from(app.clock.now());
    let db = app.db.connection();
    let session = entity::session::Entity::find().filter(entity::session::COLUMN.last_seen_at.eq(now));
    let token = entity::api_token::Entity::find().filter(entity::api_token::COLUMN.last_used_at.eq(now));
    app.run(async { session.one(db).await.unwrap().is_some() || token.one(db).await.unwrap().is_some() })
}

fn expect(answer: (String, String), status: &str, code: &str) {
    assert_eq!((answer.0.as_str(), answer.1.as_str()), (status, code));
}

#[test]
fn a_body_held_back_does_not_outlive_its_session() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let thief = app.sign_in("ana@example.org");
    let token = json!({ "name": "back door", "scope": "write" });
    let held = Held::begin(&app, &thief, "/api/v1/me/tokens", &token);
    let change = json!({ "password": "another good password", "current_password": PASSWORD });
    ana.patch("/api/v1/me", change).is(200);
    expect(held.end(), "401", "token_invalid");
    assert_eq!(ana.get("/api/v1/me/tokens").is(200).items(), Vec::<Value>::new());
}

#[test]
fn a_body_held_back_does_not_outlive_its_account() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let bodies = [
        ("/api/v1/classes".to_owned(), json!({ "name": "Another" })),
        (format!("/api/v1/classes/{class}/invites"), json!({ "role": "student" })),
    ];
    let held: Vec<Held> = bodies.iter().map(|(path, body)| Held::begin(&app, &ana, path, body)).collect();
    let at = app.clock.now().into();
    app.run(admin::disable(&app.db, at, Email::parse("ana@example.org").unwrap())).unwrap();
    for one in held {
        expect(one.end(), "401", "account_disabled");
    }
}

#[test]
fn who_may_open_classes_is_asked_when_the_class_is_opened() {
    let app = TestApp::with(|config| config.rules.class_creation = service::rules::ClassCreation::Teachers);
    let ana = app.person("ana");
    let at = app.clock.now().into();
    let email = || Email::parse("ana@example.org").unwrap();
    app.run(admin::grant(&app.db, at, email(), SiteRole::Teacher)).unwrap();
    let held = Held::begin(&app, &ana, "/api/v1/classes", &json!({ "name": "Logic" }));
    app.run(admin::grant(&app.db, at, email(), SiteRole::Member)).unwrap();
    expect(held.end(), "403", "class_creation_restricted");
}

#[test]
fn a_revoked_token_does_nothing_more() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "write" })).is(201);
    let script = Person { token: made.str("token"), client: app.anonymous(), email: ana.email.clone() };
    let held = Held::begin(&app, &script, "/api/v1/classes", &json!({ "name": "Logic" }));
    ana.delete(&format!("/api/v1/me/tokens/{}", made.str("id"))).is(204);
    expect(held.end(), "401", "token_revoked");
}

#[test]
fn a_unit_for_a_credential_that_ended_changes_nothing() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let row = {
        use sea_orm::EntityTrait;
        app.run(entity::user::Entity::find().one(app.db.connection())).unwrap().unwrap()
    };
    let credential = Some(Credential::ApiToken(ApiTokenId::new(), entity::api_token::Scope::Write));
    let actor = Actor { user: row.id, at: app.clock.now().into(), credential, once: None };
    let refused = app.run(app.db.write_as(&actor, |_| async { Ok(()) }));
    assert!(matches!(refused, Err(Error::Rejected(Rejection::TokenRevoked))), "{refused:?}");
    drop(ana);
}

#[test]
fn no_place_tells_what_others_did_while_a_body_was_held_back() {
    let told = [false, true].map(|meanwhile| {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        let id = ana.writes(&class, "Lecture", "class");
        let marks = format!("/api/v1/conversations/{id}/annotations");
        let held = Held::begin(&app, &ben, &marks, &json!({ "note": "Bens", "audience": "class" }));
        app.clock.advance(time::Duration::seconds(1));
        if meanwhile {
            cid.post(&marks, json!({ "note": "Mine alone", "audience": "private" })).is(201);
        }
        app.clock.advance(time::Duration::seconds(1));
        expect(held.end(), "201", "");
        let now = entity::Moment::from(app.clock.now()).0;
        let changes =
            ben.get(&format!("/api/v1/classes/{class}/changes?since={}", now - 3_600_000_000)).is(200).items();
        let event = changes.last().unwrap();
        let mark = ben.get(&marks).is(200).items()[0].clone();
        assert_eq!((&event["kind"], &event["id"]), (&json!("annotation.created"), &mark["id"]));
        (event["seq"].as_i64().unwrap() - now, mark["created_at"].clone())
    });
    // Six minutes before the head was sent, and two seconds: the moment when the body came.
    assert_eq!(told, [(0, json!("2026-03-02T09:06:02Z")), (0, json!("2026-03-02T09:06:02Z"))]);
}

#[test]
fn a_wrong_code_tells_nothing_about_addresses() {
    let app = TestApp::with(|config| config.rules.registration = service::rules::Registration::Invite);
    let email = Email::parse("ana@example.org").unwrap();
    let name = service::text::DisplayName::parse("Ana").unwrap();
    app.run(admin::create(&app.db, app.clock.now().into(), email, name, SiteRole::Member)).unwrap();
    let caller: Client = app.anonymous().with("x-request-id", "same");
    let answers = ["ana@example.org", "free@example.org"].map(|email| {
        let body = json!({ "email": email, "display_name": "X", "password": PASSWORD, "invite_code": "ABCD2345" });
        caller.post("/api/v1/users", body).is_problem(404, "not_found").body
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn the_current_password_is_not_guessed_faster_than_at_the_door() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let guess = json!({ "password": "another good password", "current_password": "wrong" });
    for _ in 0..5 {
        ana.patch("/api/v1/me", guess.clone()).is_problem(422, "validation_failed");
    }
    ana.patch("/api/v1/me", guess).is_problem(429, "too_many_attempts");
    app.log_in("ana@example.org", PASSWORD).is_problem(429, "too_many_attempts");
    app.clock.advance(time::Duration::seconds(2));
    let right = json!({ "password": "another good password", "current_password": PASSWORD });
    ana.patch("/api/v1/me", right).is(200);
    app.log_in("ana@example.org", "another good password").is(201);
}

#[test]
fn an_instructor_does_not_see_the_codes_that_make_instructors() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let ina = app.person("ina");
    ana.admits(&class, &ina, "instructor");
    let student = ana.invites(&class, "student");
    let list = format!("/api/v1/classes/{class}/invites");
    let codes = |who: &Person| -> Vec<String> {
        who.get(&list).is(200).items().iter().map(|i| i["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&ina), [student]);
    assert_eq!(codes(&ana).len(), 2);
}

#[test]
fn who_left_can_still_be_shut_out() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let ben = app.person("ben");
    let id = ana.admits(&class, &ben, "student");
    let code = ana.invites(&class, "student");
    ben.delete(&format!("/api/v1/enrolments/{id}")).is(204);
    ana.delete(&format!("/api/v1/enrolments/{id}")).is(204);
    ben.post("/api/v1/enrolments", json!({ "invite_code": code })).is_problem(403, "removed_from_class");
}

#[test]
fn an_empty_selection_is_a_mistake_and_imports_nothing() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for query in ["?select=", "?select=,", "?select=%20"] {
        let answer =
            ana.imports(&class, query, "You said:\nHello\nChatGPT said:\nHi").is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors(), [("select".to_owned(), "required".to_owned())]);
    }
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items(), Vec::<Value>::new());
}
