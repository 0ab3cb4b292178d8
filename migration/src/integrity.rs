//! What a run may not do to the rows that are there.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::{MigrationError, schema};

/// SQLite checked no foreign key during the run, so all are checked at its end; PostgreSQL checks each as it goes.
pub(crate) async fn require_intact(transaction: &impl ConnectionTrait) -> Result<(), MigrationError> {
    if transaction.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let check = "SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_check ORDER BY 1";
    let rows = transaction.query_all_raw(Statement::from_string(DbBackend::Sqlite, check)).await?;
    let tables: Vec<String> = rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, DbErr>>()?;
    if tables.is_empty() { Ok(()) } else { Err(MigrationError::ForeignKeys { tables }) }
}

/// How many rows each table has that hangs below another: what a careless change of the parent deletes.
pub(crate) async fn child_rows(db: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>, MigrationError> {
    let mut counts = BTreeMap::new();
    for (name, table) in schema::shape(db).await?.tables {
        if !table.foreign_keys.is_empty() {
            let count = format!("SELECT count(*) AS rows FROM \"{name}\"");
            let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), count)).await?;
            counts.insert(name, row.map(|row| row.try_get("", "rows")).transpose()?.unwrap_or_default());
        }
    }
    Ok(counts)
}

/// Fails if one of those tables has fewer rows than before.
pub(crate) async fn require_rows(
    db: &impl ConnectionTrait,
    before: BTreeMap<String, i64>,
) -> Result<(), MigrationError> {
    if before.is_empty() {
        return Ok(());
    }
    let now = child_rows(db).await?;
    for (table, before) in before {
        match now.get(&table) {
            Some(&after) if after < before => return Err(MigrationError::RowsLost { table, before, after }),
            // A table that is gone was dropped on purpose.
            _ => {}
        }
    }
    Ok(())
}
