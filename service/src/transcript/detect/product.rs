//! JSON of other products, and files of an export that hold no conversations, known by their fields.

use crate::transcript::shape::{Kind, Shape};

/// The product, if it is one we recognise but do not read.
pub(super) fn product(shape: &Shape) -> Option<&'static str> {
    let found = [
        (shape.has("chunkedPrompt"), "Google AI Studio"),
        (shape.begins("version", "orpg."), "the OpenRouter playground"),
        (shape.has("conversationId") && (shape.has("messages") || shape.has("messagesTree")), "LibreChat"),
        (shape.has_all(&["conversations", "responses"]) || shape.holds("conversations", "responses"), "Grok"),
        (shape.has_all(&["mapping", "inserted_at"]), "DeepSeek"),
        (shape.holds("chat", "history"), "Open WebUI"),
        (shape.holds("data", "chat"), "Qwen"),
        (shape.holds("conversations", "from"), "ShareGPT"),
        (shape.has_all(&["header", "time", "title"]), "Gemini (Google Takeout, My Activity)"),
        (shape.holds("messages", "versions") || shape.holds("messages", "func"), "ChatCraft"),
        (shape.has_all(&["requests", "responderUsername"]), "VS Code Copilot Chat"),
        (
            shape.has("sessionId") && (shape.has("parentUuid") || shape.holds("message", "role")),
            "a session of Claude Code",
        ),
        (shape.has_all(&["leafUuid", "summary"]), "a session of Claude Code"),
        (shape.has_all(&["timestamp", "type", "payload"]), "a session of Codex"),
        (shape.has_all(&["sessionId", "projectHash"]), "a session of Gemini CLI"),
        (shape.has("chat-next-web-store"), "NextChat"),
        (shape.holds("data", "chats"), "TypingMind"),
        (shape.has_all(&["chatID", "messages"]), "TypingMind"),
        (shape.holds("chats", "messages") || shape.has_all(&["config", "messages"]), "BetterChatGPT"),
        (shape.has("query_str") || shape.holds("entries", "query_str"), "Perplexity"),
        (shape.has_all(&["chatId", "role"]) || shape.has("contentChunks"), "Le Chat"),
        (shape.holds("messages", "sender_name"), "Messenger or Instagram"),
        (shape.holds("messages", "date_unixtime"), "Telegram"),
        (shape.has_all(&["guild", "channel", "messages"]), "Discord"),
        (shape.has_all(&["ts", "user", "text"]), "Slack"),
        (shape.holds("log", "entries"), "a recording of network traffic (HAR)"),
        (shape.has_all(&["cells", "nbformat"]), "a notebook of Jupyter"),
        (
            shape.holds("conversations", "mapping") || shape.holds("conversations", "chat_messages"),
            "a list of conversations within something else (in its field `conversations`)",
        ),
    ];
    found.into_iter().find(|(is, _)| *is).map(|(_, product)| product)
}

/// Is it the list of files that Claude sends in place of a large export?
pub(super) fn is_manifest(shape: &Shape) -> bool {
    shape.is("data_files", Kind::List)
        && (shape.has("total_files")
            || shape.holds("data_files", "export_url")
            || shape.holds("data_files", "filename"))
}

/// The file of an export that holds no conversations, and the product it comes from.
pub(super) fn account(shape: &Shape) -> Option<(&'static str, &'static str)> {
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
