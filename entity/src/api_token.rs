//! A personal API token.

use sea_orm::entity::prelude::*;

use crate::{ApiTokenId, Moment, UserId};

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Scope {
    /// Reading only.
    Read,
    /// Reading and writing, but never changing credentials.
    Write,
}

/// One token. The secret itself is never stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    /// Whose.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the secret.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last used, to within some minutes.
    pub last_used_at: Option<Moment>,
    /// When it ends; none means never.
    pub expires_at: Option<Moment>,
    /// When its owner ended it. The row stays so that its use can be told from a wrong token.
    pub revoked_at: Option<Moment>,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The tokens of one person that were not revoked.
    pub fn of(user: UserId) -> Select<Self> {
        Self::find().filter(COLUMN.user_id.eq(user)).filter(COLUMN.revoked_at.is_null())
    }
}
