//! Presentations: a conversation on the projector, and where its presenter is.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Error, Fields, Flaw,
    entity::{ConversationId, PresentationId},
    presentation::{ChangePresentation, PresentationView},
};
use utoipa::ToSchema;

use super::annotation::id;
use crate::{
    answer::{Answer, NoContent, Result},
    auth::CurrentUser,
    extract::{Json, Patch},
    state::State,
    wire::{AuthorOut, Time},
};

/// The most messages one step goes on or back.
const FARTHEST: i32 = 1_000;

/// What to present it with: nothing yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentationIn {}

/// Where a presenter goes; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentationPatch {
    /// The id of the message to show, of those that the platform shows and that have words.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    message_id: Patch<String>,
    /// So many messages on, or back if less than 0; it stops at the first and the last.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    step: Patch<i32>,
    /// Whether nothing is shown for now; whoever moves on shows it again.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    blank: Patch<bool>,
}

/// A presentation.
#[derive(Serialize, ToSchema)]
pub struct PresentationOut {
    /// The presentation.
    id: String,
    /// Of which conversation.
    conversation_id: String,
    /// In which class.
    class_id: String,
    /// By whom.
    presenter: Option<AuthorOut>,
    /// The message shown.
    message_id: Option<String>,
    /// The number of that message, from 1.
    number: Option<u32>,
    /// Whether nothing is shown for now.
    blank: bool,
    /// When it began.
    created_at: Time,
    /// When it last moved.
    updated_at: Time,
    /// When it ended; null while it runs.
    ended_at: Option<Time>,
}

impl From<PresentationView> for PresentationOut {
    fn from(view: PresentationView) -> Self {
        let PresentationView { presentation: row, conversation, presenter, number } = view;
        Self {
            id: row.id.to_string(),
            conversation_id: row.conversation_id.to_string(),
            class_id: conversation.class_id.to_string(),
            presenter: presenter.map(AuthorOut::from),
            message_id: row.message_id.map(|id| id.to_string()),
            number,
            blank: row.blank,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
            ended_at: row.ended_at.map(Time),
        }
    }
}

async fn shown(state: &State, me: &CurrentUser, id: PresentationId) -> Result<PresentationOut> {
    Ok(service::presentation::show(&state.db, &me.actor(), id).await?.into())
}

/// Presents a conversation, to whoever may read it. Who presents it already goes on.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/presentations", tag = "conversations",
    params(("id" = String, Path)), request_body = PresentationIn,
    responses((status = 201, description = "It runs", body = PresentationOut),
    (status = 200, description = "You present it already", body = PresentationOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    conversation: Path<ConversationId>,
    body: Json<PresentationIn>,
) -> Result<Answer<PresentationOut>> {
    let PresentationIn {} = body.value;
    let opened = service::presentation::open(&state.db, &me.making(body.fingerprint), *conversation).await?;
    let body = shown(&state, &me, opened.value.id).await?;
    let location = format!("/api/v1/presentations/{}", body.id);
    let answer = if opened.value.fresh { Answer::created(body).at(location) } else { Answer::ok(body) };
    Ok(answer.replayed(opened.replayed))
}

/// Shows where a presentation is.
#[utoipa::path(get, path = "/api/v1/presentations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, description = "The presentation", body = PresentationOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<PresentationId>) -> Result<Answer<PresentationOut>> {
    Ok(Answer::ok(shown(&state, &me, *id).await?))
}

/// Shows another message to those who follow, or nothing for a while: for its presenter, while it runs.
#[utoipa::path(patch, path = "/api/v1/presentations/{id}", tag = "conversations", params(("id" = String, Path)),
    request_body = PresentationPatch, responses((status = 200, description = "Moved", body = PresentationOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    presentation: Path<PresentationId>,
    body: Json<PresentationPatch>,
) -> Result<Answer<PresentationOut>> {
    let PresentationPatch { message_id, step, blank } = body.value;
    let near = |step: i32| match step {
        step if (-FARTHEST..=FARTHEST).contains(&step) => Ok(step),
        _ => Err(Flaw::new("out_of_range", format!("at most {FARTHEST} messages, found {step}"))),
    };
    let fields = &mut Fields::default();
    let message = message_id.required(fields, "/message_id", Ok::<_, Flaw>);
    let change = ChangePresentation {
        message: message.and_then(|text| id(fields, "/message_id", Some(text), "a message")),
        step: step.required(fields, "/step", near),
        blank: blank.required(fields, "/blank", Ok),
    };
    if !fields.is_fine() {
        return Err(Error::from(std::mem::take(fields)).into());
    }
    service::presentation::change(&state.db, &me.actor(), *presentation, change).await?;
    Ok(Answer::ok(shown(&state, &me, *presentation).await?))
}

/// Ends a presentation: for its presenter, the conversation's owner and staff. Those who follow see that it is over.
#[utoipa::path(delete, path = "/api/v1/presentations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 204, description = "Over")))]
pub async fn end(me: CurrentUser, state: Data<State>, id: Path<PresentationId>) -> Result<NoContent> {
    service::presentation::end(&state.db, &me.actor(), *id).await?;
    Ok(NoContent)
}
