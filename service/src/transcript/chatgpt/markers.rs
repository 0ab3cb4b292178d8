//! Marks in the text of an answer that stand for citations, drawn by the page and unreadable elsewhere.

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use crate::transcript::{notes::Notes, part};

/// Begins a mark.
const OPEN: char = '\u{e200}';
/// Ends a mark.
const CLOSE: char = '\u{e201}';
/// Bytes of the longest mark; anything longer was never closed.
const LONGEST: usize = 4_000;

/// Moves the marks out of `text`: gives what is left and a part that keeps them, with their places in what is left
/// counted in Unicode scalar values. The mark of an entity stands for its name, so the name stays.
pub(super) fn split(text: String, notes: &mut Notes) -> (String, Option<Part>) {
    if !text.contains(OPEN) {
        return (text, None);
    }
    let mut left = String::with_capacity(text.len());
    // Letters in `left`, counted along the way: counting them for each mark would take hours for a text of marks.
    let mut letters = 0;
    let mut keep = |words: &str, left: &mut String| {
        left.push_str(words);
        letters += words.chars().count();
        letters
    };
    let mut marks = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(OPEN) {
        let at = keep(before, &mut left);
        let end = after.find([OPEN, CLOSE]).filter(|end| *end <= LONGEST);
        let closed = end
            .and_then(|end| after.split_at_checked(end))
            .and_then(|(inside, rest)| Some((inside, rest.strip_prefix(CLOSE)?)));
        if let Some((inside, after)) = closed {
            marks.push(json!({ "at": at, "marker": format!("{OPEN}{inside}{CLOSE}") }));
            keep(&entity_name(inside).unwrap_or_default(), &mut left);
            rest = after;
        } else {
            keep(OPEN.encode_utf8(&mut [0; 4]), &mut left);
            rest = after;
        }
    }
    left.push_str(rest);
    notes.markers += marks.len();
    let part = (!marks.is_empty()).then(|| part::raw(PartKind::Citation, json!({ "markers": marks })));
    (left, part)
}

/// The name in `entity["person","Ada Lovelace","…"]`.
fn entity_name(inside: &str) -> Option<String> {
    let list = inside.strip_prefix("entity")?.trim_start_matches('\u{e202}');
    let fields: Vec<Value> = serde_json::from_str(list).ok()?;
    fields.get(1)?.as_str().map(str::to_owned)
}
