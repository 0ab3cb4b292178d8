//! The authorisation matrix: `table.txt` says what every caller is answered by every route for every kind of object,
//! typed by hand from the design. Here it is walked against a real server.

mod ask;
mod lists;
mod strict;
mod table;
mod time;
mod walk;
mod world;

use std::collections::BTreeSet;

use api::routes::{self, Audience};
use tests::{Response, TestApp};

use self::{
    ask::Ask,
    table::rows,
    walk::{snapshot, walk},
    world::{MISSING, Who, World},
};

/// The groups of the table, each walked by a test of its own.
const GROUPS: [&str; 9] = [
    "account",
    "class",
    "enrolment",
    "conversation, read",
    "conversation, write",
    "annotation",
    "presentations",
    "codebook",
    "discussion",
];

type Routes = BTreeSet<(String, String)>;

fn routes_where(wanted: impl Fn(&routes::Route) -> bool) -> Routes {
    let wanted = routes::table().into_iter().filter(wanted);
    wanted.map(|route| (route.method.to_string(), route.path.to_owned())).collect()
}

#[test]
fn the_table_holds_exactly_the_routes_there_are() {
    let typed: Routes = rows().iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    assert_eq!(typed, routes_where(|_| true));
}

#[test]
fn every_row_is_walked_once() {
    let rows = rows();
    let groups: BTreeSet<&str> = rows.iter().map(|row| row.group).collect();
    assert_eq!(groups, BTreeSet::from(GROUPS));
    let distinct: BTreeSet<_> = rows.iter().map(|row| (row.method, row.path, row.object, row.deed)).collect();
    assert_eq!(distinct.len(), rows.len(), "a row stands twice in the table");
}

#[test]
fn every_route_with_an_id_has_rows_for_what_is_foreign_and_what_is_missing() {
    let with = |objects: &[&str]| -> Routes {
        let found = rows().into_iter().filter(|row| row.has_id() && objects.contains(&row.object));
        found.map(|row| (row.method.to_owned(), row.path.to_owned())).collect()
    };
    let expected = routes_where(|route| route.path.contains("{id}"));
    assert_eq!(with(&["missing"]), expected);
    assert_eq!(with(&["other class", "another's"]), expected);
}

#[test]
fn accounts_are_for_their_owners() {
    walk("account");
}

#[test]
fn classes_and_invitations_follow_the_rights_of_the_role() {
    walk("class");
}

#[test]
fn memberships_follow_the_rights_of_the_role() {
    walk("enrolment");
}

#[test]
fn conversations_are_read_as_far_as_they_are_shared() {
    walk("conversation, read");
}

#[test]
fn conversations_are_changed_by_their_owners_alone() {
    walk("conversation, write");
}

#[test]
fn annotations_are_seen_as_far_as_they_are_for_and_changed_by_their_authors() {
    walk("annotation");
}

#[test]
fn presentations_are_followed_by_readers_and_moved_by_their_presenters() {
    walk("presentations");
}

#[test]
fn tags_of_a_class_are_for_its_members_and_private_ones_for_their_owners() {
    walk("codebook");
}

#[test]
fn comments_and_flags_follow_the_annotation_they_are_on() {
    walk("discussion");
}

/// Everything an answer is made of, but for the clock and the hop: `connection: close` depends on whether a body that
/// nobody reads had come in whole when the answer went out.
fn bytes(answer: &Response) -> (u16, Vec<String>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "connection"].contains(&name.as_str()));
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    (answer.status, headers, answer.body.escape_ascii().to_string())
}

#[test]
fn what_may_not_be_seen_answers_the_same_bytes_as_what_is_missing() {
    let app = TestApp::start();
    let world = World::new(&app);
    let mut compared = Routes::new();
    for row in rows().iter().filter(|row| row.has_id()) {
        // The measure: a member of the class asks for what nobody has.
        let measure = Ask::missing(&world, Who::Student, row).send(&world.client(Who::Student));
        assert_eq!((measure.status, measure.str("code").as_str()), (404, "not_found"), "{row:?}");
        let measure = bytes(&measure);
        for (who, _) in row.cells.iter().filter(|(_, cell)| cell.status == 404) {
            let answer = Ask::of(&world, *who, row).send(&world.client(*who));
            assert_eq!(bytes(&answer), measure, "{who:?}: {row:?}");
            if row.object != "missing" {
                compared.insert((row.method.to_owned(), row.path.to_owned()));
            }
        }
    }
    assert_eq!(compared, routes_where(|route| route.path.contains("{id}")));
}

/// Without a session nobody learns whether a thing is there, how its body is read, or that a query is wrong.
#[test]
fn who_is_not_signed_in_is_answered_before_anything_else_is_read() {
    let app = TestApp::start();
    let world = World::new(&app);
    let disabled = world.someone(Who::Disabled).person.client.with("x-request-id", "matrix");
    for (client, code) in [(world.client(Who::Anonymous), "token_missing"), (disabled, "token_invalid")] {
        for (method, path) in routes_where(|route| route.audience == Audience::SignedIn) {
            let (content_type, body) = if method == "GET" { (None, "") } else { (Some("text/plain"), "{") };
            let send = |path: &str| client.send(&method, path, content_type, body.into());
            let measure = send(&path.replace("{id}", &world.class)).is_problem(401, code);
            for id in [MISSING, "no-id", "%00"] {
                let answer = send(&(path.replace("{id}", id) + "?surprise=1"));
                assert_eq!(bytes(&answer), bytes(&measure), "{method} {path} with {id}");
            }
        }
    }
}

#[test]
fn a_token_of_a_disabled_account_opens_nothing_until_the_account_is_enabled() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let wanted = tests::json!({ "name": "script", "scope": "write" });
    let token = app.anonymous().bearer(&ana.post("/api/v1/me/tokens", wanted).is(201).str("token"));
    token.get("/api/v1/me").is(200);
    let email = || ::service::text::Email::parse(&ana.email).unwrap();
    let at = || app.clock.now().into();
    app.run(::service::admin::disable(&app.db, at(), email())).unwrap();
    let before = snapshot(&app);
    for (method, path) in routes_where(|route| route.audience == Audience::SignedIn) {
        let path = path.replace("{id}", MISSING);
        token.send(&method, &path, None, Vec::new()).is_problem(401, "account_disabled");
    }
    assert_eq!(snapshot(&app), before);
    app.run(::service::admin::enable(&app.db, at(), email())).unwrap();
    token.get("/api/v1/me").is(200);
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
}
