//! Flags: asking staff to look at something, and their queue.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Error, Fields,
    entity::{AnnotationId, ClassId, CommentId, flag},
    flag::{Flagged, Object, Raised},
    text::Title,
};
use utoipa::ToSchema;

use super::{PageQuery, annotation::AnnotationOut, comment::CommentOut};
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::Json,
    query::Query,
    state::State,
    wire::{AuthorOut, Time},
};

/// A request to look at something.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagIn {
    /// Why, at most 300 characters.
    reason: Option<String>,
}

/// Your flag.
#[derive(Serialize, ToSchema)]
pub struct FlagOut {
    /// The flag.
    id: String,
    /// On which annotation.
    annotation_id: Option<String>,
    /// Or on which comment.
    comment_id: Option<String>,
    /// Why.
    reason: Option<String>,
    /// When.
    created_at: Time,
}

impl From<flag::Model> for FlagOut {
    fn from(row: flag::Model) -> Self {
        Self {
            id: row.id.to_string(),
            annotation_id: row.annotation_id.map(|id| id.to_string()),
            comment_id: row.comment_id.map(|id| id.to_string()),
            reason: row.reason,
            created_at: Time(row.created_at),
        }
    }
}

/// A flag as staff see it.
#[derive(Serialize, ToSchema)]
pub struct RaisedOut {
    /// Who raised it.
    author: Option<AuthorOut>,
    /// Why.
    reason: Option<String>,
    /// When.
    created_at: Time,
}

impl From<Raised> for RaisedOut {
    fn from(flag: Raised) -> Self {
        let Raised { author, reason, created_at } = flag;
        Self { author: author.map(AuthorOut::from), reason, created_at: Time(created_at) }
    }
}

/// Something that was flagged, with all its flags.
#[derive(Serialize, ToSchema)]
pub struct FlaggedOut {
    /// The annotation, or the one the comment stands below.
    annotation: AnnotationOut,
    /// The comment, if it is one that was flagged.
    comment: Option<CommentOut>,
    /// Who asks to look at it, in the order they did.
    flags: Vec<RaisedOut>,
}

impl From<Flagged> for FlaggedOut {
    fn from(flagged: Flagged) -> Self {
        let Flagged { annotation, comment, flags } = flagged;
        Self {
            annotation: annotation.into(),
            comment: comment.map(CommentOut::from),
            flags: flags.into_iter().map(RaisedOut::from).collect(),
        }
    }
}

async fn raise(me: CurrentUser, state: &State, object: Object, body: Json<FlagIn>) -> Result<Answer<FlagOut>> {
    let actor = me.making(body.fingerprint);
    let mut fields = Fields::default();
    let reason = body.value.reason.and_then(|text| fields.take("/reason", Title::parse(&text)));
    if !fields.is_fine() {
        return Err(Error::from(fields).into());
    }
    let made = service::flag::raise(&state.db, &actor, object, reason).await?;
    let body = service::flag::show(&state.db, &me.actor(), made.value.id).await?.into();
    let answer = if made.value.fresh { Answer::created(body) } else { Answer::ok(body) };
    Ok(answer.replayed(made.replayed))
}

/// Asks staff to look at an annotation.
#[utoipa::path(post, path = "/api/v1/annotations/{id}/flags", tag = "annotations", params(("id" = String, Path)),
    request_body = FlagIn, responses((status = 201, description = "Flagged", body = FlagOut),
    (status = 200, description = "You flagged it before", body = FlagOut)))]
pub async fn annotation(
    me: CurrentUser,
    state: Data<State>,
    id: Path<AnnotationId>,
    body: Json<FlagIn>,
) -> Result<Answer<FlagOut>> {
    raise(me, &state, Object::Annotation(*id), body).await
}

/// Asks staff to look at a comment.
#[utoipa::path(post, path = "/api/v1/comments/{id}/flags", tag = "annotations", params(("id" = String, Path)),
    request_body = FlagIn, responses((status = 201, description = "Flagged", body = FlagOut),
    (status = 200, description = "You flagged it before", body = FlagOut)))]
pub async fn comment(
    me: CurrentUser,
    state: Data<State>,
    id: Path<CommentId>,
    body: Json<FlagIn>,
) -> Result<Answer<FlagOut>> {
    raise(me, &state, Object::Comment(*id), body).await
}

/// Takes your flag on an annotation back.
#[utoipa::path(delete, path = "/api/v1/annotations/{id}/flags", tag = "annotations", params(("id" = String, Path)),
    responses((status = 204, description = "You flag it no more")))]
pub async fn lower_annotation(me: CurrentUser, state: Data<State>, id: Path<AnnotationId>) -> Result<NoContent> {
    service::flag::lower(&state.db, &me.actor(), Object::Annotation(*id)).await?;
    Ok(NoContent)
}

/// Takes your flag on a comment back.
#[utoipa::path(delete, path = "/api/v1/comments/{id}/flags", tag = "annotations", params(("id" = String, Path)),
    responses((status = 204, description = "You flag it no more")))]
pub async fn lower_comment(me: CurrentUser, state: Data<State>, id: Path<CommentId>) -> Result<NoContent> {
    service::flag::lower(&state.db, &me.actor(), Object::Comment(*id)).await?;
    Ok(NoContent)
}

/// Takes all flags of an annotation away, for staff who looked at it.
#[utoipa::path(post, path = "/api/v1/annotations/{id}/flags/dismiss", tag = "annotations",
    params(("id" = String, Path)), responses((status = 204, description = "Dismissed")))]
pub async fn dismiss_annotation(me: CurrentUser, state: Data<State>, id: Path<AnnotationId>) -> Result<NoContent> {
    service::flag::dismiss(&state.db, &me.actor(), Object::Annotation(*id)).await?;
    Ok(NoContent)
}

/// Takes all flags of a comment away, for staff who looked at it.
#[utoipa::path(post, path = "/api/v1/comments/{id}/flags/dismiss", tag = "annotations",
    params(("id" = String, Path)), responses((status = 204, description = "Dismissed")))]
pub async fn dismiss_comment(me: CurrentUser, state: Data<State>, id: Path<CommentId>) -> Result<NoContent> {
    service::flag::dismiss(&state.db, &me.actor(), Object::Comment(*id)).await?;
    Ok(NoContent)
}

/// Lists what was flagged in a class, for its staff, what came last first.
#[utoipa::path(get, path = "/api/v1/classes/{id}/flags", tag = "annotations", params(("id" = String, Path), PageQuery),
    responses((status = 200, description = "What was flagged", body = Listing<FlaggedOut>)))]
pub async fn queue(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<PageQuery>,
) -> Result<Paged<FlaggedOut>> {
    let page = service::flag::queue(&state.db, &me.actor(), *class, query.parse()?).await?;
    Ok(page.map(FlaggedOut::from).into())
}
