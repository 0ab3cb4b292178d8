//! Sessions: who gets one, how guesses are slowed, when they end.

use std::sync::Barrier;

use service::{
    entity::user::SiteRole,
    text::{DisplayName, Email},
};
use tests::{Response, TestApp, Value, app::PASSWORD, json};
use time::Duration;

fn seconds(answer: &Response, header: &str) -> i64 {
    answer.header(header).expect("no such header").parse().unwrap()
}

/// One more guess at an address.
fn guess(app: &TestApp, email: &str) -> Response {
    app.log_in(email, "a wrong guess")
}

/// Uses up the guesses that cost nothing.
fn fail_five_times(app: &TestApp, email: &str) {
    for _ in 0..5 {
        guess(app, email).is_problem(401, "wrong_credentials");
    }
}

/// Status, headers but the date, and body.
fn whole(answer: &Response) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}

#[test]
fn who_is_not_let_in_learns_nothing_about_the_account() {
    let app = TestApp::start();
    let (_ana, _ben) = (app.person("ana"), app.person("ben"));
    let now = app.clock.now().into();
    let email = |text: &str| Email::parse(text).unwrap();
    app.run(service::admin::disable(&app.db, now, email("ben@example.org"))).unwrap();
    let name = DisplayName::parse("Cy").unwrap();
    let made = service::admin::create(&app.db, now, email("cy@example.org"), name, SiteRole::Member);
    app.run(made).map(drop).unwrap();
    let try_it = |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        app.anonymous().with("x-request-id", "the-same").post("/api/v1/sessions", body)
    };
    let wrong = whole(&try_it("ana@example.org", "a wrong guess").is_problem(401, "wrong_credentials"));
    assert_eq!(whole(&try_it("nobody@example.org", PASSWORD)), wrong);
    // Disabled, with the right password.
    assert_eq!(whole(&try_it("ben@example.org", PASSWORD)), wrong);
    // Has no password yet.
    assert_eq!(whole(&try_it("cy@example.org", PASSWORD)), wrong);
    assert_eq!(whole(&try_it("not an address", PASSWORD)), wrong);
    assert_eq!(whole(&try_it("ana@example.org", "")), wrong);
}

#[test]
fn after_five_failures_each_attempt_waits_twice_as_long() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    fail_five_times(&app, "ana@example.org");
    for wait in [1, 2, 4, 8] {
        let answer = guess(&app, "ana@example.org").is_problem(429, "too_many_attempts");
        assert_eq!(seconds(&answer, "retry-after"), wait);
        assert_eq!(seconds(&answer, "ratelimit-reset"), wait);
        assert_eq!(seconds(&answer, "ratelimit-remaining"), 0);
        // The right password waits as well, and asking too early costs nothing more.
        app.log_in("ana@example.org", PASSWORD).is_problem(429, "too_many_attempts");
        app.clock.advance(Duration::seconds(wait - 1));
        app.log_in("ana@example.org", PASSWORD).is_problem(429, "too_many_attempts");
        app.clock.advance(Duration::seconds(1));
        guess(&app, "ana@example.org").is_problem(401, "wrong_credentials");
    }
    app.clock.advance(Duration::seconds(16));
    app.log_in("ana@example.org", PASSWORD).is(201);
    // All is forgotten.
    fail_five_times(&app, "ana@example.org");
    let answer = guess(&app, "ana@example.org").is_problem(429, "too_many_attempts");
    assert_eq!(seconds(&answer, "retry-after"), 1);
}

#[test]
fn nobody_is_locked_out_for_longer_than_a_quarter_of_an_hour() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    fail_five_times(&app, "ana@example.org");
    let mut waits = Vec::new();
    for _ in 0..13 {
        let answer = guess(&app, "ana@example.org").is_problem(429, "too_many_attempts");
        let wait = seconds(&answer, "retry-after");
        waits.push(wait);
        app.clock.advance(Duration::seconds(wait));
        guess(&app, "ana@example.org").is_problem(401, "wrong_credentials");
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    app.clock.advance(Duration::minutes(15));
    app.log_in("ana@example.org", PASSWORD).is(201);
}

#[test]
fn failures_are_forgotten_after_a_day() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    fail_five_times(&app, "ana@example.org");
    app.clock.advance(Duration::days(1));
    fail_five_times(&app, "ana@example.org");
    guess(&app, "ana@example.org").is_problem(429, "too_many_attempts");
}

#[test]
fn an_address_nobody_has_is_slowed_down_alike() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    for typed in ["nobody@example.org", "NOBODY@example.org", " nobody@example.org ", "Nobody@Example.org"] {
        guess(&app, typed).is_problem(401, "wrong_credentials");
    }
    guess(&app, "nobody@example.org").is_problem(401, "wrong_credentials");
    let unknown = guess(&app, "nobody@EXAMPLE.org").is_problem(429, "too_many_attempts");
    fail_five_times(&app, "ana@example.org");
    let known = guess(&app, "ana@example.org").is_problem(429, "too_many_attempts");
    assert_eq!(unknown.header("retry-after"), known.header("retry-after"));
    assert_eq!(unknown.str("detail"), known.str("detail"));
    // Others are not slowed down with them.
    let _ben = app.person("ben");
}

#[test]
fn guesses_side_by_side_are_all_counted() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let start = Barrier::new(16);
    let one = || {
        start.wait();
        guess(&app, "ana@example.org").status
    };
    let mut found: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    found.sort_unstable();
    let expected = [[401; 5].as_slice(), &[429; 11]].concat();
    assert_eq!(found, expected);
}

#[test]
fn a_session_says_who_came_and_until_when() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let answer = app.log_in("ana@example.org", PASSWORD).is(201);
    assert_eq!(answer.header("location"), Some("/api/v1/sessions/current"));
    assert_eq!(answer.str("expires_at"), "2026-04-01T09:00:00Z");
    assert_eq!(answer.json()["user"], ana.get("/api/v1/me").is(200).json());
    assert!(answer.str("token").starts_with("cqs_"));
    assert_ne!(answer.str("token"), ana.token);
    for (body, code) in [
        (json!({ "email": "ana@example.org" }), "required"),
        (json!({ "email": "ana@example.org", "password": PASSWORD, "remember": true }), "unknown_field"),
        (json!({ "email": "ana@example.org", "password": null }), "wrong_type"),
    ] {
        let answer = app.anonymous().post("/api/v1/sessions", body).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors()[0].1, code);
    }
}

#[test]
fn a_person_lists_own_sessions_and_ends_them() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    app.clock.advance(Duration::hours(1));
    let body = json!({ "email": "ana@example.org", "password": PASSWORD });
    let from_phone = app.anonymous().with("user-agent", "A phone/1.0");
    let token = from_phone.post("/api/v1/sessions", body).is(201).str("token");
    let phone = app.anonymous().bearer(&token);
    let listed = ana.get("/api/v1/sessions").is(200);
    assert_eq!(listed.json()["next_cursor"], Value::Null);
    assert!(!listed.text().contains("cqs_"), "{}", listed.text());
    let sessions = listed.items();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0]["user_agent"], "A phone/1.0");
    assert_eq!(sessions[0]["created_at"], "2026-03-02T10:00:00Z");
    assert_eq!(sessions[0]["current"], false);
    assert_eq!(sessions[1]["current"], true);
    assert_eq!(sessions[1]["last_seen_at"], "2026-03-02T10:00:00Z");
    assert_eq!(phone.get("/api/v1/sessions").is(200).items()[0]["current"], true);
    let path = format!("/api/v1/sessions/{}", sessions[0]["id"].as_str().unwrap());
    ben.delete(&path).is_problem(404, "not_found");
    phone.get("/api/v1/me").is(200);
    ana.delete(&path).is(204);
    phone.get("/api/v1/me").is_problem(401, "token_invalid");
    ana.delete(&path).is_problem(404, "not_found");
    assert_eq!(ana.get("/api/v1/sessions").is(200).items().len(), 1);
    assert_eq!(ben.get("/api/v1/sessions").is(200).items().len(), 1);
}

#[test]
fn logging_out_ends_this_session_alone() {
    let app = TestApp::start();
    let (ana, phone) = (app.person("ana"), app.sign_in("ana@example.org"));
    let answer = ana.delete("/api/v1/sessions/current").is(204);
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"cookies\", \"storage\""));
    assert!(answer.body.is_empty());
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
    ana.delete("/api/v1/sessions/current").is_problem(401, "token_invalid");
    phone.get("/api/v1/me").is(200);
}

#[test]
fn an_unused_session_is_over_after_twelve_hours() {
    let app = TestApp::start();
    let ana = app.person("ana");
    app.clock.advance(Duration::hours(12) - Duration::seconds(1));
    ana.get("/api/v1/me").is(200);
    app.clock.advance(Duration::hours(12) - Duration::seconds(1));
    ana.get("/api/v1/me").is(200);
    app.clock.advance(Duration::hours(12));
    ana.get("/api/v1/me").is_problem(401, "session_expired");
    ana.post("/api/v1/classes", json!({ "name": "Logic" })).is_problem(401, "session_expired");
}

#[test]
fn an_unused_session_of_staff_is_over_after_eight_hours() {
    let app = TestApp::start();
    let (owner, tutor, student) = (app.person("owner"), app.person("tutor"), app.person("student"));
    let class = owner.opens_class("Logic");
    owner.admits(&class, &tutor, "tutor");
    owner.admits(&class, &student, "student");
    let admin = app.person("admin");
    let email = Email::parse("admin@example.org").unwrap();
    app.run(service::admin::grant(&app.db, app.clock.now().into(), email, SiteRole::Admin)).unwrap();
    app.clock.advance(Duration::hours(8) - Duration::seconds(1));
    for person in [&owner, &tutor, &admin, &student] {
        person.get("/api/v1/me").is(200);
    }
    app.clock.advance(Duration::hours(8));
    for person in [&owner, &tutor, &admin] {
        person.get("/api/v1/me").is_problem(401, "session_expired");
    }
    student.get("/api/v1/me").is(200);
}

#[test]
fn use_keeps_a_session_alive_for_thirty_days_and_no_longer() {
    let app = TestApp::start();
    let ana = app.person("ana");
    for _ in 0..71 {
        app.clock.advance(Duration::hours(10));
        ana.get("/api/v1/me").is(200);
    }
    app.clock.advance(Duration::hours(10) - Duration::seconds(1));
    let later = app.sign_in("ana@example.org");
    assert_eq!(ana.get("/api/v1/sessions").is(200).items().len(), 2);
    app.clock.advance(Duration::seconds(1));
    ana.get("/api/v1/me").is_problem(401, "session_expired");
    assert_eq!(later.get("/api/v1/sessions").is(200).items().len(), 1);
}

/// The cookie by which a browser is known, as it sends it.
fn known(answer: &Response) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = set.filter_map(|cookie| cookie.split_once(';')).find(|(pair, _)| pair.starts_with("known="));
    cookie.expect("no cookie of a known browser").0.to_owned()
}

fn log_in_from(app: &TestApp, cookie: &str, email: &str, password: &str) -> Response {
    let browser = app.anonymous().with("cookie", cookie);
    browser.post("/api/v1/sessions", json!({ "email": email, "password": password }))
}

#[test]
fn whoever_guesses_is_slowed_down_and_the_persons_own_browser_is_not() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let email = "ana@example.org";
    let cookie = known(&app.log_in(email, PASSWORD).is(201));
    fail_five_times(&app, email);
    for wait in [1, 2, 4] {
        let answer = guess(&app, email).is_problem(429, "too_many_attempts");
        assert_eq!(seconds(&answer, "retry-after"), wait);
        // At once, as often as wanted, with a mistake in between; and it stays the same browser.
        log_in_from(&app, &cookie, email, "mistyped").is_problem(401, "wrong_credentials");
        assert_eq!(known(&log_in_from(&app, &cookie, email, PASSWORD).is(201)), cookie);
        // That changes nothing for the one who guesses.
        guess(&app, email).is_problem(429, "too_many_attempts");
        app.clock.advance(Duration::seconds(wait));
        guess(&app, email).is_problem(401, "wrong_credentials");
    }
    // In a page as well.
    let browser = app.anonymous().with("cookie", &cookie);
    let form = format!("email=ana%40example.org&password={}&next=%2F", PASSWORD.replace(' ', "+"));
    let content = Some("application/x-www-form-urlencoded");
    browser.send("POST", "/login", content, form.clone().into_bytes()).is(303);
    app.anonymous().send("POST", "/login", content, form.into_bytes()).is(429);
}

#[test]
fn who_guesses_in_a_known_browser_is_slowed_down_like_anybody() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let email = "ana@example.org";
    let cookie = known(&app.log_in(email, PASSWORD).is(201));
    let try_it = |password: &str| log_in_from(&app, &cookie, email, password);
    for _ in 0..5 {
        try_it("wrong").is_problem(401, "wrong_credentials");
    }
    let mut guesses = 5;
    for wait in [1, 2, 4, 8, 16] {
        assert_eq!(seconds(&try_it("wrong").is_problem(429, "too_many_attempts"), "retry-after"), wait);
        try_it(PASSWORD).is_problem(429, "too_many_attempts");
        // Others are not slowed down with it.
        app.clock.advance(Duration::seconds(wait));
        try_it("wrong").is_problem(401, "wrong_credentials");
        guesses += 1;
    }
    // After ten it is trusted no more: from here on it is one of those who guess at the address.
    assert_eq!(guesses, 10);
    for _ in 0..5 {
        try_it("wrong").is_problem(401, "wrong_credentials");
    }
    try_it(PASSWORD).is_problem(429, "too_many_attempts");
    guess(&app, email).is_problem(429, "too_many_attempts");
    // A day later it is known again.
    app.clock.advance(Duration::days(1));
    fail_five_times(&app, email);
    try_it(PASSWORD).is(201);
}

#[test]
fn only_the_persons_own_browser_is_known_and_only_by_this_password() {
    let app = TestApp::start();
    let (ana, _ben) = (app.person("ana"), app.person("ben"));
    let email = "ana@example.org";
    let cookie = known(&app.log_in(email, PASSWORD).is(201));
    let of_ben = known(&app.log_in("ben@example.org", PASSWORD).is(201));
    assert_ne!(cookie, known(&app.log_in(email, PASSWORD).is(201)));
    fail_five_times(&app, email);
    let forged = cookie.split_at(cookie.len() - 4).0.to_owned() + "AAAA";
    for other in [&of_ben, &forged, "known=", "known=A", &cookie.replace("known=", "known=A")] {
        log_in_from(&app, other, email, PASSWORD).is_problem(429, "too_many_attempts");
    }
    log_in_from(&app, &cookie, email, PASSWORD).is(201);
    // Another account learns nothing by it.
    fail_five_times(&app, "ben@example.org");
    log_in_from(&app, &cookie, "ben@example.org", PASSWORD).is_problem(429, "too_many_attempts");
    // It opens nothing.
    app.anonymous().with("cookie", &cookie).get("/api/v1/me").is_problem(401, "token_missing");
    app.clock.advance(Duration::seconds(1));
    ana.patch("/api/v1/me", json!({ "password": "a bench in the park", "current_password": PASSWORD })).is(200);
    fail_five_times(&app, email);
    log_in_from(&app, &cookie, email, "a bench in the park").is_problem(429, "too_many_attempts");
}
