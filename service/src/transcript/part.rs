//! Small tools for building parts from JSON.

use entity::message::{Part, PartKind};
use serde_json::{Map, Value};

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

/// Takes the string out of the field `name`; none if it is blank or no string.
pub(super) fn take_text(fields: &mut Fields, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// Takes the list out of the field `name`; empty if it is no list.
pub(super) fn take_list(fields: &mut Fields, name: &str) -> Vec<Value> {
    match fields.remove(name) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
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

/// A part for a source the model names: its title as text, all else as it stands.
pub(super) fn citation(data: Value) -> Option<Part> {
    if !says_something(&data) {
        return None;
    }
    let title = data
        .get("title")
        .or_else(|| data.get("metadata").and_then(|inner| inner.get("title")))
        .and_then(Value::as_str)
        .filter(|title| !title.trim().is_empty())
        .map(str::to_owned);
    Some(Part { text: title, ..raw(PartKind::Citation, data) })
}
