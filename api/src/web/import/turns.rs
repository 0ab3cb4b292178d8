//! A pasted text of which nobody can tell who speaks: the person says so. The words stay as they are; only where each
//! message begins, and who speaks it, comes back from the form.

use std::{collections::BTreeMap, ops::ControlFlow};

use askama::Template;
use service::{
    Actor, Error, Fields, Flaw,
    conversation::NewConversation,
    entity::{
        ClassId,
        conversation::Visibility,
        message::{Part, PartKind, Role},
    },
    import::Report,
    message::{NewMessage, visible_text},
    text::Title,
    transcript,
};

use super::{Target, choice::TITLE, staging::Waiting};
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
/// Paragraphs that are asked about one by one; what comes after stands with the last of them.
const SHOWN: usize = 500;

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
    /// How many there are, if the last one holds further ones.
    too_many: Option<usize>,
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
    let (paragraphs, count) = paragraphs(text, &form);
    let too_many = Some(count).filter(|count| *count > SHOWN);
    let page = TurnsPage { page, form, target, title, paragraphs, too_many };
    page.form.outcome().answer(&page)
}

/// The paragraphs, as the form was sent, in one pass; at first a question and an answer. With how many there are.
fn paragraphs<'a>(text: &'a str, form: &Form) -> (Vec<Paragraph<'a>>, usize) {
    let said: BTreeMap<usize, Role> = cuts(form.all("turn")).flatten().take(MOST).collect();
    let (starts, count) = starts(text, &said);
    let mut all = Vec::with_capacity(starts.len());
    let mut ends = starts.iter().skip(1).map(|(_, bytes)| *bytes).chain([text.len()]);
    for (at, (start, from)) in starts.iter().enumerate() {
        let words = ends.next().and_then(|to| text.get(*from..to)).unwrap_or_default().trim_end();
        let speaker = match said.get(start) {
            Some(Role::User) => "user",
            Some(_) => "assistant",
            None if at == 0 => "user",
            None if at == 1 && !form.is_refused() => "assistant",
            None => "",
        };
        all.push(Paragraph { start: *start, words, speaker });
    }
    (all, count)
}

/// Where the first paragraphs begin, and whatever else somebody said begins somewhere: in letters and in bytes. With how
/// many paragraphs there are.
fn starts(text: &str, said: &BTreeMap<usize, Role>) -> (Vec<(usize, usize)>, usize) {
    let (mut starts, mut count, mut blank) = (Vec::new(), 0, true);
    let (mut letters, mut bytes) = (0, 0);
    let mut cuts = said.keys().copied().peekable();
    for line in text.split_inclusive('\n') {
        let (empty, end) = (line.trim().is_empty(), letters + line.chars().count());
        let begins = blank && !empty;
        count += usize::from(begins);
        if begins && count <= SHOWN {
            starts.push((letters, bytes));
            cuts.next_if_eq(&letters);
        }
        if cuts.peek().is_some_and(|cut| *cut < end) {
            let within = line.char_indices().enumerate().map(|(at, (byte, _))| (letters + at, bytes + byte));
            starts.extend(within.filter(|(letter, _)| cuts.next_if_eq(letter).is_some()));
        }
        (blank, letters, bytes) = (empty, end, bytes + line.len());
    }
    (starts, count)
}

/// What a form says of where whose words begin: `<start>:<role>` for each. Nothing where it makes no sense.
fn cuts<'a>(turns: impl Iterator<Item = &'a str>) -> impl Iterator<Item = Option<(usize, Role)>> {
    turns.filter_map(|turn| turn.split_once(':')).map(|(start, role)| {
        let role = if role == "user" { Role::User } else { Role::Assistant };
        Some((start.parse().ok()?, role))
    })
}

/// Saves the text as a conversation; the path of it.
pub(super) async fn save(state: &State, actor: &Actor, class: ClassId, text: &str, typed: &Typed) -> Result<String> {
    let mut fields = Fields::default();
    let title = fields.take("title", Title::parse(typed.get("title")));
    let messages = fields.take("turn", messages(text, typed));
    let (Some(title), Some(messages)) = (title, messages) else {
        return Err(Error::from(fields).into());
    };
    let new = NewConversation { title, visibility: Visibility::Private, messages };
    let id = service::conversation::create(&state.db, actor, class, new).await?.value;
    Ok(format!("/conversations/{id}?done=added"))
}

/// The messages a text is cut into by what the form says.
fn messages(text: &str, typed: &Typed) -> Result<Vec<NewMessage>, Flaw> {
    let cuts: Option<BTreeMap<usize, Role>> = cuts(typed.all("turn")).collect();
    let cuts = cuts.ok_or_else(|| Flaw::new("out_of_range", "say who speaks"))?;
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
