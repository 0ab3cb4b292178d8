//! Two classes with made-up names in which the same people registered and joined in opposite orders, and then did the same
//! things in the same order: nobody can tell them apart.

use std::collections::BTreeMap;

use tests::{TestApp, json};

use super::reading::World;

const STUDENTS: [&str; 6] = ["amy", "ben", "cleo", "dan", "eva", "fay"];
const STAFF: [&str; 3] = ["tea", "tim", "tom"];

/// The class, with everybody in it.
fn joined(reversed: bool) -> World {
    let app = TestApp::start();
    let mut all: Vec<&'static str> = STAFF.into_iter().chain(STUDENTS).collect();
    if reversed {
        all.reverse();
    }
    let people: BTreeMap<_, _> = all.iter().map(|name| (*name, app.person(name))).collect();
    let tea = people["tea"].clone();
    let class = tea.opens_class("Logic");
    let change = json!({ "naming": "pseudonyms", "staff_see_names": false });
    tea.patch(&format!("/api/v1/classes/{class}"), change).is(200);
    let codes = ["tutor", "student"].map(|role| {
        let made = tea.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": role })).is(201);
        (role, made.str("id"), made.str("code"))
    });
    let mut world = World::new(app, people, class);
    for (role, id, code) in &codes {
        world.stands_for(id, &format!("invitation of a {role}"));
        world.stands_for(code, &format!("code for a {role}"));
    }
    let mut members: BTreeMap<&str, String> = BTreeMap::new();
    for name in all.into_iter().filter(|name| *name != "tea") {
        let (.., code) = if STAFF.contains(&name) { &codes[0] } else { &codes[1] };
        members.insert(name, world.who(name).joins(code));
    }
    for (name, id) in members {
        world.made("enrolments", &format!("member {name}"), id);
    }
    world
}

/// What they did.
fn class(reversed: bool) -> World {
    let mut world = joined(reversed);
    let class = world.class.clone();
    for name in STUDENTS {
        let id = world.who(name).writes(&class, &format!("Talk of {name}"), "class");
        world.made("conversations", &format!("talk of {name}"), id);
    }
    for name in STAFF {
        let id = world.who(name).writes(&class, &format!("Talk of {name}"), "class");
        world.made("conversations", &format!("talk of {name}"), id);
    }
    let lecture = world.who("tea").writes(&class, "Lecture", "class");
    world.made("conversations", "lecture", lecture.clone());
    let tag = world.who("tea").post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": "Hedge" }));
    let tag = world.made("tags", "hedge", tag.is(201).str("id"));
    let first = marked(&mut world, &lecture, &tag);
    said(&mut world, &first);
    let import = world.who("cleo").imports(&class, "", "User: why?\nAssistant: so.").is(201).json();
    for reader in ["cleo", "tea", "tom"] {
        // Each has one of their own, with this one's name.
        let id = match reader {
            "cleo" => import["id"].as_str().unwrap().to_owned(),
            name => world.who(name).imports(&class, "", format!("User: {name}?\nAssistant: so.")).is(201).str("id"),
        };
        world.made("imports", &format!("import of {reader}"), id);
    }
    world
}

/// A mark and a presentation of everybody's; the first mark.
fn marked(world: &mut World, lecture: &str, tag: &str) -> String {
    let mut marks = Vec::new();
    for name in STUDENTS.iter().chain(&STAFF) {
        let body = json!({ "note": format!("Note of {name}"), "audience": "class", "tags": [tag] });
        let made = world.who(name).post(&format!("/api/v1/conversations/{lecture}/annotations"), body);
        marks.push(world.made("annotations", &format!("mark of {name}"), made.is(201).str("id")));
        let made = world.who(name).post(&format!("/api/v1/conversations/{lecture}/presentations"), json!({}));
        world.made("presentations", &format!("presentation of {name}"), made.is(201).str("id"));
    }
    marks.swap_remove(0)
}

/// What everybody said of it, a flag of everybody's, and that each of them was named.
fn said(world: &mut World, mark: &str) {
    let comments = format!("/api/v1/annotations/{mark}/comments");
    for name in STUDENTS.iter().chain(&STAFF) {
        let made = world.who(name).post(&comments, json!({ "body": format!("Said by {name}") }));
        world.made("comments", &format!("comment of {name}"), made.is(201).str("id"));
        world.who(name).post(&format!("/api/v1/annotations/{mark}/flags"), json!({ "reason": name })).is(201);
    }
    let met = world.met_by("tea");
    for name in STUDENTS {
        let made = world.who("tea").post(&comments, json!({ "body": "You.", "mentions": [met[name].0] }));
        world.made("comments", &format!("comment to {name}"), made.is(201).str("id"));
    }
}

#[test]
fn in_whichever_order_people_came_everybody_reads_the_same() {
    let (one, other) = (class(false), class(true));
    for reader in ["cleo", "tea", "tom"] {
        one.read_by(reader).is_like(&other.read_by(reader), reader);
    }
}

/// Whom a comment names that names them in this order: as a reader finds them, and whether that is in the order of ids.
fn named(world: &World, mark: &str, order: &[&str], reader: &str) -> (Vec<String>, bool) {
    let met = world.met_by("tea");
    let ids: Vec<&String> = order.iter().map(|name| &met[*name].0).collect();
    let body = json!({ "body": "All of you.", "mentions": ids });
    let made = world.who("tea").post(&format!("/api/v1/annotations/{mark}/comments"), body).is(201).str("id");
    let met = world.met_by(reader);
    let shown = world.who(reader).get(&format!("/api/v1/comments/{made}")).is(200).json()["mentions"].clone();
    let ids: Vec<&str> = shown.as_array().unwrap().iter().map(|person| person["id"].as_str().unwrap()).collect();
    let name = |id: &&str| met.iter().find(|(_, (known, _))| known == id).unwrap().0.clone();
    (ids.iter().map(name).collect(), ids.is_sorted())
}

#[test]
fn people_are_named_in_an_order_that_only_the_answer_knows_of() {
    let worlds = [class(false), class(true)];
    for order in [["amy", "ben", "dan", "eva", "fay"], ["fay", "ben", "eva", "amy", "dan"]] {
        for reader in ["cleo", "tea", "tom"] {
            let [one, other] = worlds.each_ref().map(|world| {
                let lecture = world.who("tea").get(&format!("/api/v1/classes/{}/conversations?q=lecture", world.class));
                let lecture = lecture.is(200).items()[0]["id"].as_str().unwrap().to_owned();
                let marks =
                    world.who("tea").get(&format!("/api/v1/conversations/{lecture}/annotations")).is(200).items();
                named(world, marks[0]["id"].as_str().unwrap(), &order, reader)
            });
            assert!(one.0 == other.0 || (one.1 && other.1), "{reader} reads {one:?} and {other:?}");
        }
    }
}
