//! The application's life: connect, migrate, listen, serve, close, in this order and logged.

mod wait;

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web::Data,
};
use migration::SchemaState;
use service::{Db, password::Hasher, rendering::Renderer};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::{
    auth,
    config::{Config, Migrate, Profile},
    exporting::Exporting,
    importing::Importing,
    live::Live,
    metrics::Metrics,
    request, routes,
    spool::Room,
    state::{Clock, Draining, State},
    throttle,
    upkeep::Upkeep,
    web::import::staging::Staging,
};

/// How long requests under way may go on at shutdown, in seconds.
pub const DRAIN: u64 = 10;
/// How long what a client still sends after its answer is read and forgotten. Many times what the largest body takes from
/// this machine; slow ones are cut off within the time they have all the same (T15).
const LINGER: Duration = Duration::from_secs(3);

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] service::Error),
    /// The database refuses us, and would the next time.
    #[error("{0}; correct DATABASE_URL")]
    Refused(migration::MigrationError),
    /// The database did not answer in the time it was given.
    #[error(
        "{database} did not answer for {seconds} seconds: {cause}; start it, correct DATABASE_URL, or wait longer with \
         COLLOQUIUM_START_TIMEOUT"
    )]
    Unreachable {
        /// The address, masked.
        database: String,
        /// How long it was waited for.
        seconds: u64,
        /// What the last try came to.
        cause: String,
    },
    /// There is no database, and this command makes none.
    #[error(
        "there is no database at {}: start the server once (with COLLOQUIUM_MIGRATE=never, run `migration up`), or set \
         COLLOQUIUM_DATA_DIR or DATABASE_URL to where it is", .0.display()
    )]
    NoDatabase(PathBuf),
    /// The schema cannot be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(#[from] migration::MigrationError),
    /// The schema is not the one this program works with, and `COLLOQUIUM_MIGRATE=never`.
    #[error("the schema is not up to date: {0}; run `cargo run -p migration -- up`, or set COLLOQUIUM_MIGRATE=auto")]
    Schema(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; stop what listens there, or set COLLOQUIUM_BIND")]
    Bind(SocketAddr, std::io::Error),
}

/// A built application: connected, migrated, listening, not serving yet.
pub struct Application {
    server: Server,
    addr: SocketAddr,
    db: Db,
    draining: Draining,
    upkeep: Option<(Upkeep, Duration)>,
    live: Arc<Live>,
    clock: Clock,
}

/// Opens the database that is there, with its schema up to date.
///
/// # Errors
/// As [`open`]; [`StartError::NoDatabase`] for a SQLite file that is not there: only a server makes one.
pub async fn open_existing(config: &Config) -> Result<Db, StartError> {
    match config.database.path() {
        Some(path) if !path.exists() => Err(StartError::NoDatabase(path.to_owned())),
        _ => open(config).await,
    }
}

/// Opens the database the configuration names, with its schema up to date.
///
/// # Errors
/// [`StartError`] when it cannot be reached or migrated.
pub async fn open(config: &Config) -> Result<Db, StartError> {
    let url = &config.database;
    info!(engine = %url.engine(), host = url.host(), database = url.database(), "opening the database");
    if config.migrate == Migrate::Auto && !url.is_memory() {
        report(&migration::up(url).await?);
    }
    if let Some(path) = url.path() {
        warn_if_open(path);
    }
    let db = Db::connect(&config.database_options()).await?;
    if url.is_memory() {
        report(&migration::up_on(db.connection()).await?);
    }
    match migration::check(db.connection()).await? {
        SchemaState::Current => Ok(db),
        SchemaState::Behind { pending } => Err(StartError::Schema(format!("{} is pending", pending.join(", ")))),
        SchemaState::Ahead { unknown } => {
            Err(StartError::Schema(format!("it has {} from a newer version of this program", unknown.join(", "))))
        }
    }
}

/// Whoever has a login on this machine could read what people wrote.
fn warn_if_open(path: &Path) {
    for (place, fix) in migration::open_to_others(path) {
        warn!(path = %place.display(), fix, "other users of this machine may read the data");
    }
}

fn report(applied: &migration::Applied) {
    for name in &applied.migrations {
        info!(name, "migrated");
    }
}

impl Application {
    /// Waits for the database, connects, migrates and listens. Nothing is opened before this is called.
    ///
    /// # Errors
    /// [`StartError`] for the first step that does not work; what was opened is closed again.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        wait::for_database(&config.database, config.start_timeout).await?;
        let db = match config.migrate {
            Migrate::Auto => open(config).await?,
            Migrate::Never => open_existing(config).await?,
        };
        let by = clock.clone();
        db.keep_time(move || by.now());
        let draining = Draining::default();
        let metrics = Arc::<Metrics>::default();
        let staging = Arc::<Staging>::default();
        let upkeep =
            Upkeep::new(db.clone(), clock.clone(), Arc::clone(&metrics), Arc::clone(&staging), draining.clone());
        let upkeep = config.upkeep.map(|every| (upkeep, every));
        let live = Arc::new(Live::new(Arc::clone(&metrics), draining.clone()));
        let shared = Shared { db: db.clone(), metrics, staging, draining: draining.clone(), live: Arc::clone(&live) };
        match listen(config, clock.clone(), shared) {
            Ok((server, addr)) => Ok(Self { server, addr, db, draining, upkeep, live, clock }),
            Err(error) => {
                close(&db).await;
                Err(error)
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The database handle.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Makes readiness red from elsewhere.
    #[must_use]
    pub fn draining(&self) -> Draining {
        self.draining.clone()
    }

    /// Stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is told to stop, then lets requests end and closes the database.
    ///
    /// # Errors
    /// What the server ends with.
    pub async fn run(self) -> std::io::Result<()> {
        let upkeep = self.upkeep.map(|(upkeep, every)| tokio::spawn(upkeep.run(every)));
        let live = tokio::spawn(self.live.run(self.db.clone(), self.clock));
        let served = self.server.await;
        live.abort();
        // Between two units of work, if it is in the middle of a round.
        upkeep.inspect(JoinHandle::abort);
        info!("no more requests; closing the database");
        close(&self.db).await;
        info!("stopped");
        served
    }
}

async fn close(db: &Db) {
    if let Err(error) = db.close().await {
        warn!(cause = error.name(), "the database was not closed cleanly");
    }
}

/// The data directory, where there is room for large files; the system's place for temporary files has little at times.
fn spool_dir(config: &Config) -> Option<PathBuf> {
    match config.profile {
        Profile::Test => None,
        _ if config.data_dir.is_dir() => Some(config.data_dir.clone()),
        _ => Some(std::env::temp_dir()),
    }
}

/// Where SQLite writes what is not in the file itself yet.
fn wal(database: &Path) -> Arc<Path> {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name).into()
}

/// What requests share with what goes on beside them.
struct Shared {
    db: Db,
    metrics: Arc<Metrics>,
    staging: Arc<Staging>,
    draining: Draining,
    live: Arc<Live>,
}

/// The middleware stack, outermost last: actix runs the last one wrapped first.
fn listen(config: &Config, clock: Clock, shared: Shared) -> Result<(Server, SocketAddr), StartError> {
    let Shared { db, metrics, staging, draining, live } = shared;
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let state = Data::new(State {
        db,
        hasher: Hasher::new(config.hash_cost, cores)?,
        renderer: Renderer::new(cores),
        rules: config.rules,
        clock,
        limits: config.limits,
        metrics,
        metrics_token: config.metrics_token.clone().map(|token| token.0),
        wal: config.database.path().map(wal),
        limiter: config.rate_limit.then(Arc::default),
        cors_origins: config.cors_origins.as_slice().into(),
        trusted_proxies: config.trusted_proxies.as_slice().into(),
        public_url: config.public_url.as_str().into(),
        importing: Arc::new(Importing::new(config.limits.imports_at_once)),
        exporting: Exporting::new(config.limits.exports_at_once),
        room: Room::new(config.limits),
        spool_dir: spool_dir(config).map(Into::into),
        staging,
        draining,
        live,
    });
    let bind = |error| StartError::Bind(config.bind, error);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(routes::configure)
            .wrap(from_fn(throttle::requests))
            .wrap(from_fn(auth::recognise))
            .wrap(from_fn(request::outermost))
    })
    .workers(config.workers.unwrap_or(cores))
    .shutdown_timeout(DRAIN)
    // Who still sends what is refused reads no answer before the end, and none at all once the connection is closed.
    .client_disconnect_timeout(LINGER)
    // Who hangs up is gone: a stream of events would hold its place until two heartbeats failed.
    .h1_allow_half_closed(false)
    .disable_signals()
    .bind(config.bind)
    .map_err(bind)?;
    let addr = server.addrs().first().copied().unwrap_or(config.bind);
    Ok((server.run(), addr))
}
