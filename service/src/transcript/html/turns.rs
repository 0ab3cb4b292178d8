//! The messages of a page, and what stands on it outside of them. A page is believed only as far as its words are in
//! messages: a site that changes its page costs a note, never an answer.

use std::collections::{BTreeMap, HashSet};

use entity::message::{Part, PartKind, Role};

use super::{
    dom::Dom,
    markdown::Writer,
    site::Site,
    words::{self, Left},
};
use crate::transcript::part;

/// Words between messages that are kept as a message of nobody; fewer are things of the page.
const WORTH: usize = 30;

/// A message of a page.
pub(super) struct Turn {
    /// The elements that make it.
    pub(super) nodes: Vec<usize>,
    /// Who speaks.
    pub(super) role: Role,
}

/// Something on the page that is in no message.
#[derive(Clone, Copy)]
struct Stray {
    node: usize,
    /// The message it stands before.
    before: usize,
    words: usize,
    /// It stands among the messages.
    among: bool,
}

/// The messages of a page and what is to be said of the rest.
pub(super) struct Turns {
    turns: Vec<Turn>,
    strays: Vec<Stray>,
    /// Words in messages.
    inside: usize,
}

impl Turns {
    /// Looks for messages as `site` writes them.
    pub(super) fn of(dom: &Dom, site: &Site) -> Self {
        let turns = turns(dom, site);
        let inside = turns.iter().flat_map(|turn| &turn.nodes).map(|node| count(dom, site, *node)).sum();
        let strays = strays(dom, site, &turns);
        Self { turns, strays, inside }
    }

    fn speaks(&self, role: Role) -> bool {
        self.turns.iter().any(|turn| turn.role == role)
    }

    fn both(&self) -> bool {
        self.speaks(Role::User) && self.speaks(Role::Assistant)
    }

    /// Is this how the page is written? Not if one side alone speaks and much stands outside of what it says.
    pub(super) fn are_believed(&self, site: &Site) -> bool {
        let outside: usize = self.strays.iter().map(|stray| stray.words).sum();
        let known = self.turns.iter().any(|turn| turn.role != Role::Unknown);
        match (self.both(), site.both) {
            (true, true) => outside <= self.inside,
            (true, false) => true,
            (false, true) => false,
            (false, false) => known && outside * 4 <= self.inside,
        }
    }

    /// The messages in their order; what stands among them and is more than a label becomes one of nobody. With what is
    /// to be said of that and of all other words.
    pub(super) fn sorted(self, dom: &Dom, site: &Site) -> (Vec<Turn>, Vec<String>) {
        let (one_side, mut left, mut kept) = (!self.both(), Left::default(), Left::default());
        let mut gaps: BTreeMap<usize, Vec<Stray>> = BTreeMap::new();
        for stray in self.strays {
            gaps.entry(stray.before).or_default().push(stray);
        }
        let roles: Vec<Role> = self.turns.iter().map(|turn| turn.role).collect();
        let mut sorted = Vec::new();
        let mut turns = self.turns.into_iter();
        for gap in 0..=roles.len() {
            let (among, beside): (Vec<Stray>, Vec<Stray>) =
                gaps.remove(&gap).unwrap_or_default().into_iter().partition(|stray| stray.among);
            let before = gap.checked_sub(1).and_then(|before| roles.get(before));
            let unanswered = before == Some(&Role::User) && roles.get(gap) != Some(&Role::Assistant);
            let worth = unanswered || among.iter().map(|stray| stray.words).sum::<usize>() >= WORTH;
            let (some, others) = if worth { (among, beside) } else { (Vec::new(), [among, beside].concat()) };
            let say = |strays: &[Stray], into: &mut Left| {
                strays.iter().flat_map(|stray| words::seen(dom, site, stray.node)).for_each(|text| into.add(text));
            };
            say(&some, &mut kept);
            say(&others, &mut left);
            if !some.is_empty() {
                sorted.push(Turn { nodes: some.iter().map(|stray| stray.node).collect(), role: Role::Unknown });
            }
            sorted.extend(turns.next());
        }
        let mut notes = Vec::new();
        notes.extend(left.note(
            "word of the page stands outside its messages and was left out",
            "words of the page stand outside its messages and were left out",
        ));
        notes.extend(kept.note(
            "word stands between the messages and does not say who speaks; it was kept as a message of nobody",
            "words stand between the messages and do not say who speaks; they were kept as messages of nobody",
        ));
        if one_side {
            notes.push("only one side speaks on this page: check that nothing is missing".to_owned());
        }
        (sorted, notes)
    }
}

/// Words that one sees below a node.
fn count(dom: &Dom, site: &Site, node: usize) -> usize {
    words::seen(dom, site, node).flat_map(str::split_whitespace).filter(|word| words::is_word(word)).count()
}

/// The messages as `site` writes them; elements of which the page says that they are one message are one.
fn turns(dom: &Dom, site: &Site) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut last = None;
    let mut next = vec![0];
    while let Some(id) = next.pop() {
        let Some(role) = (site.turn)(dom, id) else {
            next.extend(dom.children(id).iter().rev());
            continue;
        };
        let holder = holder(dom, id);
        match turns.last_mut() {
            Some(turn) if turn.role == role && holder.is_some() && holder == last => turn.nodes.push(id),
            _ => turns.push(Turn { nodes: vec![id], role }),
        }
        last = holder;
    }
    turns
}

/// The element around a node of which the page says that it is one message, if there is one.
fn holder(dom: &Dom, id: usize) -> Option<usize> {
    let mut at = id;
    while at != 0 {
        if dom.has_attribute(at, "data-turn") || dom.has_attribute(at, "data-turn-id") {
            return Some(at);
        }
        at = dom.parent(at);
    }
    None
}

/// All that is in no message: the largest elements that hold none.
fn strays(dom: &Dom, site: &Site, turns: &[Turn]) -> Vec<Stray> {
    let nodes: Vec<usize> = turns.iter().flat_map(|turn| turn.nodes.iter().copied()).collect();
    let own: HashSet<usize> = nodes.iter().copied().collect();
    let mut held = vec![0_usize; dom.len()];
    for node in &nodes {
        let mut at = *node;
        loop {
            if let Some(count) = held.get_mut(at) {
                *count += 1;
            }
            if at == 0 {
                break;
            }
            at = dom.parent(at);
        }
    }
    let starts: HashSet<usize> = turns.iter().filter_map(|turn| turn.nodes.first().copied()).collect();
    let holds = |id: usize| held.get(id).copied().unwrap_or_default();
    let (mut strays, mut before) = (Vec::new(), 0);
    let mut next = vec![(0, false)];
    while let Some((id, among)) = next.pop() {
        if own.contains(&id) {
            before += usize::from(starts.contains(&id));
        } else if holds(id) > 0 {
            // The smallest element that holds all messages, and all in it, is among them.
            let smallest =
                holds(id) == nodes.len() && !dom.children(id).iter().any(|child| holds(*child) == nodes.len());
            next.extend(dom.children(id).iter().rev().map(|child| (*child, among || smallest)));
        } else {
            let words = count(dom, site, id);
            if words > 0 {
                strays.push(Stray { node: id, before, words, among });
            }
        }
    }
    strays
}

/// The parts of a message; texts of its elements are one text.
pub(super) fn parts(dom: &Dom, site: &Site, turn: &Turn) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for node in &turn.nodes {
        let found = match dom.name(*node) {
            "" => part::words(PartKind::Text, dom.text(*node).trim().to_owned()).into_iter().collect(),
            _ => Writer::new(dom, site, false).parts(*node, turn.role == Role::User),
        };
        for part in found {
            match parts.last_mut().map(|last| (last.kind, &mut last.text)) {
                Some((PartKind::Text, Some(text))) if part.kind == PartKind::Text => {
                    text.push_str("\n\n");
                    text.push_str(part.text.as_deref().unwrap_or_default());
                }
                _ => parts.push(part),
            }
        }
    }
    parts
}
