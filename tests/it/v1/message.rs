//! Messages: what is stored is what was sent, branches, limits.

use tests::{Person, Response, TestApp, Value, json};

fn at(id: &str) -> String {
    format!("/api/v1/conversations/{id}")
}

fn messages_of(id: &str) -> String {
    format!("{}/messages", at(id))
}

/// Ana with a class of her own.
fn alone() -> (TestApp, Person, String) {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    (app, ana, class)
}

/// Writes a conversation of these messages.
fn write(ana: &Person, class: &str, messages: Value) -> Response {
    let body = json!({ "title": "Heaps", "visibility": "class", "messages": messages });
    ana.post(&format!("/api/v1/classes/{class}/conversations"), body)
}

fn said(role: &str, content: &str) -> Value {
    json!({ "role": role, "content": content })
}

/// What a list of messages says, one line each: words, position, on the visible path.
fn lines(items: &[Value]) -> Vec<(String, u64, bool)> {
    let line = |m: &Value| {
        (m["content"].as_str().unwrap().to_owned(), m["position"].as_u64().unwrap(), m["on_path"].as_bool().unwrap())
    };
    items.iter().map(line).collect()
}

fn line(words: &str, position: u64, on_path: bool) -> (String, u64, bool) {
    (words.to_owned(), position, on_path)
}

fn refused(answer: Response) -> Vec<(String, String)> {
    answer.is_problem(422, "validation_failed").field_errors()
}

fn flaw(pointer: impl Into<String>, code: &str) -> Vec<(String, String)> {
    vec![(pointer.into(), code.to_owned())]
}

#[test]
fn a_message_says_who_when_and_where_it_stands() {
    let (_app, ana, class) = alone();
    let messages = json!([
        { "role": "user", "content": "One", "created_at": "2025-12-31T23:59:59.999999Z" },
        { "role": "assistant", "content": "Two", "model": " gpt-5 " },
        { "role": "tool", "content": "" },
        { "role": "unknown", "content": "Four", "created_at": "1969-07-20T20:17:40-04:00" },
    ]);
    let id = write(&ana, &class, messages).is(201).str("id");
    let items = ana.get(&messages_of(&id)).is(200).items();
    let whole = |n: usize, role: &str, words: &str, model: Value, created_at: Value| {
        let parent = if n == 0 { Value::Null } else { items[n - 1]["id"].clone() };
        json!({ "id": items[n]["id"], "parent_id": parent, "position": n, "role": role, "model": model,
            "created_at": created_at, "hidden": false, "on_path": true, "content": words,
            "parts": [{ "kind": "text", "text": words }], "version": 1 })
    };
    let expected = [
        whole(0, "user", "One", Value::Null, json!("2025-12-31T23:59:59.999999Z")),
        whole(1, "assistant", "Two", json!("gpt-5"), Value::Null),
        whole(2, "tool", "", Value::Null, Value::Null),
        whole(3, "unknown", "Four", Value::Null, json!("1969-07-21T00:17:40Z")),
    ];
    assert_eq!(items, expected);
    assert_eq!(ana.get(&at(&id)).is(200).str("started_at"), "2025-12-31T23:59:59.999999Z");
}

#[test]
fn a_conversation_goes_on_at_the_end_of_its_visible_path() {
    let (app, ana, class) = alone();
    let id = write(&ana, &class, json!([said("user", "One"), said("assistant", "Two")])).is(201).str("id");
    app.clock.advance(time::Duration::minutes(1));
    let more = json!({ "messages": [said("user", "Three"), said("assistant", "Four")] });
    let grown = ana.post(&messages_of(&id), more).is(201);
    assert_eq!((grown.json()["messages"].as_u64(), grown.header("etag")), (Some(4), Some("\"2\"")));
    assert_eq!(
        (grown.str("created_at"), grown.str("updated_at")),
        ("2026-03-02T09:00:00Z".into(), "2026-03-02T09:01:00Z".into())
    );
    let items = ana.get(&messages_of(&id)).is(200).items();
    let expected = ["One", "Two", "Three", "Four"].into_iter().zip(0..).map(|(words, n)| line(words, n, true));
    assert_eq!(lines(&items), expected.collect::<Vec<_>>());
    for n in 1..4 {
        assert_eq!(items[n]["parent_id"], items[n - 1]["id"]);
    }
    // When it was written is not known, and stays unknown.
    assert_eq!(items[3]["created_at"], Value::Null);
}

#[test]
fn going_on_at_an_earlier_message_makes_a_branch_and_moves_the_visible_path() {
    let (_app, ana, class) = alone();
    let messages = json!([said("user", "1"), said("assistant", "2"), said("user", "3"), said("assistant", "4")]);
    let id = write(&ana, &class, messages).is(201).str("id");
    let first = ana.reads(&id);
    let branch = json!({ "parent_id": first[1]["id"], "messages": [said("user", "3b"), said("assistant", "4b")] });
    assert_eq!(ana.post(&messages_of(&id), branch).is(201).json()["messages"], 4);
    let all = ana.reads(&id);
    let expected = [
        line("1", 0, true),
        line("2", 1, true),
        line("3", 2, false),
        line("4", 3, false),
        line("3b", 4, true),
        line("4b", 5, true),
    ];
    assert_eq!(lines(&all), expected);
    assert_eq!([&all[4]["parent_id"], &all[5]["parent_id"]], [&all[1]["id"], &all[4]["id"]]);
    // What was there is as it was but for the path.
    let without_path = |items: &[Value]| -> Vec<Value> {
        let mut items = items.to_vec();
        items.iter_mut().for_each(|m| m["on_path"] = Value::Null);
        items
    };
    assert_eq!(without_path(&all[..4]), without_path(&first));

    let shown: Vec<Value> = [0, 1, 4, 5].map(|n| all[n].clone()).to_vec();
    assert_eq!(ana.get(&messages_of(&id)).is(200).items(), shown);
    assert_eq!(ana.get(&format!("{}?branches=path", messages_of(&id))).is(200).items(), shown);
    assert_eq!(ana.get(&format!("{}?branches=all", messages_of(&id))).is(200).items(), all);
    assert_eq!(ana.get(&format!("{}?include=messages", at(&id))).is(200).items(), shown);

    // Back to the first branch, by going on at its end; then further without saying where.
    let back = json!({ "parent_id": first[3]["id"], "messages": [said("user", "5")] });
    ana.post(&messages_of(&id), back).is(201);
    ana.post(&messages_of(&id), json!({ "messages": [said("assistant", "6")] })).is(201);
    let path: Vec<_> = lines(&ana.get(&messages_of(&id)).is(200).items());
    let expected = [
        line("1", 0, true),
        line("2", 1, true),
        line("3", 2, true),
        line("4", 3, true),
        line("5", 6, true),
        line("6", 7, true),
    ];
    assert_eq!(path, expected);
    assert_eq!(ana.reads(&id).len(), 8);
}

#[test]
fn a_conversation_goes_on_only_at_a_message_of_its_own() {
    let (_app, ana, class) = alone();
    let id = write(&ana, &class, json!([said("user", "One")])).is(201).str("id");
    let other = write(&ana, &class, json!([said("user", "Other")])).is(201).str("id");
    let foreign = ana.reads(&other)[0]["id"].clone();
    let at_parent =
        |parent: Value| ana.post(&messages_of(&id), json!({ "parent_id": parent, "messages": [said("user", "x")] }));
    assert_eq!(refused(at_parent(foreign)), flaw("/parent_id", "not_in_conversation"));
    assert_eq!(refused(at_parent(json!(id))), flaw("/parent_id", "not_in_conversation"));
    assert_eq!(refused(at_parent(json!("first"))), flaw("/parent_id", "id_invalid"));
    assert_eq!(ana.reads(&id).len(), 1);
    assert_eq!(ana.get(&at(&id)).is(200).header("etag"), Some("\"1\""));
}

#[test]
fn parts_of_every_kind_come_back_exactly() {
    let (_app, ana, class) = alone();
    const KINDS: [&str; 13] = [
        "text",
        "code",
        "thinking",
        "tool_call",
        "tool_result",
        "image",
        "audio",
        "attachment",
        "document",
        "citation",
        "context",
        "error",
        "unknown",
    ];
    let data = json!({ "": null, "a": [1, -2, 2.5, 1e300, true, {}, [], "\u{1F600}"], "max": u64::MAX, "min": i64::MIN,
        "nested": { "z": { "y": [[[["deep"]]]] } }, "key \"quoted\"\n": "\t" });
    let parts: Vec<Value> = KINDS
        .iter()
        .map(|kind| json!({ "kind": kind, "text": format!("{kind} text"), "lang": "rust", "name": "a/b.c", "data": data }))
        .chain([json!({ "kind": "text" }), json!({ "kind": "unknown", "data": [] }), json!({ "kind": "code", "text": "" })])
        .collect();
    let id = write(&ana, &class, json!([{ "role": "assistant", "parts": parts }])).is(201).str("id");
    let read = ana.reads(&id);
    assert_eq!(read[0]["parts"], json!(parts));
    // The visible text: what a reader sees without opening anything.
    assert_eq!(read[0]["content"], "text text\n\ncode text\n\naudio text\n\ndocument text\n\n");
}

#[test]
fn text_is_kept_byte_for_byte() {
    let (_app, ana, class) = alone();
    let texts = [
        "\u{1F469}\u{200D}\u{1F52C} \u{1F3F3}\u{FE0F}\u{200D}\u{1F308} \u{1F1E6}\u{1F1FA}",
        "汉字 漢字 かな 한글",
        "שלום עולם — \u{202B}مرحبا\u{202C} \u{2066}x\u{2069}",
        "e\u{301} é \u{212B} \u{FB01} a\u{327}\u{323}",
        "one\r\ntwo\rthree\n\nfour\r\n",
        "\tindent\t\n  trailing  \n",
        " leading and trailing \u{A0}",
        "\u{FEFF}mark \u{200B}zero\u{AD} \u{FFFD} \u{10FFFF} \u{E000} \u{85}",
        "\"quotes\" \\n \\u0041 </script> & %00 $1 {{x}} '; DROP TABLE message; --",
        "",
    ];
    let messages: Vec<Value> = texts
        .iter()
        .flat_map(|text| {
            [said("user", text), json!({ "role": "assistant", "parts": [{ "kind": "text", "text": text }] })]
        })
        .collect();
    let id = write(&ana, &class, json!(messages)).is(201).str("id");
    let read = ana.reads(&id);
    assert_eq!(read.len(), 20);
    for (pair, text) in read.chunks(2).zip(texts) {
        for message in pair {
            assert_eq!((message["content"].as_str(), message["parts"][0]["text"].as_str()), (Some(text), Some(text)));
        }
    }
}

#[test]
fn a_wrong_value_is_named_by_a_pointer_to_it() {
    let (_app, ana, class) = alone();
    let id = write(&ana, &class, json!([said("user", "One")])).is(201).str("id");
    let part = |part: Value| json!({ "role": "user", "parts": [{ "kind": "text", "text": "fine" }, part] });
    for (wrong, pointer, code) in [
        (part(json!({ "kind": "text", "text": "a\u{0}b" })), "/messages/1/parts/1/text", "control_character"),
        (part(json!({ "kind": "code", "lang": "\u{1b}[0m" })), "/messages/1/parts/1/lang", "control_character"),
        (part(json!({ "kind": "image", "name": "a\u{7f}" })), "/messages/1/parts/1/name", "control_character"),
        (
            part(json!({ "kind": "unknown", "data": { "a": ["\u{8}"] } })),
            "/messages/1/parts/1/data",
            "control_character",
        ),
        (part(json!({ "kind": "unknown", "data": { "\u{c}": 1 } })), "/messages/1/parts/1/data", "control_character"),
        (part(json!({ "kind": "words" })), "/messages/1/parts/1/kind", "unknown_value"),
        (part(json!({ "text": "x" })), "/messages/1/parts/1", "required"),
        (part(json!({ "kind": "text", "html": "x" })), "/messages/1/parts/1/html", "unknown_field"),
        (part(json!("text")), "/messages/1/parts/1", "wrong_type"),
        (said("user", "\u{1}"), "/messages/1/content", "control_character"),
        (said("user", &"x".repeat((256 << 10) + 1)), "/messages/1/content", "too_long"),
        (said("model", "x"), "/messages/1/role", "unknown_value"),
        (json!({ "content": "x" }), "/messages/1", "required"),
        (json!({ "role": "user", "content": 1 }), "/messages/1/content", "wrong_type"),
        (json!({ "role": "user", "content": "x", "model": "a\nb" }), "/messages/1/model", "control_character"),
        (json!({ "role": "user", "content": "x", "created_at": "yesterday" }), "/messages/1/created_at", "wrong_type"),
        (json!({ "role": "user", "content": "x", "hidden": true }), "/messages/1/hidden", "unknown_field"),
        (
            json!({ "role": "user", "parts": vec![json!({ "kind": "text" }); 1_001] }),
            "/messages/1/parts",
            "out_of_range",
        ),
    ] {
        let messages = json!([said("user", "fine"), wrong]);
        assert_eq!(refused(ana.post(&messages_of(&id), json!({ "messages": messages }))), flaw(pointer, code));
        assert_eq!(refused(write(&ana, &class, messages)), flaw(pointer, code));
    }
    assert_eq!(ana.reads(&id).len(), 1);
}

#[test]
fn a_request_carries_one_to_a_thousand_messages() {
    let (_app, ana, class) = alone();
    let many = |count: usize| json!((0..count).map(|n| said("user", &n.to_string())).collect::<Vec<_>>());
    for wrong in [many(0), many(1_001)] {
        assert_eq!(refused(write(&ana, &class, wrong)), flaw("/messages", "out_of_range"));
    }
    let id = write(&ana, &class, many(1_000)).is(201).str("id");
    assert_eq!(ana.get(&at(&id)).is(200).json()["messages"], 1_000);
    for wrong in [many(0), many(1_001)] {
        assert_eq!(
            refused(ana.post(&messages_of(&id), json!({ "messages": wrong }))),
            flaw("/messages", "out_of_range")
        );
    }
    assert_eq!(ana.post(&messages_of(&id), json!({ "messages": many(1_000) })).is(201).json()["messages"], 2_000);
    let words: Vec<String> = ana.reads(&id).iter().map(|m| m["content"].as_str().unwrap().to_owned()).collect();
    assert_eq!(words, (0..1_000).chain(0..1_000).map(|n| n.to_string()).collect::<Vec<_>>());
    // The longest words a message may have, counted in characters.
    let longest = "第".repeat(256 << 10);
    let id = write(&ana, &class, json!([said("user", &longest)])).is(201).str("id");
    assert!(ana.reads(&id)[0]["content"] == json!(longest));
}

#[test]
fn a_conversation_of_five_hundred_messages_and_a_megabyte_reads_completely() {
    let (app, ana, class) = alone();
    let ben = app.person("ben");
    ana.admits(&class, &ben, "student");
    let words: Vec<String> = (0..500).map(|n| format!("{n}: {}", "wörter ".repeat(260))).collect();
    let messages =
        words.iter().enumerate().map(|(n, words)| said(if n % 2 == 0 { "user" } else { "assistant" }, words));
    let id = write(&ana, &class, json!(messages.collect::<Vec<_>>())).is(201).str("id");
    for reader in [&ana, &ben] {
        for branches in ["path", "all"] {
            let answer = reader.get(&format!("{}?include=messages&branches={branches}", at(&id))).is(200);
            assert!(answer.body.len() > 1_000_000, "{} bytes", answer.body.len());
            let items = answer.items();
            let read: Vec<&str> = items.iter().map(|m| m["content"].as_str().unwrap()).collect();
            assert!(read == words, "the words differ");
            assert_eq!(
                items.iter().map(|m| m["position"].as_u64().unwrap()).collect::<Vec<_>>(),
                (0..500).collect::<Vec<_>>()
            );
            assert!(items.windows(2).all(|pair| pair[1]["parent_id"] == pair[0]["id"]));
        }
    }
}
