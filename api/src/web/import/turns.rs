//! A pasted text of which nobody can tell who speaks: the person says so. The words stay as they are; only where each
//! message begins, and who speaks it, comes back from the form.

use std::{collections::BTreeMap, ops::ControlFlow};

use askama::Template;
use service::{
    Actor, Error, Fields, Flaw,
    conversation::NewConversation,
    entity::{
        ClassId,
        message::{Part, PartKind, Role},
    },
    import::Report,
    message::{NewMessage, visible_text},
    text::Title,
    transcript,
};

use super::{Target, choice::TITLE, staging::Waiting, visibility};
use crate::{
    spool::Spooled,
    state::State,
    web::{
        form::{Form, Typed},
        page::{Page, Result},
        visitor::Visitor,
    },
};

/// Bytes of a text that is taken apart by hand.
const LONGEST: u64 = 1 << 20;
/// Messages it is taken apart into.
const MOST: usize = 1_000;

/// A paragraph of the text.
struct Paragraph<'a> {
    /// Where it begins, in Unicode scalar values.
    start: usize,
    words: &'a str,
    /// Who speaks it: `user`, `assistant`, or nothing for who spoke before.
    speaker: &'static str,
}

#[derive(Template)]
#[template(path = "import-turns.html")]
struct TurnsPage<'a> {
    page: Page,
    form: Form,
    target: Target,
    title: String,
    paragraphs: Vec<Paragraph<'a>>,
}

/// The text of what was sent, if it is one text and nobody can tell who speaks in it.
pub(super) async fn speakerless(spooled: &Spooled, found: &Report) -> Result<Option<String>> {
    if found.imported.len() != 1 || !found.skipped.is_empty() || spooled.bytes > LONGEST {
        return Ok(None);
    }
    let pieces = spooled.pieces();
    let reading = tokio::task::spawn_blocking(move || {
        let mut text = None;
        let read = transcript::read_all(pieces, &mut |item| {
            if let Ok(parsed) = item.outcome
                && parsed.messages.iter().all(|message| message.role == Role::Unknown)
            {
                let words: Vec<String> = parsed.messages.iter().map(|message| visible_text(&message.parts)).collect();
                text = Some(words.join("\n\n"));
            }
            ControlFlow::Continue(())
        });
        read.map(|_| text)
    });
    // It was read a moment ago; what cannot be read again is shown as it was found.
    Ok(reading.await.map_err(Error::from)?.unwrap_or_default())
}

/// The page on which somebody says who speaks.
pub(super) async fn show(state: &State, visitor: &Visitor, class: ClassId, waiting: &Waiting, form: Form) -> Result {
    let text = waiting.turns.as_deref().unwrap_or_default();
    let target = Target::of(state, visitor, class).await?;
    let page = target.page(visitor, "Who speaks?").below("Import", target.path());
    let first: String = text.lines().next().unwrap_or_default().chars().take(TITLE).collect();
    let title = if form.is_refused() { form.value("title").to_owned() } else { first };
    let paragraphs = paragraphs(text, &form);
    let page = TurnsPage { page, form, target, title, paragraphs };
    page.form.outcome().answer(&page)
}

/// The paragraphs, as the form was sent; at first a question and an answer.
fn paragraphs<'a>(text: &'a str, form: &Form) -> Vec<Paragraph<'a>> {
    let (mut starts, mut blank, mut letters) = (Vec::new(), true, 0);
    let mut bytes = 0;
    for line in text.split_inclusive('\n') {
        let empty = line.trim().is_empty();
        if blank && !empty {
            starts.push((letters, bytes));
        }
        (blank, letters, bytes) = (empty, letters + line.chars().count(), bytes + line.len());
    }
    let mut all = Vec::with_capacity(starts.len());
    for (at, (start, from)) in starts.iter().enumerate() {
        let to = starts.get(at + 1).map_or(text.len(), |(_, next)| *next);
        let said = |role: &str| form.has("turn", &format!("{start}:{role}"));
        let speaker = match at {
            _ if said("user") => "user",
            _ if said("assistant") => "assistant",
            0 => "user",
            1 if !form.is_refused() => "assistant",
            _ => "",
        };
        all.push(Paragraph { start: *start, words: text.get(*from..to).unwrap_or_default().trim_end(), speaker });
    }
    all
}

/// Saves the text as a conversation; the path of it.
pub(super) async fn save(state: &State, actor: &Actor, class: ClassId, text: &str, typed: &Typed) -> Result<String> {
    let mut fields = Fields::default();
    let title = fields.take("title", Title::parse(typed.get("title")));
    let messages = fields.take("turn", messages(text, typed));
    let (Some(title), Some(messages)) = (title, messages) else {
        return Err(Error::from(fields).into());
    };
    let new = NewConversation { title, visibility: visibility(typed), messages };
    let id = service::conversation::create(&state.db, actor, class, new).await?.value;
    Ok(format!("/conversations/{id}?done=saved"))
}

/// The messages a text is cut into by what the form says: `<start>:<role>` for each.
fn messages(text: &str, typed: &Typed) -> Result<Vec<NewMessage>, Flaw> {
    let mut cuts: BTreeMap<usize, Role> = BTreeMap::new();
    for (start, role) in typed.all("turn").filter_map(|turn| turn.split_once(':')) {
        let role = if role == "user" { Role::User } else { Role::Assistant };
        cuts.insert(start.parse().map_err(|_| Flaw::new("out_of_range", "say who speaks"))?, role);
    }
    let mut spoken: Vec<(Role, String)> = Vec::new();
    let mut role = cuts.values().next().copied().ok_or_else(|| Flaw::new("blank", "say who speaks"))?;
    for (at, letter) in text.chars().enumerate() {
        role = cuts.get(&at).copied().unwrap_or(role);
        match spoken.last_mut() {
            Some((speaker, words)) if *speaker == role => words.push(letter),
            _ => spoken.push((role, letter.into())),
        }
    }
    spoken.retain(|(_, words)| !words.trim().is_empty());
    if spoken.len() > MOST {
        let detail = format!("at most {MOST} messages, found {}", spoken.len());
        return Err(Flaw::new("out_of_range", detail));
    }
    Ok(spoken.into_iter().map(|(role, words)| message(role, words.trim())).collect())
}

fn message(role: Role, words: &str) -> NewMessage {
    let part = Part { kind: PartKind::Text, text: Some(words.to_owned()), lang: None, name: None, data: None };
    NewMessage { role, parts: vec![part], model: None, created_at: None }
}
