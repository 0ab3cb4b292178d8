//! What a parser finds in a source: the normal form every format is brought into.

use entity::{
    Moment,
    conversation::Platform,
    message::{Part, Role},
};

/// Messages a conversation has at most, however they came in.
pub const MOST_MESSAGES: usize = 20_000;

/// One conversation of an export file, or the one of a pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedConversation {
    /// Its id in the source, if it has one.
    pub source_id: Option<String>,
    /// Its title, cleaned; none where the source has none.
    pub title: Option<String>,
    /// The model that answered by default.
    pub model: Option<String>,
    /// When it began, as the source says.
    pub started_at: Option<Moment>,
    /// When it last changed, as the source says.
    pub updated_at: Option<Moment>,
    /// The messages of all branches; a parent always stands before its children.
    pub messages: Vec<ParsedMessage>,
    /// The index in `messages` of the last message of the visible path.
    pub leaf: Option<usize>,
    /// What was mended or left out, in words for the person, most important first.
    pub notes: Vec<String>,
}

/// One message of a parsed conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedMessage {
    /// Its id in the source, if it has one; unique within the conversation.
    pub source_id: Option<String>,
    /// The index in `messages` of the message it follows; always smaller than its own.
    pub parent: Option<usize>,
    /// Who speaks.
    pub role: Role,
    /// Which model, where the source says.
    pub model: Option<String>,
    /// When it was written, as the source says.
    pub created_at: Option<Moment>,
    /// Not shown by the platform it comes from.
    pub hidden: bool,
    /// On the path the platform shows.
    pub on_path: bool,
    /// All parts, in the order of the source.
    pub parts: Vec<Part>,
}

/// What a source turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A ChatGPT export: an array of conversations or one.
    Chatgpt,
    /// A Claude export: an array of conversations or one.
    Claude,
    /// Text with or without speaker labels.
    Text,
    /// HTML that was copied from a page, or a page that was saved.
    Page(Page),
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// chatgpt.com
    Chatgpt,
    /// claude.ai
    Claude,
    /// gemini.google.com
    Gemini,
    /// aistudio.google.com
    AiStudio,
    /// None that is known.
    Other,
}

impl Format {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chatgpt => "chatgpt",
            Self::Claude => "claude",
            Self::Text => "text",
            Self::Page(Page::Chatgpt) => "chatgpt_page",
            Self::Page(Page::Claude) => "claude_page",
            Self::Page(Page::Gemini) => "gemini_page",
            Self::Page(Page::AiStudio) => "ai_studio_page",
            Self::Page(Page::Other) => "page",
        }
    }

    /// The platform its conversations come from.
    #[must_use]
    pub fn platform(self) -> Platform {
        match self {
            Self::Chatgpt | Self::Page(Page::Chatgpt) => Platform::Chatgpt,
            Self::Claude | Self::Page(Page::Claude) => Platform::Claude,
            Self::Text | Self::Page(Page::Gemini | Page::AiStudio | Page::Other) => Platform::Pasted,
        }
    }
}

/// One item of a source, in its order.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its place in what was sent, from 0.
    pub index: usize,
    /// The name of the file it is from, where one has a name.
    pub file: Option<String>,
    /// The format of that file.
    pub format: Format,
    /// Its raw bytes as they stand in the source.
    pub raw: Vec<u8>,
    /// The conversation, or why it could not be read.
    pub outcome: Result<ParsedConversation, ItemFailure>,
}

/// Why one item could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFailure {
    /// Its title, as far as it could be found.
    pub title: Option<String>,
    /// What was expected and what was found, in words for the person.
    pub reason: String,
}

/// Why a whole source could not be read: nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct SourceError {
    /// A stable name: `empty`, `encoding`, `json_malformed`, `json_truncated`, `json_too_deep`, `account_file`,
    /// `unknown_format`, `archive`, `share_link`, `too_large`.
    pub code: &'static str,
    /// What was expected, what was found, what to do.
    pub detail: String,
}
