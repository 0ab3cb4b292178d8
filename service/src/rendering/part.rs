//! What each kind of part shows besides its text.

use entity::message::{Part, PartKind, Role};
use serde_json::Value;

use super::{
    code,
    leaf::{Bidi, Leaf, escape},
    link,
    source::Source,
};

/// How much of raw data is shown, in bytes.
const DATA: usize = 20_000;

/// How much of a name is shown, in characters.
const NAME: usize = 200;

/// Whether a person typed the part's text, so that no sign in it is one of Markdown.
pub(super) fn is_typed(role: Role, kind: PartKind) -> bool {
    role == Role::User && matches!(kind, PartKind::Text | PartKind::Context | PartKind::Audio)
}

/// Whether the part's text is Markdown, unless a person typed it.
pub(super) fn is_markdown(kind: PartKind) -> bool {
    matches!(kind, PartKind::Text | PartKind::Thinking | PartKind::Context | PartKind::Audio)
}

/// The text of a part that is no Markdown.
pub(super) fn text(part: &Part, source: &Source<'_>) -> String {
    if source.text.is_empty() {
        return String::new();
    }
    match part.kind {
        PartKind::Code | PartKind::ToolCall | PartKind::ToolResult | PartKind::Attachment => {
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
    let data = part.data.as_ref().filter(|_| shows_data(part));
    if let Some(data) = data.and_then(|data| serde_json::to_string_pretty(data).ok()) {
        let cut = (0..=DATA.min(data.len())).rev().find(|at| data.is_char_boundary(*at)).unwrap_or_default();
        let mut shown = String::new();
        escape(data.get(..cut).unwrap_or_default(), &mut shown);
        let more = if cut < data.len() { "…" } else { "" };
        html.push_str(&format!(
            "<div class=\"code\" data-copy=\"\"><pre tabindex=\"0\" role=\"group\" aria-label=\"Data\">\
             <code dir=\"ltr\">{shown}{more}</code></pre></div>"
        ));
    }
    html
}

/// A line that says what the part is, where its text does not.
fn label(part: &Part) -> String {
    let name = part.name.as_deref().map(|name| name.trim().chars().take(NAME).collect::<String>());
    let name = name.as_deref().filter(|name| !name.is_empty());
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
        PartKind::Citation => match (name, part.data.as_ref().and_then(address)) {
            (Some(name), _) => ("note", format!("Source: {name}")),
            (None, Some(url)) if part.text.is_none() => return linked(url),
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

fn linked(url: &str) -> String {
    let mut html = format!("<p class=\"note\" dir=\"auto\">Source: {}", link::start(url));
    escape(url, &mut html);
    html.push_str("</a></p>");
    html
}

/// The address a citation names, if it may be followed.
fn address(data: &Value) -> Option<&str> {
    let url = data.get("url").or_else(|| data.get("metadata").and_then(|inner| inner.get("url")));
    url.and_then(Value::as_str).filter(|url| link::is_allowed(url))
}

/// Whether the data says something that is not shown otherwise.
fn shows_data(part: &Part) -> bool {
    match part.kind {
        PartKind::ToolCall | PartKind::Unknown => true,
        PartKind::ToolResult | PartKind::Context | PartKind::Attachment => part.text.is_none(),
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
