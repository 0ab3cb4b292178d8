//! Documents that Claude writes: artifacts, as calls of a tool or within its words, and files.

use entity::message::{Part, PartKind};
use serde_json::{Value, json};

use crate::transcript::{
    notes::Notes,
    paper::{self, Draft, Edit, Papers},
    part::{self, Fields},
    sources::Sources,
};

/// Begins a document within the words of an answer, as it was written in 2024.
const OPEN: &str = "<antArtifact";
/// Ends it.
const CLOSE: &str = "</antArtifact>";
/// Words of the model to itself about documents, which no page shows.
const ASIDE: (&str, &str) = ("<antThinking>", "</antThinking>");

/// The parts of a call of a tool: the document that it writes or changes, and the sources it names; or the call as it is.
pub(super) fn called(name: Option<String>, input: Option<Value>, papers: &mut Papers, notes: &mut Notes) -> Vec<Part> {
    let document = match (&name, &input) {
        (Some(name), Some(Value::Object(fields))) => written(name, fields, papers),
        _ => None,
    };
    let Some(document) = document else { return vec![part::call(name, input)] };
    let mut sources = Sources::default();
    let fields = input.as_ref().and_then(Value::as_object);
    let named = ["md_citations", "citations"].iter().filter_map(|field| fields?.get(*field)?.as_array()).flatten();
    named.for_each(|source| sources.take(source.clone(), notes));
    std::iter::once(document).chain(sources.into_parts()).collect()
}

/// The document that a call writes or changes.
fn written(tool: &str, input: &Fields, papers: &mut Papers) -> Option<Part> {
    let command = part::text_in(input, "command").unwrap_or_default();
    match (tool, command) {
        ("artifacts", "update") => changed(input, "id", papers),
        ("artifacts", _) => artifact(input, papers),
        ("create_file", _) | (_, "create") => file(input, papers),
        ("str_replace", _) | (_, "str_replace" | "insert") => changed(input, "path", papers),
        _ => None,
    }
}

/// An artifact that is written, or written again.
fn artifact(input: &Fields, papers: &mut Papers) -> Option<Part> {
    let text = part::text_in(input, "content")?.to_owned();
    let id = part::text_in(input, "id").unwrap_or("artifact").to_owned();
    let known = papers.known(&id);
    let kind = part::text_in(input, "type");
    let title =
        part::text_in(input, "title").map(str::to_owned).or_else(|| known.and_then(|known| known.title.clone()));
    let said = part::text_in(input, "language").map(str::to_owned);
    let lang = match (kind, known) {
        (None, Some(known)) if said.is_none() => known.lang.clone(),
        _ => paper::language(kind, None, said),
    };
    papers.write(Draft { id, title, lang, text }, without(input, &["content"]))
}

/// A file that is written.
fn file(input: &Fields, papers: &mut Papers) -> Option<Part> {
    let path = part::text_in(input, "path")?;
    let field =
        ["file_text", "content", "contents", "text"].into_iter().find(|name| part::text_in(input, name).is_some())?;
    let text = part::text_in(input, field)?.to_owned();
    let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(path);
    let lang = if name.contains('.') { paper::language(None, Some(name), None) } else { Some("text".to_owned()) };
    papers.write(Draft { id: path.to_owned(), title: Some(name.to_owned()), lang, text }, without(input, &[field]))
}

/// A document after a change.
fn changed(input: &Fields, id: &str, papers: &mut Papers) -> Option<Part> {
    let id = part::text_in(input, id)?;
    let text = |names: [&str; 2]| names.iter().find_map(|name| input.get(*name)?.as_str()).map(str::to_owned);
    let edit = match (text(["old_str", "old_string"]), text(["new_str", "new_string"])) {
        (Some(old), Some(new)) => Edit::Words(old, new),
        (Some(old), None) => Edit::Words(old, String::new()),
        (None, Some(new)) => match input.get("insert_line").and_then(Value::as_u64).map(usize::try_from) {
            Some(line) => Edit::Insert(line.ok()?, new),
            None => return None,
        },
        (None, None) => Edit::Whole(text(["content", "file_text"])?),
    };
    papers.change(Some(id), &[edit], json!(input))
}

/// The fields but for some.
fn without(fields: &Fields, names: &[&str]) -> Value {
    fields
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .map(|(name, field)| (name.clone(), field.clone()))
        .collect()
}

/// The words of an answer, with the documents in it as parts of their own.
pub(super) fn said(text: String, papers: &mut Papers) -> Vec<Part> {
    if !text.contains(OPEN) {
        return part::words(PartKind::Text, text).into_iter().collect();
    }
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, document, after)) = next(rest) {
        let (before, thoughts) = apart(before);
        parts.extend(thoughts);
        parts.extend(part::words(PartKind::Text, before));
        let attribute = |name: &str| attribute(document.0, name);
        let id = attribute("identifier").unwrap_or_else(|| "artifact".to_owned());
        let lang = paper::language(attribute("type").as_deref(), None, attribute("language"));
        let text = document.1.trim_matches('\n').to_owned();
        let draft = Draft { id, title: attribute("title"), lang, text };
        parts.extend(papers.write(draft, json!({ "type": attribute("type") })));
        rest = after;
    }
    let (rest, thoughts) = apart(rest);
    parts.extend(thoughts);
    parts.extend(part::words(PartKind::Text, rest));
    parts
}

/// What stands before the next document, its attributes and its words, and what stands after it.
fn next(text: &str) -> Option<(&str, (&str, &str), &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (attributes, rest) = rest.split_once('>')?;
    let (words, after) = rest.split_once(CLOSE).unwrap_or((rest, ""));
    Some((before, (attributes, words), after))
}

/// Words without what the model says to itself, and that as a thought.
fn apart(text: &str) -> (String, Vec<Part>) {
    let (mut words, mut thoughts, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, (thought, after))) =
        rest.split_once(ASIDE.0).and_then(|(before, rest)| Some((before, rest.split_once(ASIDE.1)?)))
    {
        words.push_str(before);
        thoughts.extend(part::words(PartKind::Thinking, thought.to_owned()));
        rest = after;
    }
    words.push_str(rest);
    (words, thoughts)
}

/// The value of an attribute.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let (_, rest) = attributes.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let value = value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    (!value.trim().is_empty()).then_some(value)
}
