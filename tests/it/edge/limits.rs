//! What a request may be: length, method, query.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use tests::TestApp;

/// Sends a head alone and gives what comes back, until the server hangs up.
fn answer_to(app: &TestApp, head: &str) -> String {
    let mut stream = TcpStream::connect(app.addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for (path, length) in [
        ("/api/v1/classes".to_owned(), (256_usize << 10) + 1),
        (format!("/api/v1/classes/{class}/conversations"), (16 << 20) + 1),
        ("/api/v1/classes".to_owned(), 1 << 40),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
            ana.token
        );
        let answer = answer_to(&app, &head);
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("body_too_large"), "{answer}");
    }
}

#[test]
fn head_is_answered_as_get_without_the_body() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let head = |path: &str| ana.send("HEAD", path, None, Vec::new());
    for path in ["/health", "/api/v1/me", "/api/v1/classes", &format!("/api/v1/classes/{class}")] {
        let (got, headed) = (ana.get(path).is(200), head(path).is(200));
        assert!(headed.body.is_empty(), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(headed.header(name), got.header(name), "{path}: {name}");
        }
    }
    let lost = ana.opens_class("Lost");
    assert_eq!(head(&format!("/api/v1/classes/{lost}/invites")).is(200).body.len(), 0);
}

#[test]
fn what_is_wrong_with_a_query_is_said_by_the_parameters_name() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let list = format!("/api/v1/classes/{class}/conversations");
    for (query, name, code) in [
        ("limit=many", "limit", "query_invalid"),
        ("visibility=secret", "visibility", "query_invalid"),
        ("model=a%00b", "model", "validation_failed"),
        ("platform=%00", "platform", "validation_failed"),
        ("limit=1000", "limit", "validation_failed"),
    ] {
        let answer = ana.get(&format!("{list}?{query}")).is_problem(422, code);
        assert_eq!(answer.json()["errors"][0]["pointer"], name, "{query}: {}", answer.text());
    }
    assert!(ana.get(&format!("{list}?limit=many")).str("detail").contains("limit"));
}
