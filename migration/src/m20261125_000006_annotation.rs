//! Annotations, their discussion, the codebook, and the feed that tells open pages what changed.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const AUDIENCES: [&str; 3] = ["private", "staff", "class"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        class(manager).await?;
        tag(manager).await?;
        annotation(manager).await?;
        annotation_tag(manager).await?;
        comment(manager).await?;
        mention(manager).await?;
        flag(manager).await?;
        presentation(manager).await?;
        event(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            ["event", "presentation", "flag", "mention", "comment", "annotation_tag", "annotation", "tag"],
        )
        .await?;
        for column in CLASS_COLUMNS {
            manager.alter_table(Table::alter().table("class").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

const CLASS_COLUMNS: [&str; 7] =
    ["naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked"];

/// Who sees whose name, whose marks, and who changes the codebook.
async fn class(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        otherwise(choice("naming", ["names", "pseudonyms"]), "names"),
        otherwise(boolean("staff_see_names"), true),
        otherwise(choice("blind", ["open", "until_date", "until_marks", "until_reveal"]), "open"),
        optional(moment("blind_until")),
        optional(integer("blind_marks")),
        optional(moment("revealed_at")),
        otherwise(boolean("codebook_locked"), false),
    ];
    for column in columns {
        manager.alter_table(Table::alter().table("class").add_column(column).to_owned()).await?;
    }
    Ok(())
}

async fn tag(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        // Whose alone; none for the tags of the class.
        optional(uuid("owner_id")),
        text("name"),
        // The name without regard to case, after its owner: no two alike in a list.
        text("name_key"),
        text("colour"),
        optional(text("definition")),
        optional(text("example")),
        optional(text("grouping")),
        integer("position"),
        optional(uuid("created_by")),
        moment("created_at"),
        moment("updated_at"),
        integer("version"),
    ];
    let keys =
        [inside("tag", "class_id", "class"), inside("tag", "owner_id", "user"), naming("tag", "created_by", "user")];
    table(manager, "tag", columns, keys).await?;
    unique(manager, "tag", "name", ["class_id", "name_key"]).await?;
    index(manager, "tag", ["owner_id"]).await?;
    index(manager, "tag", ["created_by"]).await
}

async fn annotation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("conversation_id"),
        // None for an annotation on the whole conversation.
        optional(uuid("message_id")),
        optional(uuid("author_id")),
        choice("target", ["span", "message", "conversation"]),
        optional(integer("message_version")),
        optional(integer("part")),
        optional(integer("start")),
        optional(integer("stop")),
        optional(text("quote")),
        optional(text("prefix")),
        optional(text("suffix")),
        optional(text("note")),
        choice("audience", AUDIENCES),
        optional(moment("resolved_at")),
        optional(moment("hidden_at")),
        optional(uuid("hidden_by")),
        moment("created_at"),
        moment("updated_at"),
        optional(moment("deleted_at")),
        integer("version"),
    ];
    let keys = [
        inside("annotation", "conversation_id", "conversation"),
        inside("annotation", "message_id", "message"),
        naming("annotation", "author_id", "user"),
        naming("annotation", "hidden_by", "user"),
    ];
    table(manager, "annotation", columns, keys).await?;
    checked_last(manager, "annotation", "conversation_id").await?;
    checked_last(manager, "annotation", "message_id").await?;
    index(manager, "annotation", ["conversation_id", "id"]).await?;
    index(manager, "annotation", ["message_id"]).await?;
    index(manager, "annotation", ["author_id"]).await?;
    index(manager, "annotation", ["hidden_by"]).await?;
    index(manager, "annotation", ["deleted_at"]).await
}

async fn annotation_tag(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [uuid("annotation_id"), uuid("tag_id")];
    let keys = [inside("annotation_tag", "annotation_id", "annotation"), inside("annotation_tag", "tag_id", "tag")];
    keyed(manager, "annotation_tag", columns, ["annotation_id", "tag_id"], keys).await?;
    index(manager, "annotation_tag", ["tag_id"]).await
}

async fn comment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("annotation_id"),
        optional(uuid("parent_id")),
        optional(uuid("author_id")),
        text("body"),
        optional(moment("edited_at")),
        optional(moment("hidden_at")),
        optional(uuid("hidden_by")),
        moment("created_at"),
        optional(moment("deleted_at")),
        integer("version"),
    ];
    let keys = [
        inside("comment", "annotation_id", "annotation"),
        naming("comment", "parent_id", "comment"),
        naming("comment", "author_id", "user"),
        naming("comment", "hidden_by", "user"),
    ];
    table(manager, "comment", columns, keys).await?;
    checked_last(manager, "comment", "annotation_id").await?;
    index(manager, "comment", ["annotation_id", "id"]).await?;
    index(manager, "comment", ["parent_id"]).await?;
    index(manager, "comment", ["author_id"]).await?;
    index(manager, "comment", ["hidden_by"]).await
}

async fn mention(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [uuid("comment_id"), uuid("user_id")];
    let keys = [inside("mention", "comment_id", "comment"), inside("mention", "user_id", "user")];
    keyed(manager, "mention", columns, ["comment_id", "user_id"], keys).await?;
    index(manager, "mention", ["user_id"]).await
}

async fn flag(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("class_id"),
        // Of one of the two.
        optional(uuid("annotation_id")),
        optional(uuid("comment_id")),
        uuid("user_id"),
        optional(text("reason")),
        moment("created_at"),
    ];
    let keys = [
        inside("flag", "class_id", "class"),
        inside("flag", "annotation_id", "annotation"),
        inside("flag", "comment_id", "comment"),
        inside("flag", "user_id", "user"),
    ];
    table(manager, "flag", columns, keys).await?;
    index(manager, "flag", ["class_id", "id"]).await?;
    unique(manager, "flag", "annotation", ["annotation_id", "user_id"]).await?;
    unique(manager, "flag", "comment", ["comment_id", "user_id"]).await?;
    index(manager, "flag", ["user_id"]).await
}

async fn presentation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        id("id"),
        uuid("conversation_id"),
        uuid("presenter_id"),
        optional(uuid("message_id")),
        boolean("blank"),
        moment("created_at"),
        moment("updated_at"),
        optional(moment("ended_at")),
    ];
    let keys = [
        inside("presentation", "conversation_id", "conversation"),
        inside("presentation", "presenter_id", "user"),
        naming("presentation", "message_id", "message"),
    ];
    table(manager, "presentation", columns, keys).await?;
    index(manager, "presentation", ["conversation_id", "id"]).await?;
    index(manager, "presentation", ["presenter_id"]).await?;
    index(manager, "presentation", ["message_id"]).await
}

async fn event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        uuid("class_id"),
        big_integer("seq"),
        text("kind"),
        // What changed; no foreign key, since the feed tells of what is gone, too.
        uuid("object_id"),
        // In which conversation; none for what belongs to the class.
        optional(uuid("conversation_id")),
        // Who hears of it besides the one whose it is.
        choice("audience", AUDIENCES),
        optional(uuid("user_id")),
        moment("created_at"),
    ];
    let keys = [inside("event", "class_id", "class"), naming("event", "user_id", "user")];
    keyed(manager, "event", columns, ["class_id", "seq"], keys).await?;
    index(manager, "event", ["user_id"]).await?;
    index(manager, "event", ["created_at"]).await
}
