//! A line under way: what was read on the page, and the signs of Markdown put between, told apart until it is written.

use super::escape;

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
    /// The end of a stretch that is marked by so many signs.
    Close(u8),
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

    /// As Markdown, in a cell of a table or elsewhere; words that were typed stand as they are.
    pub(super) fn written(&self, typed: bool, cell: bool) -> String {
        let lines = self.0.split(|letter| letter.c == '\n');
        let mut whole = String::new();
        let marks = escape::Marks::of(&self.0);
        let mut blank = 0;
        for line in lines {
            let line = if typed { line } else { trimmed(line) };
            let words = if typed {
                line.iter().map(|letter| letter.c).collect::<String>().trim_end().to_owned()
            } else {
                escape::line(line, &marks, cell)
            };
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
    let is_word = |letter: &Letter| !letter.c.is_whitespace() || letter.c == '\u{a0}' || letter.kind == Kind::Formula;
    let start = line.iter().position(is_word).unwrap_or(line.len());
    let end = line.iter().rposition(is_word).map_or(start, |at| at + 1);
    line.get(start..end).unwrap_or_default()
}
