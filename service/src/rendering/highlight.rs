//! Colours for code: a reader of comments, strings, numbers and words, in one pass over the text.
//!
//! Grammars made of regular expressions can be brought to a standstill by the code they read, and this code comes from
//! anybody. This knows less, is linear whatever it reads, and is right about what the eye looks for.

mod language;

use language::{Apostrophe, Language, NAMES};

/// A comment.
const COMMENT: &str = "hl-c";
/// Text between quotation marks.
const STRING: &str = "hl-s";
/// A number.
const NUMBER: &str = "hl-n";
/// A word of the language.
const KEYWORD: &str = "hl-k";
/// What is called.
const FUNCTION: &str = "hl-f";
/// A type, or a tag.
const TYPE: &str = "hl-t";
/// A key, an attribute, a variable with a mark.
const PROPERTY: &str = "hl-p";

/// What each stretch of the code is, with its length in bytes; the lengths add up to the code's.
pub(super) fn tokens(code: &str, language: &str) -> Vec<(Option<&'static str>, usize)> {
    let name = language.to_ascii_lowercase();
    let Some((_, language)) = NAMES.iter().find(|(names, _)| names.contains(&name.as_str())) else {
        return vec![(None, code.len())];
    };
    let mut reader = Reader { code, at: 0, language, tokens: Vec::new(), line_start: true };
    while reader.at < code.len() {
        reader.step();
    }
    reader.tokens
}

struct Reader<'a> {
    code: &'a str,
    at: usize,
    language: &'a Language,
    tokens: Vec<(Option<&'static str>, usize)>,
    line_start: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.code.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let starts = |marks: &[&str]| marks.iter().any(|mark| rest.starts_with(mark));
        let block = self.language.blocks.iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = block {
            let end = rest.get(open.len()..).and_then(|inner| inner.find(close));
            self.push(Some(COMMENT), end.map_or(rest.len(), |end| open.len() + end + close.len()));
        } else if self.language.diff && self.line_start {
            self.diff_line(rest);
        } else if starts(self.language.comments) && self.comment_may_begin() {
            self.push(Some(COMMENT), line_of(rest));
        } else if let Some((open, close)) = self.raw(rest) {
            let end = rest.get(open.len()..).and_then(|inner| inner.find(close));
            self.push(Some(STRING), end.map_or(rest.len(), |end| open.len() + end + close.len()));
        } else if first == '\'' && self.language.apostrophe != Apostrophe::String {
            self.apostrophe(rest);
        } else if first == '`' && self.language.regex && self.language.strings.contains(&"`") {
            self.push(Some(STRING), template(rest));
        } else if first == '/' && self.language.regex && self.operand_may_begin() {
            self.push(Some(STRING).filter(|_| regex(rest) > 1), regex(rest));
        } else if let Some(mark) = self.language.strings.iter().find(|mark| rest.starts_with(**mark)) {
            self.string(mark);
        } else if first.is_ascii_digit() {
            let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
            self.push(Some(NUMBER), rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        } else if first.is_alphabetic() || first == '_' || self.language.sigils.contains(first) {
            self.word(first);
        } else if self.language.markup && first == '<' {
            let name = rest.find(|c: char| !(c.is_alphanumeric() || "</!?-:_".contains(c)));
            self.push(Some(TYPE), name.unwrap_or(rest.len()).max(1));
        } else {
            self.push(None, first.len_utf8());
        }
    }

    /// What begins a string that knows no backslash; where letters belong to its mark, not within a word.
    fn raw(&self, rest: &str) -> Option<(&'static str, &'static str)> {
        let found = self.language.raw.iter().find(|(open, _)| rest.starts_with(open))?;
        let named = found.0.starts_with(|c: char| c.is_alphabetic());
        (!named || !self.before().is_some_and(|c| c.is_alphanumeric() || c == '_')).then_some(*found)
    }

    /// The character before this one.
    fn before(&self) -> Option<char> {
        self.code.get(..self.at).and_then(|code| code.chars().next_back())
    }

    /// A mark such as `#` begins a comment only where a word may begin; `\%` is a percentage, `://` an address.
    fn comment_may_begin(&self) -> bool {
        let rest = self.rest();
        let before = self.before();
        match rest.bytes().next() {
            Some(b'#') if rest.starts_with("#[") && self.language.comments.contains(&"//") => false,
            Some(b'#' | b'\'') => before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | ')' | ',' | '}')),
            Some(b';') if self.language.keys => before.is_none_or(char::is_whitespace),
            Some(b'%') => before != Some('\\'),
            Some(b'/') => before != Some(':'),
            Some(b'R' | b'r' | b'@') => before.is_none_or(char::is_whitespace),
            _ => true,
        }
    }

    /// One character between apostrophes, or a string that does not stand right behind an operand.
    fn apostrophe(&mut self, rest: &str) {
        if self.language.apostrophe == Apostrophe::Transposition {
            let is_operand = |c: char| c.is_alphanumeric() || ")]}'._".contains(c);
            return if self.before().is_some_and(is_operand) { self.push(None, 1) } else { self.string("'") };
        }
        let mut inner = rest.char_indices().skip(1);
        let close = match inner.next() {
            // A character may be written as its number, as in `\u{1F600}`.
            Some((_, '\\')) => inner.skip(1).take(12).take_while(|(_, c)| *c != '\n').find(|(_, c)| *c == '\''),
            Some((_, '\n')) | None => None,
            Some(_) => inner.next().filter(|(_, c)| *c == '\''),
        };
        match close {
            Some((at, _)) => self.push(Some(STRING), at + 1),
            None => self.push(None, 1),
        }
    }

    /// Whether what stands before is no operand: then a slash does not divide it.
    fn operand_may_begin(&self) -> bool {
        let before = self.code.get(..self.at).unwrap_or_default().trim_end();
        let word = |word: &str| {
            let rest = before.strip_suffix(word);
            rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'))
        };
        let words =
            ["return", "typeof", "case", "in", "of", "if", "unless", "and", "or", "when", "split", "do", "else"];
        before.chars().next_back().is_none_or(|c| "(,=:[!&|?{};+-*%<>~^".contains(c)) || words.into_iter().any(word)
    }

    fn diff_line(&mut self, rest: &str) {
        let class = match rest.bytes().next() {
            Some(b'+') => Some(STRING),
            Some(b'-') => Some(KEYWORD),
            Some(b'@') => Some(FUNCTION),
            _ => None,
        };
        self.push(class, line_of(rest).max(1));
    }

    /// Text between marks; between single marks it ends with its line.
    fn string(&mut self, mark: &str) {
        let rest = self.rest();
        let many_lines = mark.len() > 1 || mark == "`";
        let mut escaped = false;
        let mut end = rest.len();
        let inner = rest.get(mark.len()..).unwrap_or_default();
        for (at, c) in inner.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' && self.language.escapes {
                escaped = true;
            } else if c == '\n' && !many_lines {
                end = mark.len() + at;
                break;
            } else if inner.get(at..).is_some_and(|left| left.starts_with(mark)) {
                end = mark.len() + at + mark.len();
                break;
            }
        }
        let text = rest.get(..end).unwrap_or_default();
        let next = rest.get(end..).unwrap_or_default().trim_start_matches([' ', '\t']).chars().next();
        let is_key = self.language.keys && next == Some(':');
        // A lone apostrophe is a lifetime, a transposition, or one in prose.
        let closed = text.len() >= 2 * mark.len() && text.ends_with(mark);
        match (mark, closed) {
            ("'", false) => self.push(None, 1),
            _ => self.push(Some(if is_key { PROPERTY } else { STRING }), end),
        }
    }

    fn word(&mut self, first: char) {
        let rest = self.rest();
        let is_more = |c: char| c.is_alphanumeric() || c == '_' || self.language.words.contains(c);
        let from = first.len_utf8();
        let more = rest.get(from..).unwrap_or_default();
        let end = from + more.find(|c| !is_more(c)).unwrap_or(more.len());
        let word = rest.get(..end).unwrap_or_default();
        let mut after = rest.get(end..).unwrap_or_default().chars();
        let next = after.next();
        let is_keyword = |word: &str| self.language.keywords.split(' ').any(|keyword| keyword == word);
        let known = if self.language.any_case { is_keyword(&word.to_ascii_lowercase()) } else { is_keyword(word) };
        let class = if known {
            Some(KEYWORD)
        } else if self.language.sigils.contains(first)
            || self.language.keys && matches!(next, Some(':' | '=')) && after.next() != Some('=')
        {
            Some(PROPERTY)
        } else if next == Some('(') && self.language.calls {
            Some(FUNCTION)
        } else if first.is_uppercase() && self.language.calls {
            Some(TYPE)
        } else {
            None
        };
        self.push(class, end);
    }

    fn push(&mut self, class: Option<&'static str>, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        self.line_start = text.ends_with('\n');
        self.at += length;
        match self.tokens.last_mut() {
            Some((last, sum)) if *last == class => *sum += length,
            _ => self.tokens.push((class, length)),
        }
    }
}

/// The length of a regular expression with its flags; 1 if its line ends before it does.
fn regex(rest: &str) -> usize {
    let (mut escaped, mut class) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return 1,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => {
                let flags = rest.get(at + 1..).unwrap_or_default();
                return at + 1 + flags.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(flags.len());
            }
            _ => {}
        }
    }
    1
}

/// The length of a string between backticks, with the code in it, in which such strings may stand again.
fn template(rest: &str) -> usize {
    // Whether each level is code; the outermost is a string.
    let mut levels = vec![false];
    let (mut escaped, mut last) = (false, ' ');
    for (at, c) in rest.char_indices().skip(1) {
        let code = levels.last().copied().unwrap_or_default();
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '`' if code => levels.push(false),
            '`' => {
                levels.pop();
                if levels.is_empty() {
                    return at + 1;
                }
            }
            '{' if code || last == '$' => levels.push(true),
            '}' if code => drop(levels.pop()),
            _ => {}
        }
        last = c;
    }
    rest.len()
}

/// The length of a line without its end.
fn line_of(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::{COMMENT, STRING, tokens};

    /// The stretches of one class.
    fn of<'a>(class: &str, code: &'a str, language: &str) -> Vec<&'a str> {
        let mut at = 0;
        let mut found = Vec::new();
        for (kind, length) in tokens(code, language) {
            if kind == Some(class) {
                found.push(code.get(at..at + length).unwrap());
            }
            at += length;
        }
        assert_eq!(at, code.len());
        found
    }

    /// A language, code in it, its comments, its strings.
    type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

    const SNIPPETS: &[Row] = &[
        ("lua", "a = 1; b = 2 -- why\n--[[ long\n]] s = [[x 'y]]", &["-- why", "--[[ long\n]]"], &["[[x 'y]]"]),
        ("ada", "X : Integer := A'Length; -- note\nC := 'x';", &["-- note"], &["'x'"]),
        ("vhdl", "if clk'event and clk = '1' then q <= d; -- edge", &["-- edge"], &["'1'"]),
        ("ocaml", "let x = 1;; (* note *) let c = 'c' let f (x : 'a) = x;", &["(* note *)"], &["'c'"]),
        ("haskell", "f x = x; g' = 'c' -- note\n{- long -}", &["-- note", "{- long -}"], &["'c'"]),
        (
            "fsharp",
            r#"let x = 1 // note
(* long *) let s = """a "b" c""""#,
            &["// note", "(* long *)"],
            &[r#""""a "b" c""""#],
        ),
        ("php", "$x = 'a'; # note\n#[Attr]\n// more", &["# note", "// more"], &["'a'"]),
        ("go", "s := `a \\` // note\nr := 'x'", &["// note"], &["`a \\`", "'x'"]),
        ("java", "String s = \"\"\"\n a \"b\"\n\"\"\"; // note", &["// note"], &["\"\"\"\n a \"b\"\n\"\"\""]),
        ("kotlin", "val s = \"\"\"it's\"\"\" /* note */", &["/* note */"], &["\"\"\"it's\"\"\""]),
        ("scala", "val s = \"\"\"a\"b\"\"\" // c", &["// c"], &["\"\"\"a\"b\"\"\""]),
        ("swift", "let s = \"\"\"\nit's\n\"\"\" // c", &["// c"], &["\"\"\"\nit's\n\"\"\""]),
        ("powershell", "<# long\n#> $p = \"C:\\dir\\\" # note", &["<# long\n#>", "# note"], &["\"C:\\dir\\\""]),
        ("js", "s.replace(/\"/g, '') // note\nx = a / b / c", &["// note"], &["/\"/g", "''"]),
        ("js", "x = `a ${b ? `c` : \"d\"} e`; y = /[/'\"]/", &[], &["`a ${b ? `c` : \"d\"} e`", "/[/'\"]/"]),
        ("ts", "const u = 'http://x'; // note", &["// note"], &["'http://x'"]),
        ("sql", "SELECT 'its' -- note\n/* long */", &["-- note", "/* long */"], &["'its'"]),
        ("asm", "mov eax, 1 ; note", &["; note"], &[]),
        ("lisp", "(defun f (x) ; note\n  '(a b) #| long |#)", &["; note", "#| long |#"], &[]),
        ("clojure", "(def x \"s\");; note", &[";; note"], &["\"s\""]),
        ("ini", "; note\n# more\nkey = a;b", &["; note", "# more"], &[]),
        ("tex", "50\\% of it's % note\n\\emph{x}", &["% note"], &[]),
        ("matlab", "A = B' * C'; % note\ns = 'x'; %{\nlong\n%}", &["% note", "%{\nlong\n%}"], &["'x'"]),
        ("erlang", "f(X) -> \"s\". % note", &["% note"], &["\"s\""]),
        ("prolog", "a :- b. % note\n/* long */", &["% note", "/* long */"], &[]),
        ("r", "x <- 'a' # note\ny <- x$b", &["# note"], &["'a'"]),
        ("julia", "#= long\n=# A' * B' # note\nc = 'x'", &["#= long\n=#", "# note"], &["'x'"]),
        ("python", "s = '''it's''' # note\nx = 7 // 2", &["# note"], &["'''it's'''"]),
        ("rust", "fn f<'a>(x: &'a str) { r#\"a\"b\"#; 'c' } // note", &["// note"], &["r#\"a\"b\"#", "'c'"]),
        ("ruby", "x =~ /it's/ # note\n=begin\nlong\n=end", &["# note", "=begin\nlong\n=end"], &["/it's/"]),
        ("perl", "my $n = $#a; # note", &["# note"], &[]),
        ("bash", "echo \"a#b\" ${#x} # note", &["# note"], &["\"a#b\""]),
        ("c", "char c = '\\''; // note", &["// note"], &["'\\''"]),
        ("cpp", "auto s = R\"(a \"b\")\"; /* note */", &["/* note */"], &["R\"(a \"b\")\""]),
        ("csharp", "var p = @\"C:\\\"; // note", &["// note"], &["@\"C:\\\""]),
        ("scss", "a { b: url(http://x.org/y); } // note", &["// note"], &[]),
        ("toml", "a = \"\"\"x # y\"\"\" # note", &["# note"], &["\"\"\"x # y\"\"\""]),
        ("fortran", "print *, 'x' ! note", &["! note"], &["'x'"]),
        ("vb", "Dim s = \"a\" ' note", &["' note"], &["\"a\""]),
        ("pascal", "{ long } s := 'it'; // note", &["{ long }", "// note"], &["'it'"]),
        ("verilog", "assign x = 8'hFF; // note", &["// note"], &[]),
        ("dart", "var s = 'it'; // note", &["// note"], &["'it'"]),
        ("elixir", "x = \"a\" # note", &["# note"], &["\"a\""]),
        ("yaml", "a: b#c # note", &["# note"], &[]),
        ("html", "<!-- note --><p class=\"x\">it</p>", &["<!-- note -->"], &["\"x\""]),
        ("css", "a { b: c } /* note */", &["/* note */"], &[]),
        ("bat", "REM note\necho hi", &["REM note"], &[]),
        ("lean", "def x := 1 -- note\n/- long -/", &["-- note", "/- long -/"], &[]),
    ];

    #[test]
    fn each_language_has_its_own_comments_and_strings() {
        for (language, code, comments, strings) in SNIPPETS {
            assert_eq!(of(COMMENT, code, language), *comments, "comments of {language}: {code}");
            assert_eq!(of(STRING, code, language), *strings, "strings of {language}: {code}");
        }
    }

    #[test]
    fn hostile_code_takes_linear_time() {
        let begun = std::time::Instant::now();
        for piece in ["/", "`${", "'\\", "/ \n", "r#\"", "[[", "=begin", "'a", "return /[", "<#", "\"\"\""] {
            for language in ["js", "rust", "lua", "ruby", "powershell", "java", "matlab", "julia"] {
                let code = format!("{piece}\n").repeat(30_000 / piece.len());
                assert_eq!(tokens(&code, language).iter().map(|(_, length)| length).sum::<usize>(), code.len());
            }
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
    }
}
