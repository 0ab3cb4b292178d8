//! What each kind of part shows besides its text.

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::{
    code,
    leaf::{Bidi, Leaf, escape},
    link,
    source::Source,
};

/// How much of a name is shown, in characters.
const NAME: usize = 200;

/// Whether a person typed the part's text, so that no sign in it is one of Markdown.
pub(super) fn is_typed(role: Role, kind: PartKind) -> bool {
    role == Role::User && matches!(kind, PartKind::Text | PartKind::Context | PartKind::Audio)
}

/// Whether the part's text is Markdown, unless a person typed it.
pub(super) fn is_markdown(part: &Part) -> bool {
    match part.kind {
        PartKind::Text | PartKind::Thinking | PartKind::Context | PartKind::Audio => true,
        PartKind::Document => part.lang.is_none(),
        _ => false,
    }
}

/// The text of a part that is no Markdown.
pub(super) fn text(part: &Part, source: &Source<'_>) -> String {
    if source.text.is_empty() {
        return String::new();
    }
    match part.kind {
        PartKind::Code | PartKind::Document | PartKind::ToolCall | PartKind::ToolResult | PartKind::Attachment => {
            code::whole(source, &code::language(part.lang.as_deref().unwrap_or_default()))
        }
        PartKind::Error => plain(source, "error"),
        PartKind::Citation => match part.data.as_ref().and_then(address) {
            Some(url) => block(source, "text", &link::start(url), "</a>"),
            None => plain(source, "text"),
        },
        _ => plain(source, "text"),
    }
}

/// Text as it stands, with its line ends.
pub(super) fn plain(source: &Source<'_>, class: &str) -> String {
    block(source, class, "", "")
}

fn block(source: &Source<'_>, class: &str, start: &str, end: &str) -> String {
    let mut leaf = Leaf::new(Bidi::Prose);
    leaf.tag(start);
    leaf.text(source, 0..source.text.len());
    leaf.tag(end);
    let (map, html) = leaf.finish();
    format!("<div class=\"{class}\" dir=\"auto\"{map}>{html}</div>")
}

/// The text with what stands before and behind it.
pub(super) fn around(part: &Part, text: &str) -> String {
    let mut html = label(part);
    html.push_str(text);
    if let Some(snippet) = snippet(part) {
        html.push_str("<p class=\"note\" dir=\"auto\">");
        escape(snippet, &mut html);
        html.push_str("</p>");
    }
    let data = part.data.as_ref().filter(|_| shows_data(part));
    if let Some(data) = data.and_then(|data| serde_json::to_string_pretty(data).ok()) {
        let mut shown = String::new();
        escape(&data, &mut shown);
        html.push_str(&format!(
            "<div class=\"code\" data-copy=\"\"><pre tabindex=\"0\" role=\"group\" aria-label=\"Data\">\
             <code dir=\"ltr\">{shown}</code></pre></div>"
        ));
    }
    html
}

/// A line that says what the part is, where its text does not.
fn label(part: &Part) -> String {
    let name = shown_name(part);
    let name = name.as_deref();
    let size = |field: &str| part.data.as_ref().and_then(|data| data.get(field)).and_then(Value::as_u64);
    let (class, words) = match part.kind {
        PartKind::ToolCall => ("name", format!("Tool call: {}", name.unwrap_or("unnamed"))),
        PartKind::ToolResult => ("name", format!("Tool result: {}", name.unwrap_or("unnamed"))),
        PartKind::Image => {
            let size = size("width").zip(size("height")).map(|(width, height)| format!(", {width} × {height}"));
            let name = name.map(|name| format!(": {name}")).unwrap_or_default();
            ("note", format!("Image, not part of the export{name}{}", size.unwrap_or_default()))
        }
        PartKind::Audio if part.text.is_some() => ("note", "Audio, as written down by the platform".to_owned()),
        PartKind::Audio => ("note", "Audio, not part of the export".to_owned()),
        PartKind::Attachment => ("note", format!("File: {}", name.unwrap_or("unnamed"))),
        PartKind::Document => ("name", document(part, name)),
        PartKind::Citation => match (name, part.data.as_ref().and_then(address)) {
            (Some(name), _) => ("note", format!("Source: {name}")),
            (None, Some(url)) if part.text.is_none() => return linked(url),
            // Where citations stood in the text: nothing to read.
            (None, None) if part.text.is_none() => return String::new(),
            _ => ("note", "Source".to_owned()),
        },
        PartKind::Context => ("note", format!("Custom instructions: {}", name.unwrap_or("for you alone"))),
        PartKind::Error => {
            ("note", format!("Error shown by the platform{}", name.map(|n| format!(": {n}")).unwrap_or_default()))
        }
        PartKind::Unknown => ("note", "Something this server does not know".to_owned()),
        PartKind::Text | PartKind::Code | PartKind::Thinking => return String::new(),
    };
    let mut html = format!("<p class=\"{class}\" dir=\"auto\">");
    escape(&words, &mut html);
    html.push_str("</p>");
    html
}

/// What a document is called, and which version of it this is.
fn document(part: &Part, name: Option<&str>) -> String {
    let version = later(part).map(|version| format!(", version {version}")).unwrap_or_default();
    format!("Document: {}{version}", name.unwrap_or("without a title"))
}

/// Which version of a document this is, if it is not the first.
fn later(part: &Part) -> Option<u64> {
    let data = part.data.as_ref().filter(|_| part.kind == PartKind::Document)?;
    data.get("version")?.as_u64().filter(|version| *version > 1)
}

/// The line that stands for a document which was there before: what is new in it is little.
pub(super) fn line(part: &Part) -> Option<String> {
    later(part).map(|_| document(part, shown_name(part).as_deref()))
}

/// As much of a name as is shown.
fn shown_name(part: &Part) -> Option<String> {
    let name: String = part.name.as_deref()?.trim().chars().take(NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// What a source says, as far as the file quotes it.
pub(crate) fn snippet(part: &Part) -> Option<&str> {
    let text = part.data.as_ref().filter(|_| part.kind == PartKind::Citation)?.get("snippet")?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

fn linked(url: &str) -> String {
    let mut html = format!("<p class=\"note\" dir=\"auto\">Source: {}", link::start(url));
    escape(url, &mut html);
    html.push_str("</a></p>");
    html
}

/// The address a citation names, if it may be followed.
pub(crate) fn address(data: &Value) -> Option<&str> {
    let url = data.get("url").or_else(|| data.get("metadata").and_then(|inner| inner.get("url")));
    url.and_then(Value::as_str).filter(|url| link::is_allowed(url))
}

/// Whether the data says something that is not shown otherwise.
pub(crate) fn shows_data(part: &Part) -> bool {
    match part.kind {
        PartKind::ToolCall
        | PartKind::ToolResult
        | PartKind::Context
        | PartKind::Attachment
        | PartKind::Error
        | PartKind::Unknown => part.text.is_none(),
        _ => false,
    }
}

/// How long the model thought, where the platform says so: "Thought for 1m 5s".
pub(super) fn seconds(part: &Part) -> Option<u32> {
    let recap = part.data.as_ref().and_then(|data| data.get("recap")).and_then(Value::as_bool) == Some(true);
    let text = part.text.as_deref().filter(|text| recap && text.len() < 100)?;
    let mut sum = None::<u32>;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let from = rest.get(start..)?;
        let end = from.find(|c: char| !c.is_ascii_digit())?;
        let number: u32 = from.get(..end)?.parse().ok()?;
        rest = from.get(end..)?;
        let unit = match rest.trim_start().chars().next()? {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => continue,
        };
        sum = Some(sum.unwrap_or(0).saturating_add(number.saturating_mul(unit)));
    }
    sum
}
