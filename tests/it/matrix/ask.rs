//! What a row of the table asks for, as a request.

use tests::{Client, Response, Value, app::PASSWORD, json};

use super::{
    table::Row,
    world::{MISSING, NAME, Who, World, pasted},
};

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) content: Option<(&'static str, Vec<u8>)>,
}

impl Ask {
    /// What `who` sends in this world for this row. Things it needs are made now.
    pub(super) fn of(world: &World<'_>, who: Who, row: &Row) -> Self {
        Self::with_id(world, who, row, &if row.has_id() { id(world, who, row) } else { String::new() })
    }

    /// The same for a thing that is not there.
    pub(super) fn missing(world: &World<'_>, who: Who, row: &Row) -> Self {
        Self::with_id(world, who, row, MISSING)
    }

    fn with_id(world: &World<'_>, who: Who, row: &Row, id: &str) -> Self {
        let path = row.path.replace("{id}", id) + &query(world, who, row);
        let content = if row.path.ends_with("/imports") {
            Some(("application/octet-stream", pasted(&format!("{who:?}")).into_bytes()))
        } else {
            body(world, who, row).map(|body| ("application/json", body.to_string().into_bytes()))
        };
        Self { method: row.method, path, content }
    }

    /// Sends it.
    pub(super) fn send(&self, client: &Client) -> Response {
        let (content_type, body) = match &self.content {
            Some((content_type, body)) => (Some(*content_type), body.clone()),
            None => (None, Vec::new()),
        };
        client.send(self.method, &self.path, content_type, body)
    }
}

/// The id of the object.
fn id(world: &World<'_>, who: Who, row: &Row) -> String {
    if row.object == "missing" {
        return MISSING.to_owned();
    }
    let noun = row.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
    match (noun, row.object) {
        ("sessions", "own") => world.session(who),
        ("sessions", "another's") => world.session(Who::Author),
        ("me", "own") => world.api_token(who),
        ("me", "another's") => world.api_token(Who::Author),
        ("classes", "the class") => world.class.clone(),
        ("classes", "other class") => world.someone(Who::Stranger).class.clone(),
        ("invites", "for an auditor") => world.invite("auditor"),
        ("invites", "for a student") => world.invite("student"),
        ("invites", "for a tutor") => world.invite("tutor"),
        ("invites", "for an instructor") => world.invite("instructor"),
        ("invites", "other class") => world.other_invite(),
        ("enrolments", object) => world.someone(member(who, object)).enrolment.clone(),
        ("imports", "own") => world.import(who),
        ("imports", "another's") => world.import(Who::Author),
        ("imports", "other class") => {
            world.other_conversation();
            world.import(Who::Stranger)
        }
        ("conversations", "own") => world.conversation(who),
        ("conversations", "private of another") => world.shared("private"),
        ("conversations", "staff-visible") => world.shared("staff"),
        ("conversations", "class-visible") => world.shared("class"),
        ("conversations", "other class") => world.other_conversation(),
        ("comments", "own") => world.comment(who),
        ("comments", "private of another") => world.commented("private"),
        ("comments", "another's for staff") => world.commented("staff"),
        ("comments", "another's for all") => world.commented("class"),
        ("comments", "other class") => world.other_comment(),
        ("tags", "own") => world.own_tag(who),
        ("tags", "private of another") => world.own_tag(Who::Author),
        ("tags", "the class's") => world.tag(Who::Owner, "Hedge"),
        ("tags", "other class") => world.tag(Who::Stranger, "Hedge"),
        ("presentations", "own") => world.presentation(who),
        ("presentations", "private of another") => world.presentation(Who::Author),
        ("presentations", "staff-visible") => world.presented("staff"),
        ("presentations", "class-visible") => world.presented("class"),
        ("presentations", "other class") => world.other_presentation(),
        ("annotations", "own") => world.annotation(who),
        ("annotations", "private of another") => world.marked("private"),
        ("annotations", "another's for staff") => world.marked("staff"),
        ("annotations", "another's for all") => world.marked("class"),
        ("annotations", "other class") => world.other_annotation(),
        (noun, object) => panic!("no {object} among the {noun}"),
    }
}

/// Whose membership it is.
fn member(who: Who, object: &str) -> Who {
    match object {
        "own" => who,
        "a student's" => Who::Author,
        "a tutor's" => Who::OtherTutor,
        "an instructor's" => Who::OtherInstructor,
        "the owner's" => Who::Owner,
        "a former member's" => Who::Former,
        "other class" => Who::Stranger,
        object => panic!("no membership is {object}"),
    }
}

fn query(world: &World<'_>, who: Who, row: &Row) -> String {
    match (row.method, row.path, row.deed) {
        ("DELETE", "/api/v1/me", "") => format!("?confirm={}", world.someone(who).person.email),
        ("DELETE", "/api/v1/classes/{id}", "confirmed") => format!("?confirm={NAME}"),
        ("DELETE", "/api/v1/tags/{id}", _) if row.object == "the class's" => "?confirm=Hedge".to_owned(),
        (_, _, "dry run") => "?dry_run=true".to_owned(),
        (_, _, "with messages") => "?include=messages&branches=all".to_owned(),
        (_, _, "as text") => "?format=markdown".to_owned(),
        _ => String::new(),
    }
}

fn body(world: &World<'_>, who: Who, row: &Row) -> Option<Value> {
    let message = json!({ "role": "user", "content": "And then?" });
    let body = match (row.method, row.path) {
        ("GET" | "DELETE", _) => return None,
        ("POST", "/api/v1/users") => {
            json!({ "email": new_address(), "display_name": "New", "password": PASSWORD })
        }
        ("POST", "/api/v1/sessions") => {
            json!({ "email": world.someone(Who::Author).person.email, "password": PASSWORD })
        }
        ("POST", "/api/v1/password_resets") => json!({ "token": world.reset_link(), "password": PASSWORD }),
        ("POST", "/api/v1/me/tokens") => json!({ "name": "script", "scope": "write" }),
        ("POST", "/api/v1/classes") => json!({ "name": "Rhetoric" }),
        ("POST", "/api/v1/classes/{id}/invites") => json!({ "role": role(row.deed) }),
        ("POST", "/api/v1/enrolments") => json!({ "invite_code": code(world, row.object) }),
        ("POST", "/api/v1/classes/{id}/conversations") => json!({ "title": "Typed", "messages": [message] }),
        ("POST", "/api/v1/conversations/{id}/messages") => json!({ "messages": [message] }),
        ("POST", "/api/v1/conversations/{id}/presentations") => json!({}),
        ("POST", "/api/v1/conversations/{id}/annotations") => json!({ "note": "Why?" }),
        ("POST", path) if path.ends_with("/restore") || path.ends_with("/dismiss") => return None,
        ("POST", "/api/v1/annotations/{id}/comments") => json!({ "body": "Because." }),
        ("POST", path) if path.ends_with("/flags") => json!({ "reason": "Look" }),
        ("POST", "/api/v1/classes/{id}/tags") => json!({ "name": new_address() }),
        ("POST", "/api/v1/classes/{id}/tags/import") => json!({ "lines": new_address() }),
        ("POST", "/api/v1/tags/{id}/merge") => json!({ "into": world.tag(who, "Target") }),
        ("PATCH", _) => patch(world, row),
        (method, path) => panic!("no body for {method} {path}"),
    };
    Some(body)
}

fn patch(world: &World<'_>, row: &Row) -> Value {
    match (row.path, row.deed) {
        ("/api/v1/me", "rename") => json!({ "display_name": "Renamed" }),
        ("/api/v1/me", "change the password") => {
            json!({ "password": "another horse battery", "current_password": PASSWORD })
        }
        ("/api/v1/classes/{id}", "rename") => json!({ "name": "Renamed" }),
        ("/api/v1/classes/{id}", "archive") => json!({ "status": "archived" }),
        ("/api/v1/classes/{id}", "hand over") => json!({ "owner": world.someone(Who::Author).enrolment }),
        ("/api/v1/enrolments/{id}", "section") => json!({ "section": "B" }),
        ("/api/v1/enrolments/{id}", "made a tutor") => json!({ "role": "tutor" }),
        ("/api/v1/enrolments/{id}", "made instructor") => json!({ "role": "instructor" }),
        ("/api/v1/enrolments/{id}", "made owner") => json!({ "role": "owner" }),
        ("/api/v1/enrolments/{id}", "taken back") => json!({ "state": "active" }),
        ("/api/v1/conversations/{id}", "rename") => json!({ "title": "Renamed" }),
        ("/api/v1/conversations/{id}", "share with the class") => json!({ "visibility": "class" }),
        ("/api/v1/comments/{id}", "words") => json!({ "body": "Because." }),
        ("/api/v1/comments/{id}", "hide") => json!({ "hidden": true }),
        ("/api/v1/tags/{id}", "define") => json!({ "definition": "Takes it back" }),
        ("/api/v1/presentations/{id}", "go on") => json!({ "step": 1 }),
        ("/api/v1/annotations/{id}", "note") => json!({ "note": "Because." }),
        ("/api/v1/annotations/{id}", "resolve") => json!({ "resolved": true }),
        ("/api/v1/annotations/{id}", "hide") => json!({ "hidden": true }),
        (path, deed) => panic!("nobody can {deed} at {path}"),
    }
}

fn role(deed: &str) -> &'static str {
    match deed {
        "for an auditor" => "auditor",
        "for a student" => "student",
        "for a tutor" => "tutor",
        "for an instructor" => "instructor",
        "for an owner" => "owner",
        deed => panic!("no invitation is {deed}"),
    }
}

fn code(world: &World<'_>, object: &str) -> String {
    match object {
        "the class" => world.code(),
        "other class" => world.other_code(),
        "missing" => "ZZZZ2222".to_owned(),
        object => panic!("no code for {object}"),
    }
}

fn new_address() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("new{}@example.org", COUNT.fetch_add(1, Ordering::SeqCst))
}
