//! A dump with rows in every table: their content is made up from the names of columns, so that a new table needs
//! nothing here, unless its words have to mean something.

use std::process::Command;

use migration::schema::{self, Column, Kind, Shape, Table};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::place::Place;

/// Rows of each table: one with everything, one with as little as may be, and one more that hangs on the first.
const ROWS: usize = 3;

/// Fills the database and writes it down as SQL.
pub(super) async fn dump(place: &Place) -> String {
    let db = place.look().await;
    let shape = schema::shape(&db).await.unwrap();
    let sqlite = !place.is_postgres();
    let inserts: Vec<String> = in_order(&shape).into_iter().flat_map(|name| inserts(&shape, name, sqlite)).collect();
    for insert in &inserts {
        db.execute_unprepared(insert).await.unwrap();
    }
    let definitions = if sqlite { of_sqlite(&db).await } else { of_postgres(place.url.expose()) };
    let inserts: Vec<String> = [records(&db).await, inserts].concat();
    format!("{}\n\n{}\n", definitions.join("\n\n"), inserts.join("\n"))
}

/// The tables, those first that others name.
fn in_order(shape: &Shape) -> Vec<&str> {
    let mut order: Vec<&str> = Vec::new();
    while order.len() < shape.tables.len() {
        let is_next = |(name, table): &(&String, &Table)| {
            let there = |target: &String| target == *name || order.contains(&target.as_str());
            !order.contains(&name.as_str()) && table.foreign_keys.iter().all(|key| there(&key.target))
        };
        let next = shape.tables.iter().find(is_next).unwrap().0;
        order.push(next);
    }
    order
}

fn inserts(shape: &Shape, name: &str, sqlite: bool) -> Vec<String> {
    let table = &shape.tables[name];
    let columns = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
    let insert = |row: usize| {
        let values: Vec<String> = table
            .columns
            .iter()
            .map(|column| value(shape, name, column, row, sqlite).unwrap_or("NULL".into()))
            .collect();
        format!("INSERT INTO \"{name}\" ({columns}) VALUES\n    ({});", values.join(", "))
    };
    (1..=ROWS).map(insert).collect()
}

/// A literal; nothing where the column may hold nothing in this row.
fn value(shape: &Shape, table: &str, column: &Column, row: usize, sqlite: bool) -> Option<String> {
    let id = |table: &str, row: usize| id(shape, table, row, sqlite);
    if column.nullable && row == 2 {
        return None;
    }
    let target = shape.tables[table].foreign_keys.iter().find(|key| key.columns == [column.name.clone()]);
    match target.map(|key| key.target.as_str()) {
        // A row of the same table hangs on the first, and that one on none.
        Some(target) if target == table => return (row > 1).then(|| id(target, 1)),
        Some(target) => return Some(id(target, row)),
        None => {}
    }
    let name = column.name.as_str();
    let number = i64::try_from(row).unwrap();
    Some(match &column.kind {
        Kind::Uuid if shape.tables[table].primary_key == [column.name.clone()] => id(table, row),
        Kind::Uuid => id("elsewhere", row),
        Kind::Text if !column.choices.is_empty() => {
            format!("'{}'", column.choices[(row - 1) % column.choices.len()])
        }
        Kind::Text => format!("'{}'", words(table, name, row)),
        Kind::Integer => number.to_string(),
        // Microseconds on a day in March 2026.
        Kind::BigInteger => (1_772_442_000_000_000 + number * 1_000_001).to_string(),
        Kind::Boolean => if row % 2 == 1 { "true" } else { "false" }.to_owned(),
        Kind::Json => format!("'{}'", json(table, name, row)),
        Kind::Bytes if sqlite => format!("x'{row:02x}00ff'"),
        Kind::Bytes => format!("'\\x{row:02x}00ff'"),
        Kind::Other(kind) => panic!("{table}.{name} is of the kind {kind}, which has no value here yet"),
    })
}

/// The key of a row: version 7, with the place of its table in the middle, so that two never have the same.
fn id(shape: &Shape, table: &str, row: usize, sqlite: bool) -> String {
    let place = shape.tables.keys().position(|name| name == table).unwrap_or(0xfff);
    let (time, rest) = (0x19ca_d8ca_u64, 0x8000_0000_0000_0000_u64 + u64::try_from(row).unwrap());
    let bytes = format!("'0{time:08x}000{:04x}{rest:016x}'", 0x7000 + place);
    if sqlite { format!("x{bytes}") } else { bytes }
}

fn words(table: &str, column: &str, row: usize) -> String {
    match (table, column) {
        ("user", "email") => format!("person{row}@example.org"),
        ("user", "display_name") => ["Ana Müller", "Ben O''Neill", "陈 Cem 🙂"][row - 1].to_owned(),
        ("class", "time_zone") => "Europe/Berlin".to_owned(),
        ("invite", "code") => format!("ABCDEFG{row}"),
        ("message", "content") => format!("What is a heap?\nIt''s a pile; \"{row}\"."),
        ("import", "format") => ["chatgpt", "claude", "text"][row - 1].to_owned(),
        ("conversation_source", "media_type") => "application/json".to_owned(),
        _ => format!("{} {row}", column.replace('_', " ")),
    }
}

fn json(table: &str, column: &str, row: usize) -> String {
    match (table, column) {
        ("message", "parts") => {
            format!("[{{\"kind\":\"text\",\"text\":\"What is a heap?\\nIt''s a pile; \\\"{row}\\\".\"}}]")
        }
        ("import", "report") => "{\"imported\":[],\"skipped\":[],\"failed\":[]}".to_owned(),
        _ => format!("{{\"number\":{row}}}"),
    }
}

/// The record of migrations, with a time that stays the same.
async fn records(db: &DatabaseConnection) -> Vec<String> {
    let names = column(db, "SELECT version AS line FROM seaql_migrations ORDER BY version").await;
    let insert =
        |name: &String| format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 1772442000);");
    names.iter().map(insert).collect()
}

async fn column(db: &DatabaseConnection, query: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

async fn of_sqlite(db: &DatabaseConnection) -> Vec<String> {
    assert_eq!(db.get_database_backend(), DbBackend::Sqlite);
    let query = "SELECT sql || ';' AS line FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' \
                 ESCAPE '\\' ORDER BY rowid";
    column(db, query)
        .await
        .iter()
        .map(|line| line.replace(", \"", ",\n    \"").replace(", CONSTRAINT", ",\n    CONSTRAINT"))
        .collect()
}

/// What PostgreSQL's own program says, without what belongs to a session of its own.
fn of_postgres(url: String) -> Vec<String> {
    let mut program = Command::new("pg_dump");
    program.args(["--schema-only", "--no-owner", "--no-privileges", "--no-comments", "--schema=public"]).arg(url);
    let output = program.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| {
        let session = ["--", "SET ", "SELECT pg_catalog.set_config", "\\", "CREATE SCHEMA public"];
        !session.iter().any(|begin| line.starts_with(begin))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).map(str::to_owned).collect()
}
