//! The first page: one's classes; for strangers what this is; on an empty server what to do next.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    class::{ClassView, Filter},
    entity::class::Status,
    page::PageRequest,
    rules::Registration,
};

use super::{
    page::{self, Page, Result},
    visitor::{Guest, Visitor},
};
use crate::state::State;

/// What was done before, and which page of the list.
#[derive(Deserialize)]
pub(super) struct HomeQuery {
    done: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    classes: Vec<ClassView>,
    next: Option<String>,
    may_open: bool,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    page: Page,
    empty: bool,
    registration: Registration,
}

pub(super) async fn show(guest: Guest, state: Data<State>, query: Query<HomeQuery>) -> Result {
    match guest.0 {
        Some(visitor) => classes(&visitor, &state, &query).await,
        None => {
            let empty = service::user::nobody_yet(&state.db).await?;
            let page = Page::new("Conversations with AI, read together").done(query.done.as_deref());
            page::show(&WelcomePage { page, empty, registration: state.rules.registration })
        }
    }
}

async fn classes(visitor: &Visitor, state: &State, query: &HomeQuery) -> Result {
    let request = PageRequest::parse(None, query.cursor.as_deref())?;
    let list = service::class::list(&state.db, &visitor.actor(), Filter::default(), request).await?;
    page::show(&HomePage {
        page: Page::of(visitor, "My classes").done(query.done.as_deref()),
        classes: list.items,
        next: list.next.map(|cursor| cursor.encode()),
        may_open: state.rules.class_creation.allows(visitor.me.user.site_role),
    })
}
