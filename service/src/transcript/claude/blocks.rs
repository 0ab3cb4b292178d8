//! The blocks of one message's content.

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use super::artifacts;
use crate::transcript::{
    notes::Notes,
    paper::Papers,
    part::{self, Fields},
    sources::Sources,
};

/// The parts of these blocks.
pub(super) fn parts(blocks: Vec<Value>, papers: &mut Papers, notes: &mut Notes) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in blocks {
        match block {
            Value::Object(fields) => part_of(fields, papers, notes, &mut parts),
            Value::String(text) => parts.extend(artifacts::said(text, papers)),
            Value::Array(blocks) => parts.extend(self::parts(blocks, papers, notes)),
            other => {
                if part::says_something(&other) {
                    parts.push(part::unknown(other, notes));
                }
            }
        }
    }
    parts
}

/// The parts of one block.
fn part_of(mut block: Fields, papers: &mut Papers, notes: &mut Notes, into: &mut Vec<Part>) {
    match part::text_in(&block, "type") {
        Some("text") if block.get("text").is_some_and(Value::is_string) => {
            let text = part::take_text(&mut block, "text").unwrap_or_default();
            into.extend(artifacts::said(text, papers));
            let mut sources = Sources::default();
            part::take_items(&mut block, "citations").into_iter().for_each(|source| sources.take(source, notes));
            into.extend(sources.into_parts());
            rest(block, notes, into);
        }
        Some("thinking") => {
            into.extend(thinking(&mut block));
            rest(block, notes, into);
        }
        Some("tool_use") => {
            let name = part::take_text(&mut block, "name");
            let mut data = block.remove("input").filter(part::says_something);
            data.iter_mut().for_each(drop_binary);
            into.extend(artifacts::called(name, data, papers, notes));
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
            into.push(part::unknown(data, notes));
        }
        _ => {}
    }
}

/// What a block of a known type says in fields that are not known here.
fn rest(mut block: Fields, notes: &mut Notes, into: &mut Vec<Part>) {
    let known =
        |name: &str| part::is_bookkeeping(name) || matches!(name, "cut_off" | "truncated" | "alternative_display_type");
    block.retain(|name, field| name == "type" || !known(name) && part::says_words(field));
    if block.keys().any(|name| name != "type") {
        let mut data = Value::Object(block);
        drop_binary(&mut data);
        into.push(part::unknown(data, notes));
    }
}

/// The model's reasoning; its summaries are its text where it has no other.
fn thinking(block: &mut Fields) -> Option<Part> {
    let summaries: Vec<String> = part::take_items(block, "summaries")
        .iter()
        .filter_map(|summary| summary.as_str().or_else(|| summary.get("summary")?.as_str()))
        .filter(|summary| !summary.trim().is_empty())
        .map(str::to_owned)
        .collect();
    let text = part::take_text(block, "thinking").or_else(|| part::take_text(block, "text"));
    match text {
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
    let text = match block.remove("content") {
        Some(Value::String(text)) => text,
        Some(Value::Array(inner)) => {
            let texts: Vec<String> = inner.iter().filter_map(found).collect();
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
    let text = Some(text).filter(|text| !text.trim().is_empty()).or_else(|| data.as_ref().and_then(part::told));
    Part { text, name, data, ..part::bare(PartKind::ToolResult) }
}

/// The words of one thing that a tool found: what it is called, where it is, what it says.
fn found(inner: &Value) -> Option<String> {
    let said = |name: &str| inner.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = said("text");
    let around = ["title", "url", "file_path", "name"].iter().filter_map(|name| said(name));
    let lines: Vec<&str> = around.chain(text).collect();
    match (inner, lines.is_empty()) {
        (Value::String(text), _) => Some(text.clone()),
        (_, false) => Some(lines.join("\n")),
        (Value::Object(fields), true) if part::text_in(fields, "type") != Some("image") => part::told(inner),
        _ => None,
    }
}

/// Replaces binary content in base64 by its size: the bytes of a picture are no text of a conversation.
pub(super) fn drop_binary(value: &mut Value) {
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
