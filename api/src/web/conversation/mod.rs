//! A conversation: read it, say who may, rename it, delete it.

mod turn;

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    access::{Right, allows},
    author::{Author, sees_names},
    class::Veil,
    conversation::{About, ChangeConversation, widens},
    entity::{
        ConversationId, ImportId, Moment,
        class::Status,
        conversation::{Platform, Visibility},
        message::Role,
    },
    reading::{Onward, Prompt, Reading, Way},
    text::Title,
};

use self::turn::{Block, Turn, turns};
use super::{
    form::{Form, Posted, Typed},
    mark::AUDIENCES,
    page::{self, Page, Result, Shown as _, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// Which way through the messages, and what was just done.
#[derive(Deserialize)]
pub(super) struct ReadQuery {
    at: Option<u32>,
    page: Option<usize>,
    view: Option<String>,
    done: Option<String>,
    /// Which of the panels is open.
    panel: Option<String>,
    /// The import it came by, for what was noted then.
    import: Option<String>,
}

/// How far a conversation can be shared, and whom that reaches.
struct Reach {
    key: &'static str,
    who: String,
    /// Marks that others lose sight of.
    loses: u64,
}

#[derive(Template)]
#[template(path = "conversation.html")]
struct ConversationPage {
    page: Page,
    about: About,
    title: String,
    kind: &'static str,
    who: String,
    /// Who teaches in the class, but for the conversation's owner.
    teachers: Vec<Author>,
    /// Other readers, if the whole class reads it.
    others: u64,
    platform: &'static str,
    way: Option<u32>,
    /// Whether its owner looks at it as the others do.
    as_others: bool,
    number: usize,
    pages: Vec<(u32, u32)>,
    prompts: Vec<Prompt>,
    turns: Vec<Turn>,
    /// Where the conversation went on, at the end of another way.
    onward: Option<Onward>,
    may_change: bool,
    may_delete: bool,
    may_mark: bool,
    /// What keeps the marks of others from the reader.
    veil: Option<Veil>,
    /// When it is shown.
    now: Moment,
    reaches: Vec<Reach>,
    form: Form,
    /// Whether the panel that says who can see it is open.
    shares: bool,
}

impl ConversationPage {
    /// The address of another page of this way.
    fn page_path(&self, number: &usize) -> String {
        let at = self.way.map(|at| format!("at={at}&")).unwrap_or_default();
        format!("/conversations/{}?{at}page={number}{}", self.about.conversation.id, self.kept())
    }

    /// What every address of this view carries on.
    fn kept(&self) -> &'static str {
        if self.as_others { "&view=others" } else { "" }
    }

    /// One of those it is shared with.
    fn other(&self) -> &'static str {
        if self.about.conversation.visibility == Visibility::Staff { "teacher" } else { "classmate" }
    }

    /// Where a question stands.
    fn prompt_path(&self, prompt: &Prompt) -> String {
        let page = if prompt.page == self.number { String::new() } else { self.page_path(&prompt.page) };
        format!("{page}#m{}", prompt.number)
    }

    /// Where the conversation went on, and how much of it there is.
    fn goes_on(&self, onward: &Onward) -> String {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let what = if onward.role == Role::User { "question" } else { "answer" };
        let counts = [
            (onward.questions, "more question", "more questions"),
            (onward.messages, "message", "messages"),
            (onward.marks, "mark", "marks"),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, one, many)| words::count(number(count), one, many)).collect();
        format!("{what} {}: {}", onward.place, counts.join(", "))
    }

    /// The reader's role, while the membership holds.
    fn role_key(&self) -> &'static str {
        self.about.role.as_ref().map_or("", |role| words::key(&words::ROLES, role))
    }

    /// Whether the reader sees people under the names that they have in the list of members.
    fn is_named(&self) -> bool {
        sees_names(&self.about.class, self.about.role)
    }

    /// How far a mark goes here unless its author says otherwise.
    fn usual(&self) -> &'static str {
        words::key(&AUDIENCES, &self.about.class.usual_audience)
    }

    /// Under which name the reader writes.
    fn written_as(&self) -> Option<String> {
        words::written_as(self.about.made_up_name.as_ref(), &self.about.class)
    }

    /// How many marks of one's own bring those of others into sight.
    fn needed(&self) -> Option<u32> {
        if let Some(Veil::Marks(number)) = self.veil { Some(number) } else { None }
    }

    /// In how many milliseconds they come into sight by themselves: no clock but the server's says when.
    fn lifted_in(&self) -> Option<i64> {
        if let Some(Veil::Until(at)) = self.veil { Some(page::until(&at, &self.now)) } else { None }
    }

    /// Whether the marks of others are out of the reader's sight.
    fn is_veiled(&self) -> bool {
        self.veil.is_some_and(|veil| !veil.is_lifted_by(self.about.own_marks))
    }

    /// Marks that are out of others' sight for as long as it is shared no further.
    fn waiting(&self) -> u64 {
        self.about.marks.beyond(self.about.conversation.visibility)
    }

    /// Whether the form it came in is kept.
    fn has_source(&self) -> bool {
        self.about.mine && self.about.conversation.platform != Platform::Manual
    }
}

#[derive(Template)]
#[template(path = "share.html")]
struct SharePage {
    page: Page,
    about: About,
    key: &'static str,
    who: String,
    others: u64,
    /// Marks that they see with it.
    marks: u64,
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<ReadQuery>,
) -> Result {
    let as_others = query.view.as_deref() == Some("others");
    let way = Way { through: query.at, page: query.page, as_others };
    let reading = service::reading::read(&state.db, &state.renderer, &visitor.actor(), *id, way).await?;
    let mut shown = conversation_page(&visitor, reading, way, None);
    shown.page = shown.page.done(query.done.as_deref());
    shown.shares = query.panel.as_deref() == Some("readers");
    if query.done.as_deref() == Some("added") {
        shown.page = shown.page.leading("Share…", format!("/conversations/{id}?panel=readers#readers"));
        let import = query.import.as_deref().and_then(|import| import.parse::<ImportId>().ok());
        if let Some(import) = import {
            shown.page = shown.page.leading("What was noted", format!("/imports/{import}"));
        }
    }
    if query.done.as_deref() == Some("narrowed") && shown.waiting() > 0 {
        let away = words::count(shown.waiting(), "mark is", "marks are");
        shown.page = shown.page.adding(&format!("{away} out of others’ sight, and back when you share it again."));
    }
    page::show(&shown)
}

/// Whether the reader may show it to others on a projector.
pub(super) fn may_present(about: &About) -> bool {
    about.role.is_some_and(|role| allows(role, Right::Annotate))
}

/// Whether the reader may mark something in it.
fn may_annotate(about: &About) -> bool {
    about.class.status == Status::Active && about.role.is_some_and(|role| allows(role, Right::Contribute))
}

fn title(about: &About) -> String {
    about.conversation.title.clone().unwrap_or_else(|| "Untitled".to_owned())
}

fn who_sees(about: &About, visibility: Visibility) -> String {
    words::who_sees(visibility, about.audience)
}

fn page_of(visitor: &Visitor, about: &About, title: &str) -> Page {
    let class = &about.class;
    let page = Page::of(visitor, title).following(class.id, visitor.actor().at);
    page.below("My classes", "/").below(class.name.clone(), format!("/classes/{}", class.id))
}

fn conversation_page(visitor: &Visitor, reading: Reading, way: Way, form: Option<Form>) -> ConversationPage {
    let Reading { about, messages, prompts, pages, page: number, onward } = reading;
    let title = title(&about);
    let row = &about.conversation;
    let may_delete = about.mine && about.role.is_some_and(|role| allows(role, Right::Contribute));
    let active = about.class.status == Status::Active;
    // What is over can be taken back, but not given to more people.
    let open = |(visibility, ..): &(Visibility, _, _)| active || !widens(row.visibility, *visibility);
    let reach = |(visibility, key, _)| Reach {
        key,
        who: who_sees(&about, visibility),
        loses: about.marks.beyond(visibility).saturating_sub(about.marks.beyond(row.visibility)),
    };
    let owner = about.author.as_ref();
    let is_owner = |person: &&Author| owner.is_none_or(|owner| owner.id != person.id);
    let teachers: Vec<Author> = about.staff.iter().filter(is_owner).cloned().collect();
    let all = about.audience.others(Visibility::Class, owner.map(|owner| owner.role));
    ConversationPage {
        page: page_of(visitor, &about, &title),
        kind: words::key(&words::VISIBILITIES, &row.visibility),
        who: who_sees(&about, row.visibility),
        others: all.saturating_sub(u64::try_from(teachers.len()).unwrap_or(0)),
        teachers,
        platform: words::name(&words::PLATFORMS, &row.platform),
        turns: turns(messages, owner),
        way: way.through,
        as_others: way.as_others,
        number,
        pages,
        prompts,
        onward,
        may_change: may_delete && active,
        may_delete,
        may_mark: may_annotate(&about),
        veil: Veil::of(&about.class, about.role, visitor.actor().at),
        now: visitor.actor().at,
        reaches: words::VISIBILITIES.into_iter().filter(open).map(reach).collect(),
        form: form.unwrap_or_else(|| Form::filled(Typed::from([("title", title.clone())]))),
        shares: false,
        title,
        about,
    }
}

/// The conversation with what stood in the way of a change.
async fn refused(state: &State, visitor: &Visitor, id: ConversationId, form: Form) -> Result {
    let way = Way::default();
    let reading = service::reading::read(&state.db, &state.renderer, &visitor.actor(), id, way).await?;
    let outcome = form.outcome();
    outcome.answer(&conversation_page(visitor, reading, way, Some(form)))
}

pub(super) async fn rename(form: Posted, state: Data<State>, id: Path<ConversationId>) -> Result {
    let Posted { visitor, typed } = form;
    let title = Title::parse(typed.get("title")).map_err(|flaw| service::Error::invalid("title", flaw));
    let done = match title {
        Ok(title) => {
            let change = ChangeConversation { title: Some(Some(title)), visibility: None };
            service::conversation::change(&state.db, &visitor.actor(), *id, typed.version(), change).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/conversations/{id}?done=saved"))),
        Err(error) => refused(&state, &visitor, *id, Form::refused(typed, error)?).await,
    }
}

/// Says who may read it. For fewer people at once; for more people after a look at how many they are.
pub(super) async fn share(form: Posted, state: Data<State>, id: Path<ConversationId>) -> Result {
    let Posted { visitor, typed } = form;
    let about = service::conversation::about(&state.db, &visitor.actor(), *id).await?;
    let before = about.conversation.visibility;
    let wanted = words::parse(&words::VISIBILITIES, typed.get("visibility")).unwrap_or(before);
    let wider = widens(before, wanted);
    let active = about.class.status == Status::Active;
    if about.mine && wider && active && typed.get("confirmed") != "yes" {
        return page::show(&share_page(&visitor, about, wanted));
    }
    let change = ChangeConversation { title: None, visibility: Some(wanted) };
    match service::conversation::change(&state.db, &visitor.actor(), *id, typed.version(), change).await {
        Ok(()) => {
            let what = if wider { "shared" } else { "narrowed" };
            Ok(see_other(&format!("/conversations/{id}?done={what}")))
        }
        Err(error) => refused(&state, &visitor, *id, Form::refused(typed, error)?).await,
    }
}

fn share_page(visitor: &Visitor, about: About, wanted: Visibility) -> SharePage {
    let title = title(&about);
    let page = page_of(visitor, &about, "Share this conversation?");
    SharePage {
        page: page.below(title, format!("/conversations/{}", about.conversation.id)),
        key: words::key(&words::VISIBILITIES, &wanted),
        who: who_sees(&about, wanted),
        others: about.audience.others(wanted, about.author.as_ref().map(|author| author.role)),
        marks: about.marks.beyond(about.conversation.visibility).saturating_sub(about.marks.beyond(wanted)),
        about,
    }
}

pub(super) async fn delete(form: Posted, state: Data<State>, id: Path<ConversationId>) -> Result {
    let Posted { visitor, typed } = form;
    let class = service::conversation::show(&state.db, &visitor.actor(), *id).await?.conversation.class_id;
    match service::conversation::delete(&state.db, &visitor.actor(), *id, typed.version()).await {
        Ok(()) => Ok(see_other(&format!("/classes/{class}?done=conversation-deleted"))),
        Err(error) => refused(&state, &visitor, *id, Form::refused(typed, error)?).await,
    }
}
