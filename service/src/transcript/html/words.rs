//! The words of a page that one sees, and those of them that were not kept.

use entity::message::Part;

use super::{
    dom::Dom,
    site::{self, Site},
};

/// Words that are quoted in a note.
const QUOTED: usize = 8;
/// Times that a word is looked for in all of a message, which is slow.
const MOST_LOOKS: usize = 500;

/// The first words that one sees below a node, buttons and all.
pub(super) fn first(dom: &Dom, id: usize, count: usize) -> Vec<&str> {
    let texts = dom.walk(id, |at| matches!(dom.name(at), "script" | "style" | "svg")).map(|at| dom.text(at));
    texts.flat_map(str::split_whitespace).filter(|word| is_word(word)).take(count).collect()
}

/// The texts that one sees below a node: without what is for pressing, for finding one's way, or unseen.
pub(super) fn seen<'a>(dom: &'a Dom, site: &'a Site, id: usize) -> impl Iterator<Item = &'a str> {
    let skip = |at: usize| site::is_unseen(dom, at) || site::is_way(dom, at) || (site.chrome)(dom, at);
    dom.walk(id, skip).map(|at| dom.text(at)).filter(|text| !text.is_empty())
}

/// Is there anything in it that is said?
pub(super) fn is_word(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

/// Words that were left out, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// How many.
    pub(super) count: usize,
    quoted: Vec<String>,
}

impl Left {
    /// Adds the words of a text.
    pub(super) fn add(&mut self, text: &str) {
        for word in text.split_whitespace().filter(|word| is_word(word)) {
            self.count += 1;
            if self.quoted.len() < QUOTED {
                self.quoted.push(word.chars().take(40).collect());
            }
        }
    }

    /// What is to be said of them: `one` or `many` of them, and the first in quotation marks.
    pub(super) fn note(&self, one: &str, many: &str) -> Option<String> {
        let more = if self.count > self.quoted.len() { " …" } else { "" };
        let words = self.quoted.join(" ");
        match self.count {
            0 => None,
            1 => Some(format!("1 {one}: “{words}”")),
            count => Some(format!("{count} {many}: “{words}{more}”")),
        }
    }
}

/// Adds the words that one sees in these elements and that none of the parts has.
///
/// Each text is looked for behind the one before it, letters and digits alone: signs of Markdown do not count. What does
/// not stand there may have been moved, so it is looked for in all of the message, too.
pub(super) fn unsaid(dom: &Dom, site: &Site, nodes: &[usize], parts: &[Part], left: &mut Left) {
    let all = parts.iter().flat_map(|part| [part.text.as_deref(), part.name.as_deref()]).flatten();
    let said: String = all.flat_map(letters).collect();
    let (mut at, mut looks) = (0, 0);
    for node in nodes {
        let formula =
            |id: usize| dom.has_class(id, "katex") || dom.name(id) == "math" || dom.has_attribute(id, "data-math");
        let card = |id: usize| dom.attribute(id, "class").contains("artifact-block");
        let skip = |id: usize| site::is_unseen(dom, id) || (site.chrome)(dom, id) || formula(id) || card(id);
        for text in dom.walk(*node, skip).map(|id| dom.text(id)) {
            let wanted: String = letters(text).collect();
            if wanted.is_empty() {
                continue;
            }
            let rest = said.get(at..).unwrap_or_default();
            if let Some(found) = rest.find(&wanted) {
                at += found + wanted.len();
                continue;
            }
            looks += 1;
            if looks > MOST_LOOKS || !said.contains(&wanted) {
                left.add(text);
            }
        }
    }
}

/// The letters and digits of a text.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| letter.is_alphanumeric())
}
