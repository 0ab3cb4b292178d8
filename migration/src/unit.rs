//! The one transaction of a run, so that a failing migration leaves nothing on either engine.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use crate::{MigrationError, lock::WAIT};

/// The number of our advisory lock: "Colloqui" in ASCII. It counts within one database only.
const ADVISORY_LOCK: i64 = 0x436f_6c6c_6f71_7569;

/// The transaction, on the only connection of its pool.
pub(crate) struct Unit<'c> {
    db: &'c DatabaseConnection,
    pub(crate) transaction: DatabaseTransaction,
}

impl<'c> Unit<'c> {
    /// Begins; on return this process alone migrates the database.
    pub(crate) async fn begin(db: &'c DatabaseConnection) -> Result<Self, MigrationError> {
        require_one_connection(db)?;
        // Before BEGIN: inside a transaction SQLite ignores it, and rebuilding a table would delete its children.
        enforce_foreign_keys(db, false).await?;
        match begin(db).await {
            Ok(transaction) => Ok(Self { db, transaction }),
            Err(error) => {
                enforce_foreign_keys(db, true).await?;
                Err(error)
            }
        }
    }

    /// Keeps the work if it succeeded, otherwise undoes it.
    pub(crate) async fn end<T>(self, done: Result<T, MigrationError>) -> Result<T, MigrationError> {
        let ended = match done {
            Ok(value) => self.transaction.commit().await.map(|()| value).map_err(MigrationError::from),
            Err(error) => {
                if let Err(rollback) = self.transaction.rollback().await {
                    tracing::warn!(error = %rollback, "the rollback of a migration failed");
                }
                Err(error)
            }
        };
        enforce_foreign_keys(self.db, true).await?;
        ended
    }
}

#[allow(clippy::disallowed_methods, reason = "migrations run before the shared handle that owns units of work exists")]
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, MigrationError> {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
    let transaction = db.begin_with_options(options).await.map_err(locked)?;
    let ready = match db.get_database_backend() {
        DbBackend::Sqlite => require_unenforced(&transaction).await,
        _ => lock(&transaction).await,
    };
    match ready {
        Ok(()) => Ok(transaction),
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}

fn require_one_connection(db: &DatabaseConnection) -> Result<(), MigrationError> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    if sqlite && db.get_sqlite_connection_pool().options().get_max_connections() != 1 {
        return Err(MigrationError::NotDedicated);
    }
    Ok(())
}

async fn enforce_foreign_keys(db: &DatabaseConnection, on: bool) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Sqlite {
        let value = if on { "ON" } else { "OFF" };
        db.execute_unprepared(&format!("PRAGMA foreign_keys = {value}")).await?;
    }
    Ok(())
}

/// Fails unless the setting reached the very connection the transaction is on: a pool of one may have replaced it.
async fn require_unenforced(transaction: &DatabaseTransaction) -> Result<(), MigrationError> {
    let statement = sea_orm::Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_keys");
    let row = transaction.query_one_raw(statement).await?;
    let enforced = row.map(|row| row.try_get_by_index::<i32>(0)).transpose()?;
    if enforced == Some(0) { Ok(()) } else { Err(MigrationError::NotDedicated) }
}

/// Takes the advisory lock of the transaction: it ends with it, also when the connection breaks, and holds through a
/// pooler that hands out connections by the transaction.
async fn lock(transaction: &DatabaseTransaction) -> Result<(), MigrationError> {
    let wait = WAIT.as_secs();
    transaction
        .execute_unprepared(&format!("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{wait}s'"))
        .await?;
    let taken = transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await;
    taken.map_err(locked)?;
    // Shorter from here on: whoever waits for a table makes every later query on it wait behind.
    transaction.execute_unprepared("SET LOCAL lock_timeout = '10s'").await?;
    Ok(())
}

/// The two ways the engines say that somebody else holds the lock.
fn locked(error: DbErr) -> MigrationError {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) = &error else {
        return error.into();
    };
    let code = source.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("55P03") => MigrationError::Locked { seconds: WAIT.as_secs(), held: "its advisory lock".to_owned() },
        Some("5" | "261") => MigrationError::Locked { seconds: 10, held: "its write lock".to_owned() },
        _ => error.into(),
    }
}
