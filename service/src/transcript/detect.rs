//! Says what a source is, by its shape and never by its name.

use super::{
    Format, SourceError,
    elements::is_space,
    html,
    shape::{Kind, Shape},
};

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
}

/// What one element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A conversation of this format.
    Conversation(Format),
    /// Of a file of an export that holds no conversations: its name and the product.
    Account(&'static str, &'static str),
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
    if let Some(what) = foreign(head) {
        return Err(what);
    }
    let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
    let Some(first) = text.first() else {
        return Err(refuse("empty", format!("The source is empty. {SEND}")));
    };
    let beginning = text.get(..200).unwrap_or(text).to_ascii_lowercase();
    if html::is_html(text) {
        return Ok(Start::Html);
    }
    if beginning.starts_with(b"<?xml") {
        let advice = "This is XML. Copy the text of the conversation and paste it, or send conversations.json.";
        return Err(refuse("unknown_format", advice));
    }
    if beginning.starts_with(b"{\\rtf") {
        let advice = "This is an RTF document. Copy the text of the conversation and paste it.";
        return Err(refuse("unknown_format", advice));
    }
    if is_form(&beginning) {
        let advice = "This is a form that does not say so. Send it as `curl -F file=@export.zip` does, \
            or the file itself as the body.";
        return Err(refuse("unknown_format", advice));
    }
    Ok(match first {
        b'[' if is_prose(text, whole) => Start::Text,
        b'{' | b'[' => Start::Json,
        _ => Start::Text,
    })
}

/// Is it a `multipart/form-data` body? Its first line is a boundary, its second says so.
fn is_form(beginning: &[u8]) -> bool {
    let second = beginning.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    beginning.starts_with(b"--") && second.starts_with(b"content-disposition: form-data")
}

/// Text may begin with a bracket too: `[10:32] User: …`, `[1] …`. It is text if the bracket closes on the same line
/// around something that is no JSON list of a file, and more words follow.
fn is_prose(text: &[u8], whole: bool) -> bool {
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

/// An error for bytes that are no text in UTF-8, as far as the beginning shows it.
fn foreign(head: &[u8]) -> Option<SourceError> {
    let archive =
        |what: &str| Some(refuse("archive", format!("This is a {what} file; unpack it and send conversations.json.")));
    let document = |what: &str| {
        let advice = "Copy the text of the conversation and paste it, or send conversations.json.";
        Some(refuse("unknown_format", format!("This is {what}. {advice}")))
    };
    let encoding = |what: &str| {
        Some(refuse(
            "encoding",
            format!("UTF-8 was expected, {what} was found. Save the file as UTF-8 and send it again."),
        ))
    };
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => archive("ZIP"),
        [0x1f, 0x8b, ..] => archive("gzip"),
        [b'7', b'z', 0xbc, 0xaf, ..] => archive("7z"),
        [b'R', b'a', b'r', b'!', 0x1a, ..] => archive("RAR"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => archive("zstd"),
        [b'%', b'P', b'D', b'F', b'-', ..] => document("a PDF document"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => document("a picture"),
        [0xff, 0xfe, ..] => encoding("UTF-16 (the first bytes are FF FE)"),
        [0xfe, 0xff, ..] => encoding("UTF-16 (the first bytes are FE FF)"),
        [0, second, ..] if *second != 0 => encoding("UTF-16 (the first byte is 00)"),
        [first, 0, ..] if *first != 0 => encoding("UTF-16 (the second byte is 00)"),
        _ => None,
    }
}

/// An error for bytes that are not UTF-8 from `raw[offset]` on; nothing if they are.
pub(super) fn not_utf8(raw: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(raw).err()?;
    let offset = error.valid_up_to();
    let bytes: Vec<String> = raw.iter().skip(offset).take(3).map(|byte| format!("{byte:02X}")).collect();
    Some(format!("UTF-8 was expected, the bytes {} were found at byte {}", bytes.join(" "), offset + 1))
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
    if let Some(product) = product(shape) {
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
    if let Some((file, product)) = account(shape) {
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

/// The product, if it is one we recognise but do not read.
fn product(shape: &Shape) -> Option<&'static str> {
    let found = [
        (shape.has("chunkedPrompt"), "Google AI Studio"),
        (shape.begins("version", "orpg."), "the OpenRouter playground"),
        (shape.has("conversationId") && (shape.has("messages") || shape.has("messagesTree")), "LibreChat"),
        (shape.has_all(&["conversations", "responses"]) || shape.holds("conversations", "responses"), "Grok"),
        (shape.has_all(&["mapping", "inserted_at"]), "DeepSeek"),
        (shape.holds("chat", "history"), "Open WebUI"),
        (shape.holds("conversations", "from"), "ShareGPT"),
        (shape.has_all(&["header", "time", "title"]), "Gemini (Google Takeout, My Activity)"),
        (shape.holds("messages", "versions") || shape.holds("messages", "func"), "ChatCraft"),
        (shape.has_all(&["requests", "responderUsername"]), "VS Code Copilot Chat"),
    ];
    found.into_iter().find(|(is, _)| *is).map(|(_, product)| product)
}

/// The file of an export that holds no conversations, and the product it comes from.
fn account(shape: &Shape) -> Option<(&'static str, &'static str)> {
    let found = [
        (shape.has("email") && (shape.has("chatgpt_plus_user") || shape.begins("id", "user-")), "user.json", "ChatGPT"),
        (shape.has_all(&["user_id", "settings"]), "user_settings.json", "ChatGPT"),
        (shape.has_all(&["conversation_id", "rating"]), "message_feedback.json", "ChatGPT"),
        (shape.has_all(&["conversation_id", "is_anonymous"]), "shared_conversations.json", "ChatGPT"),
        (shape.has_all(&["user_id", "input", "output"]), "model_comparisons.json", "ChatGPT"),
        (shape.has_all(&["uuid", "email_address"]), "users.json", "Claude"),
        (shape.has_all(&["uuid", "full_name"]) && !shape.has("name"), "users.json", "Claude"),
        (
            shape.has_all(&["uuid", "name"]) && (shape.has("docs") || shape.has("prompt_template")),
            "projects.json",
            "Claude",
        ),
        (shape.has("conversations_memory"), "memories.json", "Claude"),
    ];
    found.into_iter().find(|(is, _, _)| *is).map(|(_, file, product)| (file, product))
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
