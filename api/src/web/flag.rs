//! What members ask staff to look at, the queue of it, and what staff do: hide it, or leave it be.

use std::collections::HashMap;

use actix_web::web::{Data, Path, Query};
use askama::Template;
use service::{
    access::{Right, allows},
    annotation::ChangeAnnotation,
    comment::ChangeComment,
    entity::{AnnotationId, ClassId, CommentId, ConversationId, class},
    flag::{Desk, Flagged, Object},
    text::Title,
};

use super::{
    class::DoneQuery,
    form::{Posted, Typed},
    page::{self, Page, Result, Shown as _, see_other},
    thread::{self, Doing},
    visitor::{Visitor, local},
};
use crate::state::State;

#[derive(Template)]
#[template(path = "flags.html")]
struct FlagsPage {
    page: Page,
    class: class::Model,
    manages: bool,
    items: Vec<Flagged>,
    titles: HashMap<ConversationId, String>,
    more: bool,
}

impl FlagsPage {
    /// What the conversation is called in which something stands.
    fn title(&self, item: &Flagged) -> &str {
        self.titles.get(&item.annotation.annotation.conversation_id).map_or("Untitled", String::as_str)
    }
}

pub(super) async fn queue(visitor: Visitor, state: Data<State>, id: Path<ClassId>, query: Query<DoneQuery>) -> Result {
    let Desk { member, items, titles, more } = service::flag::desk(&state.db, &visitor.actor(), *id).await?;
    let (class, role) = (member.class, member.enrolment.role);
    page::show(&FlagsPage {
        page: Page::of(&visitor, "Flagged")
            .following(*id, visitor.actor().at)
            .below("My classes", "/")
            .below(class.name.clone(), format!("/classes/{id}"))
            .done(query.done.as_deref()),
        manages: allows(role, Right::ChangeClass),
        class,
        items,
        titles,
        more,
    })
}

/// Back to where it was done, with a notice of it.
fn back(typed: &Typed, otherwise: String, what: &str) -> Result {
    let place = typed.optional("next").and_then(local).map_or(otherwise, str::to_owned);
    let (path, at) = place.split_once('#').map_or((place.as_str(), ""), |(path, at)| (path, at));
    let at = if at.is_empty() { String::new() } else { format!("#{at}") };
    let path = path.split('?').next().unwrap_or("/");
    Ok(see_other(&format!("{path}?done={what}{at}")))
}

async fn hide(form: Posted, state: &State, object: Object) -> Result {
    let hidden = form.typed.get("hidden") == "yes";
    let (actor, what) = (form.visitor.actor(), if hidden { "hidden" } else { "unhidden" });
    let place = place(state, &form.visitor, object).await?;
    match object {
        Object::Annotation(id) => {
            let change = ChangeAnnotation { hidden: Some(hidden), ..ChangeAnnotation::default() };
            service::annotation::change(&state.db, &actor, id, None, change).await?;
        }
        Object::Comment(id) => {
            let change = ChangeComment { hidden: Some(hidden), ..ChangeComment::default() };
            service::comment::change(&state.db, &actor, id, None, change).await?;
        }
    }
    back(&form.typed, place, what)
}

/// Where something stands in its discussion.
async fn place(state: &State, visitor: &Visitor, object: Object) -> Result<String> {
    Ok(match object {
        Object::Annotation(id) => format!("/annotations/{id}"),
        Object::Comment(id) => format!("/annotations/{}#c{id}", thread::above(state, visitor, id).await?),
    })
}

/// Raises a flag, or takes it back.
async fn flag(form: Posted, state: &State, object: Object) -> Result {
    let Posted { visitor, typed } = form;
    let place = place(state, &visitor, object).await?;
    if typed.get("flagged") != "yes" {
        service::flag::lower(&state.db, &visitor.actor(), object).await?;
        return back(&typed, place, "unflagged");
    }
    let reason = typed.optional("reason").map(Title::parse).transpose();
    let done = match reason {
        Ok(reason) => service::flag::raise(&state.db, &visitor.actor(), object, reason).await.map(drop),
        Err(flaw) => Err(service::Error::invalid("reason", flaw)),
    };
    let Err(error) = done else { return back(&typed, place, "flagged") };
    let (mark, doing) = match object {
        Object::Annotation(id) => (id, Doing::FlagMark),
        Object::Comment(id) => (thread::above(state, &visitor, id).await?, Doing::Flag(id)),
    };
    thread::refused(state, (&visitor, typed), mark, doing, error).await
}

async fn dismiss(form: Posted, state: &State, object: Object) -> Result {
    let place = place(state, &form.visitor, object).await?;
    service::flag::dismiss(&state.db, &form.visitor.actor(), object).await?;
    back(&form.typed, place, "left-be")
}

pub(super) async fn hide_mark(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    hide(form, &state, Object::Annotation(*id)).await
}

pub(super) async fn hide_comment(form: Posted, state: Data<State>, id: Path<CommentId>) -> Result {
    hide(form, &state, Object::Comment(*id)).await
}

pub(super) async fn mark(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    flag(form, &state, Object::Annotation(*id)).await
}

pub(super) async fn comment(form: Posted, state: Data<State>, id: Path<CommentId>) -> Result {
    flag(form, &state, Object::Comment(*id)).await
}

pub(super) async fn dismiss_mark(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    dismiss(form, &state, Object::Annotation(*id)).await
}

pub(super) async fn dismiss_comment(form: Posted, state: Data<State>, id: Path<CommentId>) -> Result {
    dismiss(form, &state, Object::Comment(*id)).await
}
