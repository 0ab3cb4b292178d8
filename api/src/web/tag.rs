//! One tag of a codebook: what it means, changing it, putting another in its place, deleting it.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use service::{
    Flaw,
    entity::{ClassId, TagId, tag},
    tag::{ChangeTag, Entry, Leaf},
};

use super::{
    class::DoneQuery,
    codebook::Typewritten,
    form::{Form, Posted, Typed},
    page::{self, Page, Result, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

#[derive(Template)]
#[template(path = "tag.html")]
struct TagPage {
    page: Page,
    entry: Entry,
    others: Vec<tag::Model>,
    /// Headings that are there already.
    headings: Vec<String>,
    form: Form,
    /// The form that puts another in its place, or deletes it.
    end: Form,
}

/// The tag as a form shows it.
fn filled(row: &tag::Model) -> Form {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Form::filled(Typed::from([
        ("name", row.name.clone()),
        ("colour", row.colour.clone()),
        ("definition", text(&row.definition)),
        ("example", text(&row.example)),
        ("group", text(&row.grouping)),
    ]))
}

async fn tag_page(
    state: &State,
    visitor: &Visitor,
    id: TagId,
    form: Option<Form>,
    end: Option<Form>,
) -> Result<TagPage> {
    let Leaf { member, entry, others } = service::tag::leaf(&state.db, &visitor.actor(), id).await?;
    let class = member.class;
    let mut headings: Vec<String> = others.iter().filter_map(|other| other.grouping.clone()).collect();
    headings.sort();
    headings.dedup();
    Ok(TagPage {
        page: Page::of(visitor, entry.view.tag.name.clone())
            .below("My classes", "/")
            .below(class.name.clone(), format!("/classes/{}", class.id))
            .below("Codebook", format!("/classes/{}/codebook", class.id)),
        form: form.unwrap_or_else(|| filled(&entry.view.tag)),
        end: end.unwrap_or_default(),
        entry,
        others,
        headings,
    })
}

pub(super) async fn show(visitor: Visitor, state: Data<State>, id: Path<TagId>, query: Query<DoneQuery>) -> Result {
    let mut shown = tag_page(&state, &visitor, *id, None, None).await?;
    shown.page = shown.page.done(query.done.as_deref());
    page::show(&shown)
}

pub(super) async fn change(form: Posted, state: Data<State>, id: Path<TagId>) -> Result {
    let Posted { visitor, typed } = form;
    let done = match Typewritten::parse(&typed) {
        Ok(Typewritten { name, colour, definition, example, group }) => {
            let change = ChangeTag {
                name: Some(name),
                colour,
                definition: Some(definition),
                example: Some(example),
                group: Some(group),
                position: None,
            };
            service::tag::change(&state.db, &visitor.actor(), *id, typed.version(), change).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/tags/{id}?done=saved"))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let outcome = form.outcome();
            outcome.answer(&tag_page(&state, &visitor, *id, Some(form), None).await?)
        }
    }
}

async fn class_of(state: &State, visitor: &Visitor, id: TagId) -> service::Result<ClassId> {
    Ok(service::tag::show(&state.db, &visitor.actor(), id).await?.tag.class_id)
}

/// Leads to the codebook, or shows the tag with what stood in the way.
async fn ended(
    state: &State,
    form: Posted,
    id: TagId,
    class: ClassId,
    done: service::Result<()>,
    what: &str,
) -> Result {
    let Posted { visitor, typed } = form;
    let Err(error) = done else { return Ok(see_other(&format!("/classes/{class}/codebook?done={what}"))) };
    let end = Form::refused(typed, error)?;
    let outcome = end.outcome();
    outcome.answer(&tag_page(state, &visitor, id, None, Some(end)).await?)
}

pub(super) async fn merge(form: Posted, state: Data<State>, id: Path<TagId>) -> Result {
    let class = class_of(&state, &form.visitor, *id).await?;
    let unknown = |_| service::Error::invalid("into", Flaw::new("tag_unknown", "choose the tag that stays"));
    let done = match form.typed.get("into").parse::<TagId>().map_err(unknown) {
        Ok(into) => service::tag::merge(&state.db, &form.visitor.actor(), *id, into).await,
        Err(error) => Err(error),
    };
    ended(&state, form, *id, class, done, "tag-merged").await
}

pub(super) async fn delete(form: Posted, state: Data<State>, id: Path<TagId>) -> Result {
    let class = class_of(&state, &form.visitor, *id).await?;
    let confirm = form.typed.optional("confirm").map(str::to_owned);
    let done = service::tag::delete(&state.db, &form.visitor.actor(), *id, None, confirm).await;
    ended(&state, form, *id, class, done, "tag-deleted").await
}
