//! Classes: who is in them, as what, and how they got in.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ROLES: [&str; 5] = ["owner", "instructor", "tutor", "student", "auditor"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        class(manager).await?;
        invite(manager).await?;
        enrolment(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, ["enrolment", "invite", "class"]).await
    }
}

async fn class(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("owner_id"),
        text("name"),
        optional(text("code")),
        optional(text("description")),
        optional(text("time_zone")),
        optional(text("external_id")),
        bytes("secret"),
        choice("status", ["active", "archived"]),
        moment("created_at"),
        moment("updated_at"),
        optional(moment("deleted_at")),
        integer("version"),
    ];
    table(manager, "class", columns, [inside("class", "owner_id", "user")]).await?;
    index(manager, "class", ["owner_id"]).await
}

async fn invite(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        text("code"),
        choice("role", ROLES),
        optional(text("section")),
        optional(moment("expires_at")),
        optional(integer("max_uses")),
        integer("uses"),
        optional(uuid("created_by")),
        moment("created_at"),
        optional(moment("revoked_at")),
    ];
    let keys = [inside("invite", "class_id", "class"), naming("invite", "created_by", "user")];
    table(manager, "invite", columns, keys).await?;
    unique(manager, "invite", "code", ["code"]).await?;
    index(manager, "invite", ["class_id", "id"]).await?;
    index(manager, "invite", ["created_by"]).await
}

async fn enrolment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        uuid("user_id"),
        choice("role", ROLES),
        choice("state", ["active", "left", "removed"]),
        optional(text("section")),
        optional(text("external_id")),
        optional(uuid("invite_id")),
        moment("created_at"),
        moment("updated_at"),
        optional(moment("ended_at")),
        integer("version"),
    ];
    let keys = [
        inside("enrolment", "class_id", "class"),
        inside("enrolment", "user_id", "user"),
        naming("enrolment", "invite_id", "invite"),
    ];
    table(manager, "enrolment", columns, keys).await?;
    unique(manager, "enrolment", "class_user", ["class_id", "user_id"]).await?;
    index(manager, "enrolment", ["user_id"]).await?;
    index(manager, "enrolment", ["invite_id"]).await
}
