//! How a conversation looks at a glance, for somebody who chooses before it is stored.

use entity::message::Role;

use super::{ParsedConversation, ParsedMessage};
use crate::message::visible_text;

/// Letters of a line that is shown.
const LETTERS: usize = 160;

/// The visible path of a conversation in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Messages with words on the visible path.
    pub messages: usize,
    /// The first line of the first of them.
    pub first: String,
    /// The last line of the last of them.
    pub last: String,
    /// It ends with words of the model, so nothing seems to be missing.
    pub complete: bool,
}

impl Glance {
    /// Looks at a conversation.
    #[must_use]
    pub fn of(conversation: &ParsedConversation) -> Self {
        let shown = |message: &&ParsedMessage| message.on_path && !message.hidden;
        let texts =
            conversation.messages.iter().filter(shown).map(|message| (message.role, visible_text(&message.parts)));
        let texts: Vec<(Role, String)> = texts.filter(|(_, text)| !text.trim().is_empty()).collect();
        let line = |text: Option<&str>| text.unwrap_or_default().trim().chars().take(LETTERS).collect();
        let (first, last) = (texts.first(), texts.last());
        Self {
            messages: texts.len(),
            first: line(first.and_then(|(_, text)| text.lines().find(|line| !line.trim().is_empty()))),
            last: line(last.and_then(|(_, text)| text.lines().rfind(|line| !line.trim().is_empty()))),
            complete: texts.len() > 1 && last.is_some_and(|(role, _)| *role == Role::Assistant),
        }
    }
}
