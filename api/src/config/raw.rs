//! From text to checked settings: every mistake is found in one go and said in one line.

use std::{path::PathBuf, str::FromStr, time::Duration};

use migration::DatabaseUrl;
use serde::Deserialize;
use service::{
    Secret,
    password::Cost,
    rules::{ClassCreation, Registration, Rules},
};

use super::{Config, ConfigError, KEYS, LogFormat, MetricsToken, Migrate, Profile, local_url, safety};
use crate::{limits::Limits, proxy::Network, telemetry, upkeep};

/// The variables as they stand in the environment; `envy` fills it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    bind: Option<String>,
    data_dir: Option<String>,
    public_url: Option<String>,
    profile: Option<String>,
    registration: Option<String>,
    class_creation: Option<String>,
    migrate: Option<String>,
    log_format: Option<String>,
    pool_min: Option<String>,
    pool_max: Option<String>,
    acquire_timeout: Option<String>,
    statement_timeout: Option<String>,
    lock_timeout: Option<String>,
    connection_lifetime: Option<String>,
    start_timeout: Option<String>,
    stop_notice: Option<String>,
    workers: Option<String>,
    allow: Option<String>,
    rate_limit: Option<String>,
    trusted_proxies: Option<String>,
    cors_origins: Option<String>,
    metrics_token: Option<String>,
    metrics_token_file: Option<String>,
}

/// The other form of a secret key: the file that holds it.
const TOKEN_FILE: &str = "COLLOQUIUM_METRICS_TOKEN_FILE";

const PREFIX: &str = "COLLOQUIUM_";

pub(super) struct Reader {
    errors: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn note(&mut self, key: &str, value: Option<&str>, reason: impl Into<String>, fix: impl Into<String>) {
        let value = value.map(str::to_owned);
        self.errors.push(ConfigError { key: key.to_owned(), value, reason: reason.into(), fix: fix.into() });
    }

    pub(super) fn one_of<T: Copy>(&mut self, key: &str, text: Option<&str>, values: &[(&str, T)], default: T) -> T {
        let Some(text) = text else { return default };
        if let Some((_, value)) = values.iter().find(|(name, _)| *name == text) {
            return *value;
        }
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        self.note(key, Some(text), "is none of the known values", format!("set it to {}", names.join(", ")));
        default
    }

    fn number<T: FromStr + PartialOrd + Copy + std::fmt::Display>(
        &mut self,
        key: &str,
        text: Option<&str>,
        range: (T, T),
        default: T,
    ) -> T {
        let Some(text) = text else { return default };
        match text.parse() {
            Ok(number) if number >= range.0 && number <= range.1 => number,
            _ => {
                let fix = format!("set it to a whole number from {} to {}", range.0, range.1);
                self.note(key, Some(text), "is not such a number", fix);
                default
            }
        }
    }

    fn seconds(&mut self, key: &str, text: Option<&str>, default: u64) -> Duration {
        Duration::from_secs(self.number(key, text, (1, 86_400), default))
    }
}

/// Keys that Kubernetes injects for a service called `colloquium`, or `colloquium-` and something.
fn is_service_link(key: &str, value: &str) -> bool {
    let words: Vec<&str> = key.split('_').collect();
    let service = words.windows(2).any(|pair| matches!(pair, ["SERVICE", "HOST" | "PORT"]));
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let port = words.windows(3).any(|three| matches!(three, ["PORT", n, "TCP" | "UDP" | "SCTP"] if is_number(n)));
    service || port || (words.last() == Some(&"PORT") && value.contains("://"))
}

pub(super) fn read(vars: impl IntoIterator<Item = (String, String)>) -> Result<Config, Vec<ConfigError>> {
    let vars: Vec<(String, String)> = vars.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut reader = Reader { errors: Vec::new() };
    let ours = vars.iter().filter(|(key, value)| key.starts_with(PREFIX) && !is_service_link(key, value));
    for (key, _) in ours.clone().filter(|(key, _)| key != TOKEN_FILE && !KEYS.iter().any(|(known, ..)| known == key)) {
        reader.note(key, None, "is not a key of this server", nearest(key));
    }
    let raw: Raw = envy::prefixed(PREFIX).from_iter(ours.cloned()).unwrap_or_default();
    let r = &mut reader;
    let profiles =
        [("development", Profile::Development), ("production", Profile::Production), ("test", Profile::Test)];
    let profile = r.one_of("COLLOQUIUM_PROFILE", raw.profile.as_deref(), &profiles, Profile::Development);
    let production = profile == Profile::Production;
    let default_bind = "127.0.0.1:8080";
    let bind_text = raw.bind.as_deref().unwrap_or(default_bind);
    let bind = bind_text.parse().unwrap_or_else(|_| {
        r.note("COLLOQUIUM_BIND", Some(bind_text), "is not an address with a port", "write it like 127.0.0.1:8080");
        ([127, 0, 0, 1], 8080).into()
    });
    let data_dir = PathBuf::from(raw.data_dir.unwrap_or_else(|| "./data".to_owned()));
    let database = database(r, &vars, profile, &data_dir);
    let sqlite = database.engine() == migration::Engine::Sqlite;
    let registrations =
        [("open", Registration::Open), ("invite", Registration::Invite), ("closed", Registration::Closed)];
    let registration = if production { Registration::Invite } else { Registration::Open };
    let creations =
        [("anyone", ClassCreation::Anyone), ("teachers", ClassCreation::Teachers), ("admins", ClassCreation::Admins)];
    let creation = if production { ClassCreation::Teachers } else { ClassCreation::Anyone };
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = if production { LogFormat::Json } else { LogFormat::Text };
    let pool_max = r.number("COLLOQUIUM_POOL_MAX", raw.pool_max.as_deref(), (1, 1000), if sqlite { 4 } else { 15 });
    let pool_min = r.number("COLLOQUIUM_POOL_MIN", raw.pool_min.as_deref(), (0, 1000), 5.min(pool_max));
    if pool_min > pool_max {
        let pair = format!("{pool_min} > {pool_max}");
        r.note("COLLOQUIUM_POOL_MIN", Some(&pair), "is more than COLLOQUIUM_POOL_MAX", "lower it");
    }
    let named = |name: &str| vars.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let config = Config {
        profile,
        bind,
        public_url: public_url(r, raw.public_url.as_deref()).unwrap_or_else(|| local_url(bind)),
        data_dir,
        database,
        migrate: r.one_of(
            "COLLOQUIUM_MIGRATE",
            raw.migrate.as_deref(),
            &[("auto", Migrate::Auto), ("never", Migrate::Never)],
            Migrate::Auto,
        ),
        log_format: r.one_of("COLLOQUIUM_LOG_FORMAT", raw.log_format.as_deref(), &formats, format),
        log_filter: log_filter(r, named("RUST_LOG")),
        traces: collector(r, named("OTEL_EXPORTER_OTLP_ENDPOINT")),
        rules: Rules {
            registration: r.one_of(
                "COLLOQUIUM_REGISTRATION",
                raw.registration.as_deref(),
                &registrations,
                registration,
            ),
            class_creation: r.one_of("COLLOQUIUM_CLASS_CREATION", raw.class_creation.as_deref(), &creations, creation),
        },
        hash_cost: if profile == Profile::Test { Cost::Minimal } else { Cost::Standard },
        pool_min,
        pool_max,
        acquire_timeout: r.seconds("COLLOQUIUM_ACQUIRE_TIMEOUT", raw.acquire_timeout.as_deref(), 5),
        statement_timeout: r.seconds("COLLOQUIUM_STATEMENT_TIMEOUT", raw.statement_timeout.as_deref(), 30),
        lock_timeout: r.seconds("COLLOQUIUM_LOCK_TIMEOUT", raw.lock_timeout.as_deref(), if sqlite { 10 } else { 3 }),
        connection_lifetime: r.seconds("COLLOQUIUM_CONNECTION_LIFETIME", raw.connection_lifetime.as_deref(), 3600),
        start_timeout: r.seconds("COLLOQUIUM_START_TIMEOUT", raw.start_timeout.as_deref(), 60),
        stop_notice: Duration::from_secs(r.number("COLLOQUIUM_STOP_NOTICE", raw.stop_notice.as_deref(), (0, 3600), 0)),
        rate_limit: r.one_of(
            "COLLOQUIUM_RATE_LIMIT",
            raw.rate_limit.as_deref(),
            &[("on", true), ("off", false)],
            production,
        ),
        trusted_proxies: trusted_proxies(r, raw.trusted_proxies.as_deref().unwrap_or_default()),
        cors_origins: cors_origins(r, raw.cors_origins.as_deref().unwrap_or_default()),
        metrics_token: metrics_token(r, raw.metrics_token, raw.metrics_token_file.as_deref()),
        slow_statement: Duration::from_millis(250),
        limits: Limits::default(),
        upkeep: Some(upkeep::EVERY),
        workers: raw.workers.as_deref().map(|text| r.number("COLLOQUIUM_WORKERS", Some(text), (1, 256), 1)),
        guards: service::db::Guards::default(),
        saboteur: service::db::Saboteur::default(),
    };
    let allow = safety::allowed(r, raw.allow.as_deref());
    safety::check(r, &config, &allow);
    if reader.errors.is_empty() { Ok(config) } else { Err(reader.errors) }
}

fn database(r: &mut Reader, vars: &[(String, String)], profile: Profile, data_dir: &std::path::Path) -> DatabaseUrl {
    let var = |name: &str| vars.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let file = DatabaseUrl::file(data_dir.join("colloquium.db"));
    let url = match (var("DATABASE_URL"), var("DATABASE_URL_FILE")) {
        (Some(_), Some(path)) => {
            r.note("DATABASE_URL_FILE", Some(path), "is set beside DATABASE_URL", "keep one of the two");
            return file;
        }
        (Some(url), None) => Some(url.to_owned()),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                r.note(
                    "DATABASE_URL_FILE",
                    Some(path),
                    format!("cannot be read: {error}"),
                    "check the path and its rights",
                );
                return file;
            }
        },
        (None, None) => None,
    };
    let url = match url.as_deref().map(str::parse::<DatabaseUrl>) {
        None if profile == Profile::Test => return DatabaseUrl::memory(),
        None => return file,
        Some(Ok(url)) => url,
        Some(Err(error)) => {
            r.note("DATABASE_URL", None, error.to_string(), "see docs/configuration.md for examples");
            return file;
        }
    };
    if profile == Profile::Test && !url.is_memory() {
        let (reason, fix) =
            ("contradicts COLLOQUIUM_PROFILE=test, which keeps everything in memory", "unset one of them");
        r.note("DATABASE_URL", Some(&url.to_string()), reason, fix);
    }
    if profile == Profile::Production && url.is_memory() {
        r.note("DATABASE_URL", Some(&url.to_string()), "would lose everything at the end", "name a file or a server");
    }
    url
}

/// The origin that `text` is, as browsers write it.
fn origin(text: &str) -> Option<String> {
    let is_origin = |url: &url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    url::Url::parse(text).ok().filter(is_origin).map(|url| url.origin().ascii_serialization())
}

/// What to do about one that is none.
const AS_ORIGIN: &str = "write scheme and host only, like https://colloquium.example.org";

fn public_url(r: &mut Reader, text: Option<&str>) -> Option<String> {
    let text = text?;
    let origin = origin(text);
    if origin.is_none() {
        r.note("COLLOQUIUM_PUBLIC_URL", Some(text), "is not an origin", AS_ORIGIN);
    }
    origin
}

fn cors_origins(r: &mut Reader, text: &str) -> Vec<String> {
    let mut origins = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match origin(word) {
            Some(origin) => origins.push(origin),
            None => r.note("COLLOQUIUM_CORS_ORIGINS", Some(word), "is not an origin", AS_ORIGIN),
        }
    }
    origins
}

/// A filter that cannot be read would silence what somebody wanted to see.
fn log_filter(r: &mut Reader, text: Option<&str>) -> Option<String> {
    if let Err(error) = telemetry::filter(text) {
        r.note("RUST_LOG", text, format!("cannot be read: {error}"), "write it like info or info,sqlx=debug");
    }
    text.map(str::to_owned)
}

fn collector(r: &mut Reader, text: Option<&str>) -> Option<url::Url> {
    let text = text?;
    let fits = |url: &url::Url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    };
    let parsed = url::Url::parse(text).ok().filter(fits);
    if parsed.is_none() {
        let fix = "write it like http://127.0.0.1:4318; a password goes into OTEL_EXPORTER_OTLP_HEADERS";
        r.note("OTEL_EXPORTER_OTLP_ENDPOINT", None, "is not the address of a collector", fix);
    }
    parsed
}

fn metrics_token(r: &mut Reader, text: Option<String>, file: Option<&str>) -> Option<MetricsToken> {
    const KEY: &str = "COLLOQUIUM_METRICS_TOKEN";
    let text = match (text, file) {
        (Some(_), Some(path)) => {
            r.note(TOKEN_FILE, Some(path), "is set beside COLLOQUIUM_METRICS_TOKEN", "keep one of the two");
            return None;
        }
        (text, None) => text?,
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => text.trim().to_owned(),
            Err(error) => {
                let reason = format!("cannot be read: {error}");
                r.note(TOKEN_FILE, Some(path), reason, "check the path and its rights");
                return None;
            }
        },
    };
    if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        r.note(KEY, None, "is too easy to guess, or no header can hold it", "make one with: openssl rand -hex 32");
        return None;
    }
    Some(MetricsToken(Secret::new(text)))
}

fn trusted_proxies(r: &mut Reader, text: &str) -> Vec<Network> {
    let mut networks = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.parse() {
            Ok(network) => networks.push(network),
            Err(()) => {
                let fix = "write addresses or networks like 127.0.0.1,10.0.0.0/8";
                r.note("COLLOQUIUM_TRUSTED_PROXIES", Some(word), "is no address and no network", fix);
            }
        }
    }
    networks
}

/// The known key that a mistyped one is most likely to mean.
fn nearest(key: &str) -> String {
    let shared = |known: &str| {
        let same_start = known.chars().zip(key.chars()).take_while(|(a, b)| a == b).count();
        let same_end = known.chars().rev().zip(key.chars().rev()).take_while(|(a, b)| a == b).count();
        same_start + same_end
    };
    let near =
        KEYS.iter().map(|(known, ..)| *known).filter(|known| known.starts_with(PREFIX)).max_by_key(|k| shared(k));
    near.map_or_else(|| "remove it".to_owned(), |near| format!("remove it, or did you mean {near}?"))
}
