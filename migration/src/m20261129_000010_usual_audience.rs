//! How far an annotation goes in a class unless its author says otherwise.

use sea_orm_migration::prelude::*;

use crate::column::*;

/// This migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = otherwise(choice("usual_audience", ["private", "staff", "class"]), "class");
        manager.alter_table(Table::alter().table("class").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("class").drop_column("usual_audience").to_owned()).await
    }
}
