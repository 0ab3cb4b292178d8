//! Brings the messages of a conversation into the order of their tree, whatever the file says about it.

use std::collections::HashMap;

use entity::Moment;

/// What a file says about the place of one node.
#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    /// What it follows.
    pub(super) parent: Parent,
    /// Its place among the children of its parent, if the file says it.
    pub(super) rank: Option<usize>,
    /// When it was written.
    pub(super) at: Option<Moment>,
}

/// What a node follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Parent {
    /// Nothing: it is the first.
    #[default]
    None,
    /// Another node.
    Node(usize),
    /// A node that is not in the file.
    Missing,
}

/// The nodes in order.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// All nodes, each after its parent, each branch whole before the next.
    pub(super) order: Vec<usize>,
    /// The parent of each node, after cutting cycles.
    pub(super) parents: Vec<Option<usize>>,
    /// Nodes whose parent is missing.
    pub(super) dangling: usize,
    /// Cycles that were cut.
    pub(super) cycles: usize,
}

impl Tree {
    /// The tree of these nodes. Takes time in proportion to their number and never recurses, so that a chain of any
    /// length is fine.
    pub(super) fn build(links: &[Link]) -> Self {
        let mut tree = Self { parents: Vec::with_capacity(links.len()), ..Self::default() };
        for link in links {
            let parent = match link.parent {
                Parent::Node(parent) if parent < links.len() => Some(parent),
                Parent::None => None,
                Parent::Node(_) | Parent::Missing => {
                    tree.dangling += 1;
                    None
                }
            };
            tree.parents.push(parent);
        }
        tree.cut_cycles();
        tree.sort(links);
        tree
    }

    /// Makes the first node of every cycle a root.
    fn cut_cycles(&mut self) {
        // The number of the walk that came by; 0 for none.
        let mut walks = vec![0_usize; self.parents.len()];
        for start in 0..self.parents.len() {
            let walk = start + 1;
            let mut at = Some(start);
            while let Some(node) = at {
                match walks.get_mut(node) {
                    Some(seen) if *seen == 0 => *seen = walk,
                    // Met itself: everything from here around is the cycle.
                    Some(seen) if *seen == walk => {
                        self.cut(node);
                        break;
                    }
                    _ => break,
                }
                at = self.parent(node);
            }
        }
    }

    /// Cuts the cycle through `node` before its first member.
    fn cut(&mut self, node: usize) {
        let mut first = node;
        let mut at = self.parent(node);
        while let Some(member) = at.filter(|member| *member != node) {
            first = first.min(member);
            at = self.parent(member);
        }
        if let Some(parent) = self.parents.get_mut(first) {
            *parent = None;
        }
        self.cycles += 1;
    }

    /// The parent of a node.
    pub(super) fn parent(&self, node: usize) -> Option<usize> {
        self.parents.get(node).copied().flatten()
    }

    /// Fills `order`.
    fn sort(&mut self, links: &[Link]) {
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for (node, parent) in self.parents.iter().enumerate() {
            children.entry(*parent).or_default().push(node);
        }
        let link = |node: &usize| links.get(*node);
        for siblings in children.values_mut() {
            let rank = |node: &usize| link(node).and_then(|link| link.rank);
            let time = |node: &usize| (link(node).and_then(|link| link.at).unwrap_or(Moment(i64::MAX)), *node);
            // A list that leaves some out says nothing about where those belong, so times decide then.
            if siblings.iter().all(|node| rank(node).is_some()) {
                siblings.sort_by_key(rank);
            } else {
                siblings.sort_by_key(time);
            }
        }
        let mut stack: Vec<usize> = Vec::new();
        let mut push = |stack: &mut Vec<usize>, parent: Option<usize>| {
            stack.extend(children.remove(&parent).unwrap_or_default().into_iter().rev());
        };
        push(&mut stack, None);
        while let Some(node) = stack.pop() {
            self.order.push(node);
            push(&mut stack, Some(node));
        }
    }
}
