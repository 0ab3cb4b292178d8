//! Presentations: who may present, where they are, who hears of it.

use tests::{Person, TestApp, Value, json, talk::talk};

/// Ana teaches Logic, where Ben and Cid are students; Ben's conversation is for all of them.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
    conversation: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        let conversation = talk(&ben, &class, "class");
        Self { app, ana, ben, cid, class, conversation }
    }

    fn presents(&self, person: &Person) -> String {
        person.post(&format!("/api/v1/conversations/{}/presentations", self.conversation), json!({})).is(201).str("id")
    }

    fn at(&self, person: &Person, id: &str) -> Value {
        person.get(&format!("/api/v1/presentations/{id}")).is(200).json()
    }

    fn goes(&self, person: &Person, id: &str, where_to: Value) -> Value {
        person.patch(&format!("/api/v1/presentations/{id}"), where_to).is(200).json()["number"].clone()
    }
}

#[test]
fn a_presenter_goes_from_message_to_message_and_stops_at_both_ends() {
    let room = Room::open();
    let id = room.presents(&room.ana);
    let begun = room.at(&room.cid, &id);
    assert_eq!(
        (&begun["number"], &begun["blank"], &begun["presenter"]["name"]),
        (&json!(1), &json!(false), &json!("ana"))
    );
    // Whoever presents it already goes on where they are.
    let again = room.ana.post(&format!("/api/v1/conversations/{}/presentations", room.conversation), json!({}));
    assert_eq!(again.is(200).str("id"), id);
    let steps = [1, 1, 1, 1, 1, 1, -1, -100].map(|step| room.goes(&room.ana, &id, json!({ "step": step })));
    assert_eq!(json!(steps), json!([2, 5, 8, 9, 10, 10, 9, 1]), "the way its platform shows");
    let messages = room.ana.get(&format!("/api/v1/conversations/{}/messages?branches=all", room.conversation)).items();
    let named = |number: usize| messages.iter().find(|one| one["position"] == number - 1).unwrap()["id"].clone();
    assert_eq!(room.goes(&room.ana, &id, json!({ "message_id": named(9) })), 9);
    let elsewhere = room.ana.patch(&format!("/api/v1/presentations/{id}"), json!({ "message_id": named(3) }));
    let found = elsewhere.is(422).field_errors();
    assert_eq!(found, [("/message_id".to_owned(), "not_shown".to_owned())]);
    room.ana.patch(&format!("/api/v1/presentations/{id}"), json!({ "step": 1_001 })).is(422);
    // Nothing is shown, until the presenter moves.
    room.goes(&room.ana, &id, json!({ "blank": true }));
    assert_eq!(room.at(&room.cid, &id)["blank"], true);
    assert_eq!(
        (room.goes(&room.ana, &id, json!({ "step": -1 })), &room.at(&room.cid, &id)["blank"]),
        (json!(8), &json!(false))
    );
    room.ana.delete(&format!("/api/v1/presentations/{id}")).is(204);
    room.ana.delete(&format!("/api/v1/presentations/{id}")).is(204);
    assert!(room.at(&room.cid, &id)["ended_at"].is_string());
    room.ana.patch(&format!("/api/v1/presentations/{id}"), json!({ "step": 1 })).is(404);
    assert_ne!(room.presents(&room.ana), id, "what is over is not begun again");
}

#[test]
fn whoever_may_read_the_conversation_hears_of_a_presentation_and_nobody_else() {
    let room = Room::open();
    // Where students do not see the marks of others yet, they follow all the same.
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "blind": "until_reveal" })).is(200);
    let place = |person: &Person| {
        person.get(&format!("/api/v1/classes/{}/changes", room.class)).is(200).json()["next"].as_i64().unwrap()
    };
    let since = place(&room.cid).max(place(&room.ben));
    let heard = |person: &Person, since: i64| -> Vec<String> {
        let path = format!("/api/v1/classes/{}/changes?since={since}", room.class);
        let items = person.get(&path).is(200).items();
        items.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
    };
    let id = room.presents(&room.ana);
    room.goes(&room.ana, &id, json!({ "step": 1 }));
    for person in [&room.ana, &room.ben, &room.cid] {
        assert_eq!(heard(person, since), ["presentation.changed", "presentation.changed"], "{}", person.email);
    }
    let path = format!("/api/v1/conversations/{}", room.conversation);
    room.ben.patch(&path, json!({ "visibility": "staff" })).is(200);
    let since = place(&room.ana);
    room.goes(&room.ana, &id, json!({ "step": 1 }));
    assert_eq!(heard(&room.cid, since), Vec::<String>::new());
    assert_eq!(heard(&room.ben, since), ["presentation.changed"]);
    room.cid.get(&format!("/api/v1/presentations/{id}")).is(404);
}

#[test]
fn a_made_up_name_presents_under_it() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let id = room.presents(&room.ben);
    let seen = room.at(&room.cid, &id);
    let author = room.cid.get(&format!("/api/v1/conversations/{}", room.conversation)).is(200).json()["author"].clone();
    assert_eq!(seen["presenter"], author);
    assert_ne!(seen["presenter"]["name"], "ben");
    let whole = seen.to_string();
    assert!(!whole.contains("\"ben\"") && !whole.contains("ben@"), "{whole}");
    drop(room.app);
}

#[test]
fn staff_and_the_owner_end_what_its_presenter_cannot_move_any_more() {
    let room = Room::open();
    let dora = room.app.person("dora");
    let membership = format!("/api/v1/enrolments/{}", room.ana.admits(&room.class, &dora, "student"));
    let path = |id: &str| format!("/api/v1/presentations/{id}");
    let is_over = |id: &str| room.at(&room.cid, id)["ended_at"].is_string();
    let becomes = |role: &str| drop(room.ana.patch(&membership, json!({ "role": role })).is(200));
    for who in [&room.ana, &room.ben, &dora] {
        let id = room.presents(&dora);
        becomes("auditor");
        dora.patch(&path(&id), json!({ "step": 1 })).is_problem(403, "role_insufficient");
        room.cid.delete(&path(&id)).is_problem(403, "not_author");
        room.ana.patch(&path(&id), json!({ "step": 1 })).is_problem(403, "not_author");
        assert!(!is_over(&id));
        who.delete(&path(&id)).is(204);
        assert!(is_over(&id), "ended by {}", who.email);
        becomes("student");
    }
    let id = room.presents(&dora);
    room.ana.delete(&membership).is(204);
    dora.delete(&path(&id)).is_problem(404, "not_found");
    room.ben.delete(&path(&id)).is(204);
    assert!(is_over(&id));
}
