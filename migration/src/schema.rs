//! What a migrated database looks like, read from its own catalogue.

mod document;
mod drift;
mod read;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use sqlx::{
    ConnectOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use crate::MigrationError;

pub use drift::drift;

/// The tables of a database, without the record of migrations. Two databases with equal shapes hold the same, whatever
/// their engines call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// By name.
    pub tables: BTreeMap<String, Table>,
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In the order they were declared in.
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub primary_key: Vec<String>,
    /// Sorted by their columns.
    pub foreign_keys: Vec<ForeignKey>,
    /// By name, without the one of the primary key.
    pub indexes: BTreeMap<String, Index>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold nothing.
    pub nullable: bool,
    /// The words it may hold, where the database checks them; sorted.
    pub choices: Vec<String>,
}

/// What a column holds, whatever an engine calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Uuid,
    /// Text.
    Text,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInteger,
    /// Yes or no.
    Boolean,
    /// JSON.
    Json,
    /// Bytes.
    Bytes,
    /// Something our migrations do not make.
    Other(String),
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    /// The columns that name the other row.
    pub columns: Vec<String>,
    /// The other table.
    pub target: String,
    /// Its columns.
    pub target_columns: Vec<String>,
    /// What happens to this row when the other is deleted.
    pub on_delete: Action,
}

/// What a foreign key does when the row it names is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The row goes too.
    Cascade,
    /// The row stays and names nothing.
    SetNull,
    /// The deletion fails, or what else the engine does by default.
    Refuse,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its columns in order.
    pub columns: Vec<String>,
    /// Whether no two rows may have the same entry.
    pub unique: bool,
}

/// The shape of a database.
pub async fn shape(db: &impl ConnectionTrait) -> Result<Shape, DbErr> {
    Ok(read::read(db).await?.0)
}

/// The schema document: the shape in Markdown, with the types as this engine declares them.
pub async fn document(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    let (shape, types) = read::read(db).await?;
    Ok(document::render(&shape, &types))
}

/// The schema document of a database made for the purpose, in memory.
pub async fn current_document() -> Result<String, MigrationError> {
    let db = scratch().await?;
    crate::up_on(&db).await?;
    let text = document(&db).await?;
    crate::connect::close(db).await;
    Ok(text)
}

/// An empty SQLite database in memory.
pub(crate) async fn scratch() -> Result<DatabaseConnection, MigrationError> {
    let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options).await;
    let failed = |source| MigrationError::Connect { database: "sqlite::memory:".to_owned(), source };
    pool.map(DatabaseConnection::from).map_err(failed)
}
