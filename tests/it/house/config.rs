//! Configuration: what it is when nothing is said, and every way of saying it wrong.

use std::{net::SocketAddr, path::Path, time::Duration};

use api::config::{Config, ConfigError, KEYS, LogFormat, Migrate, Profile};
use migration::Engine;
use service::{
    password::Cost,
    rules::{ClassCreation, Registration},
};

const SECRET: &str = "s3cr3t-w0rd";

fn read(vars: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    Config::from_vars(vars.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
}

fn accepted(vars: &[(&str, &str)]) -> Config {
    read(vars).unwrap_or_else(|errors| panic!("{vars:?} was refused: {errors:?}"))
}

fn refused(vars: &[(&str, &str)]) -> Vec<ConfigError> {
    match read(vars) {
        Ok(config) => panic!("{vars:?} was accepted: {config:?}"),
        Err(errors) => errors,
    }
}

/// The one thing wrong with a configuration, as the line an operator reads.
fn line(vars: &[(&str, &str)]) -> String {
    let errors = refused(vars);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let line = errors[0].to_string();
    assert!(!line.contains('\n'), "{line:?}");
    line
}

#[test]
fn nothing_said_is_a_server_for_ones_own_machine() {
    let config = accepted(&[]);
    assert_eq!(config.profile, Profile::Development);
    assert_eq!(config.bind, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.public_url, "http://localhost:8080");
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.database.engine(), Engine::Sqlite);
    assert_eq!(config.database.path(), Some(Path::new("./data/colloquium.db")));
    assert!(config.database.creates());
    assert_eq!(config.migrate, Migrate::Auto);
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.rules.registration, Registration::Open);
    assert_eq!(config.rules.class_creation, ClassCreation::Anyone);
    assert!(matches!(config.hash_cost, Cost::Standard));
    assert_eq!((config.pool_min, config.pool_max), (4, 4));
    assert_eq!(config.acquire_timeout, Duration::from_secs(5));
    assert_eq!(config.statement_timeout, Duration::from_secs(30));
    assert_eq!(config.lock_timeout, Duration::from_secs(10));
    assert_eq!(config.connection_lifetime, Duration::from_secs(3600));
    assert_eq!((config.start_timeout, config.stop_notice), (Duration::from_secs(60), Duration::ZERO));
    assert_eq!(config.workers, None);
}

#[test]
fn production_is_careful_with_people_and_plain_for_machines() {
    let config = accepted(&[
        ("COLLOQUIUM_PROFILE", "production"),
        ("DATABASE_URL", "postgres://user:word@db.example.org:6432/school?sslmode=verify-full"),
    ]);
    assert_eq!(config.profile, Profile::Production);
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.rules.registration, Registration::Invite);
    assert_eq!(config.rules.class_creation, ClassCreation::Teachers);
    assert!(matches!(config.hash_cost, Cost::Standard));
    assert_eq!(config.database.engine(), Engine::Postgres);
    assert_eq!((config.database.host(), config.database.port()), (Some("db.example.org"), Some(6432)));
    assert_eq!(config.database.database(), "school");
    assert_eq!((config.pool_min, config.pool_max), (5, 15));
    assert_eq!(config.lock_timeout, Duration::from_secs(3));
}

#[test]
fn the_test_profile_keeps_everything_in_memory() {
    let config = accepted(&[("COLLOQUIUM_PROFILE", "test")]);
    assert_eq!(config.profile, Profile::Test);
    assert!(config.database.is_memory());
    assert!(matches!(config.hash_cost, Cost::Minimal));
    assert_eq!(config.rules.registration, Registration::Open);
    accepted(&[("COLLOQUIUM_PROFILE", "test"), ("DATABASE_URL", "sqlite::memory:")]);
}

#[test]
fn what_is_said_counts() {
    let config = accepted(&[
        ("COLLOQUIUM_BIND", "[::1]:9000"),
        ("COLLOQUIUM_DATA_DIR", "/srv/colloquium"),
        ("COLLOQUIUM_MIGRATE", "never"),
        ("COLLOQUIUM_REGISTRATION", "closed"),
        ("COLLOQUIUM_CLASS_CREATION", "admins"),
        ("COLLOQUIUM_LOG_FORMAT", "json"),
        ("COLLOQUIUM_POOL_MIN", "0"),
        ("COLLOQUIUM_POOL_MAX", "7"),
        ("COLLOQUIUM_ACQUIRE_TIMEOUT", "1"),
        ("COLLOQUIUM_STATEMENT_TIMEOUT", "2"),
        ("COLLOQUIUM_LOCK_TIMEOUT", "4"),
        ("COLLOQUIUM_CONNECTION_LIFETIME", "86400"),
        ("COLLOQUIUM_WORKERS", "3"),
    ]);
    assert_eq!(config.bind.to_string(), "[::1]:9000");
    assert_eq!(config.public_url, "http://localhost:9000");
    assert_eq!(config.database.path(), Some(Path::new("/srv/colloquium/colloquium.db")));
    assert_eq!(config.migrate, Migrate::Never);
    assert_eq!(config.rules.registration, Registration::Closed);
    assert_eq!(config.rules.class_creation, ClassCreation::Admins);
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!((config.pool_min, config.pool_max), (0, 7));
    let times = [config.acquire_timeout, config.statement_timeout, config.lock_timeout, config.connection_lifetime];
    assert_eq!(times.map(|time| time.as_secs()), [1, 2, 4, 86_400]);
    assert_eq!(config.workers, Some(3));
}

#[test]
fn links_are_made_from_the_origin_that_people_open() {
    for (said, kept) in [
        ("https://class.example.org", "https://class.example.org"),
        ("https://class.example.org/", "https://class.example.org"),
        ("https://Class.Example.org:443", "https://class.example.org"),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
    ] {
        assert_eq!(accepted(&[("COLLOQUIUM_PUBLIC_URL", said)]).public_url, kept);
    }
    assert_eq!(accepted(&[("COLLOQUIUM_BIND", "0.0.0.0:80")]).public_url, "http://localhost:80");
    assert_eq!(accepted(&[("COLLOQUIUM_BIND", "192.0.2.7:81")]).public_url, "http://192.0.2.7:81");
}

#[test]
fn every_wrong_value_gets_one_line_with_the_fix() {
    let number = |key: &str, value: &str, top: u32, from: u32| {
        format!("{key}={value}: is not such a number; set it to a whole number from {from} to {top}")
    };
    let cases = [
        ("COLLOQUIUM_PROFILE", "prod", "COLLOQUIUM_PROFILE=prod: is none of the known values; set it to development, production, test".to_owned()),
        ("COLLOQUIUM_BIND", "8080", "COLLOQUIUM_BIND=8080: is not an address with a port; write it like 127.0.0.1:8080".to_owned()),
        ("COLLOQUIUM_PUBLIC_URL", "class.example.org", "COLLOQUIUM_PUBLIC_URL=class.example.org: is not an origin; write scheme and host only, like https://colloquium.example.org".to_owned()),
        ("COLLOQUIUM_MIGRATE", "yes", "COLLOQUIUM_MIGRATE=yes: is none of the known values; set it to auto, never".to_owned()),
        ("COLLOQUIUM_REGISTRATION", "Open", "COLLOQUIUM_REGISTRATION=Open: is none of the known values; set it to open, invite, closed".to_owned()),
        ("COLLOQUIUM_CLASS_CREATION", "all", "COLLOQUIUM_CLASS_CREATION=all: is none of the known values; set it to anyone, teachers, admins".to_owned()),
        ("COLLOQUIUM_LOG_FORMAT", "xml", "COLLOQUIUM_LOG_FORMAT=xml: is none of the known values; set it to text, json".to_owned()),
        ("COLLOQUIUM_POOL_MIN", "-1", number("COLLOQUIUM_POOL_MIN", "-1", 1000, 0)),
        ("COLLOQUIUM_POOL_MAX", "0", number("COLLOQUIUM_POOL_MAX", "0", 1000, 1)),
        ("COLLOQUIUM_ACQUIRE_TIMEOUT", "5s", number("COLLOQUIUM_ACQUIRE_TIMEOUT", "5s", 86_400, 1)),
        ("COLLOQUIUM_STATEMENT_TIMEOUT", "0", number("COLLOQUIUM_STATEMENT_TIMEOUT", "0", 86_400, 1)),
        ("COLLOQUIUM_LOCK_TIMEOUT", "1.5", number("COLLOQUIUM_LOCK_TIMEOUT", "1.5", 86_400, 1)),
        ("COLLOQUIUM_CONNECTION_LIFETIME", "86401", number("COLLOQUIUM_CONNECTION_LIFETIME", "86401", 86_400, 1)),
        ("COLLOQUIUM_START_TIMEOUT", "0", number("COLLOQUIUM_START_TIMEOUT", "0", 86_400, 1)),
        ("COLLOQUIUM_STOP_NOTICE", "-1", number("COLLOQUIUM_STOP_NOTICE", "-1", 3600, 0)),
        ("COLLOQUIUM_WORKERS", "many", number("COLLOQUIUM_WORKERS", "many", 256, 1)),
        ("COLLOQUIUM_ALLOW", "all", "COLLOQUIUM_ALLOW=all: is none of the known values; set it to public_registration, plain_database, plain_http".to_owned()),
        ("COLLOQUIUM_CORS_ORIGINS", "*", "COLLOQUIUM_CORS_ORIGINS=*: is not an origin; write scheme and host only, like https://colloquium.example.org".to_owned()),
        ("COLLOQUIUM_METRICS_TOKEN", "secret", "COLLOQUIUM_METRICS_TOKEN: is too easy to guess, or no header can hold it; make one with: openssl rand -hex 32".to_owned()),
        ("COLLOQUIUM_RATE_LIMIT", "yes", "COLLOQUIUM_RATE_LIMIT=yes: is none of the known values; set it to on, off".to_owned()),
        ("COLLOQUIUM_TRUSTED_PROXIES", "proxy", "COLLOQUIUM_TRUSTED_PROXIES=proxy: is no address and no network; write addresses or networks like 127.0.0.1,10.0.0.0/8".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT: is not the address of a collector; write it like http://127.0.0.1:4318; a password goes into OTEL_EXPORTER_OTLP_HEADERS".to_owned()),
    ];
    for (key, value, expected) in &cases {
        assert_eq!(line(&[(key, value)]), *expected);
    }
    // Any text names a directory; the URL of the database has tests of its own.
    let checked = |key: &str| cases.iter().any(|(known, ..)| *known == key);
    let left: Vec<&str> = KEYS.iter().map(|(key, ..)| *key).filter(|key| !checked(key)).collect();
    assert_eq!(left, ["DATABASE_URL", "COLLOQUIUM_DATA_DIR"]);
    for wrong in [
        "ftp://class.example.org",
        "https://class.example.org/app",
        "https://class.example.org/?lang=en",
        "https://class.example.org/#top",
        "https://ana@class.example.org",
        "https://",
        "//class.example.org",
    ] {
        assert!(line(&[("COLLOQUIUM_PUBLIC_URL", wrong)]).contains("is not an origin"), "{wrong}");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let errors = refused(&[
        ("COLLOQUIUM_BIND", "nowhere"),
        ("COLLOQUIUM_WORKERS", "0"),
        ("COLLOQUIUM_COLOUR", "red"),
        ("COLLOQUIUM_MIGRATE", "sometimes"),
        ("DATABASE_URL", "mysql://user@host/db"),
    ]);
    let mut keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    keys.sort_unstable();
    let expected = ["COLLOQUIUM_BIND", "COLLOQUIUM_COLOUR", "COLLOQUIUM_MIGRATE", "COLLOQUIUM_WORKERS", "DATABASE_URL"];
    assert_eq!(keys, expected);
    let pool = refused(&[("COLLOQUIUM_POOL_MIN", "9"), ("COLLOQUIUM_POOL_MAX", "3")]);
    assert_eq!(pool[0].to_string(), "COLLOQUIUM_POOL_MIN=9 > 3: is more than COLLOQUIUM_POOL_MAX; lower it");
}

#[test]
fn a_mistyped_key_is_told_which_one_was_meant() {
    for (typed, meant) in [
        ("COLLOQUIUM_BNID", "COLLOQUIUM_BIND"),
        ("COLLOQUIUM_REGISTER", "COLLOQUIUM_REGISTRATION"),
        ("COLLOQUIUM_POOLMAX", "COLLOQUIUM_POOL_MAX"),
        ("COLLOQUIUM_PUBLIC_URI", "COLLOQUIUM_PUBLIC_URL"),
        ("COLLOQUIUM_LOGFORMAT", "COLLOQUIUM_LOG_FORMAT"),
    ] {
        let expected = format!("{typed}: is not a key of this server; remove it, or did you mean {meant}?");
        assert_eq!(line(&[(typed, SECRET)]), expected);
    }
    // Others' keys are none of our business, and nothing said is nothing said.
    accepted(&[("COLLOQUIUMS_KEY", "1"), ("RUST_LOG", "info"), ("PATH", "/bin"), ("COLLOQUIUM_BIND", "")]);
}

#[test]
fn keys_that_kubernetes_injects_are_not_ours() {
    accepted(&[
        ("COLLOQUIUM_SERVICE_HOST", "10.0.0.11"),
        ("COLLOQUIUM_SERVICE_PORT", "80"),
        ("COLLOQUIUM_SERVICE_PORT_HTTP", "80"),
        ("COLLOQUIUM_PORT", "tcp://10.0.0.11:80"),
        ("COLLOQUIUM_PORT_80_TCP", "tcp://10.0.0.11:80"),
        ("COLLOQUIUM_PORT_80_TCP_PROTO", "tcp"),
        ("COLLOQUIUM_PORT_80_TCP_PORT", "80"),
        ("COLLOQUIUM_PORT_80_TCP_ADDR", "10.0.0.11"),
        // Of a service beside it, called colloquium-db.
        ("COLLOQUIUM_DB_SERVICE_HOST", "10.0.0.12"),
        ("COLLOQUIUM_DB_SERVICE_PORT", "5432"),
        ("COLLOQUIUM_DB_SERVICE_PORT_POSTGRES", "5432"),
        ("COLLOQUIUM_DB_PORT", "tcp://10.0.0.12:5432"),
        ("COLLOQUIUM_DB_PORT_5432_TCP", "tcp://10.0.0.12:5432"),
        ("COLLOQUIUM_DB_PORT_5432_TCP_ADDR", "10.0.0.12"),
    ]);
    // Somebody's guess at how to set the port.
    assert!(line(&[("COLLOQUIUM_PORT", "9000")]).starts_with("COLLOQUIUM_PORT: is not a key of this server"));
}

#[test]
fn an_error_about_the_database_never_shows_its_password() {
    for url in [
        &format!("postgres://user:{SECRET}@host"),
        &format!("postgres://user:{SECRET}@host:port/db"),
        &format!("postgres://user:{SECRET}@host:99999/db"),
        &format!("postgres://user:{SECRET}@/db"),
        &format!("postgres://user:{SECRET}@ho st/db"),
        &format!("postgres:user:{SECRET}@host/db"),
        &format!("postgresql+psycopg2://user:{SECRET}@host/db"),
        &format!("mysql://user:{SECRET}@host/db"),
        &format!("user:{SECRET}@host/db"),
        &format!("\"postgres://user:{SECRET}@host/db\""),
        &format!("postgres://user:{SECRET}@x@host/db"),
        &format!("postgres://user:{SECRET}#x@host/db"),
        &format!("postgres://user:{SECRET}/x@host/db"),
        &format!("postgres://user:%zz{SECRET}@host/db"),
        &format!("postgres://user:{SECRET}@host/db?sslmode={SECRET}"),
    ] {
        let errors = refused(&[("DATABASE_URL", url)]);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!((errors[0].key.as_str(), &errors[0].value), ("DATABASE_URL", &None), "{url}");
        let said = format!("{} {:?}", errors[0], errors[0]);
        assert!(!said.contains(SECRET) && errors[0].reason.len() > 20, "{url}: {said}");
    }
}

#[test]
fn no_form_of_the_configuration_shows_the_password() {
    let url = format!("postgres://user:{SECRET}@localhost/db");
    let config = accepted(&[("DATABASE_URL", &url)]);
    let forms = [format!("{config:?}"), format!("{config:#?}"), format!("{}", config.database)];
    for form in forms {
        assert!(!form.contains(SECRET) && form.contains("localhost"), "{form}");
    }
    assert!(config.database.expose().contains(SECRET));
}

#[test]
fn the_address_of_the_database_may_stand_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (file, empty) = (dir.path().join("url"), dir.path().join("empty"));
    std::fs::write(&file, format!("postgres://user:{SECRET}@localhost/db\n")).unwrap();
    std::fs::write(&empty, "\n").unwrap();
    let path = file.to_str().unwrap();
    let config = accepted(&[("DATABASE_URL_FILE", path)]);
    assert_eq!(config.database.host(), Some("localhost"));
    assert!(config.database.expose().contains(SECRET));
    let both = line(&[("DATABASE_URL_FILE", path), ("DATABASE_URL", "sqlite::memory:")]);
    assert_eq!(both, format!("DATABASE_URL_FILE={path}: is set beside DATABASE_URL; keep one of the two"));
    let missing = line(&[("DATABASE_URL_FILE", "/nowhere/url")]);
    assert!(missing.starts_with("DATABASE_URL_FILE=/nowhere/url: cannot be read: "), "{missing}");
    let nothing = line(&[("DATABASE_URL_FILE", empty.to_str().unwrap())]);
    assert!(nothing.contains("the database URL is empty"), "{nothing}");
}

#[test]
fn contradictions_are_found_before_anything_opens() {
    let file = line(&[("COLLOQUIUM_PROFILE", "test"), ("DATABASE_URL", "sqlite://./data/x.db")]);
    assert!(file.contains("contradicts COLLOQUIUM_PROFILE=test"), "{file}");
    let url = format!("postgres://user:{SECRET}@host/db");
    let server = line(&[("COLLOQUIUM_PROFILE", "test"), ("DATABASE_URL", &url)]);
    assert!(server.contains("contradicts COLLOQUIUM_PROFILE=test") && !server.contains(SECRET), "{server}");
    let memory = line(&[("COLLOQUIUM_PROFILE", "production"), ("DATABASE_URL", "sqlite::memory:")]);
    assert_eq!(memory, "DATABASE_URL=sqlite::memory:: would lose everything at the end; name a file or a server");
    accepted(&[("DATABASE_URL", "sqlite::memory:")]);
}

#[test]
fn production_that_everybody_can_register_at_has_to_be_meant() {
    let open = [
        ("COLLOQUIUM_PROFILE", "production"),
        ("COLLOQUIUM_BIND", "0.0.0.0:8080"),
        ("COLLOQUIUM_REGISTRATION", "open"),
    ];
    let said = line(&open);
    assert!(said.starts_with("COLLOQUIUM_BIND=0.0.0.0:8080: would let everybody"), "{said}");
    assert!(said.ends_with("or COLLOQUIUM_ALLOW=public_registration if that is meant"), "{said}");
    let https = ("COLLOQUIUM_PUBLIC_URL", "https://class.example.org");
    line(&[open[0], ("COLLOQUIUM_BIND", "[2001:db8::1]:80"), open[2], https]);
    line(&[open[0], open[1], open[2], ("COLLOQUIUM_ALLOW", "plain_database")]);
    accepted(&[open[0], open[1], open[2], ("COLLOQUIUM_ALLOW", "plain_database, public_registration")]);
    // Each two of the three are fine.
    accepted(&[open[0], open[1]]);
    accepted(&[open[0], open[2]]);
    accepted(&[open[1], open[2]]);
}

#[test]
fn a_database_on_another_machine_is_reached_over_checked_tls_or_it_has_to_be_meant() {
    let remote = |host: &str, rest: &str| format!("postgres://user:{SECRET}@{host}/db{rest}");
    for (host, mode) in [
        ("db.example.org", ""),
        ("db.example.org", "?sslmode=prefer"),
        ("db.example.org", "?sslmode=require"),
        ("10.0.0.5", "?sslmode=verify-ca"),
        ("[2001:db8::1]", "?sslmode=disable"),
        ("127.example.org", ""),
        ("localhost.example.org", ""),
    ] {
        let url = remote(host, mode);
        let said = line(&[("DATABASE_URL", &url)]);
        assert!(said.contains("sslmode=verify-full") && said.contains("COLLOQUIUM_ALLOW=plain_database"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        accepted(&[("DATABASE_URL", &url), ("COLLOQUIUM_ALLOW", "plain_database")]);
        line(&[("DATABASE_URL", &url), ("COLLOQUIUM_ALLOW", "public_registration")]);
    }
    for url in [
        remote("db.example.org", "?sslmode=verify-full"),
        remote("localhost", ""),
        remote("127.0.0.1", ""),
        remote("[::1]", "?sslmode=disable"),
        remote("localhost", "?host=/var/run/postgresql"),
    ] {
        accepted(&[("DATABASE_URL", &url)]);
    }
    line(&[("DATABASE_URL", &remote("localhost", "?host=db.example.org"))]);
}

#[test]
fn a_filter_of_the_log_that_would_silence_it_is_refused() {
    for (text, word) in
        [("inof", "\"inof\" is no level"), ("info,sqlx", "\"sqlx\" is no level"), ("info,sqlx=loud", "")]
    {
        let said = line(&[("RUST_LOG", text)]);
        assert!(said.starts_with(&format!("RUST_LOG={text}: cannot be read: {word}")), "{said}");
    }
    for text in
        ["warn", "INFO", "off", "info,sqlx=debug", "api::request=debug,sqlx::query=off", "[request{user=1}]=info"]
    {
        assert_eq!(accepted(&[("RUST_LOG", text)]).log_filter.as_deref(), Some(text));
    }
}

#[test]
fn production_that_people_reach_without_tls_has_to_be_meant() {
    let production = ("COLLOQUIUM_PROFILE", "production");
    let said = line(&[production, ("COLLOQUIUM_PUBLIC_URL", "http://class.example.org")]);
    assert!(said.starts_with("COLLOQUIUM_PUBLIC_URL=http://class.example.org: is not https"), "{said}");
    assert!(said.contains("COLLOQUIUM_ALLOW=plain_http"), "{said}");
    let named = ("COLLOQUIUM_PUBLIC_URL", "http://class.example.org:8080");
    accepted(&[production, named, ("COLLOQUIUM_ALLOW", "plain_http")]);
    accepted(&[named]);
    for fine in ["https://class.example.org", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:9000"] {
        accepted(&[production, ("COLLOQUIUM_PUBLIC_URL", fine)]);
    }
    assert_eq!(
        accepted(&[("COLLOQUIUM_CORS_ORIGINS", "https://Notes.example.org, http://localhost:5173")]).cors_origins,
        ["https://notes.example.org", "http://localhost:5173"]
    );
}
