//! A line under way: what was read on the page, and the signs of Markdown put between, told apart until it is written.

use super::escape;
use crate::rendering::marked;

/// One character of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) c: char,
    pub(super) kind: Kind,
}

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of the page.
    Text,
    /// A sign of Markdown, or what stands as it is: an address, code.
    Sign,
    /// The beginning of a stretch that is marked.
    Open,
    /// The end of a stretch that is marked by so many signs.
    Close(u8),
    /// Code, which is written between backticks.
    Code,
    /// The TeX of a formula.
    Formula,
    /// Where a formula begins and ends.
    Dollar,
}

/// Characters of a paragraph, a heading or a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(pub(super) Vec<Letter>);

impl Line {
    pub(super) fn text(&mut self, c: char) {
        self.0.push(Letter { c, kind: Kind::Text });
    }

    /// Adds characters that are no words of the page.
    pub(super) fn signs(&mut self, signs: &str, kind: Kind) {
        self.0.extend(signs.chars().map(|c| Letter { c, kind }));
    }

    pub(super) fn last(&self) -> Option<char> {
        self.0.last().map(|letter| letter.c)
    }

    /// Whether a space here would stand at the beginning, or beside another.
    pub(super) fn has_gap(&self) -> bool {
        self.last().is_none_or(|c| matches!(c, ' ' | '\n'))
    }

    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().all(|letter| letter.c.is_whitespace())
    }

    /// Whether it is words alone.
    pub(super) fn is_text(&self) -> bool {
        self.0.iter().all(|letter| letter.kind == Kind::Text)
    }

    /// The characters as they are.
    pub(super) fn words(&self) -> String {
        self.0.iter().map(|letter| letter.c).collect()
    }

    /// The spaces at the beginning, what is between, the spaces at the end.
    pub(super) fn parted(mut self) -> (Self, Self, Self) {
        let is_space = |letter: &Letter| matches!(letter.c, ' ' | '\n') && letter.kind == Kind::Text;
        let end = self.0.iter().rposition(|letter| !is_space(letter)).map_or(0, |at| at + 1);
        let after = self.0.split_off(end);
        let start = self.0.iter().position(|letter| !is_space(letter)).unwrap_or(end);
        let words = self.0.split_off(start);
        (self, Self(words), Self(after))
    }

    /// Adds another line, without a second space where they meet.
    pub(super) fn append(&mut self, other: Self) {
        let skipped = if self.has_gap() { other.0.iter().take_while(|letter| letter.c == ' ').count() } else { 0 };
        self.0.extend(other.0.into_iter().skip(skipped));
    }

    /// The line with spaces for line ends.
    pub(super) fn on_one_line(mut self) -> Self {
        for letter in &mut self.0 {
            if letter.c == '\n' {
                letter.c = ' ';
            }
        }
        self.0.dedup_by(|next, last| next.c == ' ' && last.c == ' ' && next.kind == Kind::Text);
        self
    }

    /// As Markdown, in a cell of a table or elsewhere, perhaps with others on one line; words that were typed stand as
    /// they are.
    pub(super) fn written(&self, typed: bool, cell: bool, flat: bool) -> String {
        let whole = self.composed(typed, cell, flat);
        if typed || self.marks() == 0 {
            return whole;
        }
        // Marks that would be read otherwise than they are meant are worth less than the words.
        let words = self.0.iter().filter(|letter| !matches!(letter.kind, Kind::Open | Kind::Close(_)));
        let unmarked = Self(words.copied().collect());
        let read = |line: &Self| marked(&line.without_formulas().composed(typed, cell, flat));
        let ((count, said), (none, meant)) = (read(self), read(&unmarked));
        // What stands in for CJK letters depends on the marks beside them.
        let fits = count == self.marks() && none == 0 && said.chars().count() == meant.chars().count();
        if fits { whole } else { unmarked.composed(typed, cell, flat) }
    }

    /// How many stretches are marked.
    fn marks(&self) -> usize {
        let ends = |length| self.0.iter().filter(|letter| letter.kind == Kind::Close(length)).count();
        ends(1) + ends(2) / 2
    }

    /// The line with letters for formulas, whose signs mean nothing to a reader of Markdown.
    fn without_formulas(&self) -> Self {
        let plain = |letter: &Letter| match letter.kind {
            Kind::Formula => Letter { c: 'x', kind: Kind::Text },
            Kind::Dollar => Letter { c: ',', kind: Kind::Text },
            _ => *letter,
        };
        Self(self.0.iter().map(plain).collect())
    }

    fn composed(&self, typed: bool, cell: bool, flat: bool) -> String {
        let lines = self.0.split(|letter| letter.c == '\n');
        let mut whole = String::new();
        let marks = escape::Marks::of(&self.0, flat);
        let mut blank = 0;
        for line in lines {
            let line = if typed { line } else { trimmed(line) };
            let words =
                if typed { escape::typed(line).trim_end().to_owned() } else { escape::line(line, &marks, cell) };
            if words.trim().is_empty() {
                blank += 1;
                continue;
            }
            let end = match (whole.is_empty(), typed, cell) {
                (true, ..) => String::new(),
                (_, true, _) => "\n".repeat(blank + 1),
                (.., true) => "<br>".to_owned(),
                // Two line ends part paragraphs; a single one is shown as one.
                _ if blank > 0 => "\n\n".to_owned(),
                _ => "  \n".to_owned(),
            };
            blank = 0;
            whole.push_str(&end);
            whole.push_str(&words);
        }
        whole
    }
}

fn trimmed(line: &[Letter]) -> &[Letter] {
    let is_word = |letter: &Letter| {
        !letter.c.is_whitespace() || letter.c == '\u{a0}' || matches!(letter.kind, Kind::Formula | Kind::Code)
    };
    let start = line.iter().position(is_word).unwrap_or(line.len());
    let end = line.iter().rposition(is_word).map_or(start, |at| at + 1);
    line.get(start..end).unwrap_or_default()
}
