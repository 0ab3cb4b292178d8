//! From elements to Markdown: what a reader of the page saw, with its structure and without its buttons.

mod block;
mod escape;
mod inline;
mod line;
mod table;

use entity::message::{Part, PartKind};

use super::{
    dom::Dom,
    site::{self, Site},
};
use crate::transcript::part;
use line::{Kind, Line};

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
    /// Within a cell of a table or a heading, where all is one line.
    flat: bool,
    /// Within a cell of a table, where a bar ends it.
    cell: bool,
    /// Within an item of a list that nothing was written of yet.
    item: bool,
    /// The marks that are open.
    marks: Vec<&'static str>,
    /// The letter that follows the element being read.
    next: Option<char>,
    thoughts: Vec<String>,
    others: Vec<Part>,
}

/// What one element becomes.
#[derive(Default)]
struct Flow {
    /// Finished blocks, and whether each is a list.
    blocks: Vec<(String, bool)>,
    /// The line under way.
    line: Line,
    /// What stands before it, if it goes on with another.
    before: Option<char>,
    /// Whether marks end right before it.
    touches: bool,
}

impl Flow {
    /// The last character that stands before what comes; marks that end there are looked through, because those that
    /// begin here would be read as one run with them.
    fn last(&self) -> Option<char> {
        let mut back = self.line.0.iter().rev().skip_while(|letter| matches!(letter.kind, Kind::Close(_)));
        back.next().map(|letter| letter.c).or(self.before)
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(dom: &'a Dom, site: &'a Site, plain: bool) -> Self {
        Self {
            dom,
            site,
            plain,
            typed: plain,
            thinking: false,
            flat: false,
            cell: false,
            item: false,
            marks: Vec::new(),
            next: None,
            thoughts: Vec::new(),
            others: Vec::new(),
        }
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
        let (next, marks) = (self.next.take(), std::mem::take(&mut self.marks));
        self.children(id, &mut flow, pre);
        self.finish(&mut flow);
        (self.next, self.marks) = (next, marks);
        flow
    }

    fn children(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        let beyond = self.next;
        let children = self.dom.children(id);
        for (at, child) in children.iter().enumerate() {
            // Only marks ask for it.
            if !self.dom.name(*child).is_empty() {
                self.next = children.get(at + 1).map_or(beyond, |next| self.letter_of(*next));
            }
            self.node(*child, flow, pre);
        }
        self.next = beyond;
    }

    fn node(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        let (dom, name) = (self.dom, self.dom.name(id));
        if name.is_empty() {
            return self.words(dom.text(id), flow, pre);
        }
        if let Some((tex, display)) = block::formula(dom, id) {
            return self.formula(&tex, display, flow);
        }
        if let Some(part) = site::drawn(dom, id, self.typed).filter(|_| !self.plain) {
            return self.others.push(part);
        }
        if dom.attribute(id, "type") == "checkbox" || dom.attribute(id, "role") == "checkbox" {
            return self.tick(id, flow);
        }
        if site::is_unseen(dom, id) || (self.site.chrome)(dom, id) {
            return;
        }
        if !self.plain && !self.thinking && (self.site.thinking)(dom, id) {
            let mut inner = Writer::new(dom, self.site, false);
            (inner.thinking, inner.typed) = (true, self.typed);
            let thought = inner.text(id);
            return self.thoughts.push(thought);
        }
        let pre = pre || dom.attribute(id, "class").contains("whitespace-pre-wrap");
        if !self.block_of(id, name, flow, pre) {
            self.inline_of(id, name, flow, pre);
        }
    }

    /// Writes an element that stands on lines of its own; whether it is one.
    fn block_of(&mut self, id: usize, name: &str, flow: &mut Flow, pre: bool) -> bool {
        let dom = self.dom;
        match name {
            "hr" if !self.plain => {
                self.finish(flow);
                if !self.flat {
                    self.block(flow, "---".to_owned(), false);
                }
            }
            "pre" | "code-block" | "ms-code-block" => self.code_block(id, flow),
            _ if dom.has_class(id, "group/copy") && dom.find(id, |at| dom.name(at) == "pre").is_some() => {
                self.code_block(id, flow);
            }
            _ if dom.attribute(id, "class").contains("artifact-block") => self.card(id),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if !self.plain && !self.flat => self.heading(id, name, flow),
            "ul" | "ol" => self.list(id, name == "ol", flow),
            "table" if !self.plain && !self.flat => self.table(id, flow),
            "tr" => {
                let cells: Vec<String> = dom.children(id).iter().map(|cell| self.one_line(*cell)).collect();
                let cells = if self.flat { cells.join("  ") } else { cells.join("\t") };
                self.block(flow, cells.trim().to_owned(), false);
            }
            "blockquote" if !self.plain && !self.flat => {
                let quoted = joined(self.below(id, pre), false);
                let lines: Vec<String> = quoted.lines().map(|line| format!("> {line}")).collect();
                let lines: Vec<&str> = lines.iter().map(|line| if line == "> " { ">" } else { line }).collect();
                self.block(flow, lines.join("\n"), false);
            }
            "blockquote" | "table" | "caption" | "li" | "thead" | "tbody" | "tfoot" => self.apart(id, flow, pre),
            name if BLOCKS.contains(&name) || name.starts_with('h') && name.len() == 2 => self.apart(id, flow, pre),
            _ => return false,
        }
        true
    }

    /// Writes an element that stands in a line.
    fn inline_of(&mut self, id: usize, name: &str, flow: &mut Flow, pre: bool) {
        match name {
            "br" => flow.line.text('\n'),
            "img" => self.image(id),
            "strong" | "b" => self.marked(id, "**", flow, pre),
            "em" | "i" => self.marked(id, "*", flow, pre),
            "del" | "s" | "strike" => self.marked(id, "~~", flow, pre),
            "code" | "kbd" | "samp" | "tt" if !self.plain => self.code(id, flow),
            "sup" | "sub" => self.raised(id, name == "sup", flow),
            "a" => self.link(id, flow, pre),
            _ => self.children(id, flow, pre),
        }
    }

    /// Writes what is below an element on lines of its own.
    fn apart(&mut self, id: usize, flow: &mut Flow, pre: bool) {
        self.finish(flow);
        let (next, marks) = (self.next.take(), std::mem::take(&mut self.marks));
        self.children(id, flow, pre);
        (self.next, self.marks) = (next, marks);
        self.finish(flow);
    }

    /// Writes the box of an item that can be ticked.
    fn tick(&mut self, id: usize, flow: &mut Flow) {
        if self.item && flow.blocks.is_empty() && flow.line.is_blank() && !self.plain {
            let done = self.dom.has_attribute(id, "checked") || self.dom.attribute(id, "aria-checked") == "true";
            flow.line.signs(if done { "[x] " } else { "[ ] " }, Kind::Sign);
        }
    }

    fn words(&self, text: &str, flow: &mut Flow, pre: bool) {
        let mut gap = flow.line.has_gap() && (flow.before.is_none() || !flow.line.0.is_empty());
        for letter in text.chars() {
            if letter.is_ascii_whitespace() && !pre {
                if !gap {
                    flow.line.text(' ');
                }
                gap = true;
            } else {
                flow.line.text(letter);
                gap = false;
            }
        }
    }

    /// Puts the line under way down as a paragraph.
    fn finish(&self, flow: &mut Flow) {
        flow.before = None;
        let line = std::mem::take(&mut flow.line);
        let text = line.written(self.typed, self.cell, self.flat);
        if !text.trim().is_empty() {
            flow.blocks.push((text, false));
        }
    }

    /// Puts a block down.
    fn block(&self, flow: &mut Flow, text: String, list: bool) {
        self.finish(flow);
        if !text.trim().is_empty() {
            flow.blocks.push((text, list));
        }
    }

    fn heading(&mut self, id: usize, name: &str, flow: &mut Flow) {
        let level = name.get(1..).and_then(|level| level.parse().ok()).unwrap_or(1);
        let mut title = self.one_line(id);
        // Signs at its end would be taken for an ornament.
        if title.trim_end_matches('#').ends_with(' ') && title.ends_with('#') {
            title.insert(title.len() - 1, '\\');
        }
        if !title.is_empty() {
            self.block(flow, format!("{} {title}", "#".repeat(level)), false);
        }
    }

    /// What is below an element, on one line.
    fn one_line(&mut self, id: usize) -> String {
        let outer = std::mem::replace(&mut self.flat, true);
        let flow = self.below(id, false);
        self.flat = outer;
        joined(flow, false).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Blocks on one line.
    fn joined_flat(&self, flow: Flow) -> String {
        let blocks: Vec<String> = flow.blocks.into_iter().map(|(block, _)| block).collect();
        blocks.join(if self.cell { "<br>" } else { " " })
    }

    /// What is below an element of a line, with the spaces at its edges.
    fn within(&mut self, id: usize, pre: bool, outer: &Flow) -> Flow {
        let before = outer.last().filter(|c| !matches!(c, ' ' | '\n'));
        let touches = outer.line.0.last().map_or(outer.touches, |last| matches!(last.kind, Kind::Close(_)));
        let mut flow = Flow { before, touches, ..Flow::default() };
        self.children(id, &mut flow, pre);
        flow
    }

    fn merge(&self, flow: &mut Flow, inner: Flow) {
        if !inner.blocks.is_empty() {
            self.finish(flow);
            flow.blocks.extend(inner.blocks);
        }
        flow.line.append(inner.line);
    }
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

/// Backticks: one more than there are in the text, and at least so many.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}
