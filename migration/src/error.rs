//! What can go wrong while migrating.

use std::{io, path::PathBuf};

use sea_orm::DbErr;

/// Why a migration did not happen. No message holds a password; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database cannot be reached.
    #[error("cannot connect to {database}: {source}")]
    Connect {
        /// The address, masked.
        database: String,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// The SQLite file is missing and may not be made.
    #[error("there is no file {}: check the path, or have it made by migrating up with ?mode=rwc in the \
        database URL", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// A directory or file cannot be made.
    #[error("cannot make {}: {source}; {}", path.display(), crate::place::fix(path, source))]
    Create {
        /// What was to be made.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The copy from before an upgrade cannot be made. Nothing was changed.
    #[error("nothing was migrated, because no copy of the database could be made before, at {}: {source}; {}",
        path.display(), crate::place::fix(path, source))]
    Copy {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A database in memory, which a connection of our own would not see.
    #[error("a database in memory can only be migrated through the connection that made it")]
    Memory,
    /// Another process did not finish in time.
    #[error(
        "another process has been migrating this database for {seconds} seconds \
        ({held}): wait for it or end it, then start again"
    )]
    Locked {
        /// How long we waited.
        seconds: u64,
        /// What it holds.
        held: String,
    },
    /// The database has migrations that this program does not know.
    #[error("the database is newer than this program: it has {}, unknown to version {}: start the version that \
        applied it, or a later one", unknown.join(", "), env!("CARGO_PKG_VERSION"))]
    Ahead {
        /// Their names.
        unknown: Vec<String>,
    },
    /// A migration failed. Nothing of it, or of those before it in this run, remains.
    #[error("the migration {migration} failed and nothing was changed: {source}")]
    Failed {
        /// Its name.
        migration: String,
        /// What the database says.
        source: DbErr,
    },
    /// Rows would be left that name what is not there. Nothing was changed.
    #[error("the migrations would leave rows that name others which do not exist, in {}; nothing was changed",
        tables.join(", "))]
    ForeignKeys {
        /// The tables those rows are in.
        tables: Vec<String>,
    },
    /// Rows would be gone that nothing meant to remove. Nothing was changed.
    #[error("the migrations would leave {after} of {before} rows in {table}; nothing was changed")]
    RowsLost {
        /// The table.
        table: String,
        /// Rows before.
        before: i64,
        /// Rows after.
        after: i64,
    },
    /// The pool holds several connections, so the setting that protects child rows reached another one.
    #[error("a SQLite database is migrated on a pool of exactly one connection, and this pool has more")]
    NotDedicated,
    /// Dropping everything is not for production.
    #[error(
        "the profile is production, where nothing is dropped: set COLLOQUIUM_PROFILE to development if this really is no production database"
    )]
    Production,
    /// The database refused a statement of our own.
    #[error("the database failed while migrating: {0}")]
    Database(#[from] DbErr),
}

impl MigrationError {
    /// Whether it may pass by itself: a server that does not answer, or not yet. A wrong password does not.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let Self::Connect { source, .. } = self else {
            return false;
        };
        match source {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
            // Starting, stopping, or all connections taken.
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| matches!(&*code, "57P01" | "57P02" | "57P03" | "53300") || code.starts_with("08")),
            _ => false,
        }
    }
}
