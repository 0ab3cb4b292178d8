//! How connections are opened on each engine, with every setting that matters written down.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use sqlx::{
    Connection, Executor,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tracing::log::LevelFilter;

use super::{gate::Gate, metrics::Meter};

/// Where the database is.
#[derive(Clone)]
pub enum Target {
    /// SQLite in memory: gone with the handle.
    Memory,
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL server, by URL. The URL holds the password: this type has no `Debug`.
    Postgres(String),
}

/// What to open and how.
#[derive(Clone)]
pub struct Options {
    /// Where the database is.
    pub target: Target,
    /// Connections kept open, PostgreSQL.
    pub min_connections: u32,
    /// Connections at most: PostgreSQL in all, SQLite file those that read.
    pub max_connections: u32,
    /// How long a unit of work waits for a connection.
    pub acquire_timeout: Duration,
    /// How long one statement may run, PostgreSQL.
    pub statement_timeout: Duration,
    /// How long a unit waits for a lock: PostgreSQL a row's, SQLite the file's.
    pub lock_timeout: Duration,
    /// How long a connection is used before it is replaced.
    pub max_lifetime: Duration,
    /// From which duration on a statement is logged as slow.
    pub slow_statement: Duration,
}

/// The connection pool that writes and the one that reads; the same one except on an SQLite file.
pub(super) async fn open(
    options: &Options,
    meter: &Arc<Meter>,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    match &options.target {
        Target::Memory => {
            let only = counted(memory(options), meter).await?;
            Ok((only.clone(), only))
        }
        Target::File(path) => {
            let writer = counted(file(options, path, false), meter).await?;
            let reader = counted(file(options, path, true), meter).await?;
            Ok((writer, reader))
        }
        Target::Postgres(url) => {
            let only = counted(postgres(options, url), meter).await?;
            Ok((only.clone(), only))
        }
    }
}

/// The turns at the pool that writes and at the one that reads; the same ones where it is the same pool.
pub(super) fn gates(options: &Options) -> (Arc<Gate>, Arc<Gate>) {
    let gate = |turns| Arc::new(Gate::new(turns, options.acquire_timeout));
    match options.target {
        Target::File(_) => (gate(1), gate(options.max_connections)),
        Target::Memory => both(gate(1)),
        Target::Postgres(_) => both(gate(options.max_connections)),
    }
}

fn both(gate: Arc<Gate>) -> (Arc<Gate>, Arc<Gate>) {
    (Arc::clone(&gate), gate)
}

async fn counted(options: ConnectOptions, meter: &Arc<Meter>) -> Result<DatabaseConnection, DbErr> {
    let mut connection = Database::connect(options).await?;
    let meter = Arc::clone(meter);
    connection.set_metric_callback(move |info| meter.statement(&info.statement.sql, info.elapsed, info.failed));
    Ok(connection)
}

fn common(options: &Options, url: impl Into<String>) -> ConnectOptions {
    let mut connect = ConnectOptions::new(url);
    connect
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .test_before_acquire(true)
        .sqlx_logging_level(LevelFilter::Debug)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, options.slow_statement)
        .record_stmt_in_spans(false);
    connect
}

/// One connection that is never replaced: the database lives in it.
fn memory(options: &Options) -> ConnectOptions {
    let mut connect = common(options, "sqlite::memory:");
    connect.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    connect.map_sqlx_sqlite_opts(|o| o.foreign_keys(true));
    guard_sqlite(&mut connect);
    connect
}

/// One connection that writes, so that writers queue fairly here instead of meeting "database is locked"; a few that
/// read and cannot write.
fn file(options: &Options, path: &std::path::Path, reads: bool) -> ConnectOptions {
    let mut connect = common(options, "sqlite:");
    let connections = if reads { options.max_connections.max(1) } else { 1 };
    // Nothing is gained by replacing a connection to a local file, and the pool's maintenance, which would do it, can
    // spin when a connection comes and goes at that very moment (sqlx 0.9.0, `spawn_maintenance_tasks`).
    connect.max_connections(connections).idle_timeout(None).max_lifetime(None);
    let (path, lock_timeout) = (path.to_owned(), options.lock_timeout);
    connect.map_sqlx_sqlite_opts(move |o| {
        let o = o
            .filename(&path)
            .create_if_missing(!reads)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(lock_timeout)
            .pragma("journal_size_limit", "67108864");
        if reads { o.pragma("query_only", "ON") } else { o.pragma("secure_delete", "ON") }
    });
    guard_sqlite(&mut connect);
    connect
}

/// A COMMIT that fails on a full disk leaves sqlx believing that a transaction is open; the next one would be
/// acknowledged and lost. Such a connection is thrown away instead of being given out again.
fn guard_sqlite(connect: &mut ConnectOptions) {
    connect.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async move {
                // Waits for a rollback that a dropped transaction left in the queue.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
}

fn postgres(options: &Options, url: &str) -> ConnectOptions {
    let mut connect = common(options, url);
    connect
        .min_connections(options.min_connections)
        .max_connections(options.max_connections)
        .max_lifetime(options.max_lifetime)
        .statement_timeout(options.statement_timeout)
        .set_application_name("colloquium");
    let lock_timeout = format!("{}ms", options.lock_timeout.as_millis());
    connect.map_sqlx_postgres_opts(move |o| {
        o.options([("lock_timeout", lock_timeout.as_str()), ("idle_in_transaction_session_timeout", "10s")])
    });
    // A cancelled BEGIN leaves the connection inside a transaction (transact-rs/sqlx#4385); the next acknowledged write
    // on it would vanish. Ends with the release of sqlx that has #4394.
    // ROLLBACK alone would make the server warn, here and in its own log, each time there is nothing to undo. Where
    // BEGIN fails, in a transaction that failed, the pool closes the connection.
    connect.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("BEGIN; ROLLBACK").await?;
                Ok(true)
            })
        })
    });
    connect
}
