//! Rebuilding a table, which is how SQLite changes anything of it but a new column at its end.
//!
//! Dropping the old table would delete every row below it, were foreign keys enforced; and they can only be switched
//! off before a transaction begins. The runner does that, and this module refuses to work where it was not done.

use std::collections::BTreeSet;

use sea_orm_migration::{
    SchemaManager,
    prelude::{Alias, DbErr, IntoTableRef, Table, TableCreateStatement},
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

/// Gives the table that `definition` names this form. It keeps its rows, its indexes, and the rows below it.
///
/// Columns that are in both forms are copied; `fill` has an SQL expression over the old columns for every other one
/// that must hold something, and for those whose content changes. An index over a column that is gone has to be dropped
/// before. For SQLite alone: on PostgreSQL `ALTER TABLE` does all of it in place.
///
/// # Errors
/// What the database says; [`DbErr::Migration`] on another engine, where foreign keys are enforced, and if a row would
/// be lost.
pub async fn table(
    manager: &SchemaManager<'_>,
    name: &'static str,
    definition: &mut TableCreateStatement,
    fill: &[(&str, &str)],
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    require_unenforced(db).await?;
    let rebuilt = format!("{name}_rebuilt");
    let indexes = indexes(db, name).await?;
    db.execute(definition.table(Alias::new(&rebuilt))).await?;
    copy(db, name, &rebuilt, fill).await?;
    db.execute(Table::drop().table(name)).await?;
    db.execute(Table::rename().table(Alias::new(&rebuilt).into_table_ref(), name.into_table_ref())).await?;
    for index in indexes {
        db.execute_unprepared(&index).await?;
    }
    Ok(())
}

async fn require_unenforced(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Err(DbErr::Migration("a table is only rebuilt on SQLite; use ALTER TABLE here".to_owned()));
    }
    match number(db, "SELECT foreign_keys AS n FROM pragma_foreign_keys").await? {
        0 => Ok(()),
        _ => Err(DbErr::Migration(
            "a table is only rebuilt while foreign keys are not enforced: it would lose the rows below it".to_owned(),
        )),
    }
}

/// What makes the table's indexes, but those that belong to its definition.
async fn indexes(db: &impl ConnectionTrait, table: &str) -> Result<Vec<String>, DbErr> {
    let query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name";
    let query = Statement::from_sql_and_values(DbBackend::Sqlite, query, [table.into()]);
    db.query_all_raw(query).await?.iter().map(|row| row.try_get("", "sql")).collect()
}

async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<BTreeSet<String>, DbErr> {
    let query = "SELECT name FROM pragma_table_info(?)";
    let query = Statement::from_sql_and_values(DbBackend::Sqlite, query, [table.into()]);
    db.query_all_raw(query).await?.iter().map(|row| row.try_get("", "name")).collect()
}

async fn copy(db: &impl ConnectionTrait, from: &str, to: &str, fill: &[(&str, &str)]) -> Result<(), DbErr> {
    let (old, new) = (columns(db, from).await?, columns(db, to).await?);
    let same = old.intersection(&new).filter(|name| fill.iter().all(|(filled, _)| filled != name));
    let (mut into, mut values): (Vec<_>, Vec<_>) = same.map(|name| (quoted(name), quoted(name))).unzip();
    for (column, expression) in fill {
        into.push(quoted(column));
        values.push((*expression).to_owned());
    }
    let (into, values, source, target) = (into.join(", "), values.join(", "), quoted(from), quoted(to));
    db.execute_unprepared(&format!("INSERT INTO {target} ({into}) SELECT {values} FROM {source}")).await?;
    let lost = format!("SELECT (SELECT count(*) FROM {source}) - (SELECT count(*) FROM {target}) AS n");
    match number(db, &lost).await? {
        0 => Ok(()),
        rows => Err(DbErr::Migration(format!("rebuilding {from} would lose {rows} rows"))),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

async fn number(db: &impl ConnectionTrait, query: &str) -> Result<i64, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, query)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}
