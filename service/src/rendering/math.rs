//! Finding formulas in Markdown: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`.
//!
//! They are found before Markdown is read and hidden from it, byte for byte, so that neither `_` nor `|` nor a line that
//! begins with `-` inside a formula means anything, and every offset stays.

use std::ops::Range;

use super::cjk;

/// The longest formula, in bytes.
const LONGEST: usize = 4_000;

/// One formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Formula {
    /// With its marks.
    pub(super) bytes: Range<usize>,
    /// Without them.
    pub(super) inner: Range<usize>,
    /// In a line of its own.
    pub(super) display: bool,
}

/// The formulas of a text, in order, none inside another. Some may turn out to stand in code: that only Markdown knows.
pub(super) fn find(text: &str) -> Vec<Formula> {
    if !text.contains('$') && !text.contains("\\(") && !text.contains("\\[") {
        return Vec::new();
    }
    let mut finder = Finder::new(text);
    while finder.at < text.len() {
        finder.step();
    }
    finder.found
}

/// The text with the formulas hidden: a comma at both ends, which is punctuation as the marks are, letters between.
pub(super) fn hide(text: &str, formulas: &[Formula]) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut from = 0;
    for formula in formulas {
        hidden.push_str(text.get(from..formula.bytes.start).unwrap_or_default());
        let all = text.get(formula.bytes.clone()).unwrap_or_default();
        let last = all.len().saturating_sub(1);
        // Whether nothing but spaces and quote marks stands between the last line end and the next byte.
        let mut before_line = false;
        for (at, byte) in all.bytes().enumerate() {
            let is_before = before_line && matches!(byte, b' ' | b'\t' | b'>');
            before_line = is_before || byte == b'\n';
            hidden.push(match byte {
                b'\n' | b'\r' => char::from(byte),
                // What stands before a line belongs to the quote or the list around it.
                _ if is_before => char::from(byte),
                _ if at == 0 || at == last => ',',
                _ => 'x',
            });
        }
        from = formula.bytes.end;
    }
    hidden.push_str(text.get(from..).unwrap_or_default());
    hidden
}

struct Finder<'a> {
    text: &'a str,
    at: usize,
    line_start: bool,
    found: Vec<Formula>,
    /// Where the block that holds `at` ends.
    block_end: usize,
    /// Lengths of backtick runs that have no counterpart up to the byte.
    no_run: Vec<(usize, usize)>,
    /// Where the next of each closing mark stands.
    closing: [(&'static str, usize); 3],
}

impl<'a> Finder<'a> {
    fn new(text: &'a str) -> Self {
        let closing = [("\\)", 0), ("\\]", 0), ("$$", 0)];
        Self { text, at: 0, line_start: true, found: Vec::new(), block_end: 0, no_run: Vec::new(), closing }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        if self.line_start && self.fence() {
            return;
        }
        self.line_start = false;
        let mut next = self.rest().bytes();
        match (next.next(), next.next()) {
            (Some(b'\n'), _) => {
                self.line_start = true;
                self.at += 1;
            }
            (Some(b'`'), _) => self.code(),
            (Some(b'\\'), Some(b'(')) => self.marked("\\)", false),
            (Some(b'\\'), Some(b'[')) => self.marked("\\]", true),
            (Some(b'\\'), Some(next)) if next.is_ascii() && next != b'\n' => self.at += 2,
            (Some(b'$'), Some(b'$')) => self.marked("$$", true),
            (Some(b'$'), _) => self.dollar(),
            _ => self.at += 1,
        }
    }

    /// Goes over a fenced block of code that begins in this line.
    fn fence(&mut self) -> bool {
        let mut lines = self.rest().split_inclusive('\n');
        let Some((first, (mark, run))) = lines.next().and_then(|line| Some((line, fence_of(line)?))) else {
            return false;
        };
        self.at += first.len();
        for line in lines {
            self.at += line.len();
            let closes = fence_of(line).is_some_and(|(other, length)| other == mark && length >= run);
            if closes && line.trim_end().ends_with(mark) {
                break;
            }
        }
        true
    }

    /// Goes over code between backticks.
    fn code(&mut self) {
        let run = self.rest().bytes().take_while(|byte| *byte == b'`').count();
        let from = self.at + run;
        self.at = from;
        if self.no_run.iter().any(|(length, until)| *length == run && from <= *until) {
            return;
        }
        if from > self.block_end {
            self.block_end = self.rest().find("\n\n").map_or(self.text.len(), |end| from + end);
        }
        let block = self.text.get(from..self.block_end).unwrap_or_default();
        let mut next = 0;
        while let Some(start) = block.get(next..).and_then(|left| left.find('`')).map(|found| next + found) {
            let length = block.bytes().skip(start).take_while(|byte| *byte == b'`').count();
            next = start + length;
            if length == run {
                self.at = from + next;
                return;
            }
        }
        self.no_run.retain(|(length, _)| *length != run);
        self.no_run.push((run, self.block_end));
    }

    /// Where the next mark of this kind stands, from `from` on; each is looked for once.
    fn next_closing(&mut self, mark: &str, from: usize) -> Option<usize> {
        let text = self.text;
        let (_, next) = self.closing.iter_mut().find(|(other, _)| *other == mark)?;
        if *next < from {
            *next = text.get(from..).and_then(|rest| rest.find(mark)).map_or(usize::MAX, |found| from + found);
        }
        (*next != usize::MAX).then_some(*next)
    }

    /// A formula between marks of their own.
    fn marked(&mut self, close: &str, display: bool) {
        let start = self.at;
        let inner = start + 2;
        self.at = inner;
        let Some(end) = self.next_closing(close, inner).filter(|end| end - inner <= LONGEST) else {
            return;
        };
        let content = self.text.get(inner..end).unwrap_or_default();
        if content.contains("\n\n") {
            return;
        }
        self.at = end + 2;
        let lines = content.contains('\n') || self.alone(start, end + 2);
        let escaped = close != "$$" && !lines && (is_words(content) || display && is_number(content));
        if !content.trim().is_empty() && !escaped {
            self.found.push(Formula { bytes: start..end + 2, inner: inner..end, display });
        }
    }

    /// Whether nothing else stands in the line, as far as a few spaces around tell.
    fn alone(&self, start: usize, end: usize) -> bool {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'>');
        let bytes = self.text.as_bytes();
        let mut before = bytes.get(..start).unwrap_or_default().iter().rev().take(64).skip_while(|byte| blank(byte));
        let mut after = bytes.get(end..).unwrap_or_default().iter().take(64).skip_while(|byte| blank(byte));
        let ends = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        ends(before.next()) && ends(after.next())
    }

    /// A formula between single dollars, in one line; money is none.
    fn dollar(&mut self) {
        let start = self.at;
        self.at += 1;
        let before = self.text.get(..start).and_then(|text| text.chars().next_back());
        let line = self.rest().get(..floor(self.rest(), LONGEST)).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let Some(length) = unescaped_dollar(line) else {
            return;
        };
        let content = line.get(..length).unwrap_or_default();
        let after = line.get(length + 1..).and_then(|text| text.chars().next());
        // Chinese, Japanese and Korean are written without spaces around a formula.
        let is_edge = |c: Option<char>| c.is_none_or(|c| cjk::is_cjk(c) || !c.is_alphanumeric() && c != '$');
        let tight = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let closed = tight(content.chars().next()) && tight(content.chars().next_back());
        if closed && is_edge(before) && is_edge(after) && !is_words(content) && !content.contains('`') {
            let inner = self.at..self.at + length;
            self.at = inner.end + 1;
            self.found.push(Formula { bytes: start..self.at, inner, display: false });
        }
    }
}

/// The largest cut at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Where the next dollar without a backslash before it stands.
fn unescaped_dollar(line: &str) -> Option<usize> {
    let mut escaped = false;
    line.bytes().position(|byte| {
        let here = byte == b'$' && !escaped;
        escaped = byte == b'\\' && !escaped;
        here
    })
}

/// The mark a line of code fences begins with, and how often it stands there.
pub(super) fn fence_of(line: &str) -> Option<(char, usize)> {
    let before = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '\t' | '>' | '-' | '*' | '+' | '.' | ')');
    let line = line.trim_start_matches(before);
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let run = line.chars().take_while(|c| *c == mark).count();
    let names = line.trim_start_matches(mark);
    (run >= 3 && (mark == '~' || !names.contains('`'))).then_some((mark, run))
}

/// Words rather than a formula: prose with escaped brackets, or what stands between two prices.
fn is_words(content: &str) -> bool {
    let has_sign = content.contains(['\\', '^', '_', '=', '{', '}', '<', '>', '+', '*', '|']);
    let is_word = |word: &str| word.chars().count() >= 3;
    !has_sign && (content.chars().any(cjk::is_cjk) || content.split(|c: char| !c.is_alphabetic()).any(is_word))
}

/// A number alone, as notes are numbered.
fn is_number(content: &str) -> bool {
    content.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | '-' | '–'))
}
