//! Who read a conversation that is not their own.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [uuid("conversation_id"), uuid("user_id"), moment("created_at")];
        let keys = [inside("reader", "conversation_id", "conversation"), inside("reader", "user_id", "user")];
        keyed(manager, "reader", columns, ["conversation_id", "user_id"], keys).await?;
        index(manager, "reader", ["user_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["reader"]).await
    }
}
