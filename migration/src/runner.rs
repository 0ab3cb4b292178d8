//! The locked runner: applies and takes back migrations, all of a run in one transaction, one process at a time.
//!
//! Generic over the list of migrations, so that tests can bring failing ones. What the list says about transactions
//! (`use_transaction`) does not count here: both engines can change a schema inside a transaction, and one around the
//! whole run is what leaves nothing behind. A statement that cannot run in one has no place in a migration.

use std::{collections::BTreeMap, path::PathBuf};

use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager, prelude::Table, seaql_migrations};

use crate::{
    DatabaseUrl, MigrationError,
    connect::{self, Purpose},
    integrity::{child_rows, require_intact, require_rows},
    keep,
    lock::{FileLock, WAIT},
    schema,
    unit::Unit,
};

/// The names of the migrations that a run applied or took back, in the order it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The names.
    pub migrations: Vec<String>,
    /// Where the database of before was copied to.
    pub copy: Option<PathBuf>,
}

/// How a database's schema stands against this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// What this program expects.
    Current,
    /// Older.
    Behind {
        /// The migrations still to be applied.
        pending: Vec<String>,
    },
    /// Newer.
    Ahead {
        /// The migrations this program does not know.
        unknown: Vec<String>,
    },
}

/// See [`crate::up`].
pub async fn up<M: MigratorTrait>(url: &DatabaseUrl) -> Result<Applied, MigrationError> {
    let db = connect::open(url, Purpose::Migrate).await?;
    let done = up_if_behind::<M>(url, &db).await;
    connect::close(db).await;
    done
}

/// Most starts find nothing to do; they take no lock and write nothing.
async fn up_if_behind<M: MigratorTrait>(url: &DatabaseUrl, db: &DatabaseConnection) -> Result<Applied, MigrationError> {
    if check::<M>(db).await? == SchemaState::Current {
        return Ok(Applied::default());
    }
    let _lock = exclude_others(url, db).await?;
    let copy = match (url.path(), check::<M>(db).await?) {
        // Somebody else may have migrated while we waited for the lock.
        (Some(path), SchemaState::Behind { pending }) => match pending.first() {
            Some(first) => keep::copy(db, path, first).await?,
            None => None,
        },
        _ => None,
    };
    Ok(Applied { copy, ..up_on::<M>(db).await? })
}

/// See [`crate::up_on`].
pub async fn up_on<M: MigratorTrait>(db: &DatabaseConnection) -> Result<Applied, MigrationError> {
    let unit = Unit::begin(db).await?;
    let done = apply::<M>(&unit).await;
    unit.end(done).await
}

/// See [`crate::down`].
pub async fn down<M: MigratorTrait>(url: &DatabaseUrl, steps: usize) -> Result<Applied, MigrationError> {
    let db = connect::open(url, Purpose::Undo).await?;
    let done = match exclude_others(url, &db).await {
        Ok(_lock) => down_on::<M>(&db, steps).await,
        Err(error) => Err(error),
    };
    connect::close(db).await;
    done
}

/// [`down`] on a connection of the caller's.
pub async fn down_on<M: MigratorTrait>(db: &DatabaseConnection, steps: usize) -> Result<Applied, MigrationError> {
    let unit = Unit::begin(db).await?;
    let done = take_back::<M>(&unit, steps).await;
    unit.end(done).await
}

/// See [`crate::fresh`].
pub async fn fresh<M: MigratorTrait>(url: &DatabaseUrl, production: bool) -> Result<Applied, MigrationError> {
    if production {
        return Err(MigrationError::Production);
    }
    let tables = tables_of::<M>().await?;
    let db = connect::open(url, Purpose::Migrate).await?;
    let done = match exclude_others(url, &db).await {
        Ok(_lock) => rebuild::<M>(&db, tables).await,
        Err(error) => Err(error),
    };
    connect::close(db).await;
    done
}

async fn rebuild<M: MigratorTrait>(db: &DatabaseConnection, tables: Vec<String>) -> Result<Applied, MigrationError> {
    let unit = Unit::begin(db).await?;
    let done = match drop_tables::<M>(&unit, tables).await {
        Ok(()) => apply::<M>(&unit).await,
        Err(error) => Err(error),
    };
    unit.end(done).await
}

/// See [`crate::status`].
pub async fn status<M: MigratorTrait>(url: &DatabaseUrl) -> Result<Vec<(String, bool)>, MigrationError> {
    let names = M::migrations().into_iter().map(|migration| migration.name().to_owned());
    if url.is_memory() || url.path().is_some_and(|path| !path.exists()) {
        return Ok(names.map(|name| (name, false)).collect());
    }
    let db = connect::open(url, Purpose::Read).await?;
    let recorded = known::<M>(&db).await;
    connect::close(db).await;
    let recorded = recorded?;
    Ok(names
        .map(|name| {
            let applied = recorded.contains(&name);
            (name, applied)
        })
        .collect())
}

/// See [`crate::check`].
pub async fn check<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<SchemaState, MigrationError> {
    let recorded = match known::<M>(db).await {
        Err(MigrationError::Ahead { unknown }) => return Ok(SchemaState::Ahead { unknown }),
        recorded => recorded?,
    };
    let names = M::migrations().into_iter().map(|migration| migration.name().to_owned());
    let pending: Vec<String> = names.filter(|name| !recorded.contains(name)).collect();
    Ok(if pending.is_empty() { SchemaState::Current } else { SchemaState::Behind { pending } })
}

/// The names recorded in the database; an error where one is not in the list.
async fn known<M: MigratorTrait>(db: &impl ConnectionTrait) -> Result<Vec<String>, MigrationError> {
    let probe = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        _ => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
    };
    let probe = Statement::from_string(db.get_database_backend(), probe);
    if db.query_one_raw(probe).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find().all(db).await?;
    let mut recorded: Vec<String> = rows.into_iter().map(|row| row.version).collect();
    recorded.sort();
    let list = M::migrations();
    let is_unknown = |name: &&String| !list.iter().any(|migration| migration.name() == name.as_str());
    let unknown: Vec<String> = recorded.iter().filter(is_unknown).cloned().collect();
    if unknown.is_empty() { Ok(recorded) } else { Err(MigrationError::Ahead { unknown }) }
}

/// For a SQLite file: its lock, and the journal that lets readers go on beside the writer. PostgreSQL's lock belongs to
/// the transaction, see [`Unit`].
async fn exclude_others(url: &DatabaseUrl, db: &DatabaseConnection) -> Result<Option<FileLock>, MigrationError> {
    let Some(path) = url.path() else {
        return Ok(None);
    };
    let lock = FileLock::take(path, WAIT).await?;
    db.execute_unprepared("PRAGMA journal_mode = WAL").await?;
    Ok(Some(lock))
}

async fn apply<M: MigratorTrait>(unit: &Unit<'_>) -> Result<Applied, MigrationError> {
    let transaction = &unit.transaction;
    M::install(transaction).await?;
    // Read again: somebody else may have migrated while we waited for the lock.
    let recorded = known::<M>(transaction).await?;
    let before = if recorded.is_empty() { BTreeMap::new() } else { child_rows(transaction).await? };
    let manager = SchemaManager::new(transaction);
    let mut applied = Applied::default();
    for migration in M::migrations() {
        let name = migration.name().to_owned();
        if recorded.contains(&name) {
            continue;
        }
        let done = apply_one(migration.as_ref(), &manager, &name).await;
        done.map_err(|source| MigrationError::Failed { migration: name.clone(), source })?;
        applied.migrations.push(name);
    }
    require_intact(transaction).await?;
    require_rows(transaction, before).await?;
    Ok(applied)
}

async fn apply_one(migration: &dyn MigrationTrait, manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    migration.up(manager).await?;
    let record = seaql_migrations::ActiveModel { version: Set(name.to_owned()), applied_at: Set(now()) };
    seaql_migrations::Entity::insert(record).exec_without_returning(manager.get_connection()).await?;
    Ok(())
}

/// Seconds since 1970, for people who read the table; nothing depends on it.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

async fn take_back<M: MigratorTrait>(unit: &Unit<'_>, steps: usize) -> Result<Applied, MigrationError> {
    let transaction = &unit.transaction;
    let recorded = known::<M>(transaction).await?;
    let manager = SchemaManager::new(transaction);
    let mut undone = Applied::default();
    let newest_first = M::migrations().into_iter().rev();
    for migration in newest_first.filter(|migration| recorded.iter().any(|name| name == migration.name())).take(steps) {
        let name = migration.name().to_owned();
        let failed = |source| MigrationError::Failed { migration: name.clone(), source };
        migration.down(&manager).await.map_err(failed)?;
        seaql_migrations::Entity::delete_by_id(name.clone()).exec(transaction).await.map_err(failed)?;
        undone.migrations.push(name);
    }
    require_intact(transaction).await?;
    Ok(undone)
}

/// The tables that the migrations make, learned by making them in memory: a shared database may hold others.
async fn tables_of<M: MigratorTrait>() -> Result<Vec<String>, MigrationError> {
    let db = schema::scratch().await?;
    up_on::<M>(&db).await?;
    let shape = schema::shape(&db).await?;
    connect::close(db).await;
    Ok(shape.tables.into_keys().chain(["seaql_migrations".to_owned()]).collect())
}

async fn drop_tables<M: MigratorTrait>(unit: &Unit<'_>, tables: Vec<String>) -> Result<(), MigrationError> {
    // Refused where the database is newer: what the unknown migrations made would stay and be in the way for ever.
    known::<M>(&unit.transaction).await?;
    for table in tables {
        let mut drop = Table::drop();
        drop.table(sea_orm_migration::prelude::Alias::new(table)).if_exists().cascade();
        unit.transaction.execute(&drop).await?;
    }
    Ok(())
}
