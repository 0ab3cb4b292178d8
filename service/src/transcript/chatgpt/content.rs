//! The content of one message, by its `content_type`.

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::markers::{self, Drawn};
use crate::transcript::{
    notes::Notes,
    part::{self, Fields},
};

/// The tool that keeps the memory about a person.
const MEMORY: &str = "bio";

/// Fields that hold words, whatever the type of the content.
const WORDS: [&str; 8] = ["parts", "text", "thoughts", "content", "result", "output", "summary", "message"];

/// Who says something to whom.
#[derive(Debug)]
pub(super) struct Turn {
    /// Who says it.
    pub(super) role: Role,
    /// The name of the tool, if one says it.
    pub(super) author: Option<String>,
    /// The tool it is said to; none if it is said to everybody.
    pub(super) recipient: Option<String>,
    /// What the page shows in place of markers.
    pub(super) drawn: Drawn,
}

impl Turn {
    /// Whether it is said to the memory, or by it.
    pub(super) fn is_memory(&self) -> bool {
        self.memory().is_some()
    }

    /// The name of the memory, if it is said to it, or by it.
    fn memory(&self) -> Option<&String> {
        [&self.recipient, &self.author].into_iter().flatten().find(|tool| *tool == MEMORY)
    }

    /// A part of words: what is said to a tool is a call, what a tool says is a result, and what the memory hears or
    /// says is private.
    fn say(&self, kind: PartKind, text: String) -> Option<Part> {
        let (kind, name) = match (self.role, &self.recipient, &self.author) {
            _ if self.is_memory() => (PartKind::Context, self.memory()),
            (Role::Assistant, Some(tool), _) => (PartKind::ToolCall, Some(tool)),
            (Role::Tool, _, tool) => (PartKind::ToolResult, tool.as_ref()),
            _ => (kind, None),
        };
        part::words(kind, text).map(|part| Part { name: name.cloned(), ..part })
    }
}

/// How the words of one type of content are said.
enum Voice {
    /// As text.
    Text,
    /// As code in this language.
    Code(Option<String>),
    /// As what a program wrote.
    Output,
    /// As thoughts.
    Thought,
    /// As the line on how long the model thought.
    Recap,
}

impl Voice {
    /// Words in this voice.
    fn say(&self, text: String, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
        match self {
            Self::Text => say(text, turn, notes, into),
            Self::Code(lang) => {
                into.extend(turn.say(PartKind::Code, text).map(|part| Part { lang: lang.clone(), ..part }));
            }
            Self::Output => {
                let part = part::words(PartKind::ToolResult, text);
                into.extend(part.map(|part| Part { name: turn.author.clone(), ..part }));
            }
            Self::Thought => match serde_json::from_str::<Vec<Value>>(&text) {
                Ok(list) => list.into_iter().for_each(|item| self.piece(item, turn, notes, into)),
                Err(_) => into.extend(part::words(PartKind::Thinking, text)),
            },
            Self::Recap => {
                let data = Some(serde_json::json!({ "recap": true }));
                into.extend(part::words(PartKind::Thinking, text).map(|part| Part { data, ..part }));
            }
        }
    }

    /// A value of a field of words: words, a list of them, or pieces that say themselves what they are.
    fn piece(&self, value: Value, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
        match value {
            Value::String(text) => self.say(text, turn, notes, into),
            Value::Array(items) => items.into_iter().for_each(|item| self.piece(item, turn, notes, into)),
            Value::Object(fields) if matches!(self, Self::Thought) => thought(fields, notes, into),
            Value::Object(fields) => piece(fields, turn, notes, into),
            other => {
                if part::says_something(&other) {
                    into.push(part::unknown(other, notes));
                }
            }
        }
    }
}

/// The parts of a message's content, whatever it is: an object, or words without one.
pub(super) fn parts(content: Option<Value>, turn: &Turn, notes: &mut Notes) -> Vec<Part> {
    let mut parts = Vec::new();
    match content {
        Some(Value::Object(content)) => object(content, turn, notes, &mut parts),
        Some(other) => Voice::Text.piece(other, turn, notes, &mut parts),
        None => {}
    }
    parts
}

/// The parts of content with a type.
fn object(mut content: Fields, turn: &Turn, notes: &mut Notes, parts: &mut Vec<Part>) {
    let kind = part::take_text(&mut content, "content_type");
    let voice = match kind.as_deref() {
        Some("text" | "multimodal_text") => Voice::Text,
        None if WORDS.iter().any(|name| content.contains_key(*name)) => Voice::Text,
        Some("code") => Voice::Code(part::take_text(&mut content, "language").filter(|lang| lang != "unknown")),
        Some("execution_output") => Voice::Output,
        Some("thoughts") => Voice::Thought,
        Some("reasoning_recap") => Voice::Recap,
        Some("user_editable_context") => return context(content, &["user_profile", "user_instructions"], parts),
        Some("model_editable_context") => return context(content, &["model_set_context"], parts),
        Some("tether_browsing_display") => {
            let result = part::take_text(&mut content, "result");
            let text = result.or_else(|| part::take_text(&mut content, "summary"));
            return parts.extend(keep(PartKind::ToolResult, text, turn.author.clone(), content));
        }
        Some("tether_quote") => {
            let text = part::take_text(&mut content, "text");
            let name = part::take_text(&mut content, "title");
            return parts.extend(keep(PartKind::Citation, text, name, content));
        }
        Some("system_error") => {
            let text = part::take_text(&mut content, "text");
            let name = part::take_text(&mut content, "name");
            return parts.extend(keep(PartKind::Error, text, name, content));
        }
        _ => return unknown(content, kind, turn, notes, parts),
    };
    // All of them, so that words are found whichever of them the file uses.
    for name in WORDS {
        if let Some(value) = content.remove(name) {
            voice.piece(value, turn, notes, parts);
        }
    }
    content.retain(|name, field| !part::is_bookkeeping(name) && part::says_words(field));
    unknown(content, kind, turn, notes, parts);
}

/// Content that is not known here; kept as it stands.
fn unknown(mut content: Fields, kind: Option<String>, turn: &Turn, notes: &mut Notes, parts: &mut Vec<Part>) {
    if !content.values().any(part::says_something) {
        return;
    }
    content.extend(kind.map(|kind| ("content_type".to_owned(), Value::String(kind))));
    let part = part::unknown(Value::Object(content), notes);
    parts.push(if turn.is_memory() { Part { kind: PartKind::Context, ..part } } else { part });
}

/// A part with words, a name and whatever else was said; none if nothing was. Where there are no words, those of the rest
/// are its words.
fn keep(kind: PartKind, text: Option<String>, name: Option<String>, rest: Fields) -> Option<Part> {
    let data = part::rest(rest);
    let named = kind == PartKind::Citation && name.is_some();
    let text = text.or_else(|| data.as_ref().filter(|_| !named).and_then(part::told));
    (text.is_some() || name.is_some() || data.is_some()).then_some(Part { kind, text, lang: None, name, data })
}

/// Words, with the markers of citations moved into a part of their own.
fn say(text: String, turn: &Turn, notes: &mut Notes, into: &mut Vec<Part>) {
    let Some(mut part) = turn.say(PartKind::Text, text) else {
        return;
    };
    let mut marks = None;
    if part.kind == PartKind::Text {
        let (left, found) = markers::split(part.text.take().unwrap_or_default(), &turn.drawn, notes);
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
        Some("text") if fields.get("text").is_some_and(Value::is_string) => {
            say(part::take_text(&mut fields, "text").unwrap_or_default(), turn, notes, into);
            fields.retain(|name, field| !part::is_bookkeeping(name) && part::says_words(field));
            unknown(fields, kind, turn, notes, into);
        }
        Some("image_asset_pointer") => into.push(part::raw(PartKind::Image, Value::Object(fields))),
        Some("audio_transcription") => {
            let text = part::take_text(&mut fields, "text");
            into.push(Part { text, ..part::raw(PartKind::Audio, Value::Object(fields)) });
        }
        Some("audio_asset_pointer" | "real_time_user_audio_video_asset_pointer") => {
            into.push(part::raw(PartKind::Audio, Value::Object(fields)));
        }
        _ => {
            fields.remove("content_type");
            unknown(fields, kind, turn, notes, into);
        }
    }
}

/// One thought; its summary is its text where it has no other.
fn thought(mut fields: Fields, notes: &mut Notes, into: &mut Vec<Part>) {
    let summary = part::take_text(&mut fields, "summary");
    let thought = match (part::take_text(&mut fields, "content"), summary) {
        (Some(content), Some(summary)) => {
            let data = Some(serde_json::json!({ "summary": summary }));
            part::words(PartKind::Thinking, content).map(|part| Part { data, ..part })
        }
        (Some(text), None) | (None, Some(text)) => part::words(PartKind::Thinking, text),
        (None, None) => None,
    };
    // Chunks are the content once more, as it came in.
    if thought.is_some() {
        fields.remove("chunks");
    }
    into.extend(thought);
    fields.retain(|name, field| !part::is_bookkeeping(name) && part::says_words(field));
    if !fields.is_empty() {
        let rest = part::unknown(Value::Object(fields), notes);
        into.push(Part { kind: PartKind::Thinking, ..rest });
    }
}

/// Private words: one part for each of these fields, and one for all else.
fn context(mut content: Fields, fields: &[&str], into: &mut Vec<Part>) {
    for name in fields {
        let Some(Value::String(text)) = content.get(*name) else { continue };
        let part = part::words(PartKind::Context, text.clone());
        content.remove(*name);
        into.extend(part.map(|part| Part { name: Some((*name).to_owned()), ..part }));
    }
    into.extend(part::rest(content).map(|data| part::raw(PartKind::Context, data)));
}
