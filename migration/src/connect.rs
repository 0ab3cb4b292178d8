//! The one connection a migration runs on.
//!
//! It is opened through the driver, not through SeaORM's connector, because that writes the whole address into its
//! trace spans and into two of its errors.

use std::{io, path::Path, time::Duration};

use sea_orm::DatabaseConnection;
use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use tokio::time::timeout;

use crate::{DatabaseUrl, MigrationError, place};

/// How long a server may take to answer.
const CONNECT: Duration = Duration::from_secs(10);

/// What the connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reading: makes no file.
    Read,
    /// Taking back: needs a database that is there.
    Undo,
    /// Migrating: makes the file and its directory where the address allows it.
    Migrate,
}

/// Opens a pool of exactly one connection, which lives as long as the pool.
pub(crate) async fn open(url: &DatabaseUrl, purpose: Purpose) -> Result<DatabaseConnection, MigrationError> {
    let connected = match url.path() {
        Some(path) => sqlite(url, path, purpose).await?,
        None if url.is_memory() => return Err(MigrationError::Memory),
        None => postgres(url).await,
    };
    connected.map_err(|source| match url.path().and_then(place::trouble) {
        Some(trouble) => trouble,
        None => MigrationError::Connect { database: url.to_string(), source },
    })
}

/// See [`crate::reach`].
pub(crate) async fn reach(url: &DatabaseUrl) -> Result<(), MigrationError> {
    if url.host().is_none() {
        return Ok(());
    }
    let failed = |source| MigrationError::Connect { database: url.to_string(), source };
    try_out(&postgres_options(url).map_err(failed)?).await.map_err(failed)
}

async fn sqlite(
    url: &DatabaseUrl,
    path: &Path,
    purpose: Purpose,
) -> Result<Result<DatabaseConnection, sqlx::Error>, MigrationError> {
    let create = purpose == Purpose::Migrate && url.creates();
    if create {
        make_parent(path)?;
        place::make_file(path).map_err(|source| MigrationError::Create { path: path.to_owned(), source })?;
    } else if !path.exists() {
        return Err(MigrationError::NoFile { path: path.to_owned() });
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .read_only(url.is_read_only())
        .foreign_keys(true)
        .busy_timeout(CONNECT)
        .disable_statement_logging();
    let options = if purpose == Purpose::Read { options.pragma("query_only", "ON") } else { options };
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(CONNECT)
        .connect_with(options)
        .await;
    Ok(pool.map(DatabaseConnection::from))
}

async fn postgres(url: &DatabaseUrl) -> Result<DatabaseConnection, sqlx::Error> {
    let options = postgres_options(url)?;
    try_out(&options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(CONNECT)
        .connect_with(options)
        .await?;
    Ok(DatabaseConnection::from(pool))
}

fn postgres_options(url: &DatabaseUrl) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(url.expose().parse::<PgConnectOptions>()?.disable_statement_logging())
}

/// A pool tries again until its time is up and then only says that; a connection of its own fails at once, by name.
async fn try_out(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the server did not answer within 10 seconds");
    timeout(CONNECT, options.connect()).await.map_err(late)??.close().await
}

fn make_parent(path: &Path) -> Result<(), MigrationError> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    place::make_directory(parent).map_err(|source| MigrationError::Create { path: parent.to_owned(), source })
}

/// Closes the connection. A failure loses nothing, for the work on it has ended; it is only told.
pub(crate) async fn close(db: DatabaseConnection) {
    if let Err(error) = db.close().await {
        tracing::warn!(%error, "the migrating connection did not close");
    }
}
