//! Imports that wait and go on after the request: how each stands, and when its server last said so.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 6] = ["state", "place", "done", "total", "failure", "seen_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            otherwise(choice("state", ["queued", "running", "done", "failed"]), "done"),
            optional(integer("place")),
            otherwise(integer("done"), 0),
            optional(integer("total")),
            optional(text("failure")),
            otherwise(moment("seen_at"), 0),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("import").add_column(column).to_owned()).await?;
        }
        // Those that have no report broke off.
        let broken = "UPDATE import SET state = 'failed', failure = 'interrupted' WHERE CAST(report AS text) = 'null'";
        manager.get_connection().execute_unprepared(broken).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            manager.alter_table(Table::alter().table("import").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
