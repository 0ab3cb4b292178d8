//! What stands inside a line: emphasis, links, code, what stands above and below.

use super::{
    Flow, Writer, fence,
    line::{Kind, Letter, Line},
};

/// Nodes that are looked at for the next letter.
const NEAR: usize = 24;

/// Characters, and what they are above the line.
const ABOVE: (&str, &str) = ("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ");
/// Characters, and what they are below the line.
const BELOW: (&str, &str) = ("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");
/// Endings of ordinal numbers, which read the same on the line.
const ORDINALS: [&str; 10] = ["st", "nd", "rd", "th", "e", "er", "re", "ème", "o", "a"];

impl Writer<'_> {
    /// The words below an element between marks; as they are where marks would not be read.
    pub(super) fn marked(&mut self, id: usize, mark: &'static str, flow: &mut Flow, pre: bool) {
        let next = self.next;
        // Marks of three elements in a row would not be told apart.
        let touches = flow.touches && flow.line.0.is_empty();
        let nested = self.plain || touches || self.marks.contains(&mark);
        if !nested {
            self.marks.push(mark);
        }
        let inner = self.within(id, pre, flow);
        if nested {
            return self.merge(flow, inner);
        }
        self.marks.pop();
        let words = inner.line.words();
        // Signs alone, with others beside them, would be taken for marks.
        let is_beside = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let signs = !words.contains(char::is_alphanumeric) && (is_beside(flow.last()) || is_beside(next));
        if signs || words.trim().is_empty() || !inner.blocks.is_empty() || words.trim().contains("\n\n") {
            return self.merge(flow, inner);
        }
        let (mut before, mut words, mut after) = inner.line.parted();
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_cjk(c));
        let beside = before.0.is_empty().then(|| flow.last()).flatten();
        if is_letter(beside) {
            let out = words.0.iter().take_while(|letter| is_loose(letter)).count();
            before.0.extend(words.0.drain(..out));
        }
        if after.0.is_empty() && is_letter(next) {
            let out = words.0.iter().rev().take_while(|letter| is_loose(letter)).count();
            after.0 = words.0.split_off(words.0.len() - out);
        }
        // A sign that cannot be moved, such as that of code, with a letter beside it.
        let is_tight = |letter: Option<&Letter>| {
            letter.is_some_and(|letter| letter.kind == Kind::Code || !letter.c.is_alphanumeric())
        };
        let stuck = before.0.is_empty() && is_letter(beside) && is_tight(words.0.first())
            || after.0.is_empty() && is_letter(next) && is_tight(words.0.last());
        if words.0.is_empty() || stuck {
            before.0.append(&mut words.0);
            before.0.append(&mut after.0);
            return self.merge(flow, Flow { line: before, ..Flow::default() });
        }
        self.put(mark, [before, words, after], flow);
    }

    /// Adds marked words; what is marked so already and ends here goes on.
    fn put(&mut self, mark: &'static str, [before, words, after]: [Line; 3], flow: &mut Flow) {
        let close = Kind::Close(u8::try_from(mark.len()).unwrap_or_default());
        let length = flow.line.0.len();
        let goes_on = before.0.is_empty()
            && flow.line.0.last().is_some_and(|last| last.kind == close && mark.starts_with(last.c));
        flow.line.append(before);
        if goes_on {
            flow.line.0.truncate(length.saturating_sub(mark.len()));
        } else {
            flow.line.signs(mark, Kind::Open);
        }
        flow.line.0.extend(words.0);
        flow.line.signs(mark, close);
        flow.line.0.extend(after.0);
    }

    pub(super) fn link(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        let to = self.dom.attribute(id, "href").trim().to_owned();
        // A link within another has no address of its own in Markdown.
        let outermost = !self.marks.contains(&"[");
        let known = outermost && ["http://", "https://", "mailto:"].iter().any(|scheme| to.starts_with(scheme));
        if known {
            self.marks.push("[");
        }
        let inner = self.within(id, pre, flow);
        if known {
            self.marks.pop();
        }
        let (before, words, after) = inner.line.clone().parted();
        if self.plain || !known || words.0.is_empty() && inner.blocks.is_empty() {
            return self.merge(flow, inner);
        }
        let address = address(&to);
        if !inner.blocks.is_empty() {
            // A card: its address stands below it.
            self.merge(flow, inner);
            return self.block(flow, format!("<{address}>"), false);
        }
        let words = words.on_one_line();
        let mut line = before;
        if words.words() == to {
            let (open, close) = if self.typed { ("", "") } else { ("<", ">") };
            line.signs(&format!("{open}{}{close}", if self.typed { &to } else { &address }), Kind::Sign);
        } else {
            line.signs("[", Kind::Sign);
            line.0.extend(bracketed(words).0);
            line.signs(&format!("]({address})"), Kind::Sign);
        }
        line.0.extend(after.0);
        self.merge(flow, Flow { line, ..Flow::default() });
    }

    pub(super) fn code(&self, id: usize, flow: &mut Flow) {
        let code = self.dom.words(id).replace('\n', " ");
        flow.line.signs(&code, if code.trim().is_empty() { Kind::Text } else { Kind::Code });
    }

    /// What stands above or below the line: as characters that stand there by themselves, or behind a sign.
    pub(super) fn raised(&mut self, id: usize, above: bool, flow: &mut Flow) {
        let inner = self.within(id, false, flow);
        let (before, words, after) = inner.line.clone().parted();
        let text = words.words();
        if self.plain && text.is_empty() || !inner.blocks.is_empty() || !words.is_text() || text.contains('\n') {
            return self.merge(flow, inner);
        }
        let (from, to) = if above { ABOVE } else { BELOW };
        let sign = |c: char| from.chars().zip(to.chars()).find(|(plain, _)| *plain == c).map(|(_, raised)| raised);
        let raised: Option<String> = text.chars().map(sign).collect();
        let shown = match raised {
            Some(raised) => raised,
            None if above && ORDINALS.contains(&text.as_str()) => text,
            None if text.chars().all(char::is_alphanumeric) => format!("{}{text}", if above { '^' } else { '_' }),
            None => format!("{}({text})", if above { '^' } else { '_' }),
        };
        let mut line = before;
        shown.chars().for_each(|c| line.text(c));
        line.0.extend(after.0);
        self.merge(flow, Flow { line, ..Flow::default() });
    }

    /// The letter that follows an element among its siblings.
    pub(super) fn letter_of(&self, id: usize) -> Option<char> {
        let mut near = self.dom.walk(id, |_| false).take(NEAR);
        near.find_map(|at| if self.dom.name(at) == "br" { Some('\n') } else { self.dom.text(at).chars().next() })
    }
}

/// Punctuation of the page, which may stand outside of marks as well as inside.
fn is_loose(letter: &Letter) -> bool {
    letter.kind == Kind::Text && !letter.c.is_alphanumeric() && !is_cjk(letter.c)
}

/// Whether marks beside a character are read as they are meant whatever stands on their other side.
fn is_cjk(c: char) -> bool {
    crate::rendering::is_cjk(c)
}

/// An address that can stand between round and between angle brackets.
fn address(to: &str) -> String {
    let (mut open, mut balanced) = (0_usize, true);
    for c in to.chars() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => balanced = false,
            ')' => open -= 1,
            _ => {}
        }
    }
    balanced &= open == 0 && !to.contains("((((");
    let mut address = String::new();
    let mut rest = to.chars();
    while let Some(c) = rest.next() {
        match c {
            '(' | ')' if balanced => address.push(c),
            ' ' | '(' | ')' | '<' | '>' | '\\' | '`' | '$' | '|' | '"' => {
                address.push_str(&format!("%{:02X}", u32::from(c)));
            }
            '&' if rest.as_str().split_once(';').is_some_and(|(name, _)| name.chars().all(char::is_alphanumeric)) => {
                address.push_str("&amp;");
            }
            c if c.is_whitespace() || c.is_control() => {}
            c => address.push(c),
        }
    }
    address
}

/// The words of a link, in which brackets that are no pairs would end it.
fn bracketed(words: Line) -> Line {
    let (mut open, mut pairs) = (0_usize, true);
    for letter in words.0.iter().filter(|letter| letter.kind == Kind::Text) {
        match letter.c {
            '[' => open += 1,
            ']' if open == 0 => pairs = false,
            ']' => open -= 1,
            _ => {}
        }
    }
    pairs &= open == 0 && !words.words().contains("](");
    let mut line = Line::default();
    for letter in words.0 {
        match letter.c {
            '[' if letter.kind == Kind::Text && !pairs => line.signs("&#91;", Kind::Sign),
            ']' if letter.kind == Kind::Text && !pairs => line.signs("&#93;", Kind::Sign),
            '[' | ']' if letter.kind == Kind::Text => line.0.push(Letter { kind: Kind::Sign, ..letter }),
            _ => line.0.push(letter),
        }
    }
    line
}

/// Code between backticks.
pub(super) fn ticked(code: &str) -> String {
    let ticks = if code.contains('`') { fence(code, 1) } else { "`".to_owned() };
    let edge = |c: char| code.starts_with(c) && code.ends_with(c);
    let space = if code.starts_with('`') || code.ends_with('`') || edge(' ') { " " } else { "" };
    format!("{ticks}{space}{code}{space}{ticks}")
}
