//! Which kind of trouble a database reports: the one table from its codes to ours.

use std::borrow::Cow;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// A kind of database trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another unit of work was in the way; the whole unit may be tried again.
    Contention,
    /// The database cannot be reached now.
    Unavailable,
    /// No room left to write.
    StorageFull,
    /// The storage cannot be written to.
    StorageReadOnly,
    /// A statement took too long.
    Timeout,
    /// A value that must be unique is taken.
    Unique,
    /// A row that is pointed at does not exist.
    ForeignKey,
    /// A value the database cannot hold.
    Value,
    /// Anything else.
    Other,
}

/// The kind of trouble behind `error`.
#[must_use]
pub fn fault_of(error: &DbErr) -> Fault {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed) => Fault::Unavailable,
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => of_driver(e),
        DbErr::Conn(RuntimeErr::Internal(_)) => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// The database's own code for it, SQLSTATE or SQLite's extended result code, which says what happened without a word
/// of what is stored. Its text may quote a row.
#[must_use]
pub fn code_of(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => e.as_database_error()?.code().map(Cow::into_owned),
        _ => None,
    }
}

fn of_driver(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
            Fault::Unavailable
        }
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                code.parse().map_or(Fault::Other, of_sqlite)
            } else {
                of_postgres(&code)
            }
        }
        _ => Fault::Other,
    }
}

/// By SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str) -> Fault {
    match code {
        "40001" | "40P01" | "55P03" => Fault::Contention,
        "57014" => Fault::Timeout,
        "23505" => Fault::Unique,
        "23503" => Fault::ForeignKey,
        "22021" | "22P05" | "22001" => Fault::Value,
        "53100" => Fault::StorageFull,
        "25006" => Fault::StorageReadOnly,
        "57P01" | "57P02" | "57P03" => Fault::Unavailable,
        _ if code.starts_with("08") || code.starts_with("53") => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// By extended result code, <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: i32) -> Fault {
    match code {
        787 => Fault::ForeignKey,
        1555 | 2067 => Fault::Unique,
        _ => match code & 0xff {
            5 | 6 => Fault::Contention,
            8 => Fault::StorageReadOnly,
            13 => Fault::StorageFull,
            14 => Fault::Unavailable,
            _ => Fault::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_table_has_its_kind() {
        for (code, kind) in [
            ("40001", Fault::Contention),
            ("40P01", Fault::Contention),
            ("55P03", Fault::Contention),
            ("57014", Fault::Timeout),
            ("23505", Fault::Unique),
            ("23503", Fault::ForeignKey),
            ("22021", Fault::Value),
            ("53100", Fault::StorageFull),
            ("53300", Fault::Unavailable),
            ("57P01", Fault::Unavailable),
            ("08006", Fault::Unavailable),
            ("25006", Fault::StorageReadOnly),
            ("42601", Fault::Other),
        ] {
            assert_eq!(of_postgres(code), kind, "SQLSTATE {code}");
        }
        for (code, kind) in [
            (5, Fault::Contention),
            (261, Fault::Contention),
            (517, Fault::Contention),
            (6, Fault::Contention),
            (8, Fault::StorageReadOnly),
            (1032, Fault::StorageReadOnly),
            (13, Fault::StorageFull),
            (787, Fault::ForeignKey),
            (1555, Fault::Unique),
            (2067, Fault::Unique),
            (1, Fault::Other),
            (10, Fault::Other),
        ] {
            assert_eq!(of_sqlite(code), kind, "SQLite {code}");
        }
    }
}
