//! Pages of other sites: none may call the API, unless the operator names their origin.

use tests::{Response, TestApp, json};

const FRIEND: &str = "https://notes.example.org";
const STRANGER: &str = "https://elsewhere.example";

fn opened(answer: &Response) -> Option<String> {
    answer.header("access-control-allow-origin").map(str::to_owned)
}

fn preflight(app: &TestApp, origin: &str, path: &str) -> Response {
    let asks = app.anonymous().with("origin", origin).with("access-control-request-method", "PATCH");
    asks.send("OPTIONS", path, None, Vec::new())
}

#[test]
fn only_the_named_origins_are_let_in_and_never_with_a_cookie() {
    let app = TestApp::with(|config| config.cors_origins = vec![FRIEND.to_owned()]);
    let ana = app.person("ana");
    let answer = preflight(&app, FRIEND, "/api/v1/me").is(204);
    assert_eq!(opened(&answer).as_deref(), Some(FRIEND));
    for (name, word) in [("methods", "PATCH"), ("headers", "Authorization"), ("headers", "Idempotency-Key")] {
        assert!(answer.header(&format!("access-control-allow-{name}")).unwrap().contains(word), "{name}");
    }
    let friend = ana.with("origin", FRIEND);
    for answer in [
        friend.get("/api/v1/me").is(200),
        friend.get("/api/v1/nothing").is(404),
        friend.post("/api/v1/classes", json!({})).is(422),
        app.anonymous().with("origin", FRIEND).get("/api/v1/me").is(401),
    ] {
        assert_eq!(opened(&answer).as_deref(), Some(FRIEND));
        assert!(answer.header("access-control-expose-headers").unwrap().contains("X-Request-Id"));
        assert_eq!(answer.header("vary"), Some("Authorization, Cookie, Origin"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    for origin in [STRANGER, "null", "https://notes.example.org.elsewhere.example", "http://notes.example.org"] {
        assert_eq!(opened(&preflight(&app, origin, "/api/v1/me").is(405)), None, "{origin}");
        assert_eq!(opened(&ana.with("origin", origin).get("/api/v1/me").is(200)), None, "{origin}");
    }
    // The pages are for this server's own origin.
    assert_eq!(opened(&app.anonymous().with("origin", FRIEND).get("/login")), None);
    assert_eq!(opened(&app.anonymous().with("origin", FRIEND).get("/health").is(200)), None);
    // A cookie from there changes nothing.
    let body = json!({ "email": ana.email, "password": tests::app::PASSWORD });
    let session = app.anonymous().post("/api/v1/sessions", body).is(201).header("set-cookie").unwrap().to_owned();
    let cookie = app.anonymous().with("origin", FRIEND).with("cookie", session.split(';').next().unwrap());
    cookie.post("/api/v1/classes", json!({ "name": "Logic" })).is_problem(403, "csrf_failed");
}

#[test]
fn without_a_name_nobody_is_let_in() {
    let app = TestApp::start();
    assert_eq!(opened(&preflight(&app, FRIEND, "/api/v1/me").is(405)), None);
    assert_eq!(opened(&app.person("ana").with("origin", FRIEND).get("/api/v1/me").is(200)), None);
}
