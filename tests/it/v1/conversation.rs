//! Conversations: create, read, rename, share, delete.

mod context;
mod list;

use tests::{Person, TestApp, Value, json};

fn at(id: &str) -> String {
    format!("/api/v1/conversations/{id}")
}

fn list_of(class: &str) -> String {
    format!("/api/v1/classes/{class}/conversations")
}

/// A class of ana's with ben and cem as students and tom as tutor.
struct Class {
    /// Keeps the server running.
    app: TestApp,
    id: String,
    ana: Person,
    ben: Person,
    cem: Person,
    tom: Person,
}

impl Class {
    fn open() -> Self {
        let app = TestApp::start();
        let [ana, ben, cem, tom] = ["ana", "ben", "cem", "tom"].map(|name| app.person(name));
        let id = ana.opens_class("Logic");
        ana.admits(&id, &ben, "student");
        ana.admits(&id, &cem, "student");
        ana.admits(&id, &tom, "tutor");
        Self { app, id, ana, ben, cem, tom }
    }

    /// Ben's enrolment.
    fn ben_id(&self) -> String {
        self.ben.get(&format!("/api/v1/classes/{}", self.id)).is(200).str("enrolment_id")
    }
}

#[test]
fn a_conversation_is_written_by_hand_and_read_back() {
    let class = Class::open();
    let body = json!({ "title": "  Vagueness ", "visibility": "class", "messages": [
        { "role": "system", "content": "Be brief." },
        { "role": "user", "parts": [{ "kind": "text", "text": "What is a heap?" }], "created_at": "2026-01-02T03:04:05.678901+01:00" },
        { "role": "assistant", "model": "gpt-5", "parts": [
            { "kind": "thinking", "text": "Sorites." }, { "kind": "text", "text": "A pile." },
            { "kind": "code", "lang": "python", "text": "grains > 1" } ] },
    ] });
    let made = class.ben.post(&list_of(&class.id), body).is(201);
    let id = made.str("id");
    assert_eq!((made.header("etag"), made.header("location")), (Some("\"1\""), Some(at(&id).as_str())));
    let whole = |me: bool| {
        json!({ "id": id, "class_id": class.id, "title": "Vagueness", "visibility": "class", "platform": "manual",
            "author": { "id": class.ben_id(), "name": "ben", "role": "student", "me": me }, "model": "gpt-5", "messages": 3,
            "started_at": "2026-01-02T02:04:05.678901Z", "created_at": "2026-03-02T09:00:00Z",
            "updated_at": "2026-03-02T09:00:00Z" })
    };
    assert_eq!(made.json(), whole(true));
    assert_eq!(class.ben.get(&at(&id)).is(200).json(), whole(true));
    assert_eq!(class.cem.get(&at(&id)).is(200).json(), whole(false));
    assert_eq!(class.cem.get(&list_of(&class.id)).is(200).items(), [whole(false)]);

    let read = class.cem.get(&format!("{}?include=messages", at(&id))).is(200);
    assert_eq!((read.header("etag"), read.header("content-type")), (Some("\"1\""), Some("application/json")));
    let mut read = read.json();
    let items = read.as_object_mut().unwrap().remove("items").unwrap();
    assert_eq!(read, whole(false));
    let listed = class.cem.get(&format!("{}/messages", at(&id))).is(200).json();
    assert_eq!(listed, json!({ "items": items, "next_cursor": null }));
    let said = items.as_array().unwrap().iter().map(|m| (m["role"].as_str().unwrap(), m["content"].as_str().unwrap()));
    let expected = [("system", "Be brief."), ("user", "What is a heap?"), ("assistant", "A pile.\n\ngrains > 1")];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    assert_eq!(items[0]["parts"], json!([{ "kind": "text", "text": "Be brief." }]));
    class.ben.get(&format!("{}?include=annotations", at(&id))).is_problem(422, "validation_failed");
}

#[test]
fn a_conversation_is_private_if_nothing_else_is_said() {
    let class = Class::open();
    let body = json!({ "title": "Mine", "messages": [{ "role": "user", "content": "x" }] });
    let made = class.ben.post(&list_of(&class.id), body).is(201);
    assert_eq!(
        (made.str("visibility"), &made.json()["model"], &made.json()["started_at"]),
        ("private".into(), &Value::Null, &Value::Null)
    );
    for person in [&class.ana, &class.tom, &class.cem] {
        person.get(&at(&made.str("id"))).is_problem(404, "not_found");
    }
}

#[test]
fn a_conversation_is_renamed_and_its_title_taken_away() {
    let class = Class::open();
    let id = class.ben.writes(&class.id, "First", "class");
    let renamed = class.ben.patch(&at(&id), json!({ "title": "Zweiter — 第二" })).is(200);
    assert_eq!((renamed.str("title"), renamed.header("etag")), ("Zweiter — 第二".into(), Some("\"2\"")));
    let nameless = class.ben.patch(&at(&id), json!({ "title": null })).is(200);
    assert_eq!((&nameless.json()["title"], nameless.json()["visibility"].as_str()), (&Value::Null, Some("class")));
    assert_eq!(class.cem.get(&at(&id)).is(200).json()["title"], Value::Null);
    for (wrong, pointer, code) in [
        (json!({ "title": " " }), "/title", "blank"),
        (json!({ "title": "a\nb" }), "/title", "control_character"),
        (json!({ "title": "a\u{202e}b" }), "/title", "control_character"),
        (json!({ "title": "x".repeat(301) }), "/title", "too_long"),
        (json!({ "visibility": null }), "/visibility", "required"),
        (json!({ "visibility": "public" }), "/visibility", "unknown_value"),
        (json!({ "model": "x" }), "/model", "unknown_field"),
    ] {
        let refused = class.ben.patch(&at(&id), wrong).is_problem(422, "validation_failed");
        assert_eq!(refused.field_errors(), [(pointer.to_owned(), code.to_owned())]);
    }
    class.ben.patch(&at(&id), json!({ "title": "é".repeat(300) })).is(200);
}

#[test]
fn who_reads_a_conversation_changes_at_once() {
    let class = Class::open();
    let id = class.ben.writes(&class.id, "Mine", "private");
    // Who reads it: tutor and owner of the class, another student.
    for (visibility, staff, student) in
        [("class", true, true), ("staff", true, false), ("private", false, false), ("class", true, true)]
    {
        assert_eq!(
            class.ben.patch(&at(&id), json!({ "visibility": visibility })).is(200).str("visibility"),
            visibility
        );
        for (person, reads) in [(&class.ana, staff), (&class.tom, staff), (&class.cem, student), (&class.ben, true)] {
            let paths =
                [at(&id), format!("{}?include=messages", at(&id)), format!("{}/messages?branches=all", at(&id))];
            for path in paths {
                assert_eq!(person.get(&path).status, if reads { 200 } else { 404 }, "{visibility} {path}");
            }
            assert_eq!(person.get(&list_of(&class.id)).is(200).items().len(), usize::from(reads), "{visibility}");
        }
    }
}

#[test]
fn only_its_owner_changes_or_deletes_a_conversation() {
    let class = Class::open();
    let id = class.ben.writes(&class.id, "Mine", "class");
    let more = json!({ "messages": [{ "role": "user", "content": "x" }] });
    for person in [&class.ana, &class.tom, &class.cem] {
        person.patch(&at(&id), json!({ "title": "Theirs" })).is_problem(403, "not_owner");
        person.delete(&at(&id)).is_problem(403, "not_owner");
        person.post(&format!("{}/messages", at(&id)), more.clone()).is_problem(403, "not_owner");
    }
    assert_eq!(class.ben.get(&at(&id)).is(200).header("etag"), Some("\"1\""));
    class.ben.delete(&at(&id)).is(204);
    for person in [&class.ben, &class.cem] {
        for path in [at(&id), format!("{}/messages", at(&id)), format!("{}/source", at(&id))] {
            person.get(&path).is_problem(404, "not_found");
        }
    }
    class.ben.delete(&at(&id)).is_problem(404, "not_found");
    assert_eq!(class.ben.get(&list_of(&class.id)).is(200).items().len(), 0);
}

#[test]
fn a_lost_update_of_a_conversation_is_refused() {
    let class = Class::open();
    let id = class.ben.writes(&class.id, "Mine", "class");
    let when = |etag: &str| class.ben.client.with("if-match", etag);
    let more = json!({ "messages": [{ "role": "user", "content": "x" }] });
    when("\"1\"").patch(&at(&id), json!({ "title": "First" })).is(200);
    when("\"1\"").patch(&at(&id), json!({ "title": "Second" })).is_problem(412, "version_mismatch");
    when("\"1\"").post(&format!("{}/messages", at(&id)), more.clone()).is_problem(412, "version_mismatch");
    when("\"1\"").delete(&at(&id)).is_problem(412, "version_mismatch");
    assert_eq!(when("\"2\"").post(&format!("{}/messages", at(&id)), more).is(201).header("etag"), Some("\"3\""));
    assert_eq!(class.ben.get(&at(&id)).is(200).str("title"), "First");
    when("\"3\"").delete(&at(&id)).is(204);
}

#[test]
fn the_raw_form_of_a_conversation_is_its_owners_alone() {
    let class = Class::open();
    let pasted = "User: What is a heap?\r\nAssistant: A pile — 堆.";
    let report = class.ben.imports(&class.id, "?visibility=class", pasted).is(201).json();
    let id = report["imported"][0]["id"].as_str().unwrap().to_owned();
    let source = format!("{}/source", at(&id));
    let raw = class.ben.get(&source).is(200);
    assert_eq!(raw.body, pasted.as_bytes());
    assert_eq!(raw.header("content-disposition"), Some("attachment; filename=\"source.txt\""));
    assert!(raw.header("content-type").unwrap().starts_with("text/plain"));
    for person in [&class.ana, &class.tom, &class.cem] {
        person.get(&at(&id)).is(200);
        person.get(&source).is_problem(403, "not_owner");
    }
    class.ben.patch(&at(&id), json!({ "visibility": "private" })).is(200);
    class.ana.get(&source).is_problem(404, "not_found");
    let by_hand = class.ben.writes(&class.id, "By hand", "class");
    class.ben.get(&format!("{}/source", at(&by_hand))).is_problem(404, "not_found");
}

#[test]
fn every_wrong_value_of_a_conversation_is_named_at_once() {
    let class = Class::open();
    let body = json!({ "title": "", "messages": [
        { "role": "user", "content": "fine" },
        { "role": "user" },
        { "role": "user", "content": "both", "parts": [{ "kind": "text", "text": "both" }] },
        { "role": "assistant", "content": "a\u{0}b", "model": "" },
        { "role": "user", "parts": [] },
    ] });
    let refused = class.ben.post(&list_of(&class.id), body).is_problem(422, "validation_failed");
    let expected = [
        ("/title", "blank"),
        ("/messages/1", "content_or_parts"),
        ("/messages/2", "content_or_parts"),
        ("/messages/3/model", "blank"),
        ("/messages/3/content", "control_character"),
        ("/messages/4/parts", "out_of_range"),
    ];
    assert_eq!(refused.field_errors(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    assert_eq!(class.ben.get(&list_of(&class.id)).is(200).items().len(), 0);
}
