//! Chemical formulas as `\ce` writes them, readable though not as fine as a package for chemists would set them.

/// Arrows, longest first.
const ARROWS: [(&str, &str); 9] = [
    ("<-->", "\\longleftrightarrow "),
    ("<=>>", "\\rightleftharpoons "),
    ("<<=>", "\\rightleftharpoons "),
    ("<->", "\\leftrightarrow "),
    ("<=>", "\\rightleftharpoons "),
    ("-->", "\\longrightarrow "),
    ("->", "\\longrightarrow "),
    ("<-", "\\longleftarrow "),
    ("=>", "\\Rightarrow "),
];

/// What stands inside `\ce{…}`, as TeX.
pub(super) fn formula(source: &str) -> String {
    let mut tex = String::new();
    let mut rest = source;
    // Behind an element or a bracket digits count atoms and signs are a charge.
    let mut bound = false;
    while let Some(c) = rest.chars().next() {
        if let Some((arrow, sign)) = ARROWS.iter().find(|(arrow, _)| rest.starts_with(arrow)) {
            (rest, bound) = (rest.get(arrow.len()..).unwrap_or_default(), false);
            rest = above(sign, rest, &mut tex);
            continue;
        }
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = after.chars().next();
        let (length, was_bound) = (run(rest, c), std::mem::take(&mut bound));
        let piece = rest.get(..length).unwrap_or_default();
        rest = rest.get(length..).unwrap_or_default();
        match c {
            '0'..='9' if was_bound => {
                tex.push_str(&format!("_{{{piece}}}"));
                bound = true;
            }
            '0'..='9' => tex.push_str(piece),
            '+' | '-' if was_bound && next.is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ']' | '}')) => {
                tex.push_str(&format!("^{{{c}}}"));
                bound = true;
            }
            '^' | '_' if next.is_some_and(|c| !c.is_whitespace()) => {
                let (script, left) = script(rest);
                tex.push_str(&format!("{}{c}{{{script}}}", if was_bound { "" } else { "{}" }));
                (rest, bound) = (left, true);
            }
            '^' => tex.push_str("\\uparrow "),
            'v' if !was_bound && next.is_none_or(char::is_whitespace) => tex.push_str("\\downarrow "),
            '*' | '.' => tex.push_str("\\cdot "),
            '=' => tex.push_str("{=}"),
            '#' => tex.push_str("{\\equiv}"),
            '-' if was_bound => tex.push_str("{-}"),
            ' ' => tex.push_str(if was_bound { "\\;" } else { "" }),
            '$' => {
                let (inner, left) = rest.split_once('$').unwrap_or((rest, ""));
                tex.push_str(inner);
                rest = left;
            }
            '\\' => {
                tex.push('\\');
                tex.push_str(rest.get(..super::name_of(rest).0.len()).unwrap_or_default());
                tex.push(' ');
                rest = super::name_of(rest).1;
            }
            _ if c.is_alphabetic() => {
                tex.push_str(&format!("\\mathrm{{{piece}}}"));
                bound = true;
            }
            _ => {
                tex.push(c);
                bound = matches!(c, ')' | ']' | '}');
            }
        }
    }
    tex
}

/// The length of the number or the element that begins here, or of one character. An element begins with a capital.
fn run(rest: &str, first: char) -> usize {
    let same = |is: fn(char) -> bool| rest.get(first.len_utf8()..).and_then(|more| more.find(|c| !is(c)));
    let all = rest.len() - first.len_utf8();
    first.len_utf8()
        + match first {
            '0'..='9' => same(|c| c.is_ascii_digit() || c == '.').unwrap_or(all),
            _ if first.is_alphabetic() => same(char::is_lowercase).unwrap_or(all),
            _ => 0,
        }
}

/// What stands above or below: in braces, or up to the end of a charge.
fn script(rest: &str) -> (&str, &str) {
    match super::argument(rest) {
        Some(found) if rest.starts_with('{') => found,
        _ => {
            let length =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-'))).unwrap_or(rest.len());
            rest.split_at_checked(length).unwrap_or((rest, ""))
        }
    }
}

/// Writes an arrow with the conditions in square brackets behind it.
fn above<'a>(sign: &str, rest: &'a str, tex: &mut String) -> &'a str {
    let Some((over, rest)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
        tex.push_str(sign);
        return rest;
    };
    tex.push_str(&format!("\\overset{{\\text{{{over}}}}}{{{sign}}}"));
    match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((under, rest)) => {
            tex.push_str(&format!("_{{\\text{{{under}}}}}"));
            rest
        }
        None => rest,
    }
}
