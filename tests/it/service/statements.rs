//! What requests cost the database: as many statements for a hundred rows as for one.

use tests::{Person, TestApp, Value, app::PASSWORD, json};

/// How many statements a GET costs, and how many rows it gives.
fn cost(app: &TestApp, person: &Person, path: &str) -> (u64, usize) {
    let (statements, answer) = app.statements(|| person.get(path).is(200));
    let rows = answer.json()["items"].as_array().map_or(0, Vec::len);
    (statements, rows)
}

/// Asserts that `path` costs the same now as `before`, with this many rows.
#[track_caller]
fn same(app: &TestApp, person: &Person, path: &str, before: u64, rows: usize) {
    assert_eq!(cost(app, person, path), (before, rows), "{path}");
}

/// The most statements a list may cost, recognising the caller included.
const LIST: u64 = 6;
/// The most statements one thing may cost, likewise.
const SHOW: u64 = 6;

#[test]
fn sessions_and_tokens_cost_the_same_however_many() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let token = |n: usize| ana.post("/api/v1/me/tokens", json!({ "name": n.to_string(), "scope": "read" })).is(201);
    token(0);
    let paths = ["/api/v1/sessions?limit=100", "/api/v1/me/tokens?limit=100"];
    let before = paths.map(|path| cost(&app, &ana, path));
    assert!(before.iter().all(|(statements, rows)| (1..=LIST).contains(statements) && *rows == 1), "{before:?}");
    for n in 1..100 {
        token(n);
        app.log_in("ana@example.org", PASSWORD).is(201);
    }
    for (path, (before, _)) in paths.into_iter().zip(before) {
        same(&app, &ana, path, before, 100);
    }
}

#[test]
fn classes_cost_the_same_however_many() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let open = |n: usize| {
        let host = if n % 2 == 1 { &ben } else { &ana };
        let class = host.opens_class(&format!("Class {n}"));
        if n % 2 == 1 {
            ben.admits(&class, &ana, "student");
        }
    };
    open(0);
    let path = "/api/v1/classes?limit=100";
    let (before, rows) = cost(&app, &ana, path);
    assert!((1..=LIST).contains(&before) && rows == 1, "{before}");
    for n in 1..100 {
        open(n);
    }
    same(&app, &ana, path, before, 100);
}

#[test]
fn members_codes_and_conversations_cost_the_same_however_many() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let fill = |n: usize| {
        let person = app.person(&format!("p{n}"));
        ana.admits(&class, &person, "student");
        person.writes(&class, &format!("Chat {n}"), "class");
    };
    ben.joins(&ana.invites(&class, "student"));
    ana.writes(&class, "Mine", "class");
    let paths = ["enrolments", "invites", "conversations", "conversations?sort=title&limit=100"]
        .map(|list| format!("/api/v1/classes/{class}/{list}"));
    let paths = paths.map(|path| if path.contains('?') { path } else { format!("{path}?limit=100") });
    // The owner sees addresses, a student does not: neither costs more.
    let before = paths.clone().map(|path| cost(&app, &ana, &path));
    let to_student = cost(&app, &ben, &paths[0]).0;
    assert_eq!(before.map(|(_, rows)| rows), [2, 1, 1, 1]);
    assert!(before.iter().all(|(statements, _)| (1..=LIST).contains(statements)), "{before:?}");
    for n in 0..99 {
        fill(n);
    }
    for (path, ((before, _), rows)) in paths.iter().zip(before.into_iter().zip([100, 100, 100, 100])) {
        same(&app, &ana, path, before, rows);
    }
    same(&app, &ben, &paths[0], to_student, 100);
}

/// A conversation of `count` messages, some of them their owner's alone.
fn conversation(ana: &Person, class: &str, count: usize) -> String {
    let message = |n: usize| {
        let kind = if n % 10 == 5 { "context" } else { "text" };
        json!({ "role": "user", "parts": [{ "kind": kind, "text": n.to_string() }] })
    };
    let messages: Vec<Value> = (0..count).map(message).collect();
    let body = json!({ "title": "Long", "visibility": "class", "messages": messages });
    ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id")
}

#[test]
fn messages_cost_the_same_however_many() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let (short, long) = (conversation(&ana, &class, 1), conversation(&ana, &class, 500));
    for person in [&ana, &ben] {
        for query in ["?limit=100", "?limit=100&branches=all"] {
            let path = |id: &str| format!("/api/v1/conversations/{id}/messages{query}");
            let (before, rows) = cost(&app, person, &path(&short));
            assert!((1..=LIST).contains(&before) && rows == 1, "{before}");
            same(&app, person, &path(&long), before, 100);
        }
    }
}

#[test]
fn annotations_cost_the_same_however_many() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = conversation(&ana, &class, 50);
    let marks = format!("/api/v1/conversations/{id}/annotations");
    let messages = ana.reads(&id);
    let mark = |n: usize| {
        let person = if n.is_multiple_of(2) { &ana } else { &ben };
        // Every tenth message is not to be marked.
        let message = &messages[n % 5];
        let body =
            json!({ "message_id": message["id"], "start": 0, "end": 1, "audience": "class", "note": n.to_string() });
        person.post(&marks, body).is(201).str("id")
    };
    let first = mark(0);
    let paths =
        ["?limit=100", "?limit=100&sort=place", "?limit=100&q=1&audience=class"].map(|query| format!("{marks}{query}"));
    let before: Vec<_> = paths.iter().map(|path| cost(&app, &ben, path).0).collect();
    assert!(before.iter().all(|statements| (1..=LIST).contains(statements)), "{before:?}");
    for n in 1..120 {
        mark(n);
    }
    for (path, before) in paths.iter().zip(before).take(2) {
        same(&app, &ben, path, before, 100);
    }
    let (statements, _) = app.statements(|| ben.get(&format!("/api/v1/annotations/{first}")).is(200));
    assert!((1..=SHOW).contains(&statements), "{statements}");
}

/// The most statements the queue of staff may cost: it shows three things with their people on each line.
const QUEUE: u64 = 12;

#[test]
fn threads_tags_and_the_queue_cost_the_same_however_many() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let me = ana.admits(&class, &ben, "student");
    let id = conversation(&ana, &class, 1);
    let mark = |n: usize| {
        let body = json!({ "audience": "class", "note": n.to_string() });
        ben.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201).str("id")
    };
    let above = mark(0);
    let thread = format!("/api/v1/annotations/{above}/comments");
    let fill = |n: usize| {
        ana.post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": n.to_string() })).is(201);
        let comment = ben.post(&thread, json!({ "body": n.to_string(), "mentions": [me] })).is(201).str("id");
        let object =
            if n.is_multiple_of(2) { format!("annotations/{}", mark(n)) } else { format!("comments/{comment}") };
        ana.post(&format!("/api/v1/{object}/flags"), json!({})).is(201);
    };
    fill(0);
    fill(1);
    let lists = [
        (thread.clone(), LIST),
        (format!("/api/v1/classes/{class}/tags"), LIST),
        (format!("/api/v1/classes/{class}/flags"), QUEUE),
    ];
    let lists = lists.map(|(path, most)| (format!("{path}?limit=100"), most));
    let before = lists.clone().map(|(path, most)| {
        let (statements, rows) = cost(&app, &ana, &path);
        assert!((1..=most).contains(&statements) && rows == 2, "{path}: {statements} for {rows}");
        statements
    });
    for n in 2..100 {
        fill(n);
    }
    for ((path, _), before) in lists.iter().zip(before) {
        same(&app, &ana, path, before, 100);
    }
}

#[test]
fn a_person_is_found_behind_a_made_up_name_at_the_same_cost_whoever_it_is() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let path = format!("/api/v1/classes/{class}");
    ana.patch(&path, json!({ "naming": "pseudonyms", "staff_see_names": false })).is(200);
    let lecture = ana.writes(&class, "Lecture", "class");
    let marks = format!("/api/v1/conversations/{lecture}/annotations");
    let code = ana.invites(&class, "student");
    let people: Vec<Person> = (0..24).map(|n| app.person(&format!("p{n}"))).collect();
    people.iter().enumerate().for_each(|(n, person)| {
        person.joins(&code);
        person.writes(&class, &n.to_string(), "class");
        person.post(&marks, json!({ "audience": "class" })).is(201);
    });
    ben.joins(&code);
    let listed = ben.get(&format!("{path}/conversations?limit=100&sort=created")).is(200).items();
    let ids: Vec<String> =
        listed.iter().skip(1).map(|item| item["author"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 24);
    // Who has nothing to be found costs what nobody costs.
    let quiet = &people[23];
    quiet
        .patch(
            &format!("/api/v1/conversations/{}", listed[24]["id"].as_str().unwrap()),
            json!({ "visibility": "private" }),
        )
        .is(200);
    let nobody = "0193c1f2-7d5a-7b3e-9c11-5a0e6f1d2c3b";
    for (list, rows) in [(format!("{path}/conversations"), 0), (marks.clone(), 1)] {
        let by = |id: &str| cost(&app, &ben, &format!("{list}?author={id}"));
        assert_eq!((by(&ids[0]).1, by(&ids[22]), by(&ids[11])), (1, by(&ids[0]), by(&ids[0])), "{list}");
        assert_eq!(by(&ids[23]).1, rows, "{list}");
        if rows == 0 {
            assert_eq!(by(&ids[23]), by(nobody), "{list}");
        }
    }
    for show in ["", "?show=marks", "?show=comments"] {
        let page = |id: &str| app.statements(|| ana.get(&format!("{path}/people/{id}{show}")).status);
        assert_eq!(page(&ids[0]), page(&ids[22]), "{show}");
    }
    let above = ben.post(&marks, json!({ "audience": "private" })).is(201).str("id");
    let naming = |ids: &[String]| {
        let body = json!({ "body": "You.", "mentions": ids });
        app.statements(|| ben.post(&format!("/api/v1/annotations/{above}/comments"), body).is(201)).0
    };
    assert_eq!([naming(&ids[22..23]), naming(&ids[..20]), naming(&ids[3..23])], [naming(&ids[..1]); 3]);
}

#[test]
fn a_whole_conversation_costs_a_constant_per_page_of_a_hundred() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    // To its owner 100 to 500 messages, to others nine tenths of them: one to five pages either way.
    let ids = [100, 200, 300, 400, 500].map(|count| conversation(&ana, &class, count));
    for (person, per_message) in [(&ana, 100), (&ben, 90)] {
        let costs = ids.clone().map(|id| cost(&app, person, &format!("/api/v1/conversations/{id}?include=messages")));
        assert_eq!(costs.map(|(_, rows)| rows), [1, 2, 3, 4, 5].map(|pages| pages * per_message));
        let pages: Vec<u64> = costs.iter().zip(costs.iter().skip(1)).map(|((one, _), (two, _))| two - one).collect();
        assert!(pages.iter().all(|page| *page == pages[0] && *page <= 3), "{costs:?}");
        assert!(costs[0].0 <= SHOW + 3 && costs[4].0 <= SHOW + 5 * 3, "{costs:?}");
    }
}

#[test]
fn one_thing_costs_a_few_statements() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = conversation(&ana, &class, 500);
    let report = ana.imports(&class, "?visibility=class", "User: hi\nAssistant: ho").is(201).json();
    let imported = report["imported"][0]["id"].as_str().unwrap();
    let own = [format!("/api/v1/conversations/{imported}/source"), "/api/v1/me".to_owned()];
    let shared = [format!("/api/v1/classes/{class}"), format!("/api/v1/conversations/{id}")];
    for (person, path) in
        own.iter().chain(&shared).map(|path| (&ana, path)).chain(shared.iter().map(|path| (&ben, path)))
    {
        let (statements, _) = app.statements(|| person.get(path).is(200));
        assert!((1..=SHOW).contains(&statements), "{path}: {statements}");
    }
}

#[test]
fn recognising_a_caller_costs_one_statement() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let (statements, _) = app.statements(|| ana.get("/api/v1/me").is(200));
    assert_eq!(statements, 1);
    let (statements, _) = app.statements(|| app.anonymous().get("/api/v1/me").is(401));
    assert_eq!(statements, 0);
}
