//! What happens when a server falls silent: nobody waits for it for ever, and a pool that does not recover is replaced.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
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
    /// Since when no unit gets a connection though the server answers others. Locked by the one who looks.
    starving: Mutex<Option<Instant>>,
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
                self.note(url, starves(&result)).await;
                return result;
            }
            // The server ends a statement that takes too long: who hears nothing of it has no connection any more.
            let too_long = begun.elapsed() > 2 * self.options.statement_timeout;
            if too_long || !pool::answers(&self.options, url, ANSWERS_WITHIN).await {
                warn!(after_ms = begun.elapsed().as_millis(), too_long, "the database fell silent; unit given up");
                return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into());
            }
        }
    }

    async fn note(&self, url: &str, starves: bool) {
        // Somebody else looks already.
        let Ok(mut starving) = self.watch.starving.try_lock() else { return };
        if !starves || !pool::answers(&self.options, url, ANSWERS_WITHIN).await {
            *starving = None;
        } else if starving.get_or_insert_with(Instant::now).elapsed() >= self.options.replace_after {
            *starving = None;
            self.replace().await;
        }
    }

    async fn replace(&self) {
        let Ok(fresh) = pool::open(&self.options, &self.meter).await else { return };
        let old = std::mem::replace(&mut *self.pools.write().unwrap_or_else(PoisonError::into_inner), fresh);
        self.watch.replaced.fetch_add(1, Ordering::Relaxed);
        warn!("the pool did not recover although the server answers; replaced by a new one");
        // Nothing is given out of it any more; connections that never come back are not waited for.
        self.runtime.spawn(async move { timeout(CLOSE_WITHIN, old.writer.close()).await });
    }
}

/// Whether a unit got no connection in time.
fn starves<T>(result: &Result<T>) -> bool {
    let Err(Error::Database(_, cause)) = result else { return false };
    matches!(**cause, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
}
