//! How connections are opened on each engine, with every setting that matters written down.
//!
//! They are opened through the driver, not through SeaORM's connector, because that prints the whole URL, password and
//! all, in its `Debug`, in two of its errors and in its spans at TRACE.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::{
    ConnectOptions, Connection, Executor,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::timeout;
use tracing::log::LevelFilter;

use super::{Guards, Saboteur, gate::Gate, metrics::Meter};

/// How long a server may take to say that a connection is in order when it comes back. The driver would wait for ever,
/// and the connection's place in the pool with it (transact-rs/sqlx#4349).
const TIDIED_WITHIN: Duration = Duration::from_secs(2);

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
    /// Connections opened at the start, PostgreSQL.
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
    /// For how long no unit may get a connection, though the server answers others, before the pool is replaced.
    pub replace_after: Duration,
    /// What keeps data safe; for tests alone to change.
    pub guards: Guards,
    /// What breaks units of work; for tests alone to wake.
    pub saboteur: Saboteur,
}

/// The connection pool that writes and the one that reads; the same one except on an SQLite file.
#[derive(Clone)]
pub(super) struct Pools {
    pub(super) writer: DatabaseConnection,
    pub(super) reader: DatabaseConnection,
}

impl Pools {
    fn one(only: DatabaseConnection) -> Self {
        Self { writer: only.clone(), reader: only }
    }
}

/// The turns at the pool that writes and at the one that reads; the same ones where it is the same pool.
pub(super) fn gates(options: &Options) -> (Arc<Gate>, Arc<Gate>) {
    let gate = |turns| Arc::new(Gate::new(turns, options.acquire_timeout));
    let shared = |turns| {
        let gate = gate(turns);
        (Arc::clone(&gate), gate)
    };
    match options.target {
        Target::File(_) => (gate(writers(options)), gate(options.max_connections)),
        Target::Memory => shared(1),
        Target::Postgres(_) => shared(options.max_connections),
    }
}

/// Connections that write to a SQLite file.
fn writers(options: &Options) -> u32 {
    if options.guards.in_turn { 1 } else { options.max_connections }
}

pub(super) async fn open(options: &Options, meter: &Arc<Meter>) -> Result<Pools, DbErr> {
    let opened = match &options.target {
        Target::Memory => memory(options).await.map(|only| Pools::one(counted(only, options, meter))),
        Target::File(path) => both(options, path, meter).await,
        Target::Postgres(url) => postgres(options, url).await.map(|only| Pools::one(counted(only, options, meter))),
    };
    opened.map_err(failed)
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn counted(pool: impl Into<DatabaseConnection>, options: &Options, meter: &Arc<Meter>) -> DatabaseConnection {
    let (mut connection, meter, saboteur) = (pool.into(), Arc::clone(meter), options.saboteur.clone());
    connection.set_metric_callback(move |info| {
        meter.statement(&info.statement.sql, info.elapsed, info.failed);
        saboteur.statement();
    });
    connection
}

fn pool<DB: sqlx::Database>(options: &Options) -> PoolOptions<DB> {
    PoolOptions::new().acquire_timeout(options.acquire_timeout).test_before_acquire(true)
}

fn logged<O: ConnectOptions>(connect: O, options: &Options) -> O {
    connect.log_statements(LevelFilter::Debug).log_slow_statements(LevelFilter::Warn, options.slow_statement)
}

/// One connection that is never replaced: the database lives in it.
async fn memory(options: &Options) -> Result<sqlx::SqlitePool, sqlx::Error> {
    let connect = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
    let one = pool(options).max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    tidied_sqlite(one, options).connect_with(logged(connect, options)).await
}

async fn both(options: &Options, path: &Path, meter: &Arc<Meter>) -> Result<Pools, sqlx::Error> {
    let writer = counted(file(options, path, false).await?, options, meter);
    let reader = counted(file(options, path, true).await?, options, meter);
    Ok(Pools { writer, reader })
}

/// One connection that writes, so that writers queue fairly here instead of meeting "database is locked"; a few that
/// read and cannot write.
async fn file(options: &Options, path: &Path, reads: bool) -> Result<sqlx::SqlitePool, sqlx::Error> {
    let connections = if reads { options.max_connections.max(1) } else { writers(options) };
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(!reads)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.lock_timeout)
        .pragma("journal_size_limit", "67108864");
    let connect = if reads { connect.pragma("query_only", "ON") } else { connect.pragma("secure_delete", "ON") };
    // Nothing is gained by replacing a connection to a local file, and the pool's maintenance, which would do it, can
    // spin when a connection comes and goes at that very moment (sqlx 0.9.0, `spawn_maintenance_tasks`).
    let few = pool(options).max_connections(connections).idle_timeout(None).max_lifetime(None);
    tidied_sqlite(few, options).connect_with(logged(connect, options)).await
}

/// A COMMIT that fails on a full disk leaves sqlx believing that a transaction is open; the next one would be
/// acknowledged and lost. Such a connection is thrown away instead of being given out again.
fn tidied_sqlite(pool: SqlitePoolOptions, options: &Options) -> SqlitePoolOptions {
    if !options.guards.tidied {
        return pool;
    }
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // Waits for a rollback that a dropped transaction left in the queue.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

async fn postgres(options: &Options, url: &str) -> Result<sqlx::PgPool, sqlx::Error> {
    let lifetime = options.max_lifetime;
    // The driver's own maintenance is left out, all of it. It counts idle connections that come and go at that very
    // moment as 2^64 and never ends (`spawn_maintenance_tasks`, sqlx 0.9.0), and where one was lost it waits up to five
    // minutes for a server that says nothing, with the connection's place in the pool (`min_connections_maintenance`).
    let pool = pool(options)
        .max_connections(options.max_connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(move |_, of| Box::pin(async move { Ok(of.age < lifetime) }));
    let opened = tidied_postgres(pool, options.guards).connect_with(server(options, url)?).await?;
    // Those of the start; they stay, and so does whatever is opened later.
    let mut held = Vec::new();
    for _ in 0..options.min_connections {
        held.push(opened.acquire().await?);
    }
    Ok(opened)
}

pub(super) fn server(options: &Options, url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let connect = url.parse::<PgConnectOptions>()?.application_name("colloquium").options([
        ("statement_timeout", format!("{}ms", options.statement_timeout.as_millis())),
        ("lock_timeout", format!("{}ms", options.lock_timeout.as_millis())),
        ("idle_in_transaction_session_timeout", "10s".to_owned()),
    ]);
    Ok(logged(connect, options))
}

/// A cancelled BEGIN leaves the connection inside a transaction (transact-rs/sqlx#4385); the next acknowledged write on
/// it would vanish. Ends with the release of sqlx that has #4394.
///
/// ROLLBACK alone would make the server warn, here and in its own log, each time there is nothing to undo. Where BEGIN
/// fails, in a transaction that failed, the pool closes the connection; also where the server says nothing.
fn tidied_postgres(pool: PgPoolOptions, guards: Guards) -> PgPoolOptions {
    if !guards.tidied {
        return pool;
    }
    pool.after_release(move |connection, _| {
        Box::pin(async move {
            let tidied = connection.execute("BEGIN; ROLLBACK");
            let within = if guards.watched { TIDIED_WITHIN } else { Duration::MAX };
            timeout(within, tidied).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
            Ok(true)
        })
    })
}

/// Whether the server answers somebody new within this time.
pub(super) async fn answers(options: &Options, url: &str, within: Duration) -> bool {
    let asked = async {
        let mut connection = server(options, url)?.connect().await?;
        connection.ping().await?;
        connection.close().await
    };
    timeout(within, asked).await.is_ok_and(|answer: Result<(), sqlx::Error>| answer.is_ok())
}
