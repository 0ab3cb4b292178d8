//! The raw form an imported conversation came in, for its owner alone.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, Moment};

/// One raw form, in a table of its own so that no list ever reads it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_source")]
pub struct Model {
    /// Of which conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// SHA-256 of the raw bytes.
    pub hash: Vec<u8>,
    /// The raw bytes, in zlib form.
    pub body: Vec<u8>,
    /// Length of the raw bytes.
    pub bytes: i64,
    /// `application/json` or `text/plain`.
    pub media_type: String,
    /// When it came.
    pub created_at: Moment,
    /// The conversation.
    #[sea_orm(belongs_to, from = "conversation_id", to = "id", on_delete = "Cascade")]
    pub conversation: BelongsTo<super::conversation::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
