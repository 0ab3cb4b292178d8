//! One message of a conversation: a node of a tree, made of parts.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{ConversationId, MessageId, Moment};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Instructions to the model.
    System,
    /// A tool the model called.
    Tool,
    /// The source does not say.
    Unknown,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Words.
    Text,
    /// Program text.
    Code,
    /// The model's reasoning.
    Thinking,
    /// A call of a tool.
    ToolCall,
    /// What a tool answered.
    ToolResult,
    /// A picture, or the place of one.
    Image,
    /// A recording, or the place of one, with its transcript.
    Audio,
    /// A file, with its extracted text.
    Attachment,
    /// A text that was written beside the conversation: a canvas, an artifact, a file. `name` is its title; Markdown, or
    /// code where `lang` says which.
    Document,
    /// A source the model names.
    Citation,
    /// Custom instructions, memory, profile: for the conversation's owner alone.
    Context,
    /// An error the platform showed.
    Error,
    /// Something we do not know; `data` keeps it raw.
    Unknown,
}

/// One part, in the order of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Language of code, of a document too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Name of a tool, a file or a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// The parts of one message, one JSON column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Parts(pub Vec<Part>);

/// One message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
    /// The message it follows.
    pub parent_id: Option<MessageId>,
    /// Its place among the messages of all branches that others may see, from 0; a message of context alone has the
    /// place of the message after it.
    pub position: i32,
    /// Its id in the source.
    pub source_id: Option<String>,
    /// Who speaks.
    pub role: Role,
    /// Which model, where the source says.
    pub model: Option<String>,
    /// When it was written, as the source says; none if it does not.
    pub created_at: Option<Moment>,
    /// Not shown by the platform it comes from.
    pub hidden: bool,
    /// On the path the platform shows.
    pub on_path: bool,
    /// Made of `context` parts alone: for the conversation's owner, for nobody else in any form.
    pub confidential: bool,
    /// The visible text.
    #[sea_orm(column_type = "Text")]
    pub content: String,
    /// All parts.
    pub parts: Parts,
    /// When it came here.
    pub added_at: Moment,
    /// Counts changes of its text.
    pub version: i32,
    /// The conversation.
    #[sea_orm(belongs_to, from = "conversation_id", to = "id", on_delete = "Cascade")]
    pub conversation: BelongsTo<super::conversation::Entity>,
    /// The message it follows.
    #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id", on_delete = "SetNull")]
    pub parent: BelongsTo<Option<Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The messages of one conversation, in reading order.
    pub fn in_conversation(conversation: ConversationId) -> Select<Self> {
        use sea_orm::QueryOrder;
        Self::find()
            .filter(COLUMN.conversation_id.eq(conversation))
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Id)
    }
}
