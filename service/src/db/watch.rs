//! What happens when a server falls silent: nobody waits for it for ever, and a pool that does not recover is replaced.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::{sync::Mutex, time::timeout};
use tracing::warn;

use super::{CLOSE_WITHIN, Inner, Target, pool, pool::Pools};
use crate::{Error, Result};

/// How long a server that works may take to answer somebody new.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// How much longer than for a connection a unit may go on before the server is asked whether it is still there.
const LONGER: Duration = Duration::from_millis(100);

/// What is known about a pool in trouble.
#[derive(Default)]
pub(super) struct Watch {
    /// When a unit first got no connection though the server answers others. Who has its turn at the gate has a place in
    /// the pool, so one of these is lost. Locked by the one who looks.
    starving: Mutex<Option<Instant>>,
    /// Whether the server answered nobody. The driver may have been waiting for it then to take a connection back into
    /// the pool, and would for ever (transact-rs/sqlx#4349): the places of these are lost.
    silent: AtomicBool,
    replaced: AtomicU64,
}

impl Watch {
    pub(super) fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Relaxed)
    }
}

impl Inner {
    pub(super) fn pools(&self) -> Pools {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `work`, but not longer than its connection can be alive: a peer that is gone without a word is waited for by
    /// nobody else, neither here nor in the driver. What it had begun may have been done.
    pub(super) async fn watched<T>(self: Arc<Self>, work: impl Future<Output = Result<T>>) -> Result<T> {
        // A file does not come and go.
        let Target::Postgres(url) = &self.options.target else { return work.await };
        if !self.options.guards.watched {
            return work.await;
        }
        let begun = Instant::now();
        let mut work = pin!(work);
        loop {
            if let Ok(result) = timeout(self.options.acquire_timeout + LONGER, &mut work).await {
                self.note(url, result.is_ok(), starves(&result)).await;
                return result;
            }
            // The server ends a statement that takes too long: who hears nothing of it has no connection any more.
            let too_long = begun.elapsed() > 2 * self.options.statement_timeout;
            if too_long || !pool::answers(&self.options, url, ANSWERS_WITHIN).await {
                self.watch.silent.store(true, Ordering::Relaxed);
                warn!(after_ms = begun.elapsed().as_millis(), too_long, "the database fell silent; unit given up");
                return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into());
            }
        }
    }

    async fn note(&self, url: &str, done: bool, starves: bool) {
        let over = done && self.watch.silent.load(Ordering::Relaxed);
        if !over && !starves {
            return;
        }
        // Somebody else looks already.
        let Ok(mut starving) = self.watch.starving.try_lock() else { return };
        if over {
            self.replace("the database fell silent and answers again").await;
        } else if !pool::answers(&self.options, url, ANSWERS_WITHIN).await {
            self.watch.silent.store(true, Ordering::Relaxed);
        } else if starving.get_or_insert_with(Instant::now).elapsed() >= self.options.replace_after {
            self.replace("connections were lost although the server answers").await;
        } else {
            return;
        }
        *starving = None;
    }

    async fn replace(&self, why: &'static str) {
        let Ok(fresh) = pool::open(&self.options, &self.meter).await else { return };
        let old = std::mem::replace(&mut *self.pools.write().unwrap_or_else(PoisonError::into_inner), fresh);
        self.watch.silent.store(false, Ordering::Relaxed);
        self.watch.replaced.fetch_add(1, Ordering::Relaxed);
        warn!(why, "the pool is replaced by a new one");
        // Nothing is given out of it any more; connections that never come back are not waited for.
        self.runtime.spawn(async move { timeout(CLOSE_WITHIN, old.writer.close()).await });
    }
}

/// Whether a unit got no connection in time.
fn starves<T>(result: &Result<T>) -> bool {
    let Err(Error::Database(_, cause)) = result else { return false };
    matches!(**cause, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
}
