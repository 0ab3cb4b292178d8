//! Memberships: who sees what of whom, roles, leaving, removing, coming back.

use tests::{Person, TestApp, Value, json};
use time::Duration;

fn at(id: &str) -> String {
    format!("/api/v1/enrolments/{id}")
}

fn members_of(class: &str) -> String {
    format!("/api/v1/classes/{class}/enrolments")
}

/// A class with one member of each role: ana owns it.
struct Class {
    app: TestApp,
    id: String,
    ana: Person,
    ina: Person,
    tom: Person,
    sam: Person,
    aud: Person,
    /// Their enrolments, by name.
    ids: std::collections::HashMap<&'static str, String>,
}

impl Class {
    fn open() -> Self {
        let app = TestApp::start();
        let [ana, ina, tom, sam, aud] = ["ana", "ina", "tom", "sam", "aud"].map(|name| app.person(name));
        let id = ana.opens_class("Logic");
        let mut ids = std::collections::HashMap::new();
        ids.insert("ana", ana.get(&format!("/api/v1/classes/{id}")).is(200).str("enrolment_id"));
        for (name, person, role) in
            [("ina", &ina, "instructor"), ("tom", &tom, "tutor"), ("sam", &sam, "student"), ("aud", &aud, "auditor")]
        {
            ids.insert(name, ana.admits(&id, person, role));
        }
        Self { app, id, ana, ina, tom, sam, aud, ids }
    }

    /// Where somebody's enrolment is.
    fn at(&self, name: &str) -> String {
        at(&self.ids[name])
    }

    fn people(&self) -> [(&'static str, &Person); 5] {
        [("ana", &self.ana), ("ina", &self.ina), ("tom", &self.tom), ("sam", &self.sam), ("aud", &self.aud)]
    }
}

#[test]
fn staff_see_addresses_and_everybody_else_names_only() {
    let class = Class::open();
    class.ana.patch(&class.at("sam"), json!({ "external_id": "sis-4711", "section": "B" })).is(200);
    let names = ["aud", "sam", "tom", "ina", "ana"];
    for (name, person) in class.people() {
        let staff = ["ana", "ina", "tom"].contains(&name);
        let answer = person.get(&members_of(&class.id)).is(200);
        let items = answer.items();
        assert_eq!(items.iter().map(|item| item["name"].as_str().unwrap()).collect::<Vec<_>>(), names);
        assert_eq!(items.iter().map(|item| item["me"] == (item["name"] == name)).collect::<Vec<_>>(), [true; 5]);
        assert_eq!(items[1]["section"], "B");
        if staff {
            let emails: Vec<String> = items.iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect();
            assert_eq!(emails, names.map(|name| format!("{name}@example.org")));
            assert_eq!((&items[1]["external_id"], &items[0]["external_id"]), (&json!("sis-4711"), &Value::Null));
        } else {
            let text = answer.text();
            assert!(!text.contains('@') && !text.contains("email"), "{text}");
            assert!(!text.contains("external_id") && !text.contains("sis-4711"), "{text}");
        }
    }
    let whole = json!({ "id": class.ids["sam"], "class_id": class.id, "name": "sam", "role": "student", "state": "active",
        "section": "B", "me": true, "created_at": "2026-03-02T09:00:00Z" });
    assert_eq!(class.sam.get(&members_of(&class.id)).is(200).items()[1], whole);
}

#[test]
fn members_are_found_by_role_section_and_external_id() {
    let class = Class::open();
    class.ana.patch(&class.at("sam"), json!({ "external_id": "sis-1", "section": "B" })).is(200);
    class.ana.patch(&class.at("tom"), json!({ "section": "B" })).is(200);
    let found = |person: &Person, query: &str| -> Vec<String> {
        let items = person.get(&format!("{}{query}", members_of(&class.id))).is(200).items();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&class.sam, "?section=B"), ["sam", "tom"]);
    assert_eq!(found(&class.sam, "?section=B&role=tutor"), ["tom"]);
    assert_eq!(found(&class.sam, "?role=owner"), ["ana"]);
    assert_eq!(found(&class.tom, "?external_id=sis-1"), ["sam"]);
    assert_eq!(found(&class.tom, "?external_id=sis-2"), Vec::<String>::new());
    // Trying out ids would tell whose they are.
    class.sam.get(&format!("{}?external_id=sis-1", members_of(&class.id))).is_problem(403, "role_insufficient");
}

#[test]
fn roles_are_given_by_higher_ranks_to_lower_ones() {
    let class = Class::open();
    // What each caller is answered: give this role to that member.
    let table = [
        ("sam", "sam", "tutor", 403),
        ("aud", "sam", "tutor", 403),
        ("tom", "sam", "auditor", 403),
        ("tom", "aud", "student", 403),
        ("ina", "ana", "student", 403),
        ("ina", "ina", "tutor", 403),
        ("ina", "sam", "owner", 403),
        ("ina", "sam", "instructor", 403),
        ("ana", "ana", "instructor", 409),
        ("ana", "sam", "owner", 409),
        ("ina", "sam", "tutor", 200),
        ("ina", "sam", "auditor", 200),
        ("ina", "tom", "student", 200),
        ("ana", "tom", "instructor", 200),
        ("ina", "tom", "tutor", 403),
        ("tom", "sam", "student", 200),
        ("ana", "ina", "tutor", 200),
    ];
    for (caller, member, role, status) in table {
        let people = class.people();
        let (_, person) = people.iter().find(|(name, _)| *name == caller).unwrap();
        let answer = person.patch(&class.at(member), json!({ "role": role }));
        match status {
            200 => assert_eq!(answer.is(200).str("role"), role),
            409 => drop(answer.is_problem(409, "owner_enrolment")),
            _ => drop(answer.is_problem(403, "role_insufficient")),
        }
    }
    let roles: Vec<Value> =
        class.ana.get(&members_of(&class.id)).is(200).items().iter().map(|m| m["role"].clone()).collect();
    assert_eq!(roles, ["auditor", "student", "instructor", "tutor", "owner"]);
}

#[test]
fn section_and_external_id_are_set_kept_and_taken_away() {
    let class = Class::open();
    let set = class.ina.patch(&class.at("sam"), json!({ "section": " B ", "external_id": "sis-1" })).is(200);
    assert_eq!(
        (set.str("section"), set.str("external_id"), set.header("etag")),
        ("B".into(), "sis-1".into(), Some("\"2\""))
    );
    let kept = class.ina.patch(&class.at("sam"), json!({ "role": "tutor" })).is(200);
    assert_eq!((kept.str("section"), kept.str("external_id")), ("B".into(), "sis-1".into()));
    assert_eq!(class.sam.get(&format!("/api/v1/classes/{}", class.id)).is(200).str("section"), "B");
    let gone = class.ina.patch(&class.at("sam"), json!({ "section": null, "external_id": null })).is(200);
    assert_eq!((&gone.json()["section"], gone.json().get("external_id")), (&Value::Null, None));
    let wrong = json!({ "role": null, "state": "removed", "section": "", "external_id": "a\u{0}b" });
    let refused = class.ina.patch(&class.at("sam"), wrong).is_problem(422, "validation_failed");
    let pointers: Vec<(String, String)> = refused.field_errors();
    let expected = [
        ("/state", "unknown_value"),
        ("/role", "required"),
        ("/section", "blank"),
        ("/external_id", "control_character"),
    ];
    assert_eq!(pointers, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    class.sam.patch(&class.at("sam"), json!({ "section": "A" })).is_problem(403, "role_insufficient");
}

#[test]
fn a_lost_update_of_a_membership_is_refused() {
    let class = Class::open();
    let when = |etag: &str| class.ana.client.with("if-match", etag);
    when("\"1\"").patch(&class.at("sam"), json!({ "section": "A" })).is(200);
    when("\"1\"").patch(&class.at("sam"), json!({ "section": "B" })).is_problem(412, "version_mismatch");
    when("\"1\"").delete(&class.at("sam")).is_problem(412, "version_mismatch");
    assert_eq!(class.sam.get(&format!("/api/v1/classes/{}", class.id)).is(200).str("section"), "A");
    when("\"2\"").delete(&class.at("sam")).is(204);
}

#[test]
fn members_leave_and_are_removed_by_higher_ranks_only() {
    let class = Class::open();
    class.ana.delete(&class.at("ana")).is_problem(409, "owner_must_hand_over");
    class.ina.delete(&class.at("ana")).is_problem(403, "role_insufficient");
    for (person, member) in [(&class.tom, "sam"), (&class.sam, "aud"), (&class.aud, "sam"), (&class.tom, "ina")] {
        person.delete(&class.at(member)).is_problem(403, "role_insufficient");
    }
    class.sam.delete(&class.at("sam")).is(204);
    class.ina.delete(&class.at("tom")).is(204);
    class.ana.delete(&class.at("ina")).is(204);
    let listed = |query: &str| -> Vec<(String, String)> {
        let items = class.ana.get(&format!("{}{query}", members_of(&class.id))).is(200).items();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        items.iter().map(|item| (text(&item["name"]), text(&item["state"]))).collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
    };
    assert_eq!(listed(""), pairs(&[("aud", "active"), ("ana", "active")]));
    assert_eq!(listed("?state=left"), pairs(&[("sam", "left")]));
    assert_eq!(listed("?state=removed"), pairs(&[("tom", "removed"), ("ina", "removed")]));
    class.aud.get(&format!("{}?state=left", members_of(&class.id))).is_problem(403, "role_insufficient");
    // To others a former member is nobody.
    class.aud.delete(&class.at("sam")).is_problem(404, "not_found");
    class.sam.delete(&class.at("sam")).is_problem(404, "not_found");
}

#[test]
fn a_removed_member_is_taken_back_by_staff_with_all_they_had() {
    let class = Class::open();
    let conversation = class.sam.writes(&class.id, "Mine", "private");
    let at_class = format!("/api/v1/classes/{}", class.id);
    class.ana.delete(&class.at("sam")).is(204);
    class.sam.get(&at_class).is_problem(404, "not_found");
    class.tom.patch(&class.at("sam"), json!({ "state": "active" })).is_problem(404, "not_found");
    let back = class.ina.patch(&class.at("sam"), json!({ "state": "active" })).is(200);
    assert_eq!(
        (back.str("state"), back.str("role"), back.str("id")),
        ("active".into(), "student".into(), class.ids["sam"].clone())
    );
    class.sam.get(&at_class).is(200);
    class.sam.patch(&format!("/api/v1/conversations/{conversation}"), json!({ "title": "Still mine" })).is(200);
}

#[test]
fn a_demotion_holds_from_the_next_request_on() {
    let class = Class::open();
    let shared = class.sam.writes(&class.id, "For staff", "staff");
    let at_conversation = format!("/api/v1/conversations/{shared}");
    let at_list = format!("/api/v1/classes/{}/conversations", class.id);
    let at_invites = format!("/api/v1/classes/{}/invites", class.id);
    class.tom.get(&at_conversation).is(200);
    assert_eq!(class.tom.get(&at_list).is(200).items().len(), 1);
    class.ana.patch(&class.at("tom"), json!({ "role": "student" })).is(200);
    class.tom.get(&at_conversation).is_problem(404, "not_found");
    class.tom.get(&format!("{at_conversation}/messages")).is_problem(404, "not_found");
    assert_eq!(class.tom.get(&at_list).is(200).items().len(), 0);
    assert!(!class.tom.get(&members_of(&class.id)).is(200).text().contains('@'));
    class.ina.get(&at_invites).is(200);
    class.ana.patch(&class.at("ina"), json!({ "role": "tutor" })).is(200);
    class.ina.get(&at_invites).is_problem(403, "role_insufficient");
    class.ina.post(&at_invites, json!({ "role": "student" })).is_problem(403, "role_insufficient");
    class.ina.get(&at_conversation).is(200);
}

#[test]
fn a_removed_member_reads_own_work_for_thirty_days_and_nothing_else() {
    let class = Class::open();
    let own = class.sam.writes(&class.id, "Mine", "class");
    let others = class.tom.writes(&class.id, "Shared", "class");
    let at_class = format!("/api/v1/classes/{}", class.id);
    let at_list = format!("{at_class}/conversations");
    let (at_own, at_others) = (format!("/api/v1/conversations/{own}"), format!("/api/v1/conversations/{others}"));
    assert_eq!(class.sam.get(&at_list).is(200).items().len(), 2);
    class.ana.delete(&class.at("sam")).is(204);

    let reads_own = |sam: &Person| {
        let listed = sam.get(&at_list).is(200).items();
        assert_eq!(listed.iter().map(|c| c["id"].as_str().unwrap()).collect::<Vec<_>>(), [own.as_str()]);
        assert_eq!(sam.get(&at_own).is(200).str("title"), "Mine");
        assert_eq!(sam.get(&format!("{at_own}/messages")).is(200).items().len(), 2);
        assert_eq!(sam.reads(&own).len(), 2);
    };
    let message = json!({ "messages": [{ "role": "user", "content": "x" }] });
    reads_own(&class.sam);
    for path in [&at_class, &members_of(&class.id), &at_others, &format!("{at_others}/messages")] {
        class.sam.get(path).is_problem(404, "not_found");
    }
    assert_eq!(class.sam.get("/api/v1/classes").is(200).items().len(), 0);
    class.sam.patch(&at_own, json!({ "title": "New" })).is_problem(403, "former_member");
    class.sam.patch(&at_own, json!({ "visibility": "private" })).is_problem(403, "former_member");
    class.sam.post(&format!("{at_own}/messages"), message.clone()).is_problem(403, "former_member");
    class.sam.delete(&at_own).is_problem(403, "former_member");
    let new = json!({ "title": "New", "messages": message["messages"] });
    class.sam.post(&at_list, new).is_problem(404, "not_found");
    class.sam.imports(&class.id, "", "User: hi\nAssistant: ho").is_problem(404, "not_found");
    // Those who stayed still read it.
    assert_eq!(class.tom.get(&at_own).is(200).json()["author"]["name"], "sam");

    class.app.clock.advance(Duration::days(30) - Duration::seconds(1));
    let sam = class.app.sign_in("sam@example.org");
    reads_own(&sam);
    class.app.clock.advance(Duration::seconds(1));
    for path in [&at_list, &at_own, &format!("{at_own}/messages"), &format!("{at_own}?include=messages")] {
        sam.get(path).is_problem(404, "not_found");
    }
    sam.delete(&at_own).is_problem(404, "not_found");
}

/// Beside made-up names the order of joining would tell who is who.
#[test]
fn in_a_class_with_made_up_names_members_are_listed_by_name() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let (class, other) = (ana.opens_class("Quiet"), ana.opens_class("Open"));
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "naming": "pseudonyms" })).is(200);
    for name in ["dan", "ben", "eva", "cem"] {
        let person = app.person(name);
        person.patch("/api/v1/me", json!({ "display_name": name.to_uppercase() })).is(200);
        ana.admits(&class, &person, "student");
        ana.admits(&other, &person, "student");
    }
    let walked = |class: &str, limit: usize| {
        let path = format!("/api/v1/classes/{class}/enrolments?limit={limit}");
        let (mut names, mut next) = (Vec::new(), Some(path.clone()));
        while let Some(at) = next {
            let page = ana.get(&at).is(200).json();
            let items = page["items"].as_array().unwrap();
            names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            next = page["next_cursor"].as_str().map(|cursor| format!("{path}&cursor={cursor}"));
        }
        names
    };
    for limit in [1, 2, 3, 100] {
        assert_eq!(walked(&class, limit), ["ana", "BEN", "CEM", "DAN", "EVA"]);
        assert_eq!(walked(&other, limit), ["CEM", "EVA", "BEN", "DAN", "ana"]);
    }
    for (from, to) in [(&class, &other), (&other, &class)] {
        let page = ana.get(&format!("/api/v1/classes/{from}/enrolments?limit=1")).is(200).json();
        let cursor = page["next_cursor"].as_str().unwrap();
        let refused = ana.get(&format!("/api/v1/classes/{to}/enrolments?cursor={cursor}")).is(422);
        assert_eq!(refused.field_errors(), [("cursor".to_owned(), "cursor_invalid".to_owned())]);
    }
}
