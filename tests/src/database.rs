//! A database of its own for every test.

use std::{
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use migration::DatabaseUrl;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Which database tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in memory.
    Memory,
    /// An SQLite file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The engine of this run.
#[must_use]
pub fn engine() -> Engine {
    match std::env::var("TEST_ENGINE").as_deref() {
        Err(_) | Ok("" | "memory") => Engine::Memory,
        Ok("sqlite") => Engine::Sqlite,
        Ok("postgres") => Engine::Postgres,
        Ok(other) => panic!("TEST_ENGINE={other}: expected memory, sqlite or postgres"),
    }
}

/// A database that is gone with this value.
pub struct TestDatabase {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Where the server keeps its files.
    pub dir: TempDir,
    name: Option<String>,
}

impl TestDatabase {
    /// A fresh database of this run's engine.
    #[must_use]
    pub fn create() -> Self {
        let dir = directory();
        match engine() {
            Engine::Memory => Self { url: DatabaseUrl::memory(), dir, name: None },
            Engine::Sqlite => Self { url: DatabaseUrl::file(dir.path().join("colloquium.db")), dir, name: None },
            Engine::Postgres => {
                let free = FREE.lock().unwrap().pop();
                let name = free.unwrap_or_else(migrated);
                Self { url: url_of(&name), dir, name: Some(name) }
            }
        }
    }

    /// A fresh database that outlives the server: as [`TestDatabase::create`], but a file instead of memory.
    #[must_use]
    pub fn on_disk() -> Self {
        match engine() {
            Engine::Memory => Self::in_directory(directory()),
            Engine::Sqlite | Engine::Postgres => Self::create(),
        }
    }

    /// An SQLite file in this directory, whatever the engine of this run.
    #[must_use]
    pub fn in_directory(dir: TempDir) -> Self {
        Self { url: DatabaseUrl::file(dir.path().join("colloquium.db")), dir, name: None }
    }

    /// A database of somebody else's making, who takes it away too.
    #[must_use]
    pub fn at(url: DatabaseUrl) -> Self {
        Self { url, dir: directory(), name: None }
    }

    /// A database without any table: no file yet, or an empty one on PostgreSQL.
    #[must_use]
    pub fn empty() -> Self {
        if engine() != Engine::Postgres {
            return Self::in_directory(directory());
        }
        let name = made();
        Self { url: url_of(&name), dir: directory(), name: Some(name) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        // After a failure nobody knows who still writes to it: it is left to the sweep.
        if !std::thread::panicking() {
            empty(&name);
            FREE.lock().unwrap().push(name);
        }
    }
}

/// Databases that no test uses. Making one costs far more than emptying it, so a process has as many as it runs tests
/// side by side.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes every row out of a database; the record of migrations stays.
fn empty(name: &str) {
    let rows = "DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'
        LOOP EXECUTE format('DELETE FROM %I', name); END LOOP; END $$";
    server().runtime.block_on(async {
        let mut options = ConnectOptions::new(url_of(name).expose());
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.unwrap();
        connection.execute_unprepared(rows).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// A directory of its own; in memory where the machine has room there, since nothing outlives the test.
fn directory() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// What begins the name of every database of ours, so that left-overs can be swept.
const PREFIX: &str = "colloquium_test_";

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("{PREFIX}{}_{}_{count}", seconds(), std::process::id())
}

fn admin_url() -> String {
    let url = std::env::var("TEST_DATABASE_URL");
    let url = url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    // A handshake in a debug build takes longer than most tests; whoever wants TLS says so in the URL.
    if url.contains('?') { url } else { url + "?sslmode=disable" }
}

fn url_of(name: &str) -> DatabaseUrl {
    let url = admin_url();
    let (place, query) = url.split_once('?').expect("admin_url adds a query");
    let (server, _) = place.rsplit_once('/').expect("TEST_DATABASE_URL names a database");
    format!("{server}/{name}?{query}").parse().unwrap()
}

struct Server {
    runtime: Runtime,
    connection: DatabaseConnection,
}

impl Server {
    fn execute(&self, sql: &str) {
        self.runtime.block_on(self.connection.execute_unprepared(sql)).unwrap();
    }
}

/// One connection to the server for all tests of this process; left-overs of crashed runs are swept when it opens.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut options = ConnectOptions::new(admin_url());
        options.max_connections(2).sqlx_logging(false);
        let connection = runtime.block_on(Database::connect(options)).expect("PostgreSQL at TEST_DATABASE_URL");
        let server = Server { runtime, connection };
        sweep(&server);
        server
    })
}

fn sweep(server: &Server) {
    let sql = format!("SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let rows = server.runtime.block_on(server.connection.query_all_raw(statement)).unwrap();
    for row in rows {
        let name: String = row.try_get("", "datname").unwrap();
        let made =
            name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next()).and_then(|s| s.parse::<u64>().ok());
        if made.is_some_and(|made| made + 3600 < seconds()) {
            server.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A fresh database with the schema.
fn migrated() -> String {
    let name = made();
    server().runtime.block_on(migration::up(&url_of(&name))).unwrap();
    name
}

/// A new database without any table; it need not survive the machine, so its commits do not wait for the disk.
fn made() -> String {
    let name = fresh_name();
    let server = server();
    server.execute(&format!("CREATE DATABASE {name}"));
    server.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    name
}
