//! The content of one message, by its `content_type`.

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::markers;
use crate::transcript::{
    notes::Notes,
    part::{self, Fields},
};

/// The tool that keeps the memory about a person.
const MEMORY: &str = "bio";

/// Who says something to whom.
#[derive(Debug)]
pub(super) struct Turn {
    /// Who says it.
    pub(super) role: Role,
    /// The name of the tool, if one says it.
    pub(super) author: Option<String>,
    /// The tool it is said to; none if it is said to everybody.
    pub(super) recipient: Option<String>,
}

impl Turn {
    /// A part of words: what is said to a tool is a call, what a tool says is a result, and what the memory hears or
    /// says is private.
    fn say(&self, kind: PartKind, text: String) -> Option<Part> {
        let (kind, name) = match (self.role, &self.recipient, &self.author) {
            (Role::Assistant, Some(tool), _) | (Role::Tool, _, Some(tool)) if tool == MEMORY => {
                (PartKind::Context, Some(tool))
            }
            (Role::Assistant, Some(tool), _) => (PartKind::ToolCall, Some(tool)),
            (Role::Tool, _, tool) => (PartKind::ToolResult, tool.as_ref()),
            _ => (kind, None),
        };
        part::words(kind, text).map(|part| Part { name: name.cloned(), ..part })
    }
}

/// The parts of a message's content.
pub(super) fn parts(mut content: Fields, turn: &Turn, notes: &mut Notes) -> Vec<Part> {
    let kind = part::take_text(&mut content, "content_type");
    let mut parts = Vec::new();
    match kind.as_deref() {
        Some("text" | "multimodal_text") => list(&mut content, turn, notes, &mut parts),
        Some("code") => {
            let lang = part::take_text(&mut content, "language").filter(|lang| lang != "unknown");
            let text = part::take_text(&mut content, "text").unwrap_or_default();
            parts.extend(turn.say(PartKind::Code, text).map(|part| Part { lang, ..part }));
        }
        Some("execution_output") => {
            let text = part::take_text(&mut content, "text").unwrap_or_default();
            let part = part::words(PartKind::ToolResult, text);
            parts.extend(part.map(|part| Part { name: turn.author.clone(), ..part }));
        }
        Some("thoughts") => {
            parts.extend(part::take_list(&mut content, "thoughts").into_iter().filter_map(thought));
        }
        Some("reasoning_recap") => {
            let text = part::take_text(&mut content, "content").unwrap_or_default();
            let data = Some(serde_json::json!({ "recap": true }));
            parts.extend(part::words(PartKind::Thinking, text).map(|part| Part { data, ..part }));
        }
        Some("user_editable_context") => context(content, &["user_profile", "user_instructions"], &mut parts),
        Some("model_editable_context") => context(content, &["model_set_context"], &mut parts),
        Some("tether_browsing_display") => {
            let result = part::take_text(&mut content, "result");
            let text = result.or_else(|| part::take_text(&mut content, "summary"));
            parts.extend(keep(PartKind::ToolResult, text, turn.author.clone(), content));
        }
        Some("tether_quote") => {
            let text = part::take_text(&mut content, "text");
            let name = part::take_text(&mut content, "title");
            parts.extend(keep(PartKind::Citation, text, name, content));
        }
        Some("system_error") => {
            let text = part::take_text(&mut content, "text");
            let name = part::take_text(&mut content, "name");
            parts.extend(keep(PartKind::Error, text, name, content));
        }
        None if content.contains_key("parts") => list(&mut content, turn, notes, &mut parts),
        _ => {
            if content.values().any(part::says_something) {
                content.extend(kind.map(|kind| ("content_type".to_owned(), Value::String(kind))));
                let private = turn.recipient.as_deref() == Some(MEMORY) || turn.author.as_deref() == Some(MEMORY);
                let kind = if private { PartKind::Context } else { PartKind::Unknown };
                parts.push(part::raw(kind, Value::Object(content)));
            }
        }
    }
    parts
}

/// A part with words, a name and whatever else was said; none if nothing was.
fn keep(kind: PartKind, text: Option<String>, name: Option<String>, rest: Fields) -> Option<Part> {
    let data = part::rest(rest);
    (text.is_some() || name.is_some() || data.is_some()).then_some(Part { kind, text, lang: None, name, data })
}

/// The parts in the field `parts`: strings and objects.
fn list(content: &mut Fields, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
    for item in part::take_list(content, "parts") {
        match item {
            Value::String(text) => say(text, turn, notes, into),
            Value::Object(fields) => piece(fields, turn, notes, into),
            other => {
                if part::says_something(&other) {
                    into.push(part::raw(PartKind::Unknown, other));
                }
            }
        }
    }
}

/// Words, with the marks of citations moved into a part of their own.
fn say(text: String, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
    let Some(mut part) = turn.say(PartKind::Text, text) else {
        return;
    };
    let mut marks = None;
    if part.kind == PartKind::Text {
        let (left, found) = markers::split(part.text.take().unwrap_or_default(), notes);
        marks = found;
        if left.trim().is_empty() {
            into.extend(marks);
            return;
        }
        part.text = Some(left);
    }
    into.push(part);
    into.extend(marks);
}

/// A picture, a recording or the like among the words.
fn piece(mut fields: Fields, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
    let kind = part::text_in(&fields, "content_type").map(str::to_owned);
    match kind.as_deref() {
        Some("text") => say(part::take_text(&mut fields, "text").unwrap_or_default(), turn, notes, into),
        Some("image_asset_pointer") => into.push(part::raw(PartKind::Image, Value::Object(fields))),
        Some("audio_transcription") => {
            let text = part::take_text(&mut fields, "text");
            into.push(Part { text, ..part::raw(PartKind::Audio, Value::Object(fields)) });
        }
        Some("audio_asset_pointer" | "real_time_user_audio_video_asset_pointer") => {
            into.push(part::raw(PartKind::Audio, Value::Object(fields)));
        }
        _ if fields.values().any(part::says_something) => {
            into.push(part::raw(PartKind::Unknown, Value::Object(fields)));
        }
        _ => {}
    }
}

/// One thought; its summary is its text where it has no other.
fn thought(thought: Value) -> Option<Part> {
    let Value::Object(mut fields) = thought else {
        return thought.as_str().and_then(|text| part::words(PartKind::Thinking, text.to_owned()));
    };
    let summary = part::take_text(&mut fields, "summary");
    match (part::take_text(&mut fields, "content"), summary) {
        (Some(content), Some(summary)) => {
            let data = Some(serde_json::json!({ "summary": summary }));
            part::words(PartKind::Thinking, content).map(|part| Part { data, ..part })
        }
        (Some(text), None) | (None, Some(text)) => part::words(PartKind::Thinking, text),
        (None, None) => None,
    }
}

/// Private words: one part for each of these fields, and one for all else.
fn context(mut content: Fields, fields: &[&str], into: &mut Vec<Part>) {
    for name in fields {
        let text = part::take_text(&mut content, name);
        let part = text.and_then(|text| part::words(PartKind::Context, text));
        into.extend(part.map(|part| Part { name: Some((*name).to_owned()), ..part }));
    }
    into.extend(part::rest(content).map(|data| part::raw(PartKind::Context, data)));
}
