//! Configuration: the environment, read once, checked before anything opens.

mod keys;
mod raw;
mod safety;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use migration::{DatabaseUrl, Engine};
use service::{Secret, db, password::Cost, rules::Rules};

use crate::{limits::Limits, proxy::Network};

pub use keys::KEYS;

/// For what the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// On one's own machine.
    Development,
    /// For people.
    Production,
    /// In memory, gone at the end.
    Test,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Whether the server brings the schema up to date when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// It does.
    Auto,
    /// Somebody else does.
    Never,
}

/// What opens the metrics to other machines. Prints nothing of it.
#[derive(Clone)]
pub struct MetricsToken(pub Secret);

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken(hidden)")
    }
}

/// Checked configuration. Prints no secret: `DatabaseUrl` masks its own.
#[derive(Clone, Debug)]
pub struct Config {
    /// For what the server runs.
    pub profile: Profile,
    /// Where it listens.
    pub bind: SocketAddr,
    /// Where its files are.
    pub data_dir: PathBuf,
    /// The origin people open.
    pub public_url: String,
    /// The database.
    pub database: DatabaseUrl,
    /// Whether the server migrates.
    pub migrate: Migrate,
    /// How logs are written.
    pub log_format: LogFormat,
    /// Which logs are written, as `RUST_LOG` says.
    pub log_filter: Option<String>,
    /// The collector that traces are sent to.
    pub traces: Option<url::Url>,
    /// What the operator decided.
    pub rules: Rules,
    /// How costly a password hash is.
    pub hash_cost: Cost,
    /// Connections opened at the start.
    pub pool_min: u32,
    /// Connections at most.
    pub pool_max: u32,
    /// How long a unit of work waits for a connection.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// How long a unit of work waits for a lock.
    pub lock_timeout: Duration,
    /// How long a connection is used.
    pub connection_lifetime: Duration,
    /// How long a database that does not answer is waited for at the start.
    pub start_timeout: Duration,
    /// How long the server goes on, not ready, once it was asked to stop.
    pub stop_notice: Duration,
    /// Whether the requests of each caller are counted.
    pub rate_limit: bool,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// What opens the metrics to other machines.
    pub metrics_token: Option<MetricsToken>,
    /// From which duration on a statement is slow; no setting, but tests are in a hurry.
    pub slow_statement: Duration,
    /// How slow clients may be; no setting, but tests are in a hurry.
    pub limits: Limits,
    /// How long from one round of upkeep to the next; no setting, but tests do without, or hurry.
    pub upkeep: Option<Duration>,
    /// Threads that answer requests; as many as the machine has cores if not said.
    pub workers: Option<usize>,
    /// What keeps data safe; no setting: tests show what happens without.
    #[doc(hidden)]
    pub guards: db::Guards,
    /// What breaks units of work; no setting: tests wake it.
    #[doc(hidden)]
    pub saboteur: db::Saboteur,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Which.
    pub key: String,
    /// Its value, if it may be shown.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        if let Some(value) = &self.value {
            write!(f, "={value}")?;
        }
        write!(f, ": {}; {}", self.reason, self.fix)
    }
}

impl Config {
    /// Reads the configuration from the variables of an environment.
    ///
    /// # Errors
    /// Everything that is wrong with it, one entry a setting.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<ConfigError>> {
        raw::read(vars)
    }

    /// What the service layer opens.
    #[must_use]
    pub fn database_options(&self) -> db::Options {
        let target = match (self.database.engine(), self.database.path()) {
            (Engine::Postgres, _) => db::Target::Postgres(self.database.expose()),
            (Engine::Sqlite, Some(path)) => db::Target::File(path.to_owned()),
            (Engine::Sqlite, None) => db::Target::Memory,
        };
        db::Options {
            target,
            min_connections: self.pool_min,
            max_connections: self.pool_max,
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
            lock_timeout: self.lock_timeout,
            max_lifetime: self.connection_lifetime,
            slow_statement: self.slow_statement,
            replace_after: Duration::from_secs(30),
            guards: self.guards,
            saboteur: self.saboteur.clone(),
        }
    }
}

/// The origin a browser on this machine would open.
fn local_url(bind: SocketAddr) -> String {
    let host = match bind.ip() {
        ip if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!("http://{host}:{}", bind.port())
}
