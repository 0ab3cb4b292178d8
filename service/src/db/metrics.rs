//! What the database was asked, in numbers: statements by kind, units of work by their end, connections.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbBackend};

use super::gate::{Gate, GateCount};

/// Kinds of statements, by their first word.
const KINDS: [&str; 5] = ["select", "insert", "update", "delete", "other"];

/// Counts; never what a statement says or holds.
#[derive(Debug)]
pub struct Meter {
    slow: Duration,
    statements: [Statements; KINDS.len()],
    pub(super) retried: AtomicU64,
    pub(super) rolled_back: AtomicU64,
}

#[derive(Debug, Default)]
struct Statements {
    count: AtomicU64,
    failed: AtomicU64,
    slow: AtomicU64,
    micros: AtomicU64,
}

/// What ran of one kind.
#[derive(Clone, Copy, Debug)]
pub struct StatementCount {
    /// The kind.
    pub kind: &'static str,
    /// How many.
    pub count: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many of them were slow.
    pub slow: u64,
    /// How long they took in all.
    pub took: Duration,
}

/// The connections of one pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolCount {
    /// Which: `write`, `read`, or `all` where there is one for both.
    pub name: &'static str,
    /// Connections there are.
    pub size: u64,
    /// Those of them that nobody uses.
    pub idle: u64,
    /// What became of those who asked for one.
    pub gate: GateCount,
}

impl Meter {
    /// One that counts a statement as slow from `slow` on.
    pub(super) fn new(slow: Duration) -> Self {
        Self { slow, statements: Default::default(), retried: AtomicU64::new(0), rolled_back: AtomicU64::new(0) }
    }

    pub(super) fn statement(&self, sql: &str, took: Duration, failed: bool) {
        let word = sql.trim_start().split_ascii_whitespace().next().unwrap_or_default();
        let other = KINDS.len() - 1;
        let kind = KINDS.iter().position(|kind| word.eq_ignore_ascii_case(kind)).unwrap_or(other);
        let Some(counts) = self.statements.get(kind) else { return };
        counts.count.fetch_add(1, Ordering::Relaxed);
        counts.failed.fetch_add(failed.into(), Ordering::Relaxed);
        counts.slow.fetch_add((took >= self.slow).into(), Ordering::Relaxed);
        counts.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many statements ran.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.statements.iter().map(|counts| counts.count.load(Ordering::Relaxed)).sum()
    }

    /// What ran, by kind.
    pub fn statements(&self) -> impl Iterator<Item = StatementCount> {
        KINDS.iter().zip(&self.statements).map(|(kind, counts)| StatementCount {
            kind,
            count: counts.count.load(Ordering::Relaxed),
            failed: counts.failed.load(Ordering::Relaxed),
            slow: counts.slow.load(Ordering::Relaxed),
            took: Duration::from_micros(counts.micros.load(Ordering::Relaxed)),
        })
    }

    /// How many times a unit of work was tried again because another one was in its way.
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    /// How many times a unit of work was undone, the retried ones among them.
    #[must_use]
    pub fn rolled_back(&self) -> u64 {
        self.rolled_back.load(Ordering::Relaxed)
    }
}

pub(super) fn pool(name: &'static str, connection: &DatabaseConnection, gate: &Gate) -> PoolCount {
    let (size, idle) = match connection.get_database_backend() {
        DbBackend::Postgres => {
            let pool = connection.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        }
        _ => {
            let pool = connection.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
    };
    PoolCount { name, size: size.into(), idle: u64::try_from(idle).unwrap_or(u64::MAX), gate: gate.counts() }
}
