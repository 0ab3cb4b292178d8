//! All that one person did in a class, for those who teach it.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    annotation::Marked,
    author::{Author, AuthorId},
    entity::{ClassId, annotation::Target, class},
    page::PageRequest,
    person::{Person, Show, Works},
};

use super::{
    page::{self, Page, Result, Shown as _},
    visitor::Visitor,
    words,
};
use crate::{error::ApiError, state::State};

/// What is shown, and which page of it.
#[derive(Deserialize)]
pub(super) struct PersonQuery {
    show: Option<String>,
    cursor: Option<String>,
}

/// What can be shown: its name in addresses, its name for people.
const SHOWN: [(Show, &str, &str); 3] = [
    (Show::Conversations, "conversations", "Conversations"),
    (Show::Marks, "marks", "Marks"),
    (Show::Comments, "comments", "Replies"),
];

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    class: class::Model,
    author: Author,
    role: &'static str,
    counts: [u64; 3],
    shown: &'static str,
    works: Works,
    next: Option<String>,
}

impl PersonPage {
    fn tabs(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        SHOWN.iter().zip(self.counts).map(|((_, key, name), count)| (*key, *name, count))
    }

    /// Where a mark stands.
    fn path(&self, mark: &Marked) -> String {
        let id = mark.view.annotation.conversation_id;
        mark.number.map_or_else(|| format!("/conversations/{id}"), |n| format!("/conversations/{id}?at={n}#m{n}"))
    }
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    path: Path<(ClassId, String)>,
    query: Query<PersonQuery>,
) -> Result {
    let (class, id) = path.into_inner();
    let id: AuthorId = id.parse().map_err(|_| ApiError::not_found())?;
    let what = query.show.as_deref().and_then(|name| words::parse(&SHOWN, name)).unwrap_or(Show::Conversations);
    let request = PageRequest::parse(None, query.cursor.as_deref())?;
    let found = service::person::show(&state.db, &visitor.actor(), class, id, what, request).await?;
    let Person { member, author, counts, works } = found;
    let shown = words::key(&SHOWN, &what);
    let next = match &works {
        Works::Conversations(page) => page.next.as_ref(),
        Works::Marks(page) => page.next.as_ref(),
        Works::Comments(page) => page.next.as_ref(),
    };
    let next = next.map(|cursor| format!("/classes/{class}/people/{id}?show={shown}&cursor={}", cursor.encode()));
    page::show(&PersonPage {
        page: Page::of(&visitor, author.name.clone())
            .below("My classes", "/")
            .below(member.class.name.clone(), format!("/classes/{class}"))
            .below("Members", format!("/classes/{class}/members")),
        role: words::name(&words::ROLES, &author.role),
        class: member.class,
        author,
        counts,
        shown,
        works,
        next,
    })
}
