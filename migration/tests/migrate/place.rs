//! A database of its own for each test.

use std::{future::Future, sync::Arc};

use migration::{Applied, DatabaseUrl, MigrationError, Migrator, runner};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

const SERVER: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// Where a test works. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Place {
    /// A database of this test's own. In memory mode a file, for what needs more than one connection.
    pub(crate) url: DatabaseUrl,
    pub(crate) directory: Arc<tempfile::TempDir>,
    /// In memory mode its only connection.
    memory: Option<DatabaseConnection>,
    /// PostgreSQL: the name of the database to drop.
    name: Option<String>,
}

fn server(database: &str) -> String {
    let base = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| SERVER.to_owned());
    // A handshake in a debug build takes longer than most tests; whoever wants TLS says so in the URL.
    let (place, query) = base.split_once('?').unwrap_or((&base, "sslmode=disable"));
    format!("{}/{database}?{query}", place.rsplit_once('/').unwrap().0)
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// How many migrations there are.
pub(crate) fn all() -> usize {
    Migrator::migrations().len()
}

/// The name of the newest one.
pub(crate) fn newest() -> String {
    Migrator::migrations().last().unwrap().name().to_owned()
}

/// Runs one test and clears up, also after a failure.
pub(crate) fn test<F: Future<Output = ()> + Send + 'static>(body: impl FnOnce(Place) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = Place::new().await;
        let done = tokio::spawn(body(place.clone())).await;
        if let Some(name) = &place.name {
            let db = connect(&server("postgres")).await;
            db.execute_unprepared(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await.unwrap();
        }
        done.unwrap();
    });
}

impl Place {
    async fn new() -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let file = DatabaseUrl::file(directory.path().join("data/colloquium.db"));
        match std::env::var("TEST_ENGINE").as_deref() {
            Ok("postgres") => {
                let name = format!("migration_{}", uuid::Uuid::now_v7().simple());
                let db = connect(&server("postgres")).await;
                db.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.unwrap();
                let url = server(&name).parse().unwrap();
                Self { url, directory, memory: None, name: Some(name) }
            }
            Ok("sqlite") => Self { url: file, directory, memory: None, name: None },
            Ok("memory") | Err(_) => {
                let memory = connect("sqlite::memory:").await;
                Self { url: file, directory, memory: Some(memory), name: None }
            }
            Ok(other) => panic!("TEST_ENGINE={other}: memory, sqlite or postgres"),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.name.is_some()
    }

    /// A connection to look with.
    pub(crate) async fn look(&self) -> DatabaseConnection {
        match &self.memory {
            Some(db) => db.clone(),
            None => self.look_at_url().await,
        }
    }

    /// A connection to what [`url`](Self::url) names, in every mode.
    pub(crate) async fn look_at_url(&self) -> DatabaseConnection {
        if let Some(directory) = self.url.path().and_then(|path| path.parent()) {
            std::fs::create_dir_all(directory).unwrap();
        }
        connect(&self.url.expose()).await
    }

    pub(crate) async fn up<M: MigratorTrait>(&self) -> Result<Applied, MigrationError> {
        match &self.memory {
            Some(db) => runner::up_on::<M>(db).await,
            None => runner::up::<M>(&self.url).await,
        }
    }

    pub(crate) async fn down<M: MigratorTrait>(&self, steps: usize) -> Result<Applied, MigrationError> {
        match &self.memory {
            Some(db) => runner::down_on::<M>(db, steps).await,
            None => runner::down::<M>(&self.url, steps).await,
        }
    }

    /// Migrated, with a user, a class, a conversation of two messages.
    pub(crate) async fn populated(&self) -> DatabaseConnection {
        self.up::<Migrator>().await.unwrap();
        let db = self.look().await;
        populate(&db).await;
        db
    }
}

pub(crate) async fn count(db: &DatabaseConnection, table: &str) -> i64 {
    number(db, &format!("SELECT count(*) AS n FROM \"{table}\"")).await
}

pub(crate) async fn number(db: &DatabaseConnection, query: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), query);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn populate(db: &DatabaseConnection) {
    let literal = |number: u8| match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{number:032x}'"),
        _ => format!("'{}'", uuid::Uuid::from_u128(number.into())),
    };
    let secret = if db.get_database_backend() == sea_orm::DbBackend::Sqlite { "x'00'" } else { "'\\x00'" };
    let (user, class, talk, first, second) = (literal(1), literal(2), literal(3), literal(4), literal(5));
    let mut statements = vec![
        format!("INSERT INTO \"user\" VALUES ({user}, 'a@b.c', 'Ada', NULL, 'active', 'member', 1, 1, 1)"),
        format!(
            "INSERT INTO class (id, owner_id, name, secret, status, created_at, updated_at, version) \
             VALUES ({class}, {user}, 'Logic', {secret}, 'active', 1, 1, 1)"
        ),
        format!(
            "INSERT INTO conversation (id, class_id, owner_id, created_by, visibility, platform, created_at, updated_at, \
             version) VALUES ({talk}, {class}, {user}, {user}, 'private', 'manual', 1, 1, 1)"
        ),
    ];
    for (id, parent) in [(&first, "NULL"), (&second, first.as_str())] {
        statements.push(format!(
            "INSERT INTO message VALUES ({id}, {talk}, {parent}, 0, NULL, 'user', NULL, NULL, false, true, false, 'x', \
             '[]', 1, 1)"
        ));
    }
    for statement in statements {
        db.execute_unprepared(&statement).await.unwrap();
    }
}
