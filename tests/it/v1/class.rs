//! Classes: open, list, change, archive, hand over, delete.

use std::slice::from_ref;

use api::config::Config;
use entity::{ClassId, EnrolmentId, class, enrolment, user::SiteRole};
use sea_orm::EntityTrait;
use service::{admin, rules::ClassCreation, text::Email};
use tests::{Person, TestApp, Value, json};

fn at(class: &str) -> String {
    format!("/api/v1/classes/{class}")
}

/// The role of an enrolment, as the database has it.
fn role(app: &TestApp, id: &str) -> enrolment::Role {
    let id: EnrolmentId = id.parse().unwrap();
    app.run(enrolment::Entity::find_by_id(id).one(app.db.connection())).unwrap().unwrap().role
}

/// A class row, as the database has it.
fn row(app: &TestApp, id: &str) -> class::Model {
    let id: ClassId = id.parse().unwrap();
    app.run(class::Entity::find_by_id(id).one(app.db.connection())).unwrap().unwrap()
}

/// Somebody's enrolment in a class.
fn enrolment_id(person: &Person, class: &str) -> String {
    person.get(&at(class)).is(200).str("enrolment_id")
}

#[test]
fn a_class_is_opened_shown_and_listed() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let body = json!({ "name": "  Logic  ", "code": "PHIL 101", "description": "Two\nlines", "time_zone": "Australia/Sydney",
        "external_id": "sis-7" });
    let made = ana.post("/api/v1/classes", body).is(201);
    let id = made.str("id");
    assert_eq!((made.header("etag"), made.header("location")), (Some("\"1\""), Some(at(&id).as_str())));
    let me = made.str("enrolment_id");
    let whole = json!({ "id": id, "name": "Logic", "code": "PHIL 101", "description": "Two\nlines",
        "time_zone": "Australia/Sydney", "external_id": "sis-7", "status": "active",
        "owner": { "id": me, "name": "ana", "role": "owner", "me": true }, "enrolment_id": me, "role": "owner",
        "section": null, "members": 1, "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z",
        "naming": "names", "staff_see_names": true, "blind": "open", "blind_until": null, "blind_marks": null,
        "revealed": false, "codebook_locked": false, "usual_audience": "class" });
    assert_eq!(made.json(), whole);
    assert_eq!(ana.get(&at(&id)).is(200).json(), whole);
    assert_eq!(ana.get("/api/v1/classes").is(200).json(), json!({ "items": [whole], "next_cursor": null }));
    let ben = app.person("ben");
    assert_eq!(ben.get("/api/v1/classes").is(200).items().len(), 0);
}

#[test]
fn a_patch_changes_what_it_names_takes_away_nulls_and_keeps_the_rest() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let body = json!({ "name": "Logic", "code": "P1", "description": "d", "time_zone": "UTC", "external_id": "x" });
    let id = ana.post("/api/v1/classes", body).is(201).str("id");
    let change = json!({ "code": null, "external_id": null, "description": "new" });
    let changed = ana.patch(&at(&id), change).is(200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    let got = changed.json();
    let fields =
        ["name", "code", "description", "time_zone", "external_id", "status"].map(|member| got[member].clone());
    assert_eq!(fields, [json!("Logic"), Value::Null, json!("new"), json!("UTC"), Value::Null, json!("active")]);
    assert_eq!(ana.get(&at(&id)).is(200).json(), got);
}

#[test]
fn what_must_stay_cannot_be_taken_away() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let id = ana.opens_class("Logic");
    let refused = ana.patch(&at(&id), json!({ "name": null, "status": null, "owner": null, "code": "new" }));
    let refused = refused.is_problem(422, "validation_failed");
    let required = |pointer: &str| (pointer.to_owned(), "required".to_owned());
    assert_eq!(refused.field_errors(), [required("/name"), required("/status"), required("/owner")]);
    let kept = ana.get(&at(&id)).is(200);
    assert_eq!((kept.header("etag"), &kept.json()["code"]), (Some("\"1\""), &Value::Null));
}

#[test]
fn every_wrong_value_of_a_class_is_named_at_once() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let wrong = json!({ "name": " ", "code": "c".repeat(101), "description": "a\u{7}b", "time_zone": "5 o'clock",
        "external_id": "a\nb" });
    let expected = [
        ("/name", "blank"),
        ("/code", "too_long"),
        ("/description", "control_character"),
        ("/time_zone", "time_zone_invalid"),
        ("/external_id", "control_character"),
    ]
    .map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
    let refused = ana.post("/api/v1/classes", wrong.clone()).is_problem(422, "validation_failed");
    assert_eq!(refused.field_errors(), expected);
    let id = ana.opens_class("Logic");
    assert_eq!(ana.patch(&at(&id), wrong).is_problem(422, "validation_failed").field_errors(), expected);
    assert_eq!(ana.get("/api/v1/classes").is(200).items().len(), 1);
}

#[test]
fn only_those_the_site_allows_open_classes() {
    // Who may: member, teacher, administrator.
    for (mode, allowed) in [
        (ClassCreation::Anyone, [true, true, true]),
        (ClassCreation::Teachers, [false, true, true]),
        (ClassCreation::Admins, [false, false, true]),
    ] {
        let app = TestApp::with(|config: &mut Config| config.rules.class_creation = mode);
        let ana = app.person("ana");
        for (standing, allowed) in [SiteRole::Member, SiteRole::Teacher, SiteRole::Admin].into_iter().zip(allowed) {
            let email = Email::parse(&ana.email).unwrap();
            app.run(admin::grant(&app.db, app.clock.now().into(), email, standing)).unwrap();
            let answer = ana.post("/api/v1/classes", json!({ "name": "Logic" }));
            if allowed {
                answer.is(201);
            } else {
                answer.is_problem(403, "class_creation_restricted");
            }
        }
    }
}

#[test]
fn classes_are_found_by_external_id_and_status() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let open = |name: &str, id: &str| {
        ana.post("/api/v1/classes", json!({ "name": name, "external_id": id })).is(201).str("id")
    };
    let (one, two) = (open("One", "sis-1"), open("Two", "sis-2"));
    let three = ana.opens_class("Three");
    ana.patch(&at(&two), json!({ "status": "archived" })).is(200);
    let found = |query: &str| -> Vec<String> {
        let items = ana.get(&format!("/api/v1/classes{query}")).is(200).items();
        items.iter().map(|class| class["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(""), [three.clone(), two.clone(), one.clone()]);
    assert_eq!(found("?external_id=sis-1"), from_ref(&one));
    assert_eq!(found("?external_id=SIS-1"), Vec::<String>::new());
    assert_eq!(found("?status=active"), [three, one]);
    assert_eq!(found("?status=archived"), from_ref(&two));
    assert_eq!(found("?status=archived&external_id=sis-2"), [two]);
    assert_eq!(found("?status=active&external_id=sis-2"), Vec::<String>::new());
    ana.get("/api/v1/classes?status=asleep").is_problem(422, "query_invalid");
}

#[test]
fn an_archived_class_is_read_only_until_its_owner_reopens_it() {
    let app = TestApp::start();
    let (ana, ben, ina, cem) = (app.person("ana"), app.person("ben"), app.person("ina"), app.person("cem"));
    let class = ana.opens_class("Logic");
    let student = ana.admits(&class, &ben, "student");
    ana.admits(&class, &ina, "instructor");
    let code = ana.invites(&class, "student");
    let conversation = ben.writes(&class, "Mine", "class");
    ina.patch(&at(&class), json!({ "status": "archived" })).is_problem(403, "role_insufficient");
    assert_eq!(ana.patch(&at(&class), json!({ "status": "archived" })).is(200).str("status"), "archived");

    let words = json!({ "role": "user", "content": "x" });
    let message = json!({ "messages": [words] });
    let new = json!({ "title": "New", "messages": [words] });
    let at_conversation = format!("/api/v1/conversations/{conversation}");
    let archived = |answer: tests::Response| drop(answer.is_problem(409, "class_archived"));
    archived(ana.patch(&at(&class), json!({ "name": "Other" })));
    archived(ana.post(&format!("{}/invites", at(&class)), json!({ "role": "student" })));
    archived(cem.post("/api/v1/enrolments", json!({ "invite_code": code })));
    archived(ana.patch(&format!("/api/v1/enrolments/{student}"), json!({ "role": "tutor" })));
    archived(ben.post(&format!("{}/conversations", at(&class)), new.clone()));
    archived(ben.post(&format!("{at_conversation}/messages"), message.clone()));
    archived(ben.patch(&at_conversation, json!({ "title": "Other" })));
    archived(ben.imports(&class, "", "User: hi\nAssistant: ho"));
    assert_eq!(ben.reads(&conversation).len(), 2);
    // Their words stay their owner's: narrowing who reads them, and deleting them, needs no running class.
    ben.patch(&at_conversation, json!({ "visibility": "staff" })).is(200);
    archived(ben.patch(&at_conversation, json!({ "visibility": "class" })));

    ina.patch(&at(&class), json!({ "status": "active" })).is_problem(403, "role_insufficient");
    assert_eq!(ana.patch(&at(&class), json!({ "status": "active", "name": "Back" })).is(200).str("name"), "Back");
    ben.post(&format!("{}/conversations", at(&class)), new).is(201);
    ben.post(&format!("{at_conversation}/messages"), message).is(201);
    ben.delete(&at_conversation).is(204);
}

#[test]
fn a_class_is_handed_over_and_the_old_owner_can_leave() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let (old, heir) = (enrolment_id(&ana, &class), ana.admits(&class, &ben, "student"));
    ana.delete(&format!("/api/v1/enrolments/{old}")).is_problem(409, "owner_must_hand_over");
    let before = row(&app, &class).owner_id;

    let handed = ana.patch(&at(&class), json!({ "owner": heir })).is(200);
    assert_eq!((handed.str("role"), handed.json()["owner"]["id"].as_str()), ("instructor".into(), Some(heir.as_str())));
    assert_eq!((role(&app, &old), role(&app, &heir)), (enrolment::Role::Instructor, enrolment::Role::Owner));
    let after = row(&app, &class).owner_id;
    assert_ne!(after, before);
    assert_eq!(ben.get(&at(&class)).is(200).json()["owner"]["me"], true);
    ana.patch(&at(&class), json!({ "status": "archived" })).is_problem(403, "role_insufficient");

    // And back again, which leaves the first one the owner and the second an instructor.
    ben.patch(&at(&class), json!({ "owner": old })).is(200);
    assert_eq!((role(&app, &old), role(&app, &heir)), (enrolment::Role::Owner, enrolment::Role::Instructor));
    assert_eq!(row(&app, &class).owner_id, before);
    ana.patch(&at(&class), json!({ "owner": heir })).is(200);
    assert_eq!(row(&app, &class).owner_id, after);
    ana.delete(&format!("/api/v1/enrolments/{old}")).is(204);
    ana.get(&at(&class)).is_problem(404, "not_found");
    ben.delete(&format!("/api/v1/enrolments/{heir}")).is_problem(409, "owner_must_hand_over");
}

#[test]
fn a_class_is_handed_to_nobody_but_an_active_member() {
    let app = TestApp::start();
    let (ana, ben, ina) = (app.person("ana"), app.person("ben"), app.person("ina"));
    let class = ana.opens_class("Logic");
    let (own, left) = (enrolment_id(&ana, &class), ana.admits(&class, &ben, "student"));
    let instructor = ana.admits(&class, &ina, "instructor");
    ben.delete(&format!("/api/v1/enrolments/{left}")).is(204);
    let elsewhere = enrolment_id(&ben, &ben.opens_class("Other"));
    let unknown = EnrolmentId::new().to_string();
    for (wrong, code) in
        [(left, "not_a_member"), (elsewhere, "not_a_member"), (unknown, "not_a_member"), ("x".to_owned(), "id_invalid")]
    {
        let refused = ana.patch(&at(&class), json!({ "owner": wrong })).is_problem(422, "validation_failed");
        assert_eq!(refused.field_errors(), [("/owner".to_owned(), code.to_owned())], "{wrong}");
    }
    ina.patch(&at(&class), json!({ "owner": instructor })).is_problem(403, "role_insufficient");
    // To oneself: nothing moves.
    assert_eq!(ana.patch(&at(&class), json!({ "owner": own })).is(200).str("role"), "owner");
    assert_eq!((role(&app, &own), role(&app, &instructor)), (enrolment::Role::Owner, enrolment::Role::Instructor));
}

#[test]
fn a_class_with_others_work_is_deleted_only_archived_and_confirmed_by_name() {
    let app = TestApp::start();
    let (ana, ben, cem) = (app.person("ana"), app.person("ben"), app.person("cem"));
    let class = ana.opens_class("Logic & more");
    ana.admits(&class, &ben, "student");
    ana.admits(&class, &cem, "tutor");
    ana.writes(&class, "Own", "class");
    let theirs = [
        ben.writes(&class, "One", "private"),
        ben.writes(&class, "Two", "class"),
        cem.writes(&class, "Three", "staff"),
    ];
    let refused = |query: &str, first: bool| {
        let detail = ana.delete(&format!("{}{query}", at(&class))).is_problem(409, "class_has_work").str("detail");
        assert!(detail.contains("3 conversations of others") && detail.contains("2 other members"), "{detail}");
        assert_eq!(detail.contains("archive it first"), first, "{detail}");
    };
    cem.delete(&at(&class)).is_problem(403, "role_insufficient");
    refused("", true);
    refused("?confirm=Logic%20%26%20more", true);
    ana.patch(&at(&class), json!({ "status": "archived" })).is(200);
    refused("", false);
    refused("?confirm=logic%20%26%20more", false);
    refused("?confirm=Logic", false);
    for id in &theirs {
        assert_eq!(ben.get(&format!("/api/v1/conversations/{id}")).status, if *id == theirs[2] { 404 } else { 200 });
    }
    ana.delete(&format!("{}?confirm=Logic%20%26%20more", at(&class))).is(204);
    for person in [&ana, &ben, &cem] {
        person.get(&at(&class)).is_problem(404, "not_found");
        assert_eq!(person.get("/api/v1/classes").is(200).items().len(), 0);
    }
    ben.get(&format!("/api/v1/conversations/{}", theirs[0])).is_problem(404, "not_found");
}

#[test]
fn a_class_with_own_work_only_is_deleted_at_once() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let own = ana.writes(&class, "Own", "class");
    ana.delete(&at(&class)).is(204);
    ana.get(&format!("/api/v1/conversations/{own}")).is_problem(404, "not_found");
    ben.get(&at(&class)).is_problem(404, "not_found");
    ana.delete(&at(&class)).is_problem(404, "not_found");
}

#[test]
fn a_lost_update_of_a_class_is_refused() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let when = |etag: &str| ana.client.with("if-match", etag);
    when("\"1\"").patch(&at(&class), json!({ "name": "First" })).is(200);
    when("\"1\"").patch(&at(&class), json!({ "name": "Second" })).is_problem(412, "version_mismatch");
    when("\"1\"").delete(&at(&class)).is_problem(412, "version_mismatch");
    let kept = ana.get(&at(&class)).is(200);
    assert_eq!((kept.str("name"), kept.header("etag")), ("First".to_owned(), Some("\"2\"")));
    when("*").patch(&at(&class), json!({ "name": "Any" })).is(200);
    // As a proxy that compresses hands it on.
    when("W/\"3\"").patch(&at(&class), json!({ "name": "Weak" })).is(200);
    when("3").patch(&at(&class), json!({ "name": "Bare" })).is_problem(422, "if_match_invalid");
    when("\"4\"").delete(&at(&class)).is(204);
}

/// The forms in which bytes could slip into an answer.
fn forms(secret: &[u8]) -> Vec<String> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let base64 = |alphabet: &[u8; 64]| -> String {
        // 30 of 32 bytes: whole groups, so that padding does not matter.
        let groups =
            secret[..30].chunks(3).map(|three| three.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)));
        groups.flat_map(|bits| [18, 12, 6, 0].map(|shift| char::from(alphabet[bits >> shift & 63]))).collect()
    };
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let plain = base64(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    let for_urls = base64(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    vec![hex.to_uppercase(), hex, plain, for_urls, numbers.join(",")]
}

#[test]
fn the_secret_of_a_class_is_in_no_answer() {
    assert!(forms(&[b'a'; 32]).contains(&"YWFh".repeat(10)));
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let made = ana.post("/api/v1/classes", json!({ "name": "Logic" })).is(201);
    let class = made.str("id");
    let invite = ana.post(&format!("{}/invites", at(&class)), json!({ "role": "student" })).is(201);
    let joined = ben.post("/api/v1/enrolments", json!({ "invite_code": invite.str("code") })).is(201);
    let conversation = ben.writes(&class, "Mine", "class");
    let at_conversation = format!("/api/v1/conversations/{conversation}");
    let mut answers = vec![made, invite, joined, ben.imports(&class, "", "User: hi\nAssistant: ho").is(201)];
    for person in [&ana, &ben] {
        let paths = ["", "/enrolments", "/conversations"].map(|below| format!("{}{below}", at(&class)));
        let others = ["/api/v1/classes", "/api/v1/me", "/api/v1/sessions", "/api/v1/me/tokens"].map(str::to_owned);
        let read = [
            at_conversation.clone(),
            format!("{at_conversation}?include=messages"),
            format!("{at_conversation}/messages"),
        ];
        answers.extend(paths.iter().chain(&others).chain(&read).map(|path| person.get(path).is(200)));
    }
    answers.push(ana.get(&format!("{}/invites", at(&class))).is(200));
    answers.push(ana.patch(&at(&class), json!({ "code": "P1" })).is(200));
    answers.push(ana.delete(&at(&class)).is_problem(409, "class_has_work"));
    answers.push(ben.get(&format!("/api/v1/conversations/{conversation}/source")).is(404));
    let secret = row(&app, &class).secret;
    assert_eq!(secret.len(), 32);
    for answer in &answers {
        let text = format!("{}{:?}", answer.text(), answer.headers);
        assert!(!text.contains("secret"), "{text}");
        for form in forms(&secret) {
            assert!(!text.contains(&form), "{text}");
        }
    }
}
