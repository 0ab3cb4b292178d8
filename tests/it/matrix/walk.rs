//! Sends every request of a group of the table and compares. All that is refused or only read happens in one world,
//! which must stay as it is to the last column. Changes that are granted happen in a second one, and those that would take
//! something from the cells after them each in one of their own.

use std::collections::BTreeSet;

use sea_orm::EntityTrait;
use tests::{Response, TestApp, json};

use super::{
    ask::Ask,
    table::{Cell, Row, rows},
    world::{Who, World},
};

/// Every row of every table, as it stands in the database.
pub(super) fn snapshot(app: &TestApp) -> BTreeSet<String> {
    macro_rules! all {
        ($($table:ident),*) => {
            app.run(async {
                let mut lines = BTreeSet::new();
                $(for row in service::entity::$table::Entity::find().all(app.db.connection()).await.unwrap() {
                    lines.insert(format!("{} {row:?}", stringify!($table)));
                })*
                lines
            })
        };
    }
    all!(
        annotation,
        annotation_tag,
        api_token,
        class,
        comment,
        conversation,
        conversation_source,
        enrolment,
        event,
        external_identity,
        flag,
        idempotency_key,
        import,
        invite,
        mention,
        message,
        presentation,
        rendering,
        reset_link,
        session,
        sign_in_attempt,
        tag,
        user
    )
}

/// Walks one group of the table; tells of every cell that differs.
pub(super) fn walk(group: &str) {
    let app = TestApp::start();
    let mut wrong = Vec::new();
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.group == group).collect();
    assert!(!rows.is_empty(), "no such group: {group}");
    let (standing, shared) = (World::new(&app), World::new(&app));
    // The class holds others' work from the beginning.
    standing.conversation(Who::Author);
    for row in &rows {
        refused(&standing, row, &mut wrong);
    }
    for row in rows.iter().filter(|row| row.is_write()) {
        for (who, cell) in row.cells.iter().filter(|(_, cell)| cell.status < 400) {
            let answer = if takes(row) { granted(&World::new(&app), *who, row) } else { granted(&shared, *who, row) };
            compare(row, *who, *cell, &answer, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} cells differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Everything of a row that must change nothing.
fn refused(world: &World<'_>, row: &Row, wrong: &mut Vec<String>) {
    let cells = row.cells.iter().filter(|(_, cell)| !row.is_write() || cell.status >= 400);
    let asked: Vec<_> = cells.map(|(who, cell)| (*who, *cell, world.client(*who), Ask::of(world, *who, row))).collect();
    let before = snapshot(world.app);
    for (who, cell, client, ask) in asked {
        compare(row, who, cell, &ask.send(&client), wrong);
    }
    let after = snapshot(world.app);
    let changed: Vec<&String> = before.symmetric_difference(&after).collect();
    if !changed.is_empty() {
        wrong.push(format!("{} {} {}: refused, yet changed {changed:#?}", row.method, row.path, row.object));
    }
}

/// Whether what the row does takes something that other cells ask for: a person, a membership, an object, a right.
fn takes(row: &Row) -> bool {
    match (row.method, row.path) {
        // Everybody has a session and a token that only this is for.
        ("DELETE", "/api/v1/sessions/{id}" | "/api/v1/me/tokens/{id}") => false,
        ("DELETE", "/api/v1/annotations/{id}/flags" | "/api/v1/comments/{id}/flags") => false,
        ("POST", "/api/v1/tags/{id}/merge") => true,
        ("DELETE", _) | ("POST", "/api/v1/enrolments") => true,
        ("PATCH", _) => {
            !matches!(row.deed, "rename" | "section" | "share with the class" | "note" | "resolve" | "words")
        }
        _ => false,
    }
}

fn granted(world: &World<'_>, who: Who, row: &Row) -> Response {
    if (row.method, row.path, row.deed) == ("DELETE", "/api/v1/classes/{id}", "confirmed") {
        world.conversation(Who::Author);
        let class = format!("/api/v1/classes/{}", world.class);
        world.someone(Who::Owner).person.patch(&class, json!({ "status": "archived" })).is(200);
    }
    let client = world.client(who);
    Ask::of(world, who, row).send(&client)
}

fn compare(row: &Row, who: Who, cell: Cell, answer: &Response, wrong: &mut Vec<String>) {
    let code = (answer.status >= 400).then(|| answer.str("code"));
    if (answer.status, code.as_deref()) != (cell.status, cell.code) {
        let Row { method, path, object, deed, .. } = row;
        let expected = format!("{} {}", cell.status, cell.code.unwrap_or_default());
        let found = answer.text();
        wrong.push(format!(
            "{method} {path} [{object}] {deed} as {who:?}: expected {expected}, found {} {found}",
            answer.status
        ));
    }
}
