//! What a parser finds in a source: the normal form every format is brought into.

use entity::{
    Audience, ClassId, ConversationId, Moment,
    conversation::Platform,
    message::{Part, Role},
};

use crate::{
    anchor::{Span, Words},
    author::AuthorId,
    export::seal::Seal,
    tag::Colour,
    text::{Label, Note, Said},
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
    /// What only an export of this server has.
    pub marks: Option<Box<ParsedMarks>>,
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

impl ParsedConversation {
    /// The platform it comes from, read from a source of this format.
    #[must_use]
    pub fn platform(&self, format: Format) -> Platform {
        self.marks.as_ref().map_or_else(|| format.platform(), |marks| marks.platform)
    }
}

/// The marks of a conversation, and what else an export of this server says besides the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedMarks {
    /// Where the conversation came from in the first place.
    pub platform: Platform,
    /// The conversation that was exported, and the one that came from in turn.
    pub(crate) conversations: Vec<ConversationId>,
    /// The class it was in.
    pub(crate) class: Option<ClassId>,
    /// Proof that nothing was changed, and of who exported it.
    pub(crate) seal: Option<Seal>,
    /// The marks, as they were made.
    pub(crate) marks: Vec<ParsedMark>,
    /// Marks and comments that could not be read, or are on something that is not there.
    pub(crate) lost: usize,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedMark {
    /// On what.
    pub(crate) on: ParsedPlace,
    /// What its author says of it.
    pub(crate) note: Option<Note>,
    /// Names of its tags, and their colours.
    pub(crate) tags: Vec<(Label, Option<Colour>)>,
    /// Who may see it.
    pub(crate) audience: Audience,
    /// Whose, when.
    pub(crate) said: ParsedSaid,
    /// Whether its thread was called done.
    pub(crate) resolved: bool,
    /// The thread below it.
    pub(crate) comments: Vec<ParsedComment>,
}

/// What is marked, by the index of its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParsedPlace {
    /// The conversation.
    Conversation,
    /// A message.
    Message(usize),
    /// Words that stand in a message.
    Words(usize, Span, Words),
    /// Words that are not in their message, and where they stood once.
    Orphan(usize, Span, Words),
}

/// A comment; without words it is the place of one that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedComment {
    /// The index in the thread of the comment it answers; always smaller than its own.
    pub(crate) parent: Option<usize>,
    /// Its words, in which people are named as the file calls them.
    pub(crate) body: Option<Said>,
    /// Whom it names.
    pub(crate) mentions: Vec<ParsedPerson>,
    /// Whose, when.
    pub(crate) said: ParsedSaid,
}

/// Somebody whom a comment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedPerson {
    /// Who it was to the one who exported it.
    pub(crate) id: Option<AuthorId>,
    /// Under which name.
    pub(crate) name: String,
    /// Whether the file says that it is the one who exported it.
    pub(crate) mine: bool,
}

/// What is known of somebody's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedSaid {
    /// Whether the file says that they are those of the one who exported it.
    pub(crate) mine: bool,
    /// Whether staff had hidden them.
    pub(crate) hidden: bool,
    /// When they were written.
    pub(crate) created_at: Option<Moment>,
    /// When they were last changed.
    pub(crate) changed_at: Option<Moment>,
}

/// What a source turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A conversation exported by this server or another one like it, or a list of them.
    Colloquium,
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
            Self::Colloquium => "colloquium",
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

    /// The platform its conversations come from, unless they say it themselves.
    fn platform(self) -> Platform {
        match self {
            Self::Colloquium => Platform::Manual,
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
