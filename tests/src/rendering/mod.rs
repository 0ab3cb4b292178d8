//! What must hold of every rendering, whatever was written: it runs nothing, and each character knows where it is from.

mod generate;

use std::{ops::Range, path::PathBuf};

use scraper::{ElementRef, Html, Node};
use service::{
    entity::message::{Part, PartKind, Role},
    rendering::{Renderer, SourceMap, atom_range},
};

pub use generate::{FRAGMENTS, Generator};

const ELEMENTS: [&str; 26] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const MATHML: [&str; 25] = [
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

const ATTRIBUTES: [&str; 13] = [
    "aria-label",
    "class",
    "data-a",
    "data-copy",
    "data-m",
    "data-s",
    "dir",
    "href",
    "rel",
    "role",
    "scope",
    "start",
    "tabindex",
];

const MATHML_ATTRIBUTES: [&str; 25] = [
    "accent",
    "accentunder",
    "class",
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

/// A part of one text.
#[must_use]
pub fn part(kind: PartKind, text: &str) -> Part {
    Part { kind, text: Some(text.to_owned()), lang: None, name: None, data: None }
}

/// The HTML of a text that somebody with this role wrote.
#[must_use]
pub fn html(renderer: &Renderer, role: Role, text: &str) -> String {
    renderer.render(role, &[part(PartKind::Text, text)]).0.remove(0).html
}

/// Renders a text as every kind of part and checks each.
///
/// # Errors
/// What does not hold.
pub fn check(renderer: &Renderer, text: &str) -> Result<(), String> {
    let kinds = [PartKind::Text, PartKind::Code, PartKind::Error, PartKind::Citation];
    for (role, kind) in kinds.map(|kind| (Role::Assistant, kind)).into_iter().chain([(Role::User, PartKind::Text)]) {
        let mut part = part(kind, text);
        part.lang = (kind == PartKind::Code).then(|| "python".to_owned());
        part.data = Some(serde_json::json!({ "url": text }));
        let html = renderer.render(role, &[part]).0.remove(0).html;
        let tree = Html::parse_fragment(&html);
        let wrong = |reason: String| format!("{kind:?}: {reason}\n{html}");
        is_inert(&tree).map_err(wrong)?;
        if matches!(kind, PartKind::Text | PartKind::Code) {
            is_mapped(&tree, text).map_err(wrong)?;
        }
        if html.len() > 64 * 1024 + 60 * text.len() {
            return Err(wrong(format!("{} bytes became {}", text.len(), html.len())));
        }
    }
    Ok(())
}

/// Whether nothing in the HTML, read again as a browser reads it, can run, load or leave the page unasked.
///
/// # Errors
/// What stands there besides.
pub fn is_inert(tree: &Html) -> Result<(), String> {
    for node in tree.tree.root().descendants().skip(1) {
        match node.value() {
            Node::Text(_) | Node::Fragment => {}
            Node::Element(element) => {
                let name = element.name();
                let is_math = &*element.name.ns == "http://www.w3.org/1998/Math/MathML";
                let listed = if is_math { MATHML.contains(&name) } else { ELEMENTS.contains(&name) || name == "html" };
                if !listed {
                    return Err(format!("the element {name}"));
                }
                for (attribute, value) in element.attrs() {
                    let listed: &[&str] = if is_math { &MATHML_ATTRIBUTES } else { &ATTRIBUTES };
                    if !listed.contains(&attribute) {
                        return Err(format!("the attribute {attribute} of {name}"));
                    }
                    let goes = |scheme: &&str| value.to_ascii_lowercase().starts_with(*scheme);
                    if attribute == "href" && !["http://", "https://", "mailto:"].iter().any(goes) {
                        return Err(format!("a link to {value:?}"));
                    }
                }
                if name == "a" && element.attr("rel") != Some("noopener nofollow noreferrer") {
                    return Err("a link without rel".to_owned());
                }
            }
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(())
}

/// One block of text: its characters with the ranges they come from, and the ranges of its atoms.
#[derive(Debug)]
pub struct Block {
    /// Name of the element.
    pub name: String,
    /// Characters that are text of the source.
    pub text: Vec<(char, Range<usize>)>,
    /// What stands for a range as a whole: its text and the range.
    pub atoms: Vec<(String, Range<usize>)>,
}

/// The blocks of text of a rendering, as a script in the page would read them.
///
/// # Errors
/// What cannot be read, or text that no block holds.
pub fn blocks(tree: &Html) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    for node in tree.tree.root().descendants() {
        if let Some(element) = ElementRef::wrap(node) {
            let is_block = element.attr("data-s").is_some();
            if is_block || element.attr("data-a").is_some() && block_of(element).is_none() {
                blocks.push(block(element)?);
            }
        }
        if let Some(text) = node.value().as_text() {
            let label = |e: &ElementRef<'_>| {
                ["data-s", "data-a"].iter().any(|name| e.attr(name).is_some())
                    || e.attr("class") == Some("code-language")
                    || e.value().name() == "sup"
            };
            let held = node.ancestors().filter_map(ElementRef::wrap).any(|e| label(&e));
            if !held && !text.trim().is_empty() {
                return Err(format!("text from nowhere: {:?}", &**text));
            }
        }
    }
    Ok(blocks)
}

/// The block an element stands in.
fn block_of(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap).find(|e| e.attr("data-s").is_some())
}

fn block(element: ElementRef<'_>) -> Result<Block, String> {
    let map = match element.attr("data-s") {
        Some(attribute) => Some(SourceMap::parse(attribute).ok_or(format!("data-s={attribute:?}"))?),
        None => None,
    };
    let mut block = Block { name: element.value().name().to_owned(), text: Vec::new(), atoms: Vec::new() };
    let inside = element.id();
    for node in element.descendants() {
        if let Some(atom) = ElementRef::wrap(node).filter(|e| e.attr("data-a").is_some()) {
            let attribute = atom.attr("data-a").unwrap_or_default();
            let range = atom_range(attribute).ok_or(format!("data-a={attribute:?}"))?;
            block.atoms.push((atom.text().collect(), range));
        }
        let within = node.ancestors().take_while(|a| a.id() != inside).filter_map(ElementRef::wrap);
        let mut within = within.chain(Some(element));
        if let Some(text) = node.value().as_text().filter(|_| within.all(|e| e.attr("data-a").is_none())) {
            for c in text.chars() {
                let map = map.as_ref().ok_or("text in a block without data-s")?;
                let offset = block.text.len();
                block.text.push((c, map.source_of(offset).ok_or(format!("nothing at {offset}"))?));
            }
        }
    }
    Ok(block)
}

/// Whether every character of every block is the one that stands in the source at its mapped place, in order.
///
/// # Errors
/// The first that is not.
pub fn is_mapped(tree: &Html, text: &str) -> Result<(), String> {
    let source: Vec<char> = text.chars().collect();
    for block in blocks(tree)? {
        let mut last = 0;
        for (c, range) in &block.text {
            let there = source.get(range.clone()).ok_or(format!("{range:?} of {}", source.len()))?;
            if !is_same(*c, there) {
                return Err(format!("{c:?} came from {there:?} at {range:?}"));
            }
            if range.start < last {
                return Err(format!("{c:?} at {range:?} comes after {last}"));
            }
            last = range.start;
        }
        for (shown, range) in &block.atoms {
            if range.start > range.end || range.end > source.len() {
                return Err(format!("{shown:?} at {range:?} of {}", source.len()));
            }
        }
    }
    Ok(())
}

/// Whether a character shows these of the source: the same, or what a reference or a line end stands for.
fn is_same(shown: char, source: &[char]) -> bool {
    match source {
        [one] if *one == shown => true,
        ['\r'] | ['\r', '\n'] => shown == '\n',
        ['\0'] => shown == '\u{FFFD}',
        ['&', .., ';'] => true,
        // Indented code: what is left of a tab.
        [] | ['\t'] => shown == ' ',
        _ => false,
    }
}

/// The documents that are kept for tests and mutated by the fuzzer, by name.
#[must_use]
pub fn corpus() -> Vec<(String, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus/rendering");
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}
