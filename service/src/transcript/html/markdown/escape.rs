//! Backslashes before words of a page that Markdown would take for signs.

use super::{
    inline::ticked,
    line::{Kind, Letter},
};

/// The longest name of a character, such as `&CounterClockwiseContourIntegral;`.
const LONGEST_NAME: usize = 33;

/// What a paragraph has so many of that two could be a pair.
pub(super) struct Marks {
    tildes: bool,
    dollars: bool,
}

impl Marks {
    pub(super) fn of(letters: &[Letter], flat: bool) -> Self {
        let text = |wanted: char| letters.iter().filter(|l| l.c == wanted && l.kind == Kind::Text).count();
        // Prices begin with a dollar and never end with one.
        let prices = letters.windows(2).filter(|pair| {
            matches!(pair, [dollar, digit] if dollar.c == '$' && dollar.kind == Kind::Text && digit.c.is_ascii_digit())
        });
        let dollars = text('$');
        // What is in another block on the same line can be the other half.
        let enough = usize::from(!flat);
        Self {
            tildes: letters.iter().filter(|letter| letter.c == '~').count() > enough,
            dollars: dollars > enough && prices.count() < dollars,
        }
    }
}

/// Words that were typed, as they stand.
pub(super) fn typed(letters: &[Letter]) -> String {
    let mut out = String::with_capacity(letters.len());
    let mut last = Kind::Text;
    for (at, letter) in letters.iter().enumerate() {
        match letter.kind {
            Kind::Code if last == Kind::Code => {}
            Kind::Code => out.push_str(&code(letters.get(at..).unwrap_or_default())),
            _ => out.push(letter.c),
        }
        last = letter.kind;
    }
    out
}

/// The code that letters begin with, between backticks; elements of code in a row are one.
fn code(letters: &[Letter]) -> String {
    let code: String = letters.iter().take_while(|letter| letter.kind == Kind::Code).map(|letter| letter.c).collect();
    ticked(&code)
}

/// One line of a paragraph, without spaces at its ends.
pub(super) fn line(letters: &[Letter], marks: &Marks, cell: bool) -> String {
    let first = beginning(letters);
    let mut out = String::with_capacity(letters.len());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(at + 1..).unwrap_or_default();
        match letter.kind {
            Kind::Dollar => out.push_str(dollar(letters, at)),
            Kind::Code if before.is_some_and(|before| before.kind == Kind::Code) => {}
            Kind::Code => {
                let code = code(letters.get(at..).unwrap_or_default());
                out.push_str(&if cell { code.replace('|', "\\|") } else { code });
            }
            Kind::Text if Some(at) == first || is_sign(*letter, before, after, marks) => {
                out.push('\\');
                out.push(letter.c);
            }
            Kind::Text if letter.c == '|' && cell => out.push_str("\\|"),
            _ => out.push(letter.c),
        }
    }
    out
}

/// Would Markdown take the letter for a sign, wherever it stands in its line?
fn is_sign(letter: Letter, before: Option<Letter>, after: &[Letter], marks: &Marks) -> bool {
    let next = after.first();
    let is_word = |side: Option<&Letter>| side.is_some_and(|side| side.c.is_alphanumeric());
    let is_next = |wanted: &str| next.is_some_and(|next| wanted.contains(next.c));
    match letter.c {
        '*' | '`' => true,
        '_' => !(is_word(before.as_ref()) && is_word(next)),
        '~' => marks.tildes,
        '$' => marks.dollars || [before.as_ref(), next].into_iter().flatten().any(|side| side.kind == Kind::Dollar),
        '<' => next.is_some_and(|next| next.c.is_ascii_alphabetic() || "/!?".contains(next.c)),
        '\\' => next.is_none_or(|next| next.c.is_ascii_punctuation() || matches!(next.kind, Kind::Dollar | Kind::Code)),
        '!' => next.is_some_and(|next| next.c == '[' && next.kind == Kind::Sign),
        ']' => is_next("([:"),
        '&' => {
            let name = after
                .iter()
                .take(LONGEST_NAME)
                .position(|letter| !(letter.c.is_ascii_alphanumeric() || letter.c == '#'));
            name.is_some_and(|end| end > 0 && after.get(end).is_some_and(|end| end.c == ';'))
        }
        _ => false,
    }
}

/// The letter that would make something else of the line: a heading, a quote, an item, a rule, a table, a box to tick.
fn beginning(letters: &[Letter]) -> Option<usize> {
    let text = |at: usize| letters.get(at).filter(|letter| letter.kind == Kind::Text).map(|letter| letter.c);
    let ends = |at: usize| letters.get(at).is_none_or(|letter| letter.c.is_whitespace());
    let run = |is: fn(char) -> bool| (0..letters.len()).take_while(|at| text(*at).is_some_and(is)).count();
    if letters.iter().all(|letter| letter.kind == Kind::Text && "-=|: \t".contains(letter.c)) {
        return letters.iter().position(|letter| !letter.c.is_whitespace());
    }
    let digits = run(|c| c.is_ascii_digit());
    match text(0)? {
        '>' => Some(0),
        '#' if run(|c| c == '#') <= 6 && ends(run(|c| c == '#')) => Some(0),
        '-' | '+' if ends(1) => Some(0),
        // Code whose first characters would end the name of a link.
        '[' if letters
            .windows(2)
            .any(|pair| matches!(pair, [end, colon] if end.c == ']' && colon.c == ':' && end.kind == Kind::Code)) =>
        {
            Some(0)
        }
        '[' if text(1).is_some_and(|c| " xX".contains(c)) && text(2) == Some(']') && ends(3) => Some(2),
        _ if (1..=9).contains(&digits) && text(digits).is_some_and(|c| matches!(c, '.' | ')')) && ends(digits + 1) => {
            Some(digits)
        }
        _ => None,
    }
}

/// The mark at one end of a formula in a line. Beside a letter, or with a dollar or a backtick inside, only brackets
/// are read as marks.
fn dollar(letters: &[Letter], at: usize) -> &'static str {
    let is_inside = |letter: &Letter| letter.kind == Kind::Formula;
    let opens = letters.get(at + 1).is_some_and(is_inside)
        && !at.checked_sub(1).and_then(|at| letters.get(at)).is_some_and(is_inside);
    let (start, end) = if opens {
        let length = letters.iter().skip(at + 1).take_while(|letter| is_inside(letter)).count();
        (at, at + 1 + length)
    } else {
        let length = letters.iter().take(at).rev().take_while(|letter| is_inside(letter)).count();
        (at.saturating_sub(length + 1), at)
    };
    let is_plain = |at: Option<usize>| {
        let side = at.and_then(|at| letters.get(at));
        side.is_none_or(|side| !side.c.is_alphanumeric() && side.kind != Kind::Dollar && side.c != '$')
    };
    let inner = letters.get(start + 1..end).unwrap_or_default();
    let fits = !inner.iter().any(|letter| matches!(letter.c, '$' | '`'));
    match (is_plain(start.checked_sub(1)) && is_plain(Some(end + 1)) && fits, opens) {
        (true, _) => "$",
        (false, true) => "\\(",
        (false, false) => "\\)",
    }
}
