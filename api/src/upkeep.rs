//! Upkeep beside the requests: a round at the start and then at intervals, until the server is asked to stop.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use service::{Db, entity::ServerId, upkeep};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, error, info, warn};

use crate::{
    metrics::Metrics,
    state::{Clock, Draining},
    web::import::staging::Staging,
};

/// How long from one round to the next: shorter than a lease holds, so that who has it keeps it.
pub const EVERY: Duration = Duration::from_secs(600);

/// What one server's upkeep needs.
pub struct Upkeep {
    server: ServerId,
    db: Db,
    clock: Clock,
    metrics: Arc<Metrics>,
    staging: Arc<Staging>,
    draining: Draining,
}

impl Upkeep {
    /// The upkeep of a server that starts now.
    #[must_use]
    pub fn new(db: Db, clock: Clock, metrics: Arc<Metrics>, staging: Arc<Staging>, draining: Draining) -> Self {
        Self { server: ServerId::new(), db, clock, metrics, staging, draining }
    }

    /// A round now and each time `every` has passed. Ends when the server is asked to stop.
    pub async fn run(self, every: Duration) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.draining.begun() {
                return;
            }
            // The next round is tried whatever became of this one.
            if AssertUnwindSafe(self.round()).catch_unwind().await.is_err() {
                error!("upkeep panicked; trying again later");
            }
        }
    }

    async fn round(&self) {
        let at = self.clock.now();
        self.staging.sweep(at);
        match upkeep::round(&self.db, self.server, at).await {
            Ok(Some(removed)) => {
                info!(?removed, "upkeep done");
                self.metrics.kept_up(at, &removed);
            }
            Ok(None) => debug!("another server sees to upkeep"),
            Err(error) => warn!(cause = error.name(), "upkeep failed; trying again later"),
        }
    }
}
