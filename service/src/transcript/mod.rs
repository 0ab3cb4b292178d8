//! Reads what people bring: exports of ChatGPT, Claude and this server, copied pages and pasted text. Bytes in, normal
//! form out.
//!
//! What was sent is one file or several, and each may be a ZIP: [`read_all`] walks through them. A source is recognised
//! by its shape, never by its name. Lists are cut into their elements while they are read and
//! each element is parsed on its own, so memory stays at a few times the largest conversation and a conversation that
//! cannot be read costs only itself.
//!
//! A whole source is refused with a [`SourceError`]; one conversation with an [`ItemFailure`] in its place. What was
//! mended or left out within a conversation is said in its notes.

mod archive;
mod assembly;
mod bundle;
mod chatgpt;
mod claude;
mod clean;
mod colloquium;
mod detect;
mod elements;
mod glance;
mod hint;
mod html;
mod item;
mod mhtml;
mod moment;
mod notes;
mod paper;
mod parsed;
mod part;
mod shape;
mod sources;
mod text;
mod tree;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may panic"
)]
mod tests;

use std::{
    collections::VecDeque,
    io::{self, BufReader, Chain, Cursor, Read},
    ops::ControlFlow,
};

pub use bundle::{Piece, count_all, read_all};
pub use detect::is_foreign;
pub use elements::values;
pub use glance::Glance;
pub use hint::title_hint;
pub use parsed::*;

use detect::{Class, Start};
use elements::{Cut, Cutter, Fault};
use notes::Notes;
use shape::Shape;

/// Bytes read at once.
const PIECE: usize = 64 << 10;
/// Bytes of pasted text; as much as one message may have.
const MOST_TEXT: usize = 4 << 20;
/// Elements looked at before a list counts as unknown.
const LOOKS: usize = 64;
/// Bytes looked at before a list counts as unknown.
const LOOKED: usize = 32 << 20;

/// What came of reading a source to the end, or to where the receiver stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What it turned out to be.
    pub format: Format,
    /// How many items were delivered, failures too.
    pub items: usize,
}

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source is not what it should be; no item was delivered.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The bytes did not come.
    #[error("the source could not be read: {0}")]
    Io(#[from] io::Error),
}

/// Reads `source` and gives `each` its items, one after the other, until it breaks off.
///
/// # Errors
/// If the source as a whole cannot be read; then no item was delivered. If its bytes do not come; then some may have been.
pub fn read<R: Read>(source: R, each: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<Summary, ReadError> {
    Source::open(source)?.read(each)
}

/// A source whose format is known and whose items are still to be read.
pub struct Source<R: Read> {
    /// Its format.
    format: Format,
    /// The rest of it.
    body: Body<R>,
}

/// The bytes of a source; the first of them have been looked at.
type Bytes<R> = Chain<Cursor<Vec<u8>>, R>;

/// What is still to be read of a source.
enum Body<R: Read> {
    /// The whole of a text.
    Text(Vec<u8>),
    /// The one item of a page, read already.
    Page(Vec<u8>, Box<Result<ParsedConversation, String>>),
    /// JSON: elements that were looked at, and the rest.
    Json(VecDeque<Cut>, Cutter<BufReader<Bytes<R>>>),
}

impl<R: Read> Source<R> {
    /// Looks at the beginning of `source` and recognises its format.
    ///
    /// # Errors
    /// If the source as a whole cannot be read.
    pub fn open(mut source: R) -> Result<Self, ReadError> {
        let mut head = Vec::new();
        while detect::is_blank(&head) && head.len() <= MOST_TEXT && more(&mut source, PIECE, &mut head)? {}
        let whole = head.len() < PIECE;
        match detect::start(&head, whole)? {
            Start::Text => {
                let left = (MOST_TEXT + 1).saturating_sub(head.len());
                more(&mut source, left, &mut head)?;
                check_text(&head)?;
                if let Some(error) = std::str::from_utf8(&head).ok().and_then(detect::shared) {
                    return Err(error.into());
                }
                Ok(Self { format: Format::Text, body: Body::Text(head) })
            }
            start @ (Start::Html | Start::Mhtml) => {
                let left = (html::LARGEST + 1).saturating_sub(head.len());
                more(&mut source, left, &mut head)?;
                fits(&head, html::LARGEST, "page", "Select the conversation alone, copy and paste it.")?;
                let head = if start == Start::Mhtml { mhtml::page(&head)? } else { head };
                check(&head, "page")?;
                let (page, outcome) = html::parse(&head)?;
                Ok(Self { format: Format::Page(page), body: Body::Page(html::kept(&head), Box::new(outcome)) })
            }
            Start::Json => {
                let mark = if head.starts_with(detect::MARK) { detect::MARK.len() } else { 0 };
                let mut bytes = Cursor::new(head);
                bytes.set_position(u64::try_from(mark).unwrap_or_default());
                let mut cutter = Cutter::new(BufReader::with_capacity(PIECE, bytes.chain(source)));
                let (format, ahead) = recognise(&mut cutter)?;
                Ok(Self { format, body: Body::Json(ahead, cutter) })
            }
        }
    }

    /// What it turned out to be.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many items there are.
    fn count(self) -> Result<usize, ReadError> {
        let Body::Json(ahead, mut cutter) = self.body else { return Ok(1) };
        let mut items = ahead.len();
        while cutter.cut()?.is_some() {
            items += 1;
        }
        Ok(items)
    }

    /// Gives `each` the items, one after the other, until it breaks off.
    ///
    /// # Errors
    /// If the bytes do not come. A file that turns out to be broken ends with an item that failed instead.
    pub fn read(self, each: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<Summary, ReadError> {
        let format = self.format;
        let mut items = 0;
        let mut give = |raw: Vec<u8>, outcome| {
            items += 1;
            each(Item { index: items - 1, file: None, format, raw, outcome })
        };
        match self.body {
            Body::Text(raw) => {
                let outcome = text::parse(&raw).map_err(|reason| ItemFailure { title: None, reason });
                // The only item, so it does not matter whether more are wanted.
                give(raw, outcome).is_continue();
            }
            Body::Page(raw, outcome) => {
                let outcome = outcome.map_err(|reason| ItemFailure { title: None, reason });
                give(raw, outcome).is_continue();
            }
            Body::Json(mut ahead, mut cutter) => loop {
                let next = match ahead.pop_front() {
                    Some(cut) => Some(cut),
                    None => cutter.cut()?,
                };
                let Some(cut) = next else { break };
                let (raw, outcome) = item::parse(format, cut);
                if give(raw, outcome).is_break() {
                    break;
                }
            },
        }
        Ok(Summary { format, items })
    }
}

/// Reads up to `count` more bytes; false at the end of the source.
fn more(source: &mut impl Read, count: usize, into: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(count).unwrap_or(u64::MAX);
    Ok(source.by_ref().take(limit).read_to_end(into)? > 0)
}

/// Checks that `raw` is text of a length we take.
fn check_text(raw: &[u8]) -> Result<(), SourceError> {
    fits(raw, MOST_TEXT, "text", "Paste one conversation at a time.")?;
    check(raw, "file")
}

/// Checks that `raw` has at most `most` bytes.
fn fits(raw: &[u8], most: usize, what: &str, advice: &str) -> Result<(), SourceError> {
    let limit = most >> 20;
    let detail = format!("This {what} has more than {limit} MiB; the limit is {limit} MiB. {advice}");
    if raw.len() > most { Err(detect::refuse("too_large", detail)) } else { Ok(()) }
}

/// Checks that `raw` is UTF-8.
fn check(raw: &[u8], what: &str) -> Result<(), SourceError> {
    match detect::not_utf8(raw) {
        Some(found) => {
            Err(detect::refuse("encoding", format!("This {what} {found}. Save it as UTF-8 and send it again.")))
        }
        None => Ok(()),
    }
}

/// Cuts elements until one of them tells the format; gives it with the elements cut so far.
fn recognise<R: Read>(cutter: &mut Cutter<BufReader<R>>) -> Result<(Format, VecDeque<Cut>), ReadError> {
    let mut ahead = VecDeque::new();
    let mut looked = 0;
    // The most telling reason so far why nothing was recognised.
    let mut best = Class::Nothing;
    let mut trouble: Option<SourceError> = None;
    while ahead.len() < LOOKS && looked < LOOKED {
        let Some(cut) = cutter.cut()? else { break };
        match glance(&cut, cutter.is_list()) {
            Ok(Class::Conversation(format)) => {
                ahead.push_back(cut);
                return Ok((format, ahead));
            }
            Ok(class) if best == Class::Nothing || best == Class::Other && class != Class::Nothing => best = class,
            Ok(_) => {}
            Err(found) => trouble = trouble.or(Some(found)),
        }
        if let Cut::Element { raw, .. } = &cut {
            looked += raw.len();
        }
        ahead.push_back(cut);
    }
    Err(match (trouble, best) {
        (Some(trouble), Class::Nothing) => trouble.into(),
        (_, best) => detect::unrecognised(best).into(),
    })
}

/// What one cut tells about the format, or why it tells nothing and never will.
fn glance(cut: &Cut, list: bool) -> Result<Class, SourceError> {
    let advice = "Download the export again and send it as it is.";
    match cut {
        Cut::Element { values, .. } if *values > item::MOST_VALUES => {
            Err(detect::refuse("json_too_many_values", format!("{}. {advice}", item::too_many())))
        }
        Cut::Element { raw, depth, .. } => {
            if let Some(found) = detect::not_utf8(raw) {
                return Err(detect::refuse(
                    "encoding",
                    format!("This file {found}. Save it as UTF-8 and send it again."),
                ));
            }
            let shape = Shape::of(&clean::surrogates(raw, &mut Notes::default()));
            let deep = *depth > item::DEEPEST;
            match shape {
                // In a list a conversation may fail alone; a file that is one conversation fails as a whole.
                Ok(shape) if !deep || list && !shape.is_empty() => Ok(detect::classify(&shape)),
                _ if deep => Err(detect::refuse("json_too_deep", format!("{}. {advice}", item::too_deep()))),
                Ok(_) => Ok(Class::Nothing),
                Err(error) => {
                    Err(detect::refuse("json_malformed", format!("{}. {advice}", item::malformed(cut, &error))))
                }
            }
        }
        Cut::Broken { fault: Fault::Truncated, .. } => Err(detect::refuse(
            "json_truncated",
            "The file ends before its first conversation does: the download is probably incomplete. Download the export again.",
        )),
        Cut::Broken { fault: Fault::TooDeep, .. } => {
            Err(detect::refuse("json_too_deep", format!("{}. {advice}", item::too_deep())))
        }
        Cut::Broken { fault: Fault::TooLarge, .. } => {
            Err(detect::refuse("too_large", format!("{}. {advice}", item::too_large())))
        }
        Cut::Broken { fault: Fault::Expected(expected), place, .. } => Err(detect::refuse(
            "json_malformed",
            format!(
                "The JSON is malformed at line {}, column {}: {expected} was expected. {advice}",
                place.line, place.column
            ),
        )),
    }
}

/// Pasted text or a copied page, taken apart.
#[derive(Clone, Debug)]
pub struct Turns {
    /// What it turned out to be.
    pub format: Format,
    /// Its turns; of role `unknown` where somebody has to say who speaks.
    pub conversation: ParsedConversation,
}

/// Takes pasted text or a copied page apart and stores nothing: for a page on which a person says who speaks, and then
/// writes the conversation as one of their own making.
///
/// # Errors
/// If nothing can be read, or if it is an export, which may hold many conversations and says itself who speaks.
pub fn turns(pasted: &[u8]) -> Result<Turns, SourceError> {
    let mut found = None;
    let taken = read(pasted, &mut |item| {
        found = Some(item);
        ControlFlow::Break(())
    });
    match (taken, found) {
        (Err(ReadError::Source(error)), _) => Err(error),
        (Ok(Summary { format: format @ (Format::Text | Format::Page(_)), .. }), Some(item)) => {
            let conversation = item.outcome.map_err(|failure| detect::refuse("empty", failure.reason))?;
            Ok(Turns { format, conversation })
        }
        _ => Err(detect::refuse(
            "unknown_format",
            "This is an export, which says itself who speaks. Import it as it is.",
        )),
    }
}
