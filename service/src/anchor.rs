//! Where marked words stand: offsets in Unicode scalar values of a part's stored text, and the words themselves with what
//! is around them, by which they are found again in another version of the message.

use entity::message::{Part, PartKind};

use crate::Flaw;

/// The longest words one mark holds; what is longer is marked as a message.
pub const LONGEST: i32 = 10_000;

/// Characters kept of what stands before and after.
const AROUND: usize = 32;

/// A range of one part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The part, among those that are not `context`, from 0.
    pub part: i32,
    /// Where it begins, in Unicode scalar values of the part's text.
    pub start: i32,
    /// Where it ends, exclusive.
    pub stop: i32,
}

/// Marked words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub quote: String,
    /// Up to 32 characters before them.
    pub prefix: String,
    /// Up to 32 characters after them.
    pub suffix: String,
}

/// The parts that marks are made on. Those of the kind `context` are their owner's alone and have no number, so that
/// numbers mean the same to all and leave no gap.
fn parts(all: &[Part]) -> impl Iterator<Item = &str> {
    let markable = all.iter().filter(|part| part.kind != PartKind::Context);
    markable.map(|part| part.text.as_deref().unwrap_or_default())
}

/// The words that stand in a range.
///
/// # Errors
/// What is wrong with which member of the range.
pub fn words(all: &[Part], span: Span) -> Result<Words, (&'static str, Flaw)> {
    let Span { part, start, stop } = span;
    let index = usize::try_from(part).ok();
    let text = index.and_then(|index| parts(all).nth(index)).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| ("/part", Flaw::new("part_unknown", "this message has no words in such a part")))?;
    if start < 0 || stop <= start {
        let detail = format!("expected more than `start` ({start}), which is at least 0; found {stop}");
        return Err(("/end", Flaw::new("out_of_range", detail)));
    }
    if stop - start > LONGEST {
        let detail = format!("at most {LONGEST} characters; mark the message as a whole instead");
        return Err(("/end", Flaw::new("too_long", detail)));
    }
    cut(text, start, stop).ok_or_else(|| {
        let length = text.chars().count();
        ("/end", Flaw::new("out_of_range", format!("the part has {length} characters, found {stop}")))
    })
}

fn cut(text: &str, start: i32, stop: i32) -> Option<Words> {
    let (start, length) = (usize::try_from(start).ok()?, usize::try_from(stop.checked_sub(start)?).ok()?);
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let from = places.nth(start)?;
    let to = places.nth(length.checked_sub(1)?)?;
    let (before, after) = (text.get(..from)?, text.get(to..)?);
    let begin = before.char_indices().rev().take(AROUND).last().map_or(from, |(at, _)| at);
    Some(Words {
        quote: text.get(from..to)?.to_owned(),
        prefix: before.get(begin..)?.to_owned(),
        suffix: after.chars().take(AROUND).collect(),
    })
}

/// Finds words again in another version of their message: where they stand exactly once between the same neighbours, or
/// where that is nowhere, exactly once beside one of them. Anything else would put the mark on other words.
///
/// Takes as long as reading the text a few times, whatever is looked for.
#[must_use]
pub fn place(all: &[Part], words: &Words) -> Option<Span> {
    if words.quote.is_empty() {
        return None;
    }
    let (mut between, mut beside) = (Found::default(), Found::default());
    for (part, text) in parts(all).enumerate() {
        words.between(text).into_iter().for_each(|at| between.note(part, at));
        words.beside(text).into_iter().for_each(|at| beside.note(part, at));
    }
    // Where both neighbours are, each of them is.
    let (part, at) = if between.count > 0 { between.only()? } else { beside.only()? };
    let before = parts(all).nth(part)?.get(..at)?.chars().count();
    let start = i32::try_from(before).ok()?;
    let stop = start.checked_add(i32::try_from(words.quote.chars().count()).ok()?)?;
    Some(Span { part: i32::try_from(part).ok()?, start, stop })
}

impl Words {
    /// Where they stand between both neighbours, two places at most; nothing is the beginning or the end of a text.
    fn between(&self, text: &str) -> Vec<usize> {
        let wanted = [self.prefix.as_str(), &self.quote, &self.suffix].concat();
        let found: Vec<usize> = match (self.prefix.is_empty(), self.suffix.is_empty()) {
            (false, false) => twice(text, &wanted).collect(),
            (true, false) => text.starts_with(&wanted).then_some(0).into_iter().collect(),
            (false, true) => text.strip_suffix(wanted.as_str()).map(str::len).into_iter().collect(),
            (true, true) => (text == wanted).then_some(0).into_iter().collect(),
        };
        found.into_iter().map(|at| at + self.prefix.len()).collect()
    }

    /// Where they stand beside one neighbour, two places at most for each.
    fn beside(&self, text: &str) -> Vec<usize> {
        let (before, after) = (self.prefix.clone() + &self.quote, self.quote.clone() + &self.suffix);
        let behind = (!self.prefix.is_empty()).then(|| twice(text, &before)).into_iter().flatten();
        let ahead = (!self.suffix.is_empty()).then(|| twice(text, &after)).into_iter().flatten();
        behind.map(|at| at + self.prefix.len()).chain(ahead).collect()
    }
}

/// How often something was found, and where first.
#[derive(Default)]
struct Found {
    count: u32,
    first: (usize, usize),
}

impl Found {
    fn note(&mut self, part: usize, at: usize) {
        if self.count == 0 {
            self.first = (part, at);
        }
        self.count = self.count.saturating_add(1);
    }

    fn only(&self) -> Option<(usize, usize)> {
        (self.count == 1).then_some(self.first)
    }
}

/// The first two bytes at which `words` stand, which may overlap: whoever asks for one place needs to know of no third.
fn twice(text: &str, words: &str) -> impl Iterator<Item = usize> + use<> {
    let next = |from: usize| Some(from + text.get(from..)?.find(words)?);
    let first = next(0);
    let second = first.and_then(|at| next(at + text.get(at..)?.chars().next().map_or(1, char::len_utf8)));
    [first, second].into_iter().flatten()
}

#[cfg(test)]
mod tests;
