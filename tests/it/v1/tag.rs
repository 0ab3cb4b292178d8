//! The codebook: tags of the class and private ones, lock, merge, import.

use tests::{Person, TestApp, Value, json};

/// Ana runs the class, Ben and Cid learn in it.
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

    fn tags(&self) -> String {
        format!("/api/v1/classes/{}/tags", self.class)
    }

    fn tag(&self, who: &Person, name: &str) -> String {
        who.post(&self.tags(), json!({ "name": name })).is(201).str("id")
    }

    fn names(&self, who: &Person) -> Vec<String> {
        let items = who.get(&self.tags()).is(200).items();
        items.iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    }

    fn lock(&self, locked: bool) {
        use sea_orm::ConnectionTrait;
        let sql = format!("UPDATE class SET codebook_locked = {}", if locked { "TRUE" } else { "FALSE" });
        self.app.run(async { self.app.db.connection().execute_unprepared(&sql).await.map(drop) }).unwrap();
    }

    /// An annotation of this person's for this audience with these tags.
    fn mark(&self, who: &Person, conversation: &str, audience: &str, tags: &[&String]) -> String {
        let body = json!({ "audience": audience, "tags": tags });
        who.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id")
    }
}

fn at(id: &str) -> String {
    format!("/api/v1/tags/{id}")
}

fn tags_of(who: &Person, mark: &str) -> Vec<String> {
    let found = who.get(&format!("/api/v1/annotations/{mark}")).is(200).json()["tags"].clone();
    found.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn uses(who: &Person, tag: &str) -> u64 {
    who.get(&at(tag)).is(200).json()["uses"].as_u64().unwrap()
}

#[test]
fn a_tag_has_a_name_a_colour_and_what_it_means() {
    let room = Room::open();
    let body = json!({ "name": " Hedge ", "colour": "teal", "definition": "Takes it back", "example": "maybe", "group": "Answers" });
    let made = room.ana.post(&room.tags(), body).is(201);
    let expected = json!({
        "id": made.str("id"), "class_id": room.class, "name": "Hedge", "colour": "teal", "definition": "Takes it back",
        "example": "maybe", "group": "Answers", "position": 0, "private": false, "uses": 0,
        "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z", "version": 1,
    });
    assert_eq!(made.json(), expected);
    assert_eq!((made.header("location"), made.header("etag")), (Some(at(&made.str("id")).as_str()), Some("\"1\"")));
    // Neighbours that say no colour get different ones.
    let colours: Vec<Value> = ["a", "b", "c"]
        .iter()
        .map(|name| room.ana.post(&room.tags(), json!({ "name": name })).is(201).json()["colour"].clone())
        .collect();
    assert!(colours[0] != colours[1] && colours[1] != colours[2], "{colours:?}");
    for (body, pointer, code) in [
        (json!({ "name": "" }), "/name", "blank"),
        (json!({ "name": "x", "colour": "#ff0000" }), "/colour", "unknown_value"),
        (json!({ "name": "x".repeat(101) }), "/name", "too_long"),
        (json!({ "name": "x", "definition": "x".repeat(10_001) }), "/definition", "too_long"),
    ] {
        let wrong = room.ana.post(&room.tags(), body).is_problem(422, "validation_failed").field_errors();
        assert_eq!(wrong, [(pointer.to_owned(), code.to_owned())]);
    }
}

#[test]
fn names_are_unique_without_regard_to_case_in_each_list() {
    let room = Room::open();
    room.tag(&room.ana, "Hedge");
    room.ben.post(&room.tags(), json!({ "name": "hEDGE" })).is_problem(409, "tag_exists");
    let own = json!({ "name": "hedge", "private": true });
    room.ben.post(&room.tags(), own.clone()).is(201);
    room.cid.post(&room.tags(), own.clone()).is(201);
    room.cid.post(&room.tags(), own).is_problem(409, "tag_exists");
    let other = room.tag(&room.ana, "Claim");
    room.ana.patch(&at(&other), json!({ "name": "HEDGE" })).is_problem(409, "tag_exists");
    room.ana.patch(&at(&other), json!({ "name": "CLAIM" })).is(200);
}

#[test]
fn a_private_tag_is_there_for_nobody_else() {
    let room = Room::open();
    let own = room.ben.post(&room.tags(), json!({ "name": "Mine", "private": true })).is(201);
    assert_eq!(own.json()["private"], true);
    let own = own.str("id");
    let conversation = room.ben.writes(&room.class, "Heaps", "class");
    let shared = room.tag(&room.ana, "Hedge");
    let mark = room.mark(&room.ben, &conversation, "class", &[&own, &shared]);
    assert_eq!(tags_of(&room.ben, &mark).len(), 2);
    for other in [&room.ana, &room.cid] {
        assert_eq!(room.names(other), ["Hedge"]);
        other.get(&at(&own)).is_problem(404, "not_found");
        other.patch(&at(&own), json!({ "name": "Theirs" })).is_problem(404, "not_found");
        assert_eq!(tags_of(other, &mark), std::slice::from_ref(&shared));
        let found = other.get(&format!("/api/v1/conversations/{conversation}/annotations?tag={own}")).is(200).items();
        assert!(found.is_empty());
        let body = json!({ "tags": [own] });
        let answer = other.post(&format!("/api/v1/conversations/{conversation}/annotations"), body);
        assert_eq!(answer.is(422).field_errors(), [("/tags/0".to_owned(), "tag_unknown".to_owned())]);
    }
    let found = room.ben.get(&format!("/api/v1/conversations/{conversation}/annotations?tag={own}")).is(200).items();
    assert_eq!(found.len(), 1);
}

#[test]
fn a_count_of_uses_tells_of_nothing_one_may_not_see() {
    let room = Room::open();
    let conversation = room.ben.writes(&room.class, "Heaps", "class");
    let tag = room.tag(&room.ana, "Hedge");
    for audience in ["private", "staff", "class"] {
        room.mark(&room.ben, &conversation, audience, &[&tag]);
    }
    assert_eq!([&room.ben, &room.ana, &room.cid].map(|who| uses(who, &tag)), [3, 2, 1]);
    let listed = room.cid.get(&room.tags()).is(200).items();
    assert_eq!(listed[0]["uses"], 1);
}

#[test]
fn who_runs_the_class_changes_all_tags_others_those_they_made_until_it_is_locked() {
    let room = Room::open();
    let dan = room.app.person("dan");
    room.ana.admits(&room.class, &dan, "tutor");
    let own = room.tag(&room.ben, "Hedge");
    room.ben.patch(&at(&own), json!({ "definition": "Takes it back" })).is(200);
    for other in [&room.cid, &dan] {
        other.patch(&at(&own), json!({ "name": "X" })).is_problem(403, "role_insufficient");
        other.delete(&at(&own)).is_problem(403, "role_insufficient");
    }
    room.lock(true);
    for who in [&room.ben, &dan] {
        who.post(&room.tags(), json!({ "name": "New" })).is_problem(403, "codebook_locked");
        who.post(&format!("{}/import", room.tags()), json!({ "sample": true })).is_problem(403, "codebook_locked");
    }
    room.ben.patch(&at(&own), json!({ "name": "X" })).is_problem(403, "codebook_locked");
    room.ben.delete(&at(&own)).is_problem(403, "codebook_locked");
    let private = room.ben.post(&room.tags(), json!({ "name": "New", "private": true })).is(201).str("id");
    room.ben.patch(&at(&private), json!({ "name": "Newer" })).is(200);
    room.ana.patch(&at(&own), json!({ "name": "Hedging" })).is(200);
    room.lock(false);
    room.ben.delete(&format!("{}?confirm=Hedging", at(&own))).is(204);
}

#[test]
fn a_tag_that_is_in_use_is_deleted_by_its_name_alone() {
    let room = Room::open();
    let conversation = room.ben.writes(&room.class, "Heaps", "class");
    let tag = room.tag(&room.ana, "Hedge");
    let mark = room.mark(&room.ben, &conversation, "class", &[&tag]);
    room.ana.delete(&at(&tag)).is_problem(409, "tag_in_use");
    room.ana.delete(&format!("{}?confirm=hedge", at(&tag))).is_problem(409, "tag_in_use");
    room.ana
        .with("if-match", "\"7\"")
        .delete(&format!("{}?confirm=Hedge", at(&tag)))
        .is_problem(412, "version_mismatch");
    room.ana.delete(&format!("{}?confirm=Hedge", at(&tag))).is(204);
    assert_eq!(tags_of(&room.ben, &mark), [""; 0]);
}

/// Else it would tell whether there are marks that one does not see, or take it off them for good.
#[test]
fn a_tag_of_the_class_is_deleted_by_its_name_whether_one_sees_it_on_marks_or_not() {
    let room = Room::open();
    let conversation = room.ben.writes(&room.class, "Heaps", "class");
    let [carried, unused] = ["Hedge", "Claim"].map(|name| room.tag(&room.ana, name));
    let mark = room.mark(&room.ben, &conversation, "private", &[&carried]);
    let refused = |tag: &str| room.ana.delete(&at(tag)).is_problem(409, "tag_in_use").json()["detail"].clone();
    assert_eq!(refused(&carried), refused(&unused));
    assert_eq!(tags_of(&room.ben, &mark), std::slice::from_ref(&carried));
    for (tag, name) in [(&carried, "Hedge"), (&unused, "Claim")] {
        room.ana.delete(&format!("{}?confirm={name}", at(tag))).is(204);
    }
    // What one keeps to oneself one sees on every mark.
    let own = room.ana.post(&room.tags(), json!({ "name": "Mine", "private": true })).is(201).str("id");
    room.ana.delete(&at(&own)).is(204);
}

#[test]
fn a_merge_and_a_new_name_keep_every_annotation() {
    let room = Room::open();
    let conversation = room.ben.writes(&room.class, "Heaps", "class");
    let [from, into] = ["Hedging", "Hedge"].map(|name| room.tag(&room.ana, name));
    let marks = [
        room.mark(&room.ben, &conversation, "private", &[&from]),
        room.mark(&room.cid, &conversation, "class", &[&from, &into]),
        room.mark(&room.cid, &conversation, "class", &[&into]),
    ];
    let merge = format!("{}/merge", at(&from));
    let answer = room.ana.post(&merge, json!({ "into": into })).is(200);
    assert_eq!((answer.str("id"), answer.json()["uses"].as_u64()), (into.clone(), Some(2)));
    room.ana.get(&at(&from)).is_problem(404, "not_found");
    for (who, mark) in [&room.ben, &room.cid, &room.cid].into_iter().zip(&marks) {
        assert_eq!(tags_of(who, mark), std::slice::from_ref(&into));
    }
    room.ana.patch(&at(&into), json!({ "name": "Qualifies" })).is(200);
    assert_eq!(tags_of(&room.ben, &marks[0]), std::slice::from_ref(&into));

    let own = room.ana.post(&room.tags(), json!({ "name": "Mine", "private": true })).is(201).str("id");
    let other_class = room.ana.opens_class("Ethics");
    let foreign =
        room.ana.post(&format!("/api/v1/classes/{other_class}/tags"), json!({ "name": "X" })).is(201).str("id");
    for (to, code) in [(&into, "tag_unknown"), (&own, "tag_private"), (&foreign, "tag_unknown"), (&from, "tag_unknown")]
    {
        let answer = room.ana.post(&format!("{}/merge", at(&into)), json!({ "into": to }));
        assert_eq!(answer.is(422).field_errors(), [("/into".to_owned(), code.to_owned())]);
    }
    // One's own may become one of the class.
    room.ana.post(&format!("{}/merge", at(&own)), json!({ "into": into })).is(200);
}

#[test]
fn tags_come_in_by_lines_from_another_class_and_as_a_sample() {
    let room = Room::open();
    let import = format!("{}/import", room.tags());
    let lines = "Hedge: Takes part of a claim back: yes\n\n  Claim  \nhedge: again\n";
    let answer = room.ana.post(&import, json!({ "lines": lines })).is(201).json();
    assert_eq!((answer["imported"].as_array().unwrap().len(), &answer["skipped"]), (2, &json!(["hedge"])));
    let items = room.ana.get(&room.tags()).is(200).items();
    let said: Vec<_> = items.iter().map(|tag| (&tag["name"], &tag["definition"])).collect();
    assert_eq!(said, [(&json!("Hedge"), &json!("Takes part of a claim back: yes")), (&json!("Claim"), &Value::Null)]);
    // The same again adds nothing.
    let again = room.ana.post(&import, json!({ "lines": lines })).is(201).json();
    assert_eq!(again["imported"], json!([]));

    let other = room.ana.opens_class("Ethics");
    let there = format!("/api/v1/classes/{other}/tags");
    room.ana.post(&room.tags(), json!({ "name": "Mine", "private": true })).is(201);
    let answer = room.ana.post(&format!("{there}/import"), json!({ "from_class": room.class })).is(201).json();
    assert_eq!(answer["imported"].as_array().unwrap().len(), 2);
    let copied = room.ana.get(&there).is(200).items();
    let kept = |tag: &Value| ["name", "colour", "definition", "example", "group"].map(|member| tag[member].clone());
    assert_eq!(copied.iter().map(kept).collect::<Vec<_>>(), items.iter().map(kept).collect::<Vec<_>>());
    // Ben is not in the other class, which is the same as that there is none.
    for from in [other.as_str(), "0193c1f2-7d5a-7b3e-9c11-5a0e6f1d2c3b"] {
        let answer = room.ben.post(&import, json!({ "from_class": from })).is(422);
        assert_eq!(answer.field_errors(), [("/from_class".to_owned(), "not_in_class".to_owned())]);
    }
    let sample = room.ana.post(&format!("{there}/import"), json!({ "sample": true })).is(201).json();
    assert!(sample["imported"].as_array().unwrap().len() >= 5, "{sample}");
    let flaw =
        |body: Value| room.ana.post(&import, body).is_problem(422, "validation_failed").field_errors()[0].clone();
    assert_eq!(flaw(json!({ "lines": ": no name" })), ("/lines".to_owned(), "line_malformed".to_owned()));
    assert_eq!(flaw(json!({ "lines": " \n" })), ("/lines".to_owned(), "blank".to_owned()));
    assert_eq!(flaw(json!({ "lines": "A", "sample": true })), (String::new(), "one_of".to_owned()));
    assert_eq!(flaw(json!({})), (String::new(), "one_of".to_owned()));
}

#[test]
fn tags_stand_in_the_order_they_are_put_into_page_after_page() {
    let room = Room::open();
    let [_, b, _] = ["A", "B", "C"].map(|name| room.tag(&room.ana, name));
    room.ana.patch(&at(&b), json!({ "position": 0 })).is(200);
    assert_eq!(room.names(&room.ben), ["B", "A", "C"]);
    let first = room.ben.get(&format!("{}?limit=2", room.tags())).is(200);
    let next = format!("{}?limit=2&cursor={}", room.tags(), first.str("next_cursor"));
    assert_eq!(room.ben.get(&next).is(200).items()[0]["name"], "C");
    room.ana.patch(&at(&b), json!({ "position": -1 })).is_problem(422, "validation_failed");
    let other = room.ana.opens_class("Ethics");
    room.ana.get(&format!("/api/v1/classes/{other}/tags?cursor=x")).is_problem(422, "validation_failed");
}
