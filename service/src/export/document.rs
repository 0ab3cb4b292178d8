//! The JSON form of a conversation: what is written is what is read again.
//!
//! Marks and threads follow the Web Annotation Data Model of the W3C: a mark is an annotation, a comment one that replies
//! to it. What that model has no word for is named `colloquium:…`.

use entity::{Moment, message::Part};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{annotation::AnnotationView, author::Author, comment::CommentView, conversation::About};

/// What `format` says; the shape of a file is known by it.
pub(crate) const FORMAT: &str = "colloquium.conversation";

/// What `version` says. A file of a later one has things in it that this server does not know.
pub(crate) const VERSION: u32 = 1;

/// A whole file, as it is read; it is written piece by piece.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Document {
    #[serde(default)]
    pub(crate) class: Option<Class>,
    pub(crate) conversation: Conversation,
    pub(crate) messages: Vec<Message>,
    #[serde(default)]
    pub(crate) annotations: AnnotationPage,
}

/// The marks and comments of a file; each is read by itself, so that one costs no other.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct AnnotationPage {
    #[serde(default)]
    pub(crate) items: Vec<serde_json::Value>,
}

/// What is known of a conversation besides its messages and marks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) author: Option<Person>,
    #[serde(default)]
    pub(crate) visibility: String,
    pub(crate) platform: String,
    /// For its owner alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_id: Option<String>,
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) started_at: Option<String>,
}

/// Where it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Class {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
}

/// Somebody, as the one who exported it saw them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    #[serde(rename = "colloquium:role", default)]
    pub(crate) role: String,
    #[serde(rename = "colloquium:me", default)]
    pub(crate) me: bool,
}

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// For the conversation's owner alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_id: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
    #[serde(default)]
    pub(crate) hidden: bool,
    #[serde(default)]
    pub(crate) on_path: bool,
    pub(crate) parts: Vec<Part>,
}

/// A mark, or a comment in the thread below one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Annotation {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) motivation: String,
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) creator: Option<Person>,
    #[serde(default)]
    pub(crate) body: Vec<Body>,
    pub(crate) target: Target,
    #[serde(rename = "colloquium:audience", default, skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(rename = "colloquium:resolved", default, skip_serializing_if = "is_false")]
    pub(crate) resolved: bool,
    #[serde(rename = "colloquium:hidden", default, skip_serializing_if = "is_false")]
    pub(crate) hidden: bool,
    #[serde(rename = "colloquium:orphan", default, skip_serializing_if = "is_false")]
    pub(crate) orphan: bool,
    #[serde(rename = "colloquium:deleted", default, skip_serializing_if = "is_false")]
    pub(crate) deleted: bool,
    #[serde(rename = "colloquium:mentions", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mentions: Vec<Person>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Words of an annotation: what somebody says, or a tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `tagging`; anything else is said.
    #[serde(default)]
    pub(crate) purpose: String,
    pub(crate) value: String,
    #[serde(rename = "colloquium:colour", default, skip_serializing_if = "Option::is_none")]
    pub(crate) colour: Option<String>,
}

/// What an annotation is on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Target {
    /// Another annotation, which it replies to.
    Reply(String),
    /// The conversation, a message, or words of one.
    Place {
        source: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        selector: Vec<Selector>,
    },
}

/// Where words stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
pub(crate) enum Selector {
    /// By offsets in Unicode scalar values of the part's `text`.
    #[serde(rename = "TextPositionSelector")]
    Position { start: i32, end: i32 },
    /// By the words and what is around them.
    #[serde(rename = "TextQuoteSelector")]
    Quote {
        exact: String,
        #[serde(default)]
        prefix: String,
        #[serde(default)]
        suffix: String,
    },
    /// By something else, which this server does not look at.
    #[serde(other)]
    Other,
}

/// The name of a thing by its id.
pub(crate) fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

/// The id in a name, without what stands behind a `#`.
pub(crate) fn id_of(urn: &str) -> &str {
    let id = urn.strip_prefix("urn:uuid:").unwrap_or(urn);
    id.split_once('#').map_or(id, |(id, _)| id)
}

/// The number of the part that a name points at; the first if it does not say.
pub(crate) fn part_of(urn: &str) -> i32 {
    let part = urn.split_once("#part=").and_then(|(_, part)| part.parse().ok());
    part.unwrap_or(0)
}

/// A moment, RFC 3339 in UTC.
pub(crate) fn time(at: Moment) -> Option<String> {
    OffsetDateTime::from(at).format(&Rfc3339).ok()
}

/// The moment behind it.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(Moment::from)
}

/// How a value of a closed list is called in files, as in the database.
pub(crate) fn word<E: ActiveEnum<Value = String>>(value: &E) -> String {
    value.to_value()
}

impl From<Author> for Person {
    fn from(author: Author) -> Self {
        let Author { id, name, role, me } = author;
        Self { id: urn(id.0), kind: "Person".to_owned(), name, role: word(&role), me }
    }
}

impl Conversation {
    pub(super) fn of(about: &About) -> Self {
        let row = &about.conversation;
        Self {
            id: row.id.to_string(),
            title: row.title.clone(),
            author: about.author.clone().map(Person::from),
            visibility: word(&row.visibility),
            platform: word(&row.platform),
            source_id: row.source_id.clone().filter(|_| about.mine),
            model: row.model.clone(),
            started_at: row.started_at.and_then(time),
        }
    }
}

impl Message {
    pub(super) fn of(row: entity::message::Model, mine: bool) -> Self {
        Self {
            id: row.id.to_string(),
            source_id: row.source_id.filter(|_| mine),
            parent_id: row.parent_id.map(|id| id.to_string()),
            role: word(&row.role),
            model: row.model,
            created_at: row.created_at.and_then(time),
            hidden: row.hidden,
            on_path: row.on_path,
            parts: row.parts.0,
        }
    }
}

fn said(value: String, purpose: &str) -> Body {
    Body { kind: "TextualBody".to_owned(), purpose: purpose.to_owned(), value, colour: None }
}

impl From<AnnotationView> for Annotation {
    fn from(view: AnnotationView) -> Self {
        let AnnotationView { annotation: row, author, tags, orphan, .. } = view;
        let motivation = match (&row.note, tags.is_empty()) {
            (Some(_), _) => "commenting",
            (None, false) => "tagging",
            (None, true) => "highlighting",
        };
        let note = row.note.map(|note| said(note, "commenting"));
        let tags = tags.into_iter().map(|tag| Body { colour: Some(tag.colour), ..said(tag.name, "tagging") });
        let mut selector = Vec::new();
        if let (Some(start), Some(end)) = (row.start, row.stop) {
            selector.push(Selector::Position { start, end });
        }
        if let Some(exact) = row.quote {
            let (prefix, suffix) = (row.prefix.unwrap_or_default(), row.suffix.unwrap_or_default());
            selector.push(Selector::Quote { exact, prefix, suffix });
        }
        let source = match (row.message_id, row.part) {
            (Some(message), Some(part)) => format!("{}#part={part}", urn(message.0)),
            (Some(message), None) => urn(message.0),
            (None, _) => urn(row.conversation_id.0),
        };
        Self {
            id: urn(row.id.0),
            kind: "Annotation".to_owned(),
            motivation: motivation.to_owned(),
            created: time(row.created_at).unwrap_or_default(),
            modified: time(row.updated_at),
            creator: author.map(Person::from),
            body: note.into_iter().chain(tags).collect(),
            target: Target::Place { source, selector },
            audience: Some(word(&row.audience)),
            resolved: row.resolved_at.is_some(),
            hidden: row.hidden_at.is_some(),
            orphan,
            deleted: false,
            mentions: Vec::new(),
        }
    }
}

impl From<CommentView> for Annotation {
    fn from(view: CommentView) -> Self {
        let CommentView { comment: row, author, mentions, readable, .. } = view;
        let deleted = row.deleted_at.is_some();
        let above = row.parent_id.map_or(row.annotation_id.0, |parent| parent.0);
        Self {
            id: urn(row.id.0),
            kind: "Annotation".to_owned(),
            motivation: "replying".to_owned(),
            created: time(row.created_at).unwrap_or_default(),
            modified: row.edited_at.and_then(time),
            creator: author.filter(|_| !deleted).map(Person::from),
            body: readable.then(|| said(row.body, "replying")).into_iter().collect(),
            target: Target::Reply(urn(above)),
            audience: None,
            resolved: false,
            hidden: row.hidden_at.is_some(),
            orphan: false,
            deleted,
            mentions: mentions.into_iter().map(Person::from).collect(),
        }
    }
}

/// The value of a closed list behind its word.
pub(crate) fn value<E: ActiveEnum<Value = String>>(word: &str) -> Option<E> {
    E::try_from_value(&word.to_owned()).ok()
}
