//! Says what a source is, by its shape and never by its name.

mod bytes;
mod lines;
mod product;

use super::{
    Format, SourceError,
    elements::is_space,
    html,
    shape::{Kind, Shape},
};
pub use bytes::is_foreign;
pub(super) use bytes::{HEAD, is_zip, office};

/// What to do, for everybody who sent the wrong thing.
const SEND: &str =
    "Send the ZIP or conversations.json of a ChatGPT or Claude export, or paste the text of one conversation.";

/// How the bytes of a source are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// As JSON.
    Json,
    /// As text.
    Text,
    /// As HTML.
    Html,
    /// As a page saved in one file with its pictures.
    Mhtml,
}

/// What one element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A conversation of this format.
    Conversation(Format),
    /// Of a file of an export that holds no conversations: its name and the product.
    Account(&'static str, &'static str),
    /// The list of the files of an export.
    Manifest,
    /// Of another product.
    Product(&'static str),
    /// Too little to tell.
    Nothing,
    /// An object we do not know.
    Other,
}

/// The byte order mark of UTF-8, which some editors write.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// An error of a whole source. Its detail is a sentence, so it begins with a capital.
pub(super) fn refuse(code: &'static str, detail: impl Into<String>) -> SourceError {
    let mut detail = detail.into();
    if let Some(first) = detail.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    SourceError { code, detail }
}

/// How to read a source that begins with `head`; `whole` if nothing follows.
pub(super) fn start(head: &[u8], whole: bool) -> Result<Start, SourceError> {
    if let Some(what) = bytes::foreign(head) {
        return Err(what);
    }
    let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
    let Some(first) = text.first() else {
        return Err(refuse("empty", format!("There is nothing in it. {SEND}")));
    };
    if html::is_html(text) {
        return Ok(Start::Html);
    }
    if let Some(said) = bytes::declared(text) {
        return said;
    }
    if matches!(first, b'{' | b'[') && !is_prose(text, whole) {
        return Ok(Start::Json);
    }
    // Cut within a letter, the last of it is no UTF-8.
    let read = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    lines::other(read, whole).map_or(Ok(Start::Text), Err)
}

/// Text may begin with a bracket too: `[10:32] User: …`, `[1] …`. It is text if the bracket closes on the same line
/// around something that is no JSON list of a file, and more words follow.
fn is_prose(text: &[u8], whole: bool) -> bool {
    if !text.starts_with(b"[") {
        return false;
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
    let Some(close) = line.iter().position(|byte| *byte == b']') else {
        return false;
    };
    let inside = line.get(1..close).unwrap_or_default().trim_ascii();
    let after = line.get(close + 1..).unwrap_or_default().trim_ascii();
    let json = inside.first().is_none_or(|byte| matches!(byte, b'{' | b'[' | b'"'));
    let words = after.first().is_some_and(|byte| !matches!(byte, b',' | b']'));
    words && !json && !(whole && Shape::of(text).is_ok())
}

/// What is wrong with bytes that are not UTF-8, for the end of a sentence; nothing if they are.
pub(super) fn not_utf8(raw: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(raw).err()?;
    let before = raw.get(..error.valid_up_to()).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    Some(format!("is not text we can read: UTF-8 was expected, something else stands in its line {line}"))
}

/// What one element is, by its fields.
pub(super) fn classify(shape: &Shape) -> Class {
    if shape.is_empty() {
        return Class::Nothing;
    }
    // As much of the word as a glance keeps.
    if shape.begins("format", "colloquium.conversat") {
        return Class::Conversation(Format::Colloquium);
    }
    if let Some(product) = product::product(shape) {
        return Class::Product(product);
    }
    if shape.is("mapping", Kind::Object) {
        return Class::Conversation(Format::Chatgpt);
    }
    let old_claude = shape.is("messages", Kind::List)
        && (shape.has("uuid")
            || shape.holds("messages", "uuid")
            || shape.holds("messages", "sender") && shape.holds("messages", "text"));
    if shape.is("chat_messages", Kind::List) || old_claude {
        return Class::Conversation(Format::Claude);
    }
    if product::is_manifest(shape) {
        return Class::Manifest;
    }
    if let Some((file, product)) = product::account(shape) {
        return Class::Account(file, product);
    }
    if shape.is("messages", Kind::List) && shape.holds("messages", "role") {
        return Class::Product("a chat-completion request (messages of role and content)");
    }
    if shape.has_all(&["role", "content"]) {
        return Class::Product("a bare list of messages (role and content)");
    }
    if shape.has("mapping") || shape.has("chat_messages") || shape.has_all(&["title", "create_time"]) {
        return Class::Nothing;
    }
    Class::Other
}

/// The error for a source in which no conversation was recognised, by the most telling of its elements.
pub(super) fn unrecognised(class: Class) -> SourceError {
    match class {
        Class::Account(file, product) => refuse(
            "account_file",
            format!(
                "This is {file} of a {product} export: it describes the account and holds no conversations. \
                 Send conversations.json of the same export."
            ),
        ),
        Class::Manifest => refuse(
            "account_file",
            "This is only the list of the files of a Claude export. Open the link of `conversations` in it, once, and send \
             the file that comes: conversations-000.zip, and those after it if there are more.",
        ),
        Class::Product(product) => refuse(
            "unknown_format",
            format!("Conversations of ChatGPT or Claude were expected, this looks like {product}. {SEND}"),
        ),
        Class::Nothing => refuse("empty", format!("There are no conversations in it. {SEND}")),
        Class::Other | Class::Conversation(_) => refuse(
            "unknown_format",
            format!(
                "Conversations of ChatGPT (`mapping`) or Claude (`chat_messages`) were expected, other JSON was found. {SEND}"
            ),
        ),
    }
}

/// Addresses under which platforms share conversations.
const SHARED: [&str; 7] = [
    "chatgpt.com/share/",
    "chatgpt.com/s/",
    "chat.openai.com/share/",
    "claude.ai/share/",
    "gemini.google.com/share/",
    "g.co/gemini/share/",
    "aistudio.google.com/app/prompts",
];

/// An error for the address of a shared conversation in place of the conversation.
pub(super) fn shared(text: &str) -> Option<SourceError> {
    let link = text.trim();
    let address = link.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    let alone = !link.contains(char::is_whitespace) && SHARED.iter().any(|shared| address.starts_with(shared));
    let detail = "We do not fetch links. Open it, select all, copy, paste here.";
    alone.then(|| refuse("share_link", detail))
}

/// Is there nothing but white space?
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(MARK).unwrap_or(bytes).iter().all(|byte| is_space(*byte))
}
