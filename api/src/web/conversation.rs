//! A conversation: read it, say who may, rename it, delete it.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    access::{Right, allows},
    conversation::{ChangeConversation, Reading, widens},
    entity::{ConversationId, class::Status, conversation::Visibility},
    page::PageRequest,
    text::Title,
};

use super::{
    form::{Form, Posted, Typed},
    page::{self, Page, Result, Shown, When, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// Messages on one page.
const MESSAGES: u64 = 500;

/// Which page of the messages, and what was just done.
#[derive(Deserialize)]
pub(super) struct ReadQuery {
    cursor: Option<String>,
    done: Option<String>,
}

/// A message as it is shown.
struct Line {
    number: i32,
    speaker: String,
    kind: &'static str,
    when: Option<When>,
    words: String,
}

/// How far a conversation can be shared, and whom that reaches.
struct Reach {
    key: &'static str,
    name: &'static str,
    who: String,
}

#[derive(Template)]
#[template(path = "conversation.html")]
struct ConversationPage {
    page: Page,
    reading: Reading,
    title: String,
    kind: &'static str,
    who: String,
    platform: &'static str,
    lines: Vec<Line>,
    next: Option<String>,
    may_change: bool,
    may_delete: bool,
    reaches: Vec<Reach>,
    form: Form,
}

#[derive(Template)]
#[template(path = "share.html")]
struct SharePage {
    page: Page,
    reading: Reading,
    key: &'static str,
    who: String,
    others: u64,
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<ReadQuery>,
) -> Result {
    let request = PageRequest { limit: MESSAGES, ..PageRequest::parse(None, query.cursor.as_deref())? };
    let reading = service::conversation::read(&state.db, &visitor.actor(), *id, request).await?;
    let mut shown = conversation_page(&visitor, reading, None);
    shown.page = shown.page.done(query.done.as_deref());
    page::show(&shown)
}

fn title(reading: &Reading) -> String {
    reading.conversation.title.clone().unwrap_or_else(|| "Untitled".to_owned())
}

fn who_sees(reading: &Reading, visibility: Visibility) -> String {
    words::who_sees(visibility, reading.audience, reading.author.as_ref(), words::class(&reading.class))
}

fn page_of(visitor: &Visitor, reading: &Reading, title: &str) -> Page {
    let class = &reading.class;
    Page::of(visitor, title).below("My classes", "/").below(class.name.clone(), format!("/classes/{}", class.id))
}

fn conversation_page(visitor: &Visitor, mut reading: Reading, form: Option<Form>) -> ConversationPage {
    let title = title(&reading);
    let row = &reading.conversation;
    let may_delete = reading.mine && reading.role.is_some_and(|role| allows(role, Right::Contribute));
    let reach = |(visibility, key, name)| Reach { key, name, who: who_sees(&reading, visibility) };
    let lines = reading.messages.items.iter().filter(|message| !message.hidden && !message.content.is_empty());
    let lines = lines.map(|message| {
        let (speaker, kind) = words::speaker(message.role, reading.author.as_ref(), message.model.as_deref());
        let words = message.content.clone();
        Line { number: message.position.saturating_add(1), speaker, kind, when: message.created_at.map(When), words }
    });
    let next = reading.messages.next.as_ref();
    ConversationPage {
        page: page_of(visitor, &reading, &title),
        kind: words::key(&words::VISIBILITIES, &row.visibility),
        who: who_sees(&reading, row.visibility),
        platform: words::name(&words::PLATFORMS, &row.platform),
        lines: lines.collect(),
        next: next.map(|cursor| format!("/conversations/{}?cursor={}", row.id, cursor.encode())),
        may_change: may_delete && reading.class.status == Status::Active,
        may_delete,
        reaches: words::VISIBILITIES.into_iter().map(reach).collect(),
        form: form.unwrap_or_else(|| Form::filled(Typed::from([("title", title.clone())]))),
        title,
        reading: {
            reading.messages.items.clear();
            reading
        },
    }
}

/// The conversation with what stood in the way of a change.
async fn refused(state: &State, visitor: &Visitor, id: ConversationId, form: Form) -> Result {
    let request = PageRequest { limit: MESSAGES, after: None };
    let reading = service::conversation::read(&state.db, &visitor.actor(), id, request).await?;
    let outcome = form.outcome();
    outcome.answer(&conversation_page(visitor, reading, Some(form)))
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
    let request = PageRequest { limit: 1, after: None };
    let reading = service::conversation::read(&state.db, &visitor.actor(), *id, request).await?;
    let before = reading.conversation.visibility;
    let wanted = words::parse(&words::VISIBILITIES, typed.get("visibility")).unwrap_or(before);
    let wider = widens(before, wanted);
    if reading.mine && wider && typed.get("confirmed") != "yes" {
        return page::show(&share_page(&visitor, reading, wanted));
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

fn share_page(visitor: &Visitor, reading: Reading, wanted: Visibility) -> SharePage {
    let title = title(&reading);
    let page = page_of(visitor, &reading, "Share this conversation?");
    SharePage {
        page: page.below(title, format!("/conversations/{}", reading.conversation.id)),
        key: words::key(&words::VISIBILITIES, &wanted),
        who: who_sees(&reading, wanted),
        others: reading.audience.others(wanted, reading.author.as_ref().map(|author| author.role)),
        reading,
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
