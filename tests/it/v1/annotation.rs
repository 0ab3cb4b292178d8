//! Annotations: anchors in every writing, audiences, changes, undo, what happens when the text or its visibility changes.

mod anchor;
mod audience;
mod list;
mod together;

use tests::{Client, Person, Response, TestApp, Value, json};
use time::Duration;

/// Ana teaches, Ben and Cid learn.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        Self { app, ana, ben, cid, class }
    }

    /// A conversation of Ben's with one message of these parts; its id and that of the message.
    fn says(&self, visibility: &str, parts: Value) -> (String, String) {
        let body = json!({ "title": "Heaps", "visibility": visibility, "messages": [{ "role": "assistant", "parts": parts }] });
        let id = self.ben.post(&format!("/api/v1/classes/{}/conversations", self.class), body).is(201).str("id");
        let message = self.ben.reads(&id)[0]["id"].as_str().unwrap().to_owned();
        (id, message)
    }

    fn text(&self, visibility: &str, text: &str) -> (String, String) {
        self.says(visibility, json!([{ "kind": "text", "text": text }]))
    }

    /// Runs a statement as an operator with a database shell would.
    fn run(&self, sql: &str) {
        use sea_orm::ConnectionTrait;
        self.app.run(async { self.app.db.connection().execute_unprepared(sql).await.map(drop) }).unwrap();
    }
}

fn marks(conversation: &str) -> String {
    format!("/api/v1/conversations/{conversation}/annotations")
}

fn at(id: &str) -> String {
    format!("/api/v1/annotations/{id}")
}

fn mark(who: &Client, conversation: &str, body: Value) -> Response {
    who.post(&marks(conversation), body)
}

fn ids(who: &Client, conversation: &str, query: &str) -> Vec<String> {
    let items = who.get(&format!("{}{query}", marks(conversation))).is(200).items();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_annotation_says_what_is_marked_by_whom_and_for_whom() {
    let room = Room::open();
    let (id, message) = room.text("class", "A heap of sand is a heap.");
    let body = json!({ "message_id": message, "start": 2, "end": 6, "quote": "heap", "note": " Vague. ", "audience": "class" });
    let made = mark(&room.cid, &id, body).is(201);
    let me = room.cid.get(&format!("/api/v1/classes/{}", room.class)).is(200).str("enrolment_id");
    let expected = json!({
        "id": made.str("id"), "conversation_id": id, "target": "span", "message_id": message, "orphan": false,
        "anchor": { "version": 1, "part": 0, "start": 2, "end": 6, "quote": "heap", "prefix": "A ", "suffix": " of sand is a heap." },
        "note": "Vague.", "tags": [], "audience": "class",
        "author": { "id": me, "name": "cid", "role": "student", "me": true },
        "resolved": false, "hidden": false, "flagged": false, "comments": 0,
        "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z", "version": 1,
    });
    assert_eq!(made.json(), expected);
    let path = at(&made.str("id"));
    assert_eq!((made.header("location"), made.header("etag")), (Some(path.as_str()), Some("\"1\"")));
    let seen = room.ana.get(&path).is(200).json();
    assert_eq!((&seen["author"]["name"], &seen["author"]["me"]), (&json!("cid"), &json!(false)));
}

#[test]
fn the_target_is_what_is_given() {
    let room = Room::open();
    let (id, message) = room.text("class", "A heap.");
    for (body, target, on) in [
        (json!({}), "conversation", Value::Null),
        (json!({ "message_id": message }), "message", json!(message)),
        (json!({ "message_id": message, "start": 0, "end": 1 }), "span", json!(message)),
        (json!({ "target": "message", "message_id": message }), "message", json!(message)),
    ] {
        let made = mark(&room.cid, &id, body).is(201).json();
        assert_eq!(
            (&made["target"], &made["message_id"], made["anchor"].is_null()),
            (&json!(target), &on, target != "span")
        );
        assert_eq!(made["audience"], "private");
    }
    for (body, pointer, code) in [
        (json!({ "start": 0, "end": 1 }), "/message_id", "required"),
        (json!({ "message_id": message, "start": 0 }), "/end", "required"),
        (json!({ "message_id": message, "quote": "A" }), "/start", "required"),
        (json!({ "target": "conversation", "message_id": message }), "/target", "unfitting"),
        (json!({ "target": "message", "message_id": message, "start": 0, "end": 1 }), "/target", "unfitting"),
        (json!({ "message_id": "heap" }), "/message_id", "id_invalid"),
        (json!({ "note": " " }), "/note", "blank"),
        (json!({ "note": "a".repeat(10_001) }), "/note", "too_long"),
        (json!({ "tags": ["sand"] }), "/tags/0", "id_invalid"),
        (json!({ "tags": [message] }), "/tags/0", "tag_unknown"),
    ] {
        let wrong = mark(&room.cid, &id, body.clone()).is_problem(422, "validation_failed").field_errors();
        assert!(wrong.contains(&(pointer.to_owned(), code.to_owned())), "{body}: {wrong:?}");
    }
    assert_eq!(ids(&room.cid, &id, "").len(), 4);
}

#[test]
fn its_author_changes_it_and_a_lost_update_is_refused() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let mark = mark(&room.cid, &id, json!({ "note": "One", "audience": "class" })).is(201).str("id");
    room.app.clock.advance(Duration::minutes(1));
    let once = room.cid.with("if-match", "\"1\"");
    let changed = once.patch(&at(&mark), json!({ "note": "Two" })).is(200);
    assert_eq!((changed.str("note").as_str(), changed.header("etag")), ("Two", Some("\"2\"")));
    assert_eq!(changed.str("updated_at"), "2026-03-02T09:01:00Z");
    once.patch(&at(&mark), json!({ "note": "Three" })).is_problem(412, "version_mismatch");
    once.delete(&at(&mark)).is_problem(412, "version_mismatch");
    assert_eq!(room.cid.patch(&at(&mark), json!({ "note": null })).is(200).json()["note"], Value::Null);
    room.cid.patch(&at(&mark), json!({ "audience": null })).is_problem(422, "validation_failed");
}

#[test]
fn its_author_the_conversation_s_owner_and_staff_resolve_it() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let dan = room.app.person("dan");
    room.ana.admits(&room.class, &dan, "student");
    let path = at(&mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id"));
    dan.patch(&path, json!({ "resolved": true })).is_problem(403, "role_insufficient");
    for (who, resolved) in [(&room.cid, true), (&room.ben, false), (&room.ana, true)] {
        assert_eq!(who.patch(&path, json!({ "resolved": resolved })).is(200).json()["resolved"], resolved);
    }
    assert_eq!(ids(&dan, &id, "?resolved=true").len(), 1);
    assert_eq!(ids(&dan, &id, "?resolved=false").len(), 0);
}

#[test]
fn what_staff_hide_is_for_staff_and_its_author() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let mark = mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id");
    let sees = |who: &Person| (who.get(&at(&mark)).status, ids(who, &id, "").len());
    assert_eq!(sees(&room.ben), (200, 1));
    room.ana.patch(&at(&mark), json!({ "hidden": true })).is(200);
    assert_eq!([&room.ana, &room.ben, &room.cid].map(sees), [(200, 1), (404, 0), (200, 1)]);
    assert_eq!(room.cid.get(&at(&mark)).is(200).json()["hidden"], true);
    room.ana.patch(&at(&mark), json!({ "hidden": false })).is(200);
    assert_eq!(sees(&room.ben), (200, 1));
}

#[test]
fn a_deletion_is_taken_back_within_an_hour_by_its_author() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let mark = mark(&room.cid, &id, json!({ "note": "Keep me", "audience": "class" })).is(201).str("id");
    let restore = format!("{}/restore", at(&mark));
    let empty = |who: &Person| who.send("POST", &restore, None, Vec::new());
    room.cid.delete(&at(&mark)).is(204);
    for who in [&room.ana, &room.ben, &room.cid] {
        who.get(&at(&mark)).is_problem(404, "not_found");
        assert_eq!(ids(who, &id, "").len(), 0);
    }
    room.cid.delete(&at(&mark)).is_problem(404, "not_found");
    empty(&room.ana).is_problem(404, "not_found");
    room.app.clock.advance(Duration::hours(1) - Duration::seconds(1));
    assert_eq!(empty(&room.cid).is(200).str("note"), "Keep me");
    empty(&room.cid).is(200);
    assert_eq!(ids(&room.ben, &id, "").len(), 1);
    room.cid.delete(&at(&mark)).is(204);
    room.app.clock.advance(Duration::hours(1));
    empty(&room.cid).is_problem(404, "not_found");
}

#[test]
fn an_archived_class_takes_no_marks_and_lets_its_people_take_theirs_back() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let made = mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id");
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "status": "archived" })).is(200);
    mark(&room.cid, &id, json!({})).is_problem(409, "class_archived");
    room.cid.patch(&at(&made), json!({ "note": "New" })).is_problem(409, "class_archived");
    room.cid.patch(&at(&made), json!({ "audience": "private" })).is(200);
    room.cid.patch(&at(&made), json!({ "audience": "class" })).is_problem(409, "class_archived");
    room.cid.delete(&at(&made)).is(204);
}

#[test]
fn what_a_deleted_account_shared_stays_without_a_name_and_what_it_kept_goes() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let for_class = mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id");
    mark(&room.cid, &id, json!({ "audience": "private" })).is(201);
    room.cid.delete("/api/v1/me?confirm=cid@example.org").is(204);
    assert_eq!(ids(&room.ana, &id, ""), std::slice::from_ref(&for_class));
    assert_eq!(room.ana.get(&at(&for_class)).is(200).json()["author"], Value::Null);
    use sea_orm::{EntityTrait, PaginatorTrait};
    let left = room.app.run(entity::annotation::Entity::find().count(room.app.db.connection())).unwrap();
    assert_eq!(left, 1);
}
