//! A message's parts as HTML, kept so that they are made once.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{MessageId, message::PartKind};

/// One part, in the order of the message's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedPart {
    /// What it is.
    pub kind: PartKind,
    /// Safe to put into a page as it stands.
    pub html: String,
    /// How long the model thought, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// The line that stands for it where it is folded; none where it is not: a later version of a document has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// All parts of one message, one JSON column: a page of many messages is read in one statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct RenderedParts(pub Vec<RenderedPart>);

/// The rendering of one message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rendering")]
pub struct Model {
    /// Of which message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: MessageId,
    /// Of which version of it: another one is never shown.
    pub version: i32,
    /// By which version of the renderer.
    pub renderer: i32,
    /// The HTML.
    pub parts: RenderedParts,
    /// The message.
    #[sea_orm(belongs_to, from = "message_id", to = "id", on_delete = "Cascade")]
    pub message: BelongsTo<super::message::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
