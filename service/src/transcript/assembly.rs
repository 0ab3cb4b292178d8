//! Puts messages together into a conversation, in the order of their tree.

use std::collections::HashMap;

use entity::message::{Part, PartKind};
use serde_json::Value;

use super::{MOST_MESSAGES, ParsedConversation, ParsedMessage, notes::Notes, tree::Tree};

/// Bytes of text in one message.
pub(super) const MOST_TEXT: usize = 4 << 20;

/// The messages put together so far.
pub(super) struct Assembly<'a> {
    /// The tree of the nodes of the file.
    tree: &'a Tree,
    /// For each node the message that stands for it: its own, or that of the nearest node before it that has one.
    near: Vec<Option<usize>>,
    /// The messages.
    messages: Vec<ParsedMessage>,
    /// The message of each id.
    ids: HashMap<String, usize>,
}

impl<'a> Assembly<'a> {
    /// Nothing yet. Nodes are to be put in the order of the tree.
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, near: vec![None; tree.parents.len()], messages: Vec::new(), ids: HashMap::new() }
    }

    /// Leaves a node out: what follows it follows the message before it.
    pub(super) fn skip(&mut self, node: usize) {
        let before = self.before(node);
        self.stand(node, before);
    }

    /// Puts a message; its parent and place on the path are filled in here.
    pub(super) fn put(&mut self, node: usize, mut message: ParsedMessage, notes: &mut Notes) -> Result<(), String> {
        if let Some(first) = message.source_id.as_ref().and_then(|id| self.ids.get(id)).copied() {
            notes.duplicates += 1;
            self.stand(node, Some(first));
            return Ok(());
        }
        if length(&message.parts) > MOST_TEXT {
            message.parts.iter_mut().for_each(lighten);
        }
        let text = length(&message.parts);
        if text > MOST_TEXT {
            return Err(format!(
                "a message has {} MiB of text; the limit is {} MiB",
                text.div_ceil(1 << 20),
                MOST_TEXT >> 20
            ));
        }
        if self.messages.len() == MOST_MESSAGES {
            return Err(format!("it has more than {MOST_MESSAGES} messages"));
        }
        let index = self.messages.len();
        message.parent = self.before(node);
        if let Some(id) = &message.source_id {
            self.ids.insert(id.clone(), index);
        }
        self.messages.push(message);
        self.stand(node, Some(index));
        Ok(())
    }

    /// The message before a node.
    fn before(&self, node: usize) -> Option<usize> {
        self.tree.parent(node).and_then(|parent| self.near.get(parent).copied().flatten())
    }

    /// Notes which message stands for a node.
    fn stand(&mut self, node: usize, message: Option<usize>) {
        if let Some(place) = self.near.get_mut(node) {
            *place = message;
        }
    }

    /// Fills in messages, path and notes of `conversation`. `leaf` is the last node of the visible path, where the
    /// file says it.
    pub(super) fn finish(
        self,
        leaf: Option<usize>,
        mut notes: Notes,
        conversation: ParsedConversation,
    ) -> Result<ParsedConversation, String> {
        let Self { near, mut messages, tree, .. } = self;
        if messages.is_empty() {
            return Err("it has no messages".to_owned());
        }
        let said = leaf.and_then(|node| near.get(node).copied().flatten());
        let leaf = said.or_else(|| {
            let (guess, certain) = latest(&messages);
            notes.guessed = !certain;
            guess
        });
        let mut at = leaf;
        while let Some(message) = at.and_then(|index| messages.get_mut(index)) {
            message.on_path = true;
            at = message.parent;
        }
        notes.dangling += tree.dangling;
        notes.cycles += tree.cycles;
        Ok(ParsedConversation { messages, leaf, notes: notes.into_words(), ..conversation })
    }
}

/// Bytes of text in these parts.
fn length(parts: &[Part]) -> usize {
    parts.iter().filter_map(|part| part.text.as_deref()).map(str::len).sum()
}

/// Takes the text of a part away that its data say too: of a call, and of a document that a change made.
fn lighten(part: &mut Part) {
    let Some(data) = &mut part.data else { return };
    match part.kind {
        PartKind::ToolCall | PartKind::Unknown => part.text = None,
        PartKind::Document if data.get("version").and_then(Value::as_u64).is_some_and(|version| version > 1) => {
            let change = data.get_mut("source").map(Value::take);
            (part.kind, part.text, part.lang, part.data) = (PartKind::ToolCall, None, None, change);
        }
        _ => {}
    }
}

/// The end of the path that takes the last child each time, from the root with most messages; and whether there was
/// no other choice.
fn latest(messages: &[ParsedMessage]) -> (Option<usize>, bool) {
    let mut last_child = vec![None; messages.len()];
    let mut sizes = vec![1_usize; messages.len()];
    let mut certain = messages.iter().filter(|message| message.parent.is_none()).count() < 2;
    for (index, message) in messages.iter().enumerate() {
        if let Some(place) = message.parent.and_then(|parent| last_child.get_mut(parent)) {
            certain &= place.is_none();
            *place = Some(index);
        }
    }
    // Parents stand before their children, so from the end on every size is complete when it is passed up.
    for (index, message) in messages.iter().enumerate().rev() {
        let size = sizes.get(index).copied().unwrap_or_default();
        if let Some(total) = message.parent.and_then(|parent| sizes.get_mut(parent)) {
            *total += size;
        }
    }
    let roots = messages.iter().enumerate().filter(|(_, message)| message.parent.is_none());
    let mut end =
        roots.max_by_key(|(index, _)| (sizes.get(*index).copied(), std::cmp::Reverse(*index))).map(|(index, _)| index);
    while let Some(next) = end.and_then(|index| last_child.get(index).copied().flatten()) {
        end = Some(next);
    }
    (end, certain)
}

/// Makes every part of a message `context`, which is for the conversation's owner alone.
pub(super) fn keep_private(message: &mut ParsedMessage) {
    for part in &mut message.parts {
        part.kind = PartKind::Context;
    }
}
