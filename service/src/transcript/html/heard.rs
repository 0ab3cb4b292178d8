//! Labels that pages write for people who cannot see them: before each message stands who speaks, in the language of the
//! reader. They are read before the words are, and told by how they repeat.

use std::collections::BTreeMap;

use entity::message::Role;

use super::{
    dom::Dom,
    markdown::Writer,
    site::{self, OTHER},
};
use crate::transcript::text::labels;

/// Letters of the longest label.
const LONGEST: usize = 60;
/// Words of the longest label.
const MOST_WORDS: usize = 7;
/// Stands before the sign of a role, where a label stood: no page has this character.
const BEGIN: char = '\u{fdd0}';
/// Stands behind it.
const END: char = '\u{fdd1}';
/// The sign of the person.
const USER: &str = "?";
/// The sign of the model.
const MODEL: &str = "!";

/// A label.
struct Label {
    node: usize,
    text: String,
    /// It is an attribute of the element that it names.
    attribute: bool,
    role: Option<Role>,
}

/// Who says what, by the labels of the page, if both sides have one. What stands before the first is of nobody.
pub(super) fn said(dom: &mut Dom, html: &str) -> Option<Vec<(Role, String)>> {
    if html.contains([BEGIN, END]) {
        return None;
    }
    let labels = told(labels_of(dom))?;
    for label in &labels {
        let sign = if label.role == Some(Role::User) { USER } else { MODEL };
        dom.put(label.node, format!("{BEGIN}{sign}{END}"), !label.attribute);
    }
    let text = Writer::new(dom, &OTHER, false).text(0);
    let mut pieces = text.split(BEGIN);
    let mut said = vec![(Role::Unknown, body(pieces.next().unwrap_or_default()).to_owned())];
    for piece in pieces {
        let (sign, words) = piece.split_once(END).unwrap_or((MODEL, piece));
        said.push((if sign == USER { Role::User } else { Role::Assistant }, body(words).to_owned()));
    }
    said.retain(|(_, words)| !words.trim().is_empty());
    let both = [Role::User, Role::Assistant].iter().all(|role| said.iter().any(|(found, _)| found == role));
    both.then_some(said)
}

/// What is said before a label, without the sign of the list or the quotation that the label stands in.
fn body(text: &str) -> &str {
    let text = text.trim_matches('\n').trim_end();
    let (before, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let signs = last.chars().all(|letter| matches!(letter, '-' | '>' | '*' | '|' | '#' | ' '));
    if signs { before.trim_end() } else { text }
}

/// All short texts that may be labels, in their order.
fn labels_of(dom: &Dom) -> Vec<Label> {
    let mut labels = Vec::new();
    for node in dom.walk(0, |id| matches!(dom.name(id), "head" | "script" | "style" | "svg" | "nav" | "button")) {
        let name = dom.name(node);
        let spoken = dom.attribute(node, "aria-label");
        let holds = matches!(name, "article" | "section" | "div" | "li");
        let (text, attribute) = match () {
            () if !name.is_empty()
                && (site::is_heard(dom, node) || dom.has_attribute(node, "data-conversation-role")) =>
            {
                (dom.words(node), false)
            }
            () if holds && !spoken.is_empty() && dom.attribute(node, "role") != "button" => (spoken.to_owned(), true),
            () => continue,
        };
        let text: String = text.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.trim_end_matches([':', '：', ' ']).to_lowercase();
        if text.is_empty() || text.chars().count() > LONGEST || text.split(' ').count() > MOST_WORDS {
            continue;
        }
        let role = match dom.attribute(node, "data-conversation-role") {
            "user" => Some(Role::User),
            "assistant" => Some(Role::Assistant),
            _ => labels::spoken(&text),
        };
        labels.push(Label { node, text, attribute, role });
    }
    labels
}

/// The labels of those who speak: known ones, and what comes as often beside them.
fn told(labels: Vec<Label>) -> Option<Vec<Label>> {
    let mut roles: BTreeMap<String, Role> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for label in &labels {
        *counts.entry(&label.text).or_default() += 1;
        if let Some(role) = label.role {
            roles.insert(label.text.clone(), role);
        }
    }
    let has = |roles: &BTreeMap<String, Role>, role| roles.values().any(|found| *found == role);
    // The other label that comes most often, next to what is known.
    let other = |roles: &BTreeMap<String, Role>| {
        let known = |at: Option<&Label>| at.is_some_and(|label| roles.contains_key(&label.text));
        let beside = labels.iter().enumerate().filter(|(at, label)| {
            !roles.contains_key(&label.text)
                && (known(labels.get(at + 1)) || at.checked_sub(1).is_some_and(|before| known(labels.get(before))))
        });
        beside.map(|(_, label)| &label.text).max_by_key(|text| counts.get(text.as_str()).copied()).cloned()
    };
    match (has(&roles, Role::User), has(&roles, Role::Assistant)) {
        (true, true) => {}
        (true, false) => drop(roles.insert(other(&roles)?, Role::Assistant)),
        (false, true) => drop(roles.insert(other(&roles)?, Role::User)),
        (false, false) => {
            // Two that alternate: a person begins.
            let mut often: Vec<&&str> = counts.iter().filter(|(_, count)| **count > 1).map(|(text, _)| text).collect();
            often.sort_by_key(|text| std::cmp::Reverse(counts.get(**text).copied()));
            let pair: Vec<&&str> = often.into_iter().take(2).collect();
            let turns: Vec<&str> = labels
                .iter()
                .map(|label| label.text.as_str())
                .filter(|text| pair.iter().any(|one| **one == *text))
                .collect();
            let alternate = turns.iter().zip(turns.iter().skip(1)).all(|(one, next)| one != next);
            let (first, second) = (turns.first()?, turns.get(1)?);
            if pair.len() < 2 || !alternate {
                return None;
            }
            roles.insert((*first).to_owned(), Role::User);
            roles.insert((*second).to_owned(), Role::Assistant);
        }
    }
    let told = labels.into_iter().filter_map(|label| {
        let role = roles.get(&label.text).copied();
        role.map(|role| Label { role: Some(role), ..label })
    });
    Some(told.collect())
}
