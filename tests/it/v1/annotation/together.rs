//! Many people mark and comment on one conversation at the same time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
};

use sea_orm::{EntityTrait, QueryOrder};
use tests::{Client, json};

use super::{Room, marks};

/// People at once, and marks of each, every one with a comment.
const CLIENTS: usize = 16;
const MARKS: usize = 6;

/// Everything a list holds, page after page.
fn all(who: &Client, path: &str) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), format!("{path}?limit=20"));
    loop {
        let page = who.get(&next).is(200).json();
        found.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("{path}?limit=20&cursor={cursor}"),
            None => return found,
        }
    }
}

#[test]
fn marks_and_comments_of_many_at_once_are_neither_lost_nor_doubled() {
    let room = Room::open();
    let (id, message) = room.text("class", "A heap of sand is a heap.");
    let thread = |mark: &str| format!("/api/v1/annotations/{mark}/comments");
    let shared = super::mark(&room.ana, &id, json!({ "audience": "class" })).is(201).str("id");
    let barrier = Barrier::new(CLIENTS);
    let people = [&room.ana, &room.ben, &room.cid];
    let work = |n: usize| {
        let who = people[n % people.len()];
        barrier.wait();
        let (mut made, mut said) = (Vec::new(), Vec::new());
        for turn in 0..MARKS {
            let body = json!({ "message_id": message, "start": turn, "end": turn + 2, "note": format!("{n}/{turn}"), "audience": "class" });
            // Every other one is sent twice, as after an answer that was lost.
            let once = who.with("idempotency-key", format!("mark-{n}-{turn}"));
            let mark = super::mark(&once, &id, body.clone()).is(201).str("id");
            if turn % 2 == 1 {
                assert_eq!(super::mark(&once, &id, body).is(201).str("id"), mark);
            }
            said.push(who.post(&thread(&shared), json!({ "body": format!("{n}/{turn}") })).is(201).str("id"));
            // What was acknowledged is there for everybody from then on.
            assert!(all(&room.ana, &marks(&id)).contains(&mark));
            made.push(mark);
        }
        (made, said)
    };
    let done: Vec<(Vec<String>, Vec<String>)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || work(n))).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (made, said): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let made: BTreeSet<String> = made.into_iter().flatten().chain([shared.clone()]).collect();
    let said: BTreeSet<String> = said.into_iter().flatten().collect();
    assert_eq!((made.len(), said.len()), (CLIENTS * MARKS + 1, CLIENTS * MARKS));
    for (path, expected) in [(marks(&id), &made), (thread(&shared), &said)] {
        let listed = all(&room.cid, &path);
        assert_eq!(listed.len(), expected.len(), "{path} has something twice, or not at all");
        assert_eq!(&listed.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    // The feed tells of each once, in the order of its places.
    let events = entity::event::Entity::find().order_by_asc(entity::event::Column::Seq);
    let events = room.app.run(events.all(room.app.db.connection())).unwrap();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        told.entry(event.kind).or_default().push(event.object_id.to_string());
    }
    for (kind, expected) in [("annotation.created", &made), ("comment.created", &said)] {
        let found = told.remove(kind).unwrap_or_default();
        assert_eq!(found.len(), expected.len(), "{kind}");
        assert_eq!(&found.into_iter().collect::<BTreeSet<_>>(), expected, "{kind}");
    }
}
