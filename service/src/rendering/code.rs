//! Blocks of code: a container with the language, room to scroll, and a place for the button that copies.

use std::ops::Range;

use super::{
    highlight,
    leaf::{Bidi, Leaf, escape},
    source::Source,
};

/// More code than this, in bytes, is left plain.
const LONGEST: usize = 64 * 1024;

/// With a longer line than this, in bytes, code is left plain.
const WIDEST: usize = 2_000;

/// A stretch of code and the bytes of the source it comes from.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) text: String,
    pub(super) bytes: Range<usize>,
    /// Whether the source has the same text there.
    pub(super) same: bool,
}

/// A name of a language as people write it, fit to be shown; empty if there is none.
pub(super) fn language(info: &str) -> String {
    let first = info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
    let fits = |c: &char| c.is_alphanumeric() || matches!(c, '+' | '#' | '-' | '.' | '_');
    first.chars().filter(fits).take(30).collect()
}

/// Code that is a part's whole text.
pub(super) fn whole(source: &Source<'_>, language: &str) -> String {
    let all = Stretch { text: source.text.to_owned(), bytes: 0..source.text.len(), same: true };
    block(source, language, &[all])
}

/// A block of code.
pub(super) fn block(source: &Source<'_>, language: &str, stretches: &[Stretch]) -> String {
    let code: String = stretches.iter().map(|stretch| stretch.text.as_str()).collect();
    let mut leaf = Leaf::new(Bidi::Code);
    let mut writer = Writer { source, stretches, number: 0, within: 0 };
    for (class, length) in tokens(&code, language) {
        match class {
            Some(class) => {
                leaf.tag(&format!("<span class=\"{class}\">"));
                writer.write(length, &mut leaf);
                leaf.tag("</span>");
            }
            None => writer.write(length, &mut leaf),
        }
    }
    let (map, html) = leaf.finish();
    let mut label = String::new();
    escape(language, &mut label);
    let (shown, said) = match label.as_str() {
        "" => (String::new(), "Code".to_owned()),
        name => (format!("<span class=\"code-language\" dir=\"auto\">{name}</span>"), format!("Code, {name}")),
    };
    format!(
        "<div class=\"code\" data-copy=\"\">{shown}<pre tabindex=\"0\" role=\"group\" aria-label=\"{said}\">\
         <code dir=\"ltr\"{map}>{html}</code></pre></div>"
    )
}

/// What each stretch of the code is, with its length in bytes.
fn tokens(code: &str, language: &str) -> Vec<(Option<&'static str>, usize)> {
    if code.len() > LONGEST || code.lines().any(|line| line.len() > WIDEST) {
        return vec![(None, code.len())];
    }
    highlight::tokens(code, language)
}

/// Writes code a token at a time, wherever in the source it stands.
struct Writer<'a, 'b> {
    source: &'a Source<'b>,
    stretches: &'a [Stretch],
    number: usize,
    /// Bytes of the current stretch that are written.
    within: usize,
}

impl Writer<'_, '_> {
    fn write(&mut self, mut length: usize, leaf: &mut Leaf) {
        while length > 0
            && let Some(stretch) = self.stretches.get(self.number)
        {
            let end = stretch.text.len().min(self.within + length);
            if stretch.same {
                leaf.text(self.source, stretch.bytes.start + self.within..stretch.bytes.start + end);
            } else {
                leaf.whole(stretch.text.get(self.within..end).unwrap_or_default(), self.source, stretch.bytes.clone());
            }
            length -= end - self.within;
            self.within = end;
            if end == stretch.text.len() {
                self.number += 1;
                self.within = 0;
            }
        }
    }
}
