//! Databases of every version of the schema, with rows in every table, as they were on their day: `tests/dumps`.
//!
//! Each comes up to the newest schema with every row it had. Made by the test `the_dumps_are_made`, which writes the
//! ones that are missing and never touches one that is there:
//!
//! ```console
//! $ UPDATE_DUMPS=1 cargo test -p migration --test migrate dumps
//! $ UPDATE_DUMPS=1 TEST_ENGINE=postgres cargo test -p migration --test migrate dumps
//! ```

mod make;
mod mention;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use migration::{
    Migrator,
    schema::{self, Shape},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

use crate::place::{Place, test};

/// Of each table every row, its columns as text.
type Rows = BTreeMap<String, Vec<String>>;

tokio::task_local! {
    static VERSION: usize;
}

/// The first so many migrations.
struct First;

#[async_trait::async_trait]
impl MigratorTrait for First {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(VERSION.get()).collect()
    }
}

/// The names of the versions, each that of its last migration.
fn versions() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

fn directory(engine: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dumps")).join(engine)
}

/// The versions that there is a dump of.
fn dumped(engine: &str) -> BTreeSet<String> {
    let files = fs::read_dir(directory(engine)).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    files.map(|name| name.strip_suffix(".sql").unwrap().to_owned()).collect()
}

impl Place {
    fn engine(&self) -> &'static str {
        if self.is_postgres() { "postgres" } else { "sqlite" }
    }

    /// As it was when somebody had this version.
    async fn restored(&self, version: &str) -> DatabaseConnection {
        let db = self.look().await;
        let path = directory(self.engine()).join(format!("{version}.sql"));
        db.execute_unprepared(&fs::read_to_string(path).unwrap()).await.unwrap();
        db
    }
}

/// The rows of the tables that `shape` has, in the columns it has.
async fn rows(db: &DatabaseConnection, shape: &Shape) -> Rows {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let mut rows = Rows::new();
    for (name, table) in &shape.tables {
        let text = |column: &schema::Column| {
            let name = &column.name;
            if sqlite { format!("quote(\"{name}\")") } else { format!("coalesce(\"{name}\"::text, 'NULL')") }
        };
        let columns = table.columns.iter().map(text).collect::<Vec<_>>().join(" || ' | ' || ");
        let query = format!("SELECT {columns} AS content FROM \"{name}\" ORDER BY 1");
        let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
        rows.insert(name.clone(), found.iter().map(|row| row.try_get("", "content").unwrap()).collect());
    }
    rows
}

#[test]
fn every_version_before_the_newest_has_a_dump() {
    let (mut versions, all) = (versions(), BTreeSet::from_iter(versions()));
    versions.pop();
    for engine in ["sqlite", "postgres"] {
        let dumped = dumped(engine);
        let missing: Vec<&String> = versions.iter().filter(|version| !dumped.contains(*version)).collect();
        assert!(missing.is_empty(), "{engine}: no dump of {missing:?}; see migration/tests/migrate/dumps.rs");
        assert!(dumped.is_subset(&all), "{engine}: a dump of no version");
    }
}

#[test]
fn the_dumps_are_made() {
    if std::env::var_os("UPDATE_DUMPS").is_none() {
        eprintln!("only with UPDATE_DUMPS=1");
        return;
    }
    for (index, version) in versions().into_iter().enumerate() {
        test(move |place| async move {
            let path = directory(place.engine()).join(format!("{version}.sql"));
            if !path.exists() {
                VERSION.scope(index + 1, place.up::<First>()).await.unwrap();
                fs::write(path, make::dump(&place).await).unwrap();
            }
        });
    }
}

#[test]
fn each_dump_has_a_row_in_every_table_and_comes_up_to_the_newest_schema_with_all_of_them() {
    let engine =
        if std::env::var("TEST_ENGINE").is_ok_and(|engine| engine == "postgres") { "postgres" } else { "sqlite" };
    for version in dumped(engine) {
        test(move |place| async move {
            let db = place.restored(&version).await;
            let old = schema::shape(&db).await.unwrap();
            let before = rows(&db, &old).await;
            let empty: Vec<&String> = before.iter().filter(|(_, rows)| rows.len() < 2).map(|(name, _)| name).collect();
            assert!(empty.is_empty(), "{version}: {empty:?}");
            let applied = place.up::<Migrator>().await.unwrap().migrations;
            let pending: Vec<String> = versions().into_iter().filter(|name| *name > version).collect();
            assert_eq!(applied, pending);
            let db = place.look().await;
            assert_eq!(rows(&db, &old).await, before, "{version}");
            let now = schema::shape(&db).await.unwrap();
            assert_eq!(now, newest().await, "{version}");
        });
    }
}

/// The shape of a database made anew.
async fn newest() -> Shape {
    let mut options = sea_orm::ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let memory = sea_orm::Database::connect(options).await.unwrap();
    migration::up_on(&memory).await.unwrap();
    schema::shape(&memory).await.unwrap()
}

/// On rows, where the lifecycle's own test has none: each migration, on what the version before it left.
#[test]
fn up_down_and_up_again_leaves_no_difference() {
    for (index, version) in versions().into_iter().enumerate().skip(1) {
        test(move |place| async move {
            let before = &versions()[index - 1];
            let db = place.restored(before).await;
            let old = schema::shape(&db).await.unwrap();
            let old_rows = rows(&db, &old).await;
            VERSION.scope(index + 1, place.up::<First>()).await.unwrap();
            let db = place.look().await;
            let new = schema::shape(&db).await.unwrap();
            let new_rows = rows(&db, &new).await;
            assert_eq!(rows(&db, &old).await, old_rows, "{version} up");

            let undone = VERSION.scope(index + 1, place.down::<First>(1)).await.unwrap().migrations;
            assert_eq!(undone, std::slice::from_ref(&version));
            let db = place.look().await;
            assert_eq!(schema::shape(&db).await.unwrap(), old, "{version} down");
            assert_eq!(rows(&db, &old).await, old_rows, "{version} down");

            VERSION.scope(index + 1, place.up::<First>()).await.unwrap();
            let db = place.look().await;
            assert_eq!(schema::shape(&db).await.unwrap(), new, "{version} up again");
            assert_eq!(rows(&db, &new).await, new_rows, "{version} up again");
        });
    }
}
