//! Anchors: the same offsets in Python, in a browser and here, verified against the text, placed again or orphaned.

use tests::{Value, json};

use super::{Room, at, mark};

/// Writings that count differently in bytes, UTF-16 code units and characters as people see them. The offsets are
/// Python's: `text[start:end] == quote`.
const CASES: [(&str, &str, i32, i32, &str); 10] = [
    ("text", "a 👩‍👩‍👧 family", 2, 7, "👩‍👩‍👧"),
    ("text", "flags 🇦🇹🇩🇪", 8, 10, "🇩🇪"),
    ("text", "漢字かな交じり文", 2, 4, "かな"),
    ("text", "cafe\u{301} noir", 0, 5, "cafe\u{301}"),
    ("text", "cafe\u{301} noir", 3, 4, "e"),
    ("text", "קרא את זה", 4, 6, "את"),
    ("code", "fn main() {\n\tprintln!(\"é\");\n}", 23, 24, "é"),
    ("text", "| a | b |\n|---|---|\n| 1 | 𝟚 |", 26, 27, "𝟚"),
    ("text", "so $\\frac{a}{b}$ holds", 3, 16, "$\\frac{a}{b}$"),
    ("tool_result", "line\r\nnext", 4, 7, "\r\nn"),
];

#[test]
fn offsets_are_scalar_values_of_the_stored_text_in_every_writing() {
    let room = Room::open();
    for (kind, text, start, end, quote) in CASES {
        let (id, message) = room.says("class", json!([{ "kind": kind, "text": text }]));
        let body = json!({ "message_id": message, "start": start, "end": end, "quote": quote, "audience": "class" });
        let anchor = mark(&room.cid, &id, body).is(201).json()["anchor"].clone();
        assert_eq!((&anchor["quote"], &anchor["start"], &anchor["end"]), (&json!(quote), &json!(start), &json!(end)));
        // What is stored is found in what the API gives, counted the same way.
        let stored = room.ana.reads(&id)[0]["parts"][0]["text"].as_str().unwrap().to_owned();
        let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
        let counted: String = stored.chars().skip(start).take(end - start).collect();
        assert_eq!(counted, quote);
        let around = format!("{}{quote}{}", anchor["prefix"].as_str().unwrap(), anchor["suffix"].as_str().unwrap());
        assert!(stored.contains(&around), "{around}");
    }
}

#[test]
fn a_range_that_is_not_there_or_says_other_words_is_refused() {
    let room = Room::open();
    let (id, message) =
        room.says("class", json!([{ "kind": "text", "text": "A heap." }, { "kind": "image", "name": "sand.png" }]));
    let (_, other) = room.text("class", "Another heap.");
    for (body, pointer, code) in [
        (json!({ "message_id": message, "start": 2, "end": 6, "quote": "heat" }), "/quote", "quote_mismatch"),
        (json!({ "message_id": message, "start": 2, "end": 8 }), "/end", "out_of_range"),
        (json!({ "message_id": message, "start": 3, "end": 3 }), "/end", "out_of_range"),
        (json!({ "message_id": message, "start": -1, "end": 3 }), "/end", "out_of_range"),
        (json!({ "message_id": message, "part": 1, "start": 0, "end": 1 }), "/part", "part_unknown"),
        (json!({ "message_id": message, "part": 2, "start": 0, "end": 1 }), "/part", "part_unknown"),
        (json!({ "message_id": other, "start": 0, "end": 1 }), "/message_id", "not_in_conversation"),
        (json!({ "message_id": other }), "/message_id", "not_in_conversation"),
        (json!({ "message_id": id }), "/message_id", "not_in_conversation"),
    ] {
        let answer = mark(&room.cid, &id, body.clone()).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors(), [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    let body = json!({ "message_id": message, "start": 2, "end": 6, "quote": "heat" });
    assert!(mark(&room.cid, &id, body).is(422).text().contains("heap"));
}

/// Nobody marks custom instructions, and nobody learns from a refusal that there are some.
#[test]
fn context_cannot_be_marked_and_is_not_betrayed() {
    let room = Room::open();
    let secret = json!({ "kind": "context", "text": "I live by the sea" });
    let (id, mixed) = room.says("class", json!([secret, { "kind": "text", "text": "A heap." }]));
    let body = json!({ "messages": [{ "role": "system", "parts": [secret] }] });
    room.ben.post(&format!("/api/v1/conversations/{id}/messages"), body).is(201);
    let hidden = room.ben.reads(&id)[1]["id"].as_str().unwrap().to_owned();
    for who in [&room.ana, &room.ben, &room.cid] {
        // The number of a part is that in the list which everybody but the owner gets.
        let made = mark(who, &id, json!({ "message_id": mixed, "part": 0, "start": 2, "end": 6 })).is(201);
        assert_eq!(made.json()["anchor"]["quote"], "heap");
        assert_eq!((&made.json()["anchor"]["prefix"], &made.json()["anchor"]["suffix"]), (&json!("A "), &json!(".")));
        let error = |answer: tests::Response| answer.is(422).json()["errors"].clone();
        let there = error(mark(who, &id, json!({ "message_id": hidden })));
        let missing = error(mark(who, &id, json!({ "message_id": "0193c1f2-7d5a-7b3e-9c11-5a0e6f1d2c3b" })));
        assert_eq!(there, missing);
        let part =
            |part: i32| error(mark(who, &id, json!({ "message_id": mixed, "part": part, "start": 0, "end": 1 })));
        assert_eq!(part(1), part(7));
    }
    assert_eq!(room.ana.reads(&id)[0]["parts"][0]["text"], "A heap.");
}

/// What a later version of a message does to a mark on its words.
#[test]
fn a_mark_follows_its_words_to_another_version_or_becomes_an_orphan() {
    let room = Room::open();
    let cases: [(&str, Option<(i32, i32)>); 6] = [
        ("Now: a heap of sand, a hill of hay", Some((7, 11))),
        ("A heap of sand, a hill of hay", Some((2, 6))),
        ("a hill of hay", None),
        ("a heap of sand, a heap of sand", None),
        ("a 漢 👩‍👩‍👧 heap of sand, a hill of hay", Some((10, 14))),
        ("cheap of course", None),
    ];
    for (text, expected) in cases {
        let (id, message) = room.text("class", "a heap of sand, a hill of hay");
        let body = json!({ "message_id": message, "start": 2, "end": 6, "audience": "class" });
        let made = mark(&room.cid, &id, body).is(201);
        let parts = json!([{ "kind": "text", "text": text }]);
        room.run(&format!(
            "UPDATE message SET parts = '{parts}', version = 2 WHERE content = 'a heap of sand, a hill of hay'"
        ));
        let listed = room.ana.get(&super::marks(&id)).is(200).items();
        let seen = room.ana.get(&at(&made.str("id"))).is(200).json();
        assert_eq!(listed, std::slice::from_ref(&seen));
        let anchor = &seen["anchor"];
        assert_eq!(seen["orphan"], expected.is_none(), "{text}");
        assert_eq!(anchor["quote"], "heap");
        let (start, end) = expected.unwrap_or((2, 6));
        assert_eq!((&anchor["start"], &anchor["end"]), (&json!(start), &json!(end)), "{text}");
        assert_eq!(anchor["version"], if expected.is_some() { 2 } else { 1 });
        if expected.is_some() {
            let found: String = text.chars().skip(usize::try_from(start).unwrap()).take(4).collect();
            assert_eq!(found, "heap");
        }
    }
}

#[test]
fn a_mark_on_a_message_or_the_conversation_is_no_orphan_whatever_they_say_now() {
    let room = Room::open();
    let (id, message) = room.text("class", "a heap");
    mark(&room.cid, &id, json!({ "message_id": message })).is(201);
    mark(&room.cid, &id, json!({})).is(201);
    room.run("UPDATE message SET parts = '[]', version = 2");
    let seen = room.cid.get(&super::marks(&id)).is(200).items();
    assert_eq!(seen.iter().map(|item| &item["orphan"]).collect::<Vec<_>>(), [&Value::Bool(false); 2]);
}
