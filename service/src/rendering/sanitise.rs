//! The second line: what our own writer made is read again, and only what stands on a short list stays.

use std::{borrow::Cow, collections::HashSet};

use ammonia::{Builder, UrlRelative};

const ELEMENTS: [&str; 26] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const ATTRIBUTES: [&str; 9] =
    ["aria-label", "class", "data-a", "data-copy", "data-m", "data-s", "dir", "role", "tabindex"];

const CLASSES: [&str; 32] = [
    "center",
    "code",
    "code-language",
    "control",
    "footnote",
    "footnote-text",
    "hl-c",
    "hl-f",
    "hl-k",
    "hl-n",
    "hl-p",
    "hl-s",
    "hl-t",
    "image",
    "left",
    "math",
    "math-block",
    "math-source",
    "name",
    "note",
    "plain",
    "raw",
    "right",
    "table",
    "target",
    "task",
    "tight",
    "typed",
    "error",
    "text",
    "url",
    "unknown",
];

/// What is allowed to stay.
pub(super) fn cleaner() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .generic_attributes(HashSet::from(ATTRIBUTES))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("th", ["scope"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener nofollow noreferrer"))
        .attribute_filter(|_, attribute, value| is_ours(attribute, value).then_some(Cow::Borrowed(value)));
    builder
}

/// Whether our writer gives the attribute such a value.
fn is_ours(attribute: &str, value: &str) -> bool {
    let made_of = |also: &str| value.chars().all(|c| c.is_ascii_digit() || also.contains(c));
    match attribute {
        "class" => value.split(' ').all(|class| CLASSES.contains(&class)),
        "data-a" => made_of(","),
        "data-s" => made_of(" :+"),
        "data-m" | "start" => made_of(""),
        "dir" => matches!(value, "auto" | "ltr"),
        "role" => matches!(value, "group" | "img"),
        "tabindex" => value == "0",
        "scope" => value == "col",
        "data-copy" => value.is_empty(),
        _ => true,
    }
}
