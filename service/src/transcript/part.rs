//! Small tools for building parts from JSON.

use entity::message::{Part, PartKind};
use serde_json::{Map, Value};

use super::notes::Notes;

/// A JSON object.
pub(super) type Fields = Map<String, Value>;

/// An empty part.
pub(super) fn bare(kind: PartKind) -> Part {
    Part { kind, text: None, lang: None, name: None, data: None }
}

/// A part of words; none if they are blank.
pub(super) fn words(kind: PartKind, text: String) -> Option<Part> {
    (!text.trim().is_empty()).then(|| Part { text: Some(text), ..bare(kind) })
}

/// A part that is nothing but what the source says.
pub(super) fn raw(kind: PartKind, data: Value) -> Part {
    Part { data: Some(data), ..bare(kind) }
}

/// Takes the string out of the field `name`; none if it is blank. What is no string stays where it is, so that it is
/// found among the rest.
pub(super) fn take_text(fields: &mut Fields, name: &str) -> Option<String> {
    if !fields.get(name)?.is_string() {
        return None;
    }
    match fields.remove(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// Takes the list out of the field `name`; empty if it is no list, which stays where it is.
pub(super) fn take_list(fields: &mut Fields, name: &str) -> Vec<Value> {
    match fields.get_mut(name) {
        Some(Value::Array(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

/// Takes what the field `name` lists; a single thing in place of a list is one.
pub(super) fn take_items(fields: &mut Fields, name: &str) -> Vec<Value> {
    match fields.remove(name) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(other) => vec![other],
    }
}

/// Takes the object out of the field `name`; empty if it is no object.
pub(super) fn take_fields(fields: &mut Fields, name: &str) -> Fields {
    match fields.remove(name) {
        Some(Value::Object(inner)) => inner,
        _ => Fields::new(),
    }
}

/// The string in the field `name`; none if it is blank or no string.
pub(super) fn text_in<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Does `value` say anything at all?
pub(super) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(fields) => fields.values().any(says_something),
    }
}

/// The object without the fields that say nothing; none if nothing is left.
pub(super) fn rest(mut fields: Fields) -> Option<Value> {
    fields.retain(|_, field| says_something(field));
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// Names of fields whose strings are for programs and not for people.
const BOOKKEEPING: [&str; 14] = [
    "id",
    "uuid",
    "type",
    "content_type",
    "status",
    "signature",
    "language",
    "response_format_name",
    "asset_pointer",
    "mime_type",
    "start_timestamp",
    "stop_timestamp",
    "message_type",
    "kind",
];

/// Is the field of this name for programs and not for people?
pub(super) fn is_bookkeeping(name: &str) -> bool {
    BOOKKEEPING.contains(&name) || ["_id", "_ids", "_uuid", "_at"].iter().any(|end| name.ends_with(end))
}

/// Is there a word in `value`: a string with a letter or a digit, in a field that is for people?
pub(super) fn says_words(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.chars().any(char::is_alphanumeric),
        Value::Array(items) => items.iter().any(says_words),
        Value::Object(fields) => fields.iter().any(|(name, field)| !is_bookkeeping(name) && says_words(field)),
    }
}

/// The words in `value` as text to read and to mark: each field with its name, lists line by line. None if there are none.
pub(super) fn told(value: &Value) -> Option<String> {
    says_words(value).then(|| readable(value))
}

/// `value` as text to read: each field with its name, lists line by line, what says nothing left out.
///
/// Recursive: `serde_json` has limited the depth before.
pub(super) fn readable(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items = items.iter().filter(|item| says_something(item)).map(readable);
            items.collect::<Vec<_>>().join("\n")
        }
        Value::Object(fields) => {
            let line = |(name, field): (&String, &Value)| {
                let text = readable(field);
                let beside =
                    matches!(field, Value::Bool(_) | Value::Number(_) | Value::String(_)) && !text.contains('\n');
                format!("{name}:{}{text}", if beside { " " } else { "\n" })
            };
            fields.iter().filter(|(_, field)| says_something(field)).map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Something that is not known here: its words as text, all of it as it stands.
pub(super) fn unknown(data: Value, notes: &mut Notes) -> Part {
    let kind = ["content_type", "type"].iter().find_map(|name| data.get(*name)?.as_str());
    notes.unread(kind.unwrap_or("without a name"));
    Part { text: told(&data), ..raw(PartKind::Unknown, data) }
}

/// A call of a tool: what it was given as text to read and to mark, and as it stands.
pub(super) fn call(name: Option<String>, input: Option<Value>) -> Part {
    let text = input.as_ref().map(readable).filter(|text| !text.trim().is_empty());
    Part { text, name, data: input, ..bare(PartKind::ToolCall) }
}
