//! The edge of the API: whatever comes in, the answer is a problem that says what was expected, and the server goes on.
//! That each problem is complete is checked by the client of these tests for every answer it gets.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use tests::{Client, Response, TestApp, app::PASSWORD, json};

const MISSING: &str = "01900000-0000-7000-8000-000000000000";

/// A body of JSON that `serde_json` would not write.
fn raw(client: &Client, path: &str, body: impl Into<Vec<u8>>) -> Response {
    client.send("POST", path, Some("application/json"), body.into())
}

fn flaw(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn an_address_that_is_not_there_is_a_problem() {
    let app = TestApp::start();
    let (nobody, ana) = (app.anonymous(), app.person("ana"));
    for path in ["/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/me/", "/health/x"] {
        nobody.get(path).is_problem(404, "not_found");
        ana.get(path).is_problem(404, "not_found");
    }
    // Outside the API people ask, unless they say otherwise.
    assert!(ana.get("/nothing").is(404).text().contains("<h1>Not here, or not shared with you</h1>"));
    let json = ana.with("accept", "application/json").get("/nothing");
    assert_eq!(json.is(404).str("code"), "not_found");
    for path in ["%00", "%ff", "..%2f..%2fetc", "%F0%9F%90%8E", "a%20b"] {
        ana.get(&format!("/api/v1/classes/{path}")).is_problem(404, "not_found");
    }
}

#[test]
fn a_method_that_an_address_does_not_take_is_told_those_it_takes() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in api::routes::table() {
        let path = route.path.replace("{id}", MISSING);
        let taken = methods.entry(path).or_default();
        taken.insert(route.method.to_string());
        if route.method == "GET" {
            taken.insert("HEAD".to_owned());
        }
    }
    for (path, taken) in methods {
        for method in ["PUT", "OPTIONS", "GET", "POST", "PATCH", "DELETE"] {
            if taken.contains(method) {
                continue;
            }
            for client in [&ana.client, &app.anonymous()] {
                let answer = client.send(method, &path, None, Vec::new()).is_problem(405, "method_not_allowed");
                let allowed: BTreeSet<String> =
                    answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
                assert_eq!(allowed, taken, "{method} {path}");
            }
        }
    }
}

#[test]
fn an_id_that_cannot_be_is_answered_as_one_that_is_not_there() {
    let app = TestApp::start();
    let ana = app.person("ana").with("x-request-id", "the-same");
    let body = |path: &str| match path.rsplit('/').next() {
        Some("invites") => json!({ "role": "student" }),
        Some("conversations") => json!({ "title": "T", "messages": [{ "role": "user", "content": "Hi" }] }),
        Some("comments") => json!({ "body": "Why?" }),
        Some("tags") => json!({ "name": "Guess" }),
        Some("import") => json!({ "lines": "Guess: not known" }),
        Some("merge") => json!({ "into": MISSING }),
        Some("messages") => json!({ "messages": [{ "role": "user", "content": "Hi" }] }),
        _ => json!({}),
    };
    let mut seen = 0;
    for route in api::routes::table() {
        if !route.path.contains("{id}") {
            continue;
        }
        seen += 1;
        let ask = |id: &str| {
            let path = route.path.replace("{id}", id);
            let body = body(route.path).to_string().into_bytes();
            let reads = route.method == "GET" || route.method == "DELETE";
            let kind = if reads { None } else { Some("application/json") };
            ana.send(route.method.as_str(), &path, kind, body).is_problem(404, "not_found").text()
        };
        let missing = ask(MISSING);
        for id in ["not-an-id", "1", &MISSING[1..], "0"] {
            assert_eq!(ask(id), missing, "{} {}", route.method, route.path);
        }
    }
    assert!(seen >= 20, "only {seen} routes with an id");
}

#[test]
fn a_request_is_known_by_the_id_it_came_with_if_that_is_plain() {
    let app = TestApp::start();
    let longest = "x".repeat(64);
    for id in ["a", "ABC-def_1.2", longest.as_str()] {
        let answer = app.anonymous().with("x-request-id", id).get("/api/v1/me");
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(answer.str("request_id"), id);
    }
    let too_long = "x".repeat(65);
    let mut given = BTreeSet::new();
    for id in ["", "a b", "a/b", "a\"b", "<b>", "{}", too_long.as_str()] {
        let answer = app.anonymous().with("x-request-id", id).get("/health/live").is(200);
        let new = answer.header("x-request-id").unwrap().to_owned();
        assert_eq!((new.len(), new.matches('-').count()), (36, 4), "{id:?} became {new:?}");
        assert!(given.insert(new), "given twice");
    }
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    for (body, detail) in [
        (b"".as_slice(), "found none"),
        (b"   ", "not valid JSON"),
        (b"not json", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"{\"name\": \"Logic\"", "not valid JSON"),
        (b"{\"name\": \"Log", "not valid JSON"),
        (b"{\"name\": \"Logic\"} x", "not valid JSON"),
        (b"{\"name\": \"Logic\",}", "not valid JSON"),
        (b"{'name': 'Logic'}", "not valid JSON"),
        (b"{\"name\": \"a\nb\"}", "not valid JSON"),
        (b"\xef\xbb\xbf{\"name\": \"Logic\"}", "not valid JSON"),
        (b"\xff\xfe{\0}\0", "not valid JSON"),
        (b"{\"name\": \"\xe4\xf6\xfc\"}", "not valid JSON"),
        (b"{\"name\": \"\xed\xa0\x80\"}", "not valid JSON"),
    ] {
        let answer = raw(&ana, "/api/v1/classes", body).is_problem(400, "json_malformed");
        assert!(answer.str("detail").contains(detail), "{}", answer.text());
    }
    assert!(ana.get("/api/v1/classes").is(200).items().is_empty());
    // Nobody has to be signed in to be told.
    raw(&app.anonymous(), "/api/v1/users", "").is_problem(400, "json_malformed");
}

#[test]
fn json_of_another_shape_is_told_where_it_differs() {
    let app = TestApp::start();
    let ana = app.person("ana");
    for (body, pointer, code) in [
        ("[]", "", "wrong_type"),
        ("[\"Logic\", null, null, null, null]", "", "wrong_type"),
        ("null", "", "wrong_type"),
        ("\"Logic\"", "", "wrong_type"),
        ("7", "", "wrong_type"),
        ("{}", "", "required"),
        ("{\"name\": 5}", "/name", "wrong_type"),
        ("{\"name\": null}", "/name", "wrong_type"),
        ("{\"name\": {}}", "/name", "wrong_type"),
        ("{\"name\": \"Logic\", \"Name\": 1}", "/Name", "unknown_field"),
        ("{\"name\": \"Logic\", \"owner_id\": 1}", "/owner_id", "unknown_field"),
        ("{\"name\": \"Logic\", \"a/b~c\": 1}", "/a~1b~0c", "unknown_field"),
        ("{\"name\": \"Logic\", \"name\": \"Ethics\"}", "", "duplicate_field"),
        ("{\"name\": \"Lo\\u0000gic\"}", "/name", "control_character"),
        ("{\"name\": \"Lo\\u0007gic\"}", "/name", "control_character"),
        ("{\"name\": \"Lo\\ud800gic\"}", "", "lone_surrogate"),
        ("{\"name\": \"Logic\\ud83d\"}", "", "lone_surrogate"),
        ("{\"name\": \"\\udc0e\\ud83d\"}", "", "lone_surrogate"),
    ] {
        let answer = raw(&ana, "/api/v1/classes", body).is_problem(422, "validation_failed");
        let found = answer.field_errors();
        if code == "lone_surrogate" {
            assert_eq!(found[0].1, code, "{body}: {}", answer.text());
        } else {
            assert_eq!(found, flaw(pointer, code), "{body}: {}", answer.text());
        }
    }
    assert!(ana.get("/api/v1/classes").is(200).items().is_empty());
    raw(&ana, "/api/v1/classes", "{\"name\": \"Lo\\ud83d\\udc0egic\"}").is(201);
}

#[test]
fn json_ten_thousand_levels_deep_costs_nothing() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for value in [&deep, &objects] {
        let body = format!("{{\"name\": {value}}}");
        assert_eq!(
            raw(&ana, "/api/v1/classes", body).is_problem(422, "validation_failed").field_errors()[0].0,
            "/name"
        );
        let part = format!(
            "{{\"title\": \"T\", \"messages\": [{{\"role\": \"tool\", \"parts\": [{{\"kind\": \"tool_call\", \"data\": {value}}}]}}]}}"
        );
        let path = format!("/api/v1/classes/{class}/conversations");
        raw(&ana, &path, part).is_problem(400, "json_malformed");
    }
    raw(&ana, "/api/v1/classes", deep).is_problem(422, "validation_failed");
    assert!(ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items().is_empty());
    ana.get("/health").is(200);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let words = |bytes: usize| json!({ "name": "Logic", "description": "x".repeat(bytes) }).to_string();
    let answer = raw(&ana, "/api/v1/classes", words(256 << 10)).is_problem(413, "body_too_large");
    assert!(answer.str("detail").contains("256 KiB"), "{}", answer.text());
    // Just below it is read, and its text is what is too long.
    let answer = raw(&ana, "/api/v1/classes", words(255 << 10)).is_problem(422, "validation_failed");
    assert_eq!(answer.field_errors(), flaw("/description", "too_long"));
    let path = format!("/api/v1/classes/{class}/conversations");
    let message = || json!({ "role": "user", "content": "x".repeat(200_000) });
    let chat = |messages: usize| {
        json!({ "title": "Long", "messages": (0..messages).map(|_| message()).collect::<Vec<_>>() }).to_string()
    };
    raw(&ana, &path, chat(3)).is(201);
    let answer = raw(&ana, &path, chat(85)).is_problem(413, "body_too_large");
    assert!(answer.str("detail").contains("16 MiB"), "{}", answer.text());
    // A short one may be made of so much that it is too large as a tree.
    let tree = |objects: usize| {
        let data = vec![json!({ "a": 0 }); objects];
        json!({ "title": "Tree", "messages": [
            { "role": "user", "parts": [{ "kind": "unknown", "data": data }, { "kind": "text", "text": "?" }] },
        ] })
    };
    let answer = raw(&ana, &path, tree(160_000).to_string()).is_problem(422, "validation_failed");
    assert_eq!(answer.field_errors(), flaw("", "out_of_range"));
    assert_eq!(ana.get(&path).is(200).items().len(), 1);
    raw(&ana, &path, tree(100).to_string()).is(201);
}

#[test]
fn a_query_that_is_not_understood_is_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let lists = ["classes".to_owned(), format!("classes/{class}/enrolments"), format!("classes/{class}/conversations")];
    for list in lists {
        let ask = |query: &str| ana.get(&format!("/api/v1/{list}?{query}"));
        for (query, code) in [
            ("colour=red", "query_invalid"),
            ("limit=abc", "query_invalid"),
            ("limit=-1", "query_invalid"),
            ("limit=1.5", "query_invalid"),
            ("limit=1&limit=2", "query_invalid"),
            ("limit=", "query_invalid"),
            ("Limit=1", "query_invalid"),
            ("limit=99999999999999999999", "query_invalid"),
            ("limit=0", "validation_failed"),
            ("limit=101", "validation_failed"),
            ("limit=18446744073709551615", "validation_failed"),
            ("cursor=", "validation_failed"),
            ("cursor=made-up", "validation_failed"),
        ] {
            let answer = ask(query).is_problem(422, code);
            if code == "validation_failed" {
                let pointer = query.split('=').next().unwrap();
                assert_eq!(answer.field_errors()[0].0, pointer, "{list}?{query}");
            }
        }
        ask("limit=1").is(200);
        ask("limit=100").is(200);
    }
    ana.get(&format!("/api/v1/classes/{class}/conversations?visibility=secret")).is_problem(422, "query_invalid");
    ana.delete("/api/v1/me?confirmed=yes").is_problem(422, "query_invalid");
}

#[test]
fn every_answer_tells_browsers_to_be_careful() {
    let app = TestApp::start();
    let ana = app.person("ana").with("origin", "https://elsewhere.example");
    let anonymous = app.anonymous().with("origin", "https://elsewhere.example");
    let answers = [
        (200, ana.get("/api/v1/me")),
        (404, ana.get("/api/v1/nothing")),
        (401, anonymous.get("/api/v1/me")),
        (405, anonymous.send("OPTIONS", "/api/v1/me", None, Vec::new())),
        (422, raw(&ana, "/api/v1/classes", "{}")),
        (400, raw(&ana, "/api/v1/classes", "{")),
        (415, ana.upload("/api/v1/classes", "{}")),
        (204, ana.delete("/api/v1/sessions/current")),
        (200, anonymous.get("/health")),
        (200, anonymous.get("/api/openapi.json")),
    ];
    for (status, answer) in answers {
        let answer = answer.is(status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("vary", "Authorization, Cookie"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{status}: {name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        let open = answer.headers.keys().find(|name| name.as_str().starts_with("access-control"));
        assert_eq!(open, None, "{status}: another site may read it");
    }
}

/// Sends bytes as they are and ends there; what comes back until the server hangs up.
fn wire(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn what_is_not_http_does_not_stop_the_server() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let head = format!(
        "POST /api/v1/classes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n",
        ana.token
    );
    for garbage in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        format!("{head}Content-Length: many\r\n\r\n").as_bytes(),
        format!("{head}Content-Length: -5\r\n\r\n").as_bytes(),
        format!("{head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd").as_bytes(),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nnot a size\r\n").as_bytes(),
    ] {
        let answer = wire(&app, garbage);
        let text = String::from_utf8_lossy(garbage).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{text:?} was answered {answer:?}");
    }
    // A body that ends early makes nothing.
    for cut in
        ["Content-Length: 100\r\n\r\n{\"name\": \"Logic\"}", "Content-Length: 100\r\n\r\n", "Content-Length: 100\r\n"]
    {
        let answer = wire(&app, format!("{head}{cut}").as_bytes());
        assert!(!answer.contains("HTTP/1.1 2"), "{cut:?} was answered {answer:?}");
    }
    app.anonymous().get("/health").is(200);
    assert!(ana.get("/api/v1/classes").is(200).items().is_empty());
    app.log_in("ana@example.org", PASSWORD).is(201);
}
