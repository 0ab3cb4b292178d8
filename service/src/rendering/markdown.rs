//! Markdown to HTML. Everything that is shown is taken from the source by its range and escaped here.

use std::{collections::HashMap, ops::Range};

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{
    cjk,
    code::{self, Stretch},
    inline,
    leaf::{Bidi, Leaf},
    link,
    math::{self, Formula},
    source::Source,
};

/// Elements inside each other; what is deeper is shown at this depth.
const DEEPEST: usize = 40;

/// The most HTML for each byte of source, in bytes.
const WIDEST: usize = 40;

/// What a text is rendered to.
#[derive(Debug)]
pub(super) struct Markdown {
    /// HTML, with a place for each formula.
    pub(super) html: String,
    /// The formulas, in the order of their places.
    pub(super) formulas: Vec<Formula>,
}

/// Why a text is not rendered: it would take too much.
#[derive(Debug)]
pub(super) struct TooLarge;

/// Renders a text; with `keep_lines`, each line end shows as one.
pub(super) fn render(source: &Source<'_>, keep_lines: bool) -> Result<Markdown, TooLarge> {
    let mut formulas = math::find(source.text);
    // A formula that turns out to stand in code or across blocks is none. Leaving it out may uncover another such.
    for _ in 0..3 {
        let (html, shown) = attempt(source, keep_lines, &formulas)?;
        if shown.len() == formulas.len() {
            return Ok(Markdown { html, formulas });
        }
        formulas = shown.into_iter().filter_map(|number| formulas.get(number).cloned()).collect();
    }
    Ok(Markdown { html: attempt(source, keep_lines, &[])?.0, formulas: Vec::new() })
}

fn attempt(source: &Source<'_>, keep_lines: bool, formulas: &[Formula]) -> Result<(String, Vec<usize>), TooLarge> {
    let hidden = cjk::eased(math::hide(source.text, formulas));
    let mut writer = Writer::new(source, &hidden, formulas, keep_lines);
    for (event, bytes) in Parser::new_ext(&hidden, options()).into_offset_iter() {
        writer.event(event, bytes);
        if writer.size() > 16 * 1024 + source.text.len().saturating_mul(WIDEST) {
            return Err(TooLarge);
        }
    }
    writer.close_leaf();
    Ok((writer.out, writer.shown))
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES
}

/// How many stretches of a text are emphasised, strong or struck out, and what is to be read of it.
pub(crate) fn marked(text: &str) -> (usize, String) {
    let eased = cjk::eased(text.to_owned());
    let (mut count, mut words) = (0, String::new());
    for event in Parser::new_ext(&eased, options()) {
        match event {
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => count += 1,
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            _ => {}
        }
    }
    (count, words)
}

/// A link or a picture that is being read.
struct Target {
    url: String,
    bytes: Range<usize>,
    /// Where its words end.
    words_end: usize,
    allowed: bool,
}

struct Writer<'a, 'b> {
    source: &'a Source<'b>,
    /// The text as the parser sees it.
    hidden: &'a str,
    formulas: &'a [Formula],
    keep_lines: bool,
    out: String,
    /// The block of text being written, with its start and end tag.
    leaf: Option<(Leaf, String, &'static str)>,
    /// Text that goes on without a gap.
    pending: Range<usize>,
    /// The formulas shown, by number.
    shown: Vec<usize>,
    /// The next formula that may come.
    next: usize,
    /// Text before this byte belongs to a formula already shown.
    until: usize,
    /// What is open, by its end tag; empty where nothing was written.
    open: Vec<&'static str>,
    /// Levels of the headings that the next one may stand under.
    headings: Vec<HeadingLevel>,
    link: Option<Target>,
    /// A picture and its words; how many are inside it.
    image: Option<(Target, String, usize)>,
    code: Option<(String, Vec<Stretch>)>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    notes: HashMap<String, usize>,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn new(source: &'a Source<'b>, hidden: &'a str, formulas: &'a [Formula], keep_lines: bool) -> Self {
        Self {
            source,
            hidden,
            formulas,
            keep_lines,
            out: String::new(),
            leaf: None,
            pending: 0..0,
            shown: Vec::new(),
            next: 0,
            until: 0,
            open: Vec::new(),
            headings: Vec::new(),
            link: None,
            image: None,
            code: None,
            columns: Vec::new(),
            column: 0,
            in_head: false,
            notes: HashMap::new(),
        }
    }

    fn size(&self) -> usize {
        self.out.len() + self.leaf.as_ref().map_or(0, |(leaf, ..)| leaf.len())
    }

    fn event(&mut self, event: Event<'_>, bytes: Range<usize>) {
        if let Some((_, stretches)) = &mut self.code
            && let Event::Text(text) = &event
        {
            let same = self.hidden.get(bytes.clone()) == Some(text);
            let text = if same { self.source.at(bytes.clone()).to_owned() } else { text.to_string() };
            stretches.push(Stretch { text, bytes, same });
            return;
        }
        if self.image.is_some() {
            self.in_image(event, bytes);
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, bytes),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, bytes),
            Event::Code(text) => self.inline_code(&text, bytes),
            Event::Html(text) | Event::InlineHtml(text) if inline::is_break(&text) => {
                self.flush();
                self.leaf().tag("<br>");
            }
            Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) => self.raw(bytes),
            Event::SoftBreak => self.line_end(bytes, self.keep_lines),
            Event::HardBreak => self.line_end(bytes, true),
            Event::Rule => {
                self.close_leaf();
                self.out.push_str("<hr>");
            }
            Event::FootnoteReference(name) => {
                let number = self.note(&name);
                self.atom("sup", " class=\"footnote\"", &number.to_string(), bytes);
            }
            Event::TaskListMarker(done) => {
                let (said, shown) = if done { ("Done", "☑") } else { ("To do", "☐") };
                let attributes = format!(" class=\"task\" role=\"img\" aria-label=\"{said}\"");
                self.atom("span", &attributes, shown, bytes);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, bytes: Range<usize>) {
        match tag {
            Tag::Paragraph => self.open_leaf("<p dir=\"auto\"", "</p>"),
            Tag::Heading { level, .. } => self.heading(level),
            Tag::HtmlBlock => self.open_leaf("<p class=\"raw\" dir=\"auto\"", "</p>"),
            Tag::BlockQuote(_) => self.open_block("<blockquote dir=\"auto\">", "</blockquote>"),
            Tag::List(None) => self.open_block("<ul dir=\"auto\">", "</ul>"),
            Tag::List(Some(start)) => {
                self.open_block(&format!("<ol dir=\"auto\" start=\"{start}\">"), "</ol>");
            }
            Tag::Item => self.open_block("<li>", "</li>"),
            Tag::CodeBlock(kind) => {
                self.close_leaf();
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.as_ref(),
                    CodeBlockKind::Indented => "",
                };
                self.code = Some((code::language(info), Vec::new()));
            }
            Tag::FootnoteDefinition(name) => {
                let number = self.note(&name);
                self.open_block(&format!("<div class=\"footnote-text\"><sup>{number}</sup>"), "</div>");
            }
            Tag::Table(columns) => {
                self.columns = columns;
                let start =
                    "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table dir=\"auto\">";
                self.open_block(start, "</table></div>");
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.open_block("<thead><tr>", "</tr></thead><tbody>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.open_block("<tr>", "</tr>");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.open_inline("<em>", "</em>"),
            Tag::Strong => self.open_inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.open_inline("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.open_link(&dest_url, bytes),
            Tag::Image { dest_url, .. } => {
                self.flush();
                self.image = Some((Self::target(&dest_url, bytes), String::new(), 0));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.close_leaf(),
            TagEnd::TableCell => {
                self.column += 1;
                self.close_leaf();
            }
            TagEnd::CodeBlock => {
                if let Some((language, stretches)) = self.code.take() {
                    self.out.push_str(&code::block(self.source, &language, &stretches));
                }
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.close_block();
            }
            TagEnd::Table => {
                self.out.push_str("</tbody>");
                self.close_block();
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::TableRow => {
                self.close_block();
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.close_inline(),
            TagEnd::Link => self.close_link(),
            _ => {}
        }
    }

    /// Headings stand below those of the page, and none skips a level.
    fn heading(&mut self, level: HeadingLevel) {
        self.headings.retain(|above| *above < level);
        self.headings.push(level);
        match self.headings.len() {
            1 => self.open_leaf("<h3 dir=\"auto\"", "</h3>"),
            2 => self.open_leaf("<h4 dir=\"auto\"", "</h4>"),
            3 => self.open_leaf("<h5 dir=\"auto\"", "</h5>"),
            _ => self.open_leaf("<h6 dir=\"auto\"", "</h6>"),
        }
    }

    fn cell(&mut self) {
        let class = match self.columns.get(self.column) {
            Some(Alignment::Left) => " class=\"left\"",
            Some(Alignment::Center) => " class=\"center\"",
            Some(Alignment::Right) => " class=\"right\"",
            _ => "",
        };
        if self.in_head {
            self.open_leaf(&format!("<th scope=\"col\" dir=\"auto\"{class}"), "</th>");
        } else {
            self.open_leaf(&format!("<td dir=\"auto\"{class}"), "</td>");
        }
    }

    fn note(&mut self, name: &str) -> usize {
        let next = self.notes.len() + 1;
        *self.notes.entry(name.to_owned()).or_insert(next)
    }

    // Blocks and elements inside text.

    fn open_block(&mut self, start: &str, end: &'static str) {
        self.close_leaf();
        // A table stays whole wherever it begins, and an item goes with its list.
        let belongs = end == "</li>" && self.open.last().is_some_and(|list| !list.is_empty());
        if self.open.len() < DEEPEST || belongs || end.contains("</t") {
            self.out.push_str(start);
            self.open.push(end);
        } else {
            self.open.push("");
        }
    }

    fn close_block(&mut self) {
        self.close_leaf();
        self.out.push_str(self.open.pop().unwrap_or_default());
    }

    fn open_leaf(&mut self, start: &str, end: &'static str) {
        self.close_leaf();
        self.leaf = Some((Leaf::new(Bidi::Prose), start.to_owned(), end));
    }

    fn close_leaf(&mut self) {
        self.flush();
        if let Some((leaf, start, end)) = self.leaf.take() {
            let (map, html) = leaf.finish();
            for piece in [&start, &map, ">", &html, end] {
                self.out.push_str(piece);
            }
        }
    }

    /// The block of text being written. An item of a tight list has none of its own.
    fn leaf(&mut self) -> &mut Leaf {
        let tight = || (Leaf::new(Bidi::Prose), "<p class=\"tight\" dir=\"auto\"".to_owned(), "</p>");
        &mut self.leaf.get_or_insert_with(tight).0
    }

    fn open_inline(&mut self, start: &str, end: &'static str) {
        self.flush();
        if self.open.len() < DEEPEST {
            self.leaf().tag(start);
            self.open.push(end);
        } else {
            self.open.push("");
        }
    }

    fn close_inline(&mut self) {
        self.flush();
        let end = self.open.pop().unwrap_or_default();
        self.leaf().tag(end);
    }

    // Links and pictures.

    fn target(url: &str, bytes: Range<usize>) -> Target {
        Target { allowed: link::is_allowed(url), words_end: bytes.start, url: url.to_owned(), bytes }
    }

    fn open_link(&mut self, url: &str, bytes: Range<usize>) {
        let target = Self::target(url, bytes);
        if target.allowed {
            self.open_inline(&link::start(&target.url), "</a>");
        } else {
            self.open_inline("", "");
        }
        self.link = Some(target);
    }

    fn close_link(&mut self) {
        self.close_inline();
        if let Some(target) = self.link.take()
            && !target.allowed
        {
            let range = self.source.range(target.words_end.min(target.bytes.end)..target.bytes.end);
            let shown = link::refused(&target.url);
            self.leaf().atom("span", " class=\"target\" dir=\"auto\"", &shown, &range);
        }
    }

    fn in_image(&mut self, event: Event<'_>, bytes: Range<usize>) {
        let Some((_, words, inside)) = &mut self.image else { return };
        match event {
            Event::Start(_) => *inside += 1,
            Event::End(_) if *inside > 0 => *inside -= 1,
            Event::End(_) => {
                if let Some((target, words, _)) = self.image.take() {
                    let range = self.source.range(target.bytes);
                    let shown = link::picture(&words, &target.url);
                    self.leaf().atom("span", " class=\"image\" dir=\"auto\"", &shown, &range);
                }
            }
            Event::Text(text) if self.hidden.get(bytes.clone()) == Some(&text) => words.push_str(self.source.at(bytes)),
            Event::Text(text) => words.push_str(&text),
            Event::Code(text) => words.push_str(&text),
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            _ => {}
        }
    }

    // Text.

    fn text(&mut self, text: &CowStr<'_>, bytes: Range<usize>) {
        if let Some(link) = &mut self.link {
            link.words_end = bytes.end;
        }
        if bytes.end <= self.until {
            return;
        }
        let seen = self.hidden.get(bytes.clone()).unwrap_or_default();
        if seen == text.as_ref() {
            self.same_text(bytes);
            return;
        }
        self.flush();
        // A range may hold spaces that were cut off, a backslash, or a reference.
        let reference = seen.strip_prefix('&').and_then(|rest| rest.find(';')).filter(|_| !text.contains(';'));
        if let Some(length) = reference {
            let source = self.source;
            self.leaf().whole(text, source, bytes.start..bytes.start + length + 2);
        } else if seen.starts_with(text.as_ref()) {
            self.same_text(bytes.start..bytes.start + text.len());
        } else if seen.ends_with(text.as_ref()) {
            self.same_text(bytes.end - text.len()..bytes.end);
        } else {
            let source = self.source;
            self.leaf().whole(text, source, bytes);
        }
    }

    /// Text that the source has too, with the formulas in it.
    fn same_text(&mut self, mut bytes: Range<usize>) {
        bytes.start = bytes.start.max(self.until);
        while let Some(formula) = self.formulas.get(self.next) {
            if formula.bytes.start >= bytes.end {
                break;
            }
            let number = self.next;
            self.next += 1;
            if formula.bytes.start < bytes.start {
                continue;
            }
            self.push(bytes.start..formula.bytes.start);
            self.formula(number, formula);
            bytes.start = formula.bytes.end;
            self.until = formula.bytes.end;
        }
        self.push(bytes);
    }

    fn formula(&mut self, number: usize, formula: &Formula) {
        self.flush();
        let range = self.source.range(formula.bytes.clone());
        let place = self.shown.len();
        self.shown.push(number);
        let class = if formula.display { "math math-block" } else { "math" };
        self.leaf().atom("span", &format!(" class=\"{class}\" data-m=\"{place}\""), "", &range);
    }

    fn push(&mut self, bytes: Range<usize>) {
        if bytes.start >= bytes.end {
            return;
        }
        if self.pending.end == bytes.start && !self.pending.is_empty() {
            self.pending.end = bytes.end;
        } else {
            self.flush();
            self.pending = bytes;
        }
    }

    /// Writes the text that was put off, with the addresses in it as links.
    fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.pending);
        if bytes.is_empty() {
            return;
        }
        let (source, within) = (self.source, self.link.is_some());
        let leaf = self.leaf();
        if within {
            leaf.text(source, bytes);
        } else {
            link::linked(leaf, source, bytes);
        }
    }

    fn atom(&mut self, name: &str, attributes: &str, inner: &str, bytes: Range<usize>) {
        self.flush();
        let range = self.source.range(bytes);
        self.leaf().atom(name, attributes, inner, &range);
    }

    fn inline_code(&mut self, text: &str, bytes: Range<usize>) {
        self.flush();
        if let Some(link) = &mut self.link {
            link.words_end = bytes.end;
        }
        let source = self.source;
        let runs = inline::code(self.hidden.get(bytes.clone()).unwrap_or_default(), text, bytes.start);
        let leaf = self.leaf();
        leaf.tag("<code dir=\"auto\">");
        for run in runs {
            leaf.text(source, run);
        }
        leaf.tag("</code>");
    }

    /// HTML of the source, shown as it is written.
    fn raw(&mut self, bytes: Range<usize>) {
        self.flush();
        let source = self.source;
        let leaf = self.leaf();
        let mut from = bytes.start;
        for line in source.at(bytes).split_inclusive('\n') {
            let words = line.trim_end_matches(['\n', '\r']).len();
            leaf.text(source, from..from + words);
            if words < line.len() {
                leaf.tag("<br>");
                leaf.text(source, from + line.len() - 1..from + line.len());
            }
            from += line.len();
        }
    }

    fn line_end(&mut self, bytes: Range<usize>, shown: bool) {
        if bytes.start < self.until {
            return;
        }
        self.flush();
        let source = self.source;
        let leaf = self.leaf();
        if shown {
            leaf.tag("<br>");
        }
        if let Some(at) = line_feed(source.at(bytes.clone())) {
            leaf.text(source, bytes.start + at..bytes.start + at + 1);
        } else {
            leaf.whole("\n", source, bytes);
        }
    }
}

/// Where the line ends in these bytes.
fn line_feed(text: &str) -> Option<usize> {
    text.find('\n').or_else(|| text.find('\r'))
}
