//! Comments: the thread below an annotation.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Error, Fields,
    author::AuthorId,
    comment::{ChangeComment, CommentView, NewComment},
    entity::{AnnotationId, CommentId},
    text::Said,
};
use utoipa::ToSchema;

use super::{PageQuery, annotation::id};
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    wire::{AuthorOut, Time},
};

/// A comment somebody writes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentIn {
    /// Its words, 1 to 10,000 characters. Each "@name" of somebody in `mentions`, as you know them, is kept as a reference
    /// and read by each under the name that they know; it counts as two characters.
    body: String,
    /// The comment it answers.
    parent_id: Option<String>,
    /// Ids of people of the class whom it names, at most 20.
    #[serde(default)]
    mentions: Vec<String>,
}

/// What is changed of a comment; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentPatch {
    /// Its words: for its author. Each "@name" of somebody whom it names stays a reference.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    body: Patch<String>,
    /// Ids of people of the class whom it names, at most 20: for its author. Whoever is named in the words stays.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    mentions: Patch<Vec<String>>,
    /// Whether its words are hidden from all but staff and its author: for staff.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    hidden: Patch<bool>,
}

/// A comment as one reader sees it.
#[derive(Serialize, ToSchema)]
pub struct CommentOut {
    /// The comment.
    id: String,
    /// Below which annotation.
    annotation_id: String,
    /// The comment it answers; null for the annotation.
    parent_id: Option<String>,
    /// Whose; null once that account is gone, and of a comment that was deleted.
    author: Option<AuthorOut>,
    /// Its words, in which people have the names you know them by; null when it was deleted or is hidden from you.
    body: Option<String>,
    /// Whom it names, in the order of their ids.
    mentions: Vec<AuthorOut>,
    /// Whether its author deleted it: its place is kept for what answers it.
    deleted: bool,
    /// Whether staff hid it.
    hidden: bool,
    /// Whether you flagged it.
    flagged: bool,
    /// When it was written.
    created_at: Time,
    /// When its words last changed.
    edited_at: Option<Time>,
    /// Counts its changes; the ETag.
    version: i32,
}

impl From<CommentView> for CommentOut {
    fn from(view: CommentView) -> Self {
        let CommentView { comment: row, author, mentions, readable, flagged } = view;
        let deleted = row.deleted_at.is_some();
        Self {
            id: row.id.to_string(),
            annotation_id: row.annotation_id.to_string(),
            parent_id: row.parent_id.map(|id| id.to_string()),
            author: author.filter(|_| !deleted).map(AuthorOut::from),
            body: readable.then_some(row.body),
            mentions: mentions.into_iter().map(AuthorOut::from).collect(),
            deleted,
            hidden: row.hidden_at.is_some(),
            flagged,
            created_at: Time(row.created_at),
            edited_at: row.edited_at.map(Time),
            version: row.version,
        }
    }
}

/// The ids of people whom a comment names.
fn people(fields: &mut Fields, ids: Vec<String>) -> Vec<AuthorId> {
    let numbered = ids.into_iter().enumerate();
    let parsed =
        numbered.map(|(index, text)| id(fields, &format!("/mentions/{index}"), Some(text), "somebody in this class"));
    parsed.flatten().collect()
}

async fn shown(state: &State, me: &CurrentUser, id: CommentId) -> Result<(CommentOut, i32)> {
    let view = service::comment::show(&state.db, &me.actor(), id).await?;
    let version = view.comment.version;
    Ok((view.into(), version))
}

/// Writes a comment below an annotation.
#[utoipa::path(post, path = "/api/v1/annotations/{id}/comments", tag = "annotations", params(("id" = String, Path)),
    request_body = CommentIn, responses((status = 201, description = "Written", body = CommentOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    annotation: Path<AnnotationId>,
    body: Json<CommentIn>,
) -> Result<Answer<CommentOut>> {
    let actor = me.making(body.fingerprint);
    let CommentIn { body, parent_id, mentions } = body.value;
    let mut fields = Fields::default();
    let body = fields.take("/body", Said::parse(&body));
    let parent = id(&mut fields, "/parent_id", parent_id, "a comment");
    let mentions = people(&mut fields, mentions);
    let (Some(body), true) = (body, fields.is_fine()) else {
        return Err(Error::from(fields).into());
    };
    let made = service::comment::create(&state.db, &actor, *annotation, NewComment { body, parent, mentions }).await?;
    let (body, version) = shown(&state, &me, made.value).await?;
    let location = format!("/api/v1/comments/{}", body.id);
    Ok(Answer::created(body).at(location).version(version).replayed(made.replayed))
}

/// Lists the comments below an annotation, as they were written.
#[utoipa::path(get, path = "/api/v1/annotations/{id}/comments", tag = "annotations",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, description = "The comments", body = Listing<CommentOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    annotation: Path<AnnotationId>,
    query: Query<PageQuery>,
) -> Result<Paged<CommentOut>> {
    let page = service::comment::list(&state.db, &me.actor(), *annotation, query.parse()?).await?;
    Ok(page.map(CommentOut::from).into())
}

/// Shows a comment.
#[utoipa::path(get, path = "/api/v1/comments/{id}", tag = "annotations", params(("id" = String, Path)),
    responses((status = 200, description = "The comment", body = CommentOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<CommentId>) -> Result<Answer<CommentOut>> {
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Changes your own comment; hides one where you may.
#[utoipa::path(patch, path = "/api/v1/comments/{id}", tag = "annotations", params(("id" = String, Path)),
    request_body = CommentPatch, responses((status = 200, description = "Changed", body = CommentOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<CommentId>,
    expected: IfMatch,
    body: Json<CommentPatch>,
) -> Result<Answer<CommentOut>> {
    let CommentPatch { body, mentions, hidden } = body.value;
    let fields = &mut Fields::default();
    let change = ChangeComment {
        body: body.required(fields, "/body", |text| Said::parse(&text)),
        mentions: mentions.required(fields, "/mentions", Ok).map(|ids| people(fields, ids)),
        hidden: hidden.required(fields, "/hidden", Ok),
    };
    if !fields.is_fine() {
        return Err(Error::from(std::mem::take(fields)).into());
    }
    service::comment::change(&state.db, &me.actor(), *id, expected.0, change).await?;
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Deletes your own comment. If others answered it, its place stays, without words and name.
#[utoipa::path(delete, path = "/api/v1/comments/{id}", tag = "annotations", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(me: CurrentUser, state: Data<State>, id: Path<CommentId>, expected: IfMatch) -> Result<NoContent> {
    service::comment::delete(&state.db, &me.actor(), *id, expected.0).await?;
    Ok(NoContent)
}
