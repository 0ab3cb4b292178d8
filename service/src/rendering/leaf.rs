//! One block of text being written: its HTML, and where each character comes from.

use std::ops::Range;

use super::source::{Source, SourceMap};

/// Writes text as HTML text or as the value of an attribute in double quotes.
pub(super) fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            other => into.push(readable(other)),
        }
    }
}

/// A parser of HTML reads a carriage return as a line end and drops U+0000: it gets what it would make of them.
pub(super) fn readable(character: char) -> char {
    match character {
        '\r' => '\n',
        '\0' => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Which characters that turn the direction of what follows are held inside an element of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bidi {
    /// Those that no writing needs: overrides. A block ends the others.
    Prose,
    /// All: code must read in the order in which it runs.
    Code,
}

impl Bidi {
    fn holds(self, character: char) -> bool {
        match self {
            Self::Prose => matches!(character, '\u{202D}' | '\u{202E}'),
            Self::Code => matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'),
        }
    }
}

/// One block of text.
#[derive(Debug)]
pub(super) struct Leaf {
    html: String,
    map: SourceMap,
    /// Characters of text so far, without those of atoms.
    length: usize,
    bidi: Bidi,
    /// Characters since the last cut whose writing costs the sanitiser a look at all text up to the next tag.
    costly: usize,
}

/// How many such characters may stand in a row: many more in one long text would take time that grows with the square.
const COSTLY: usize = 256;

impl Leaf {
    pub(super) fn new(bidi: Bidi) -> Self {
        Self { html: String::new(), map: SourceMap::default(), length: 0, bidi, costly: 0 }
    }

    /// Text that stands in the source as it is.
    pub(super) fn text(&mut self, source: &Source<'_>, bytes: Range<usize>) {
        let text = source.at(bytes.clone());
        if text.is_empty() {
            return;
        }
        self.map.linear(self.length, source.offset(bytes.start));
        self.push(text);
    }

    /// Text that stands for these bytes of the source as a whole.
    pub(super) fn whole(&mut self, text: &str, source: &Source<'_>, bytes: Range<usize>) {
        if !text.is_empty() {
            self.map.whole(self.length, source.range(bytes));
            self.push(text);
        }
    }

    /// An element that stands for these bytes of the source as a whole; `name` with its other attributes, `inner` is HTML.
    pub(super) fn atom(&mut self, name: &str, attributes: &str, inner: &str, range: &Range<usize>) {
        let (start, end) = (range.start, range.end);
        self.tag(&format!("<{name} data-a=\"{start},{end}\"{attributes}>{inner}</{name}>"));
    }

    /// A tag of ours, which is no text.
    pub(super) fn tag(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn push(&mut self, text: &str) {
        let mut plain = 0;
        for (at, character) in text.char_indices() {
            self.length += 1;
            self.costly += usize::from(matches!(character, '&' | '\u{80}'..='\u{BF}'));
            if self.costly > COSTLY {
                self.costly = 0;
                escape(text.get(plain..at).unwrap_or_default(), &mut self.html);
                self.html.push_str("<span></span>");
                plain = at;
            }
            if self.bidi.holds(character) {
                let end = at + character.len_utf8();
                escape(text.get(plain..at).unwrap_or_default(), &mut self.html);
                self.html.push_str("<span class=\"control\" dir=\"auto\">");
                self.html.push(character);
                self.html.push_str("</span>");
                plain = end;
            }
        }
        escape(text.get(plain..).unwrap_or_default(), &mut self.html);
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.html.len()
    }

    /// The attribute `data-s` with a space before it, empty for a block without text, and the HTML.
    pub(super) fn finish(self) -> (String, String) {
        let map = self.map.write();
        (if map.is_empty() { map } else { format!(" data-s=\"{map}\"") }, self.html)
    }
}
