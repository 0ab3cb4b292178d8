//! How many requests a caller may send, with the limits of production.

use api::{config::Config, rate};
use tests::{Client, Response, TestApp, app::PASSWORD, json};
use time::Duration;

/// A server behind a proxy on this machine, limited as in production.
fn limited() -> TestApp {
    TestApp::with(|config| {
        config.rate_limit = true;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
}

fn from(app: &TestApp, address: &str) -> Client {
    app.anonymous().with("x-forwarded-for", address)
}

/// Limit, remaining and reset.
fn said(answer: &Response) -> Vec<Option<i64>> {
    let names = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    names.iter().map(|name| answer.header(name).map(|value| value.parse().unwrap())).collect()
}

fn registration(name: &str, code: Option<&str>) -> tests::Value {
    json!({ "email": format!("{name}@example.org"), "display_name": name, "password": PASSWORD, "invite_code": code })
}

#[test]
fn a_class_of_two_hundred_registers_and_logs_in_from_one_address_at_once() {
    let app = limited();
    let teacher = app.person("teacher");
    let code = teacher.invites(&teacher.opens_class("Logic"), "student");
    let school = from(&app, "198.51.100.1");
    // The clock stands still: all of it in one instant, which is harder than within two minutes.
    for number in 0..200 {
        let name = format!("student{number}");
        school.get("/api/docs/").is(200);
        school.post("/api/v1/users", registration(&name, Some(&code))).is(201);
        let log_in = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        let token = school.post("/api/v1/sessions", log_in).is(201).str("token");
        school.bearer(&token).get("/api/v1/classes").is(200);
    }
}

#[test]
fn who_sends_too_many_is_told_when_to_go_on_and_nobody_else_is() {
    let app = limited();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let user = i64::from(rate::USER.burst);
    let first = ana.get("/api/v1/me").is(200);
    assert_eq!(said(&first), [Some(user), Some(user - 1), Some(1)]);
    for _ in 1..user {
        ana.get("/api/v1/me").is(200);
    }
    let refused = ana.get("/api/v1/me").is_problem(429, "too_many_requests");
    assert_eq!(said(&refused), [Some(user), Some(0), Some(1)]);
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Neither somebody else, nor anybody before login, nor what watches the server.
    ben.get("/api/v1/me").is(200);
    app.anonymous().get("/api/v1/me").is_problem(401, "token_missing");
    for path in ["/health", "/health/live"] {
        assert_eq!(said(&ana.get(path).is(200)), [None; 3]);
    }
    app.clock.advance(Duration::seconds(1));
    let again = ana.get("/api/v1/me").is(200);
    assert_eq!(again.header("ratelimit-remaining"), Some("9"));
}

#[test]
fn an_address_is_what_a_trusted_proxy_says_it_is() {
    let app = limited();
    let left = |client: &Client| client.get("/api/v1/me").header("ratelimit-remaining").map(str::to_owned);
    let last = i64::from(rate::ADDRESS.burst) - 1;
    let nth = |n: i64| Some((last - n).to_string());
    assert_eq!(left(&from(&app, "198.51.100.1")), nth(0));
    // What somebody puts before it makes nobody another one, a token that is none neither.
    assert_eq!(left(&from(&app, "203.0.113.1, 198.51.100.1")), nth(1));
    assert_eq!(left(&from(&app, "198.51.100.1").bearer("cqs_made_up")), nth(2));
    assert_eq!(left(&from(&app, "198.51.100.2")), nth(0));
    let without = TestApp::with(|config| config.rate_limit = true);
    assert_eq!(left(&from(&without, "198.51.100.1")), nth(0));
    assert_eq!(left(&from(&without, "198.51.100.2")), nth(1));
    let off = TestApp::start();
    assert_eq!(left(&off.anonymous()), None);
}

#[test]
fn invitation_codes_cannot_be_guessed() {
    let app = limited();
    let (teacher, guesser) = (app.person("teacher"), app.person("guesser"));
    let code = teacher.invites(&teacher.opens_class("Logic"), "student");
    let join = |code: &str| guesser.post("/api/v1/enrolments", json!({ "invite_code": code }));
    for _ in 0..rate::USER_CODES.burst {
        join("22222222").is_problem(404, "not_found");
    }
    // Not even the right one, or it would tell itself apart.
    for guess in ["22222222", &code] {
        let refused = join(guess).is_problem(429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("60"));
    }
    app.clock.advance(Duration::seconds(60));
    join(&code).is(201);
    // A right code costs nothing.
    for _ in 0..3 {
        join(&code).is(200);
    }
    let (home, school) = (from(&app, "198.51.100.1"), from(&app, "198.51.100.2"));
    for _ in 0..rate::ADDRESS_CODES.burst {
        home.post("/api/v1/users", registration("eve", Some("22222222"))).is_problem(404, "not_found");
    }
    home.post("/api/v1/users", registration("eve", Some(&code))).is_problem(429, "too_many_requests");
    home.post("/api/v1/users", registration("eve", None)).is(201);
    school.post("/api/v1/users", registration("ben", Some(&code))).is(201);
}

#[test]
fn limits_are_on_in_production_and_proxies_are_read_from_the_environment() {
    let read = |vars: &[(&str, &str)]| {
        Config::from_vars(vars.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    };
    let production = ("COLLOQUIUM_PROFILE", "production");
    for (vars, on) in [
        ([].as_slice(), false),
        (&[production], true),
        (&[production, ("COLLOQUIUM_RATE_LIMIT", "off")], false),
        (&[("COLLOQUIUM_RATE_LIMIT", "on")], true),
    ] {
        assert_eq!(read(vars).unwrap().rate_limit, on, "{vars:?}");
    }
    let proxies = |text: &str| read(&[("COLLOQUIUM_TRUSTED_PROXIES", text)]);
    assert_eq!(proxies("127.0.0.1, 10.0.0.0/8,::1").unwrap().trusted_proxies.len(), 3);
    let wrong = proxies("127.0.0.1, proxy.example.org, 10.0.0.0/40").unwrap_err();
    let values: Vec<_> = wrong.iter().filter_map(|error| error.value.as_deref()).collect();
    assert_eq!(values, ["proxy.example.org", "10.0.0.0/40"]);
}
