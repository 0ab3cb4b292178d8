//! Leases: work that one of several servers does for all of them.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut name = text("name");
        name.primary_key();
        table(manager, "lease", [name, uuid("holder"), moment("until")], []).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["lease"]).await
    }
}
