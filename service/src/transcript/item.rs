//! From one element of a JSON file to a conversation, or to the reason why not.

use super::{
    Format, ItemFailure, ParsedConversation, chatgpt, claude, clean, colloquium, detect,
    elements::{self, Cut, Fault, Place},
    hint,
    notes::Notes,
};

/// Brackets open at once in one conversation; `serde_json` reads no more.
pub(super) const DEEPEST: usize = 127;

/// Values in one conversation, as [`elements::values`] counts: 75 to 500 MiB as a tree, by their kinds. A message of an
/// export has about sixty, and ten objects, so that the longest conversation there may be stays below.
pub(super) const MOST_VALUES: usize = 4_000_000;

/// Why a conversation could not be read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is no JSON.
    Json(serde_json::Error),
    /// It is not what it should be.
    Reason(String),
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Reason(reason)
    }
}

/// Reads what was cut; gives it back with its raw bytes.
pub(super) fn parse(format: Format, cut: Cut) -> (Vec<u8>, Result<ParsedConversation, ItemFailure>) {
    let reason = match &cut {
        Cut::Element { values, .. } if *values > MOST_VALUES => too_many(),
        Cut::Element { raw, depth, .. } => match element(format, raw, *depth) {
            Ok(conversation) => {
                let (Cut::Element { raw, .. } | Cut::Broken { raw, .. }) = cut;
                return (raw, Ok(conversation));
            }
            Err(Refusal::Reason(reason)) => reason,
            Err(Refusal::Json(error)) => malformed(&cut, &error),
        },
        Cut::Broken { raw, fault: Fault::Truncated, .. } if raw.is_empty() => {
            "the file ends before its list of conversations does: the download is probably incomplete".to_owned()
        }
        Cut::Broken { fault: Fault::Truncated, .. } => {
            "the file ends in the middle of this conversation: the download is probably incomplete".to_owned()
        }
        Cut::Broken { fault: Fault::TooDeep, .. } => too_deep(),
        Cut::Broken { fault: Fault::TooLarge, .. } => format!("{}; nothing after it was read", too_large()),
        Cut::Broken { place: Place { line, column }, fault: Fault::Expected(expected), .. } => {
            format!(
                "the JSON is malformed at line {line}, column {column}: {expected} was expected; nothing after it was read"
            )
        }
    };
    let (Cut::Element { raw, .. } | Cut::Broken { raw, .. }) = cut;
    let title = hint::title_hint(&raw);
    (raw, Err(ItemFailure { title, reason }))
}

/// Reads a whole element.
fn element(format: Format, raw: &[u8], depth: usize) -> Result<ParsedConversation, Refusal> {
    if depth > DEEPEST {
        return Err(too_deep().into());
    }
    if let Some(found) = detect::not_utf8(raw) {
        return Err(format!("this conversation {found}").into());
    }
    let mut notes = Notes::default();
    let mended = clean::surrogates(raw, &mut notes);
    match format {
        Format::Colloquium => colloquium::parse(&mended, raw, notes),
        Format::Chatgpt => chatgpt::parse(&mended, notes),
        Format::Claude | Format::Text | Format::Page(_) => claude::parse(&mended, notes),
    }
}

/// Says that JSON is too deeply nested.
pub(super) fn too_deep() -> String {
    format!("the JSON is nested too deeply: more than {DEEPEST} brackets are open at once, which no real export has")
}

/// Says that JSON is made of too many values.
pub(super) fn too_many() -> String {
    format!("the JSON is made of more than {} million values, which no real export has", MOST_VALUES / 1_000_000)
}

/// Says that one conversation is too large.
pub(super) fn too_large() -> String {
    format!("one conversation has more than {} MiB, which no real export has", elements::LARGEST >> 20)
}

/// Says where in the file JSON is malformed, and what was expected.
pub(super) fn malformed(cut: &Cut, error: &serde_json::Error) -> String {
    let (Cut::Element { place, .. } | Cut::Broken { place, .. }) = cut;
    let line = place.line + error.line().saturating_sub(1);
    let column = if error.line() <= 1 { place.column + error.column().saturating_sub(1) } else { error.column() };
    let words = error.to_string();
    // It ends with the place within the element, which says nothing to anybody.
    let what = words.rsplit_once(" at line ").map_or(words.as_str(), |(what, _)| what);
    format!("the JSON is malformed at line {line}, column {column}: {what}")
}
