//! What changes in a class: as a list, and as a stream of events.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use service::{
    Error, Flaw,
    entity::{ClassId, event},
    feed::{self, Listener},
    page,
};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Result},
    auth::{self, CurrentUser},
    live,
    query::Query,
    state::State,
};

/// Something that changed.
#[derive(Serialize, ToSchema)]
pub struct EventOut {
    /// Its place in the feed of the class: later is more. Microseconds of the server's clock.
    seq: i64,
    /// What happened, such as `conversation.changed`.
    #[schema(example = "conversation.changed")]
    kind: String,
    /// To what.
    id: String,
    /// In which conversation, for what is in one.
    conversation_id: Option<String>,
}

impl From<&event::Model> for EventOut {
    fn from(event: &event::Model) -> Self {
        Self {
            seq: event.seq,
            kind: event.kind.clone(),
            id: event.object_id.to_string(),
            conversation_id: event.conversation_id.map(|id| id.to_string()),
        }
    }
}

/// An event as it stands in a stream.
pub(crate) fn frame(event: &event::Model) -> String {
    let data = serde_json::to_string(&EventOut::from(event)).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind)
}

/// What changed since a place in the feed.
#[derive(Serialize, ToSchema)]
pub struct ChangesOut {
    /// The events, oldest first.
    items: Vec<EventOut>,
    /// The `since` to go on with.
    next: i64,
}

/// From where on.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// `next` of the answer before; without it no events, and the `next` to begin with.
    since: Option<i64>,
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
}

/// From where on.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The place after which to begin, where `Last-Event-ID` is not sent; without both it begins now.
    since: Option<i64>,
}

/// Lists what changed in a class, as far as you may know of it.
#[utoipa::path(get, path = "/api/v1/classes/{id}/changes", tag = "feed", params(("id" = String, Path), ChangesQuery),
    responses((status = 200, description = "The changes", body = ChangesOut),
              (status = 410, description = "Not kept any more: read anew what you follow")))]
pub async fn changes(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<ChangesQuery>,
) -> Result<Answer<ChangesOut>> {
    let limit = page::PageRequest::parse(query.limit, None)?.limit;
    let heard = feed::changes(&state.db, &me.actor(), *class, query.since, limit).await?;
    Ok(Answer::ok(ChangesOut { items: heard.items.iter().map(EventOut::from).collect(), next: heard.next }))
}

/// Streams what changes in a class, as far as you may know of it, until you go, may not listen any more, or the server
/// stops.
#[utoipa::path(get, path = "/api/v1/classes/{id}/events", tag = "feed", params(("id" = String, Path), EventsQuery),
    responses((status = 200, description = "Server-sent events: `id` is the place, `event` the kind, `data` the event \
                                            as JSON", body = String, content_type = "text/event-stream"),
              (status = 410, description = "Not kept any more: read anew what you follow"),
              (status = 429, description = "Five streams are open already")))]
pub async fn events(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<EventsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    auth::from_here(&request, &state)?;
    let (class, actor) = (*class, me.actor());
    let since = last_heard(&request)?.or(query.since);
    let next = feed::changes(&state.db, &actor, class, since, 1).await?.next;
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/event-stream").insert_header(("x-accel-buffering", "no"));
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let Some(credential) = actor.credential else { return Err(Error::NotFound.into()) };
    let last = feed::last_place(&state.db, class).await?;
    let seat = state.live.open(Listener { class, user: actor.user, credential }, last)?;
    let since = since.unwrap_or(next);
    Ok(answer.streaming(live::body(seat, state.db.clone(), actor, since)))
}

/// The place of the last event a browser has seen.
fn last_heard(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(value) = request.headers().get("last-event-id").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let place = value.to_str().ok().and_then(|text| text.parse().ok());
    let flaw = || Flaw::new("number_expected", "expected the `id` of an event");
    Ok(Some(place.ok_or_else(|| Error::invalid("Last-Event-ID", flaw()))?))
}
