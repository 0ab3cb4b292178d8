//! Accounts: the person, the ways in, and what protects them.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        user(manager).await?;
        session(manager).await?;
        api_token(manager).await?;
        reset_link(manager).await?;
        external_identity(manager).await?;
        sign_in_attempt(manager).await?;
        idempotency_key(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let others = ["idempotency_key", "sign_in_attempt", "external_identity", "reset_link", "api_token", "session"];
        drop_tables(manager, others).await?;
        drop_tables(manager, ["user"]).await
    }
}

async fn user(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        text("email"),
        text("display_name"),
        optional(text("password_hash")),
        choice("status", ["active", "disabled"]),
        choice("site_role", ["member", "teacher", "admin"]),
        moment("created_at"),
        moment("updated_at"),
        integer("version"),
    ];
    table(manager, "user", columns, []).await?;
    unique(manager, "user", "email", ["email"]).await
}

async fn session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("user_id"),
        bytes("token_hash"),
        optional(text("user_agent")),
        moment("created_at"),
        moment("last_seen_at"),
        moment("expires_at"),
    ];
    table(manager, "session", columns, [inside("session", "user_id", "user")]).await?;
    unique(manager, "session", "token_hash", ["token_hash"]).await?;
    index(manager, "session", ["user_id"]).await
}

async fn api_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("user_id"),
        text("name"),
        bytes("token_hash"),
        choice("scope", ["read", "write"]),
        moment("created_at"),
        optional(moment("last_used_at")),
        optional(moment("expires_at")),
        optional(moment("revoked_at")),
    ];
    table(manager, "api_token", columns, [inside("api_token", "user_id", "user")]).await?;
    unique(manager, "api_token", "token_hash", ["token_hash"]).await?;
    index(manager, "api_token", ["user_id"]).await
}

async fn reset_link(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("user_id"),
        bytes("token_hash"),
        moment("created_at"),
        moment("expires_at"),
        optional(moment("used_at")),
    ];
    table(manager, "reset_link", columns, [inside("reset_link", "user_id", "user")]).await?;
    unique(manager, "reset_link", "token_hash", ["token_hash"]).await?;
    index(manager, "reset_link", ["user_id"]).await
}

async fn external_identity(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [id("id"), uuid("user_id"), text("issuer"), text("subject"), moment("created_at")];
    let keys = [inside("external_identity", "user_id", "user")];
    table(manager, "external_identity", columns, keys).await?;
    unique(manager, "external_identity", "issuer_subject", ["issuer", "subject"]).await?;
    index(manager, "external_identity", ["user_id"]).await
}

async fn sign_in_attempt(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut key = bytes("email_hash");
    key.primary_key();
    let columns = [key, integer("failures"), moment("failed_at"), moment("locked_until")];
    table(manager, "sign_in_attempt", columns, []).await?;
    index(manager, "sign_in_attempt", ["failed_at"]).await
}

async fn idempotency_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [id("id"), uuid("user_id"), text("key"), bytes("fingerprint"), json("outcome"), moment("created_at")];
    let keys = [inside("idempotency_key", "user_id", "user")];
    table(manager, "idempotency_key", columns, keys).await?;
    unique(manager, "idempotency_key", "user_key", ["user_id", "key"]).await?;
    index(manager, "idempotency_key", ["created_at"]).await
}
