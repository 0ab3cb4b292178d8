//! Words inside a formula.

use super::{Rewriter, name_of};

/// Commands that mean the same in text, with or without words in braces behind them.
const KEPT: &str = "textbf textit textrm textsf texttt textsc emph underline textbackslash textasciicircum textbar textless \
    textgreater textdollar textunderscore textbraceleft textbraceright textdegree textendash textemdash textquotedblleft \
    textquotedblright textquoteleft textquoteright ss ae oe aa AE OE AA";

impl Rewriter {
    /// Writes words as text in a style, and what stands between dollars among them as the formula it is.
    pub(super) fn text(&mut self, words: &str, style: &str, depth: usize) -> Option<()> {
        self.spend(words.len(), depth)?;
        let mut open = false;
        let mut rest = words;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            if let Some((formula, after)) = formula(rest) {
                self.close(&mut open, style);
                self.run(formula, depth + 1)?;
                rest = after;
                continue;
            }
            rest = after;
            if c == '\\' {
                let (name, after) = name_of(rest);
                rest = after;
                let in_words = match name {
                    "\\" | "" | "," | ";" | ":" | "!" | "quad" | "qquad" | " " | "newline" => Some(" ".to_owned()),
                    "ldots" | "dots" | "textellipsis" => Some("…".to_owned()),
                    "&" | "%" | "#" | "$" | "_" | "{" | "}" | "'" | "`" | "\"" | "^" | "~" | "=" | "." => {
                        Some(format!("\\{name}"))
                    }
                    name if KEPT.split(' ').any(|kept| kept == name) => {
                        let end = if rest.starts_with('{') { "" } else { "{}" };
                        Some(format!("\\{name}{end}"))
                    }
                    _ => None,
                };
                if let Some(words) = in_words {
                    self.open(&mut open, style);
                    self.out.push_str(&words);
                } else {
                    self.close(&mut open, style);
                    self.run(&format!("\\{name} "), depth + 1)?;
                    rest = rest.trim_start_matches(' ');
                }
                continue;
            }
            self.open(&mut open, style);
            match c {
                '_' | '%' | '#' | '$' | '&' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '^' => self.out.push_str("\\textasciicircum{}"),
                '\n' | '\r' => self.out.push(' '),
                super::BOX | super::BOX_END | '\0' => self.out.push('\u{FFFD}'),
                _ => self.out.push(c),
            }
        }
        self.close(&mut open, style);
        Some(())
    }

    fn open(&mut self, open: &mut bool, style: &str) {
        if !*open {
            self.out.push_str("\\text{");
            self.out.push_str(style);
            *open = true;
        }
    }

    fn close(&mut self, open: &mut bool, style: &str) {
        if *open {
            self.out.push_str(if style.is_empty() { "}" } else { "}}" });
            *open = false;
        }
    }
}

/// The formula that words go on with, between dollars or brackets with a backslash, and what follows it.
fn formula(rest: &str) -> Option<(&str, &str)> {
    let between = |open: &str, close: &str| rest.strip_prefix(open)?.split_once(close);
    between("$$", "$$").or_else(|| between("$", "$")).or_else(|| between("\\(", "\\)"))
}
