//! One import of an export file or a pasted text.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{ClassId, ImportId, Moment, UserId};

/// What an import did, as it was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Report(pub serde_json::Value);

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// It waits until others are read.
    Queued,
    /// It is being read.
    Running,
    /// It came to its end, and has its report.
    Done,
    /// It broke off; what it had stored stays.
    Failed,
}

/// One import.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    /// Into which class.
    pub class_id: ClassId,
    /// By whom.
    pub owner_id: UserId,
    /// What its first conversation came as; `unknown` before that.
    pub format: String,
    /// Length of the file.
    pub bytes: i64,
    /// SHA-256 of the file.
    pub hash: Vec<u8>,
    /// What it did.
    pub report: Report,
    /// When.
    pub created_at: Moment,
    /// How it stands.
    pub state: State,
    /// How many go before it and itself, while it waits.
    pub place: Option<i32>,
    /// Conversations that were dealt with.
    pub done: i32,
    /// How many there are; unknown until all of the file was looked at.
    pub total: Option<i32>,
    /// Why it failed, as a code of problems.
    pub failure: Option<String>,
    /// When the server that reads it last said so.
    pub seen_at: Moment,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person.
    #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Cascade")]
    pub owner: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The imports of one person.
    pub fn made_by(user: UserId) -> Select<Self> {
        Self::find().filter(COLUMN.owner_id.eq(user))
    }
}
