//! Emphasis where words stand without spaces between them.
//!
//! CommonMark tells from spaces and punctuation beside a run of `*` whether it opens or closes. In Chinese, Japanese and
//! Korean neither says so: `**注意：**说明` would keep its asterisks. The rule here is that of the amendment that several
//! readers of Markdown took over: CJK punctuation is a letter, and beside a CJK letter other punctuation does not matter.

/// Stands for a letter of three bytes.
const LETTER: char = '中';
/// Stands for punctuation of three bytes.
const SIGN: char = '、';
/// Stands for punctuation of four bytes.
const LONG_SIGN: char = '\u{10100}';

/// Whether a character is of a writing without spaces between words, its punctuation too. Hangul belongs here: its endings
/// follow a quoted or emphasised word without a space.
pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FFF}' | '\u{3001}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF01}'..='\u{FFEE}' | '\u{16FE0}'..='\u{18DFF}' | '\u{1AFF0}'..='\u{1B2FF}' | '\u{20000}'..='\u{3FFFD}')
}

/// What stands beside a run of marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// A CJK character.
    Cjk,
    /// Punctuation of other writings.
    Sign,
    /// A space, a letter, or the end.
    Other,
}

impl Side {
    fn of(c: Option<char>) -> Self {
        match c {
            Some(c) if is_cjk(c) => Self::Cjk,
            Some(c) if !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control() => Self::Sign,
            _ => Self::Other,
        }
    }
}

/// The text with stand-ins beside runs of `*` and `~~`, byte for byte as long, so that a reader of CommonMark takes the
/// runs as they are meant.
pub(super) fn eased(text: String) -> String {
    if text.is_ascii() || !text.contains(['*', '~']) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut runs_in_line = 0_usize;
    // The run before the next character, by what stood before that run.
    let mut after: Option<Side> = None;
    let mut before: Option<char> = None;
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let run = run_of(rest);
        if run > 0 && before != Some('\\') {
            after = Some(Side::of(before));
            runs_in_line += 1;
            out.push_str(rest.get(..run).unwrap_or_default());
            rest = rest.get(run..).unwrap_or_default();
            before = Some(c);
            continue;
        }
        let next = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\n' {
            runs_in_line = 0;
        }
        let until = match run_of(next) {
            0 => None,
            run => Some(Side::of(next.get(run..).and_then(|next| next.chars().next()))),
        };
        out.push(stand_in(c, after, until, runs_in_line));
        (after, before, rest) = (None, Some(c), next);
    }
    out
}

/// The length of the run of marks that a text begins with.
fn run_of(text: &str) -> usize {
    let run = |mark: u8| text.bytes().take_while(|byte| *byte == mark).count();
    match text.bytes().next() {
        Some(b'*') => run(b'*'),
        Some(b'~') => run(b'~'),
        _ => 0,
    }
}

/// What a character beside a run is shown as to the reader: a letter, or punctuation where the other side is punctuation.
fn stand_in(c: char, after: Option<Side>, until: Option<Side>, runs_in_line: usize) -> char {
    if !is_cjk(c) || after.is_none() && until.is_none() {
        return c;
    }
    let sign = match (after, until) {
        // Between two runs both sides want something: the run before it closes if it is the second of its pair.
        (Some(left), Some(right)) if left != right => match runs_in_line % 2 {
            0 => left == Side::Sign || right == Side::Sign,
            _ => left == Side::Sign,
        },
        (left, right) => left == Some(Side::Sign) || right == Some(Side::Sign),
    };
    match (c.len_utf8(), sign) {
        (3, true) => SIGN,
        (3, false) => LETTER,
        (4, true) => LONG_SIGN,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::eased;

    /// The stretches that are bold.
    fn bold(text: &str) -> Vec<String> {
        let hidden = eased(text.to_owned());
        assert_eq!(hidden.len(), text.len(), "{text}");
        let (mut found, mut inside) = (Vec::new(), None);
        for (event, bytes) in Parser::new_ext(&hidden, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
            match event {
                Event::Start(Tag::Strong) => inside = Some((bytes.end - 2, bytes.start + 2)),
                Event::End(TagEnd::Strong) => {
                    let (end, start) = inside.take().unwrap();
                    found.push(text.get(start..end).unwrap().to_owned());
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn emphasis_without_spaces_is_read_as_it_is_meant() {
        for (text, expected) in [
            ("**注意：**这是说明。**“重点”**在后面。", &["注意：", "“重点”"][..]),
            ("これは**「大切」**です。", &["「大切」"]),
            ("이것은 **강조(중요)**입니다.", &["강조(중요)"]),
            ("**\"인용\"**은 **[링크](x)**를", &["\"인용\"", "[링크](x)"]),
            ("**（一）**和**(b)**。", &["（一）", "(b)"]),
            ("**(a)**入**(b)**", &["(a)", "(b)"]),
            ("第a**入**(b)", &["入"]),
            ("**b**入**(a)**", &["b", "(a)"]),
            ("使用**`code`**函数，**50%**的", &["`code`", "50%"]),
            ("価格は**¥1,000（税込）**です", &["¥1,000（税込）"]),
            ("𠮷**(𠮷)**𠮷", &["(𠮷)"]),
            ("**重要！** 次", &["重要！"]),
            ("2 * 3 ** 4 中 ** 文", &[]),
            ("plain **bold:** text", &["bold:"]),
            ("a**b:**c", &[]),
        ] {
            assert_eq!(bold(text), expected, "{text}");
        }
    }
}
