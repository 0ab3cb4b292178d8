//! Pasted text, with or without labels of who speaks.

pub(super) mod labels;

use std::collections::BTreeSet;

use entity::message::{PartKind, Role};

use super::{MOST_MESSAGES, ParsedConversation, ParsedMessage, clean, detect, notes::Notes, part};
use labels::{Label, Style, Who};

/// A line that begins with a label.
struct Mark {
    /// Where the line begins.
    start: usize,
    /// Where the words of the message begin.
    body: usize,
    /// The label.
    label: Label,
    /// Nothing stands on the line before.
    paragraph: bool,
}

/// Where what somebody says begins.
struct Cut {
    start: usize,
    body: usize,
    role: Role,
    style: Style,
}

/// Words above the first message that are no message: the name of the page, who exported it and when.
const FEW_WORDS: usize = 25;

/// Reads a text as one conversation.
pub(super) fn parse(raw: &[u8]) -> Result<ParsedConversation, String> {
    let bytes = raw.strip_prefix(detect::MARK).unwrap_or(raw);
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut parsed = split(text)?;
    if parsed.messages.iter().all(|message| message.role == Role::Unknown) {
        parsed.notes.insert(0, "nobody could be told apart in this text: say who speaks".to_owned());
    }
    Ok(parsed)
}

/// Cuts a text into what each says.
pub(super) fn split(text: &str) -> Result<ParsedConversation, String> {
    let mut notes = Notes::default();
    let text = clean::text(text.to_owned(), &mut notes);
    let cuts = cuts(&text);
    let above =
        Above::of(text.get(..cuts.first().map_or(text.len(), |cut| cut.start)).unwrap_or_default(), cuts.first());
    let mut said = vec![(Role::Unknown, above.message.to_owned())];
    let mut ruled = false;
    for (at, cut) in cuts.iter().enumerate() {
        let next = cuts.get(at + 1).map(|next| next.start);
        let words = text.get(cut.body..next.unwrap_or(text.len())).unwrap_or_default();
        let words = cut.style.strip_end(words);
        // A line between two messages is no word of the first.
        let unruled = if next.is_some() || ruled { strip_rules(words) } else { words };
        ruled |= unruled.len() < words.trim_end().len();
        said.push((cut.role, trim_lines(unruled).to_owned()));
    }
    let mut parsed = conversation(said, notes)?;
    parsed.title = above.title;
    parsed.notes.extend(above.note);
    Ok(parsed)
}

/// A conversation of what each says; whoever says nothing is left out.
pub(super) fn conversation(said: Vec<(Role, String)>, mut notes: Notes) -> Result<ParsedConversation, String> {
    let mut messages: Vec<ParsedMessage> = Vec::new();
    for (role, words) in said {
        let words = clean::text(words, &mut notes);
        let Some(part) = part::words(PartKind::Text, words) else { continue };
        messages.push(ParsedMessage {
            source_id: None,
            parent: messages.len().checked_sub(1),
            role,
            model: None,
            created_at: None,
            hidden: false,
            on_path: true,
            parts: vec![part],
        });
    }
    if messages.len() > MOST_MESSAGES {
        return Err(format!("it has more than {MOST_MESSAGES} messages"));
    }
    let Some(leaf) = messages.len().checked_sub(1) else {
        return Err("it has no messages".to_owned());
    };
    Ok(ParsedConversation {
        source_id: None,
        title: None,
        model: None,
        started_at: None,
        updated_at: None,
        messages,
        leaf: Some(leaf),
        notes: notes.into_words(),
        marks: None,
    })
}

/// What stands above the first label.
#[derive(Default)]
struct Above<'a> {
    title: Option<String>,
    /// A message of nobody; may be blank.
    message: &'a str,
    /// What was left out.
    note: Option<String>,
}

impl<'a> Above<'a> {
    /// A heading is the title; a few words below it, or above labels that pages write, are the page's.
    fn of(text: &'a str, first: Option<&Cut>) -> Self {
        let Some(first) = first else { return Self { message: trim_lines(text), ..Self::default() } };
        let text = trim_lines(strip_rules(text));
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let heading = line.strip_prefix('#').map(|line| line.trim_start_matches('#'));
        let title =
            heading.and_then(|line| line.strip_prefix(' ')).map(|line| line.trim().trim_matches('*').to_owned());
        let title = title.filter(|title| !title.is_empty());
        let message = trim_lines(if title.is_some() { rest } else { text });
        let words: Vec<&str> = message.split_whitespace().collect();
        let lines = message.lines().filter(|line| !line.trim().is_empty()).count();
        if (title.is_none() && first.style != Style::Said) || words.len() > FEW_WORDS || lines > 3 {
            return Self { title, message, note: None };
        }
        let note = format!("what stands above the first message was left out: “{}”", words.join(" "));
        Self { title, message: "", note: (!words.is_empty()).then_some(note) }
    }
}

/// Where the messages begin; nothing if the text is not a conversation.
///
/// All are of one style, the one that occurs most, so that `A:` in an answer does not cut a text of `User:` and
/// `Assistant:`.
fn cuts(text: &str) -> Vec<Cut> {
    let marks = marks(text);
    let mut best: Vec<Cut> = Vec::new();
    let mut most = 0;
    for style in marks.iter().map(|mark| mark.label.style).collect::<BTreeSet<_>>() {
        let cuts = cuts_of(&marks, style);
        let speakers: Vec<Role> = cuts.iter().map(|cut| cut.role).filter(|role| *role != Role::System).collect();
        let changes = speakers.iter().zip(speakers.iter().skip(1)).filter(|(one, next)| one != next).count();
        if changes >= style.fewest_changes() && speakers.len() > most {
            (most, best) = (speakers.len(), cuts);
        }
    }
    best
}

/// All lines that begin with a label, outside of code.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let (mut start, mut paragraph) = (0, true);
    for line in text.split_inclusive('\n') {
        let found = fence_of(line);
        match (fence, found) {
            (Some((kind, length)), Some((other, count, bare))) if kind == other && count >= length && bare => {
                fence = None;
            }
            (Some(_), _) => {}
            (None, Some((kind, length, _))) => fence = Some((kind, length)),
            (None, None) => {
                if let Some((label, length)) = labels::read(line) {
                    marks.push(Mark { start, body: start + length, label, paragraph });
                }
            }
        }
        paragraph = line.trim().is_empty();
        start += line.len();
    }
    marks
}

/// Where the messages begin that labels of one style part.
fn cuts_of(marks: &[Mark], style: Style) -> Vec<Cut> {
    let own: Vec<&Mark> = marks.iter().filter(|mark| mark.label.style == style).collect();
    let told = own.iter().any(|mark| mark.label.who == Who::Known(Role::Assistant));
    let name = if told { None } else { model(&own, style) };
    let cut = |mark: &&Mark| {
        let role = match &mark.label.who {
            Who::Known(role) => *role,
            Who::Named(found) if name == Some(found.as_str()) => Role::Assistant,
            Who::Named(_) => return None,
        };
        Some(Cut { start: mark.start, body: mark.body, role, style })
    };
    own.iter().filter_map(cut).collect()
}

/// The name of the model where no label tells it: the one that comes after each label of the person, but perhaps the
/// last. Unless it is known for one, or products write the labels, it has to come again, or the person has.
fn model<'a>(marks: &[&'a Mark], style: Style) -> Option<&'a str> {
    let mut stretches: Vec<Vec<&str>> = Vec::new();
    for mark in marks {
        match (&mark.label.who, stretches.last_mut()) {
            (Who::Known(Role::User), _) => stretches.push(Vec::new()),
            (Who::Named(name), Some(names)) if !names.contains(&name.as_str()) => names.push(name),
            _ => {}
        }
    }
    let names: BTreeSet<&str> = stretches.iter().flatten().copied().collect();
    let rank = |name: &str| {
        let count = stretches.iter().filter(|names| names.contains(&name)).count();
        let first = stretches.iter().filter(|names| names.first() == Some(&name)).count();
        (count, first)
    };
    let best = names.into_iter().max_by_key(|name| rank(name))?;
    let everywhere = rank(best).0 >= stretches.len().saturating_sub(1).max(1);
    let mine = |mark: &&&Mark| mark.label.who == Who::Named(best.to_owned());
    let apart = style != Style::Colon || marks.iter().filter(mine).all(|mark| mark.paragraph);
    let trusted = style == Style::Said || labels::is_model(best) || apart && stretches.len() > 1;
    (everywhere && trusted).then_some(best)
}

/// The fence of a code block, if the line is one: its letter, its length, and whether nothing follows it.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let rest = line.get(indent..).filter(|_| indent < 4)?.trim_end();
    let kind = rest.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
    let count = rest.chars().take_while(|letter| *letter == kind).count();
    let info = rest.get(count..).unwrap_or_default();
    (count >= 3 && !(kind == '`' && info.contains('`'))).then_some((kind, count, info.is_empty()))
}

/// The text without blank lines around it; the indentation of its first line stays.
fn trim_lines(text: &str) -> &str {
    let text = text.trim_end();
    let skipped: usize = text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    text.get(skipped..).unwrap_or_default()
}

/// The text without lines that only draw a rule at its end.
fn strip_rules(text: &str) -> &str {
    let mut text = text.trim_end();
    loop {
        let line = text.rsplit('\n').next().unwrap_or_default();
        let signs: Vec<char> = line.chars().filter(|letter| !letter.is_whitespace()).collect();
        let rule = signs.len() > 2 && ['-', '*', '_'].iter().any(|sign| signs.iter().all(|letter| letter == sign));
        if !rule {
            return text;
        }
        text = text.get(..text.len() - line.len()).unwrap_or_default().trim_end();
    }
}
