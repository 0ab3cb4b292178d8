//! What stands on lines of its own: lists, code, formulas; and what leaves its place.

use entity::message::{Part, PartKind};

use super::{Flow, Writer, fence, inline, joined, line::Kind};
use crate::transcript::{
    html::{dom::Dom, mathml, site},
    part,
};

/// Letters of a code block's label that may be the name of a language.
const LONGEST_LANGUAGE: usize = 20;
/// The largest number that a list may begin with.
const MOST_NUMBER: u32 = 999_999_999;

impl Writer<'_> {
    pub(super) fn list(&mut self, id: usize, numbered: bool, flow: &mut Flow) {
        let mut number: u32 = self.dom.attribute(id, "start").parse().unwrap_or(1).min(MOST_NUMBER);
        self.finish(flow);
        // Of two lists in a row the second has another sign, or they would be one.
        let follows = flow.blocks.last().is_some_and(|(last, list)| *list && numbered == begins_with_number(last));
        let first =
            flow.blocks.last().map_or("", |(last, _)| last.as_str()).trim_start_matches(|c: char| c.is_ascii_digit());
        let second = follows && (first.starts_with('-') || first.starts_with('.'));
        let mut items: Vec<String> = Vec::new();
        for child in self.dom.children(id) {
            let name = self.dom.name(*child);
            let outer = std::mem::replace(&mut self.item, true);
            let inner = self.below_item(*child);
            self.item = outer;
            if inner.blocks.is_empty() {
                continue;
            }
            if self.flat {
                let text = self.joined_flat(inner);
                items.push(if numbered { format!("{number}. {text}") } else { format!("- {text}") });
                number = number.saturating_add(1);
                continue;
            }
            // A list that stands in a list without an item around it belongs to the item before.
            let below = matches!(name, "ul" | "ol") && !items.is_empty();
            let sign = match (numbered, second) {
                (true, false) => format!("{number}. "),
                (true, true) => format!("{number}) "),
                (false, false) => "- ".to_owned(),
                (false, true) => "* ".to_owned(),
            };
            if !below {
                number = number.saturating_add(1);
            }
            let space = " ".repeat(sign.len());
            let text = joined(inner, true);
            let lines = text.lines().enumerate().map(|(at, line)| match (at, line.is_empty()) {
                (0, _) if !below => format!("{sign}{line}"),
                (_, true) => String::new(),
                (_, false) => format!("{space}{line}"),
            });
            items.push(lines.collect::<Vec<_>>().join("\n"));
        }
        self.block(flow, items.join(if self.cell { "<br>" } else { "\n" }), true);
    }

    /// What is in an item: an element of its own, or a list or words that stand without one.
    fn below_item(&mut self, child: usize) -> Flow {
        if self.dom.name(child) == "li" {
            return self.below(child, false);
        }
        let mut flow = Flow::default();
        self.node(child, &mut flow, false);
        self.finish(&mut flow);
        flow
    }

    pub(super) fn code_block(&mut self, id: usize, flow: &mut Flow) {
        let dom = self.dom;
        let pre = dom.find(id, |at| dom.name(at) == "pre").unwrap_or(id);
        let words = |at: &&usize| !dom.text(**at).trim().is_empty();
        let code = dom.find(pre, |at| dom.name(at) == "code");
        let code = code.filter(|code| dom.children(pre).iter().find(words).is_none_or(|at| at > code)).unwrap_or(pre);
        let unseen = |at: usize| site::is_unseen(dom, at);
        // What stands before the code says which language it is; some pages write an element of code for each line.
        let shown = dom.walk(pre, unseen).filter(|at| *at >= code);
        let text: String = shown.map(|at| if dom.name(at) == "br" { "\n" } else { dom.text(at) }).collect();
        let text = text.trim_matches('\n');
        if self.plain {
            return self.block(flow, text.to_owned(), false);
        }
        if self.flat {
            let bar = if self.cell { "\\|" } else { "|" };
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines: Vec<String> = lines.map(|line| inline::ticked(&line.replace('|', bar))).collect();
            return self.block(flow, lines.join(if self.cell { "<br>" } else { " " }), false);
        }
        let of_class = |at: usize| {
            let mut classes = dom.attribute(at, "class").split_ascii_whitespace();
            classes.find_map(|class| class.strip_prefix("language-")).map(str::to_owned)
        };
        let label = || {
            let above = dom.walk(id, |at| at == code || unseen(at)).filter(|at| *at < code);
            let words = above.map(|at| dom.text(at).trim());
            let first = words.into_iter().find(|words| !words.is_empty()).map(str::to_lowercase);
            first.filter(|word| code != id && is_language(word))
        };
        let language = of_class(code).or_else(|| of_class(pre)).or_else(label).filter(|word| is_language(word));
        if language.is_none() {
            let chrome = self.site.chrome;
            let above = dom.walk(pre, |at| at == code || unseen(at) || chrome(dom, at)).filter(|at| *at < code);
            self.finish(flow);
            self.words(&above.map(|at| dom.text(at)).collect::<String>(), flow, false);
            self.finish(flow);
        }
        let fence = fence(text, 3);
        self.block(flow, format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default()), false);
    }

    pub(super) fn formula(&self, tex: &str, display: bool, flow: &mut Flow) {
        if self.plain {
            return tex.chars().for_each(|c| flow.line.text(c));
        }
        if display && !self.flat {
            let lines: Vec<&str> = tex.lines().filter(|line| !line.trim().is_empty()).collect();
            return self.block(flow, format!("$$\n{}\n$$", lines.join("\n")), false);
        }
        flow.line.signs("$", Kind::Dollar);
        flow.line.signs(&tex.split_ascii_whitespace().collect::<Vec<_>>().join(" "), Kind::Formula);
        flow.line.signs("$", Kind::Dollar);
    }

    /// A picture leaves its place: its bytes are elsewhere.
    pub(super) fn image(&mut self, id: usize) {
        let words = [self.dom.attribute(id, "alt"), self.dom.attribute(id, "class")].join(" ").to_lowercase();
        if self.plain || ["avatar", "profile", "favicon", "icon"].iter().any(|chrome| words.contains(chrome)) {
            return;
        }
        let alt = self.dom.attribute(id, "alt").trim();
        let name = (!alt.is_empty()).then(|| alt.to_owned());
        self.others.push(Part { name, ..part::bare(PartKind::Image) });
    }

    /// A card stands for something that was made beside the conversation.
    pub(super) fn card(&mut self, id: usize) {
        let dom = self.dom;
        let name =
            dom.walk(id, |at| site::is_unseen(dom, at)).map(|at| dom.text(at).trim()).find(|text| !text.is_empty());
        self.others.push(Part { name: name.map(str::to_owned), ..part::bare(PartKind::Attachment) });
    }
}

/// The formula that an element shows, as TeX, and whether it stands alone.
pub(super) fn formula(dom: &Dom, id: usize) -> Option<(String, bool)> {
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

fn begins_with_number(block: &str) -> bool {
    block.starts_with(|c: char| c.is_ascii_digit())
}

fn is_language(word: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '#' | '-' | '.' | '_');
    !word.is_empty() && word.len() <= LONGEST_LANGUAGE && word.chars().all(letter)
}
