//! ChatGPT exports: a conversation is a map of nodes that name their parents.

mod canvas;
mod carriers;
mod content;
mod document;
mod markers;

use std::collections::HashMap;

use entity::message::Role;
use serde_json::Value;

use super::{
    ParsedConversation, ParsedMessage,
    assembly::{self, Assembly},
    clean,
    item::Refusal,
    moment,
    notes::Notes,
    paper::Papers,
    part::{self, Fields},
    tree::{Link, Parent, Tree},
};
use content::Turn;
use document::Document;
use markers::Drawn;

/// Says that the platform chooses the model.
const AUTO: &str = "auto";

/// Reads one conversation.
pub(super) fn parse(json: &[u8], mut notes: Notes) -> Result<ParsedConversation, Refusal> {
    let mut document: Document = serde_json::from_slice(json)?;
    clean::map(&mut document.fields, &mut notes);
    for (id, node) in &mut document.mapping {
        *id = clean::text(std::mem::take(id), &mut notes);
        clean::value(node, &mut notes);
    }
    if !document.has_mapping {
        let other = document.fields.contains_key("chat_messages");
        let found = if other { "a Claude conversation" } else { "something without `mapping`" };
        return Err(format!("a ChatGPT conversation was expected, {found} was found: it has no messages").into());
    }
    let (links, index) = links(&document.mapping);
    let tree = Tree::build(&links);
    let mut assembly = Assembly::new(&tree);
    let mut papers = Papers::default();
    for &place in &tree.order {
        let Some((id, node)) = document.mapping.get_mut(place) else {
            continue;
        };
        let at = links.get(place).and_then(|link| link.at);
        papers.enter(tree.parent(place));
        let read = match node.get_mut("message").map(Value::take) {
            Some(Value::Object(fields)) => message(std::mem::take(id), fields, &mut papers, &mut notes),
            Some(other) => bare(std::mem::take(id), other, &mut notes),
            None => None,
        };
        papers.leave(place);
        match read {
            Some(message) => assembly.put(place, ParsedMessage { created_at: at, ..message }, &mut notes)?,
            None => assembly.skip(place),
        }
    }
    let mut fields = document.fields;
    let leaf = part::text_in(&fields, "current_node").and_then(|id| index.get(id)).copied();
    // The choice of the platform is no model: what answered stands with the answers.
    let chosen = part::text_in(&fields, "default_model_slug") == Some(AUTO);
    let conversation = ParsedConversation {
        source_id: part::take_text(&mut fields, "conversation_id").or_else(|| part::take_text(&mut fields, "id")),
        title: part::take_text(&mut fields, "title"),
        model: part::take_text(&mut fields, "default_model_slug"),
        started_at: moment::read(fields.get("create_time"), &mut notes),
        updated_at: moment::read(fields.get("update_time"), &mut notes),
        messages: Vec::new(),
        leaf: None,
        notes: Vec::new(),
        marks: None,
    };
    let mut read = assembly.finish(leaf, notes, conversation)?;
    if chosen {
        let answers = read.messages.iter().rev().filter(|message| message.on_path);
        read.model = answers.filter_map(|message| message.model.clone()).next();
    }
    Ok(read)
}

/// What the file says about the place of each node, and the nodes by id.
///
/// Parents decide. Lists of children are incomplete in newer files, so they give the order of siblings, and a parent
/// only to a node that names none.
fn links(mapping: &[(String, Value)]) -> (Vec<Link>, HashMap<String, usize>) {
    let index: HashMap<&str, usize> = mapping.iter().enumerate().map(|(at, (id, _))| (id.as_str(), at)).collect();
    let mut links: Vec<Link> = mapping
        .iter()
        .map(|(_, node)| {
            let parent = match node.get("parent") {
                Some(Value::String(id)) => index.get(id.as_str()).map_or(Parent::Missing, |at| Parent::Node(*at)),
                _ => Parent::None,
            };
            // Times that are nonsense are counted where the message is read.
            let at = node.get("message").and_then(|message| message.get("create_time"));
            Link { parent, rank: None, at: moment::read(at, &mut Notes::default()) }
        })
        .collect();
    for (parent, (_, node)) in mapping.iter().enumerate() {
        let children = node.get("children").and_then(Value::as_array).into_iter().flatten();
        for (rank, child) in children.enumerate() {
            let child = child.as_str().and_then(|id| index.get(id)).and_then(|at| links.get_mut(*at));
            match child {
                Some(link) if link.parent == Parent::None => {
                    link.parent = Parent::Node(parent);
                    link.rank = Some(rank);
                }
                Some(link) if link.parent == Parent::Node(parent) && link.rank.is_none() => link.rank = Some(rank),
                _ => {}
            }
        }
    }
    (links, index.into_iter().map(|(id, at)| (id.to_owned(), at)).collect())
}

/// Who speaks, by the word of the file.
fn role(word: Option<&str>) -> Role {
    match word {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        Some("tool") => Role::Tool,
        _ => Role::Unknown,
    }
}

/// Reads a message that is no object; none if it says nothing.
fn bare(node: String, value: Value, notes: &mut Notes) -> Option<ParsedMessage> {
    let turn = Turn { role: Role::Unknown, author: None, recipient: None, drawn: Drawn::default() };
    let parts = content::parts(Some(value), &turn, notes);
    let id = Some(node);
    (!parts.is_empty()).then_some(ParsedMessage {
        source_id: id,
        parent: None,
        role: turn.role,
        model: None,
        created_at: None,
        hidden: false,
        on_path: false,
        parts,
    })
}

/// Reads one message; none if there is nothing in it.
fn message(node: String, mut fields: Fields, papers: &mut Papers, notes: &mut Notes) -> Option<ParsedMessage> {
    let mut metadata = part::take_fields(&mut fields, "metadata");
    let mut author = part::take_fields(&mut fields, "author");
    moment::read(fields.get("create_time"), notes);
    let turn = Turn {
        role: role(part::text_in(&author, "role")),
        author: part::take_text(&mut author, "name"),
        recipient: part::take_text(&mut fields, "recipient").filter(|recipient| recipient != "all"),
        drawn: Drawn::of(&metadata),
    };
    let content = fields.remove("content");
    let is = |name: &str| metadata.get(name) == Some(&Value::Bool(true));
    let kind = content.as_ref().and_then(|content| content.get("content_type")?.as_str());
    let private = matches!(kind, Some("user_editable_context" | "model_editable_context"));
    let instructions = is("is_user_system_message");
    let hidden = is("is_visually_hidden_from_conversation")
        || private
        || turn.role == Role::System && !instructions
        || fields.get("weight").and_then(Value::as_f64).is_some_and(|weight| weight.abs() < f64::EPSILON);
    let model = part::text_in(&metadata, "model_slug")
        .filter(|slug| *slug != AUTO)
        .or_else(|| part::text_in(&metadata, "resolved_model_slug").filter(|slug| *slug != AUTO))
        .filter(|_| turn.role != Role::User)
        .map(str::to_owned);
    let mut parts = content::parts(content, &turn, notes);
    let id = part::take_text(&mut fields, "id").unwrap_or(node);
    canvas::read(&mut parts, &id, papers);
    let role = carriers::take(&mut metadata, &turn, notes, &mut parts).unwrap_or(turn.role);
    // What the system says to itself beside its words is for nobody.
    if parts.is_empty() && role != Role::System {
        fields.retain(|name, _| name != "channel" && name != "status");
        metadata.extend(fields);
        carriers::take_rest(metadata, &turn, notes, &mut parts);
    }
    if parts.is_empty() {
        // Every conversation begins with an empty message of the system; nobody misses that one.
        notes.empty += usize::from(role != Role::System);
        return None;
    }
    let mut message = ParsedMessage {
        source_id: Some(id),
        parent: None,
        role,
        model,
        created_at: None,
        hidden,
        on_path: false,
        parts,
    };
    if private || instructions || turn.is_memory() {
        assembly::keep_private(&mut message);
    }
    Some(message)
}
