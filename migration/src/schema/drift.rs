//! What differs between the schema of a database and the one the migrations make.

use std::collections::BTreeMap;

use super::{Shape, Table};
use crate::{
    DatabaseUrl, MigrationError, SchemaState,
    connect::{self, Purpose},
};

/// Every difference, one line each; none when the database is what this program works with. Reads only.
///
/// Tables that no migration makes are not looked at: a database may be shared.
pub async fn drift(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    let db = connect::open(url, Purpose::Read).await?;
    let found = async { Ok::<_, MigrationError>((crate::check(&db).await?, super::shape(&db).await?)) }.await;
    connect::close(db).await;
    let (state, live) = found?;
    let records = match state {
        SchemaState::Current => Vec::new(),
        SchemaState::Behind { pending } => pending.into_iter().map(|name| format!("{name}: is not applied")).collect(),
        SchemaState::Ahead { unknown } => {
            unknown.into_iter().map(|name| format!("{name}: is from a newer version of this program")).collect()
        }
    };
    let scratch = super::scratch().await?;
    crate::up_on(&scratch).await?;
    let expected = super::shape(&scratch).await?;
    connect::close(scratch).await;
    Ok([records, differences(&expected, &live)].concat())
}

/// What `live` has otherwise than `expected`.
fn differences(expected: &Shape, live: &Shape) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, table) in &expected.tables {
        match live.tables.get(name) {
            None => lines.push(format!("{name}: the table is missing")),
            Some(found) => of_table(name, table, found, &mut lines),
        }
    }
    lines
}

fn of_table(name: &str, expected: &Table, live: &Table, lines: &mut Vec<String>) {
    let columns = |table: &Table| -> BTreeMap<String, String> {
        let said = |column: &super::Column| {
            let null = if column.nullable { "may be null" } else { "not null" };
            format!("{:?}, {null}, one of {:?}", column.kind, column.choices)
        };
        table.columns.iter().map(|column| (format!("{name}.{}", column.name), said(column))).collect()
    };
    compare(&columns(expected), &columns(live), lines);
    let rest = |table: &Table| -> BTreeMap<String, String> {
        let key = (format!("{name}: primary key"), list(&table.primary_key));
        let foreign = table.foreign_keys.iter().map(|key| {
            let place = format!("{name}: foreign key {}", list(&key.columns));
            (place, format!("{} {}, on delete {:?}", key.target, list(&key.target_columns), key.on_delete))
        });
        let indexes = table.indexes.iter().map(|(index, of)| {
            let what = if of.unique { "unique" } else { "not unique" };
            (format!("{name}: index {index}"), format!("{}, {what}", list(&of.columns)))
        });
        [key].into_iter().chain(foreign).chain(indexes).collect()
    };
    compare(&rest(expected), &rest(live), lines);
}

fn list(columns: &[String]) -> String {
    format!("({})", columns.join(", "))
}

/// A line for each place where the two say different things.
fn compare(expected: &BTreeMap<String, String>, live: &BTreeMap<String, String>, lines: &mut Vec<String>) {
    for (place, wanted) in expected {
        match live.get(place) {
            None => lines.push(format!("{place}: is missing, expected {wanted}")),
            Some(found) if found != wanted => {
                lines.push(format!("{place}: expected {wanted}, found {found}"));
            }
            Some(_) => {}
        }
    }
    for (place, found) in live.iter().filter(|(place, _)| !expected.contains_key(*place)) {
        lines.push(format!("{place}: is not ours, found {found}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Action, Kind, scratch, shape};

    #[tokio::test]
    async fn every_kind_of_difference_is_one_line_that_says_both_sides() {
        let db = scratch().await.unwrap();
        crate::up_on(&db).await.unwrap();
        let expected = shape(&db).await.unwrap();
        assert_eq!(differences(&expected, &expected), Vec::<String>::new());
        let line = |change: fn(&mut Table)| {
            let mut live = expected.clone();
            change(live.tables.get_mut("session").unwrap());
            let mut lines = differences(&expected, &live);
            assert_eq!(lines.len(), 1, "{lines:?}");
            lines.remove(0)
        };
        let nullable = line(|table| table.columns[1].nullable ^= true);
        assert!(nullable.contains("not null") && nullable.contains("may be null"), "{nullable}");
        assert!(line(|table| table.columns[1].kind = Kind::Boolean).contains("found Boolean"));
        assert!(line(|table| table.columns[1].choices.push("x".into())).contains("found"));
        assert!(line(|table| drop(table.columns.pop())).contains("is missing"));
        assert!(
            line(|table| drop(table.primary_key.pop())).starts_with("session: primary key: expected (id), found ()")
        );
        let action = line(|table| table.foreign_keys[0].on_delete = Action::SetNull);
        assert!(action.contains("on delete Cascade") && action.contains("on delete SetNull"), "{action}");
        assert!(line(|table| drop(table.foreign_keys.pop())).contains("foreign key (user_id): is missing"));
        let unique = line(|table| table.indexes.get_mut("session_token_hash_key").unwrap().unique = false);
        assert!(unique.contains("unique") && unique.ends_with("not unique"), "{unique}");
        assert!(line(|table| drop(table.indexes.pop_first())).contains("is missing"));
        let mut live = expected.clone();
        live.tables.remove("session");
        live.tables.insert("others".to_owned(), Table::default());
        assert_eq!(differences(&expected, &live), ["session: the table is missing"]);
    }
}
