//! The codebook of a class: what its tags mean, adding some, bringing many in, who may.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields,
    access::{Right, allows},
    class::{ChangeClass, ChangeVisibility},
    entity::{ClassId, class},
    tag::{Book, Colour, Entry, NewTag, Source},
    text::{Description, Label},
};

use super::{
    form::{Form, Posted, Typed},
    page::{self, Page, Result, see_other},
    visitor::Visitor,
    words,
};
use crate::{error::ApiError, state::State};

/// Tags under one heading.
struct Group {
    name: Option<String>,
    /// Whether they are the reader's alone.
    own: bool,
    entries: Vec<Entry>,
}

impl Group {
    /// Those of the class before one's own, headings in the order of their first tags.
    fn of(entries: Vec<Entry>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for entry in entries {
            let own = entry.view.tag.owner_id.is_some();
            let name = entry.view.tag.grouping.clone().filter(|_| !own);
            match groups.iter_mut().find(|group| group.name == name && group.own == own) {
                Some(group) => group.entries.push(entry),
                None => groups.push(Self { name, own, entries: vec![entry] }),
            }
        }
        groups.sort_by_key(|group| group.own);
        groups
    }
}

#[derive(Template)]
#[template(path = "codebook.html")]
struct CodebookPage {
    page: Page,
    class: class::Model,
    groups: Vec<Group>,
    /// Headings that are there already.
    headings: Vec<String>,
    classes: Vec<class::Model>,
    may_add: bool,
    may_add_own: bool,
    manages: bool,
    moderates: bool,
    form: Form,
    brought: Form,
}

/// The forms of the page as they were sent.
#[derive(Default)]
struct Forms {
    form: Form,
    brought: Form,
}

async fn codebook_page(state: &State, visitor: &Visitor, id: ClassId, forms: Forms) -> Result<CodebookPage> {
    let book = service::tag::book(&state.db, &visitor.actor(), id).await?;
    let (may_add, may_add_own) = (book.may_add(false), book.may_add(true));
    let Book { member, tags, classes } = book;
    let (class, role) = (member.class, member.enrolment.role);
    let mut headings: Vec<String> = tags.iter().filter_map(|entry| entry.view.tag.grouping.clone()).collect();
    headings.sort();
    headings.dedup();
    Ok(CodebookPage {
        page: Page::of(visitor, "Codebook")
            .following(id, visitor.actor().at)
            .below("My classes", "/")
            .below(class.name.clone(), format!("/classes/{}", class.id)),
        class,
        groups: Group::of(tags),
        headings,
        classes,
        may_add,
        may_add_own,
        manages: allows(role, Right::ChangeClass),
        moderates: allows(role, Right::Moderate),
        form: forms.form,
        brought: forms.brought,
    })
}

/// What was just done, and to how many tags.
#[derive(Deserialize)]
pub(super) struct BookQuery {
    done: Option<String>,
    made: Option<u64>,
    skipped: Option<u64>,
}

impl BookQuery {
    /// How many came in.
    fn counted(&self) -> Option<String> {
        let made = words::count(self.made?, "tag is new", "tags are new");
        let skipped = self.skipped.filter(|skipped| *skipped > 0);
        let there = skipped.map(|n| format!("; {} there already and as before", words::count(n, "was", "were")));
        Some(format!("{made}{}.", there.unwrap_or_default()))
    }
}

pub(super) async fn show(visitor: Visitor, state: Data<State>, id: Path<ClassId>, query: Query<BookQuery>) -> Result {
    let mut shown = codebook_page(&state, &visitor, *id, Forms::default()).await?;
    shown.page = shown.page.done(query.done.as_deref());
    if let Some(counted) = query.counted().filter(|_| query.done.as_deref() == Some("tags-brought")) {
        shown.page = shown.page.adding(&counted);
    }
    page::show(&shown)
}

/// What the fields of a tag hold.
pub(super) struct Typewritten {
    pub(super) name: Label,
    pub(super) colour: Option<Colour>,
    pub(super) definition: Option<Description>,
    pub(super) example: Option<Description>,
    pub(super) group: Option<Label>,
}

impl Typewritten {
    pub(super) fn parse(typed: &Typed) -> service::Result<Self> {
        let mut fields = Fields::default();
        let name = fields.take("name", Label::parse(typed.get("name")));
        let colour = typed.optional("colour").and_then(|text| fields.take("colour", Colour::parse(text)));
        let text = |fields: &mut Fields, name: &str| {
            typed.optional(name).and_then(|text| fields.take(name, Description::parse(text)))
        };
        let (definition, example) = (text(&mut fields, "definition"), text(&mut fields, "example"));
        let group = typed.optional("group").and_then(|text| fields.take("group", Label::parse(text)));
        match name {
            Some(name) if fields.is_fine() => Ok(Self { name, colour, definition, example, group }),
            _ => Err(fields.into()),
        }
    }
}

pub(super) async fn add(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let own = typed.get("private") == "yes";
    let done = match Typewritten::parse(&typed) {
        Ok(Typewritten { name, colour, definition, example, group }) => {
            let new = NewTag { name, colour, definition, example, group };
            service::tag::create(&state.db, &visitor.actor(), *id, own, new).await.map(drop)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            let what = if own { "tag-kept" } else { "tag-added" };
            Ok(see_other(&format!("/classes/{id}/codebook?done={what}")))
        }
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let outcome = form.outcome();
            let forms = Forms { form, ..Forms::default() };
            outcome.answer(&codebook_page(&state, &visitor, *id, forms).await?)
        }
    }
}

/// Brings in many at once: lines, the codebook of another class, or a few to start from.
pub(super) async fn bring(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let source = match typed.get("from") {
        "lines" => Source::Lines(typed.get("lines").to_owned()),
        "class" => Source::Class(typed.get("from_class").parse().map_err(|_| ApiError::not_found())?),
        _ => Source::Sample,
    };
    match service::tag::bring(&state.db, &visitor.actor(), *id, source).await {
        Ok(brought) => {
            let (made, skipped) = (brought.value.made.len(), brought.value.skipped.len());
            Ok(see_other(&format!("/classes/{id}/codebook?done=tags-brought&made={made}&skipped={skipped}")))
        }
        Err(error) => {
            let brought = Form::refused(typed, error)?;
            let outcome = brought.outcome();
            let forms = Forms { brought, ..Forms::default() };
            outcome.answer(&codebook_page(&state, &visitor, *id, forms).await?)
        }
    }
}

/// Says who may change the codebook.
pub(super) async fn lock(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let locked = typed.get("locked") == "yes";
    let visibility = ChangeVisibility { codebook_locked: Some(locked), ..ChangeVisibility::default() };
    let change = ChangeClass { visibility, ..ChangeClass::default() };
    match service::class::change(&state.db, &visitor.actor(), *id, typed.version(), change).await {
        Ok(()) => Ok(see_other(&format!("/classes/{id}/codebook?done={}", if locked { "locked" } else { "unlocked" }))),
        Err(error) => {
            let brought = Form::refused(typed, error)?;
            let outcome = brought.outcome();
            let forms = Forms { brought, ..Forms::default() };
            outcome.answer(&codebook_page(&state, &visitor, *id, forms).await?)
        }
    }
}
