//! Messages.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    Fields, Flaw,
    entity::{
        ConversationId, MessageId,
        message::{self, Part},
    },
    message::{Continue, NewMessage},
    page::PageRequest,
    text::{self, ModelName},
};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Listing, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, WITH_MESSAGES},
    query::Query,
    state::State,
    wire::{MessageRole, PartKind, Time},
};

use super::conversation::{ConversationOut, shown};

/// Characters of one typed message.
const LONGEST: usize = 256 << 10;
/// Messages of one request.
const MOST: usize = 1_000;

/// One part of a message.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartBody {
    /// What it is.
    kind: PartKind,
    /// Its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Language of code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// Name of a tool or a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What else the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl From<Part> for PartBody {
    fn from(part: Part) -> Self {
        let Part { kind, text, lang, name, data } = part;
        Self { kind: kind.into(), text, lang, name, data }
    }
}

/// A message somebody writes or copies; `content` or `parts`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageIn {
    /// Who speaks.
    role: MessageRole,
    /// Shorthand for one part of text.
    content: Option<String>,
    /// The parts.
    parts: Option<Vec<PartBody>>,
    /// Which model.
    model: Option<String>,
    /// When it was written; stays unknown if not said.
    created_at: Option<Time>,
}

/// Messages to go on with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContinueIn {
    /// After which message; the last of the visible path if not said. Another one begins a branch.
    parent_id: Option<String>,
    /// One after the other.
    messages: Vec<MessageIn>,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct MessageOut {
    /// The message.
    id: String,
    /// The message it follows.
    parent_id: Option<String>,
    /// Its place among the messages of all branches, from 0.
    position: i32,
    /// Who speaks.
    role: MessageRole,
    /// Which model, where known.
    model: Option<String>,
    /// When it was written, where known.
    created_at: Option<Time>,
    /// Not shown by the platform it comes from.
    hidden: bool,
    /// On the path that platform shows.
    on_path: bool,
    /// The visible text.
    content: String,
    /// All parts.
    parts: Vec<PartBody>,
    /// Counts changes of its text.
    version: i32,
}

impl From<message::Model> for MessageOut {
    fn from(row: message::Model) -> Self {
        Self {
            id: row.id.to_string(),
            parent_id: row.parent_id.map(|id| id.to_string()),
            position: row.position,
            role: row.role.into(),
            model: row.model,
            created_at: row.created_at.map(Time),
            hidden: row.hidden,
            on_path: row.on_path,
            content: row.content,
            parts: row.parts.0.into_iter().map(PartBody::from).collect(),
            version: row.version,
        }
    }
}

/// Reads the messages of a body that stand under `/messages`.
pub(super) fn parse(messages: Vec<MessageIn>, fields: &mut Fields) -> Vec<NewMessage> {
    if messages.is_empty() || messages.len() > MOST {
        let detail = format!("expected 1 to {MOST} messages, found {}", messages.len());
        fields.note("/messages", Flaw::new("out_of_range", detail));
        return Vec::new();
    }
    let numbered = messages.into_iter().enumerate();
    numbered.filter_map(|(index, message)| parse_one(message, &format!("/messages/{index}"), fields)).collect()
}

fn parse_one(message: MessageIn, at: &str, fields: &mut Fields) -> Option<NewMessage> {
    let MessageIn { role, content, parts, model, created_at } = message;
    let model = model.and_then(|name| fields.take(format!("{at}/model"), ModelName::parse(&name)));
    let parts = match (content, parts) {
        (Some(content), None) => {
            fields.take(format!("{at}/content"), words(&content))?;
            let kind = service::entity::message::PartKind::Text;
            vec![Part { kind, text: Some(content), lang: None, name: None, data: None }]
        }
        (None, Some(parts)) if (1..=MOST).contains(&parts.len()) => {
            let numbered = parts.into_iter().enumerate();
            numbered.filter_map(|(i, part)| parse_part(part, &format!("{at}/parts/{i}"), fields)).collect()
        }
        (None, Some(parts)) => {
            let detail = format!("expected 1 to {MOST} parts, found {}", parts.len());
            fields.note(format!("{at}/parts"), Flaw::new("out_of_range", detail));
            return None;
        }
        _ => {
            fields.note(at, Flaw::new("content_or_parts", "expected either `content` or `parts`"));
            return None;
        }
    };
    let model = model.map(ModelName::into_inner);
    Some(NewMessage { role: role.into(), parts, model, created_at: created_at.map(Into::into) })
}

fn words(text: &str) -> Result<(), Flaw> {
    text::body(text)?;
    let found = text.chars().count();
    if found > LONGEST {
        return Err(Flaw::new("too_long", format!("at most {LONGEST} characters, found {found}")));
    }
    Ok(())
}

fn parse_part(part: PartBody, at: &str, fields: &mut Fields) -> Option<Part> {
    let PartBody { kind, text, lang, name, data } = part;
    for (member, value) in [("text", &text), ("lang", &lang), ("name", &name)] {
        if let Some(value) = value {
            fields.take(format!("{at}/{member}"), words(value))?;
        }
    }
    if let Some(data) = &data {
        fields.take(format!("{at}/data"), plain(data))?;
    }
    Some(Part { kind: kind.into(), text, lang, name, data })
}

/// Whether every string of a JSON value is fine.
fn plain(value: &Value) -> Result<(), Flaw> {
    match value {
        Value::String(text) => words(text),
        Value::Array(items) => items.iter().try_for_each(plain),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            words(name)?;
            plain(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Which messages.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `all` for the whole tree instead of the visible path.
    #[param(inline)]
    branches: Option<Branches>,
}

/// Which branches of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Branches {
    /// The visible path.
    Path,
    /// All of them.
    All,
}

/// Lists the messages of a conversation in reading order.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path), MessageQuery),
    responses((status = 200, description = "The messages", body = Listing<MessageOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<MessageQuery>,
) -> Result<Paged<MessageOut>> {
    let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
    let all = query.branches == Some(Branches::All);
    let page = service::message::list(&state.db, &me.actor(), *id, all, page).await?;
    Ok(page.map(MessageOut::from).into())
}

/// Goes on with your own conversation. What is added becomes the visible path.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path)), request_body = ContinueIn,
    responses((status = 201, description = "Added", body = ConversationOut)))]
pub async fn append(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    expected: IfMatch,
    body: Json<ContinueIn, WITH_MESSAGES>,
) -> Result<Answer<ConversationOut>> {
    let actor = me.making(body.fingerprint);
    let ContinueIn { parent_id, messages } = body.value;
    let mut fields = Fields::default();
    let wrong = |_| Flaw::new("id_invalid", "expected a message id");
    let parent = parent_id.and_then(|id| fields.take("/parent_id", id.parse::<MessageId>().map_err(wrong)));
    let messages = parse(messages, &mut fields);
    if !fields.is_fine() {
        return Err(service::Error::from(fields).into());
    }
    let made = service::message::append(&state.db, &actor, *id, expected.0, Continue { parent, messages }).await?;
    let (body, version) = shown(&state, &me, made.value).await?;
    Ok(Answer::created(body).version(version).replayed(made.replayed))
}
