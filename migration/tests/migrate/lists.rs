//! Lists of migrations that go wrong in one way each, after ours.

use std::sync::atomic::{AtomicBool, Ordering};

use migration::{Migrator, rebuild};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    prelude::{ColumnDef, ColumnType, Expr, ExprTrait, Table, TableCreateStatement},
};

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
    /// Gives `user` a column that must hold something; on SQLite by rebuilding the table, which is how any change has to
    /// be made there that is more than a column at the end.
    Rebuilding, Rebuilds, "m20990101_000005_rebuilding", |manager| {
        if manager.get_database_backend() != DbBackend::Sqlite {
            return run(manager, &["ALTER TABLE \"user\" ADD COLUMN initial text NOT NULL DEFAULT '-'"]).await;
        }
        rebuild::table(manager, "user", &mut user(), &[("initial", "substr(display_name, 1, 1)")]).await
    }
}

/// The form that [`Rebuilding`] gives the table `user`.
pub(crate) fn user() -> TableCreateStatement {
    let required = |name: &'static str, kind: &'static str| {
        ColumnDef::new_with_type(name, ColumnType::custom(kind)).not_null().to_owned()
    };
    let mut table = Table::create();
    table
        .col(required("initial", "text"))
        .col(required("id", "uuid_text").primary_key())
        .col(required("email", "text"))
        .col(required("display_name", "text"))
        .col(ColumnDef::new("password_hash").text().null())
        .col(required("status", "text").check(Expr::col("status").is_in(["active", "disabled"])))
        .col(required("site_role", "text").check(Expr::col("site_role").is_in(["member", "teacher", "admin"])))
        .col(required("created_at", "bigint"))
        .col(required("updated_at", "bigint"))
        .col(required("version", "integer"));
    table
}

/// How somebody rebuilds a table who does not know that the setting does nothing inside a transaction.
pub(crate) const NAIVE: [&str; 6] = [
    "BEGIN IMMEDIATE",
    "PRAGMA foreign_keys = OFF",
    "CREATE TABLE user_rebuilt AS SELECT * FROM user",
    "DROP TABLE user",
    "ALTER TABLE user_rebuilt RENAME TO user",
    "COMMIT",
];
