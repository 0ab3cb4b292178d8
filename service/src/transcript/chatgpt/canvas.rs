//! Documents that the model writes in the canvas: calls of the tool `canmore` whose words are JSON.

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use crate::transcript::{
    paper::{self, Draft, Edit, Papers},
    part::{self, Fields},
};

/// What the names of the calls begin with.
const TOOL: &str = "canmore.";

/// Puts the document in place of the call that writes or changes it, where one of the parts is such a call.
pub(super) fn read(parts: &mut [Part], node: &str, papers: &mut Papers) {
    for part in parts {
        let tool = part.name.as_deref().and_then(|name| name.strip_prefix(TOOL));
        let Some(tool) = tool.filter(|_| part.kind == PartKind::ToolCall).map(str::to_owned) else { continue };
        let call = part.text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let Some(Value::Object(call)) = call else { continue };
        let whole = Value::Object(call.clone());
        let document = match tool.as_str() {
            "create_textdoc" => created(call, node, papers),
            "update_textdoc" => changed(call, papers),
            _ => None,
        };
        *part = document.unwrap_or_else(|| part::call(part.name.take(), Some(whole)));
    }
}

/// The document that a call writes.
fn created(mut call: Fields, node: &str, papers: &mut Papers) -> Option<Part> {
    let text = part::take_text(&mut call, "content")?;
    let title = part::take_text(&mut call, "name").or_else(|| part::take_text(&mut call, "title"));
    let lang = paper::language(part::text_in(&call, "type"), None, None);
    papers.write(Draft { id: node.to_owned(), title, lang, text }, Value::Object(call))
}

/// The document after a call that changes it. The call does not name it: it is the newest one.
fn changed(call: Fields, papers: &mut Papers) -> Option<Part> {
    let edits: Option<Vec<Edit>> = call.get("updates")?.as_array()?.iter().map(edit).collect();
    papers.change(None, &edits?, json!(call))
}

/// One change.
fn edit(update: &Value) -> Option<Edit> {
    let text = |name: &str| update.get(name).and_then(Value::as_str).map(str::to_owned);
    let all = update.get("multiple").and_then(Value::as_bool).unwrap_or(false);
    Some(Edit::Pattern { pattern: text("pattern")?, by: text("replacement")?, all })
}
