//! Threads, mentions, tombstones, flags and the queue.

use tests::{Person, TestApp, Value, json};
use time::Duration;

/// Ana teaches, Ben and Cid learn; Ben has marked a conversation of his for the class.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
    conversation: String,
    mark: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        let conversation = ben.writes(&class, "Heaps", "class");
        let mark = marks(&ben, &conversation, "class");
        Self { app, ana, ben, cid, class, conversation, mark }
    }

    fn thread(&self) -> String {
        format!("/api/v1/annotations/{}/comments", self.mark)
    }

    fn says(&self, who: &Person, body: &str, parent: Option<&str>) -> String {
        who.post(&self.thread(), json!({ "body": body, "parent_id": parent })).is(201).str("id")
    }

    /// What a reader finds in the thread: words, or what stands in their place.
    fn reads(&self, who: &Person) -> Vec<String> {
        let items = who.get(&self.thread()).is(200).items();
        let line = |item: &Value| match (item["body"].as_str(), item["deleted"].as_bool()) {
            (Some(body), _) => body.to_owned(),
            (None, Some(true)) => "(deleted)".to_owned(),
            _ => "(hidden)".to_owned(),
        };
        items.iter().map(line).collect()
    }

    fn count(&self, who: &Person) -> Value {
        who.get(&format!("/api/v1/annotations/{}", self.mark)).is(200).json()["comments"].clone()
    }

    fn enrolment(&self, who: &Person) -> String {
        who.get(&format!("/api/v1/classes/{}", self.class)).is(200).str("enrolment_id")
    }

    fn queue(&self) -> Vec<Value> {
        self.ana.get(&format!("/api/v1/classes/{}/flags", self.class)).is(200).items()
    }
}

fn marks(who: &Person, conversation: &str, audience: &str) -> String {
    who.post(&format!("/api/v1/conversations/{conversation}/annotations"), json!({ "audience": audience }))
        .is(201)
        .str("id")
}

fn at(id: &str) -> String {
    format!("/api/v1/comments/{id}")
}

#[test]
fn a_comment_answers_an_annotation_or_a_comment() {
    let room = Room::open();
    let first = room.says(&room.cid, "Why?", None);
    let body = json!({ "body": " Because. ", "parent_id": first, "mentions": [room.enrolment(&room.cid), room.enrolment(&room.cid)] });
    let made = room.ana.post(&room.thread(), body).is(201);
    let author = |who: &Person, name: &str, role: &str, me: bool| json!({ "id": room.enrolment(who), "name": name, "role": role, "me": me });
    let expected = json!({
        "id": made.str("id"), "annotation_id": room.mark, "parent_id": first, "body": "Because.",
        "author": author(&room.ana, "ana", "owner", true), "mentions": [author(&room.cid, "cid", "student", false)],
        "deleted": false, "hidden": false, "flagged": false, "created_at": "2026-03-02T09:00:00Z", "edited_at": null,
        "version": 1,
    });
    assert_eq!(made.json(), expected);
    assert_eq!(made.header("location"), Some(at(&made.str("id")).as_str()));
    assert_eq!(room.reads(&room.ben), ["Why?", "Because."]);
    assert_eq!(room.count(&room.ben), 2);
    let other = marks(&room.ben, &room.conversation, "class");
    let elsewhere =
        room.ben.post(&format!("/api/v1/annotations/{other}/comments"), json!({ "body": "x" })).is(201).str("id");
    for (body, pointer, code) in [
        (json!({ "body": " " }), "/body", "blank"),
        (json!({ "body": "x".repeat(10_001) }), "/body", "too_long"),
        (json!({ "body": "x", "parent_id": elsewhere }), "/parent_id", "parent_unknown"),
        (json!({ "body": "x", "parent_id": room.mark }), "/parent_id", "parent_unknown"),
        (json!({ "body": "x", "mentions": [room.mark] }), "/mentions/0", "member_unknown"),
        (json!({ "body": "x", "mentions": ["ana"] }), "/mentions/0", "id_invalid"),
    ] {
        let wrong = room.cid.post(&room.thread(), body).is_problem(422, "validation_failed").field_errors();
        assert_eq!(wrong, [(pointer.to_owned(), code.to_owned())]);
    }
}

#[test]
fn that_somebody_left_does_not_tell_whose_a_made_up_name_was() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let seen = room.cid.get(&format!("/api/v1/annotations/{}", room.mark)).is(200).json()["author"]["id"].clone();
    let probe = || {
        let body = json!({ "body": "x", "mentions": [seen, room.mark] });
        room.cid.post(&room.thread(), body).is_problem(422, "validation_failed").field_errors()
    };
    let before = probe();
    assert_eq!(before[0].0, "/mentions/1", "the first one is known");
    room.ben.delete(&format!("/api/v1/enrolments/{}", room.enrolment(&room.ben))).is(204);
    assert_eq!(probe(), before);
    let said = room.cid.post(&room.thread(), json!({ "body": "x", "mentions": [seen] })).is(201).json();
    assert_eq!(said["mentions"][0]["id"], seen);
}

#[test]
fn a_thread_is_for_those_who_see_the_annotation() {
    let room = Room::open();
    let mark = marks(&room.ben, &room.conversation, "staff");
    let thread = format!("/api/v1/annotations/{mark}/comments");
    let comment = room.ana.post(&thread, json!({ "body": "Good" })).is(201).str("id");
    room.ben.post(&thread, json!({ "body": "Thanks" })).is(201);
    room.cid.get(&thread).is_problem(404, "not_found");
    room.cid.post(&thread, json!({ "body": "x" })).is_problem(404, "not_found");
    for path in [at(&comment), format!("{}/flags", at(&comment))] {
        room.cid.send("DELETE", &path, None, Vec::new()).is_problem(404, "not_found");
    }
    room.cid.get(&at(&comment)).is_problem(404, "not_found");
    // With the annotation the thread goes out of sight.
    room.ben.patch(&format!("/api/v1/annotations/{mark}"), json!({ "audience": "private" })).is(200);
    room.ana.get(&at(&comment)).is_problem(404, "not_found");
    room.ben.get(&at(&comment)).is(200);
}

#[test]
fn its_author_edits_and_deletes_and_what_is_answered_leaves_its_place() {
    let room = Room::open();
    let first = room.says(&room.cid, "Wyh?", None);
    room.app.clock.advance(Duration::minutes(1));
    let once = room.cid.with("if-match", "\"1\"");
    let edited = once.patch(&at(&first), json!({ "body": "Why?" })).is(200);
    assert_eq!((edited.str("edited_at").as_str(), edited.header("etag")), ("2026-03-02T09:01:00Z", Some("\"2\"")));
    once.patch(&at(&first), json!({ "body": "x" })).is_problem(412, "version_mismatch");
    for other in [&room.ana, &room.ben] {
        other.patch(&at(&first), json!({ "body": "x" })).is_problem(403, "not_author");
        other.delete(&at(&first)).is_problem(403, "not_author");
    }
    let second = room.says(&room.ben, "So", Some(&first));
    let third = room.says(&room.ana, "Indeed", Some(&second));
    once.delete(&at(&first)).is_problem(412, "version_mismatch");
    room.cid.delete(&at(&first)).is(204);
    room.ben.delete(&at(&second)).is(204);
    assert_eq!(room.reads(&room.cid), ["(deleted)", "(deleted)", "Indeed"]);
    assert_eq!(room.count(&room.cid), 1);
    let tombstone = room.ana.get(&at(&first)).is(200).json();
    assert_eq!((&tombstone["author"], &tombstone["body"]), (&Value::Null, &Value::Null));
    room.cid.patch(&at(&first), json!({ "body": "Back" })).is_problem(404, "not_found");
    room.cid.delete(&at(&first)).is_problem(404, "not_found");
    let answer = room.ben.post(&room.thread(), json!({ "body": "x", "parent_id": first })).is(422);
    assert_eq!(answer.field_errors()[0].1, "parent_unknown");
    // What was kept for the last answer goes with it.
    room.ana.delete(&at(&third)).is(204);
    assert_eq!(room.reads(&room.cid), [""; 0]);
    room.ana.get(&at(&first)).is_problem(404, "not_found");
}

#[test]
fn what_a_deleted_account_wrote_stays_without_a_name_and_so_do_the_answers() {
    let room = Room::open();
    let first = room.says(&room.cid, "Why?", None);
    room.says(&room.ben, "So", Some(&first));
    room.cid.delete("/api/v1/me?confirm=cid@example.org").is(204);
    let items = room.ben.get(&room.thread()).is(200).items();
    assert_eq!(
        (&items[0]["author"], &items[0]["body"], &items[1]["parent_id"]),
        (&Value::Null, &json!("Why?"), &json!(first))
    );
    room.ben.delete("/api/v1/me?confirm=ben@example.org").is(204);
    room.ana.get(&room.thread()).is_problem(404, "not_found");
}

#[test]
fn what_staff_hide_keeps_its_place_and_its_words_for_staff_and_author() {
    let room = Room::open();
    let comment = room.says(&room.cid, "Idiot", None);
    room.says(&room.ben, "Please", Some(&comment));
    room.ben.patch(&at(&comment), json!({ "hidden": true })).is_problem(403, "role_insufficient");
    room.ana.patch(&at(&comment), json!({ "hidden": true })).is(200);
    assert_eq!(room.reads(&room.ben), ["(hidden)", "Please"]);
    for who in [&room.ana, &room.cid] {
        assert_eq!(room.reads(who), ["Idiot", "Please"]);
    }
    assert_eq!([&room.ana, &room.ben, &room.cid].map(|who| room.count(who)), [json!(2), json!(1), json!(2)]);
    room.ana.patch(&at(&comment), json!({ "hidden": false })).is(200);
    assert_eq!(room.reads(&room.ben), ["Idiot", "Please"]);
}

#[test]
fn a_flag_stands_in_the_queue_until_it_is_dealt_with() {
    let room = Room::open();
    let comment = room.says(&room.cid, "Idiot", None);
    let flags = format!("{}/flags", at(&comment));
    let made = room.ben.post(&flags, json!({ "reason": "Rude" })).is(201).json();
    assert_eq!(
        (&made["comment_id"], &made["annotation_id"], &made["reason"]),
        (&json!(comment), &Value::Null, &json!("Rude"))
    );
    assert_eq!(room.ben.post(&flags, json!({})).is(200).json(), made);
    let on_mark = format!("/api/v1/annotations/{}/flags", room.mark);
    room.app.clock.advance(Duration::minutes(1));
    room.cid.post(&on_mark, json!({})).is(201);
    room.ana.post(&on_mark, json!({ "reason": "Look" })).is(201);
    let queue = room.queue();
    let line = |item: &Value| {
        (item["annotation"]["id"].clone(), item["comment"]["id"].clone(), item["flags"].as_array().unwrap().len())
    };
    let expected = [(json!(room.mark), Value::Null, 2), (json!(room.mark), json!(comment), 1)];
    assert_eq!(queue.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!(
        (&queue[1]["flags"][0]["reason"], &queue[1]["flags"][0]["author"]["name"]),
        (&json!("Rude"), &json!("ben"))
    );
    assert_eq!(room.ben.get(&at(&comment)).is(200).json()["flagged"], true);
    assert_eq!(room.cid.get(&at(&comment)).is(200).json()["flagged"], false);
    assert_eq!(room.cid.get(&format!("/api/v1/annotations/{}", room.mark)).is(200).json()["flagged"], true);
    room.ben.get(&format!("/api/v1/classes/{}/flags", room.class)).is_problem(403, "role_insufficient");

    let send = |who: &Person, method: &str, path: &str| who.send(method, path, None, Vec::new());
    send(&room.cid, "DELETE", &on_mark).is(204);
    assert_eq!(line(&room.queue()[0]).2, 1);
    send(&room.ben, "POST", &format!("{on_mark}/dismiss")).is_problem(403, "role_insufficient");
    send(&room.ana, "POST", &format!("{on_mark}/dismiss")).is(204);
    assert_eq!(room.queue().len(), 1);
    // To hide it is to have dealt with it.
    room.ana.patch(&at(&comment), json!({ "hidden": true })).is(200);
    assert_eq!(room.queue().len(), 0);
}

#[test]
fn the_queue_has_each_object_once_on_one_of_its_pages_and_nothing_its_reader_may_not_see() {
    let room = Room::open();
    let comments: Vec<String> = (0..5).map(|n| room.says(&room.cid, &n.to_string(), None)).collect();
    for comment in &comments {
        for who in [&room.ben, &room.ana] {
            who.post(&format!("{}/flags", at(comment)), json!({})).is(201);
        }
    }
    let (mut found, mut next) = (Vec::new(), format!("/api/v1/classes/{}/flags?limit=2", room.class));
    loop {
        let page = room.ana.get(&next).is(200).json();
        found.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["comment"]["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("/api/v1/classes/{}/flags?limit=2&cursor={cursor}", room.class);
    }
    found.reverse();
    assert_eq!(found, comments);
    room.cid.delete(&at(&comments[0])).is(204);
    assert_eq!(room.queue().len(), 4);
    room.ben.patch(&format!("/api/v1/conversations/{}", room.conversation), json!({ "visibility": "private" })).is(200);
    assert_eq!(room.queue().len(), 0);
}

#[test]
fn what_others_lose_sight_of_is_counted_for_who_may_read_it() {
    let room = Room::open();
    marks(&room.cid, &room.conversation, "class");
    marks(&room.cid, &room.conversation, "staff");
    marks(&room.cid, &room.conversation, "private");
    let path = format!("/api/v1/conversations/{}/audience", room.conversation);
    let expected = |staff: u64, class: u64| json!({ "visibility": "class", "others": 2, "marks": { "staff": staff, "class": class } });
    assert_eq!(room.ben.get(&path).is(200).json(), expected(0, 2));
    assert_eq!(room.ana.get(&path).is(200).json(), expected(1, 2));
    room.ben.patch(&format!("/api/v1/conversations/{}", room.conversation), json!({ "visibility": "private" })).is(200);
    let alone = json!({ "visibility": "private", "others": 0, "marks": { "staff": 0, "class": 2 } });
    assert_eq!(room.ben.get(&path).is(200).json(), alone);
    room.ana.get(&path).is_problem(404, "not_found");
}

#[test]
fn the_feed_tells_below_which_annotation_a_reply_is_gone() {
    let room = Room::open();
    let changes = format!("/api/v1/classes/{}/changes", room.class);
    let heard = |since: &Value| {
        let items = room.cid.get(&format!("{changes}?since={since}")).is(200).items();
        let told = |item: &Value| (item["kind"].as_str().unwrap().to_owned(), item["id"].as_str().unwrap().to_owned());
        items.iter().map(told).collect::<Vec<_>>()
    };
    let last = || room.cid.get(&changes).is(200).json()["next"].clone();
    let (first, second) = (room.says(&room.ben, "One", None), room.says(&room.cid, "Two", None));
    let answer = room.says(&room.cid, "To one", Some(&first));
    let since = last();
    // It keeps its place: whoever reads it finds the annotation.
    room.ben.delete(&at(&first)).is(204);
    assert_eq!(heard(&since), [("comment.deleted".to_owned(), first)]);
    for gone in [second, answer] {
        let since = last();
        room.cid.delete(&at(&gone)).is(204);
        let both = [("comment.deleted".to_owned(), gone), ("annotation.changed".to_owned(), room.mark.clone())];
        assert_eq!(heard(&since), both);
    }
}
