//! Colours for code: a reader of comments, strings, numbers and words, in one pass over the text.
//!
//! Grammars made of regular expressions can be brought to a standstill by the code they read, and this code comes from
//! anybody. This knows less, is linear whatever it reads, and is right about what the eye looks for.

mod language;

use language::{Language, NAMES};

/// A comment.
const COMMENT: &str = "hl-c";
/// Text between quotation marks.
const STRING: &str = "hl-s";
/// A number.
const NUMBER: &str = "hl-n";
/// A word of the language.
const KEYWORD: &str = "hl-k";
/// What is called.
const FUNCTION: &str = "hl-f";
/// A type, or a tag.
const TYPE: &str = "hl-t";
/// A key, an attribute, a variable with a mark.
const PROPERTY: &str = "hl-p";

/// What each stretch of the code is, with its length in bytes; the lengths add up to the code's.
pub(super) fn tokens(code: &str, language: &str) -> Vec<(Option<&'static str>, usize)> {
    let name = language.to_ascii_lowercase();
    let Some((_, language)) = NAMES.iter().find(|(names, _)| names.contains(&name.as_str())) else {
        return vec![(None, code.len())];
    };
    let mut reader = Reader { code, at: 0, language, tokens: Vec::new(), line_start: true };
    while reader.at < code.len() {
        reader.step();
    }
    reader.tokens
}

struct Reader<'a> {
    code: &'a str,
    at: usize,
    language: &'a Language,
    tokens: Vec<(Option<&'static str>, usize)>,
    line_start: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.code.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let starts = |marks: &[&str]| marks.iter().any(|mark| rest.starts_with(mark));
        let block = self.language.blocks.iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = block {
            let end = rest.get(open.len()..).and_then(|inner| inner.find(close));
            self.push(Some(COMMENT), end.map_or(rest.len(), |end| open.len() + end + close.len()));
        } else if self.language.diff && self.line_start {
            self.diff_line(rest);
        } else if starts(self.language.comments) && self.comment_may_begin() {
            self.push(Some(COMMENT), line_of(rest));
        } else if let Some(mark) = self.language.strings.iter().find(|mark| rest.starts_with(**mark)) {
            self.string(mark);
        } else if first.is_ascii_digit() {
            let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
            self.push(Some(NUMBER), rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        } else if first.is_alphabetic() || first == '_' || self.language.sigils.contains(first) {
            self.word(first);
        } else if self.language.markup && first == '<' {
            let name = rest.find(|c: char| !(c.is_alphanumeric() || "</!?-:_".contains(c)));
            self.push(Some(TYPE), name.unwrap_or(rest.len()).max(1));
        } else {
            self.push(None, first.len_utf8());
        }
    }

    /// A mark such as `#` begins a comment only where a word may begin.
    fn comment_may_begin(&self) -> bool {
        let before = self.code.get(..self.at).and_then(|code| code.chars().next_back());
        !self.rest().starts_with('#') || before.is_none_or(|c| c.is_whitespace() || c == ';' || c == ')' || c == ',')
    }

    fn diff_line(&mut self, rest: &str) {
        let class = match rest.bytes().next() {
            Some(b'+') => Some(STRING),
            Some(b'-') => Some(KEYWORD),
            Some(b'@') => Some(FUNCTION),
            _ => None,
        };
        self.push(class, line_of(rest).max(1));
    }

    /// Text between marks; between single marks it ends with its line.
    fn string(&mut self, mark: &str) {
        let rest = self.rest();
        let many_lines = mark.len() > 1 || mark == "`";
        let mut escaped = false;
        let mut end = rest.len();
        let inner = rest.get(mark.len()..).unwrap_or_default();
        for (at, c) in inner.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' && self.language.escapes {
                escaped = true;
            } else if c == '\n' && !many_lines {
                end = mark.len() + at;
                break;
            } else if inner.get(at..).is_some_and(|left| left.starts_with(mark)) {
                end = mark.len() + at + mark.len();
                break;
            }
        }
        let text = rest.get(..end).unwrap_or_default();
        let next = rest.get(end..).unwrap_or_default().trim_start_matches([' ', '\t']).chars().next();
        let is_key = self.language.keys && next == Some(':');
        // A lone apostrophe is a lifetime, a transposition, or one in prose.
        let closed = text.len() >= 2 * mark.len() && text.ends_with(mark);
        match (mark, closed) {
            ("'", false) => self.push(None, 1),
            _ => self.push(Some(if is_key { PROPERTY } else { STRING }), end),
        }
    }

    fn word(&mut self, first: char) {
        let rest = self.rest();
        let is_more = |c: char| c.is_alphanumeric() || c == '_' || self.language.words.contains(c);
        let from = first.len_utf8();
        let more = rest.get(from..).unwrap_or_default();
        let end = from + more.find(|c| !is_more(c)).unwrap_or(more.len());
        let word = rest.get(..end).unwrap_or_default();
        let mut after = rest.get(end..).unwrap_or_default().chars();
        let next = after.next();
        let is_keyword = |word: &str| self.language.keywords.split(' ').any(|keyword| keyword == word);
        let known = if self.language.any_case { is_keyword(&word.to_ascii_lowercase()) } else { is_keyword(word) };
        let class = if known {
            Some(KEYWORD)
        } else if self.language.sigils.contains(first)
            || self.language.keys && matches!(next, Some(':' | '=')) && after.next() != Some('=')
        {
            Some(PROPERTY)
        } else if next == Some('(') && self.language.calls {
            Some(FUNCTION)
        } else if first.is_uppercase() && self.language.calls {
            Some(TYPE)
        } else {
            None
        };
        self.push(class, end);
    }

    fn push(&mut self, class: Option<&'static str>, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        self.line_start = text.ends_with('\n');
        self.at += length;
        match self.tokens.last_mut() {
            Some((last, sum)) if *last == class => *sum += length,
            _ => self.tokens.push((class, length)),
        }
    }
}

/// The length of a line without its end.
fn line_of(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}
