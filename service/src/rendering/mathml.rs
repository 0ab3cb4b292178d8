//! From a formula to MathML of a fixed list of elements.

use std::panic::{AssertUnwindSafe, catch_unwind};

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

/// The longest MathML of one formula, for each byte of its source, in bytes.
const WIDEST: usize = 200;

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

/// Makes MathML.
pub(super) struct Converter(Option<LatexToMathML>);

impl Converter {
    pub(super) fn new() -> Self {
        Self(LatexToMathML::new(MathCoreConfig::default()).ok())
    }

    /// The formula as MathML; none if it cannot be read.
    pub(super) fn convert(&self, formula: &str, display: bool) -> Option<String> {
        if is_deep(formula) {
            return None;
        }
        let converter = self.0.as_ref()?;
        let display = if display { MathDisplay::Block } else { MathDisplay::Inline };
        // A formula that the library stumbles over is shown as its source; it must not cost the whole page.
        let result = catch_unwind(AssertUnwindSafe(|| converter.convert_with_local_state(formula, display)));
        let mathml = result.ok()?.ok()?.mathml;
        if mathml.len() > 1_000 + formula.len() * WIDEST {
            return None;
        }
        only_listed(&mathml)
    }
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
    let mut safe = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some((text, from)) = rest.split_once('<') {
        safe.push_str(text_of(text)?);
        let (tag, after) = from.split_once('>')?;
        let (closing, tag) = tag.strip_prefix('/').map_or(("", tag), |tag| ("/", tag));
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, ""), |tag| (tag, "/"));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) {
            return None;
        }
        safe.push('<');
        safe.push_str(closing);
        safe.push_str(name);
        push_attributes(attributes, &mut safe)?;
        safe.push_str(empty);
        safe.push('>');
        rest = after;
    }
    safe.push_str(text_of(rest)?);
    Some(safe)
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
            "style" if value.contains("text-align: left") => ("class", "left"),
            "style" if value.contains("text-align: right") => ("class", "right"),
            _ if ATTRIBUTES.contains(&name) && plain => (name, value),
            _ => continue,
        };
        into.push_str(&format!(" {name}=\"{value}\""));
    }
    Some(())
}
