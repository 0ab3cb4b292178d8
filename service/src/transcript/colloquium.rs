//! Conversations that were exported here: see [`crate::export::document`]. The order of a file is kept, so that numbers of
//! messages stay what they are; what cannot have been written here is refused.

mod marks;

use std::collections::HashMap;

use entity::{conversation::Platform, message::Role};
use serde_json::Value;

use super::{
    MOST_MESSAGES, ParsedConversation, ParsedMarks, ParsedMessage, assembly::MOST_TEXT, clean, item::Refusal,
    notes::Notes,
};
use crate::export::{
    document::{Document, Message, VERSION, moment, value},
    seal::Seal,
};

/// Reads one conversation; `raw` is what it was before anything was mended.
pub(super) fn parse(json: &[u8], raw: &[u8], mut notes: Notes) -> Result<ParsedConversation, Refusal> {
    let mut whole: Value = serde_json::from_slice(json)?;
    clean::value(&mut whole, &mut notes);
    let version = whole.get("version").and_then(Value::as_u64).unwrap_or(0);
    if version > u64::from(VERSION) {
        let reason = format!("it has version {version} of this form; this server reads {VERSION} and older ones");
        return Err(reason.into());
    }
    let document: Document =
        serde_json::from_value(whole).map_err(|error| format!("it is not as this server exports one: {error}"))?;
    let Document { class, conversation, messages, annotations } = document;
    let (messages, index) = tree(messages)?;
    let platform = value::<Platform>(&conversation.platform);
    let platform =
        platform.ok_or_else(|| format!("it comes from {:?}, which is no platform", conversation.platform))?;
    let leaf = messages.iter().rposition(|message| message.on_path).or(messages.len().checked_sub(1));
    let (marks, lost) = marks::read(annotations.items, &conversation.id, &messages, &index)?;
    let ids = [Some(conversation.id.as_str()), conversation.source_id.as_deref()].into_iter().flatten();
    let marks = ParsedMarks {
        platform,
        conversations: ids.filter_map(|id| id.parse().ok()).collect(),
        class: class.and_then(|class| class.id.parse().ok()),
        seal: Seal::of(raw),
        marks,
        lost,
    };
    let mut parsed = ParsedConversation {
        source_id: conversation.source_id.or(Some(conversation.id)).filter(|id| !id.trim().is_empty()),
        title: conversation.title.filter(|title| !title.trim().is_empty()),
        model: conversation.model,
        started_at: conversation.started_at.as_deref().and_then(moment),
        updated_at: None,
        messages,
        leaf,
        notes: notes.into_words(),
        marks: Some(Box::new(marks)),
    };
    show_path(&mut parsed);
    Ok(parsed)
}

/// Exactly the messages that lead to the last one are on the visible path.
fn show_path(parsed: &mut ParsedConversation) {
    parsed.messages.iter_mut().for_each(|message| message.on_path = false);
    let mut at = parsed.leaf;
    while let Some(message) = at.and_then(|index| parsed.messages.get_mut(index)) {
        message.on_path = true;
        at = message.parent;
    }
}

/// The messages in their order, and the place of each by its id.
fn tree(messages: Vec<Message>) -> Result<(Vec<ParsedMessage>, HashMap<String, usize>), String> {
    if messages.is_empty() {
        return Err("it has no messages".to_owned());
    }
    if messages.len() > MOST_MESSAGES {
        return Err(format!("it has more than {MOST_MESSAGES} messages"));
    }
    let mut index = HashMap::with_capacity(messages.len());
    let mut read = Vec::with_capacity(messages.len());
    for (at, one) in messages.into_iter().enumerate() {
        let number = at + 1;
        let id = one.id.clone();
        read.push(message(one, &index).map_err(|reason| format!("message {number} {reason}"))?);
        if index.insert(id, at).is_some() {
            return Err(format!("message {number} has the id of another one"));
        }
    }
    Ok((read, index))
}

fn message(message: Message, index: &HashMap<String, usize>) -> Result<ParsedMessage, String> {
    let Message { id, source_id, parent_id, role, model, created_at, hidden, on_path, parts } = message;
    let role = value::<Role>(&role).ok_or_else(|| format!("is said by {role:?}, which is nobody"))?;
    let parent = match parent_id {
        None => None,
        Some(parent) => Some(*index.get(&parent).ok_or("follows one that does not stand before it")?),
    };
    let text: usize = parts.iter().filter_map(|part| part.text.as_deref()).map(str::len).sum();
    if text > MOST_TEXT {
        let (found, limit) = (text.div_ceil(1 << 20), MOST_TEXT >> 20);
        return Err(format!("has {found} MiB of text; the limit is {limit} MiB"));
    }
    let created_at = created_at.as_deref().and_then(moment);
    Ok(ParsedMessage { source_id: source_id.or(Some(id)), parent, role, model, created_at, hidden, on_path, parts })
}
