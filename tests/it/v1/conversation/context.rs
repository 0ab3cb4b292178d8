//! What a person told the model about themselves is for nobody else, in no form.

use super::*;

/// Stands in every word that is its owner's alone.
const CANARY: &str = "canary-4711";

/// One message made of context alone.
fn context(role: &str) -> Value {
    json!({ "role": role, "model": format!("model-{CANARY}"), "created_at": "2001-02-03T04:05:06Z",
        "parts": [{ "kind": "context", "text": format!("I live at {CANARY}"), "name": CANARY, "data": { "memory": CANARY } }] })
}

/// A conversation of ben's with a secret at its beginning, middle, end, and beside words for all; then a branch.
/// Its id, and the ids of the messages that are ben's alone.
fn told(class: &Class) -> (String, Vec<String>) {
    let mixed = json!({ "role": "user", "parts": [
        { "kind": "context", "text": CANARY }, { "kind": "text", "text": "What is a heap?" }, { "kind": "context", "text": CANARY } ] });
    let answer =
        json!({ "role": "assistant", "content": "A pile.", "model": "gpt-5", "created_at": "2026-01-01T00:00:00Z" });
    let body = json!({ "title": "Heaps", "visibility": "class", "messages": [
        context("system"), context("user"), mixed, context("user"), context("tool"), answer, context("user") ] });
    let id = class.ben.post(&list_of(&class.id), body).is(201).str("id");
    let more = json!({ "messages": [{ "role": "user", "content": "And a grain?" }, context("user")] });
    class.ben.post(&format!("{}/messages", at(&id)), more).is(201);
    // A branch below a message that others do not know of.
    let below = class.ben.reads(&id)[4]["id"].clone();
    let branch =
        json!({ "parent_id": below, "messages": [context("user"), { "role": "assistant", "content": "A hill." }] });
    class.ben.post(&format!("{}/messages", at(&id)), branch).is(201);
    let all = class.ben.reads(&id);
    let alone = all.iter().filter(|m| m["parts"].as_array().unwrap().iter().all(|part| part["kind"] == "context"));
    let alone: Vec<String> = alone.map(|m| m["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((all.len(), alone.len()), (11, 7));
    (id, alone)
}

#[test]
fn its_owner_reads_all_context_where_it_stood() {
    let class = Class::open();
    let (id, _) = told(&class);
    let all = class.ben.reads(&id);
    let kinds: Vec<Vec<&str>> = all
        .iter()
        .map(|m| m["parts"].as_array().unwrap().iter().map(|part| part["kind"].as_str().unwrap()).collect())
        .collect();
    let (alone, text) = (vec!["context"], vec!["text"]);
    let mixed = vec!["context", "text", "context"];
    let c = || alone.clone();
    assert_eq!(kinds, [c(), c(), mixed, c(), c(), text.clone(), c(), text.clone(), c(), c(), text]);
    assert_eq!(all[0]["parts"], context("system")["parts"]);
    assert_eq!((&all[0]["content"], &all[2]["content"]), (&json!(""), &json!("What is a heap?")));
    // One of context alone has the place of the message after it.
    let positions: Vec<u64> = all.iter().map(|m| m["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3]);
    for pair in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6), (8, 7), (9, 4), (10, 9)] {
        assert_eq!(all[pair.0]["parent_id"], all[pair.1]["id"], "{pair:?}");
    }
}

#[test]
fn nobody_else_meets_context_in_any_answer() {
    let class = Class::open();
    let (id, alone) = told(&class);
    class.ana.admits(&class.id, &class.app.person("aud"), "auditor");
    let aud = class.app.sign_in("aud@example.org");
    for peer in [&class.cem, &class.tom, &class.ana, &aud] {
        let mut answers = Vec::new();
        for path in [
            at(&id),
            format!("{}?include=messages", at(&id)),
            format!("{}?include=messages&branches=all", at(&id)),
            format!("{}/messages", at(&id)),
            format!("{}/messages?branches=all", at(&id)),
            list_of(&class.id),
            format!("{}?q=heaps", list_of(&class.id)),
            format!("{}?model=gpt-5", list_of(&class.id)),
            format!("{}?sort=started", list_of(&class.id)),
        ] {
            answers.push(peer.get(&path).is(200));
        }
        // Page by page, so that cursors are read as well.
        for branches in ["path", "all"] {
            let mut next = format!("{}/messages?limit=1&branches={branches}", at(&id));
            loop {
                let page = peer.get(&next).is(200);
                let cursor = page.json()["next_cursor"].as_str().map(str::to_owned);
                answers.push(page);
                let Some(cursor) = cursor else { break };
                next = format!("{}/messages?limit=1&branches={branches}&cursor={cursor}", at(&id));
            }
        }
        assert_eq!(answers.len(), 9 + 2 + 4);
        for answer in &answers {
            let text = format!("{}{:?}", answer.text(), answer.headers);
            assert!(!text.contains(CANARY) && !text.contains("\"context\"") && !text.contains("2001-02-03"), "{text}");
            for id in &alone {
                assert!(!text.contains(id), "{id} in {text}");
            }
        }
        let found = peer.get(&format!("{}?model=model-{CANARY}", list_of(&class.id))).is(200);
        assert_eq!(found.json(), json!({ "items": [], "next_cursor": null }));
    }
}

#[test]
fn others_count_number_and_follow_messages_as_if_there_were_no_context() {
    let class = Class::open();
    let (id, _) = told(&class);
    // Counts are the same for all: the visible path without what is the owner's alone.
    for person in [&class.ben, &class.cem, &class.ana] {
        assert_eq!(person.get(&at(&id)).is(200).json()["messages"], 2);
        assert_eq!(person.get(&list_of(&class.id)).is(200).items()[0]["messages"], 2);
    }
    let seen = class.cem.reads(&id);
    let words: Vec<&str> = seen.iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(words, ["What is a heap?", "A pile.", "And a grain?", "A hill."]);
    assert_eq!(seen.iter().map(|m| m["position"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(seen[0]["parts"], json!([{ "kind": "text", "text": "What is a heap?" }]));
    let parents: Vec<&Value> = seen.iter().map(|m| &m["parent_id"]).collect();
    assert_eq!(parents, [&Value::Null, &seen[0]["id"], &seen[1]["id"], &seen[0]["id"]]);
    let path = class.cem.get(&format!("{}/messages", at(&id))).is(200).items();
    assert_eq!(path, [seen[0].clone(), seen[3].clone()]);
    assert_eq!(class.cem.get(&at(&id)).is(200).str("model"), "gpt-5");
    assert_eq!(class.cem.get(&at(&id)).is(200).str("started_at"), "2026-01-01T00:00:00Z");
}

#[test]
fn context_that_an_import_brings_is_its_owners_alone_too() {
    let class = Class::open();
    let node = |id: &str, parent: Value, children: Value, message: Value| json!({ "id": id, "parent": parent, "children": children, "message": message });
    let words = |id: &str, role: &str, content: Value| json!({ "id": id, "author": { "role": role }, "create_time": 1_700_000_000.5, "content": content, "metadata": {} });
    let text = |text: &str| json!({ "content_type": "text", "parts": [text] });
    let told = json!({ "content_type": "user_editable_context", "user_profile": CANARY, "user_instructions": CANARY });
    let export = |last: bool| {
        let mut mapping = json!({
            "r": node("r", Value::Null, json!(["c"]), Value::Null),
            "c": node("c", json!("r"), json!(["q"]), words("c", "user", told.clone())),
            "q": node("q", json!("c"), json!(["c2"]), words("q", "user", text("What is a heap?"))),
            "c2": node("c2", json!("q"), if last { json!(["a"]) } else { json!([]) }, words("c2", "user", told.clone())),
        });
        if last {
            mapping["a"] = node("a", json!("c2"), json!([]), words("a", "assistant", text("A pile.")));
        }
        json!([{ "id": "k1", "conversation_id": "k1", "title": "Heaps", "create_time": 1_700_000_000.5, "update_time": 1_700_000_001.5,
            "current_node": if last { "a" } else { "c2" }, "mapping": mapping }]).to_string()
    };
    let first = class.ben.imports(&class.id, "?visibility=class", export(false)).is(201).json();
    let id = first["imported"][0]["id"].as_str().unwrap().to_owned();
    // It grows: the answer comes after a message that others do not know of.
    let grown = class.ben.imports(&class.id, "?visibility=class", export(true)).is(201).json();
    assert_eq!((&grown["imported"][0]["id"], &grown["imported"][0]["updated"]), (&json!(id), &json!(true)));
    assert_eq!(class.ben.reads(&id).len(), 4);
    let answer = class.cem.get(&format!("{}?include=messages&branches=all", at(&id))).is(200);
    assert!(!answer.text().contains(CANARY), "{}", answer.text());
    let seen = answer.items();
    let said: Vec<_> = seen.iter().map(|m| (m["content"].as_str().unwrap(), m["position"].as_u64().unwrap())).collect();
    assert_eq!(said, [("What is a heap?", 0), ("A pile.", 1)]);
    assert_eq!([&seen[0]["parent_id"], &seen[1]["parent_id"]], [&Value::Null, &seen[0]["id"]]);
    assert_eq!(answer.json()["messages"], 2);
}
