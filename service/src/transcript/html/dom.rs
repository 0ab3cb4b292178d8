//! HTML as a tree. What is pasted or saved was written by a browser, so tags are closed; a tokenizer and a stack are
//! enough, and unlike a browser's own rules they take linear time whatever comes.

use std::cell::RefCell;

use html5ever::{
    TokenizerResult,
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind},
};

/// Elements within each other; deeper ones stand beside each other.
const DEEPEST: usize = 160;
/// Bytes of an attribute that are kept.
const LONGEST_VALUE: usize = 4 << 10;
/// Elements that hold nothing.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that end where the next of them begins, and where that search stops.
const SIBLINGS: [(&str, &[&str]); 6] = [
    ("p", &["p"]),
    ("li", &["li"]),
    ("tr", &["tr"]),
    ("td", &["td", "th"]),
    ("th", &["td", "th"]),
    ("option", &["option"]),
];

/// An element or a text.
#[derive(Debug, Default)]
struct Node {
    /// The name of an element; empty for a text.
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<usize>,
    /// What it stands in; itself for the one that holds all others.
    parent: usize,
}

/// A document or a piece of one; node 0 holds all others.
#[derive(Debug)]
pub(super) struct Dom {
    nodes: Vec<Node>,
}

impl Dom {
    /// Reads HTML.
    pub(super) fn of(html: &str) -> Self {
        let root = Node { name: "root".to_owned(), ..Node::default() };
        let builder = Builder { nodes: vec![root], open: vec![0], beyond: 0 };
        let tokenizer = Tokenizer::new(Sink(RefCell::new(builder)), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        // Nothing runs scripts here; the tokenizer only stops to let others do so.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.end();
        Self { nodes: tokenizer.sink.0.into_inner().nodes }
    }

    /// The name of an element; empty for a text.
    pub(super) fn name(&self, id: usize) -> &str {
        self.nodes.get(id).map_or("", |node| node.name.as_str())
    }

    /// The text; empty for an element.
    pub(super) fn text(&self, id: usize) -> &str {
        self.nodes.get(id).map_or("", |node| node.text.as_str())
    }

    /// What a node stands in; the node that holds all others stands in itself.
    pub(super) fn parent(&self, id: usize) -> usize {
        self.nodes.get(id).map_or(0, |node| node.parent)
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Puts a line of this text at the beginning of an element, or in place of all that is in it.
    pub(super) fn put(&mut self, id: usize, text: String, alone: bool) {
        let (line, words) = (self.nodes.len(), self.nodes.len() + 1);
        self.nodes.push(Node { name: "p".to_owned(), children: vec![words], parent: id, ..Node::default() });
        self.nodes.push(Node { text, parent: line, ..Node::default() });
        let Some(node) = self.nodes.get_mut(id) else { return };
        if alone {
            *node = Node { name: "div".to_owned(), parent: node.parent, ..Node::default() };
        }
        node.children.insert(0, line);
    }

    pub(super) fn children(&self, id: usize) -> &[usize] {
        self.nodes.get(id).map_or(&[], |node| node.children.as_slice())
    }

    /// An attribute; empty if there is none.
    pub(super) fn attribute(&self, id: usize, name: &str) -> &str {
        let found = self.nodes.get(id).and_then(|node| node.attributes.iter().find(|(found, _)| found == name));
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(super) fn has_attribute(&self, id: usize, name: &str) -> bool {
        self.nodes.get(id).is_some_and(|node| node.attributes.iter().any(|(found, _)| found == name))
    }

    pub(super) fn has_class(&self, id: usize, class: &str) -> bool {
        self.attribute(id, "class").split_ascii_whitespace().any(|found| found == class)
    }

    /// A node and all below it, in the order of the document. What `skip` says so is left out, with all below it.
    pub(super) fn walk<'a>(
        &'a self,
        from: usize,
        skip: impl Fn(usize) -> bool + 'a,
    ) -> impl Iterator<Item = usize> + 'a {
        let mut next = vec![from];
        std::iter::from_fn(move || {
            loop {
                let id = next.pop()?;
                if !skip(id) {
                    next.extend(self.children(id).iter().rev());
                    return Some(id);
                }
            }
        })
    }

    /// The first node below that is so.
    pub(super) fn find(&self, from: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        self.walk(from, |_| false).find(|id| is(*id))
    }

    /// All words of a node, as they stand.
    pub(super) fn words(&self, from: usize) -> String {
        self.walk(from, |_| false).map(|id| if self.name(id) == "br" { "\n" } else { self.text(id) }).collect()
    }
}

struct Builder {
    nodes: Vec<Node>,
    /// The elements that are open.
    open: Vec<usize>,
    /// Elements that are open too, but too deep to be nested.
    beyond: usize,
}

impl Builder {
    fn append(&mut self, node: Node) -> usize {
        let id = self.nodes.len();
        let parent = self.open.last().copied().unwrap_or_default();
        self.nodes.push(Node { parent, ..node });
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.push(id);
        }
        id
    }

    fn name(&self, id: usize) -> &str {
        self.nodes.get(id).map_or("", |node| node.name.as_str())
    }

    fn start(&mut self, tag: Tag) {
        let name = tag.name.to_string();
        if let Some((_, ends)) = SIBLINGS.iter().find(|(sibling, _)| *sibling == name)
            && let Some(last) = self.open.last()
            && ends.contains(&self.name(*last))
        {
            self.open.pop();
        }
        let short = |value: &str| value.chars().take(LONGEST_VALUE).collect();
        let attributes = tag.attrs.iter().map(|found| (found.name.local.to_string(), short(&found.value))).collect();
        let empty = tag.self_closing || VOID.contains(&name.as_str());
        let id = self.append(Node { name, attributes, ..Node::default() });
        if !empty && self.open.len() < DEEPEST {
            self.open.push(id);
        } else if !empty {
            self.beyond += 1;
        }
    }

    fn end(&mut self, name: &str) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(at) = self.open.iter().rposition(|id| self.name(*id) == name)
            && at > 0
        {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, text: &str) {
        let last = self.open.last().and_then(|id| self.nodes.get(*id)).and_then(|node| node.children.last()).copied();
        match last.and_then(|id| self.nodes.get_mut(id)) {
            Some(node) if node.name.is_empty() => node.text.push_str(text),
            _ => drop(self.append(Node { text: text.to_owned(), ..Node::default() })),
        }
    }
}

/// What the tokenizer hands its tokens to.
struct Sink(RefCell<Builder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => builder.end(&tag.name),
            Token::TagToken(tag) => {
                let raw = match &*tag.name {
                    "script" => Some(RawKind::ScriptData),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
                    "textarea" | "title" => Some(RawKind::Rcdata),
                    _ => None,
                };
                let empty = tag.self_closing;
                builder.start(tag);
                if let (Some(raw), false) = (raw, empty) {
                    return TokenSinkResult::RawData(raw);
                }
            }
            Token::CharacterTokens(text) => builder.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
