//! The kinds of column and index our tables are made of, so that a migration reads as a list.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// The key: a UUID made by the application.
pub(crate) fn id(name: &'static str) -> ColumnDef {
    let mut column = uuid(name);
    column.primary_key();
    column
}

/// A UUID, nearly always another table's key.
pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Uuid)
}

/// Text of any length.
pub(crate) fn text(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Text)
}

/// Microseconds since 1970-01-01 UTC. A number, because SQLite keeps dates as text that sorts wrongly.
pub(crate) fn moment(name: &'static str) -> ColumnDef {
    big_integer(name)
}

/// A number of 32 bits.
pub(crate) fn integer(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Integer)
}

/// A number of 64 bits. By its own name, because on SQLite the builder would write `integer` for both sizes, and the
/// schema document could not tell them apart.
pub(crate) fn big_integer(name: &'static str) -> ColumnDef {
    required(name, ColumnType::custom("bigint"))
}

/// Yes or no.
pub(crate) fn boolean(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Boolean)
}

/// Bytes.
pub(crate) fn bytes(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Blob)
}

/// JSON.
pub(crate) fn json(name: &'static str) -> ColumnDef {
    required(name, ColumnType::Json)
}

/// One word of a closed list, which the database checks.
pub(crate) fn choice<const N: usize>(name: &'static str, words: [&'static str; N]) -> ColumnDef {
    let mut column = text(name);
    column.check(Expr::col(name).is_in(words));
    column
}

/// The same column, where nothing may stand.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null();
    column
}

/// The same column, with what the rows hold that were there before it.
pub(crate) fn otherwise(mut column: ColumnDef, value: impl Into<Value>) -> ColumnDef {
    column.default(value.into());
    column
}

fn required(name: &'static str, kind: ColumnType) -> ColumnDef {
    let mut column = ColumnDef::new_with_type(name, kind);
    column.not_null();
    column
}

/// Rows that lie inside another go with it.
pub(crate) fn inside(table: &'static str, column: &'static str, parent: &'static str) -> ForeignKeyCreateStatement {
    foreign_key(table, column, parent, ForeignKeyAction::Cascade)
}

/// Looks after the whole transaction whether the row above is there, on PostgreSQL. It would look in the middle of a
/// cascade when a row loses two names at once, such as those of its author and of who hid it, find the row above gone and
/// this one not yet, and refuse the deletion. What a deletion does to the rows below is done at once all the same.
pub(crate) async fn checked_last(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let key = format!("{table}_{column}_fkey");
    let statement = format!("ALTER TABLE \"{table}\" ALTER CONSTRAINT \"{key}\" DEFERRABLE INITIALLY DEFERRED");
    manager.get_connection().execute_unprepared(&statement).await.map(drop)
}

/// Rows that only name another stay without it.
pub(crate) fn naming(table: &'static str, column: &'static str, other: &'static str) -> ForeignKeyCreateStatement {
    foreign_key(table, column, other, ForeignKeyAction::SetNull)
}

fn foreign_key(
    table: &'static str,
    column: &'static str,
    target: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.name(format!("{table}_{column}_fkey")).from(table, column).to(target, "id").on_delete(on_delete);
    key
}

/// Makes a table. Foreign keys stand in it from the start, because SQLite can add none later.
pub(crate) fn table<const C: usize, const F: usize>(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: [ColumnDef; C],
    foreign_keys: [ForeignKeyCreateStatement; F],
) -> impl Future<Output = Result<(), DbErr>> + Send {
    manager.create_table(definition(name, columns, foreign_keys))
}

/// Makes a table whose key is more than one column.
pub(crate) fn keyed<const C: usize, const K: usize, const F: usize>(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: [ColumnDef; C],
    key: [&'static str; K],
    foreign_keys: [ForeignKeyCreateStatement; F],
) -> impl Future<Output = Result<(), DbErr>> + Send {
    let mut primary = Index::create();
    for column in key {
        primary.col(column);
    }
    let mut table = definition(name, columns, foreign_keys);
    table.primary_key(&mut primary);
    manager.create_table(table)
}

fn definition<const C: usize, const F: usize>(
    name: &'static str,
    columns: [ColumnDef; C],
    foreign_keys: [ForeignKeyCreateStatement; F],
) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    for mut key in foreign_keys {
        table.foreign_key(&mut key);
    }
    table.to_owned()
}

/// Makes an index that lists or foreign keys need.
pub(crate) async fn index<const N: usize>(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: [&'static str; N],
) -> Result<(), DbErr> {
    let name = format!("{table}_{}_idx", columns.join("_"));
    create_index(manager, Index::create().name(name), table, columns).await
}

/// Makes an index of which no two rows may have the same entry. An index rather than a constraint, because those of
/// SQLite have no name.
pub(crate) async fn unique<const N: usize>(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
    columns: [&'static str; N],
) -> Result<(), DbErr> {
    let name = format!("{table}_{name}_key");
    create_index(manager, Index::create().name(name).unique(), table, columns).await
}

async fn create_index<const N: usize>(
    manager: &SchemaManager<'_>,
    index: &mut IndexCreateStatement,
    table: &'static str,
    columns: [&'static str; N],
) -> Result<(), DbErr> {
    index.table(table);
    for column in columns {
        index.col(column);
    }
    manager.create_index(index.to_owned()).await
}

/// Drops tables, those that name others first.
pub(crate) async fn drop_tables<const N: usize>(
    manager: &SchemaManager<'_>,
    names: [&'static str; N],
) -> Result<(), DbErr> {
    for name in names {
        manager.drop_table(Table::drop().table(name).to_owned()).await?;
    }
    Ok(())
}
