//! Pasted text, with or without labels of who speaks.

mod labels;

use entity::message::{PartKind, Role};

use super::{MOST_MESSAGES, ParsedConversation, ParsedMessage, clean, detect, notes::Notes, part};
use labels::{Label, Style};

/// A line that begins with a label.
struct Mark {
    /// Where the line begins.
    start: usize,
    /// Where the words of the message begin.
    body: usize,
    /// The label.
    label: Label,
}

/// Reads a text as one conversation.
pub(super) fn parse(raw: &[u8]) -> Result<ParsedConversation, String> {
    let mut notes = Notes::default();
    let bytes = raw.strip_prefix(detect::MARK).unwrap_or(raw);
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = clean::text(text.to_owned(), &mut notes);
    let marks = marks(&text);
    let mut messages = Vec::new();
    let mut say = |role: Role, words: Option<&str>| {
        let words = trim_lines(words.unwrap_or_default());
        if let Some(part) = part::words(PartKind::Text, words.to_owned()) {
            let parent = messages.len().checked_sub(1);
            messages.push(ParsedMessage {
                source_id: None,
                parent,
                role,
                model: None,
                created_at: None,
                hidden: false,
                on_path: true,
                parts: vec![part],
            });
        }
    };
    let first = marks.first().map_or(text.len(), |mark| mark.start);
    say(Role::Unknown, text.get(..first));
    for (at, mark) in marks.iter().enumerate() {
        let end = marks.get(at + 1).map_or(text.len(), |next| next.start);
        let words = text.get(mark.body..end);
        say(mark.label.role, words.map(|words| mark.label.style.strip_end(words)));
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

/// The labels that part the messages; none if the text is not a conversation.
///
/// All are of one style, the one that occurs most, so that `A:` in an answer does not cut a text of `User:` and
/// `Assistant:`.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
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
                    marks.push(Mark { start, body: start + length, label });
                }
            }
        }
        start += line.len();
    }
    let mut best: Option<(usize, Style)> = None;
    for style in marks.iter().map(|mark| mark.label.style).collect::<std::collections::BTreeSet<_>>() {
        let speakers: Vec<Role> = marks
            .iter()
            .filter(|mark| mark.label.style == style && mark.label.role != Role::System)
            .map(|mark| mark.label.role)
            .collect();
        let changes = speakers.iter().zip(speakers.iter().skip(1)).filter(|(one, next)| one != next).count();
        if changes >= style.fewest_changes() && best.is_none_or(|(count, _)| speakers.len() > count) {
            best = Some((speakers.len(), style));
        }
    }
    marks.retain(|mark| best.is_some_and(|(_, style)| mark.label.style == style));
    marks
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
