//! From the TeX that models write to the TeX that the converter reads.
//!
//! One pass over the formula: commands the converter lacks are said by others it has, definitions are put in, text stays
//! text. What nobody knows stays as it is, and is shown by its name. Work is counted, so that definitions that double
//! with each step end.

mod chemistry;
mod table;
mod text;

use table::{Environment, MACROS};

/// Stands for the beginning of a box, in text of its own.
pub(super) const BOX: char = '\u{E000}';
/// Stands for the end of a box.
pub(super) const BOX_END: char = '\u{E001}';

/// Definitions, arguments and groups within each other.
const DEEPEST: usize = 24;
/// Bytes that are read, over and over, for one formula.
const MOST_WORK: usize = 120_000;

/// The same formula in commands that the converter has; none if it is too deep, too large, or its environments do not end.
pub(super) fn rewritten(formula: &str) -> Option<String> {
    let mut rewriter = Rewriter::default();
    rewriter.run(formula, 0)?;
    let out = rewriter.out;
    match (rewriter.open.is_empty(), rewriter.columns, rewriter.rows) {
        (false, ..) => None,
        (_, true, _) => Some(format!("\\begin{{aligned}}{out}\\end{{aligned}}")),
        (_, _, true) => Some(format!("\\begin{{gathered}}{out}\\end{{gathered}}")),
        _ => Some(out),
    }
}

/// A command that the formula itself defines.
struct Definition {
    name: String,
    arguments: usize,
    /// What the first argument is if it is not given in square brackets.
    default: Option<String>,
    body: String,
}

#[derive(Default)]
struct Rewriter {
    out: String,
    defined: Vec<Definition>,
    /// What the open environments end with, the numbered ones marked, with the braces open around them.
    open: Vec<(String, Environment, usize)>,
    braces: usize,
    /// Rows and columns outside of all environments.
    rows: bool,
    columns: bool,
    work: usize,
}

impl Rewriter {
    /// Rewrites a piece of a formula.
    fn run(&mut self, tex: &str, depth: usize) -> Option<()> {
        self.spend(tex.len(), depth)?;
        let mut rest = tex;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            rest = match c {
                '\\' => self.command(after, depth)?,
                '&' if self.is_aside() => self.say("\\&", after),
                '&' => {
                    self.columns |= self.open.is_empty();
                    self.say("&", after)
                }
                // A comment to TeX; in what models write it is a percentage.
                '%' | '#' | '$' => {
                    self.out.push('\\');
                    self.out.push(c);
                    after
                }
                BOX | BOX_END | '\0' => self.say("\u{FFFD}", after),
                _ => {
                    match c {
                        '{' => self.braces += 1,
                        '}' => self.braces = self.braces.checked_sub(1)?,
                        _ => {}
                    }
                    self.out.push(c);
                    after
                }
            };
        }
        Some(())
    }

    fn say<'a>(&mut self, tex: &str, after: &'a str) -> &'a str {
        self.out.push_str(tex);
        after
    }

    fn spend(&mut self, bytes: usize, depth: usize) -> Option<()> {
        self.work += bytes + 1;
        (depth <= DEEPEST && self.work <= MOST_WORK).then_some(())
    }

    /// Whether braces are open that no environment stands in: a column cannot end here.
    fn is_aside(&self) -> bool {
        self.braces > self.open.last().map_or(0, |(.., braces)| *braces)
    }

    /// Rewrites a command that stands behind a backslash; what follows it.
    fn command<'a>(&mut self, after: &'a str, depth: usize) -> Option<&'a str> {
        let (name, rest) = name_of(after);
        match name {
            "" => return Some(self.say("\\\\", after)),
            "\\" => {
                self.rows |= self.open.is_empty() && !self.is_aside();
                self.out.push_str("\\\\ ");
                return Some(without_length(rest));
            }
            "begin" => return self.begin(rest, depth),
            "end" => return self.end(rest),
            "ce" | "pu" => {
                let (argument, rest) = argument(rest)?;
                self.spend(argument.len(), depth)?;
                match name {
                    "ce" => self.run(&chemistry::formula(argument), depth + 1)?,
                    _ => self.text(argument, "", depth + 1)?,
                }
                return Some(rest);
            }
            "newcommand" | "renewcommand" | "providecommand" | "def" | "gdef" | "let" | "DeclareMathOperator" => {
                return self.define(name, rest);
            }
            _ => {}
        }
        if let Some(at) = self.defined.iter().rposition(|known| known.name == name) {
            return self.expand(at, rest, depth);
        }
        if let Some((_, style)) = table::TEXTS.iter().find(|(known, _)| *known == name) {
            let (words, rest) = argument(rest)?;
            self.text(words, style, depth + 1)?;
            return Some(rest);
        }
        // Commands with a star are others than those without.
        let starred = rest.strip_prefix('*').and_then(|rest| {
            let found = MACROS.iter().find(|(known, ..)| known.strip_suffix('*') == Some(name));
            found.map(|found| (found, rest))
        });
        let plain = || MACROS.iter().find(|(known, ..)| *known == name).map(|found| (found, rest));
        if let Some(((_, wanted, template), rest)) = starred.or_else(plain) {
            return self.template(wanted, template, rest, depth);
        }
        self.out.push('\\');
        self.out.push_str(name);
        if rest.is_empty() {
            self.out.push(' ');
        }
        Some(rest)
    }

    /// Writes a command of the table: its template with the arguments in their places.
    fn template<'a>(&mut self, wanted: &str, template: &str, mut rest: &'a str, depth: usize) -> Option<&'a str> {
        let mut arguments = Vec::new();
        for kind in wanted.chars() {
            if kind == 'o' {
                let (given, after) = optional(rest).unwrap_or(("", rest));
                arguments.push((kind, given));
                rest = after;
            } else {
                let (given, after) = argument(rest)?;
                arguments.push((kind, given));
                rest = after;
            }
        }
        let mut pieces = template.split('#');
        self.out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let number = piece.chars().next().and_then(|digit| digit.to_digit(10))?;
            let (kind, given) = arguments.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
            self.braces += 1;
            match kind {
                't' => self.text(given, "", depth + 1)?,
                _ => self.run(given, depth + 1)?,
            }
            self.braces = self.braces.checked_sub(1)?;
            self.out.push_str(piece.get(1..).unwrap_or_default());
        }
        if template.starts_with("\\qquad") && self.open.last().is_some_and(|(_, found, _)| found.numbered) {
            // It has a number of its own now.
            self.out.push_str("\\notag ");
        }
        Some(rest)
    }

    fn begin<'a>(&mut self, rest: &'a str, depth: usize) -> Option<&'a str> {
        let (name, mut rest) = argument(rest)?;
        let found = table::environment(name);
        let mut given = "";
        for kind in found.arguments.chars() {
            if kind == 'o' {
                rest = optional(rest).map_or(rest, |(_, after)| after);
            } else {
                (given, rest) = argument(rest)?;
            }
        }
        self.out.push_str(found.begin);
        if found.begin.ends_with("array}") {
            self.out.push_str(&format!("{{{}}}", table::columns(given)));
        } else if found.says_its_name {
            self.text(&format!("\\textbackslash begin\\{{{name}\\}}"), "", depth + 1)?;
            self.out.push_str("\\\\ ");
        }
        self.open.push((name.to_owned(), found, self.braces));
        Some(rest)
    }

    fn end<'a>(&mut self, rest: &'a str) -> Option<&'a str> {
        let (name, rest) = argument(rest)?;
        let (begun, found, braces) = self.open.pop()?;
        if begun != name || braces != self.braces {
            return None;
        }
        if found.says_its_name {
            self.out.push_str("\\\\ ");
            self.text(&format!("\\textbackslash end\\{{{name}\\}}"), "", 1)?;
        }
        self.out.push_str(found.end);
        Some(rest)
    }

    /// Reads a definition, which shows nothing itself.
    fn define<'a>(&mut self, how: &str, rest: &'a str) -> Option<&'a str> {
        let rest = rest.strip_prefix('*').unwrap_or(rest);
        let (name, mut rest) = argument(rest)?;
        let name = name.trim().strip_prefix('\\')?.to_owned();
        let (mut arguments, mut default) = (0, None);
        match how {
            "let" => rest = rest.trim_start().strip_prefix('=').unwrap_or(rest),
            "def" | "gdef" => {
                let body = rest.find('{')?;
                arguments = rest.get(..body)?.matches('#').count();
                rest = rest.get(body..)?;
            }
            _ => {
                if let Some((count, after)) = optional(rest) {
                    (arguments, rest) = (count.trim().parse().ok()?, after);
                    default = optional(rest).map(|(given, _)| given.to_owned());
                    rest = optional(rest).map_or(rest, |(_, after)| after);
                }
            }
        }
        let (body, rest) = argument(rest)?;
        let body = if how.starts_with('D') { format!("\\operatorname{{{body}}}") } else { body.to_owned() };
        (arguments <= 9).then_some(())?;
        self.defined.push(Definition { name, arguments, default, body });
        Some(rest)
    }

    /// Puts a defined command in.
    fn expand<'a>(&mut self, at: usize, mut rest: &'a str, depth: usize) -> Option<&'a str> {
        let known = self.defined.get(at)?;
        let (body, count, default) = (known.body.clone(), known.arguments, known.default.clone());
        let mut given: Vec<String> = Vec::new();
        for number in 0..count {
            if let Some(default) = default.as_ref().filter(|_| number == 0) {
                let (found, after) = optional(rest).unwrap_or((default, rest));
                given.push(found.to_owned());
                rest = after;
            } else {
                let (found, after) = argument(rest)?;
                given.push(found.to_owned());
                rest = after;
            }
        }
        let mut pieces = body.split('#');
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let number = piece.chars().next().and_then(|digit| digit.to_digit(10))?;
            whole.push_str(given.get(usize::try_from(number).ok()?.checked_sub(1)?)?);
            whole.push_str(piece.get(1..)?);
            self.spend(whole.len(), depth)?;
        }
        // A name at its end must not run into a letter that follows.
        whole.push(' ');
        self.run(&whole, depth + 1)?;
        Some(rest)
    }
}

/// The name of a command behind its backslash, and what follows it.
fn name_of(after: &str) -> (&str, &str) {
    let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
    let length = if letters > 0 { letters } else { after.chars().next().map_or(0, char::len_utf8) };
    after.split_at_checked(length).unwrap_or((after, ""))
}

/// What stands in the next braces, or the next command or character, and what follows it.
fn argument(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.trim_start();
    let first = rest.chars().next()?;
    if first == '\\' {
        let (name, after) = name_of(rest.get(1..)?);
        return Some((rest.get(..=name.len())?, after));
    }
    if first != '{' {
        return (first != '}').then(|| rest.split_at_checked(first.len_utf8()))?;
    }
    let (mut open, mut escaped) = (0_usize, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((rest.get(1..at)?, rest.get(at + 1..)?));
        }
    }
    None
}

/// What stands in the next square brackets, and what follows them.
fn optional(rest: &str) -> Option<(&str, &str)> {
    rest.trim_start().strip_prefix('[')?.split_once(']')
}

/// What follows the end of a row: without the space that may be asked for behind it.
fn without_length(rest: &str) -> &str {
    let rest = rest.strip_prefix('*').unwrap_or(rest);
    let is_length = |given: &str| {
        let unit = given
            .trim()
            .trim_start_matches(['-', '+', '.', ',', ' '])
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        ["pt", "em", "ex", "mm", "cm", "in", "mu", "\\baselineskip", "\\jot"].contains(&unit.trim())
    };
    optional(rest).filter(|(given, _)| is_length(given)).map_or(rest, |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::{BOX, BOX_END, rewritten};

    #[test]
    fn commands_are_said_by_others() {
        let boxed = |inner: &str| format!("{{\\text{{{BOX}}}{{{inner}}}\\text{{{BOX_END}}}}}");
        for (tex, expected) in [
            ("\\boxed{42}", boxed("42")),
            ("\\fbox{a $x$}", boxed("\\text{a }x")),
            ("\\textbf{v}", "\\text{\\textbf{v}}".to_owned()),
            ("\\mbox{if $x_1$ 50%}", "\\text{if }x_1\\text{ 50\\%}".to_owned()),
            ("\\textcolor{red}{y}", "{y}".to_owned()),
            ("a \\tag{1}", "a \\qquad\\text{(}\\text{1}\\text{)}".to_owned()),
            ("a \\\\ b", "\\begin{gathered}a \\\\  b\\end{gathered}".to_owned()),
            ("a &= b", "\\begin{aligned}a &= b\\end{aligned}".to_owned()),
            ("50%", "50\\%".to_owned()),
            ("\\newcommand{\\R}{\\mathbb{R}}x\\in\\R y", "x\\in\\mathbb{R}  y".to_owned()),
            ("\\def\\f#1{#1^2}\\f{x}", "x^2 ".to_owned()),
            ("\\begin{split}a\\end{split}", "\\begin{aligned}a\\end{aligned}".to_owned()),
            ("\\begin{array}{@{}l|*{2}{c}@{}}a\\end{array}", "\\begin{array}{l|cc}a\\end{array}".to_owned()),
            ("\\ce{H2O}", "\\mathrm{H}_{2}\\mathrm{O}".to_owned()),
        ] {
            assert_eq!(rewritten(tex).as_deref(), Some(expected.as_str()), "{tex}");
        }
    }

    #[test]
    fn what_doubles_with_each_step_ends() {
        let mut tex = "\\def\\a{xx}".to_owned();
        for (next, last) in ('b'..='z').zip('a'..) {
            tex.push_str(&format!("\\def\\{next}{{\\{last}\\{last}}}"));
        }
        assert_eq!(rewritten(&(tex + "\\z")), None);
        assert_eq!(rewritten("\\def\\a{\\a}\\a"), None);
        assert_eq!(rewritten(&format!("{}x{}", "\\boxed{".repeat(500), "}".repeat(500))), None);
        assert_eq!(rewritten("\\begin{aligned} x"), None);
    }
}
