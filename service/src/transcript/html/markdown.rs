//! From elements to Markdown: what a reader of the page saw, with its structure and without its buttons.

use entity::message::{Part, PartKind};

use super::{
    dom::Dom,
    mathml,
    site::{self, Site},
};
use crate::transcript::part;

/// Letters of a code block's label that may be the name of a language.
const LONGEST_LANGUAGE: usize = 20;
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 22] = [
    "address",
    "article",
    "aside",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figure",
    "figcaption",
    "footer",
    "form",
    "header",
    "html",
    "main",
    "p",
    "root",
    "section",
    "summary",
    "user-query",
];

/// Writes turns of one page.
pub(super) struct Writer<'a> {
    dom: &'a Dom,
    site: &'a Site,
    /// Without any signs of Markdown.
    plain: bool,
    /// Words that were typed: what looks like Markdown is Markdown.
    typed: bool,
    /// Within the model's reasoning.
    thinking: bool,
    thoughts: Vec<String>,
    others: Vec<Part>,
}

/// What one element becomes.
#[derive(Default)]
struct Flow {
    /// Finished blocks, and whether each is a list.
    blocks: Vec<(String, bool)>,
    /// The line under way.
    line: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(dom: &'a Dom, site: &'a Site, plain: bool) -> Self {
        Self { dom, site, plain, typed: plain, thinking: false, thoughts: Vec::new(), others: Vec::new() }
    }

    /// All words below an element, on lines as they stand on the page.
    pub(super) fn text(&mut self, id: usize) -> String {
        let flow = self.below(id, false);
        let blocks: Vec<String> = flow.blocks.into_iter().map(|(block, _)| block).collect();
        blocks.join(if self.plain { "\n" } else { "\n\n" })
    }

    /// The parts of a turn.
    pub(super) fn parts(&mut self, id: usize, typed: bool) -> Vec<Part> {
        self.typed = typed;
        let text = part::words(PartKind::Text, self.text(id));
        let thoughts = std::mem::take(&mut self.thoughts).join("\n\n");
        let thoughts = part::words(PartKind::Thinking, thoughts);
        thoughts.into_iter().chain(text).chain(std::mem::take(&mut self.others)).collect()
    }

    /// What is below an element, finished.
    fn below(&mut self, id: usize, pre: bool) -> Flow {
        let mut flow = Flow::default();
        self.children(id, &mut flow, pre);
        self.finish(&mut flow);
        flow
    }

    fn children(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        for child in self.dom.children(id) {
            self.node(*child, flow, pre);
        }
    }

    fn node(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        let (dom, name) = (self.dom, self.dom.name(id));
        if name.is_empty() {
            return self.words(dom.text(id), flow, pre);
        }
        if let Some((tex, display)) = formula(dom, id) {
            return self.formula(&tex, display, flow);
        }
        if let Some(part) = site::drawn(dom, id, self.typed).filter(|_| !self.plain) {
            return self.others.push(part);
        }
        if site::is_unseen(dom, id) || (self.site.chrome)(dom, id) {
            return;
        }
        if !self.plain && !self.thinking && (self.site.thinking)(dom, id) {
            let mut inner = Writer { thoughts: Vec::new(), others: Vec::new(), thinking: true, ..*self };
            let thought = inner.text(id);
            return self.thoughts.push(thought);
        }
        let classes = dom.attribute(id, "class");
        let pre = pre || classes.contains("whitespace-pre-wrap");
        match name {
            "br" => flow.line.push('\n'),
            "img" => self.image(id),
            "hr" if !self.plain => self.block(flow, "---".to_owned(), false),
            "pre" => self.code_block(id, flow),
            "code-block" | "ms-code-block" => self.code_block(id, flow),
            _ if dom.has_class(id, "group/copy") && dom.find(id, |at| dom.name(at) == "pre").is_some() => {
                self.code_block(id, flow);
            }
            _ if classes.contains("artifact-block") => self.card(id),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if !self.plain => {
                let level = name.get(1..).and_then(|level| level.parse().ok()).unwrap_or(1);
                let title = self.one_line(id);
                if !title.is_empty() {
                    self.block(flow, format!("{} {title}", "#".repeat(level)), false);
                }
            }
            "ul" | "ol" => self.list(id, name == "ol", flow),
            "table" if !self.plain => self.table(id, flow),
            "tr" => {
                let cells: Vec<String> = dom.children(id).iter().map(|cell| self.one_line(*cell)).collect();
                self.block(flow, cells.join("\t").trim().to_owned(), false);
            }
            "blockquote" if !self.plain => {
                let quoted = joined(self.below(id, pre), false);
                let lines: Vec<String> = quoted.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
                self.block(flow, lines.join("\n"), false);
            }
            "strong" | "b" => self.marked(id, "**", flow, pre),
            "em" | "i" => self.marked(id, "*", flow, pre),
            "del" | "s" | "strike" => self.marked(id, "~~", flow, pre),
            "code" | "kbd" | "samp" if !self.plain => flow.line.push_str(&ticked(&dom.words(id))),
            "a" => self.link(id, flow, pre),
            name if BLOCKS.contains(&name) || name.starts_with('h') && name.len() == 2 => {
                self.finish(flow);
                self.children(id, flow, pre);
                self.finish(flow);
            }
            _ => self.children(id, flow, pre),
        }
    }

    fn words(&self, text: &str, flow: &mut Flow, pre: bool) {
        if pre {
            return flow.line.push_str(text);
        }
        let mut gap = flow.line.is_empty() || flow.line.ends_with([' ', '\n']);
        let mut last = flow.line.chars().last();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter.is_ascii_whitespace() {
                if !gap {
                    flow.line.push(' ');
                }
                gap = true;
            } else {
                let next = letters.peek().copied();
                if !self.typed && is_sign(letter, last, next) {
                    flow.line.push('\\');
                }
                flow.line.push(letter);
                gap = false;
            }
            last = Some(letter);
        }
    }

    /// Puts the line under way down as a paragraph.
    fn finish(&self, flow: &mut Flow) {
        let line = std::mem::take(&mut flow.line);
        let lines: Vec<&str> = line.trim_matches('\n').split('\n').map(str::trim_end).collect();
        let mut line = lines.join("\n");
        if !line.trim().is_empty() {
            if !self.typed {
                line = begun(line.trim_start());
            }
            flow.blocks.push((line, false));
        }
    }

    /// Puts a block down.
    fn block(&self, flow: &mut Flow, text: String, list: bool) {
        self.finish(flow);
        if !text.trim().is_empty() {
            flow.blocks.push((text, list));
        }
    }

    /// What is below an element, on one line.
    fn one_line(&mut self, id: usize) -> String {
        joined(self.below(id, false), false).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The words below an element of a line; as they are if they have marks already, or do not fit in one line.
    fn marked(&mut self, id: usize, mark: &str, flow: &mut Flow, pre: bool) {
        let inner = self.within(id, pre);
        let words = inner.line.trim();
        if self.plain || words.is_empty() || !inner.blocks.is_empty() || words.contains('\n') {
            return self.merge(flow, inner);
        }
        let (before, after) = (inner.line.starts_with(' '), inner.line.ends_with(' '));
        let line = format!("{}{mark}{words}{mark}{}", if before { " " } else { "" }, if after { " " } else { "" });
        self.merge(flow, Flow { line, ..Flow::default() });
    }

    fn link(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        let to = self.dom.attribute(id, "href");
        let known = ["http://", "https://", "mailto:"].iter().any(|scheme| to.starts_with(scheme));
        let safe = known && !to.contains([' ', '<', '>', '(', ')', '\n']);
        let inner = self.within(id, pre);
        let words = inner.line.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.plain || !safe || words.is_empty() || !inner.blocks.is_empty() {
            return self.merge(flow, inner);
        }
        let words = words.replace('[', "\\[").replace(']', "\\]");
        let before = if inner.line.starts_with(' ') { " " } else { "" };
        let after = if inner.line.ends_with(' ') { " " } else { "" };
        self.merge(flow, Flow { line: format!("{before}[{words}]({to}){after}"), ..Flow::default() });
    }

    /// What is below an element of a line, with the spaces at its edges.
    fn within(&mut self, id: usize, pre: bool) -> Flow {
        // A letter goes before, or spaces would be those at the beginning of a line.
        let mut flow = Flow { line: "x".to_owned(), ..Flow::default() };
        self.children(id, &mut flow, pre);
        let line = match flow.blocks.first_mut() {
            Some((first, _)) => first,
            None => &mut flow.line,
        };
        *line = line.split_off(1);
        flow.blocks.retain(|(block, _)| !block.trim().is_empty());
        flow
    }

    fn merge(&self, flow: &mut Flow, inner: Flow) {
        if !inner.blocks.is_empty() {
            self.finish(flow);
            flow.blocks.extend(inner.blocks);
        }
        let gap = flow.line.is_empty() || flow.line.ends_with([' ', '\n']);
        flow.line.push_str(if gap { inner.line.trim_start_matches(' ') } else { &inner.line });
    }

    fn list(&mut self, id: usize, numbered: bool, flow: &mut Flow) {
        let mut number: u32 = self.dom.attribute(id, "start").parse().unwrap_or(1);
        let mut items = Vec::new();
        for child in self.dom.children(id) {
            let inner = self.below(*child, false);
            let text = joined(inner, true);
            if text.trim().is_empty() {
                continue;
            }
            let sign = if numbered { format!("{number}. ") } else { "- ".to_owned() };
            number = number.saturating_add(1);
            let space = " ".repeat(sign.len());
            let lines = text.lines().enumerate().map(|(at, line)| match (at, line.is_empty()) {
                (0, _) => format!("{sign}{line}"),
                (_, true) => String::new(),
                (_, false) => format!("{space}{line}"),
            });
            items.push(lines.collect::<Vec<_>>().join("\n"));
        }
        self.block(flow, items.join("\n"), true);
    }

    fn table(&mut self, id: usize, flow: &mut Flow) {
        let dom = self.dom;
        for caption in dom.children(id).iter().filter(|child| dom.name(**child) == "caption") {
            let words = self.one_line(*caption);
            self.block(flow, words, false);
        }
        // The rows of tables within this one are theirs; taken twice at each level they would double with it.
        let inner = |at: usize| at != id && dom.name(at) == "table";
        let rows: Vec<usize> = dom.walk(id, inner).filter(|at| dom.name(*at) == "tr").collect();
        let mut lines = Vec::new();
        for row in rows {
            let cells = dom.children(row).iter().filter(|cell| matches!(dom.name(**cell), "td" | "th"));
            let cells: Vec<String> = cells.map(|cell| self.one_line(*cell).replace('|', "\\|")).collect();
            lines.push(format!("| {} |", cells.join(" | ")));
            if lines.len() == 1 {
                lines.push(format!("|{}", " --- |".repeat(cells.len())));
            }
        }
        self.block(flow, lines.join("\n"), false);
    }

    fn code_block(&mut self, id: usize, flow: &mut Flow) {
        let dom = self.dom;
        let pre = dom.find(id, |at| dom.name(at) == "pre").unwrap_or(id);
        let code = dom.find(pre, |at| dom.name(at) == "code").unwrap_or(pre);
        let unseen = |at: usize| site::is_unseen(dom, at);
        let text: String =
            dom.walk(code, unseen).map(|at| if dom.name(at) == "br" { "\n" } else { dom.text(at) }).collect();
        let text = text.trim_matches('\n');
        if self.plain {
            return self.block(flow, text.to_owned(), false);
        }
        let of_class = |at: usize| {
            let mut classes = dom.attribute(at, "class").split_ascii_whitespace();
            classes.find_map(|class| class.strip_prefix("language-")).map(str::to_owned)
        };
        let label = || {
            let words = dom.walk(id, |at| at == code || unseen(at)).map(|at| dom.text(at).trim());
            let first = words.into_iter().find(|words| !words.is_empty()).map(str::to_lowercase);
            first.filter(|word| code != id && is_language(word))
        };
        let language = of_class(code).or_else(|| of_class(pre)).or_else(label).filter(|word| is_language(word));
        let fence = fence(text, 3);
        self.block(flow, format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default()), false);
    }

    fn formula(&self, tex: &str, display: bool, flow: &mut Flow) {
        match (self.plain, display) {
            (true, _) => flow.line.push_str(tex),
            (false, true) => self.block(flow, format!("$$\n{tex}\n$$"), false),
            (false, false) => flow.line.push_str(&format!("${tex}$")),
        }
    }

    /// A picture leaves its place: its bytes are elsewhere.
    fn image(&mut self, id: usize) {
        let words = [self.dom.attribute(id, "alt"), self.dom.attribute(id, "class")].join(" ").to_lowercase();
        if self.plain || ["avatar", "profile", "favicon", "icon"].iter().any(|chrome| words.contains(chrome)) {
            return;
        }
        let alt = self.dom.attribute(id, "alt").trim();
        let name = (!alt.is_empty()).then(|| alt.to_owned());
        self.others.push(Part { name, ..part::bare(PartKind::Image) });
    }

    /// A card stands for something that was made beside the conversation.
    fn card(&mut self, id: usize) {
        let dom = self.dom;
        let name =
            dom.walk(id, |at| site::is_unseen(dom, at)).map(|at| dom.text(at).trim()).find(|text| !text.is_empty());
        self.others.push(Part { name: name.map(str::to_owned), ..part::bare(PartKind::Attachment) });
    }
}

/// The formula that an element shows, as TeX, and whether it stands alone.
fn formula(dom: &Dom, id: usize) -> Option<(String, bool)> {
    let given = dom.attribute(id, "data-math");
    let (katex, display) = (dom.has_class(id, "katex"), dom.has_class(id, "katex-display"));
    let tex = if !given.is_empty() {
        given.to_owned()
    } else if katex || display || dom.name(id) == "math" {
        let tex = |at: usize| dom.name(at) == "annotation" && dom.attribute(at, "encoding") == "application/x-tex";
        let from_math = || dom.find(id, |at| dom.name(at) == "math").map(|math| mathml::tex(dom, math));
        let shown = || dom.find(id, |at| dom.has_class(at, "katex-html")).map(|html| dom.words(html));
        let fine = |tex: &String| !tex.trim().is_empty();
        let given = dom.find(id, tex).map(|at| dom.words(at)).filter(fine);
        given.or_else(|| from_math().filter(fine)).or_else(shown)?
    } else {
        return None;
    };
    let block = display || dom.has_class(id, "math-block") || dom.attribute(id, "display") == "block";
    let tex = tex.trim().to_owned();
    (!tex.is_empty()).then_some((tex, block))
}

/// Blocks with blank lines between them; in an item of a list, lists come close.
fn joined(flow: Flow, close: bool) -> String {
    let mut text = String::new();
    for (block, list) in flow.blocks {
        if !text.is_empty() {
            text.push_str(if close && list { "\n" } else { "\n\n" });
        }
        text.push_str(&block);
    }
    text
}

/// Would Markdown take the letter for a sign?
fn is_sign(letter: char, before: Option<char>, after: Option<char>) -> bool {
    let word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    match letter {
        '*' | '`' => true,
        '_' => !(word(before) && word(after)),
        '<' => after.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!')),
        '\\' => after.is_some_and(|next| next.is_ascii_punctuation()),
        _ => false,
    }
}

/// A paragraph, with a backslash where its beginning would make something else of it.
fn begun(line: &str) -> String {
    let digits = line.len() - line.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, rest) = line.split_at_checked(digits).unwrap_or(("", line));
    let numbered = digits > 0 && (rest.starts_with(". ") || rest.starts_with(") "));
    let sign = ["# ", "## ", "### ", "#### ", "> ", "- ", "+ "].iter().any(|sign| line.starts_with(sign));
    match (numbered, sign) {
        (true, _) => format!("{number}\\{rest}"),
        (_, true) => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

/// Backticks: one more than there are in the text, and at least so many.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

fn ticked(code: &str) -> String {
    let code = code.replace('\n', " ");
    let fence = if code.contains('`') { fence(&code, 1) } else { "`".to_owned() };
    let space = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    if code.trim().is_empty() { code } else { format!("{fence}{space}{code}{space}{fence}") }
}

fn is_language(word: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '#' | '-' | '.' | '_');
    !word.is_empty() && word.len() <= LONGEST_LANGUAGE && word.chars().all(letter)
}
