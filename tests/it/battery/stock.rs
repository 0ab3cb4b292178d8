//! What the libraries below do by themselves, where our guard is other code of ours: migrations that race, and passwords
//! in the open.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use migration::{DatabaseUrl, runner};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait, prelude::DbErr};
use tests::{
    database::{Engine, TestDatabase, engine},
    invariant,
};
use tokio::task::JoinSet;
use tracing_subscriber::fmt::format::FmtSpan;

use super::{guards::Meeting, run};

/// How many start at once.
const SERVERS: usize = 4;
static MEETING: Meeting = Meeting::new();

/// A migration that waits for the others who run it too.
struct Together;

impl MigrationName for Together {
    fn name(&self) -> &'static str {
        "m20260101_000001_together"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Together {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        MEETING.of(SERVERS, Duration::from_millis(500)).await;
        manager.get_connection().execute_unprepared("CREATE TABLE note (number INT NOT NULL)").await?;
        Ok(())
    }
}

struct List;

#[async_trait::async_trait]
impl MigratorTrait for List {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Together)]
    }
}

/// How many of those who migrate at once fail.
fn failures(url: &DatabaseUrl, locked: bool) -> usize {
    MEETING.end();
    run(async {
        let mut servers = JoinSet::new();
        for _ in 0..SERVERS {
            let (url, db) = (url.clone(), invariant::connect(url).await);
            servers.spawn(async move {
                let failed =
                    if locked { runner::up::<List>(&url).await.is_err() } else { List::up(&db, None).await.is_err() };
                db.close().await.unwrap();
                failed
            });
        }
        servers.join_all().await.into_iter().filter(|failed| *failed).count()
    })
}

fn prepared() -> TestDatabase {
    let database = TestDatabase::empty();
    if let Some(path) = database.url.path() {
        std::fs::File::create(path).unwrap();
    }
    // The library's own table races too; this is about the migrations.
    run(async {
        let db = invariant::connect(&database.url).await;
        List::install(&db).await.unwrap();
        db.close().await.unwrap();
    });
    database
}

#[test]
fn f4_servers_that_migrate_at_once_all_succeed() {
    for (locked, expected) in [(true, 0), (false, SERVERS - 1)] {
        let database = prepared();
        assert_eq!(failures(&database.url, locked), expected, "locked: {locked}");
        if engine() == Engine::Postgres {
            // The database is used again.
            run(async {
                let db = invariant::connect(&database.url).await;
                db.execute_unprepared("DROP TABLE note; DROP TABLE seaql_migrations").await.unwrap();
                db.close().await.unwrap();
            });
        }
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What `work` logs, everything, unfiltered, together with what it gives.
fn at_trace(work: impl Future<Output = String>) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let all = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = tracing::subscriber::with_default(all, || runtime.block_on(work));
    let log = lines.0.lock().unwrap().clone();
    said + &String::from_utf8(log).unwrap()
}

#[test]
fn f7_no_password_is_printed_at_any_level() {
    const PASSWORD: &str = "canary-of-f7";
    // Nothing listens on port 1.
    let url = format!("postgres://somebody:{PASSWORD}@127.0.0.1:1/nothing?sslmode=disable");
    let ours = at_trace(async {
        let url: DatabaseUrl = url.parse().unwrap();
        let config = api::config::Config {
            database: url.clone(),
            ..api::config::Config::from_vars(std::collections::HashMap::new()).unwrap()
        };
        let mut options = config.database_options();
        options.acquire_timeout = Duration::from_millis(50);
        let refused = service::Db::connect(&options).await.err().unwrap();
        let unreached = migration::reach(&url).await.unwrap_err();
        let malformed = format!("postgres//somebody:{PASSWORD}@127.0.0.1").parse::<DatabaseUrl>().unwrap_err();
        format!("{refused} {refused:?} {unreached} {unreached:?} {malformed} {malformed:?} {url} {url:?} {config:?}")
    });
    assert!(ours.contains("127.0.0.1"), "{ours}");
    assert!(!ours.contains(PASSWORD), "{ours}");

    let mut options = ConnectOptions::new(url);
    options.connect_timeout(Duration::from_millis(50)).acquire_timeout(Duration::from_millis(50));
    assert!(format!("{options:?}").contains(PASSWORD), "masked by the library: is our own way still needed?");
    let unknown = format!("oracle://somebody:{PASSWORD}@127.0.0.1/nothing");
    let theirs = at_trace(async {
        Database::connect(options).await.unwrap_err();
        String::new()
    });
    assert!(theirs.contains(PASSWORD), "masked at TRACE by the library: is our own way still needed?");
    let theirs = run(async { Database::connect(unknown).await.unwrap_err().to_string() });
    assert!(theirs.contains(PASSWORD), "masked in errors by the library: is our own way still needed?");
}
