//! From a formula to MathML of a fixed list of elements.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

use math_core::{LatexError, LatexToMathML, MathCoreConfig, MathDisplay};

use super::tex;

/// The longest MathML of one formula, for each byte of its source, in bytes.
const WIDEST: usize = 200;

/// How many places of one formula may be mended.
const MENDS: usize = 8;

/// How deep a formula may be nested, as far as braces and commands without them can tell.
const DEEPEST: usize = 60;

const ELEMENTS: [&str; 25] = [
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

const ATTRIBUTES: [&str; 24] = [
    "accent",
    "accentunder",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowspan",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "width",
];

/// What the library puts inside words, which is HTML, and the class that the words get instead.
const STYLES: [(&str, &str); 7] =
    [("b", "bold"), ("i", "italic"), ("em", "italic"), ("code", "mono"), ("s", "struck"), ("u", "lined"), ("span", "")];

/// Classes that stay.
const CLASSES: [&str; 3] = ["boxed", "menclose-updiagonalstrike", "menclose-downdiagonalstrike"];

/// Makes MathML.
pub(super) struct Converter(Option<LatexToMathML>);

impl Converter {
    pub(super) fn new() -> Self {
        let config = MathCoreConfig { ignore_unknown_commands: true, ..MathCoreConfig::default() };
        Self(LatexToMathML::new(config).ok())
    }

    /// The formula as MathML; none if it cannot be read. A command that nobody knows is shown by its name.
    pub(super) fn convert(&self, formula: &str, display: bool) -> Option<String> {
        if is_deep(formula) {
            return None;
        }
        let mut tex = tex::rewritten(formula).filter(|tex| !is_deep(tex))?;
        for _ in 0..=MENDS {
            match self.read(&tex, display)? {
                Ok(mathml) if mathml.len() > 1_000 + formula.len() * WIDEST => return None,
                Ok(mathml) => return only_listed(&mathml),
                Err(error) => tex = mended(&tex, error.0)?,
            }
        }
        None
    }

    /// A formula that the library stumbles over is shown as its source; it must not cost the whole page.
    fn read(&self, tex: &str, display: bool) -> Option<Result<String, LatexError>> {
        let converter = self.0.as_ref()?;
        let display = if display { MathDisplay::Block } else { MathDisplay::Inline };
        let read = || converter.convert_with_local_state(tex, display);
        let result = catch_unwind(AssertUnwindSafe(read)).ok()?;
        Some(result.map(|read| read.mathml).map_err(|error| *error))
    }
}

/// The formula with what cannot stand in one place shown as text, or left out where it says nothing by itself; none if
/// its braces or environments do not match.
fn mended(tex: &str, at: Range<usize>) -> Option<String> {
    let (before, wrong, after) = (tex.get(..at.start)?, tex.get(at.clone())?, tex.get(at.end..)?);
    let instead = match wrong.trim() {
        "" | "{" | "}" | "\\left" | "\\right" => return None,
        wrong if wrong.starts_with("\\begin") || wrong.starts_with("\\end") => return None,
        "^" => "{}^".to_owned(),
        "_" => "{}_".to_owned(),
        "\\limits" | "\\nolimits" | "\\displaylimits" | "\\hline" | "\\hdashline" | "\\notag" | "\\nonumber" => {
            " ".to_owned()
        }
        "&" => "\\quad ".to_owned(),
        wrong => match wrong.strip_prefix('\\') {
            Some(name) if name.chars().all(|c| c.is_ascii_alphabetic()) => format!("\\text{{\\textbackslash {name}}}"),
            Some(_) => return None,
            None if wrong.contains(['{', '}', '$', '%', '#', '&', '_', '^', '~', '\\']) => return None,
            None => format!("\\text{{{wrong}}}"),
        },
    };
    Some(format!("{before}{instead}{after}"))
}

/// Whether a formula may be nested so deep that reading it takes a deep stack.
fn is_deep(formula: &str) -> bool {
    let (mut open, mut run) = (0_usize, 0_usize);
    let mut bytes = formula.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b'\\' => {
                run += 1;
                while bytes.next_if(u8::is_ascii_alphabetic).is_some() {}
            }
            b'^' | b'_' => run += 1,
            b' ' => {}
            // Something that a command can take: it does not wait for more.
            _ => run = 0,
        }
        if open + run > DEEPEST {
            return true;
        }
    }
    false
}

/// The same MathML without attributes that are not listed; none if an element is not.
fn only_listed(mathml: &str) -> Option<String> {
    let mathml = mathml
        .replace(&format!("<mtext>{}</mtext>", tex::BOX), "<mrow class=\"boxed\">")
        .replace(&format!("<mtext>{}</mtext>", tex::BOX_END), "</mrow>");
    let mut safe = String::with_capacity(mathml.len());
    let mut rest = mathml.as_str();
    while let Some((text, from)) = rest.split_once('<') {
        safe.push_str(text_of(text)?);
        let (tag, after) = from.split_once('>')?;
        rest = after;
        let (closing, tag) = tag.strip_prefix('/').map_or(("", tag), |tag| ("/", tag));
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, ""), |tag| (tag, "/"));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if let Some((_, class)) = STYLES.iter().find(|(style, _)| *style == name) {
            if closing.is_empty() {
                restyle(&mut safe, class);
            }
            continue;
        }
        // The name of a command that nobody knows.
        let name = if name == "merror" { "mrow" } else { name };
        if !ELEMENTS.contains(&name) {
            return None;
        }
        safe.push('<');
        safe.push_str(closing);
        safe.push_str(name);
        push_attributes(attributes, &mut safe)?;
        safe.push_str(empty);
        safe.push('>');
    }
    safe.push_str(text_of(rest)?);
    Some(safe)
}

/// Gives the element whose start tag was just written a class more.
fn restyle(safe: &mut String, class: &str) {
    let has_class = safe.ends_with("\">");
    safe.truncate(safe.len().saturating_sub(if has_class { 2 } else { 1 }));
    if !class.is_empty() {
        safe.push_str(&if has_class { format!(" {class}") } else { format!(" class=\"{class}") });
    }
    safe.push_str(if has_class || !class.is_empty() { "\">" } else { ">" });
}

fn text_of(text: &str) -> Option<&str> {
    (!text.contains(['>', '"', '\0', '\r'])).then_some(text)
}

fn push_attributes(mut attributes: &str, into: &mut String) -> Option<()> {
    while !attributes.trim().is_empty() {
        let (name, rest) = attributes.split_once("=\"")?;
        let (value, rest) = rest.split_once('"')?;
        attributes = rest;
        let name = name.trim();
        let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '-' | ' '));
        // Inline styles are forbidden by the content security policy; alignment is worth a class.
        let (name, value) = match name {
            "class" if CLASSES.contains(&value) => (name, value),
            "style" if value.contains("text-align: left") => ("class", "left"),
            "style" if value.contains("text-align: right") => ("class", "right"),
            _ if ATTRIBUTES.contains(&name) && plain => (name, value),
            _ => continue,
        };
        into.push_str(&format!(" {name}=\"{value}\""));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::Converter;

    #[test]
    fn formulas_as_models_write_them_are_shown_as_formulas() {
        let corpus = include_str!("../../../tests/corpus/formulas.txt");
        let converter = Converter::new();
        let shown = |formula: &&str| converter.convert(formula, true).is_some();
        let (shown, source): (Vec<&str>, Vec<&str>) = corpus.lines().partition(shown);
        assert_eq!((shown.len(), source), (125, Vec::new()));
    }

    #[test]
    fn a_command_that_nobody_knows_costs_itself_alone() {
        let converter = Converter::new();
        for (formula, pieces) in [
            ("\\foo{x} + 1", &["<mtext>\\foo</mtext>", "<mi>x</mi>", "<mn>1</mn>"][..]),
            ("\\frac{\\foo}{2}", &["<mfrac>", "<mtext>\\foo</mtext>", "<mn>2</mn>"]),
            ("\\begin{foo} a & b \\\\ c \\end{foo}", &["begin{foo}", "<mi>a</mi>", "<mi>c</mi>", "end{foo}"]),
            ("x \\limits y", &["<mi>x</mi>", "<mi>y</mi>"]),
            ("x^2^3", &["<mn>2</mn>", "<mn>3</mn>"]),
            ("\\boxed{x^2}", &["<mrow class=\"boxed\">"]),
            ("\\textbf{v}", &["<mtext class=\"bold\">v</mtext>"]),
        ] {
            let mathml = converter.convert(formula, true).unwrap_or_default();
            for piece in pieces {
                assert!(mathml.contains(piece), "{formula}: {piece} in {mathml}");
            }
        }
    }
}
