//! Messages as HTML, kept with the version of the renderer that made them.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [id("message_id"), integer("version"), integer("renderer"), json("parts")];
        table(manager, "rendering", columns, [inside("rendering", "message_id", "message")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["rendering"]).await
    }
}
