//! A mark on exact words, on a message or on a whole conversation.

use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Query, SelectStatement},
};

use crate::{AnnotationId, Audience, ConversationId, MessageId, Moment, UserId, audience, conversation};

/// The version of a message that a mark is of whose words were not there when it came in: nobody looks for them again.
pub const LOST: i32 = 0;

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Target {
    /// Words of one part of a message.
    Span,
    /// A message.
    Message,
    /// The conversation.
    Conversation,
}

/// One annotation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "annotation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnnotationId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// On which message; none for the whole conversation.
    pub message_id: Option<MessageId>,
    /// Whose; none once that account is gone.
    pub author_id: Option<UserId>,
    /// What is marked.
    pub target: Target,
    /// The version of the message it was made on.
    pub message_version: Option<i32>,
    /// The part, counted from 0.
    pub part: Option<i32>,
    /// Where the words begin in the part's text, in Unicode scalar values.
    pub start: Option<i32>,
    /// Where they end, exclusive.
    pub stop: Option<i32>,
    /// The words.
    #[sea_orm(column_type = "Text", nullable)]
    pub quote: Option<String>,
    /// What stands before them.
    pub prefix: Option<String>,
    /// What stands after them.
    pub suffix: Option<String>,
    /// What its author says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Who may see it besides its author.
    pub audience: Audience,
    /// When its thread was called done.
    pub resolved_at: Option<Moment>,
    /// When staff hid it.
    pub hidden_at: Option<Moment>,
    /// Who hid it.
    pub hidden_by: Option<UserId>,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// When its author deleted it; it can be restored for a while.
    pub deleted_at: Option<Moment>,
    /// Counts changes; the ETag.
    pub version: i32,
    /// The conversation.
    #[sea_orm(belongs_to, from = "conversation_id", to = "id", on_delete = "Cascade")]
    pub conversation: BelongsTo<super::conversation::Entity>,
    /// The message.
    #[sea_orm(belongs_to, from = "message_id", to = "id", on_delete = "Cascade")]
    pub message: BelongsTo<Option<super::message::Entity>>,
    /// The person who made it.
    #[sea_orm(belongs_to, relation_enum = "Author", from = "author_id", to = "id", on_delete = "SetNull")]
    pub author: BelongsTo<Option<super::user::Entity>>,
    /// The person who hid it.
    #[sea_orm(belongs_to, relation_enum = "Hider", from = "hidden_by", to = "id", on_delete = "SetNull")]
    pub hider: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The annotations this person may see at `at`, of conversations they may read: their own, and those of others as far
    /// as [`audience::reached`] says. What staff hid is for staff and its author.
    pub fn visible_to(user: UserId, at: Moment) -> Select<Self> {
        let hidden = COLUMN.hidden_at.is_null();
        let others = audience::reached(user, at, (Entity, Column::ConversationId), (Entity, Column::Audience), hidden);
        Self::find()
            .filter(COLUMN.deleted_at.is_null())
            .filter(Column::ConversationId.in_subquery(audience::readable(user, at)))
            .filter(Condition::any().add(COLUMN.author_id.eq(user)).add(others))
    }

    /// How many marks of this person's the conversation at hand has, in a query over conversations.
    #[must_use]
    pub fn made_by(user: UserId) -> SelectStatement {
        let own = |column: Column| Expr::col(("own", column));
        Query::select()
            .expr(own(Column::Id).count())
            .from_as(Entity, "own")
            .and_where(own(Column::ConversationId).equals((conversation::Entity, conversation::Column::Id)))
            .and_where(own(Column::AuthorId).eq(user))
            .and_where(own(Column::DeletedAt).is_null())
            .to_owned()
    }

    /// What this person marked in classes they are in or left lately, also where they may not read any more what it is on.
    pub fn authored_by(user: UserId, at: Moment) -> Select<Self> {
        Self::find()
            .filter(COLUMN.author_id.eq(user))
            .filter(COLUMN.deleted_at.is_null())
            .filter(Column::ConversationId.in_subquery(audience::around(user, at)))
    }

    /// What this person deleted after `since`, of conversations they may read.
    pub fn deleted_by(user: UserId, at: Moment, since: Moment) -> Select<Self> {
        Self::find()
            .filter(COLUMN.author_id.eq(user))
            .filter(COLUMN.deleted_at.gt(since))
            .filter(Column::ConversationId.in_subquery(audience::readable(user, at)))
    }
}
