//! Claude exports: a conversation is a list of messages, since 2026 with parents.

mod artifacts;
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
    paper::Papers,
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
    let mut papers = Papers::default();
    for &place in &tree.order {
        papers.enter(tree.parent(place));
        let read = messages.get_mut(place).map(Value::take).and_then(|value| message(value, &mut papers, &mut notes));
        papers.leave(place);
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
fn message(value: Value, papers: &mut Papers, notes: &mut Notes) -> Option<ParsedMessage> {
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Null => return None,
        other => Fields::from_iter([("content".to_owned(), other)]),
    };
    let sender = part::text_in(&fields, "sender").or_else(|| part::text_in(&fields, "role"));
    let mut role = match sender {
        Some("human" | "user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        Some("tool") => Role::Tool,
        _ => Role::Unknown,
    };
    let text = part::take_text(&mut fields, "text");
    let mut parts = content(fields.remove("content"), papers, notes);
    // A tool answers in the name of the person.
    if role == Role::User && !parts.is_empty() && parts.iter().all(|part| part.kind == PartKind::ToolResult) {
        role = Role::Tool;
    }
    // The flat text can be empty or leave things out, so it counts only where no block has words.
    if !parts.iter().any(|part| matches!(part.kind, PartKind::Text | PartKind::Document))
        && let Some(text) = text.map(|text| text.replace(PLACEHOLDER, ""))
    {
        parts.extend(artifacts::said(text, papers));
    }
    if fields.get("files").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        let newer = fields.remove("files_v2");
        fields.extend(newer.map(|files| ("files".to_owned(), files)));
    }
    if parts.is_empty() {
        parts = content(fields.remove("text"), papers, notes);
    }
    for (list, extracted) in [("attachments", true), ("files", false)] {
        parts.extend(part::take_items(&mut fields, list).into_iter().filter_map(|file| attachment(file, extracted)));
    }
    if parts.is_empty() {
        notes.empty += 1;
        return None;
    }
    let created = fields.get("created_at").or_else(|| fields.get("timestamp"));
    let created_at = moment::read(created, notes);
    Some(ParsedMessage {
        source_id: part::take_text(&mut fields, "uuid").or_else(|| part::take_text(&mut fields, "id")),
        parent: None,
        role,
        model: part::take_text(&mut fields, "model"),
        created_at,
        hidden: role == Role::System,
        on_path: false,
        parts,
    })
}

/// Fields of content that is an object, in which its blocks or its words stand, as in chats about designs.
const WITHIN: [&str; 5] = ["contentBlocks", "content_blocks", "blocks", "content", "text"];

/// The parts of the content of a message: words, blocks, or an object around them.
fn content(content: Option<Value>, papers: &mut Papers, notes: &mut Notes) -> Vec<Part> {
    match content {
        Some(Value::Array(blocks)) => blocks::parts(blocks, papers, notes),
        Some(Value::Object(fields)) if part::text_in(&fields, "type").is_some() => {
            blocks::parts(vec![Value::Object(fields)], papers, notes)
        }
        Some(Value::Object(mut fields)) => {
            let within = WITHIN.iter().filter_map(|name| fields.remove(*name)).collect::<Vec<_>>();
            let mut parts: Vec<Part> = Vec::new();
            for value in within {
                parts.extend(self::content(Some(value), papers, notes));
            }
            let files = ["attachments", "files"].iter().flat_map(|list| part::take_items(&mut fields, list));
            parts.extend(files.collect::<Vec<_>>().into_iter().filter_map(|file| attachment(file, true)));
            fields.retain(|name, field| !part::is_bookkeeping(name) && part::says_words(field));
            if !fields.is_empty() {
                parts.push(part::unknown(Value::Object(fields), notes));
            }
            parts
        }
        Some(Value::String(text)) => artifacts::said(text, papers),
        Some(other) if part::says_something(&other) => vec![part::unknown(other, notes)],
        _ => Vec::new(),
    }
}

/// A file that was sent along, with the text that was taken out of it.
fn attachment(file: Value, extracted: bool) -> Option<Part> {
    let Value::Object(mut fields) = file else {
        return part::says_something(&file).then(|| part::raw(PartKind::Attachment, file));
    };
    let text = if extracted { part::take_text(&mut fields, "extracted_content") } else { None };
    let name = part::take_text(&mut fields, "file_name");
    let mut data = part::rest(fields);
    data.iter_mut().for_each(blocks::drop_binary);
    (text.is_some() || name.is_some() || data.is_some()).then_some(Part {
        kind: PartKind::Attachment,
        text,
        lang: None,
        name,
        data,
    })
}
