//! Annotations: marks on words, on messages and on whole conversations.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Error, Fields, Flaw,
    anchor::Span,
    annotation::{AnnotationView, ChangeAnnotation, Filter, NewAnnotation, On, Sort},
    entity::{AnnotationId, ConversationId, MessageId, TagId, annotation::Target as Stored},
    page::PageRequest,
    text::Note,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conversation::author;
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    wire::{Audience, AuthorOut, Target, Time},
};

/// An annotation somebody makes. Without a target it is on the words if `start` or `end` is given, on the message if
/// `message_id` is, else on the conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotationIn {
    /// On what.
    target: Option<Target>,
    /// On which message.
    message_id: Option<String>,
    /// In which of its parts, not counting those of the kind `context`; the first if not said.
    part: Option<i32>,
    /// Where the words begin, in Unicode scalar values of the part's `text`.
    start: Option<i32>,
    /// Where they end, exclusive.
    end: Option<i32>,
    /// The words that you take to stand there; others are refused.
    quote: Option<String>,
    /// What you say of it, at most 10,000 characters.
    note: Option<String>,
    /// Ids of tags of the class, or of your own.
    #[serde(default)]
    tags: Vec<String>,
    /// Who may see it besides you, never more than may read the conversation; nobody if not said.
    audience: Option<Audience>,
}

/// What is changed of an annotation; what is not sent stays, `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotationPatch {
    /// What its author says of it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Patch<String>,
    /// All its tags.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Patch<Vec<String>>,
    /// Who may see it besides its author.
    #[serde(default)]
    #[schema(value_type = Option<Audience>)]
    audience: Patch<Audience>,
    /// Whether its thread is done: for its author, the conversation's owner and staff.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    resolved: Patch<bool>,
    /// Whether it is hidden from all but staff and its author: for staff.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    hidden: Patch<bool>,
}

/// Where marked words stand.
#[derive(Serialize, ToSchema)]
pub struct AnchorOut {
    /// The version of the message these numbers are of.
    version: i32,
    /// Which of its parts, not counting those of the kind `context`, from 0.
    part: i32,
    /// Where the words begin, in Unicode scalar values of the part's `text`.
    start: i32,
    /// Where they end, exclusive.
    end: i32,
    /// The words.
    quote: String,
    /// Up to 32 characters before them.
    prefix: String,
    /// Up to 32 characters after them.
    suffix: String,
}

/// An annotation as one reader sees it.
#[derive(Serialize, ToSchema)]
pub struct AnnotationOut {
    /// The annotation.
    id: String,
    /// In which conversation.
    conversation_id: String,
    /// On what.
    target: Target,
    /// On which message; null on the conversation.
    message_id: Option<String>,
    /// Where the words stand in the message as it is now; of an orphan, where they stood. Null unless on words.
    anchor: Option<AnchorOut>,
    /// Whether its words are not to be found any more.
    orphan: bool,
    /// What its author says of it.
    note: Option<String>,
    /// Ids of its tags, those that others keep to themselves left out.
    tags: Vec<String>,
    /// Who may see it besides its author.
    audience: Audience,
    /// Whose; null once that account is gone.
    author: Option<AuthorOut>,
    /// Whether its thread is done.
    resolved: bool,
    /// Whether staff hid it.
    hidden: bool,
    /// Whether you flagged it.
    flagged: bool,
    /// Comments you may read.
    comments: u64,
    /// When it was made.
    created_at: Time,
    /// When it last changed.
    updated_at: Time,
    /// Counts its changes; the ETag.
    version: i32,
}

impl From<AnnotationView> for AnnotationOut {
    fn from(view: AnnotationView) -> Self {
        let AnnotationView { annotation: row, author, tags, orphan, flagged, comments } = view;
        let anchor = (row.target == Stored::Span).then(|| AnchorOut {
            version: row.message_version.unwrap_or_default(),
            part: row.part.unwrap_or_default(),
            start: row.start.unwrap_or_default(),
            end: row.stop.unwrap_or_default(),
            quote: row.quote.unwrap_or_default(),
            prefix: row.prefix.unwrap_or_default(),
            suffix: row.suffix.unwrap_or_default(),
        });
        Self {
            id: row.id.to_string(),
            conversation_id: row.conversation_id.to_string(),
            target: row.target.into(),
            message_id: row.message_id.map(|id| id.to_string()),
            anchor,
            orphan,
            note: row.note,
            tags: tags.iter().map(|tag| tag.id.to_string()).collect(),
            audience: row.audience.into(),
            author: author.map(AuthorOut::from),
            resolved: row.resolved_at.is_some(),
            hidden: row.hidden_at.is_some(),
            flagged,
            comments,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
            version: row.version,
        }
    }
}

/// Which annotations are listed, and in which order.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnnotationQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `me`, or an author's id.
    author: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// For whom.
    #[param(inline)]
    audience: Option<Audience>,
    /// On this message.
    message_id: Option<String>,
    /// On what.
    #[param(inline)]
    target: Option<Target>,
    /// Whether their thread is done.
    resolved: Option<bool>,
    /// With these words in the note or the marked words.
    q: Option<String>,
    /// Changed since.
    updated_since: Option<Time>,
    /// These, or those with these comments below them: at most 100 ids, with commas between. What is not in the answer is
    /// gone, or no longer for you.
    ids: Option<String>,
    /// `created` or `place`, as they stand in the conversation; `created` if not said.
    sort: Option<String>,
}

/// Reads an id of a body or a query.
pub(super) fn id<T: std::str::FromStr>(
    fields: &mut Fields,
    pointer: &str,
    text: Option<String>,
    what: &str,
) -> Option<T> {
    let wrong = |_| Flaw::new("id_invalid", format!("expected the id of {what}"));
    text.and_then(|text| fields.take(pointer, text.parse().map_err(wrong)))
}

fn ids(text: &str) -> Result<Vec<Uuid>, Flaw> {
    let ids: Result<Vec<Uuid>, _> = text.split(',').map(str::parse).collect();
    let flaw = || Flaw::new("id_invalid", "expected at most 100 ids with commas between");
    ids.ok().filter(|ids| ids.len() <= 100).ok_or_else(flaw)
}

fn tags(fields: &mut Fields, tags: Vec<String>) -> Vec<TagId> {
    let numbered = tags.into_iter().enumerate();
    numbered.filter_map(|(index, tag)| id(fields, &format!("/tags/{index}"), Some(tag), "a tag")).collect()
}

impl AnnotationIn {
    fn parse(self) -> service::Result<NewAnnotation> {
        let Self { target, message_id, part, start, end, quote, note, tags: wanted, audience } = self;
        let mut fields = Fields::default();
        let words = start.is_some() || end.is_some() || part.is_some() || quote.is_some();
        let named = message_id.is_some();
        let message: Option<MessageId> = id(&mut fields, "/message_id", message_id, "a message");
        let target = target.map(Stored::from).unwrap_or(match (words, named) {
            (true, _) => Stored::Span,
            (false, true) => Stored::Message,
            (false, false) => Stored::Conversation,
        });
        let need = |fields: &mut Fields, there: bool, pointer: &str| {
            if !there {
                fields.note(pointer, Flaw::new("required", "needed for such a target"));
            }
        };
        if target != Stored::Conversation {
            need(&mut fields, named, "/message_id");
        }
        if target == Stored::Span {
            need(&mut fields, start.is_some(), "/start");
            need(&mut fields, end.is_some(), "/end");
        } else if words || (named && target == Stored::Conversation) {
            fields.note("/target", Flaw::new("unfitting", "what else is sent does not fit such a target"));
        }
        let note = note.and_then(|note| fields.take("/note", Note::parse(&note)));
        let tags = tags(&mut fields, wanted);
        let on = match (target, message, start, end) {
            (Stored::Conversation, ..) => Some(On::Conversation),
            (Stored::Message, Some(message), ..) => Some(On::Message(message)),
            (Stored::Span, Some(message), Some(start), Some(stop)) => {
                let span = Span { part: part.unwrap_or(0), start, stop };
                Some(On::Span(message, span, quote))
            }
            _ => None,
        };
        let (Some(on), true) = (on, fields.is_fine()) else {
            return Err(fields.into());
        };
        Ok(NewAnnotation { on, note, tags, audience: audience.unwrap_or(Audience::Private).into() })
    }
}

async fn shown(state: &State, me: &CurrentUser, id: AnnotationId) -> Result<(AnnotationOut, i32)> {
    let view = service::annotation::show(&state.db, &me.actor(), id).await?;
    let version = view.annotation.version;
    Ok((view.into(), version))
}

/// Marks words, a message or a conversation.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/annotations", tag = "annotations",
    params(("id" = String, Path)), request_body = AnnotationIn,
    responses((status = 201, description = "Marked", body = AnnotationOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    conversation: Path<ConversationId>,
    body: Json<AnnotationIn>,
) -> Result<Answer<AnnotationOut>> {
    let actor = me.making(body.fingerprint);
    let new = body.value.parse()?;
    let made = service::annotation::create(&state.db, &actor, *conversation, new).await?;
    let (body, version) = shown(&state, &me, made.value).await?;
    let location = format!("/api/v1/annotations/{}", body.id);
    Ok(Answer::created(body).at(location).version(version).replayed(made.replayed))
}

/// Lists the annotations of a conversation that you may see.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/annotations", tag = "annotations",
    params(("id" = String, Path), AnnotationQuery),
    responses((status = 200, description = "The annotations", body = Listing<AnnotationOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    conversation: Path<ConversationId>,
    query: Query<AnnotationQuery>,
) -> Result<Paged<AnnotationOut>> {
    let query = query.into_inner();
    let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
    let mut fields = Fields::default();
    let sort = fields.take("sort", Sort::parse(query.sort.as_deref()));
    let author = query.author.and_then(|text| fields.take("author", author(&text)));
    let filter = Filter {
        author,
        tag: id(&mut fields, "tag", query.tag, "a tag"),
        audience: query.audience.map(Into::into),
        message: id(&mut fields, "message_id", query.message_id, "a message"),
        target: query.target.map(Into::into),
        resolved: query.resolved,
        words: query.q,
        updated_since: query.updated_since.map(Into::into),
        ids: query.ids.and_then(|text| fields.take("ids", ids(&text))),
    };
    let (Some(sort), true) = (sort, fields.is_fine()) else {
        return Err(Error::from(fields).into());
    };
    let page = service::annotation::list(&state.db, &me.actor(), *conversation, filter, sort, page).await?;
    Ok(page.map(AnnotationOut::from).into())
}

/// Shows an annotation.
#[utoipa::path(get, path = "/api/v1/annotations/{id}", tag = "annotations", params(("id" = String, Path)),
    responses((status = 200, description = "The annotation", body = AnnotationOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<AnnotationId>) -> Result<Answer<AnnotationOut>> {
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Changes your own annotation; resolves or hides one where you may.
#[utoipa::path(patch, path = "/api/v1/annotations/{id}", tag = "annotations", params(("id" = String, Path)),
    request_body = AnnotationPatch, responses((status = 200, description = "Changed", body = AnnotationOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<AnnotationId>,
    expected: IfMatch,
    body: Json<AnnotationPatch>,
) -> Result<Answer<AnnotationOut>> {
    let AnnotationPatch { note, tags: wanted, audience, resolved, hidden } = body.value;
    let mut fields = Fields::default();
    let note = note.optional(&mut fields, "/note", |text| Note::parse(&text));
    let wanted = wanted.optional(&mut fields, "/tags", Ok).map(Option::unwrap_or_default);
    let change = ChangeAnnotation {
        note,
        tags: wanted.map(|wanted| tags(&mut fields, wanted)),
        audience: audience.required(&mut fields, "/audience", |audience| Ok(audience.into())),
        resolved: resolved.required(&mut fields, "/resolved", Ok),
        hidden: hidden.required(&mut fields, "/hidden", Ok),
    };
    if !fields.is_fine() {
        return Err(Error::from(fields).into());
    }
    service::annotation::change(&state.db, &me.actor(), *id, expected.0, change).await?;
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Deletes your own annotation with its thread. It can be restored for an hour.
#[utoipa::path(delete, path = "/api/v1/annotations/{id}", tag = "annotations", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(
    me: CurrentUser,
    state: Data<State>,
    id: Path<AnnotationId>,
    expected: IfMatch,
) -> Result<NoContent> {
    service::annotation::delete(&state.db, &me.actor(), *id, expected.0).await?;
    Ok(NoContent)
}

/// Takes the deletion of your own annotation back, within an hour.
#[utoipa::path(post, path = "/api/v1/annotations/{id}/restore", tag = "annotations", params(("id" = String, Path)),
    responses((status = 200, description = "Here again", body = AnnotationOut)))]
pub async fn restore(me: CurrentUser, state: Data<State>, id: Path<AnnotationId>) -> Result<Answer<AnnotationOut>> {
    service::annotation::restore(&state.db, &me.actor(), *id).await?;
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}
