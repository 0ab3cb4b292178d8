//! A conversation on the projector, and where its presenter is.

use sea_orm::entity::prelude::*;

use sea_orm::sea_query::{ExprTrait, Query};

use crate::{
    ConversationId, MessageId, Moment, PresentationId, UserId, audience, conversation,
    enrolment::{self, State},
};

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

    /// Those of one conversation that run: not over, and by somebody who is in the class still, since nobody else can move
    /// them.
    pub fn running(user: UserId, at: Moment, conversation: ConversationId) -> Select<Self> {
        let class = (enrolment::Entity, enrolment::Column::ClassId);
        let members = Query::select()
            .column((enrolment::Entity, enrolment::Column::UserId))
            .from(enrolment::Entity)
            .inner_join(
                conversation::Entity,
                Expr::col((conversation::Entity, conversation::Column::ClassId)).equals(class),
            )
            .and_where(Expr::col((conversation::Entity, conversation::Column::Id)).eq(conversation))
            .and_where(Expr::col((enrolment::Entity, enrolment::Column::State)).eq(State::Active))
            .to_owned();
        Self::visible_to(user, at)
            .filter(COLUMN.conversation_id.eq(conversation))
            .filter(COLUMN.ended_at.is_null())
            .filter(Column::PresenterId.in_subquery(members))
    }
}
