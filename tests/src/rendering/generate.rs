//! Texts that are hard to render: pieces of Markdown put together, and documents with pieces moved about.

/// Pieces that mean something to Markdown, to HTML, or to the renderer.
pub const FRAGMENTS: &[&str] = &[
    "a",
    "word ",
    "two words ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "    ",
    "é",
    "漢字",
    "注意：",
    "「大切」",
    "강조(중)",
    "“重”",
    "𠮷",
    "😀",
    "e\u{301}",
    "👩\u{200d}🔬",
    "שלום",
    "مرحبا",
    "\u{202E}",
    "\u{202D}",
    "\u{2066}",
    "\u{200F}",
    "\u{200B}",
    "\u{FEFF}",
    "\0",
    "\r",
    "\u{1}",
    "\u{A0}",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```",
    "~~~",
    "```python\n",
    "```\n",
    "> ",
    ">",
    "- ",
    "* ",
    "1. ",
    "12) ",
    "- [ ] ",
    "- [x] ",
    "# ",
    "### ",
    "###### ",
    "\n---\n",
    "\n===\n",
    "***\n",
    "|",
    " | ",
    "\n|---|---|\n",
    "|:-:|--:|\n",
    "\\",
    "\\*",
    "\\|",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "$",
    "$$",
    "$x_1$",
    "\\(a*b*c\\)",
    "\\[\n- x\n= y\n\\]",
    "\\frac",
    "{",
    "}",
    "^",
    "\\sqrt",
    "\\begin{aligned}",
    "\\end{aligned}",
    "\\text{<b>}",
    "\\href{javascript:x}{y}",
    "$\\boxed{x}$",
    "$\\text{a $b$}$",
    "\\begin{foo} & ",
    "\\newcommand{\\a}{\\a\\a}",
    "\\ce{H2O^+}",
    "\\tag{1}",
    "\u{E000}",
    "\u{E001}",
    "$5",
    "&amp;",
    "&lt;",
    "&#106;",
    "&#x6A;",
    "&nbsp;",
    "&bogus;",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "=",
    "<b>",
    "</b>",
    "<br>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<math><mtext>",
    "<style>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<a href=\"javascript:alert(1)\">",
    "<details>",
    "</p>",
    "</span>",
    "</code>",
    "</math>",
    "[",
    "]",
    "(",
    ")",
    "![",
    "](",
    "[a](javascript:alert(1))",
    "[a](JaVa&#115;cript:x)",
    "[a](java\tscript:x)",
    "[a](data:text/html,x)",
    "[a](https://x.org)",
    "[a](https://x.org/$a$)",
    "![a $x$](https://x.org/i.png)",
    "<https://x.org>",
    "<javascript:x>",
    "https://x.org/a_b_c.",
    "http://",
    "www.x.org",
    "[a]: https://x.org \"t\"\n",
    "[a]",
    "[^1]",
    "[^1]: note\n",
    " data-m=\"0\">",
    "data-s=\"0\"",
    "\n> > ",
    "\n  - ",
    "\n1. ",
    "\n\n    code\n",
];

/// Makes texts from a seed; the same ones each time.
#[derive(Debug)]
pub struct Generator(u64);

impl Generator {
    /// Begins with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or_default() % limit.max(1)
    }

    /// One text: fragments, or a document of `corpus` with a few changes.
    pub fn text(&mut self, corpus: &[(String, String)]) -> String {
        if corpus.is_empty() || self.below(2) == 0 {
            let count = 1 + self.below(40);
            return (0..count).map(|_| FRAGMENTS[self.below(FRAGMENTS.len())]).collect();
        }
        let mut chars: Vec<char> = corpus[self.below(corpus.len())].1.chars().collect();
        for _ in 0..=self.below(6) {
            self.change(&mut chars);
        }
        let start = self.below(chars.len());
        let length = 1 + self.below(600);
        chars.into_iter().skip(start).take(length).collect()
    }

    fn change(&mut self, chars: &mut Vec<char>) {
        let at = self.below(chars.len());
        let end = (at + self.below(30)).min(chars.len());
        match self.below(4) {
            0 => {
                chars.drain(at..end);
            }
            1 => {
                let again: Vec<char> = chars[at..end].repeat(1 + self.below(4));
                chars.splice(at..at, again);
            }
            2 => {
                let fragment = FRAGMENTS[self.below(FRAGMENTS.len())];
                chars.splice(at..end.min(at + 2), fragment.chars());
            }
            _ => {
                let fragment = FRAGMENTS[self.below(FRAGMENTS.len())];
                chars.splice(at..at, fragment.chars());
            }
        }
    }
}
