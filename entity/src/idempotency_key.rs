//! A remembered request, so that sending it twice has one effect.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{IdempotencyKeyId, Moment, UserId};

/// What the request made: ids, never words or secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Outcome(pub serde_json::Value);

/// One remembered request, written in the transaction of its effect.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdempotencyKeyId,
    /// Whose.
    #[sea_orm(unique_key = "user_key")]
    pub user_id: UserId,
    /// The client's key.
    #[sea_orm(unique_key = "user_key")]
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub fingerprint: Vec<u8>,
    /// What it made.
    pub outcome: Outcome,
    /// When; forgotten after 24 hours.
    pub created_at: Moment,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
