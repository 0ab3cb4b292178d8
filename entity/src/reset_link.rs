//! A one-time link to set a password, made by an administrator.

use sea_orm::entity::prelude::*;

use crate::{Moment, ResetLinkId, UserId};

/// One link. Its secret is never stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reset_link")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResetLinkId,
    /// Whose password it sets.
    pub user_id: UserId,
    /// SHA-256 of the secret.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
    /// When it was used.
    pub used_at: Option<Moment>,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
