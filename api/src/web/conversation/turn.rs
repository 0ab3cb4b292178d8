//! Messages as they stand on the page: turns, with what lies below the surface folded into one line.

use service::{
    author::Author,
    entity::{
        MessageId,
        message::{PartKind, Role},
        rendering::RenderedPart,
    },
    reading::{Fork, Node, Shown},
    rendering::{is_hidden_layer, summary},
};

use crate::web::{
    page::When,
    words::{count, speaker},
};

/// What one side says before the other one answers.
pub(super) struct Turn {
    /// Its number; none for what is folded away as a whole.
    pub number: Option<u32>,
    /// The message it is named after.
    pub message: Option<MessageId>,
    pub speaker: String,
    pub kind: &'static str,
    /// Which model, where that is not who speaks.
    pub when: Option<When>,
    /// Where it could go another way before this turn.
    pub forks: Vec<Versions>,
    pub blocks: Vec<Block>,
}

/// A stretch of a turn.
pub(super) enum Block {
    /// HTML to read, and where it is from.
    Words(Option<Place>, String),
    /// Hidden layers.
    Folded(Folded),
}

/// Which part of which message: what marks are made on.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub message: MessageId,
    pub version: i32,
    pub part: usize,
}

/// Hidden layers that lie on each other.
pub(super) struct Folded {
    /// The line that stands for them.
    pub line: String,
    pub layers: Vec<Layer>,
}

/// One hidden layer.
pub(super) struct Layer {
    /// The number of its message, if it begins one.
    pub number: Option<u32>,
    /// What it is, where its HTML does not say.
    pub label: Option<String>,
    pub place: Option<Place>,
    part: RenderedPart,
    /// Part of a message that its platform does not show, and no layer by itself.
    said: bool,
}

impl Layer {
    pub(super) fn html(&self) -> &str {
        &self.part.html
    }
}

/// The versions of a message.
pub(super) struct Versions {
    /// The number of the one shown.
    pub number: u32,
    pub what: &'static str,
    /// What the addresses of the others point at.
    pub anchor: char,
    pub fork: Fork,
    /// The messages of the others with their numbers, for the script that counts the marks on them.
    pub elsewhere: String,
}

impl Turn {
    pub(super) fn is_prompt(&self) -> bool {
        self.kind == "user"
    }

    fn around(layers: Vec<Layer>, forks: Vec<Versions>) -> Self {
        let blocks = vec![Block::Folded(Folded::of(layers))];
        Self { number: None, message: None, speaker: String::new(), kind: "folded", when: None, forks, blocks }
    }
}

impl Folded {
    fn of(layers: Vec<Layer>) -> Self {
        let mut line = summary(layers.iter().filter(|layer| !layer.said).map(|layer| &layer.part)).unwrap_or_default();
        let said = layers.iter().filter(|layer| layer.said && layer.number.is_some()).count();
        if said > 0 {
            let said = count(u64::try_from(said).unwrap_or(0), "hidden message", "hidden messages");
            line = if line.is_empty() { said } else { format!("{line} · {said}") };
        }
        if line.is_empty() {
            "Hidden".clone_into(&mut line);
        }
        Self { line, layers }
    }
}

/// The messages of a page as turns.
pub(super) fn turns(messages: Vec<Shown>, owner: Option<&Author>) -> Vec<Turn> {
    let mut turns = Vec::with_capacity(messages.len());
    let (mut waiting, mut forks) = (Vec::new(), Vec::new());
    for message in messages {
        let Shown { node, fork, elsewhere, parts } = message;
        forks.extend(fork.map(|fork| Versions::of(&node, fork, &elsewhere)));
        let parts = placed(&node, parts);
        let folded = node.hidden || node.role == Role::Tool || parts.iter().all(|(_, part)| is_hidden_layer(part.kind));
        let number = (!node.confidential).then(|| node.number());
        let (speaker, kind) = speaker(node.role, owner, node.model.as_deref());
        if folded {
            waiting.extend(layers(parts, number, &speaker));
            continue;
        }
        // What a model thought and did belongs to its answer; anything else stands by itself.
        if node.role != Role::Assistant && !waiting.is_empty() {
            let own = forks.pop_if(|versions| fork.is_some() && versions.number == node.number());
            turns.push(Turn::around(std::mem::take(&mut waiting), std::mem::take(&mut forks)));
            forks.extend(own);
        }
        let blocks = blocks(std::mem::take(&mut waiting), parts);
        let (when, forks) = (node.created_at.map(When), std::mem::take(&mut forks));
        turns.push(Turn { number, message: Some(node.id), speaker, kind, when, forks, blocks });
    }
    if !waiting.is_empty() {
        turns.push(Turn::around(waiting, forks));
    }
    turns
}

impl Versions {
    fn of(node: &Node, fork: Fork, elsewhere: &[(MessageId, u32)]) -> Self {
        let (what, anchor) = if node.role == Role::User { ("Question", 'm') } else { ("Answer", 'v') };
        let elsewhere = elsewhere.iter().map(|(id, number)| format!("{id}:{number}")).collect::<Vec<_>>().join(" ");
        Self { number: node.number(), what, anchor, fork, elsewhere }
    }
}

/// What is to be seen of a message, part by part. Parts that are their owner's alone have no number, as in anchors.
fn placed(node: &Node, parts: Vec<RenderedPart>) -> Vec<(Option<Place>, RenderedPart)> {
    let mut numbers = 0..;
    let mut place = |kind| {
        let number = if kind == PartKind::Context { None } else { numbers.next() };
        number.map(|part| Place { message: node.id, version: node.version, part })
    };
    let numbered = parts.into_iter().map(|part| (place(part.kind), part));
    numbered.filter(|(_, part)| !part.html.is_empty()).collect()
}

/// The parts of a message of which nothing is shown.
fn layers(parts: Vec<(Option<Place>, RenderedPart)>, number: Option<u32>, speaker: &str) -> Vec<Layer> {
    let mut number = number;
    let layer = |(place, part): (Option<Place>, RenderedPart)| {
        let said = !is_hidden_layer(part.kind);
        let label = if said { Some(speaker.to_owned()) } else { label(&part) };
        Layer { number: number.take(), label, place, part, said }
    };
    parts.into_iter().map(layer).collect()
}

/// A heading for thoughts; the line on how long they took is none.
fn label(part: &RenderedPart) -> Option<String> {
    (part.kind == PartKind::Thinking && part.seconds.is_none()).then(|| "Thought".to_owned())
}

/// The parts of a message in their order, after the layers that lead up to it.
fn blocks(mut waiting: Vec<Layer>, parts: Vec<(Option<Place>, RenderedPart)>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, part) in parts {
        if is_hidden_layer(part.kind) {
            waiting.push(Layer { number: None, label: label(&part), place, part, said: false });
            continue;
        }
        if !waiting.is_empty() {
            blocks.push(Block::Folded(Folded::of(std::mem::take(&mut waiting))));
        }
        blocks.push(match part.line.clone() {
            Some(line) => {
                let layer = Layer { number: None, label: None, place, part, said: true };
                Block::Folded(Folded { line, layers: vec![layer] })
            }
            None => Block::Words(place, part.html),
        });
    }
    if !waiting.is_empty() {
        blocks.push(Block::Folded(Folded::of(waiting)));
    }
    blocks
}
