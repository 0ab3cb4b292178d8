//! Where rendered text comes from: offsets into a part's stored text, in Unicode scalar values.
//!
//! The format of `data-s` and `data-a` is described in `docs/rendering.md`.

use std::{fmt::Write as _, ops::Range};

/// Bytes between two known offsets.
const STEP: usize = 128;

/// A part's stored text, which tells the offset of any byte without counting from the start.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Scalar values before every `STEP`th byte; empty where every byte is one.
    marks: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut marks = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for block in text.as_bytes().chunks(STEP) {
                marks.push(count);
                count += scalars(block);
            }
        }
        Self { text, marks }
    }

    /// What stands at these bytes; empty where they cut a character.
    pub(super) fn at(&self, bytes: Range<usize>) -> &'a str {
        self.text.get(bytes).unwrap_or_default()
    }

    /// The offset of a byte in scalar values.
    pub(super) fn offset(&self, byte: usize) -> usize {
        let Some(before) = self.marks.get(byte / STEP) else {
            return if self.marks.is_empty() { byte } else { self.offset(byte.saturating_sub(1)) + 1 };
        };
        let block = self.text.as_bytes().get(byte - byte % STEP..byte).unwrap_or_default();
        before + scalars(block)
    }

    /// A range of bytes in scalar values.
    pub(super) fn range(&self, bytes: Range<usize>) -> Range<usize> {
        self.offset(bytes.start)..self.offset(bytes.end)
    }
}

/// How many characters begin in these bytes.
fn scalars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// From `rendered` on, text comes from `source` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    rendered: usize,
    source: usize,
    /// Where the rendered characters stand for this many of the source as a whole, such as `&amp;`.
    whole: Option<usize>,
}

/// Which text of the source each character of one block's text is. Written as the attribute `data-s`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap(Vec<Pair>);

impl SourceMap {
    /// Says that from the rendered offset `rendered` on, text is that of the source from `source` on.
    pub(super) fn linear(&mut self, rendered: usize, source: usize) {
        let goes_on = |last: &Pair| last.whole.is_none() && last.source + (rendered - last.rendered) == source;
        if !self.0.last().is_some_and(goes_on) {
            self.0.push(Pair { rendered, source, whole: None });
        }
    }

    /// Says that the rendered text from `rendered` on stands for these `source` characters as a whole.
    pub(super) fn whole(&mut self, rendered: usize, source: Range<usize>) {
        self.0.push(Pair { rendered, source: source.start, whole: Some(source.len()) });
    }

    /// Reads what [`SourceMap::write`] wrote; none if it is something else.
    #[must_use]
    pub fn parse(attribute: &str) -> Option<Self> {
        let mut pairs: Vec<Pair> = Vec::new();
        for word in attribute.split_ascii_whitespace() {
            let (rendered, source) = word.split_once(':').unwrap_or(("0", word));
            let (source, whole) = match source.split_once('+') {
                Some((source, whole)) => (source, Some(whole.parse().ok()?)),
                None => (source, None),
            };
            let pair = Pair { rendered: rendered.parse().ok()?, source: source.parse().ok()?, whole };
            if pairs.last().map_or(pair.rendered != 0, |last| last.rendered >= pair.rendered) {
                return None;
            }
            pairs.push(pair);
        }
        (!pairs.is_empty()).then_some(Self(pairs))
    }

    /// The attribute's value; empty for a block without text.
    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        for pair in &self.0 {
            let space = if text.is_empty() { "" } else { " " };
            let written = match (pair.rendered, pair.whole) {
                (0, None) => write!(text, "{space}{}", pair.source),
                (0, Some(whole)) => write!(text, "{space}{}+{whole}", pair.source),
                (at, None) => write!(text, "{space}{at}:{}", pair.source),
                (at, Some(whole)) => write!(text, "{space}{at}:{}+{whole}", pair.source),
            };
            debug_assert!(written.is_ok(), "a string takes all that is written");
        }
        text
    }

    /// The range of the source that the rendered character at `offset` stands for. Offsets count the scalar values of the
    /// block's text without what is inside elements with `data-a`.
    #[must_use]
    pub fn source_of(&self, offset: usize) -> Option<Range<usize>> {
        let after = self.0.partition_point(|pair| pair.rendered <= offset);
        let pair = self.0.get(after.checked_sub(1)?)?;
        Some(match pair.whole {
            Some(length) => pair.source..pair.source + length,
            None => {
                let at = pair.source + (offset - pair.rendered);
                at..at + 1
            }
        })
    }

    /// The range of the source that a range of rendered text stands for; none for an empty one.
    #[must_use]
    pub fn source_range(&self, rendered: Range<usize>) -> Option<Range<usize>> {
        let first = self.source_of(rendered.start)?;
        let last = self.source_of(rendered.end.checked_sub(1)?)?;
        (rendered.start < rendered.end).then_some(first.start..last.end)
    }
}

/// Reads `data-a`, the range that an element stands for as a whole.
#[must_use]
pub fn atom_range(attribute: &str) -> Option<Range<usize>> {
    let (start, end) = attribute.split_once(',')?;
    Some(start.parse().ok()?..end.parse().ok()?)
}
