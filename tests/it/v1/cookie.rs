//! Browsers: sessions by cookie, and what a page of another site cannot do with them.

use tests::{Client, Response, TestApp, app::PASSWORD, json};

/// The cookies an answer sets: name, value, attributes in order of the alphabet.
fn cookies(answer: &Response) -> Vec<(String, String, Vec<String>)> {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut found: Vec<_> = set
        .map(|text| {
            let mut pieces = text.split("; ");
            let (name, value) = pieces.next().unwrap().split_once('=').unwrap();
            // A date in the past and Max-Age=0 say the same; only one of them is asked for.
            let mut attributes: Vec<String> =
                pieces.filter(|piece| !piece.starts_with("Expires=")).map(str::to_owned).collect();
            attributes.sort();
            (name.to_owned(), value.to_owned(), attributes)
        })
        .collect();
    found.sort();
    found
}

fn log_in(app: &TestApp, name: &str) -> Response {
    app.log_in(&format!("{name}@example.org"), PASSWORD).is(201)
}

/// A browser with a session, and the CSRF token its pages know.
fn browser(app: &TestApp, name: &str) -> (Client, String) {
    let answer = log_in(app, name);
    let cookie = format!("theme=dark; session={}", answer.str("token"));
    (app.anonymous().with("cookie", cookie), answer.str("csrf_token"))
}

fn classes(client: &Client) -> usize {
    client.get("/api/v1/classes").is(200).items().len()
}

#[test]
fn logging_in_sets_a_hidden_cookie_and_one_that_pages_can_read() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let answer = log_in(&app, "ana");
    let attributes = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let found = cookies(&answer);
    let (known, value, rest) = found[1].clone();
    // By which the browser is known when somebody logs in with it again: half a year, for nobody's eyes.
    assert_eq!(
        (known.as_str(), rest),
        ("known", attributes(&["HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=Strict"]))
    );
    assert!(value.len() == 64 && !value.contains(&answer.str("token")[4..20]));
    let expected = [
        ("csrf".to_owned(), answer.str("csrf_token"), attributes(&["Max-Age=2592000", "Path=/", "SameSite=Lax"])),
        (
            "session".to_owned(),
            answer.str("token"),
            attributes(&["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]),
        ),
    ];
    assert_eq!([&found[0], &found[2]].map(Clone::clone), expected);
    assert!(!answer.str("csrf_token").contains(&answer.str("token")[4..20]));
}

#[test]
fn over_https_the_cookies_belong_to_this_host_alone() {
    let app = TestApp::with(|config| config.public_url = "https://class.example.org".to_owned());
    let ana = app.person("ana");
    let answer = log_in(&app, "ana");
    let found = cookies(&answer);
    let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["__Host-csrf", "__Host-known", "__Host-session"]);
    for (name, _, attributes) in &found {
        assert!(attributes.contains(&"Secure".to_owned()), "{name}: {attributes:?}");
        assert!(attributes.contains(&"Path=/".to_owned()), "{name}: {attributes:?}");
        assert!(!attributes.iter().any(|text| text.starts_with("Domain")), "{name}: {attributes:?}");
    }
    let with = |cookie: String| app.anonymous().with("cookie", cookie);
    with(format!("__Host-session={}", ana.token)).get("/api/v1/me").is(200);
    // A neighbour on the same domain, or plain HTTP, could have set this one.
    with(format!("session={}", ana.token)).get("/api/v1/me").is_problem(401, "token_missing");
    let page = with(format!("__Host-session={}", answer.str("token"))).with("x-csrf-token", answer.str("csrf_token"));
    for elsewhere in ["http://localhost:8080".to_owned(), format!("http://{}", app.addr)] {
        let elsewhere = page.with("origin", elsewhere);
        elsewhere.post("/api/v1/classes", json!({ "name": "Logic" })).is_problem(403, "csrf_failed");
    }
    let own = page.with("origin", "https://class.example.org");
    own.post("/api/v1/classes", json!({ "name": "Logic" })).is(201);
}

#[test]
fn a_browser_reads_by_its_cookie() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let (browser, _) = browser(&app, "ana");
    assert_eq!(browser.get("/api/v1/me").is(200).str("email"), "ana@example.org");
    assert_eq!(browser.with("sec-fetch-site", "cross-site").get("/api/v1/me").is(200).status, 200);
    let other = app.anonymous().with("cookie", "session=cqs_made_up");
    other.get("/api/v1/me").is_problem(401, "token_invalid");
}

#[test]
fn a_change_by_cookie_must_come_from_a_page_of_ours() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let (browser, csrf) = browser(&app, "ana");
    let others = log_in(&app, "ana").str("csrf_token");
    // The origin of the configuration, and on a plain HTTP server the address it was opened by.
    let (own, by_number) = ("http://localhost:8080", format!("http://{}", app.addr));
    // (X-CSRF-Token, Origin, Sec-Fetch-Site) and whether it is done.
    let cases = [
        (None, None, None, false),
        (None, Some(own), Some("same-origin"), false),
        (Some(""), Some(own), Some("same-origin"), false),
        (Some("made-up"), Some(own), Some("same-origin"), false),
        (Some(others.as_str()), Some(own), Some("same-origin"), false),
        (Some(csrf.as_str()), Some("https://evil.example"), None, false),
        (Some(csrf.as_str()), Some("http://localhost:8080.evil.example"), None, false),
        (Some(csrf.as_str()), Some("https://localhost:8080"), None, false),
        (Some(csrf.as_str()), Some("null"), None, false),
        (Some(csrf.as_str()), None, Some("cross-site"), false),
        (Some(csrf.as_str()), None, Some("same-site"), false),
        (Some(csrf.as_str()), Some(own), Some("cross-site"), false),
        (Some(csrf.as_str()), None, None, true),
        (Some(csrf.as_str()), Some(own), None, true),
        (Some(csrf.as_str()), Some(own), Some("same-origin"), true),
        (Some(csrf.as_str()), Some(by_number.as_str()), Some("same-origin"), true),
        (Some(csrf.as_str()), None, Some("none"), true),
    ];
    let mut made = 0;
    for (token, origin, site, done) in cases {
        let mut page = browser.clone();
        for (name, value) in [("x-csrf-token", token), ("origin", origin), ("sec-fetch-site", site)] {
            page = value.map_or(page.clone(), |value| page.with(name, value));
        }
        let answer = page.post("/api/v1/classes", json!({ "name": "Logic" }));
        if done {
            made += 1;
            answer.is(201);
        } else {
            answer.is_problem(403, "csrf_failed");
        }
        assert_eq!(classes(&browser), made, "{token:?} {origin:?} {site:?}");
    }
}

#[test]
fn every_kind_of_change_is_guarded() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let (browser, csrf) = browser(&app, "ana");
    browser.patch("/api/v1/me", json!({ "display_name": "Eve" })).is_problem(403, "csrf_failed");
    browser.delete("/api/v1/sessions/current").is_problem(403, "csrf_failed");
    browser.delete(&format!("/api/v1/classes/{class}")).is_problem(403, "csrf_failed");
    let import = format!("/api/v1/classes/{class}/imports");
    let plain = browser.send("POST", &import, Some("text/plain"), b"You said:\nHi\n\nChatGPT said:\nHello".to_vec());
    plain.is_problem(403, "csrf_failed");
    assert_eq!(browser.get("/api/v1/me").is(200).str("display_name"), "ana");
    assert_eq!(classes(&browser), 1);
    assert!(browser.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items().is_empty());
    browser.with("x-csrf-token", csrf).patch("/api/v1/me", json!({ "display_name": "Ana L." })).is(200);
}

#[test]
fn a_bearer_never_meets_the_guard_for_browsers() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let odd = ana.with("origin", "https://elsewhere.example").with("sec-fetch-site", "cross-site");
    odd.post("/api/v1/classes", json!({ "name": "Logic" })).is(201);
}

#[test]
fn a_bearer_wins_over_a_cookie() {
    let app = TestApp::start();
    let (ana, _ben) = (app.person("ana"), app.person("ben"));
    let (bens, _) = browser(&app, "ben");
    let both = bens.bearer(&ana.token);
    assert_eq!(both.get("/api/v1/me").is(200).str("email"), "ana@example.org");
    both.post("/api/v1/classes", json!({ "name": "Logic" })).is(201);
    assert_eq!((classes(&ana), classes(&bens)), (1, 0));
    bens.bearer("cqs_made_up").get("/api/v1/me").is_problem(401, "token_invalid");
    bens.with("authorization", "Basic YTpi").get("/api/v1/me").is_problem(401, "token_invalid");
}

#[test]
fn types_a_form_can_send_are_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let (browser, csrf) = browser(&app, "ana");
    let page = browser.with("x-csrf-token", csrf);
    let body = json!({ "name": "Logic" }).to_string().into_bytes();
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "text/json", ""]
    {
        for client in [&page, &ana.client] {
            let answer = client.send("POST", "/api/v1/classes", Some(kind), body.clone());
            answer.is_problem(415, "media_type_unsupported");
        }
    }
    let answer = page.send("POST", "/api/v1/classes", None, Vec::new());
    assert!(answer.is_problem(415, "media_type_unsupported").str("detail").contains("found none"));
    let log_in = json!({ "email": "ana@example.org", "password": PASSWORD }).to_string().into_bytes();
    let answer = app.anonymous().send("POST", "/api/v1/sessions", Some("text/plain"), log_in);
    answer.is_problem(415, "media_type_unsupported");
    assert_eq!(classes(&page), 0);
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        page.send("POST", "/api/v1/classes", Some(kind), body.clone()).is(201);
    }
}

#[test]
fn logging_out_takes_the_cookies_away() {
    for (url, names) in [
        ("http://localhost:8080", ["csrf", "session"]),
        ("https://class.example.org", ["__Host-csrf", "__Host-session"]),
    ] {
        let app = TestApp::with(|config| config.public_url = url.to_owned());
        let _ana = app.person("ana");
        let answer = log_in(&app, "ana");
        let cookie = format!("{}={}", names[1], answer.str("token"));
        let page = app.anonymous().with("cookie", cookie).with("x-csrf-token", answer.str("csrf_token"));
        let answer = page.delete("/api/v1/sessions/current").is(204);
        let found = cookies(&answer);
        assert_eq!(found.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), names);
        for (name, value, attributes) in found {
            assert_eq!(value, "", "{name}");
            for needed in ["Max-Age=0", "Path=/"] {
                assert!(attributes.contains(&needed.to_owned()), "{name}: {attributes:?}");
            }
            // Browsers ignore a `__Host-` cookie that is not secure, and so would keep the old one.
            assert_eq!(attributes.contains(&"Secure".to_owned()), url.starts_with("https"), "{name}");
        }
        assert!(answer.header("clear-site-data").unwrap().contains("\"cookies\""));
        page.get("/api/v1/me").is_problem(401, "token_invalid");
    }
}
