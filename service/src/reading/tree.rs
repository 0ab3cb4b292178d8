//! The messages of a conversation as a tree: one path through it, and where it could go another way.
//!
//! Messages that are their owner's alone are no nodes of it (ADR 0006): what hangs on one hangs on the message before
//! it, for every reader, so that neither a place nor a count of versions tells that it exists.

use std::{collections::HashMap, ops::Range};

use entity::{
    MessageId, Moment,
    message::{self, Role},
};
use sea_orm::{
    ColumnTrait, DerivePartialModel,
    sea_query::{Expr, Func, SimpleExpr},
};

/// Characters of a question that the list of them may need.
const OPENING: i32 = 200;

/// Messages on one page at most.
pub const PAGE: usize = 1_000;

/// A message without its words.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "message::Entity")]
pub struct Node {
    /// Key.
    pub id: MessageId,
    /// The message it follows.
    pub(super) parent_id: Option<MessageId>,
    pub(super) position: i32,
    /// Who speaks.
    pub role: Role,
    /// Which model.
    pub model: Option<String>,
    /// When it was written.
    pub created_at: Option<Moment>,
    /// Not shown by the platform it comes from.
    pub hidden: bool,
    pub(super) on_path: bool,
    /// For the conversation's owner alone.
    pub confidential: bool,
    /// Counts changes of its words; marks are made on one of them.
    pub version: i32,
    /// How a question begins.
    #[sea_orm(from_expr = "opening()")]
    pub(super) opening: Option<String>,
    /// How much it says that everybody reads, in characters.
    #[sea_orm(from_expr = "length()")]
    pub(super) length: Option<i32>,
}

/// The first words of what a person says.
fn opening() -> SimpleExpr {
    let content = Expr::col((message::Entity, message::Column::Content));
    let words = Func::cust("substr").arg(content).arg(1).arg(OPENING);
    Expr::case(message::COLUMN.role.eq(Role::User), words).into()
}

fn length() -> SimpleExpr {
    Func::char_length(Expr::col((message::Entity, message::Column::Content))).into()
}

/// A place where the conversation goes several ways, seen from the one that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Which of them this is, from 1.
    pub place: usize,
    /// How many there are.
    pub of: usize,
    /// The number of the one before.
    pub previous: Option<u32>,
    /// The number of the next one.
    pub next: Option<u32>,
}

/// Where a conversation went on beside the way that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// The number of the first message there.
    pub number: u32,
    /// Who speaks in it.
    pub role: Role,
    /// Which of the ways at that place it is, from 1.
    pub place: usize,
    /// How many questions there are from there on.
    pub questions: usize,
    /// How many messages there are from there on in which people and models say something.
    pub messages: usize,
    /// How many marks of messages from there on the reader sees.
    pub marks: usize,
    /// All messages from there on.
    pub(super) ids: Vec<MessageId>,
}

impl Node {
    /// Whether people or models say something in it that is read.
    pub(super) fn is_said(&self) -> bool {
        !self.hidden && self.role != Role::Tool && self.length.is_some_and(|length| length > 0)
    }

    /// Whether it is a question that everybody reads.
    pub(super) fn is_question(&self) -> bool {
        self.role == Role::User && !self.hidden && !self.confidential
    }

    /// Its number, from 1: the same for every reader, and for good. Two messages have the same one only where one of
    /// them is their owner's alone.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::try_from(self.position).unwrap_or(0).saturating_add(1)
    }
}

/// The tree.
pub(super) struct Tree {
    /// In reading order.
    nodes: Vec<Node>,
    places: HashMap<MessageId, usize>,
    /// The places of those that follow a message, or begin the conversation.
    children: HashMap<Option<MessageId>, Vec<usize>>,
}

impl Tree {
    /// The tree of these messages, which stand in reading order.
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        let places = nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
        let mut tree = Self { nodes, places, children: HashMap::new() };
        for (place, node) in tree.nodes.iter().enumerate().filter(|(_, node)| !node.confidential) {
            let parent = tree.parent(node);
            tree.children.entry(parent).or_default().push(place);
        }
        tree
    }

    fn node(&self, id: MessageId) -> Option<&Node> {
        self.places.get(&id).and_then(|place| self.nodes.get(*place))
    }

    /// The messages above one, nearest first.
    fn above(&self, node: &Node) -> impl Iterator<Item = &Node> {
        let up = |node: &&Node| node.parent_id.and_then(|id| self.node(id));
        // No cycle can make this endless.
        std::iter::successors(node.parent_id.and_then(|id| self.node(id)), move |node| up(node)).take(self.nodes.len())
    }

    /// The message that everybody sees one follow.
    fn parent(&self, node: &Node) -> Option<MessageId> {
        self.above(node).find(|above| !above.confidential).map(|above| above.id)
    }

    fn after(&self, parent: Option<MessageId>) -> impl DoubleEndedIterator<Item = &Node> + Clone {
        self.children.get(&parent).into_iter().flatten().filter_map(|place| self.nodes.get(*place))
    }

    /// The path through the message with this number, which ends as its platform shows it or, beside that, with what
    /// was written last. With `own`, also what is the owner's alone on it. None if there is no such number.
    pub(super) fn path(&self, through: Option<u32>, own: bool) -> Option<Vec<&Node>> {
        let mut path = Vec::new();
        if let Some(number) = through {
            let node = self.nodes.iter().find(|node| !node.confidential && node.number() == number)?;
            path.push(node);
            path.extend(self.above(node).filter(|above| !above.confidential));
            path.reverse();
        }
        while path.len() < self.nodes.len() {
            let mut ways = self.after(path.last().map(|node| node.id));
            let Some(next) = ways.clone().find(|node| node.on_path).or_else(|| ways.next_back()) else { break };
            path.push(next);
        }
        Some(if own { self.with_own(path) } else { path })
    }

    fn with_own<'a>(&'a self, path: Vec<&'a Node>) -> Vec<&'a Node> {
        let last = path.last().map(|node| node.id);
        let ending = self.nodes.iter().filter(|node| node.confidential && node.on_path && self.parent(node) == last);
        let mut all = Vec::with_capacity(path.len());
        for node in path {
            let from = all.len();
            all.extend(self.above(node).take_while(|above| above.confidential));
            all.get_mut(from..).unwrap_or_default().reverse();
            all.push(node);
        }
        all.extend(ending);
        all
    }

    /// The other ways at the place where this message is one of several.
    pub(super) fn fork(&self, node: &Node) -> Option<Fork> {
        if node.confidential {
            return None;
        }
        let ways: Vec<u32> = self.after(self.parent(node)).map(Node::number).collect();
        let at = ways.iter().position(|number| *number == node.number())?;
        let of = ways.len();
        let previous = at.checked_sub(1).and_then(|before| ways.get(before)).copied();
        (of > 1).then(|| Fork { place: at + 1, of, previous, next: ways.get(at + 1).copied() })
    }

    /// All messages on the other ways at the place where this message is one of several, with their numbers.
    pub(super) fn elsewhere(&self, node: &Node) -> Vec<(MessageId, u32)> {
        if node.confidential {
            return Vec::new();
        }
        let place = |node: &Node| (node.id, node.number());
        let others = self.after(self.parent(node)).filter(|other| other.id != node.id);
        let mut found: Vec<(MessageId, u32)> = others.map(place).collect();
        let mut seen = 0;
        while let Some((id, _)) = found.get(seen).copied() {
            seen += 1;
            found.extend(self.after(Some(id)).map(place));
        }
        found
    }

    /// Where the conversation went on, for a path that leaves the way its platform shows. Its marks are not counted yet.
    pub(super) fn onward(&self, path: &[&Node]) -> Option<Onward> {
        let turned = path.iter().find(|node| !node.confidential && !node.on_path)?;
        let (place, first) = self.after(self.parent(turned)).enumerate().find(|(_, node)| node.on_path)?;
        let next = |node: &&Node| self.after(Some(node.id)).find(|below| below.on_path);
        let way: Vec<&Node> = std::iter::successors(Some(first), next).take(self.nodes.len()).collect();
        Some(Onward {
            number: first.number(),
            role: first.role,
            place: place + 1,
            questions: way.iter().filter(|node| node.is_question()).count(),
            messages: way.iter().filter(|node| node.is_said()).count(),
            marks: 0,
            ids: way.iter().map(|node| node.id).collect(),
        })
    }
}

/// The pages of a path.
pub(super) fn pages(length: usize) -> Vec<Range<usize>> {
    let starts = (0..length.max(1)).step_by(PAGE);
    starts.map(|start| start..length.min(start + PAGE)).collect()
}
