//! A turn at one of a pool's connections. Units of work wait here and not in the pool, where nobody could count them.

use std::{
    future::Future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Fault;
use crate::{Error, Mishap, Result};

/// How many wait before further ones are turned away: each has a body in memory, and the last would wait in vain.
const QUEUE: u64 = 1_000;

/// Who asks for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The first unit of a request.
    Newcomer,
    /// Any other one.
    Inside,
}

/// The turns at one pool: as many at a time as the pool has connections.
#[derive(Debug)]
pub(super) struct Gate {
    turns: Semaphore,
    /// Where newcomers wait but for one, who waits among the others: what was begun is ended before more is begun. With
    /// one queue for all, a crowd would be recognised one by one, and each given up in front of what it came for.
    door: Semaphore,
    patience: Duration,
    /// When a unit last failed because the database did not answer.
    failed: Mutex<Option<Instant>>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    acquired: AtomicU64,
    micros: AtomicU64,
    waited: AtomicU64,
    refused: AtomicU64,
    waiting: AtomicU64,
}

/// What a gate counted.
#[derive(Clone, Copy, Debug)]
pub struct GateCount {
    /// Turns given.
    pub acquired: u64,
    /// How long these were waited for in all.
    pub took: Duration,
    /// Units that found no turn free.
    pub waited: u64,
    /// Those of them that were given none.
    pub refused: u64,
    /// Those that wait now.
    pub waiting: u64,
}

/// One who waits, counted until it does not any more.
struct Waiting<'a>(&'a AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    pub(super) fn new(turns: u32, patience: Duration) -> Self {
        let turns = usize::try_from(turns.max(1)).unwrap_or(1).min(Semaphore::MAX_PERMITS);
        let (turns, door) = (Semaphore::new(turns), Semaphore::new(1));
        Self { turns, door, patience, failed: Mutex::default(), counts: Counts::default() }
    }

    /// Does `work` when its turn has come.
    ///
    /// # Errors
    /// Those of `work`; [`Error::Overloaded`] when too many wait, or for too long; [`Fault::Unavailable`] when the
    /// database failed others while this one waited.
    pub(super) fn pass<T>(&self, who: Who, work: impl Future<Output = Result<T>>) -> impl Future<Output = Result<T>> {
        // In a box, or the future of every use case would hold it twice.
        let work = Box::pin(work);
        async move {
            let _turn = self.turn(who).await?;
            let done = work.await;
            if matches!(done, Err(Error::Database(Fault::Unavailable, _))) {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            done
        }
    }

    async fn turn(&self, who: Who) -> Result<SemaphorePermit<'_>> {
        if let Ok(turn) = self.turns.try_acquire() {
            self.counts.acquired.fetch_add(1, Ordering::Relaxed);
            return Ok(turn);
        }
        let begin = Instant::now();
        self.counts.waited.fetch_add(1, Ordering::Relaxed);
        let turn = self.wait(who, begin).await;
        match &turn {
            Ok(_) => {
                let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.counts.acquired.fetch_add(1, Ordering::Relaxed);
                self.counts.micros.fetch_add(micros, Ordering::Relaxed);
            }
            Err(_) => drop(self.counts.refused.fetch_add(1, Ordering::Relaxed)),
        }
        turn
    }

    async fn wait(&self, who: Who, begin: Instant) -> Result<SemaphorePermit<'_>> {
        let before = self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.counts.waiting);
        if before >= QUEUE {
            return Err(Error::Overloaded);
        }
        let waiting = async {
            let _door = if who == Who::Newcomer { Some(self.door.acquire().await?) } else { None };
            self.turns.acquire().await
        };
        let turn = tokio::time::timeout(self.patience, waiting).await;
        // Whoever goes on now would wait for the database as long again.
        if self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failed| failed >= begin) {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into());
        }
        turn.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Mishap(Mishap::Stopping))
    }

    pub(super) fn counts(&self) -> GateCount {
        let Counts { acquired, micros, waited, refused, waiting } = &self.counts;
        let [acquired, micros, waited, refused, waiting] =
            [acquired, micros, waited, refused, waiting].map(|count| count.load(Ordering::Relaxed));
        GateCount { acquired, took: Duration::from_micros(micros), waited, refused, waiting }
    }
}
