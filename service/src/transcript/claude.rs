//! Claude exports: a conversation is a list of messages, since 2026 with parents.

mod blocks;

use std::collections::HashMap;

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::{
    ParsedConversation, ParsedMessage,
    assembly::Assembly,
    clean,
    item::Refusal,
    moment,
    notes::Notes,
    part::{self, Fields},
    tree::{Link, Parent, Tree},
};

/// What the first message follows.
const ROOT: &str = "00000000-0000-4000-8000-000000000000";
/// What the export writes in place of a block it cannot write.
const PLACEHOLDER: &str = "```\nThis block is not supported on your current device yet.\n```";

/// Reads one conversation.
pub(super) fn parse(json: &[u8], mut notes: Notes) -> Result<ParsedConversation, Refusal> {
    let mut document: Value = serde_json::from_slice(json)?;
    clean::value(&mut document, &mut notes);
    let Value::Object(mut fields) = document else {
        return Err("a Claude conversation was expected, something else was found: it has no messages"
            .to_owned()
            .into());
    };
    if fields.contains_key("mapping") && !fields.contains_key("chat_messages") {
        let reason = "a Claude conversation was expected, a ChatGPT conversation was found";
        return Err(reason.to_owned().into());
    }
    let mut messages = part::take_list(&mut fields, "chat_messages");
    if messages.is_empty() {
        messages = part::take_list(&mut fields, "messages");
    }
    let (links, index) = links(&messages);
    let tree = Tree::build(&links);
    let mut assembly = Assembly::new(&tree);
    for &place in &tree.order {
        let read = match messages.get_mut(place).map(Value::take) {
            Some(Value::Object(fields)) => message(fields, &mut notes),
            _ => None,
        };
        match read {
            Some(message) => assembly.put(place, message, &mut notes)?,
            None => assembly.skip(place),
        }
    }
    let leaf = part::text_in(&fields, "current_leaf_message_uuid").and_then(|id| index.get(id)).copied();
    let conversation = ParsedConversation {
        source_id: part::take_text(&mut fields, "uuid").or_else(|| part::take_text(&mut fields, "id")),
        title: part::take_text(&mut fields, "name").or_else(|| part::take_text(&mut fields, "title")),
        model: part::take_text(&mut fields, "model"),
        started_at: moment::read(fields.get("created_at"), &mut notes),
        updated_at: moment::read(fields.get("updated_at"), &mut notes),
        messages: Vec::new(),
        leaf: None,
        notes: Vec::new(),
        marks: None,
    };
    // Abandoned branches stand in the same list; what was said last is said in the branch that was kept.
    Ok(assembly.finish(leaf.or(messages.len().checked_sub(1)), notes, conversation)?)
}

/// The id of a message.
fn id(message: &Value) -> Option<&str> {
    let id = message.get("uuid").or_else(|| message.get("id"));
    id.and_then(Value::as_str).filter(|id| !id.trim().is_empty())
}

/// What the file says about the place of each message, and the messages by id, the first of each.
fn links(messages: &[Value]) -> (Vec<Link>, HashMap<String, usize>) {
    let mut index = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        if let Some(id) = id(message) {
            index.entry(id.to_owned()).or_insert(at);
        }
    }
    let link = |(at, message): (usize, &Value)| {
        let parent = match message.get("parent_message_uuid").and_then(Value::as_str) {
            Some(ROOT) => Parent::None,
            Some(id) => index.get(id).map_or(Parent::Missing, |parent| Parent::Node(*parent)),
            // Older files name no parents: each message follows the one before it.
            None => at.checked_sub(1).map_or(Parent::None, Parent::Node),
        };
        Link { parent, rank: Some(at), at: None }
    };
    (messages.iter().enumerate().map(link).collect(), index)
}

/// Reads one message; none if there is nothing in it.
fn message(mut fields: Fields, notes: &mut Notes) -> Option<ParsedMessage> {
    let sender = part::text_in(&fields, "sender").or_else(|| part::text_in(&fields, "role"));
    let mut role = match sender {
        Some("human" | "user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        Some("tool") => Role::Tool,
        _ => Role::Unknown,
    };
    let text = part::take_text(&mut fields, "text");
    let mut parts = match fields.remove("content") {
        Some(Value::Array(blocks)) => blocks::parts(blocks),
        Some(Value::String(text)) => part::words(PartKind::Text, text).into_iter().collect(),
        // Chats about a design hold one more level: words or blocks.
        Some(Value::Object(mut inner)) => match inner.remove("contentBlocks").or_else(|| inner.remove("content")) {
            Some(Value::Array(blocks)) => blocks::parts(blocks),
            Some(Value::String(text)) => part::words(PartKind::Text, text).into_iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    // A tool answers in the name of the person.
    if role == Role::User && !parts.is_empty() && parts.iter().all(|part| part.kind == PartKind::ToolResult) {
        role = Role::Tool;
    }
    // The flat text can be empty or leave things out, so it counts only where no block has words.
    if !parts.iter().any(|part| part.kind == PartKind::Text)
        && let Some(text) = text.map(|text| text.replace(PLACEHOLDER, ""))
    {
        parts.extend(part::words(PartKind::Text, text));
    }
    for (list, extracted) in [("attachments", true), ("files", false)] {
        parts.extend(part::take_list(&mut fields, list).into_iter().filter_map(|file| attachment(file, extracted)));
    }
    if parts.is_empty() {
        notes.empty += 1;
        return None;
    }
    Some(ParsedMessage {
        source_id: part::take_text(&mut fields, "uuid").or_else(|| part::take_text(&mut fields, "id")),
        parent: None,
        role,
        model: part::take_text(&mut fields, "model"),
        created_at: moment::read(fields.get("created_at"), notes),
        hidden: role == Role::System,
        on_path: false,
        parts,
    })
}

/// A file that was sent along, with the text that was taken out of it.
fn attachment(file: Value, extracted: bool) -> Option<Part> {
    let Value::Object(mut fields) = file else {
        return part::says_something(&file).then(|| part::raw(PartKind::Attachment, file));
    };
    let text = if extracted { part::take_text(&mut fields, "extracted_content") } else { None };
    let name = part::take_text(&mut fields, "file_name");
    let data = part::rest(fields);
    (text.is_some() || name.is_some() || data.is_some()).then_some(Part {
        kind: PartKind::Attachment,
        text,
        lang: None,
        name,
        data,
    })
}
