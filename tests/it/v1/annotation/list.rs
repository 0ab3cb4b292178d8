//! Lists of annotations: filters, orders, pages.

use tests::{Value, json};
use time::Duration;

use super::{Room, ids, mark, marks};

#[test]
fn filters_find_what_they_say_and_nothing_else() {
    let room = Room::open();
    let (id, message) = room.text("class", "A heap of sand.");
    let all = json!({ "audience": "class" });
    let with = |more: Value| {
        let mut body = all.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let whole = mark(&room.cid, &id, with(json!({ "note": "Über 100%" }))).is(201).str("id");
    let on = mark(&room.ben, &id, with(json!({ "message_id": message }))).is(201).str("id");
    room.app.clock.advance(Duration::minutes(1));
    let span = mark(&room.cid, &id, with(json!({ "message_id": message, "start": 2, "end": 6 }))).is(201).str("id");
    let cid = room.cid.get(&format!("/api/v1/classes/{}", room.class)).is(200).str("enrolment_id");
    for (query, expected) in [
        ("?author=me".to_owned(), vec![&on]),
        (format!("?author={cid}"), vec![&whole, &span]),
        (format!("?message_id={message}"), vec![&on, &span]),
        ("?target=conversation".to_owned(), vec![&whole]),
        ("?target=span".to_owned(), vec![&span]),
        ("?q=HEAP".to_owned(), vec![&span]),
        ("?q=100%25".to_owned(), vec![&whole]),
        ("?q=_".to_owned(), vec![]),
        ("?updated_since=2026-03-02T09:01:00Z".to_owned(), vec![&span]),
        (format!("?tag={message}"), vec![]),
        (format!("?ids={span},{whole}"), vec![&whole, &span]),
        (format!("?ids={message}"), vec![]),
        ("?sort=place".to_owned(), vec![&whole, &on, &span]),
    ] {
        assert_eq!(ids(&room.ben, &id, &query).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for (query, name) in [
        ("?author=cid", "author"),
        ("?tag=x", "tag"),
        ("?message_id=x", "message_id"),
        ("?sort=size", "sort"),
        ("?ids=x", "ids"),
    ] {
        let answer = room.ben.get(&format!("{}{query}", marks(&id))).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors()[0].0, name);
    }
    room.ben.get(&format!("{}?surprise=1", marks(&id))).is_problem(422, "query_invalid");
}

#[test]
fn pages_of_both_orders_hold_every_mark_once() {
    let room = Room::open();
    let messages: Vec<Value> = (0..3).map(|_| json!({ "role": "user", "content": "A heap of sand." })).collect();
    let body = json!({ "title": "Heaps", "visibility": "class", "messages": messages });
    let id = room.ben.post(&format!("/api/v1/classes/{}/conversations", room.class), body).is(201).str("id");
    let read = room.ben.reads(&id);
    // From the end to the beginning, so that the two orders differ.
    let mut made = Vec::new();
    for message in read.iter().rev() {
        for start in [8, 2, 2] {
            let body = json!({ "message_id": message["id"], "start": start, "end": start + 1, "audience": "class" });
            made.push(mark(&room.cid, &id, body).is(201).str("id"));
        }
        made.push(mark(&room.cid, &id, json!({ "message_id": message["id"], "audience": "class" })).is(201).str("id"));
    }
    made.push(mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id"));
    let of = |n: usize| [3, 1, 2, 0].map(|k| made[n * 4 + k].clone());
    let place: Vec<String> = [made[12].clone()].into_iter().chain(of(2)).chain(of(1)).chain(of(0)).collect();
    for (sort, expected) in [("created", made.clone()), ("place", place)] {
        let (mut found, mut next) = (Vec::new(), format!("{}?limit=2&sort={sort}", marks(&id)));
        loop {
            let page = room.ana.get(&next).is(200).json();
            found.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("{}?limit=2&sort={sort}&cursor={cursor}", marks(&id));
        }
        assert_eq!(found, expected, "{sort}");
    }
    let cursor = room.ana.get(&format!("{}?limit=2", marks(&id))).is(200).str("next_cursor");
    room.ana.get(&format!("{}?limit=2&sort=place&cursor={cursor}", marks(&id))).is_problem(422, "validation_failed");
}
