//! A conversation on the projector, and where its presenter is.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, MessageId, Moment, PresentationId, UserId, audience};

/// One presentation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presentation")]
pub struct Model {
    /// Key; the link that others follow.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PresentationId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
    /// By whom.
    pub presenter_id: UserId,
    /// The message shown.
    pub message_id: Option<MessageId>,
    /// Whether nothing is shown for now.
    pub blank: bool,
    /// When it began.
    pub created_at: Moment,
    /// When it last moved.
    pub updated_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The conversation.
    #[sea_orm(belongs_to, from = "conversation_id", to = "id", on_delete = "Cascade")]
    pub conversation: BelongsTo<super::conversation::Entity>,
    /// The presenter.
    #[sea_orm(belongs_to, from = "presenter_id", to = "id", on_delete = "Cascade")]
    pub presenter: BelongsTo<super::user::Entity>,
    /// The message.
    #[sea_orm(belongs_to, from = "message_id", to = "id", on_delete = "SetNull")]
    pub message: BelongsTo<Option<super::message::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The presentations of conversations that this person may read at `at`.
    pub fn visible_to(user: UserId, at: Moment) -> Select<Self> {
        Self::find().filter(Column::ConversationId.in_subquery(audience::readable(user, at)))
    }

    /// Those of one conversation that run. Also those of somebody who left: that they go with them would tell whose a
    /// made-up name was.
    pub fn running(user: UserId, at: Moment, conversation: ConversationId) -> Select<Self> {
        Self::visible_to(user, at).filter(COLUMN.conversation_id.eq(conversation)).filter(COLUMN.ended_at.is_null())
    }
}
