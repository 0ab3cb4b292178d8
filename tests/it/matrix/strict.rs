//! No write route takes what it does not know: a misspelt member would otherwise be dropped without a word.

use std::collections::BTreeSet;

use tests::{Client, TestApp, Value, app::PASSWORD, json};

use super::{
    Routes, routes_where,
    walk::snapshot,
    world::{Who, World},
};

/// A request that would be granted, but for one unknown member.
struct Case {
    method: &'static str,
    route: &'static str,
    path: String,
    client: Client,
    body: Value,
}

fn cases(world: &World<'_>) -> Vec<Case> {
    let (owner, student) = (world.someone(Who::Owner), world.someone(Who::Student));
    let (class, conversation) = (world.class.as_str(), world.conversation(Who::Student));
    let (mark, comment) = (world.annotation(Who::Student), world.comment(Who::Student));
    let (own, target) = (world.own_tag(Who::Student), world.tag(Who::Student, "Target"));
    let message = json!({ "role": "user", "content": "And then?" });
    let case = |method, route: &'static str, id: &str, who: Who, body| Case {
        method,
        route,
        path: route.replace("{id}", id),
        client: world.client(who),
        body,
    };
    let new = json!({ "email": "new@example.org", "display_name": "New", "password": PASSWORD });
    let log_in = json!({ "email": owner.person.email, "password": PASSWORD });
    let reset = json!({ "token": world.reset_link(), "password": PASSWORD });
    let script = json!({ "name": "script", "scope": "write" });
    let typed = json!({ "title": "Typed", "messages": [message] });
    vec![
        case("POST", "/api/v1/users", "", Who::Anonymous, new),
        case("POST", "/api/v1/sessions", "", Who::Anonymous, log_in),
        case("POST", "/api/v1/password_resets", "", Who::Anonymous, reset),
        case("PATCH", "/api/v1/me", "", Who::Student, json!({ "display_name": "Renamed" })),
        case("POST", "/api/v1/me/tokens", "", Who::Student, script),
        case("POST", "/api/v1/classes", "", Who::Student, json!({ "name": "Rhetoric" })),
        case("PATCH", "/api/v1/classes/{id}", class, Who::Owner, json!({ "name": "Renamed" })),
        case("POST", "/api/v1/classes/{id}/invites", class, Who::Owner, json!({ "role": "student" })),
        case("POST", "/api/v1/enrolments", "", Who::Outsider, json!({ "invite_code": world.code() })),
        case("PATCH", "/api/v1/enrolments/{id}", &student.enrolment, Who::Owner, json!({ "section": "B" })),
        case("POST", "/api/v1/classes/{id}/conversations", class, Who::Student, typed),
        case("PATCH", "/api/v1/conversations/{id}", &conversation, Who::Student, json!({ "title": "Mine" })),
        case(
            "POST",
            "/api/v1/conversations/{id}/messages",
            &conversation,
            Who::Student,
            json!({ "messages": [message] }),
        ),
        case("POST", "/api/v1/annotations/{id}/comments", &mark, Who::Student, json!({ "body": "Why?" })),
        case("PATCH", "/api/v1/comments/{id}", &comment, Who::Student, json!({ "body": "So." })),
        case("POST", "/api/v1/annotations/{id}/flags", &mark, Who::Student, json!({ "reason": "Look" })),
        case("POST", "/api/v1/comments/{id}/flags", &comment, Who::Student, json!({ "reason": "Look" })),
        case("POST", "/api/v1/classes/{id}/tags", class, Who::Student, json!({ "name": "Claim" })),
        case("POST", "/api/v1/classes/{id}/tags/import", class, Who::Student, json!({ "sample": true })),
        case("PATCH", "/api/v1/tags/{id}", &own, Who::Student, json!({ "name": "Ours" })),
        case("POST", "/api/v1/tags/{id}/merge", &own, Who::Student, json!({ "into": target })),
        case("POST", "/api/v1/conversations/{id}/annotations", &conversation, Who::Student, json!({ "note": "Why?" })),
        case("POST", "/api/v1/conversations/{id}/presentations", &conversation, Who::Student, json!({})),
        case(
            "PATCH",
            "/api/v1/presentations/{id}",
            &world.presentation(Who::Student),
            Who::Student,
            json!({ "step": 1 }),
        ),
        case(
            "PATCH",
            "/api/v1/annotations/{id}",
            &world.annotation(Who::Student),
            Who::Student,
            json!({ "note": "So." }),
        ),
    ]
}

/// The routes that take a JSON body; an import takes any bytes, others do what their path says.
fn with_body() -> Routes {
    let without = |path: &str| ["/imports", "/restore", "/dismiss"].iter().any(|end| path.ends_with(end));
    routes_where(|route| ["POST", "PATCH"].contains(&route.method.as_str()) && !without(route.path))
}

#[test]
fn every_write_route_refuses_an_unknown_member_and_names_it() {
    let app = TestApp::start();
    let world = World::new(&app);
    let cases = cases(&world);
    let routes: BTreeSet<_> = cases.iter().map(|case| (case.method.to_owned(), case.route.to_owned())).collect();
    assert_eq!(routes, with_body(), "a write route without a case");
    let before = snapshot(&app);
    for case in &cases {
        let mut body = case.body.clone();
        body["surprise"] = json!(true);
        let body = body.to_string().into_bytes();
        let answer = case.client.send(case.method, &case.path, Some("application/json"), body);
        let answer = answer.is_problem(422, "validation_failed");
        let expected = [("/surprise".to_owned(), "unknown_field".to_owned())];
        assert_eq!(answer.field_errors(), expected, "{} {}", case.method, case.route);
    }
    assert_eq!(snapshot(&app), before, "a refused request changed something");
    // The same requests without it are fine: it was this member that was refused.
    for case in &cases {
        let body = case.body.to_string().into_bytes();
        let answer = case.client.send(case.method, &case.path, Some("application/json"), body);
        assert!(answer.status < 300, "{} {}: {}", case.method, case.route, answer.text());
    }
}

#[test]
fn an_unknown_member_deep_in_a_body_is_refused_with_its_place() {
    let app = TestApp::start();
    let world = World::new(&app);
    let student = world.someone(Who::Student);
    let part = json!({ "kind": "text", "text": "Hello", "surprise": 1 });
    let cases = [
        (json!([{ "role": "user", "content": "Hello", "surprise": 1 }]), "/messages/0/surprise"),
        (json!([{ "role": "user", "parts": [part] }]), "/messages/0/parts/0/surprise"),
    ];
    for (messages, pointer) in cases {
        let body = json!({ "title": "Typed", "messages": messages });
        let path = format!("/api/v1/classes/{}/conversations", world.class);
        let answer = student.person.post(&path, body).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors(), [(pointer.to_owned(), "unknown_field".to_owned())]);
        let path = format!("/api/v1/conversations/{}/messages", world.conversation(Who::Student));
        let answer = student.person.post(&path, json!({ "messages": messages })).is_problem(422, "validation_failed");
        assert_eq!(answer.field_errors(), [(pointer.to_owned(), "unknown_field".to_owned())]);
    }
}

#[test]
fn write_routes_refuse_an_unknown_query() {
    let app = TestApp::start();
    let world = World::new(&app);
    let (owner, class) = (world.someone(Who::Owner), &world.class);
    let before = snapshot(&app);
    let text = super::world::pasted("nobody");
    owner.person.imports(class, "?surprise=1", text).is_problem(422, "query_invalid");
    owner.person.delete(&format!("/api/v1/classes/{class}?surprise=1")).is_problem(422, "query_invalid");
    owner.person.delete("/api/v1/me?surprise=1").is_problem(422, "query_invalid");
    assert_eq!(snapshot(&app), before);
}
