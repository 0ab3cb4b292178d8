//! Word from other servers: PostgreSQL tells on a connection of its own what was committed.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::{sync::watch, time::sleep};
use tracing::{info, warn};

use super::{Db, Target, pool};

/// The channel that PostgreSQL tells on.
pub(crate) const CHANNEL: &str = "colloquium_event";

/// How long it takes to try again where the server cannot be listened to.
const AGAIN: Duration = Duration::from_secs(1);

impl Db {
    /// Marks its value as changed whenever a unit of [`Db::write_in_turn`] was committed by this handle.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<()> {
        self.inner.committed.subscribe()
    }

    /// How often to look for what other servers committed: an SQLite file tells nobody; what PostgreSQL tells may be lost
    /// with the connection. Never for what is in memory.
    #[must_use]
    pub fn look_every(&self) -> Option<Duration> {
        match self.inner.options.target {
            Target::Memory => None,
            Target::File(_) => Some(Duration::from_millis(250)),
            Target::Postgres(_) => Some(Duration::from_secs(5)),
        }
    }

    /// Listens to what other servers commit to a PostgreSQL database and passes it on as if it was committed here. Does
    /// not end by itself; on SQLite there is nothing to listen to.
    pub async fn listen(&self) {
        let Target::Postgres(url) = &self.inner.options.target else { return std::future::pending().await };
        loop {
            if let Err(error) = self.listen_once(url).await {
                // Not the error's words: they may hold the address.
                warn!(kind = kind(&error), "not listening to the database; trying again");
            }
            sleep(AGAIN).await;
        }
    }

    async fn listen_once(&self, url: &str) -> Result<(), sqlx::Error> {
        // A pool of one, because the driver listens on nothing else; the connection is in no pool's way.
        let one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let one = one.connect_lazy_with(pool::server(&self.inner.options, url)?);
        let mut listener = PgListener::connect_with(&one).await?;
        listener.listen(CHANNEL).await?;
        info!("listening to the database");
        loop {
            // What was told before is not told again.
            self.inner.committed.send_replace(());
            if listener.try_recv().await?.is_none() {
                return Ok(());
            }
        }
    }
}

fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Io(_) => "io",
        sqlx::Error::PoolTimedOut => "timeout",
        sqlx::Error::Database(_) => "refused",
        _ => "other",
    }
}
