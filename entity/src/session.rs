//! A signed-in browser or script.

use sea_orm::entity::prelude::*;

use crate::{Moment, SessionId, UserId};

/// One session. The token itself is never stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// SHA-256 of the token.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// What the browser called itself at sign-in, shortened.
    pub user_agent: Option<String>,
    /// When the person signed in.
    pub created_at: Moment,
    /// When it was last used, to within some minutes.
    pub last_seen_at: Moment,
    /// When it ends whatever happens.
    pub expires_at: Moment,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The sessions of one person.
    pub fn of(user: UserId) -> Select<Self> {
        Self::find().filter(COLUMN.user_id.eq(user))
    }
}
