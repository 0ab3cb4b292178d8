//! The projector: one message, large, without names; its presenter moves on and everybody who opened the link follows.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    author::Author,
    entity::{ConversationId, PresentationId},
    presentation::{ChangePresentation, Slide, ends_others},
    rendering::{is_hidden_layer, summary},
};

use super::{
    class::DoneQuery,
    form::Posted,
    mark::named,
    page::{self, Page, Result, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// How large the words are, from 1 to 9.
const SIZES: std::ops::RangeInclusive<u8> = 1..=9;
const ORDINARY: u8 = 4;

#[derive(Template)]
#[template(path = "present.html")]
struct PresentPage {
    page: Page,
    conversation: ConversationId,
    running: Vec<Running>,
    may_present: bool,
}

/// A presentation that runs.
struct Running {
    id: PresentationId,
    presenter: Option<Author>,
    may_end: bool,
}

/// What runs already, and a button to begin.
pub(super) async fn ask(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<DoneQuery>,
) -> Result {
    let about = service::conversation::about(&state.db, &visitor.actor(), *id).await?;
    let running = service::presentation::running(&state.db, &visitor.actor(), *id).await?;
    let title = named(about.conversation.title.as_deref());
    let others = about.role.is_some_and(|role| ends_others(role, about.mine));
    let running = running.into_iter().map(|(id, presenter)| {
        let mine = presenter.as_ref().is_some_and(|author| author.me);
        Running { id, presenter, may_end: others || mine && about.role.is_some() }
    });
    page::show(&PresentPage {
        page: Page::of(&visitor, "Present it")
            .below("My classes", "/")
            .below(about.class.name.clone(), format!("/classes/{}", about.class.id))
            .below(title, format!("/conversations/{id}"))
            .done(query.done.as_deref()),
        conversation: *id,
        running: running.collect(),
        may_present: super::conversation::may_present(&about),
    })
}

pub(super) async fn begin(form: Posted, state: Data<State>, id: Path<ConversationId>) -> Result {
    let opened = service::presentation::open(&state.db, &form.visitor.actor(), *id).await?;
    Ok(see_other(&format!("/presentations/{}", opened.value.id)))
}

/// How large, for a browser without script.
#[derive(Deserialize)]
pub(super) struct SlideQuery {
    size: Option<u8>,
}

#[derive(Template)]
#[template(path = "presentation.html")]
struct SlidePage {
    page: Page,
    slide: Slide,
    speaker: String,
    kind: &'static str,
    /// What is to be read of the message.
    html: Vec<String>,
    /// What lies below it.
    folded: Option<String>,
    size: u8,
}

impl SlidePage {
    fn is_over(&self) -> bool {
        self.slide.presentation.ended_at.is_some()
    }

    fn smaller(&self) -> u8 {
        self.size.saturating_sub(1).max(*SIZES.start())
    }

    fn larger(&self) -> u8 {
        self.size.saturating_add(1).min(*SIZES.end())
    }
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<PresentationId>,
    query: Query<SlideQuery>,
) -> Result {
    let slide = service::presentation::slide(&state.db, &state.renderer, &visitor.actor(), *id).await?;
    // By no name: what stands on a wall is read by whoever passes.
    let speaker = slide.message.as_ref().map(|node| words::speaker(node.role, None, None));
    let (speaker, kind) = speaker.unwrap_or_default();
    let (below, read): (Vec<_>, Vec<_>) = slide.parts.iter().partition(|part| is_hidden_layer(part.kind));
    page::show(&SlidePage {
        page: Page::of(&visitor, named(slide.conversation.title.as_deref()))
            .following(slide.class.id, visitor.actor().at),
        html: read.into_iter().map(|part| part.html.clone()).collect(),
        folded: summary(below),
        size: query.size.unwrap_or(ORDINARY).clamp(*SIZES.start(), *SIZES.end()),
        speaker,
        kind,
        slide,
    })
}

/// Moves on, back, hides it all, or ends it.
pub(super) async fn go(form: Posted, state: Data<State>, id: Path<PresentationId>) -> Result {
    let (actor, size) = (form.visitor.actor(), form.typed.get("size").parse::<u8>().unwrap_or(ORDINARY));
    let change = |step, blank| ChangePresentation { message: None, step, blank };
    let change = match form.typed.get("go") {
        "next" => Some(change(Some(1), None)),
        "previous" => Some(change(Some(-1), None)),
        "blank" => Some(change(None, Some(true))),
        "show" => Some(change(None, Some(false))),
        _ => None,
    };
    match change {
        Some(change) => service::presentation::change(&state.db, &actor, *id, change).await?,
        None => service::presentation::end(&state.db, &actor, *id).await?,
    }
    if form.typed.get("from") == "list" {
        let row = service::presentation::show(&state.db, &actor, *id).await?.presentation;
        return Ok(see_other(&format!("/conversations/{}/present?done=presentation-ended", row.conversation_id)));
    }
    Ok(see_other(&format!("/presentations/{id}?size={size}")))
}
