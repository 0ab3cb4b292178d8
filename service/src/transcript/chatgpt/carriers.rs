//! What a message says beside its content, in its metadata: reports, results of searches, quoted replies, files, pictures,
//! sources.

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::content::{self, Turn};
use crate::transcript::{
    notes::Notes,
    part::{self, Fields},
    sources::Sources,
};

/// Lists of sources.
const SOURCES: [&str; 5] =
    ["citations", "content_references", "search_result_groups", "image_results", "_cite_metadata"];

/// Fields in which a reply quotes what it answers.
const QUOTES: [&str; 3] = ["targeted_reply", "quoted_text", "selected_text"];

/// Fields that say once more what the content says, and something by themselves where that says nothing.
const RECAPS: [&str; 2] = ["finished_text", "reasoning_title"];

/// Fields that say something to people even in one word, where the message says nothing otherwise.
const CARRIERS: [&str; 12] = [
    "canvas",
    "dalle",
    "aggregate_result",
    "jit_plugin_data",
    "search_queries",
    "search_model_queries",
    "command",
    "args",
    "async_task_title",
    "async_task_prompt",
    "ada_visualizations",
    "image_gen_title",
];

/// Takes what the metadata say in any case; gives who says it, where that is somebody else than the message tells.
pub(super) fn take(metadata: &mut Fields, turn: &Turn, notes: &mut Notes, parts: &mut Vec<Part>) -> Option<Role> {
    quotes(metadata, parts);
    profile(part::take_fields(metadata, "user_context_message_data"), parts);
    let author = report(metadata, turn, notes, parts);
    for file in part::take_items(metadata, "attachments") {
        if part::says_something(&file) {
            let name = file.get("name").and_then(Value::as_str).map(str::to_owned);
            parts.push(Part { name, ..part::raw(PartKind::Attachment, file) });
        }
    }
    outputs(metadata, turn, parts);
    canvas(metadata, parts);
    let mut sources = Sources::default();
    for field in SOURCES {
        part::take_items(metadata, field).into_iter().for_each(|item| sources.take(item, notes));
    }
    parts.extend(sources.into_parts());
    author
}

/// Takes what else the metadata say, of a message that says nothing otherwise: a recap, or any field with a sentence.
pub(super) fn take_rest(metadata: Fields, turn: &Turn, notes: &mut Notes, parts: &mut Vec<Part>) {
    let name = turn.author.clone().filter(|_| turn.role == Role::Tool);
    for field in RECAPS {
        let recap = metadata.get(field).and_then(Value::as_str).unwrap_or_default();
        let data = Some(serde_json::json!({ "recap": true }));
        parts.extend(part::words(PartKind::Thinking, recap.to_owned()).map(|part| Part { data, ..part }));
    }
    let is_recap = |field: &str| RECAPS.contains(&field) || field == "initial_text";
    let says = |(field, value): &(String, Value)| {
        !is_recap(field) && (has_sentence(value) || CARRIERS.contains(&field.as_str()) && part::says_words(value))
    };
    let rest = metadata.into_iter().filter(says);
    let rest: Fields = rest.collect();
    if rest.is_empty() {
        return;
    }
    let rest = Value::Object(rest);
    parts.push(match turn.role {
        Role::Tool => Part { text: part::told(&rest), name, ..part::raw(PartKind::ToolResult, rest) },
        _ => part::unknown(rest, notes),
    });
}

/// Is there a sentence in `value`: words with a space between them?
///
/// Recursive: `serde_json` has limited the depth before.
fn has_sentence(value: &Value) -> bool {
    match value {
        Value::String(text) => text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() > 1,
        Value::Array(items) => items.iter().any(has_sentence),
        Value::Object(fields) => fields.iter().any(|(name, field)| !part::is_bookkeeping(name) && has_sentence(field)),
        _ => false,
    }
}

/// Puts words that are quoted by a reply before it.
fn quotes(metadata: &mut Fields, parts: &mut Vec<Part>) {
    let said = QUOTES.iter().filter_map(|field| part::take_text(metadata, field)).collect::<Vec<_>>();
    let label = part::take_text(metadata, "targeted_reply_label");
    let name = label.unwrap_or_else(|| "quoted from above".to_owned());
    let quote = |text| part::words(PartKind::Citation, text).map(|part| Part { name: Some(name.clone()), ..part });
    parts.splice(0..0, said.into_iter().filter_map(quote));
}

/// Adds the custom instructions in the metadata, unless the content has said them already.
fn profile(data: Fields, parts: &mut Vec<Part>) {
    for (name, value) in data {
        let Some(text) = part::told(&value) else { continue };
        if !is_said(&text, parts)
            && let Some(part) = part::words(PartKind::Context, text)
        {
            parts.push(Part { name: Some(name), ..part });
        }
    }
}

/// Adds what a tool shows in a window of its own: the report of a research as its author's words, all else as a result.
fn report(metadata: &mut Fields, turn: &Turn, notes: &mut Notes, parts: &mut Vec<Part>) -> Option<Role> {
    let mut window = part::take_fields(metadata, "chatgpt_sdk");
    let state = match window.remove("widget_state")? {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    };
    let Value::Object(mut state) = state else {
        let text = part::told(&state);
        parts.extend(text.map(|text| Part {
            text: Some(text),
            name: turn.author.clone(),
            ..part::bare(PartKind::ToolResult)
        }));
        return None;
    };
    let mut message = part::take_fields(&mut state, "report_message");
    let (mut author, mut about) =
        (part::take_fields(&mut message, "author"), part::take_fields(&mut message, "metadata"));
    let by = Turn {
        role: super::role(part::text_in(&author, "role")),
        author: part::take_text(&mut author, "name"),
        recipient: None,
        drawn: super::markers::Drawn::of(&about),
    };
    // What led to the report stands before it.
    let rest = Value::Object(state);
    if part::says_words(&rest) {
        let part = Part { text: part::told(&rest), ..part::raw(PartKind::ToolResult, rest) };
        parts.push(Part { name: turn.author.clone(), ..part });
    }
    let mut report = content::parts(message.remove("content"), &by, notes);
    take(&mut about, &by, notes, &mut report);
    let role = (!report.is_empty() && by.role != Role::Unknown).then_some(by.role);
    parts.extend(report);
    role
}

/// Adds the document that a message holds, and the words in it that the message is about.
fn canvas(metadata: &mut Fields, parts: &mut Vec<Part>) {
    let Some(Value::Object(canvas)) = metadata.get_mut("canvas") else { return };
    let title = part::text_in(canvas, "title").map(str::to_owned);
    for field in ["content", "textdoc_content"] {
        let text = part::take_text(canvas, field).filter(|text| !is_said(text, parts));
        let part = text.and_then(|text| part::words(PartKind::Document, text));
        parts.extend(part.map(|part| Part { name: title.clone(), ..part }));
    }
    let about: Vec<String> = canvas
        .iter()
        .filter(|(name, field)| *name != "title" && has_sentence(field))
        .map(|(_, field)| part::readable(field))
        .collect();
    for text in about.into_iter().filter(|text| !is_said(text, parts)).collect::<Vec<_>>() {
        let name = Some(title.clone().unwrap_or_else(|| "the canvas".to_owned()));
        parts.extend(part::words(PartKind::Citation, text).map(|part| Part { name, ..part }));
    }
}

/// Adds what a program drew, and what it wrote unless the content has said it already.
fn outputs(metadata: &mut Fields, turn: &Turn, parts: &mut Vec<Part>) {
    let mut result = part::take_fields(metadata, "aggregate_result");
    for output in part::take_items(&mut result, "messages") {
        if output.get("image_url").is_some_and(part::says_something) {
            parts.push(part::raw(PartKind::Image, output));
        } else if let Some(text) = output.get("text").and_then(Value::as_str) {
            written(text, turn, parts);
        }
    }
    for field in ["final_expression_output", "in_kernel_exception", "system_exception"] {
        match result.remove(field) {
            Some(Value::String(text)) => written(&text, turn, parts),
            Some(other) => {
                if let Some(text) = part::told(&other) {
                    written(&text, turn, parts);
                }
            }
            None => {}
        }
    }
    // The code stands in the call; where there is no other word, it is better than nothing.
    if parts.is_empty() && part::says_words(&Value::Object(result.clone())) {
        metadata.insert("aggregate_result".to_owned(), Value::Object(result));
    }
}

/// Whether one of the first parts says these words already; to look through all would take hours for a message of many.
fn is_said(text: &str, parts: &[Part]) -> bool {
    parts.iter().take(16).filter_map(|part| part.text.as_ref()).any(|said| said.contains(text.trim()))
}

/// Adds what a program wrote, unless it was said already.
fn written(text: &str, turn: &Turn, parts: &mut Vec<Part>) {
    if !is_said(text, parts) {
        let part = part::words(PartKind::ToolResult, text.to_owned());
        parts.extend(part.map(|part| Part { name: turn.author.clone(), ..part }));
    }
}
