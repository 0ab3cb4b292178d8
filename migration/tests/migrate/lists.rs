//! Lists of migrations that go wrong in one way each, after ours.

use std::sync::atomic::{AtomicBool, Ordering};

use migration::Migrator;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};

macro_rules! list {
    ($(#[$doc:meta])* $list:ident, $migration:ident, $name:literal, |$manager:ident| $up:expr) => {
        $(#[$doc])*
        pub(crate) struct $list;
        struct $migration;

        impl MigrationName for $migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[async_trait::async_trait]
        impl MigrationTrait for $migration {
            async fn up(&self, $manager: &SchemaManager) -> Result<(), DbErr> {
                $up
            }
        }

        #[async_trait::async_trait]
        impl MigratorTrait for $list {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                let mut migrations = Migrator::migrations();
                migrations.push(Box::new($migration));
                migrations
            }
        }
    };
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

list! {
    /// Does nothing; a database that has it is newer than [`Migrator`].
    Newer, Nothing, "m20990101_000001_later", |_manager| Ok(())
}

list! {
    /// Makes a table, then fails.
    Failing, Fails, "m20990101_000002_failing", |manager| {
        run(manager, &["CREATE TABLE half (id integer)", "INSERT INTO nowhere VALUES (1)"]).await
    }
}

list! {
    /// [`Failing`] as it was meant.
    Healed, Heals, "m20990101_000002_failing", |manager| run(manager, &["CREATE TABLE half (id integer)"]).await
}

/// Whether [`Stuck`] came to where it waits.
pub(crate) static REACHED: AtomicBool = AtomicBool::new(false);

list! {
    /// Makes a table, then never ends.
    Stuck, Waits, "m20990101_000002_failing", |manager| {
        run(manager, &["CREATE TABLE half (id integer)"]).await?;
        REACHED.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

list! {
    /// Deletes the classes, which takes or orphans all that is inside.
    Careless, Deletes, "m20990101_000003_careless", |manager| run(manager, &["DELETE FROM class"]).await
}

list! {
    /// Deletes messages outright.
    Lossy, Loses, "m20990101_000004_lossy", |manager| run(manager, &["DELETE FROM message"]).await
}

list! {
    /// Gives `class` a column. On SQLite by rebuilding the table, which is how any other change has to be made there.
    Rebuilding, Rebuilds, "m20990101_000005_rebuilding", |manager| rebuild(manager).await
}

async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Sqlite {
        return run(manager, &["ALTER TABLE class ADD COLUMN room text"]).await;
    }
    let query = "SELECT sql FROM sqlite_master WHERE name = 'class'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, query)).await?;
    let sql: String = row.unwrap().try_get("", "sql")?;
    let copy = sql.replacen("\"class\" (", "\"class_new\" (\"room\" text NULL, ", 1);
    let columns = "id, owner_id, name, code, description, time_zone, external_id, secret, status, created_at, \
                   updated_at, deleted_at, version";
    let fill = format!("INSERT INTO class_new ({columns}) SELECT {columns} FROM class");
    run(
        manager,
        &[
            &copy,
            &fill,
            "DROP TABLE class",
            "ALTER TABLE class_new RENAME TO class",
            "CREATE INDEX class_owner_id_idx ON class (owner_id)",
        ],
    )
    .await
}
