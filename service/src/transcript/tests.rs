//! What the parsers promise, one sentence a test.

mod chatgpt;
mod chatgpt_content;
mod claude;
mod documents;
mod html;
mod lossless;
mod lost;
mod markdown;
mod page;
mod property;
mod source;
mod text;

use std::{io::Read, ops::ControlFlow};

use entity::message::{Part, PartKind, Role};
use serde_json::{Value, json};

use super::{Item, ParsedConversation, ReadError, SourceError, Summary};

/// All items of a source.
fn items(source: impl AsRef<[u8]>) -> Result<Vec<Item>, SourceError> {
    let mut items = Vec::new();
    let read = super::read(source.as_ref(), &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    });
    match read {
        Ok(Summary { items: count, .. }) => {
            assert_eq!(count, items.len());
            Ok(items)
        }
        Err(ReadError::Source(error)) => {
            assert!(items.is_empty(), "a refused source delivers nothing");
            Err(error)
        }
        Err(ReadError::Io(error)) => panic!("memory cannot fail: {error}"),
    }
}

/// The code of the error of a source that is refused.
fn refused(source: impl AsRef<[u8]>) -> (&'static str, String) {
    let error = items(source).expect_err("the source is refused");
    (error.code, error.detail)
}

/// The one conversation of a source.
fn one(source: impl AsRef<[u8]>) -> ParsedConversation {
    let mut items = items(source).expect("the source is read");
    assert_eq!(items.len(), 1);
    items.remove(0).outcome.expect("the conversation is read")
}

/// The one conversation in an array with this element alone.
fn element(element: &Value) -> ParsedConversation {
    one(json!([element]).to_string())
}

/// Why the one conversation of this element cannot be read.
fn failure(element: &Value) -> String {
    let mut items = items(json!([element]).to_string()).expect("the source is read");
    assert_eq!(items.len(), 1);
    items.remove(0).outcome.expect_err("the conversation fails").reason
}

/// Role and visible text of each message.
fn said(conversation: &ParsedConversation) -> Vec<(Role, String)> {
    let text = |parts: &[Part]| -> Vec<String> { parts.iter().filter_map(|part| part.text.clone()).collect() };
    conversation.messages.iter().map(|message| (message.role, text(&message.parts).join("|"))).collect()
}

/// The kinds of the parts of one message.
fn kinds(parts: &[Part]) -> Vec<PartKind> {
    parts.iter().map(|part| part.kind).collect()
}

/// Gives at most `size` bytes at once, with an interruption before each.
struct Dribble<'a> {
    /// What is left.
    rest: &'a [u8],
    /// How many at once.
    size: usize,
    /// The next call is interrupted.
    interrupt: bool,
}

impl Read for Dribble<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let size = self.size.min(into.len());
        (&mut self.rest).take(u64::try_from(size).unwrap()).read(into)
    }
}
