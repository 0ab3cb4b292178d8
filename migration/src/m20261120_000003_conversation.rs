//! Conversations: how they came in, what was said, and the raw form kept for their owner.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        import(manager).await?;
        conversation(manager).await?;
        conversation_source(manager).await?;
        message(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["message", "conversation_source", "conversation", "import"]).await
    }
}

async fn import(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        uuid("owner_id"),
        text("format"),
        big_integer("bytes"),
        bytes("hash"),
        json("report"),
        moment("created_at"),
    ];
    let keys = [inside("import", "class_id", "class"), inside("import", "owner_id", "user")];
    table(manager, "import", columns, keys).await?;
    index(manager, "import", ["class_id", "id"]).await?;
    index(manager, "import", ["owner_id"]).await
}

async fn conversation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        uuid("owner_id"),
        optional(uuid("created_by")),
        optional(uuid("import_id")),
        optional(text("title")),
        choice("visibility", ["private", "staff", "class"]),
        choice("platform", ["chatgpt", "claude", "pasted", "manual"]),
        optional(text("source_id")),
        optional(text("source_key")),
        optional(text("model")),
        optional(moment("started_at")),
        optional(moment("source_updated_at")),
        // No foreign key: messages hang below, so the two would name each other.
        optional(uuid("leaf_id")),
        moment("created_at"),
        moment("updated_at"),
        optional(moment("deleted_at")),
        integer("version"),
    ];
    let keys = [
        inside("conversation", "class_id", "class"),
        inside("conversation", "owner_id", "user"),
        naming("conversation", "created_by", "user"),
        naming("conversation", "import_id", "import"),
    ];
    table(manager, "conversation", columns, keys).await?;
    let identity = ["class_id", "owner_id", "platform", "source_key"];
    unique(manager, "conversation", "identity", identity).await?;
    index(manager, "conversation", ["class_id", "id"]).await?;
    index(manager, "conversation", ["owner_id"]).await?;
    index(manager, "conversation", ["created_by"]).await?;
    index(manager, "conversation", ["import_id"]).await
}

async fn conversation_source(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("conversation_id"),
        bytes("hash"),
        bytes("body"),
        big_integer("bytes"),
        text("media_type"),
        moment("created_at"),
    ];
    let keys = [inside("conversation_source", "conversation_id", "conversation")];
    table(manager, "conversation_source", columns, keys).await
}

async fn message(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("conversation_id"),
        optional(uuid("parent_id")),
        integer("position"),
        optional(text("source_id")),
        choice("role", ["user", "assistant", "system", "tool", "unknown"]),
        optional(text("model")),
        optional(moment("created_at")),
        boolean("hidden"),
        boolean("on_path"),
        boolean("confidential"),
        text("content"),
        json("parts"),
        moment("added_at"),
        integer("version"),
    ];
    let keys = [inside("message", "conversation_id", "conversation"), naming("message", "parent_id", "message")];
    table(manager, "message", columns, keys).await?;
    index(manager, "message", ["conversation_id", "position", "id"]).await?;
    index(manager, "message", ["parent_id"]).await
}
