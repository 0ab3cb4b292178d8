//! Documents that a model writes beside the conversation: a canvas, an artifact, a file. What it changes in one gives
//! the document as it is then, where that can be told; the change as it is where it cannot.

use entity::message::{Part, PartKind};
use regex_lite::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::{assembly, part};

/// Bytes of documents of one conversation that changes give; beyond them changes are kept as they are. Each change gives
/// its document anew, so that a small file could hold more than any server.
const MOST_TEXT: usize = 8 << 20;
/// What changes may cost in one conversation, in bytes of a document; times bytes of the pattern where there is one.
const MOST_WORK: usize = 128 << 20;
/// Versions of documents that are looked back through: a conversation may hold a million.
const MOST_BACK: usize = 1_000;
/// Bytes that a pattern takes when it is prepared.
const MOST_PATTERN: usize = 64 << 10;

/// A document as it is written.
#[derive(Debug)]
pub(super) struct Draft {
    /// What it is known by.
    pub(super) id: String,
    /// What people call it.
    pub(super) title: Option<String>,
    /// The language of its text; none for Markdown.
    pub(super) lang: Option<String>,
    /// All of it.
    pub(super) text: String,
}

/// A change of a document.
#[derive(Debug)]
pub(super) enum Edit {
    /// These words, which stand in it once, by those.
    Words(String, String),
    /// What a pattern finds by other words, once or each time.
    Pattern {
        /// A regular expression.
        pattern: String,
        /// May name what was found, as `\1`.
        by: String,
        /// Each time.
        all: bool,
    },
    /// Lines put in after so many others.
    Insert(usize, String),
    /// All of it.
    Whole(String),
}

/// The documents of one conversation, on all its branches.
#[derive(Debug, Default)]
pub(super) struct Papers {
    /// Each with what it became, in the order in which they were read.
    versions: Vec<Version>,
    /// The newest version before each node, of whatever document.
    newest: Vec<Option<usize>>,
    /// Of the node that is being read.
    here: Option<usize>,
    /// Bytes that changes gave.
    text: usize,
    /// What changes cost.
    work: usize,
}

#[derive(Debug)]
struct Version {
    draft: Draft,
    number: u32,
    before: Option<usize>,
}

impl Papers {
    /// Begins to read a node, which follows `parent`. Parents are read before their children.
    pub(super) fn enter(&mut self, parent: Option<usize>) {
        self.here = parent.and_then(|parent| self.newest.get(parent).copied().flatten());
    }

    /// Ends to read a node.
    pub(super) fn leave(&mut self, node: usize) {
        if self.newest.len() <= node {
            self.newest.resize(node + 1, None);
        }
        if let Some(place) = self.newest.get_mut(node) {
            *place = self.here;
        }
    }

    /// The newest version of a document before here, or of whatever document for none.
    fn find(&self, id: Option<&str>) -> Option<&Version> {
        let version = |at: usize| self.versions.get(at);
        let newest = self.here.and_then(version);
        let mut back = std::iter::successors(newest, |before| before.before.and_then(version)).take(MOST_BACK);
        back.find(|version| id.is_none_or(|id| version.draft.id == id))
    }

    /// The newest form of a document before here.
    pub(super) fn known(&self, id: &str) -> Option<&Draft> {
        self.find(Some(id)).map(|version| &version.draft)
    }

    /// The document as a part. `data` is what else the source says.
    pub(super) fn write(&mut self, draft: Draft, data: Value) -> Option<Part> {
        let Draft { id, title, lang, text } = &draft;
        let number = self.find(Some(id)).map_or(1, |before| before.number.saturating_add(1));
        let data = json!({ "document": id, "version": number, "source": data });
        let part = part::words(PartKind::Document, text.clone())?;
        let part = Part { name: title.clone(), lang: lang.clone(), data: Some(data), ..part };
        self.versions.push(Version { draft, number, before: self.here });
        self.here = self.versions.len().checked_sub(1);
        Some(part)
    }

    /// A document after changes: the one with this id, or the newest for none. Nothing if the changes cannot be made: the
    /// document is not there, or the words to be changed are not in it, or not once.
    pub(super) fn change(&mut self, id: Option<&str>, edits: &[Edit], data: Value) -> Option<Part> {
        let draft = &self.find(id)?.draft;
        let mut work = self.work;
        let mut made: Option<String> = None;
        for edit in edits {
            let text = made.as_ref().unwrap_or(&draft.text);
            work = work.saturating_add(edit.cost(text));
            made = if work > MOST_WORK { None } else { edit.made(text) };
            if made.is_none() {
                break;
            }
        }
        let rest = made.map(|text| (draft.id.clone(), draft.title.clone(), draft.lang.clone(), text));
        self.work = work;
        let (id, title, lang, text) = rest?;
        self.text = self.text.saturating_add(text.len());
        if self.text > MOST_TEXT {
            return None;
        }
        self.write(Draft { id, title, lang, text }, data)
    }
}

impl Edit {
    /// What it costs to make the change in a text.
    fn cost(&self, text: &str) -> usize {
        match self {
            Self::Pattern { pattern, .. } if !is_everything(pattern) && literal(pattern).is_none() => {
                text.len().saturating_mul(pattern.len())
            }
            _ => text.len(),
        }
    }

    /// The text after the change.
    fn made(&self, text: &str) -> Option<String> {
        match self {
            Self::Whole(all) => Some(all.clone()),
            Self::Words(old, new) => {
                let (before, after) = text.split_once(old.as_str()).filter(|_| !old.is_empty())?;
                (!after.contains(old.as_str())).then(|| [before, new, after].concat())
            }
            Self::Insert(lines, new) => {
                let end = text.split_inclusive('\n').take(*lines).map(str::len).sum();
                let (before, after) = text.split_at_checked(end)?;
                let gap = |text: &str| if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                Some([before, gap(before), new, if after.is_empty() { "" } else { gap(new) }, after].concat())
            }
            Self::Pattern { pattern, by, .. } if is_everything(pattern) => Some(by.clone()),
            Self::Pattern { pattern, by, all } => {
                let most = if *all { usize::MAX } else { 1 };
                if let Some(words) = literal(pattern) {
                    let (by, count) = (plain(by), text.matches(&words).take(most).count());
                    return fits(count, &by, 0).then(|| text.replacen(&words, &by, count));
                }
                let pattern = compiled(pattern)?;
                let (by, count) = (replacement(by), pattern.find_iter(text).take(most).count());
                // What is named anew each time is in all no more than the text.
                let named = by.matches("${").count().saturating_mul(text.len());
                fits(count, &by, named).then(|| pattern.replacen(text, count, by).into_owned())
            }
        }
    }
}

/// Whether so many replacements are some, and make no more than a message may hold.
fn fits(count: usize, by: &str, named: usize) -> bool {
    count > 0 && count.saturating_mul(by.len()).saturating_add(named) <= assembly::MOST_TEXT
}

/// Does this pattern stand for all of a text?
fn is_everything(pattern: &str) -> bool {
    let inner = pattern.trim_start_matches("(?s)").trim_start_matches('^').trim_end_matches('$');
    matches!(inner, ".*" | ".+" | r"[\s\S]*" | r"[\s\S]+" | "(.*)" | "(?s:.*)")
}

/// The words that a pattern stands for, if it stands for no others.
fn literal(pattern: &str) -> Option<String> {
    let mut words = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        words.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                't' => '\t',
                other if other.is_alphanumeric() => return None,
                other => other,
            },
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => return None,
            letter => letter,
        });
    }
    (!words.is_empty()).then_some(words)
}

/// A replacement that names nothing that was found.
fn plain(by: &str) -> String {
    by.replace("\\\\", "\\")
}

/// A pattern as the canvas reads it: a dot stands for the end of a line too.
fn compiled(pattern: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(pattern);
    builder.dot_matches_new_line(true).size_limit(MOST_PATTERN).build().ok()
}

/// A replacement that names what was found as `\1`, in the words of our patterns.
fn replacement(by: &str) -> String {
    let mut made = String::with_capacity(by.len());
    let mut letters = by.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                made.push_str("${");
                made.extend(letters.next());
                made.push('}');
            }
            ('\\', Some('\\')) => made.extend(letters.next()),
            ('$', _) => made.push_str("$$"),
            (letter, _) => made.push(letter),
        }
    }
    made
}

/// The language that a kind of document or the name of a file stands for; none for Markdown.
pub(super) fn language(kind: Option<&str>, name: Option<&str>, said: Option<String>) -> Option<String> {
    if said.is_some() {
        return said;
    }
    let of_kind = match kind {
        Some("document" | "text/markdown" | "markdown") => return None,
        Some("image/svg+xml") => Some("svg"),
        Some("application/vnd.ant.mermaid") => Some("mermaid"),
        Some("application/vnd.ant.react") => Some("jsx"),
        Some("text/plain" | "application/vnd.ant.code") => Some("text"),
        Some(kind) => kind.strip_prefix("code/").or_else(|| kind.strip_prefix("text/")),
        None => None,
    };
    let of_kind = of_kind.filter(|lang| *lang != "other");
    let end = || Some(name?.rsplit(['/', '\\']).next()?.rsplit_once('.')?.1);
    match of_kind.or_else(end)?.to_ascii_lowercase().as_str() {
        "md" | "markdown" => None,
        "txt" => Some("text".to_owned()),
        "py" => Some("python".to_owned()),
        "js" | "mjs" => Some("javascript".to_owned()),
        "ts" => Some("typescript".to_owned()),
        "rs" => Some("rust".to_owned()),
        "sh" => Some("bash".to_owned()),
        "yml" => Some("yaml".to_owned()),
        "htm" => Some("html".to_owned()),
        other => Some(other.to_owned()),
    }
}
