//! Markers in the text of an answer, drawn by the page and unreadable elsewhere. Some stand for citations and move out of
//! the text; others stand for words, links and formulas, which stay in the sentence.

use std::collections::HashMap;

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use crate::transcript::{
    notes::Notes,
    part::{self, Fields},
    sources,
};

/// Begins a marker.
const OPEN: char = '\u{e200}';
/// Ends a marker.
const CLOSE: char = '\u{e201}';
/// Stands between the fields of a marker.
const BETWEEN: char = '\u{e202}';
/// Begins and ends words that a citation is about, and stands between citations: seen by nobody.
const SILENT: [char; 4] = ['\u{e203}', '\u{e204}', '\u{e205}', '\u{e206}'];
/// Bytes of the longest marker; anything longer was never closed.
const LONGEST: usize = 64_000;

/// What stands in the page in place of a marker, where the file says so.
#[derive(Debug, Default)]
pub(super) struct Drawn(HashMap<String, String>);

impl Drawn {
    /// Reads it from the references of a message.
    pub(super) fn of(metadata: &Fields) -> Self {
        let references = metadata.get("content_references").and_then(Value::as_array);
        let drawn = |reference: &Value| {
            let marker = reference.get("matched_text")?.as_str().filter(|text| text.starts_with(OPEN))?;
            let words = reference.get("alt")?.as_str().filter(|words| !words.trim().is_empty())?;
            Some((marker.to_owned(), words.to_owned()))
        };
        Self(references.into_iter().flatten().filter_map(drawn).collect())
    }
}

/// What becomes of a marker.
enum Fate {
    /// Nothing of it stands in the sentence.
    Moves,
    /// These words stand in the sentence.
    Stays(String),
    /// Its kind is not known here: a sign stands in the sentence.
    Strange(String),
}

/// Takes the markers out of `text`: gives what is left, with the words they stand for, and a part that keeps them as they
/// were, with their places in what is left counted in Unicode scalar values.
pub(super) fn split(text: String, drawn: &Drawn, notes: &mut Notes) -> (String, Option<Part>) {
    if !text.contains(OPEN) {
        return (text, None);
    }
    let mut left = String::with_capacity(text.len());
    // Letters in `left`, counted along the way: counting them for each marker would take hours for a text of markers.
    let mut letters = 0;
    let mut keep = |words: &str, left: &mut String| {
        left.extend(words.chars().filter(|c| !SILENT.contains(c)).inspect(|_| letters += 1));
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
        let Some((inside, after)) = closed else {
            keep(OPEN.encode_utf8(&mut [0; 4]), &mut left);
            rest = after;
            continue;
        };
        let marker = format!("{OPEN}{inside}{CLOSE}");
        let (kind, fields) = parts_of(inside);
        match fate(kind, &fields, drawn.0.get(&marker)) {
            Fate::Moves => notes.markers += 1,
            Fate::Stays(words) => {
                // The name that an entity stands for was there before: its marker counts as one that moved.
                notes.markers += usize::from(kind == "entity");
                keep(&words, &mut left);
            }
            Fate::Strange(sign) => {
                notes.strange(kind);
                keep(&sign, &mut left);
            }
        }
        marks.push(json!({ "at": at, "marker": marker }));
        rest = after;
    }
    keep(rest, &mut left);
    let part = (!marks.is_empty()).then(|| part::raw(PartKind::Citation, json!({ "markers": marks })));
    (left, part)
}

/// The kind of a marker and its fields. The first one may follow the kind at once, if it is JSON.
fn parts_of(inside: &str) -> (&str, Vec<&str>) {
    let end = inside.find([BETWEEN, '[', '{']).unwrap_or(inside.len());
    let (kind, fields) = inside.split_at_checked(end).unwrap_or((inside, ""));
    (kind.trim(), fields.split(BETWEEN).map(str::trim).filter(|field| !field.is_empty()).collect())
}

/// What becomes of a marker of this kind, with these fields, in place of which the page shows `drawn`.
fn fate(kind: &str, fields: &[&str], drawn: Option<&String>) -> Fate {
    let words = || fields.iter().filter(|field| !is_reference(field)).filter_map(|field| said(field));
    match kind {
        "url" => link(fields).map_or(Fate::Moves, Fate::Stays),
        "entity" | "product_entity" => {
            named(fields).or_else(|| drawn.cloned()).or_else(|| join(words())).map_or(Fate::Moves, Fate::Stays)
        }
        "genui" => formula(fields).or_else(|| join(words())).map_or(Fate::Moves, Fate::Stays),
        // What a person sees of a citation is its number; what it is about is a source of the message.
        kind if kind.ends_with("cite") || is_silent(kind) => join(words()).map_or(Fate::Moves, Fate::Stays),
        "navlist" | "video" | "image_group" => {
            join(words()).or_else(|| drawn.cloned()).map_or(Fate::Moves, Fate::Stays)
        }
        _ => match drawn {
            Some(words) => Fate::Stays(words.clone()),
            None => Fate::Strange(match join(words()) {
                Some(words) => format!("⟦{kind}: {words}⟧"),
                None => format!("⟦{kind}⟧"),
            }),
        },
    }
}

/// Kinds that place something in the page which is no word: pictures, prices, weather, results, maps.
fn is_silent(kind: &str) -> bool {
    matches!(
        kind,
        "i" | "image"
            | "images"
            | "finance"
            | "forecast"
            | "schedule"
            | "standing"
            | "sports"
            | "businesses_map"
            | "products"
            | "product"
    )
}

/// Words one after the other; none if there are none.
fn join(words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Is it nothing but the numbers under which the platform keeps what was found: `turn0search1,turn2news3`?
fn is_reference(field: &str) -> bool {
    let one = |name: &str| {
        name.strip_prefix("turn").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            && !name.contains(char::is_whitespace)
    };
    field.split(',').all(|name| one(name.trim_matches(SILENT).trim())) || is_lines(field)
}

/// Is it a range of lines: `L1-L20`?
fn is_lines(field: &str) -> bool {
    field.starts_with('L') && field.chars().all(|c| c.is_ascii_digit() || matches!(c, 'L' | '-'))
}

/// The words of one field, on one line.
fn said(field: &str) -> Option<String> {
    let words = match serde_json::from_str::<Value>(field) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => {
            let mut words = Vec::new();
            strings(&value, &mut words);
            words.join(", ")
        }
        _ => field.to_owned(),
    };
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// All strings in `value` that say something and are no numbers of the platform.
///
/// Recursive: `serde_json` has limited the depth before.
fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.trim().is_empty() && !is_reference(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => {
            let people = fields.iter().filter(|(name, _)| !is_layout(name));
            people.for_each(|(_, field)| strings(field, into));
        }
        _ => {}
    }
}

/// Does the field of this name say how something is drawn?
fn is_layout(name: &str) -> bool {
    part::is_bookkeeping(name) || matches!(name, "layout" | "aspect_ratio" | "num_per_query" | "variant")
}

/// The label as a link, where the address is one.
fn link(fields: &[&str]) -> Option<String> {
    let address = fields.iter().find(|field| sources::is_address(field));
    let label = fields.iter().find(|field| !sources::is_address(field) && !is_reference(field));
    match (label, address) {
        (Some(label), Some(address)) => {
            let label = label.replace('[', "(").replace(']', ")");
            let odd = address.contains(['(', ')', '<', '>']);
            Some(if odd {
                format!("[{label}](<{}>)", address.replace('<', "%3C").replace('>', "%3E"))
            } else {
                format!("[{label}]({address})")
            })
        }
        (Some(label), None) => Some((*label).to_owned()),
        (None, Some(address)) => Some(format!("<{address}>")),
        (None, None) => None,
    }
}

/// The name in `entity["person","Ada Lovelace","…"]`.
fn named(fields: &[&str]) -> Option<String> {
    let fields: Vec<Value> = serde_json::from_str(fields.first()?).ok()?;
    let name = fields.get(1)?.as_str()?;
    (!name.trim().is_empty()).then(|| name.to_owned())
}

/// The formula of a block of maths.
fn formula(fields: &[&str]) -> Option<String> {
    let value: Value = serde_json::from_str(fields.first()?).ok()?;
    let (_, block) = value.as_object()?.iter().find(|(name, _)| name.contains("math"))?;
    let content = block.get("content").or(Some(block))?.as_str().filter(|content| !content.trim().is_empty())?;
    Some(format!("\\({}\\)", content.trim()))
}
