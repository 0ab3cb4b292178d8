//! A mention is a reference in the words of a comment: U+0001 and a letter, `a` for the row of `mention` with place 0.
//!
//! Words that were there before get their references where it is clear who is meant: where "@" and a name stand that
//! exactly one of the people has whom the comment names, be it the name of the account or the one made up for the
//! class. What stays as it was written: a name that two of them have, a name that the person has given up since, one
//! that is followed by more letters, and whatever stands without "@" or of whom the comment does not name.

mod made_up;
mod words;

use std::collections::HashMap;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value, prelude::Uuid},
};

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Comments that are read at once.
const PAGE: usize = 500;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let place = otherwise(integer("place"), 0);
        manager.alter_table(Table::alter().table("mention").add_column(place).to_owned()).await?;
        // Nobody sees the places: any order will do.
        let number = "UPDATE mention SET place = (SELECT count(*) FROM mention AS m \
                      WHERE m.comment_id = mention.comment_id AND m.user_id < mention.user_id)";
        let db = manager.get_connection();
        db.execute_unprepared(number).await?;
        each(db, words::woven).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        each(manager.get_connection(), words::worded).await?;
        manager.alter_table(Table::alter().table("mention").drop_column("place").to_owned()).await
    }
}

/// Somebody whom a comment names.
#[derive(FromQueryResult)]
struct Named {
    comment_id: Uuid,
    place: i32,
    name: String,
    enrolment_id: Option<Uuid>,
    secret: Vec<u8>,
    /// Whether others see the made-up name.
    masked: i32,
}

/// The same, with the name that is made up from it.
struct Person {
    place: i32,
    name: String,
    made_up: Option<String>,
    is_masked: bool,
}

impl From<Named> for Person {
    fn from(row: Named) -> Self {
        let made_up = row.enrolment_id.map(|id| made_up::name(&row.secret, id));
        Self { place: row.place, name: row.name, made_up, is_masked: row.masked > 0 }
    }
}

/// Changes the words of each comment that may hold a name or a reference.
async fn each(db: &impl ConnectionTrait, change: impl Fn(&str, &[Person]) -> String) -> Result<(), DbErr> {
    let mut after = Uuid::nil();
    loop {
        let page = bodies(db, after).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        let mut people = named(db, after, *last).await?;
        after = *last;
        for (id, body) in page {
            let changed = change(&body, &people.remove(&id).unwrap_or_default());
            if changed != body {
                let query = "UPDATE comment SET body = $1 WHERE id = $2";
                db.execute_raw(statement(db, query, [changed.into(), id.into()])).await?;
            }
        }
    }
}

fn statement<const N: usize>(db: &impl ConnectionTrait, query: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), query, values)
}

/// Comments after one, as many as are read at once.
async fn bodies(db: &impl ConnectionTrait, after: Uuid) -> Result<Vec<(Uuid, String)>, DbErr> {
    let query = format!(
        "SELECT id, body FROM comment WHERE id > $1 AND (body LIKE '%@%' OR body LIKE $2) ORDER BY id LIMIT {PAGE}"
    );
    let rows = db.query_all_raw(statement(db, &query, [after.into(), "%\u{1}%".into()])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "body")?))).collect()
}

/// Whom the comments after one up to another name.
async fn named(db: &impl ConnectionTrait, after: Uuid, last: Uuid) -> Result<HashMap<Uuid, Vec<Person>>, DbErr> {
    let query = "SELECT mention.comment_id, mention.place, \"user\".display_name AS name, \
         enrolment.id AS enrolment_id, class.secret, \
         CASE WHEN class.naming = 'pseudonyms' AND enrolment.role IN ('student', 'auditor') THEN 1 ELSE 0 END AS masked \
         FROM mention JOIN comment ON comment.id = mention.comment_id \
         JOIN annotation ON annotation.id = comment.annotation_id \
         JOIN conversation ON conversation.id = annotation.conversation_id \
         JOIN class ON class.id = conversation.class_id \
         JOIN \"user\" ON \"user\".id = mention.user_id \
         LEFT JOIN enrolment ON enrolment.class_id = class.id AND enrolment.user_id = mention.user_id \
         WHERE mention.comment_id > $1 AND mention.comment_id <= $2 ORDER BY mention.place";
    let mut people = HashMap::<Uuid, Vec<Person>>::new();
    for row in db.query_all_raw(statement(db, query, [after.into(), last.into()])).await? {
        let row = Named::from_query_result(&row, "")?;
        people.entry(row.comment_id).or_default().push(row.into());
    }
    Ok(people)
}
