//! What every request shares.

use std::{path::Path, sync::Arc};

use service::{Db, Secret, entity::Moment, password::Hasher, rendering::Renderer, rules::Rules};
use time::OffsetDateTime;
use tokio::sync::watch::Sender;

use crate::{
    exporting::Exporting, importing::Importing, limits::Limits, live::Live, metrics::Metrics, proxy::Network,
    rate::Limiter, spool::Room, web::import::staging::Staging,
};

/// Says what time it is. The one place where a clock is read; tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where a clock is read")]
    pub fn system() -> Self {
        Self(Arc::new(OffsetDateTime::now_utc))
    }

    /// A clock that says what `now` says.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.0)().into()
    }
}

/// Whether the server was asked to stop. Clones share the answer.
#[derive(Clone, Default)]
pub struct Draining(Sender<bool>);

impl Draining {
    /// From now on `/health` says that nothing new should come here. There is no way back.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked to stop.
    pub async fn wait(&self) {
        // The sender is this one: it is not gone.
        let _asked = self.0.subscribe().wait_for(|begun| *begun).await.is_ok();
    }
}

/// What every request shares: built once, at start.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The password hasher.
    pub hasher: Hasher,
    /// What makes pages of messages.
    pub renderer: Renderer,
    /// What the operator decided.
    pub rules: Rules,
    /// The clock.
    pub clock: Clock,
    /// How slow clients may be.
    pub limits: Limits,
    /// How many requests callers sent, if that is limited.
    pub limiter: Option<Arc<Limiter>>,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Arc<[Network]>,
    /// Origins whose pages may call the API.
    pub cors_origins: Arc<[String]>,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// What opens the metrics to other machines.
    pub metrics_token: Option<Secret>,
    /// The write-ahead log of the database, if it is a SQLite file.
    pub wal: Option<Arc<Path>>,
    /// The origin people open, the only source of absolute links.
    pub public_url: Arc<str>,
    /// Imports that wait or are being read.
    pub importing: Arc<Importing>,
    /// Exports under way.
    pub exporting: Arc<Exporting>,
    /// Room for bodies of imports.
    pub room: Room,
    /// Where large bodies wait in files without a name; nowhere, if nothing may be written to disk.
    pub spool_dir: Option<Arc<Path>>,
    /// What was sent by a form and waits for a choice.
    pub staging: Arc<Staging>,
    /// Whether the server was asked to stop.
    pub draining: Draining,
    /// The open streams.
    pub live: Arc<Live>,
}

impl State {
    /// Whether people reach this server by TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
