//! Marks without script: what was marked in a conversation, tag by tag, and a form that marks it or one of its messages.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields, Flaw,
    annotation::{Marked, NewAnnotation, On, TagName},
    class::Veil,
    entity::{
        AnnotationId, Audience, ConversationId, Moment, TagId, annotation::Target, conversation::Visibility, tag,
    },
    text::Note,
};

use super::{
    form::{Form, Posted, Typed},
    naming::{Checked, checked},
    page::{self, Page, Result, Shown as _, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// What was just done.
#[derive(Deserialize)]
pub(super) struct MarksQuery {
    done: Option<String>,
    /// A mark that was deleted just now.
    undo: Option<AnnotationId>,
    /// A mark that was saved for its author alone just now.
    alone: Option<AnnotationId>,
}

/// What the form is about.
#[derive(Deserialize)]
pub(super) struct MarkQuery {
    message: Option<u32>,
}

/// The marks with one tag.
struct Group {
    tag: Option<TagName>,
    marks: Vec<usize>,
}

#[derive(Template)]
#[template(path = "marks.html")]
struct MarksPage {
    page: Page,
    conversation: ConversationId,
    title: String,
    groups: Vec<Group>,
    marks: Vec<Marked>,
    more: bool,
    /// What keeps those of others from the reader.
    veil: Option<Veil>,
    /// When it is shown.
    now: Moment,
    undo: Option<AnnotationId>,
    /// A mark that its author alone sees, and who could see it.
    alone: Option<(AnnotationId, Audience)>,
}

impl MarksPage {
    /// The mark at a place in the list.
    fn mark(&self, at: &usize) -> Option<&Marked> {
        self.marks.get(*at)
    }

    /// Where its words stand.
    fn path(&self, mark: &Marked) -> String {
        let id = self.conversation;
        mark.number.map_or_else(|| format!("/conversations/{id}"), |n| format!("/conversations/{id}?at={n}#m{n}"))
    }
}

impl Group {
    fn of(marks: &[Marked]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            let tags = mark.view.tags.iter().cloned().map(Some);
            let none = mark.view.tags.is_empty().then_some(None);
            for tag in tags.chain(none) {
                match groups.iter_mut().find(|group| group.tag == tag) {
                    Some(group) => group.marks.push(at),
                    None => groups.push(Self { tag, marks: vec![at] }),
                }
            }
        }
        // What has no tag stands last.
        groups.sort_by_key(|group| group.tag.is_none());
        groups
    }
}

/// How far a mark can be shown, and what that is called.
pub(super) const AUDIENCES: [(Audience, &str, &str); 3] = [
    (Audience::Private, "private", "Only me"),
    (Audience::Staff, "staff", "Teachers"),
    (Audience::Class, "class", "Whole class"),
];

#[derive(Template)]
#[template(path = "mark.html")]
struct MarkPage {
    page: Page,
    conversation: ConversationId,
    audiences: Vec<(&'static str, &'static str)>,
    tags: Vec<TagName>,
    /// Under which name it stands.
    written_as: Option<String>,
    form: Form,
}

/// How far a mark in a conversation that is shared this far can be shown.
pub(super) fn audiences(visibility: Visibility) -> Vec<(&'static str, &'static str)> {
    let widest = match visibility {
        Visibility::Private => 1,
        Visibility::Staff => 2,
        Visibility::Class => 3,
    };
    AUDIENCES.iter().take(widest).map(|(_, key, name)| (*key, *name)).collect()
}

/// The tags that are ticked.
pub(super) fn tagged(typed: &Typed, fields: &mut Fields) -> Vec<TagId> {
    let unknown = || Flaw::new("tag_unknown", "choose from the tags of this class");
    typed.all("tag").filter_map(|text| fields.take("tags", text.parse::<TagId>().map_err(|_| unknown()))).collect()
}

pub(super) fn named(title: Option<&str>) -> String {
    title.unwrap_or("Untitled").to_owned()
}

pub(super) async fn summary(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<MarksQuery>,
) -> Result {
    let found = service::annotation::summary(&state.db, &visitor.actor(), *id).await?;
    let title = named(found.conversation.title.as_deref());
    let page = Page::of(&visitor, format!("Marks: {title}"))
        .following(found.class.id, visitor.actor().at)
        .below("My classes", "/")
        .below(found.class.name, format!("/classes/{}", found.class.id))
        .below(title.clone(), format!("/conversations/{id}"));
    let widest = Audience::from(found.conversation.visibility);
    let alone = query.alone.filter(|_| widest != Audience::Private).map(|mark| (mark, widest));
    page::show(&MarksPage {
        page: page.done(query.done.as_deref()),
        conversation: *id,
        title,
        groups: Group::of(&found.marks),
        marks: found.marks,
        more: found.more,
        veil: found.veil,
        now: visitor.actor().at,
        undo: query.undo,
        alone,
    })
}

/// The page with the form as it was sent, else for the message with this number, as marks usually are in the class.
async fn form_page(
    state: &State,
    visitor: &Visitor,
    id: ConversationId,
    sent: Result<Form, Option<u32>>,
) -> Result<MarkPage> {
    let about = service::conversation::about(&state.db, &visitor.actor(), id).await?;
    let form = sent.unwrap_or_else(|message| {
        let message = message.map(|number| number.to_string()).unwrap_or_default();
        let usual = about.class.usual_audience.within(about.conversation.visibility);
        Form::filled(Typed::from([("message", message), ("audience", words::key(&AUDIENCES, &usual).to_owned())]))
    });
    let written_as = words::written_as(about.made_up_name.as_ref(), &about.class);
    let tags = service::tag::choices(&state.db, &visitor.actor(), about.class.id).await?;
    let tag = |row: tag::Model| TagName { id: row.id, name: row.name, colour: row.colour };
    let title = named(about.conversation.title.as_deref());
    let page = Page::of(visitor, "Mark it")
        .below("My classes", "/")
        .below(about.class.name, format!("/classes/{}", about.class.id))
        .below(title, format!("/conversations/{id}"))
        .below("Marks", format!("/conversations/{id}/marks"));
    let (audiences, tags) = (audiences(about.conversation.visibility), tags.into_iter().map(tag).collect());
    Ok(MarkPage { page, conversation: id, audiences, tags, written_as, form })
}

pub(super) async fn ask(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<MarkQuery>,
) -> Result {
    page::show(&form_page(&state, &visitor, *id, Err(query.message)).await?)
}

pub(super) async fn make(form: Posted, state: Data<State>, id: Path<ConversationId>) -> Result {
    let Posted { visitor, typed } = form;
    let class = service::conversation::about(&state.db, &visitor.actor(), *id).await?.class.id;
    let rest = if typed.get("audience") == "class" { typed.get("note").to_owned() } else { String::new() };
    let form = match checked(&state, &visitor, class, typed, ("note", rest)).await? {
        Checked::Warned(form) => form,
        Checked::Fine(typed) => match marked(&state, &visitor, *id, &typed).await {
            Ok((mark, Audience::Private)) => {
                return Ok(see_other(&format!("/conversations/{id}/marks?done=marked-alone&alone={mark}")));
            }
            Ok(_) => return Ok(see_other(&format!("/conversations/{id}/marks?done=marked"))),
            Err(error) => Form::refused(typed, error)?,
        },
    };
    let outcome = form.outcome();
    outcome.answer(&form_page(&state, &visitor, *id, Ok(form)).await?)
}

/// Makes the mark that a form describes; which it is, and for whom.
async fn marked(
    state: &State,
    visitor: &Visitor,
    id: ConversationId,
    typed: &Typed,
) -> service::Result<(AnnotationId, Audience)> {
    let mut fields = Fields::default();
    let number = |text: &str| {
        text.trim().parse::<u32>().map_err(|_| Flaw::new("number_invalid", "expected the number of a message"))
    };
    let number = typed.optional("message").and_then(|text| fields.take("message", number(text)));
    let note = typed.optional("note").and_then(|text| fields.take("note", Note::parse(text)));
    let tags = tagged(typed, &mut fields);
    if !fields.is_fine() {
        return Err(fields.into());
    }
    let on = match number {
        Some(number) => On::Message(service::message::numbered(&state.db, &visitor.actor(), id, number).await?),
        None => On::Conversation,
    };
    let audience = words::parse(&AUDIENCES, typed.get("audience")).unwrap_or(Audience::Private);
    let new = NewAnnotation { on, note, tags, audience };
    let made = service::annotation::create(&state.db, &visitor.actor(), id, new).await?;
    Ok((made.value, audience))
}
