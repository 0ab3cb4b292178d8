//! Invitation codes: who makes them, how they end, who joins by them.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tests::{Person, Response, TestApp, Value, app::PASSWORD, json};
use time::Duration;

fn invites_of(class: &str) -> String {
    format!("/api/v1/classes/{class}/invites")
}

fn join(person: &Person, code: &str) -> Response {
    person.post("/api/v1/enrolments", json!({ "invite_code": code }))
}

/// How often each code of a class was used, by code.
fn uses(person: &Person, class: &str, code: &str) -> u64 {
    let items = person.get(&invites_of(class)).is(200).items();
    items.iter().find(|invite| invite["code"] == code).unwrap()["uses"].as_u64().unwrap()
}

#[test]
fn an_invitation_is_made_listed_and_says_all_about_itself() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let body = json!({ "role": "tutor", "expires_at": "2026-03-02T10:00:00+00:30", "max_uses": 3, "section": " B " });
    let made = ana.post(&invites_of(&class), body).is(201).json();
    let code = made["code"].as_str().unwrap().to_owned();
    assert!(code.len() == 8 && code.chars().all(|c| "23456789ABCDEFGHJKMNPQRSTUVWXYZ".contains(c)), "{code}");
    let whole = json!({ "id": made["id"], "code": code, "role": "tutor", "section": "B", "expires_at": "2026-03-02T09:30:00Z",
        "max_uses": 3, "uses": 0, "created_at": "2026-03-02T09:00:00Z" });
    assert_eq!(made, whole);
    let plain = ana.post(&invites_of(&class), json!({ "role": "student" })).is(201).json();
    assert_eq!([&plain["expires_at"], &plain["max_uses"], &plain["section"]], [&Value::Null; 3]);
    assert_ne!(plain["code"], whole["code"]);
    assert_eq!(ana.get(&invites_of(&class)).is(200).items(), [plain, whole]);
}

#[test]
fn an_invitation_that_would_be_over_already_is_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for (member, value, code) in [
        ("expires_at", json!("2026-03-02T09:00:00Z"), "in_the_past"),
        ("expires_at", json!("2020-01-01T00:00:00Z"), "in_the_past"),
        ("max_uses", json!(0), "out_of_range"),
        ("max_uses", json!(-1), "out_of_range"),
        ("section", json!(" "), "blank"),
    ] {
        let body = json!({ "role": "student", member: value });
        let refused = ana.post(&invites_of(&class), body).is_problem(422, "validation_failed");
        assert_eq!(refused.field_errors(), [(format!("/{member}"), code.to_owned())]);
    }
    assert_eq!(ana.get(&invites_of(&class)).is(200).items().len(), 0);
}

#[test]
fn people_are_invited_to_roles_below_ones_own_and_never_to_ownership() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    const ROLES: [&str; 5] = ["owner", "instructor", "tutor", "student", "auditor"];
    let members: Vec<Person> = ROLES[1..]
        .iter()
        .map(|role| {
            let person = app.person(role);
            ana.admits(&class, &person, role);
            person
        })
        .collect();
    // What each caller is answered for a code of each of the roles above.
    let table = [
        (&ana, [409, 201, 201, 201, 201]),
        (&members[0], [403, 403, 201, 201, 201]),
        (&members[1], [403; 5]),
        (&members[2], [403; 5]),
        (&members[3], [403; 5]),
    ];
    for (caller, statuses) in table {
        for (role, status) in ROLES.into_iter().zip(statuses) {
            let answer = caller.post(&invites_of(&class), json!({ "role": role }));
            match status {
                201 => assert_eq!(answer.is(201).str("role"), role),
                409 => drop(answer.is_problem(409, "owner_enrolment")),
                _ => drop(answer.is_problem(403, "role_insufficient")),
            }
        }
    }
    // Nor does an instructor take back what only the owner could give.
    let higher = ana.post(&invites_of(&class), json!({ "role": "instructor" })).is(201).str("id");
    let lower = ana.post(&invites_of(&class), json!({ "role": "tutor" })).is(201).str("id");
    let at = |id: &str| format!("/api/v1/invites/{id}");
    members[0].delete(&at(&higher)).is_problem(403, "role_insufficient");
    members[0].delete(&at(&lower)).is(204);
    members[1].delete(&at(&higher)).is_problem(403, "role_insufficient");
    ana.delete(&at(&higher)).is(204);
}

#[test]
fn an_invitation_works_until_the_moment_it_expires() {
    let app = TestApp::start();
    let (ana, ben, cem) = (app.person("ana"), app.person("ben"), app.person("cem"));
    let class = ana.opens_class("Logic");
    let body = json!({ "role": "student", "expires_at": "2026-03-02T10:00:00Z" });
    let code = ana.post(&invites_of(&class), body).is(201).str("code");
    app.clock.advance(Duration::seconds(3_599));
    join(&ben, &code).is(201);
    app.clock.advance(Duration::seconds(1));
    join(&cem, &code).is_problem(410, "invite_expired");
    join(&ben, &code).is(200);
    assert_eq!(uses(&ana, &class, &code), 1);
}

#[test]
fn of_twenty_people_at_once_exactly_as_many_join_as_the_code_is_for() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let code = ana.post(&invites_of(&class), json!({ "role": "student", "max_uses": 5 })).is(201).str("code");
    let people: Vec<Person> = (0..20).map(|n| app.person(&format!("p{n}"))).collect();
    let joined = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for person in &people {
            scope.spawn(|| {
                let answer = join(person, &code);
                if answer.status == 201 {
                    joined.fetch_add(1, Ordering::SeqCst);
                } else {
                    answer.is_problem(410, "invite_used_up");
                }
            });
        }
    });
    assert_eq!(joined.into_inner(), 5);
    assert_eq!(uses(&ana, &class, &code), 5);
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}")).is(200).json()["members"], 6);
}

#[test]
fn a_code_taken_back_lets_nobody_in_and_sends_nobody_away() {
    let app = TestApp::start();
    let (ana, ben, cem) = (app.person("ana"), app.person("ben"), app.person("cem"));
    let class = ana.opens_class("Logic");
    let made = ana.post(&invites_of(&class), json!({ "role": "student" })).is(201);
    let (id, code) = (made.str("id"), made.str("code"));
    join(&ben, &code).is(201);
    ana.delete(&format!("/api/v1/invites/{id}")).is(204);
    join(&cem, &code).is_problem(410, "invite_revoked");
    assert_eq!(ana.get(&invites_of(&class)).is(200).items().len(), 0);
    ana.delete(&format!("/api/v1/invites/{id}")).is_problem(404, "not_found");
    ben.get(&format!("/api/v1/classes/{class}")).is(200);
    join(&ben, &code).is(200);
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let code = ana.invites(&class, "student");
    let (head, tail) = code.split_at(4);
    let typed = [
        code.to_lowercase(),
        format!("{head}-{tail}"),
        format!("  {} {} ", head.to_lowercase(), tail),
        code.chars().map(|c| format!("{c}-")).collect(),
    ];
    for (n, typed) in typed.iter().enumerate() {
        join(&app.person(&format!("p{n}")), typed).is(201);
    }
    assert_eq!(uses(&ana, &class, &code), 4);
}

#[test]
fn an_unknown_code_opens_nothing() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let code = ana.invites(&ana.opens_class("Logic"), "student");
    let last = if code.ends_with('A') { 'B' } else { 'A' };
    let other = format!("{}{last}", &code[..7]);
    for unknown in [other.as_str(), "", "ABCD234", "ABCD23456", "ABCD2340", "ÄBCD2345", "%%%%%%%%", &"A".repeat(10_000)]
    {
        join(&ben, unknown).is_problem(404, "not_found");
    }
    assert_eq!(ben.get("/api/v1/classes").is(200).items().len(), 0);
}

#[test]
fn a_member_who_joins_again_stays_what_they_are_and_uses_nothing_up() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let code = ana.post(&invites_of(&class), json!({ "role": "tutor", "max_uses": 1 })).is(201).str("code");
    let first = join(&ben, &code).is(201);
    assert_eq!(first.header("location"), Some(format!("/api/v1/classes/{class}").as_str()));
    let again = join(&ben, &code).is(200);
    assert_eq!(again.json(), first.json());
    let other = ana.invites(&class, "student");
    assert_eq!(join(&ben, &other).is(200).str("role"), "tutor");
    assert_eq!(join(&ana, &other).is(200).str("role"), "owner");
    assert_eq!((uses(&ana, &class, &code), uses(&ana, &class, &other)), (1, 0));
}

#[test]
fn who_left_comes_back_by_a_code_with_its_role_and_section() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let id = ana.admits(&class, &ben, "tutor");
    ben.delete(&format!("/api/v1/enrolments/{id}")).is(204);
    let code = ana.post(&invites_of(&class), json!({ "role": "student", "section": "B" })).is(201).str("code");
    let back = join(&ben, &code).is(201);
    assert_eq!(
        [back.str("id"), back.str("role"), back.str("section"), back.str("state")],
        [&id, "student", "B", "active"]
    );
    assert_eq!(uses(&ana, &class, &code), 1);
    ben.get(&format!("/api/v1/classes/{class}")).is(200);
}

#[test]
fn who_was_removed_does_not_come_back_by_a_code() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let id = ana.admits(&class, &ben, "student");
    ana.delete(&format!("/api/v1/enrolments/{id}")).is(204);
    let code = ana.invites(&class, "student");
    join(&ben, &code).is_problem(403, "removed_from_class");
    assert_eq!(uses(&ana, &class, &code), 0);
    ben.get(&format!("/api/v1/classes/{class}")).is_problem(404, "not_found");
}

#[test]
fn nobody_joins_an_archived_class() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let code = ana.invites(&class, "student");
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "status": "archived" })).is(200);
    join(&ben, &code).is_problem(409, "class_archived");
    join(&ana, &code).is(200);
    assert_eq!(uses(&ana, &class, &code), 0);
}

#[test]
fn two_hundred_people_register_by_one_code_without_a_refusal() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let code = ana.invites(&class, "student");
    let waiting = Mutex::new(0..200);
    let refused = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let Some(n) = waiting.lock().unwrap().next() else { return };
                    let body = json!({ "email": format!("p{n}@example.org"), "display_name": format!("P {n}"),
                        "password": PASSWORD, "invite_code": code });
                    let answer = app.anonymous().post("/api/v1/users", body);
                    let right = answer.status == 201 && answer.json()["enrolment"]["class_id"] == class;
                    if !right {
                        refused.lock().unwrap().push(answer.text());
                    }
                }
            });
        }
    });
    assert_eq!(refused.into_inner().unwrap(), Vec::<String>::new());
    assert_eq!(uses(&ana, &class, &code), 200);
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}")).is(200).json()["members"], 201);
}
