//! The blocks of one message's content.

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use crate::transcript::part::{self, Fields};

/// The parts of these blocks.
pub(super) fn parts(blocks: Vec<Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in blocks {
        match block {
            Value::Object(fields) => part_of(fields, &mut parts),
            Value::String(text) => parts.extend(part::words(PartKind::Text, text)),
            other => {
                if part::says_something(&other) {
                    parts.push(part::raw(PartKind::Unknown, other));
                }
            }
        }
    }
    parts
}

/// The parts of one block.
fn part_of(mut block: Fields, into: &mut Vec<Part>) {
    match part::text_in(&block, "type") {
        Some("text") => {
            let text = part::take_text(&mut block, "text").unwrap_or_default();
            into.extend(part::words(PartKind::Text, text));
            into.extend(part::take_list(&mut block, "citations").into_iter().filter_map(part::citation));
        }
        Some("thinking") => into.extend(thinking(block)),
        Some("tool_use") => {
            let name = part::take_text(&mut block, "name");
            let data = block.remove("input").filter(part::says_something);
            into.push(Part { name, data, ..part::bare(PartKind::ToolCall) });
        }
        Some("tool_result") => into.push(tool_result(block)),
        // How much the model may still say: nothing a person wrote or read.
        Some("token_budget") => {}
        Some("image") => {
            block.remove("type");
            let mut data = Value::Object(block);
            drop_binary(&mut data);
            into.push(part::raw(PartKind::Image, data));
        }
        _ if block.iter().any(|(name, value)| name != "type" && part::says_something(value)) => {
            let mut data = Value::Object(block);
            drop_binary(&mut data);
            into.push(part::raw(PartKind::Unknown, data));
        }
        _ => {}
    }
}

/// The model's reasoning; its summaries are its text where it has no other.
fn thinking(mut block: Fields) -> Option<Part> {
    let summaries: Vec<String> = part::take_list(&mut block, "summaries")
        .iter()
        .filter_map(|summary| summary.as_str().or_else(|| summary.get("summary")?.as_str()))
        .filter(|summary| !summary.trim().is_empty())
        .map(str::to_owned)
        .collect();
    match part::take_text(&mut block, "thinking").or_else(|| part::take_text(&mut block, "text")) {
        Some(text) if summaries.is_empty() => part::words(PartKind::Thinking, text),
        Some(text) => {
            let data = Some(json!({ "summaries": summaries }));
            part::words(PartKind::Thinking, text).map(|part| Part { data, ..part })
        }
        None => part::words(PartKind::Thinking, summaries.join("\n")),
    }
}

/// What a tool answered: the words of its blocks as text, all else as data.
fn tool_result(mut block: Fields) -> Part {
    block.remove("type");
    let name = part::take_text(&mut block, "name");
    let words = |inner: &Value| inner.get("text").and_then(Value::as_str).map(str::to_owned);
    let text = match block.remove("content") {
        Some(Value::String(text)) => text,
        Some(Value::Array(inner)) => {
            let texts: Vec<String> = inner.iter().filter_map(words).collect();
            // Words alone are in the text already; anything more is worth keeping as it stands.
            if texts.len() < inner.len() || inner.iter().any(|inner| inner.get("type") != Some(&json!("text"))) {
                block.insert("content".to_owned(), Value::Array(inner));
            }
            texts.join("\n")
        }
        Some(other) => {
            block.insert("content".to_owned(), other);
            String::new()
        }
        None => String::new(),
    };
    let mut data = part::rest(block);
    data.iter_mut().for_each(drop_binary);
    Part { text: Some(text).filter(|text| !text.trim().is_empty()), name, data, ..part::bare(PartKind::ToolResult) }
}

/// Replaces binary content in base64 by its size: the bytes of a picture are no text of a conversation.
fn drop_binary(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("type").and_then(Value::as_str) == Some("base64")
                && let Some(Value::String(data)) = fields.get("data")
            {
                let padding = data.bytes().rev().take_while(|byte| *byte == b'=').count();
                let size = (data.len() / 4 * 3).saturating_sub(padding);
                fields.remove("data");
                fields.insert("size_bytes".to_owned(), json!(size));
            }
            fields.values_mut().for_each(drop_binary);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_binary),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
