//! Who sees whose name, and how a class says so.

use tests::{Person, TestApp, Value, json};

/// A class with made-up names: ana's, with tom as a tutor and ben and cem as students.
struct Masked {
    app: TestApp,
    ana: Person,
    tom: Person,
    ben: Person,
    cem: Person,
    id: String,
    path: String,
    bens: String,
}

impl Masked {
    fn open() -> Self {
        let app = TestApp::start();
        let [ana, tom, ben, cem] =
            ["ana-teaches", "tom-tutors", "ben-learns", "cem-learns"].map(|name| app.person(name));
        let id = ana.opens_class("Quiet class");
        ana.admits(&id, &tom, "tutor");
        let bens = ana.admits(&id, &ben, "student");
        ana.admits(&id, &cem, "student");
        let path = format!("/api/v1/classes/{id}");
        ana.patch(&path, json!({ "naming": "pseudonyms" })).is(200);
        Self { app, ana, tom, ben, cem, id, path, bens }
    }

    fn list(&self, person: &Person, query: &str) -> Vec<Value> {
        person.get(&format!("{}/conversations{query}", self.path)).is(200).items()
    }

    /// The author of the one conversation that this person finds.
    fn author(&self, person: &Person) -> Value {
        self.list(person, "")[0]["author"].clone()
    }
}

fn name(person: &Person) -> String {
    person.get("/api/v1/me").is(200).str("display_name")
}

#[test]
fn students_see_made_up_names_and_teachers_the_real_ones() {
    let class = Masked::open();
    class.ben.writes(&class.id, "One", "class");
    let seen = class.author(&class.cem);
    assert_ne!(seen["name"], name(&class.ben));
    assert_ne!(seen["id"], class.bens.as_str());
    assert_eq!((&seen["role"], &seen["me"]), (&json!("student"), &json!(false)));
    for teacher in [&class.ana, &class.tom] {
        let real = json!({ "id": class.bens, "name": name(&class.ben), "role": "student", "me": false });
        assert_eq!(class.author(teacher), real);
    }
    // To oneself one is oneself.
    let own = json!({ "id": class.bens, "name": name(&class.ben), "role": "student", "me": true });
    assert_eq!(class.author(&class.ben), own);
    // Who teaches is known by name.
    class.tom.writes(&class.id, "Two", "class");
    assert_eq!(class.author(&class.cem)["name"], name(&class.tom));
}

#[test]
fn where_staff_do_not_see_names_nobody_does() {
    let class = Masked::open();
    class.ana.patch(&class.path, json!({ "staff_see_names": false })).is(200);
    class.ben.writes(&class.id, "One", "class");
    let seen = class.author(&class.cem);
    for teacher in [&class.ana, &class.tom] {
        assert_eq!(class.author(teacher), seen);
    }
}

#[test]
fn a_made_up_name_is_the_same_throughout_a_class_and_another_one_in_the_next() {
    let class = Masked::open();
    class.ben.writes(&class.id, "One", "class");
    class.ben.writes(&class.id, "Two", "class");
    let authors: Vec<Value> = class.list(&class.cem, "").into_iter().map(|item| item["author"].clone()).collect();
    assert_eq!(authors[0], authors[1]);
    let other = class.ana.opens_class("Another");
    let path = format!("/api/v1/classes/{other}");
    class.ana.patch(&path, json!({ "naming": "pseudonyms" })).is(200);
    class.ana.admits(&other, &class.ben, "student");
    class.ana.admits(&other, &class.cem, "student");
    class.ben.writes(&other, "Three", "class");
    let there = class.cem.get(&format!("{path}/conversations")).is(200).items()[0]["author"].clone();
    assert_ne!(there["name"], authors[0]["name"]);
    assert_ne!(there["id"], authors[0]["id"]);
}

#[test]
fn no_filter_tells_who_is_behind_a_made_up_name() {
    let class = Masked::open();
    class.ben.writes(&class.id, "One", "class");
    class.ana.patch(&format!("/api/v1/enrolments/{}", class.bens), json!({ "section": "B" })).is(200);
    let pseudonym = class.author(&class.cem)["id"].as_str().unwrap().to_owned();
    // By the id that one sees, and not by the one the roster has.
    assert_eq!(class.list(&class.cem, &format!("?author={pseudonym}")).len(), 1);
    assert_eq!(class.list(&class.cem, &format!("?author={}", class.bens)), Vec::<Value>::new());
    assert_eq!(class.list(&class.ana, &format!("?author={}", class.bens)).len(), 1);
    assert_eq!(class.list(&class.ana, &format!("?author={pseudonym}")), Vec::<Value>::new());
    let by_section = format!("{}/conversations?section=B", class.path);
    class.cem.get(&by_section).is_problem(403, "role_insufficient");
    assert_eq!(class.tom.get(&by_section).is(200).items().len(), 1);
}

/// Everything a classmate can read of a shared conversation, page and API, names its author nowhere.
#[test]
fn nothing_that_a_classmate_reads_of_a_conversation_names_its_author() {
    let class = Masked::open();
    let ben = name(&class.ben);
    let id = class.ben.writes(&class.id, "One", "class");
    class.ana.patch(&format!("/api/v1/enrolments/{}", class.bens), json!({ "section": "Tuesday" })).is(200);
    let paths = [
        format!("{}/conversations", class.path),
        format!("{}/conversations?sort=title", class.path),
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}?include=messages&branches=all"),
        format!("/api/v1/conversations/{id}/messages?branches=all"),
        format!("/conversations/{id}"),
        format!("/classes/{}", class.id),
    ];
    let browser = crate::web::log_in(&class.app, "cem-learns");
    for path in paths {
        let text = match path.starts_with("/api") {
            true => class.cem.get(&path).is(200).text(),
            false => browser.open(&path).is(200).html,
        };
        for secret in [ben.as_str(), &class.bens, "Tuesday", "ben-learns"] {
            assert!(!text.contains(secret), "{path} says {secret}: {text}");
        }
    }
}

#[test]
fn names_that_were_promised_to_stay_unseen_stay_unseen() {
    let class = Masked::open();
    let enrolment = format!("/api/v1/enrolments/{}", class.bens);
    // Nobody has written anything yet.
    class.ana.patch(&class.path, json!({ "naming": "names" })).is(200);
    class.ana.patch(&class.path, json!({ "naming": "pseudonyms", "staff_see_names": false })).is(200);
    class.ana.writes(&class.id, "By the teacher", "class");
    class.ana.patch(&class.path, json!({ "staff_see_names": true })).is(200);
    class.ana.patch(&class.path, json!({ "staff_see_names": false })).is(200);
    class.ben.writes(&class.id, "One", "private");
    for change in [json!({ "naming": "names" }), json!({ "staff_see_names": true })] {
        class.ana.patch(&class.path, change).is_problem(409, "names_promised");
    }
    // Nor by making its author somebody who is known by name.
    class.ana.patch(&enrolment, json!({ "role": "tutor" })).is_problem(409, "names_promised");
    class.ana.patch(&class.path, json!({ "owner": class.bens })).is_problem(409, "names_promised");
    // Asked of who wrote nothing, the answer is the same: it tells of nobody whether they wrote.
    let cems = class.cem.get(&class.path).is(200).str("enrolment_id");
    let other = format!("/api/v1/enrolments/{cems}");
    class.ana.patch(&other, json!({ "role": "tutor" })).is_problem(409, "names_promised");
    class.ana.patch(&class.path, json!({ "owner": cems })).is_problem(409, "names_promised");
    // Nor by an invitation, to who was here before; to others there is nothing to keep.
    let join = json!({ "invite_code": class.ana.invites(&class.id, "tutor") });
    for (student, enrolment) in [(&class.ben, &enrolment), (&class.cem, &other)] {
        student.delete(enrolment).is(204);
        student.post("/api/v1/enrolments", join.clone()).is_problem(409, "names_promised");
    }
    class.app.person("dan-tutors").post("/api/v1/enrolments", join).is(201);
    class.ana.patch(&enrolment, json!({ "state": "active" })).is(200);
    class.ana.patch(&enrolment, json!({ "role": "auditor" })).is(200);
    class.ana.patch(&class.path, json!({ "name": "Still quiet" })).is(200);
}

#[test]
fn a_rule_for_marks_of_others_needs_its_date_or_number() {
    let class = Masked::open();
    let change = |body: Value| class.ana.patch(&class.path, body);
    let wrong = |body: Value, pointer: &str, code: &str| {
        let errors = change(body).is_problem(422, "validation_failed").field_errors();
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())]);
    };
    wrong(json!({ "blind": "until_date" }), "/blind_until", "required");
    wrong(json!({ "blind": "until_marks" }), "/blind_marks", "out_of_range");
    wrong(json!({ "blind": "until_marks", "blind_marks": 0 }), "/blind_marks", "out_of_range");
    wrong(json!({ "blind": "until_marks", "blind_marks": 101 }), "/blind_marks", "out_of_range");
    wrong(json!({ "blind": null }), "/blind", "required");
    let now = change(json!({ "blind": "until_marks", "blind_marks": 3 })).is(200).json();
    assert_eq!(
        (&now["blind"], &now["blind_marks"], &now["revealed"]),
        (&json!("until_marks"), &json!(3), &json!(false))
    );
    let shown = change(json!({ "revealed": true })).is(200).json();
    assert_eq!(shown["revealed"], true);
    // Another rule begins anew, without what belongs to the old one.
    let until = json!({ "blind": "until_date", "blind_until": "2026-03-03T09:00:00Z" });
    let now = change(until).is(200).json();
    assert_eq!((&now["blind_until"], &now["blind_marks"]), (&json!("2026-03-03T09:00:00Z"), &Value::Null));
    assert_eq!(now["revealed"], false);
    class.ben.patch(&class.path, json!({ "revealed": true })).is_problem(403, "role_insufficient");
}

/// Marks the first question of a conversation for the class.
fn marks(person: &Person, conversation: &str) -> String {
    let message = person.reads(conversation)[0]["id"].clone();
    let body = json!({ "message_id": message, "audience": "class", "note": "A fine question." });
    person.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id")
}

/// The marks of a conversation that this person finds.
fn found(person: &Person, conversation: &str) -> Vec<String> {
    let items = person.get(&format!("/api/v1/conversations/{conversation}/annotations")).is(200).items();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn marks_stand_under_made_up_names_too() {
    let class = Masked::open();
    let conversation = class.tom.writes(&class.id, "One", "class");
    let own = class.ben.writes(&class.id, "Two", "class");
    marks(&class.ben, &conversation);
    let path = format!("/api/v1/conversations/{conversation}/annotations");
    let mark = class.cem.get(&path).is(200).items()[0].clone();
    // The same name as over the conversation of the same person.
    let shown = class.cem.get(&format!("/api/v1/conversations/{own}")).is(200).json()["author"].clone();
    assert_eq!(mark["author"], shown);
    assert_eq!(class.tom.get(&path).is(200).items()[0]["author"]["name"], name(&class.ben));
    let by = |id: &str| class.cem.get(&format!("{path}?author={id}")).is(200).items().len();
    assert_eq!((by(shown["id"].as_str().unwrap()), by(&class.bens)), (1, 0));
}

#[test]
fn in_a_blind_class_students_see_the_marks_of_others_after_their_own() {
    let class = Masked::open();
    class.ana.patch(&class.path, json!({ "blind": "until_marks", "blind_marks": 2 })).is(200);
    let (here, elsewhere) = (class.tom.writes(&class.id, "One", "class"), class.tom.writes(&class.id, "Two", "class"));
    let bens = marks(&class.ben, &here);
    let path = format!("/api/v1/annotations/{bens}");
    marks(&class.ben, &elsewhere);
    assert_eq!(found(&class.cem, &here), Vec::<String>::new());
    class.cem.get(&path).is_problem(404, "not_found");
    // Staff are not blind, and nobody is to what is their own.
    assert_eq!((found(&class.ana, &here).len(), found(&class.ben, &here).len()), (1, 1));
    marks(&class.cem, &here);
    assert_eq!(found(&class.cem, &here).len(), 1);
    let second = marks(&class.cem, &here);
    assert_eq!(found(&class.cem, &here).len(), 3);
    class.cem.get(&path).is(200);
    // In each conversation by itself; and what was taken back does not count.
    assert_eq!(found(&class.cem, &elsewhere), Vec::<String>::new());
    class.cem.delete(&format!("/api/v1/annotations/{second}")).is(204);
    assert_eq!(found(&class.cem, &here).len(), 1);
    class.ana.patch(&class.path, json!({ "revealed": true })).is(200);
    assert_eq!((found(&class.cem, &here).len(), found(&class.cem, &elsewhere).len()), (2, 1));
}

#[test]
fn a_blind_class_opens_its_eyes_at_a_date_or_when_staff_say_so() {
    let class = Masked::open();
    let here = class.tom.writes(&class.id, "One", "class");
    class.ana.patch(&class.path, json!({ "blind": "until_reveal" })).is(200);
    marks(&class.ben, &here);
    marks(&class.tom, &here);
    assert_eq!(found(&class.cem, &here), Vec::<String>::new());
    class.ana.patch(&class.path, json!({ "revealed": true })).is(200);
    assert_eq!(found(&class.cem, &here).len(), 2);
    let dated = json!({ "blind": "until_date", "blind_until": "2026-03-02T10:00:00Z" });
    class.ana.patch(&class.path, dated).is(200);
    assert_eq!(found(&class.cem, &here), Vec::<String>::new());
    class.app.clock.advance(time::Duration::minutes(59));
    assert_eq!(found(&class.cem, &here), Vec::<String>::new());
    class.app.clock.advance(time::Duration::minutes(1));
    assert_eq!(found(&class.cem, &here).len(), 2);
}

/// The comments below a mark that this person finds, and how many it says there are.
fn thread(person: &Person, mark: &str) -> (Vec<String>, Value) {
    let items = person.get(&format!("/api/v1/annotations/{mark}/comments")).is(200).items();
    let count = person.get(&format!("/api/v1/annotations/{mark}")).is(200).json()["comments"].clone();
    (items.iter().map(|item| item["body"].as_str().unwrap().to_owned()).collect(), count)
}

fn says(person: &Person, mark: &str, body: &str) -> String {
    person.post(&format!("/api/v1/annotations/{mark}/comments"), json!({ "body": body })).is(201).str("id")
}

#[test]
fn in_a_blind_class_students_do_not_see_what_others_say_of_their_marks() {
    let class = Masked::open();
    let here = class.tom.writes(&class.id, "One", "class");
    let bens = marks(&class.ben, &here);
    let said = [says(&class.cem, &bens, "Why?"), says(&class.tom, &bens, "Well."), says(&class.ben, &bens, "So.")];
    let all = |texts: &[&str]| (texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), json!(texts.len()));
    let everything = all(&["Why?", "Well.", "So."]);
    assert_eq!(thread(&class.ben, &bens), everything);
    class.ana.patch(&class.path, json!({ "blind": "until_reveal" })).is(200);
    assert_eq!(thread(&class.ben, &bens), all(&["So."]));
    assert_eq!((thread(&class.ana, &bens), thread(&class.tom, &bens)), (everything.clone(), everything.clone()));
    // What is not seen is not there: to be read, answered, flagged, found by, or taken along.
    let list = format!("/api/v1/conversations/{here}/annotations");
    for unseen in &said[..2] {
        class.ben.get(&format!("/api/v1/comments/{unseen}")).is_problem(404, "not_found");
        class.ben.post(&format!("/api/v1/comments/{unseen}/flags"), json!({})).is_problem(404, "not_found");
        let answer = json!({ "body": "No.", "parent_id": unseen });
        let refused = class.ben.post(&format!("/api/v1/annotations/{bens}/comments"), answer).is(422).field_errors();
        assert_eq!(refused, [("/parent_id".to_owned(), "parent_unknown".to_owned())]);
        assert_eq!(class.ben.get(&format!("{list}?ids={unseen}")).is(200).items(), Vec::<Value>::new());
    }
    let browser = crate::web::log_in(&class.app, "ben-learns");
    for page in [format!("/annotations/{bens}"), format!("/conversations/{here}")] {
        assert!(!browser.open(&page).is(200).html.contains("Well."), "{page}");
    }
    for file in ["json", "markdown", "html"] {
        let text = class.ben.get(&format!("/api/v1/conversations/{here}/export?format={file}")).is(200).text();
        assert!(text.contains("So.") && !text.contains("Well."), "{file}: {text}");
    }
    let tables = class.ben.get(&format!("{}/export", class.path)).is(200).text();
    assert!(tables.contains("So.") && !tables.contains("Well."), "{tables}");
    let dated = json!({ "blind": "until_date", "blind_until": "2026-03-02T10:00:00Z" });
    class.ana.patch(&class.path, dated).is(200);
    assert_eq!(thread(&class.ben, &bens), all(&["So."]));
    class.app.clock.advance(time::Duration::hours(1));
    assert_eq!(thread(&class.ben, &bens), everything);
}

#[test]
fn in_a_blind_class_students_hear_nothing_of_what_others_say_of_their_marks() {
    let class = Masked::open();
    class.ana.patch(&class.path, json!({ "blind": "until_marks", "blind_marks": 2 })).is(200);
    let here = class.tom.writes(&class.id, "One", "class");
    let bens = marks(&class.ben, &here);
    marks(&class.cem, &here);
    marks(&class.cem, &here);
    let changes = format!("{}/changes", class.path);
    let now = class.tom.get(&changes).is(200).json()["next"].as_i64().unwrap();
    let mut stream = class.ben.listens(class.app.addr, &class.id, &format!("?since={now}"));
    let kinds = |person: &Person| -> Vec<String> {
        let items = person.get(&format!("{changes}?since={now}")).is(200).json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    };
    // Cem is through, Ben is not yet.
    let path = format!("/api/v1/comments/{}", says(&class.cem, &bens, "Why?"));
    class.cem.patch(&path, json!({ "body": "Why so?" })).is(200);
    class.cem.delete(&path).is(204);
    says(&class.cem, &bens, "Really?");
    assert_eq!((kinds(&class.ben), thread(&class.ben, &bens)), (Vec::new(), (Vec::new(), json!(0))));
    let heard = ["comment.created", "comment.changed", "comment.deleted", "annotation.changed", "comment.created"];
    assert_eq!(
        (kinds(&class.cem), kinds(&class.tom)),
        (heard.map(str::to_owned).to_vec(), heard.map(str::to_owned).to_vec())
    );
    // One's own are there as ever.
    says(&class.ben, &bens, "So.");
    assert_eq!(kinds(&class.ben), ["comment.created"]);
    assert_eq!(thread(&class.ben, &bens), (vec!["So.".to_owned()], json!(1)));
    assert_eq!(stream.kinds(1), ["comment.created"]);
    marks(&class.ben, &here);
    assert_eq!(thread(&class.ben, &bens), (vec!["Really?".to_owned(), "So.".to_owned()], json!(2)));
}
