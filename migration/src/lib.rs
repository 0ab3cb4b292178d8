//! How the schema came to be: the migrations in order, the database's address, and the runner that applies them.
//!
//! Nothing here imports the entities. They say what a row is today; a migration says what was true on its day, and that
//! must not move when they do.

mod column;
mod connect;
pub mod database_url;
mod error;
mod integrity;
mod keep;
mod lock;
mod m20261120_000001_account;
mod m20261120_000002_class;
mod m20261120_000003_conversation;
mod m20261121_000004_lease;
mod m20261121_000005_rendering;
mod m20261125_000006_annotation;
mod m20261125_000007_import_state;
mod m20261125_000008_reader;
mod m20261129_000009_mention;
mod m20261129_000010_usual_audience;
mod place;
pub mod rebuild;
pub mod runner;
pub mod schema;
mod unit;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

pub use database_url::{DatabaseUrl, DatabaseUrlError, Engine};
pub use error::MigrationError;
pub use place::open_to_others;
pub use runner::{Applied, SchemaState};

/// The migrations, oldest first. A released one is never changed; a new one goes to the end.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_account::Migration),
            Box::new(m20261120_000002_class::Migration),
            Box::new(m20261120_000003_conversation::Migration),
            Box::new(m20261121_000004_lease::Migration),
            Box::new(m20261121_000005_rendering::Migration),
            Box::new(m20261125_000006_annotation::Migration),
            Box::new(m20261125_000007_import_state::Migration),
            Box::new(m20261125_000008_reader::Migration),
            Box::new(m20261129_000009_mention::Migration),
            Box::new(m20261129_000010_usual_audience::Migration),
        ]
    }
}

/// Applies what is pending, on a connection of its own and under a lock: any number of servers may call it at once.
pub async fn up(url: &DatabaseUrl) -> Result<Applied, MigrationError> {
    runner::up::<Migrator>(url).await
}

/// Applies what is pending on a connection of the caller's: for databases in memory, which nobody else can open, and
/// for tests. On SQLite the pool must hold exactly one connection.
pub async fn up_on(db: &DatabaseConnection) -> Result<Applied, MigrationError> {
    runner::up_on::<Migrator>(db).await
}

/// Takes back the last `steps` migrations, newest first.
pub async fn down(url: &DatabaseUrl, steps: usize) -> Result<Applied, MigrationError> {
    runner::down::<Migrator>(url, steps).await
}

/// Drops our tables with all they hold, and builds them anew. Refused in production.
pub async fn fresh(url: &DatabaseUrl, production: bool) -> Result<Applied, MigrationError> {
    runner::fresh::<Migrator>(url, production).await
}

/// Every migration and whether it is applied. Reads only: makes neither file nor table.
pub async fn status(url: &DatabaseUrl) -> Result<Vec<(String, bool)>, MigrationError> {
    runner::status::<Migrator>(url).await
}

/// Asks a database server for one connection and gives it back. A SQLite file is not opened: it does not come and go.
pub async fn reach(url: &DatabaseUrl) -> Result<(), MigrationError> {
    connect::reach(url).await
}

/// How the schema stands against this program. Reads only.
pub async fn check(db: &impl ConnectionTrait) -> Result<SchemaState, MigrationError> {
    runner::check::<Migrator>(db).await
}

/// The migrations still to be applied; an error where the database is newer than this program. Reads only.
pub async fn pending(db: &impl ConnectionTrait) -> Result<Vec<String>, MigrationError> {
    match check(db).await? {
        SchemaState::Current => Ok(Vec::new()),
        SchemaState::Behind { pending } => Ok(pending),
        SchemaState::Ahead { unknown } => Err(MigrationError::Ahead { unknown }),
    }
}
