//! Pages: the same rules for every list.

use tests::{Person, TestApp, Value, app::PASSWORD, json};

/// The ids of a page.
fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// The target of `Link: <…>; rel="next"`.
fn next_of(answer: &tests::Response) -> Option<String> {
    let link = answer.header("link")?;
    Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

/// A class of ana's where every list has five rows, and the paths of those that are paged.
fn lists(app: &TestApp) -> (Person, Vec<String>) {
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for n in 0..4 {
        ana.opens_class(&format!("Class {n}"));
        ana.admits(&class, &app.person(&format!("p{n}")), "student");
        ana.writes(&class, &format!("Chat {n}"), "class");
    }
    ana.invites(&class, "tutor");
    for n in 0..5 {
        ana.post("/api/v1/me/tokens", json!({ "name": n.to_string(), "scope": "read" })).is(201);
    }
    for _ in 0..4 {
        app.anonymous().post("/api/v1/sessions", json!({ "email": "ana@example.org", "password": PASSWORD })).is(201);
    }
    let messages: Vec<Value> = (0..5).map(|n| json!({ "role": "user", "content": n.to_string() })).collect();
    let body = json!({ "title": "Five", "messages": messages });
    let conversation = ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let paths = [
        "/api/v1/classes".to_owned(),
        format!("/api/v1/classes/{class}/invites"),
        format!("/api/v1/classes/{class}/enrolments"),
        format!("/api/v1/classes/{class}/conversations"),
        format!("/api/v1/conversations/{conversation}/messages"),
        "/api/v1/sessions".to_owned(),
        "/api/v1/me/tokens".to_owned(),
    ];
    (ana, paths.to_vec())
}

#[test]
fn every_list_is_walked_by_its_link_to_the_end() {
    let app = TestApp::start();
    let (ana, paths) = lists(&app);
    for path in paths {
        let whole = ana.get(&path).is(200);
        assert_eq!((whole.header("link"), &whole.json()["next_cursor"]), (None, &Value::Null), "{path}");
        let whole = ids(&whole.items());
        assert_eq!(whole.len(), 5, "{path}");
        for limit in [1, 2, 4, 5] {
            let mut pages = Vec::new();
            let mut next = Some(format!("{path}?limit={limit}"));
            while let Some(target) = next {
                let answer = ana.get(&target).is(200);
                pages.push(ids(&answer.items()));
                next = next_of(&answer);
                let cursor = answer.json()["next_cursor"].as_str().map(str::to_owned);
                let by_hand = cursor.map(|cursor| format!("{path}?limit={limit}&cursor={cursor}"));
                assert_eq!(next, by_hand, "{path}");
                assert!(pages.len() <= 5, "{path} never ends");
            }
            assert_eq!(pages, whole.chunks(limit).map(<[String]>::to_vec).collect::<Vec<_>>(), "{path}");
        }
    }
}

#[test]
fn the_link_keeps_the_other_query_parameters() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for title in ["a & b 1", "a & b 2", "other", "a & b 3"] {
        ana.writes(&class, title, "class");
    }
    ana.writes(&class, "a & b 4", "private");
    let query = "q=a%20%26+B&sort=-title&visibility=class&limit=1";
    let mut next = Some(format!("/api/v1/classes/{class}/conversations?{query}"));
    let mut titles = Vec::new();
    while let Some(target) = next {
        assert!(target.contains(query), "{target}");
        assert_eq!(target.matches("cursor=").count(), usize::from(!titles.is_empty()), "{target}");
        let answer = ana.get(&target).is(200);
        titles.extend(answer.items().iter().map(|item| item["title"].as_str().unwrap().to_owned()));
        next = next_of(&answer);
    }
    assert_eq!(titles, ["a & b 3", "a & b 2", "a & b 1"]);
}

#[test]
fn a_page_has_one_to_a_hundred_rows() {
    let app = TestApp::start();
    let (ana, paths) = lists(&app);
    for path in paths {
        for limit in ["0", "101", "18446744073709551615"] {
            let refused = ana.get(&format!("{path}?limit={limit}")).is_problem(422, "validation_failed");
            assert_eq!(refused.field_errors(), [("limit".to_owned(), "out_of_range".to_owned())], "{path} {limit}");
        }
        for limit in ["-1", "ten", "1.5", "", "18446744073709551616"] {
            ana.get(&format!("{path}?limit={limit}")).is_problem(422, "query_invalid");
        }
        assert_eq!(ana.get(&format!("{path}?limit=100")).is(200).items().len(), 5);
        ana.get(&format!("{path}?offset=1")).is_problem(422, "query_invalid");
    }
}

#[test]
fn a_page_has_fifty_rows_if_nothing_else_is_said() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let messages: Vec<Value> = (0..101).map(|n| json!({ "role": "user", "content": n.to_string() })).collect();
    let body = json!({ "title": "Many", "messages": messages });
    let id = ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let first = ana.get(&format!("/api/v1/conversations/{id}/messages")).is(200);
    let second = ana.get(&next_of(&first).unwrap()).is(200);
    let third = ana.get(&next_of(&second).unwrap()).is(200);
    assert_eq!([&first, &second, &third].map(|page| page.items().len()), [50, 50, 1]);
    assert_eq!(next_of(&third), None);
    assert_eq!(ana.get(&format!("/api/v1/conversations/{id}/messages?limit=100")).is(200).items().len(), 100);
}

#[test]
fn rows_that_come_between_two_pages_repeat_nothing_and_hide_nothing() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let at_list = format!("/api/v1/classes/{class}/conversations");
    let written: Vec<String> = (0..6).map(|n| ana.writes(&class, &format!("Chat {n}"), "class")).collect();
    let mut seen = Vec::new();
    let mut next = Some(format!("{at_list}?limit=2"));
    while let Some(target) = next {
        let page = ana.get(&target).is(200);
        seen.extend(ids(&page.items()));
        next = next_of(&page);
        // New ones stand before the first page; what was read goes without a trace.
        ana.writes(&class, "New", "class");
        ana.delete(&format!("/api/v1/conversations/{}", seen.last().unwrap())).is(204);
    }
    assert_eq!(seen, written.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(ana.get(&at_list).is(200).items().len(), 6);
}

/// base64url, as cursors are written.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |bytes: &[u8]| -> String {
        let bits = bytes.iter().chain([&0; 2]).take(3).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        [18, 12, 6, 0].iter().take(bytes.len() + 1).map(|shift| char::from(ALPHABET[bits >> shift & 63])).collect()
    };
    text.as_bytes().chunks(3).map(group).collect()
}

#[test]
fn a_cursor_that_was_not_made_here_is_refused() {
    assert_eq!(base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw");
    let app = TestApp::start();
    let (ana, paths) = lists(&app);
    let id = "01890000-0000-7000-8000-000000000000";
    let forged = |order: &str, value: &str| base64(&format!("{{\"o\":\"{order}\"{value},\"i\":\"{id}\"}}"));
    let garbage = [
        String::new(),
        "x".to_owned(),
        "null".to_owned(),
        id.to_owned(),
        "A".repeat(5_000),
        base64("{}"),
        base64("[]"),
        base64("{\"o\":\"id\"}"),
        base64("{\"o\":\"id\",\"i\":\"one\"}"),
        forged("", ""),
        forged("elsewhere", ""),
    ];
    for path in &paths {
        for cursor in &garbage {
            let refused = ana.get(&format!("{path}?cursor={cursor}")).is_problem(422, "validation_failed");
            assert_eq!(refused.field_errors(), [("cursor".to_owned(), "cursor_invalid".to_owned())], "{path} {cursor}");
        }
    }
    // Of the right order, with a value of the wrong kind.
    let (conversations, messages) = (&paths[3], &paths[4]);
    for (order, value) in [
        ("title", ",\"v\":5"),
        ("title", ""),
        ("title", ",\"v\":null"),
        ("-title", ",\"v\":[\"a\"]"),
        ("updated", ",\"v\":\"a\""),
        ("updated", ",\"v\":1.5"),
        ("started", ",\"v\":18446744073709551615"),
        ("-started", ",\"v\":true"),
    ] {
        let answer = ana.get(&format!("{conversations}?sort={order}&cursor={}", forged(order, value)));
        answer.is_problem(422, "validation_failed");
    }
    for value in ["", ",\"v\":\"0\"", ",\"v\":4294967296", ",\"v\":null"] {
        ana.get(&format!("{messages}?cursor={}", forged("position", value))).is_problem(422, "validation_failed");
    }
    // One that could have been made here names a place, whether or not a row is there.
    assert_eq!(ana.get(&format!("{}?cursor={}", paths[0], forged("id", ""))).is(200).items().len(), 0);
    let whole = format!("{conversations}?sort=title&cursor={}", forged("title", ",\"v\":\"\""));
    assert_eq!(ana.get(&whole).is(200).items().len(), 5);
}
