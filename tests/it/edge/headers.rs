//! Headers that every answer has, whatever became of the request.

use tests::{Response, TestApp, app::PASSWORD, json};

const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Answers of every kind, each with the status it should have.
fn answers(app: &TestApp) -> Vec<(u16, Response)> {
    let (nobody, ana) = (app.anonymous(), app.person("ana"));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(300 << 10));
    let json = Some("application/json");
    let panics = |path: &str| {
        app.clock.break_once();
        ana.get(path)
    };
    vec![
        (200, nobody.get("/health")),
        (200, ana.get("/api/v1/me")),
        (200, nobody.get("/")),
        (400, ana.send("POST", "/api/v1/classes", json, b"{".to_vec())),
        (401, nobody.get("/api/v1/me")),
        (404, nobody.get("/nothing")),
        (404, nobody.get("/reset/cqr_nothing")),
        (405, nobody.send("PUT", "/api/v1/me", None, Vec::new())),
        (413, ana.send("POST", "/api/v1/classes", json, large.into_bytes())),
        (415, ana.send("POST", "/api/v1/classes", Some("text/plain"), b"{}".to_vec())),
        (422, ana.get("/api/v1/classes?limit=1000")),
        (500, panics("/api/v1/me")),
    ]
}

#[test]
fn every_answer_has_the_headers_that_keep_browsers_careful() {
    for (url, lasts) in [("https://colloquium.example.org", Some("max-age=31536000")), ("http://localhost:8080", None)]
    {
        let app = TestApp::with(|config| config.public_url = url.to_owned());
        for (status, answer) in answers(&app) {
            let answer = answer.is(status);
            for (name, value) in ALWAYS {
                assert_eq!(answer.header(name), Some(value), "{name} of {status}");
            }
            // Pages need `Origin` on their forms, which browsers send as `null` under `no-referrer`.
            let for_people = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            let referrer = if for_people { "same-origin" } else { "no-referrer" };
            assert_eq!(answer.header("referrer-policy"), Some(referrer), "{status}");
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(answer.header("strict-transport-security"), lasts, "{status} at {url}");
        }
    }
}

#[test]
fn logging_out_leaves_nothing_in_the_browser() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let out = app.sign_in("ana@example.org").delete("/api/v1/sessions/current").is(204);
    assert_eq!(out.header("clear-site-data"), Some("\"cache\", \"cookies\", \"storage\""));
    app.log_in("ana@example.org", PASSWORD).is(201);
    assert_eq!(app.anonymous().post("/api/v1/sessions", json!({})).is(422).header("clear-site-data"), None);
}
