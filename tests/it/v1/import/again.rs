//! An export of this server comes in again: the same tree and the same marks, and no words in another person's mouth.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};
use std::collections::HashMap;
use tests::{Person, TestApp, Value, json, talk};

/// Ana teaches, Ben and Cid learn; Ben has a second class of his own.
struct Room {
    /// Runs as long as this is there.
    _app: TestApp,
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
    other: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        let other = ben.opens_class("Ethics");
        ben.admits(&other, &cid, "student");
        Self { _app: app, ana, ben, cid, class, other }
    }
}

fn export(who: &Person, conversation: &str) -> String {
    who.get(&format!("/api/v1/conversations/{conversation}/export")).is(200).text()
}

fn marks(who: &Person, conversation: &str) -> Vec<Value> {
    who.get(&format!("/api/v1/conversations/{conversation}/annotations")).is(200).items()
}

fn mark(who: &Person, conversation: &str, body: Value) -> String {
    who.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id")
}

fn comment(who: &Person, mark: &str, body: Value) -> String {
    who.post(&format!("/api/v1/annotations/{mark}/comments"), body).is(201).str("id")
}

/// Imports one conversation; its id and what is said of it.
fn brings(who: &Person, class: &str, query: &str, file: &str) -> (String, Vec<String>) {
    let report = who.imports(class, query, file).is(201).json();
    let line = &report["imported"][0];
    assert!(line.is_object(), "{report}");
    let notes = line["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned()).collect();
    (line["id"].as_str().unwrap().to_owned(), notes)
}

/// An export without what says who, where and when: ids become numbers in the order in which they are met.
fn plain(file: &str) -> Value {
    let mut whole: Value = serde_json::from_str(file).unwrap();
    let mut names = HashMap::new();
    for member in ["seal", "exported_at", "class"] {
        whole.as_object_mut().unwrap().remove(member);
    }
    strip(&mut whole, &mut names);
    whole
}

fn strip(value: &mut Value, names: &mut HashMap<String, usize>) {
    match value {
        Value::Object(members) => {
            for who in ["creator", "author", "colloquium:mentions", "source_id"] {
                members.remove(who);
            }
            members.values_mut().for_each(|member| strip(member, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, names)),
        Value::String(text) => {
            let name = text.trim_start_matches("urn:uuid:");
            let id = name.get(..36).filter(|id| id.bytes().filter(|byte| *byte == b'-').count() == 4);
            if let Some(id) = id {
                let count = names.len();
                let number = *names.entry(id.to_owned()).or_insert(count);
                *text = format!("#{number}{}", &name[36..]);
            }
        }
        _ => {}
    }
}

/// Marks of all kinds on Ben's talk, by three people.
fn discussed(room: &Room) -> String {
    let id = talk::talk(&room.ben, &room.class, "class");
    let tag = json!({ "name": "Method", "colour": "teal" });
    let tag = room.ana.post(&format!("/api/v1/classes/{}/tags", room.class), tag).is(201).str("id");
    let read = room.ana.reads(&id);
    let (message, last) = (read[1]["id"].clone(), read.last().unwrap()["id"].clone());
    let words = json!({ "message_id": message, "part": 4, "start": 0, "end": 6, "audience": "class", "tags": [tag] });
    let first = mark(&room.cid, &id, words);
    mark(
        &room.ben,
        &id,
        json!({ "message_id": last, "start": 4, "end": 11, "note": "Nicht **negativ**.", "audience": "private" }),
    );
    mark(&room.ana, &id, json!({ "message_id": message, "note": "Whole", "audience": "class" }));
    let whole = mark(&room.ben, &id, json!({ "note": "Mine", "audience": "class" }));
    room.ben.patch(&format!("/api/v1/annotations/{whole}"), json!({ "resolved": true })).is(200);
    let one = comment(&room.ana, &first, json!({ "body": "Why?" }));
    let two = comment(&room.ben, &first, json!({ "body": "Because.", "parent_id": one }));
    comment(&room.cid, &first, json!({ "body": "I see.", "parent_id": two }));
    room.ana.delete(&format!("/api/v1/comments/{one}")).is(204);
    id
}

#[test]
fn a_conversation_goes_out_and_in_and_out_again_unchanged() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.ben, &id);
    let (again, notes) = brings(&room.ben, &room.other, "?visibility=class", &out);
    assert_eq!(
        notes[..2],
        [
            "3 marks or comments of your own came back as yours".to_owned(),
            "3 marks or comments came without the name of whoever wrote it".to_owned(),
        ]
    );
    assert_eq!(plain(&export(&room.ben, &again)), plain(&out));
    // The numbers of the messages are the same, and so is what is the owner's alone.
    let positions = |who: &Person, id: &str| -> Vec<Value> {
        who.reads(id).iter().map(|message| json!([message["position"], message["parts"]])).collect()
    };
    assert_eq!(positions(&room.ben, &again), positions(&room.ben, &id));
    assert!(!export(&room.cid, &again).contains(talk::SECRET));
    // What Ben wrote is his, the rest nobody's.
    let authors: Vec<Value> = marks(&room.ben, &again).iter().map(|mark| mark["author"]["me"].clone()).collect();
    assert_eq!(authors, [Value::Null, json!(true), Value::Null, json!(true)]);
    // Cid sees what is for the class, as it was there.
    assert_eq!(marks(&room.cid, &again).len(), 3);
}

#[test]
fn what_a_reader_exports_comes_in_as_that_reader_saw_it() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.cid, &id);
    let (again, _) = brings(&room.cid, &room.other, "?visibility=class", &out);
    assert_eq!(plain(&export(&room.cid, &again)), plain(&out));
    let mine: Vec<bool> = marks(&room.cid, &again).iter().map(|mark| mark["author"]["me"] == true).collect();
    assert_eq!(mine, [true, false, false]);
}

#[test]
fn an_export_that_comes_back_is_here_already() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.ben, &id);
    let report = room.ben.imports(&room.class, "", out.clone()).is(200).json();
    assert_eq!(report["skipped"][0]["id"], id.as_str());
    let (again, _) = brings(&room.ben, &room.other, "", &out);
    let report = room.ben.imports(&room.other, "", out).is(200).json();
    assert_eq!(report["skipped"][0]["id"], again.as_str());
    // Gone on with there, it grows here.
    let body = json!({ "messages": [{ "role": "user", "content": "One more" }] });
    room.ben.post(&format!("/api/v1/conversations/{again}/messages"), body).is(201);
    let grown = room.ben.imports(&room.class, "", export(&room.ben, &again)).is(201).json();
    let line = &grown["imported"][0];
    assert_eq!((&line["id"], &line["updated"], &line["messages"]), (&json!(id), &json!(true), &json!(1)));
    assert_eq!(room.ben.reads(&id).last().unwrap()["content"], "One more");
    assert_eq!(marks(&room.ben, &id).len(), 4);
}

/// Cid knows the ids of Ben's conversation, and has him bring in a file that says it is the same and goes on.
#[test]
fn a_file_that_somebody_may_have_changed_adds_nothing_to_what_is_here() {
    let room = Room::open();
    let id = discussed(&room);
    let before = room.ben.reads(&id);
    let mut forged: Value = serde_json::from_str(&export(&room.cid, &id)).unwrap();
    let last = forged["messages"].as_array().unwrap().last().unwrap().clone();
    let mut next = last.clone();
    (next["id"], next["parent_id"]) = (json!("01a21495-4de3-7221-8b5d-c8230f9f3f21"), last["id"].clone());
    next["parts"] = json!([{ "kind": "text", "text": "I copied all of it." }]);
    forged["messages"].as_array_mut().unwrap().push(next);
    let (made, _) = brings(&room.ben, &room.class, "", &forged.to_string());
    assert_ne!(made, id);
    assert_eq!(room.ben.reads(&id), before);
    room.cid.get(&format!("/api/v1/conversations/{made}")).is(404);
    // The very same file is known by its bytes.
    let report = room.ben.imports(&room.class, "", forged.to_string()).is(200).json();
    assert_eq!(report["skipped"][0]["id"], made.as_str());
}

/// Cid writes Ben's words, or has him bring in a file in which words are called his own.
#[test]
fn no_file_puts_words_into_another_person_s_mouth() {
    let room = Room::open();
    let id = discussed(&room);
    let nobody = |who: &Person, file: &str| {
        let (made, notes) = brings(who, &room.other, "?visibility=class", file);
        let found = marks(who, &made);
        for mark in &found {
            assert_eq!(mark["author"], Value::Null, "{mark}");
            let comments = who.get(&format!("/api/v1/annotations/{}/comments", mark["id"].as_str().unwrap()));
            for comment in comments.is(200).items() {
                assert_eq!(comment["author"], Value::Null, "{comment}");
            }
        }
        who.delete(&format!("/api/v1/conversations/{made}")).is(204);
        (found.len(), notes)
    };
    let (bens, cids) = (export(&room.ben, &id), export(&room.cid, &id));
    let doubt = "what the file calls your own came without your name: it is not just as it was exported to you here";
    // The file of another, as it is, though it says "me" of its exporter.
    let (count, notes) = nobody(&room.ben, &cids);
    assert_eq!((count, notes.iter().any(|note| note == doubt)), (3, true), "{notes:?}");
    // One's own with other words; with the same words about others; without its seal; with that of another file.
    let seal = |file: &str| file.rsplit_once(",\"seal\":\"").unwrap().1.to_owned();
    let reworded = bens.replace("\"Mine\"", "\"I cheated\"");
    let moved = bens.replace("Divide by every number", "Divide by no number at all");
    let unsealed = format!("{}}}", bens.rsplit_once(",\"seal\":\"").unwrap().0);
    let resealed = bens.replace(&seal(&bens), &seal(&cids));
    let turned = bens.replace("\"colloquium:me\":false", "\"colloquium:me\":true");
    for (name, file) in
        [("reworded", reworded), ("moved", moved), ("unsealed", unsealed), ("resealed", resealed), ("turned", turned)]
    {
        assert_ne!(file, bens, "{name}");
        let (count, notes) = nobody(&room.ben, &file);
        assert_eq!((count, notes.iter().any(|note| note == doubt)), (3, true), "{name}: {notes:?}");
    }
}

#[test]
fn marks_are_seen_by_nobody_who_may_not_read_the_conversation() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.ana, &id);
    // Ana's copy is hers alone: so are the marks in it, whatever they say.
    let class = room.ana.opens_class("Later");
    room.ana.admits(&class, &room.cid, "student");
    let (again, _) = brings(&room.ana, &class, "", &out);
    let found = marks(&room.ana, &again);
    assert_eq!(found.len(), 3);
    for mark in &found {
        room.cid.get(&format!("/api/v1/annotations/{}", mark["id"].as_str().unwrap())).is_problem(404, "not_found");
    }
    // A mark that its author kept to themselves can be in no honest export, and would be seen by nobody.
    let forged = out.replace("\"colloquium:audience\":\"class\"", "\"colloquium:audience\":\"private\"");
    let third = room.ana.opens_class("Last");
    let (made, notes) = brings(&room.ana, &third, "?visibility=class", &forged);
    assert_eq!(marks(&room.ana, &made), Vec::<Value>::new());
    assert_eq!(notes[0], "3 marks or comments left out: others had kept them to themselves");
}

#[test]
fn tags_are_those_of_the_class_or_one_s_own() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.ben, &id);
    let tags = format!("/api/v1/classes/{}/tags", room.other);
    let (again, _) = brings(&room.ben, &room.other, "?visibility=class", &out);
    let made = room.ben.get(&tags).is(200).items();
    assert_eq!(
        (made.len(), &made[0]["name"], &made[0]["colour"], &made[0]["private"]),
        (1, &json!("Method"), &json!("teal"), &json!(true))
    );
    assert_eq!(marks(&room.ben, &again)[0]["tags"], json!([made[0]["id"]]));
    assert_eq!(room.cid.get(&tags).is(200).items(), Vec::<Value>::new());
    assert_eq!(marks(&room.cid, &again)[0]["tags"], json!([]));
    // Where the class has one of the same name it is that.
    let class = room.ben.opens_class("Third");
    let tags = format!("/api/v1/classes/{class}/tags");
    let tag = room.ben.post(&tags, json!({ "name": "METHOD" })).is(201).str("id");
    let (third, _) = brings(&room.ben, &class, "", &out);
    assert_eq!(marks(&room.ben, &third)[0]["tags"], json!([tag]));
    assert_eq!(room.ben.get(&tags).is(200).items().len(), 1);
}

#[test]
fn what_cannot_be_placed_is_an_orphan_and_never_on_other_words() {
    let room = Room::open();
    let id = discussed(&room);
    let out = export(&room.ben, &id);
    let changed = out.replace("Divide by every", "So divide by every");
    let (again, _) = brings(&room.ben, &room.other, "?visibility=class", &changed);
    let found = marks(&room.ben, &again);
    // Its first word is another one by now.
    assert_eq!((&found[0]["orphan"], &found[0]["anchor"]["quote"]), (&json!(true), &json!("Divide")));
    let out = export(&room.ben, &again);
    let third = room.ben.opens_class("Third");
    let (third, _) = brings(&room.ben, &third, "?visibility=class", &out);
    assert_eq!(plain(&export(&room.ben, &third)), plain(&out));
}

#[test]
fn a_file_that_was_not_made_here_says_what_is_wrong_with_it() {
    let room = Room::open();
    let id = room.ben.writes(&room.class, "One", "private");
    let out = export(&room.ben, &id);
    let reason = |file: String| -> String {
        let report = room.ben.imports(&room.other, "", file).json();
        report["failed"][0]["reason"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned()
    };
    let first: Value = serde_json::from_str(&out).unwrap();
    let (one, two) = (first["messages"][0]["id"].as_str().unwrap(), first["messages"][1]["id"].as_str().unwrap());
    for (file, expected) in [
        (
            out.replace("\"version\":1", "\"version\":2"),
            "it has version 2 of this form; this server reads 1 and older ones",
        ),
        (
            out.replace(&format!("\"parent_id\":\"{one}\""), "\"parent_id\":\"nobody\""),
            "message 2 follows one that does not stand before it",
        ),
        (
            out.replace(&format!("\"id\":\"{two}\""), &format!("\"id\":\"{one}\"")),
            "message 2 has the id of another one",
        ),
        (out.replace("\"role\":\"assistant\"", "\"role\":\"king\""), "message 2 is said by \"king\", which is nobody"),
        (
            out.replace("\"platform\":\"manual\"", "\"platform\":\"moon\""),
            "it comes from \"moon\", which is no platform",
        ),
        (
            out.replace("\"messages\"", "\"messengers\""),
            "it is not as this server exports one: missing field `messages`",
        ),
    ] {
        assert_eq!(reason(file), expected);
    }
    let preview = room.ben.imports(&room.other, "?dry_run=true", out).is(200).json();
    assert_eq!(
        (&preview["imported"][0]["preview"]["format"], &preview["imported"][0]["preview"]["platform"]),
        (&json!("colloquium"), &json!("manual"))
    );
}

/// A conversation as a file may have it.
fn document() -> impl Strategy<Value = Value> {
    let text = "[a-zé\"\\\\\n😀\u{200d}ш\u{0301}א]{1,20}";
    // Notes are brought into one form of Unicode, texts are not.
    let said = "[a-zé\n😀ш]{1,20}";
    let role = select(vec!["user", "assistant", "system", "tool", "unknown"]);
    let kind = select(vec![
        "text",
        "code",
        "thinking",
        "tool_call",
        "tool_result",
        "document",
        "context",
        "citation",
        "unknown",
    ]);
    let part =
        (kind, text).prop_map(|(kind, text)| json!({ "kind": kind, "text": text, "data": { "n": 1.5, "s": text } }));
    let at = select(vec![None, Some("2026-01-02T03:04:05Z"), Some("2025-12-31T23:59:59.123456Z")]);
    let message = (role, vec(part, 1..4), any::<Index>(), any::<bool>(), at);
    let mark = (any::<Index>(), any::<Index>(), any::<Index>(), said, select(vec!["class", "staff"]), any::<bool>());
    let comments = vec((any::<Index>(), said, any::<bool>()), 0..5);
    let marks = vec((mark, comments), 0..6);
    (vec(message, 1..12), marks, any::<Index>()).prop_map(|(messages, marks, leaf)| {
        let parents: Vec<Option<usize>> =
            messages.iter().enumerate().map(|(at, one)| (at > 0).then(|| one.2.index(at))).collect();
        let mut path = vec![leaf.index(messages.len())];
        while let Some(parent) = parents[*path.last().unwrap()] {
            path.push(parent);
        }
        let listed: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(n, (role, parts, _, hidden, at))| {
                json!({
                    "id": id(n), "parent_id": parents[n].map(id), "role": role, "model": "m", "created_at": at,
                    "hidden": hidden, "on_path": path.contains(&n), "parts": parts,
                })
            })
            .collect();
        let mut items = Vec::new();
        for (n, ((on, part, cut, note, audience, resolved), comments)) in marks.iter().enumerate() {
            let at = on.index(messages.len());
            let shown: Vec<&Value> = messages[at].1.iter().filter(|part| part["kind"] != "context").collect();
            let target =
                if shown.is_empty() { json!({ "source": "urn:uuid:talk" }) } else { span(at, &shown, part, cut) };
            let mine = json!({ "id": "urn:uuid:x", "type": "Person", "name": "x", "colloquium:me": true });
            items.push(json!({ "id": format!("urn:uuid:mark{n}"), "type": "Annotation", "motivation": "commenting",
                "created": "2026-01-02T03:04:05Z", "modified": "2026-01-02T03:05:05Z", "creator": mine,
                "body": [{ "type": "TextualBody", "purpose": "commenting", "value": format!("x{note}x") }],
                "target": target, "colloquium:audience": audience, "colloquium:resolved": resolved }));
            for (k, (above, body, hidden)) in comments.iter().enumerate() {
                let above = above.index(k + 1);
                let above =
                    if above == 0 { format!("urn:uuid:mark{n}") } else { format!("urn:uuid:mark{n}-{}", above - 1) };
                items.push(
                    json!({ "id": format!("urn:uuid:mark{n}-{k}"), "type": "Annotation", "motivation": "replying",
                    "created": "2026-01-02T03:04:05Z", "target": above, "colloquium:hidden": hidden,
                    "body": [{ "type": "TextualBody", "purpose": "replying", "value": format!("x{body}x") }] }),
                );
            }
        }
        json!({ "format": "colloquium.conversation", "version": 1,
            "conversation": { "id": "talk", "title": "Talk", "platform": "claude", "model": "m", "visibility": "class",
                "started_at": "2026-01-02T03:04:05Z" },
            "messages": listed, "annotations": { "items": items } })
    })
}

fn id(number: usize) -> String {
    format!("message{number}")
}

/// Words of one of the parts, by position and by quote.
fn span(at: usize, parts: &[&Value], part: &Index, cut: &Index) -> Value {
    let part = part.index(parts.len());
    let text: Vec<char> = parts[part]["text"].as_str().unwrap().chars().collect();
    let start = cut.index(text.len());
    let exact: String = text[start..].iter().collect();
    json!({ "source": format!("urn:uuid:{}#part={part}", id(at)), "selector": [
        { "type": "TextPositionSelector", "start": start, "end": text.len() },
        { "type": "TextQuoteSelector", "exact": exact },
    ] })
}

#[test]
fn any_conversation_goes_in_and_out_and_in_and_out_alike() {
    let room = Room::open();
    let third = room.ben.opens_class("Third");
    let cases = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(cases);
    let result = runner.run(&document(), |document| {
        let (first, notes) = brings(&room.ben, &room.other, "?visibility=class", &document.to_string());
        prop_assert!(!notes.iter().any(|note| note.contains("could not be read")), "{:?}", notes);
        let out = export(&room.ben, &first);
        let written: Value = serde_json::from_str(&out).unwrap();
        for (came, went) in document["messages"].as_array().unwrap().iter().zip(written["messages"].as_array().unwrap())
        {
            for member in ["role", "model", "created_at", "hidden", "on_path", "parts"] {
                prop_assert_eq!(&came[member], &went[member], "{}", member);
            }
        }
        let items = |of: &Value| of["annotations"]["items"].as_array().unwrap().clone();
        prop_assert_eq!(items(&document).len(), items(&written).len());
        for (came, went) in items(&document).iter().zip(&items(&written)) {
            prop_assert_eq!(&came["body"][0]["value"], &went["body"][0]["value"]);
            prop_assert_eq!(&came["target"]["selector"][0], &went["target"]["selector"][0]);
            prop_assert_eq!(&went["creator"], &Value::Null);
        }
        let (second, _) = brings(&room.ben, &third, "?visibility=class", &out);
        prop_assert_eq!(plain(&export(&room.ben, &second)), plain(&out));
        for id in [first, second] {
            room.ben.delete(&format!("/api/v1/conversations/{id}")).is(204);
        }
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}
