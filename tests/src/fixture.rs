//! Exports made up by a small generator: of any size, in the shapes and the mixture of real ones, with nobody's words
//! in them. The same seed gives the same bytes.

mod archive;
mod chat;
mod words;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
mod tests;

use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde_json::{Value, json};

pub use archive::{chatgpt_zip, zip};
pub use chat::chat;
use words::Dice;

/// Chats of the real export whose mixture is imitated.
pub const CHATS: usize = 41;
/// Its messages, of which about a fifth are empty ones of the system.
pub const MESSAGES: usize = 4_900;
/// Its size.
pub const BYTES: usize = 28_500_000;

/// What the JSON around the words of one message takes.
const FRAME: usize = 700;
/// When the first chat begins: 2024-03-09, in seconds since 1970.
const BEGINNING: u32 = 1_710_000_000;

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Mostly empty, hidden.
    System,
    /// Custom instructions.
    Context,
    /// A question.
    Question,
    /// A question with a picture.
    Picture,
    /// The model's reasoning.
    Thoughts,
    /// A program, sent to a tool.
    Code,
    /// What a tool answers.
    ToolText,
    /// What a program prints.
    Output,
    /// A page that was read.
    Page,
    /// How long the model thought.
    Recap,
    /// An answer.
    Answer,
}

/// How often each kind occurs in the real export of 4,879 messages, when it comes in a turn, and how many words it has
/// compared with the others.
const MIXTURE: [(Kind, usize, usize, usize); 11] = [
    (Kind::System, 992, 0, 0),
    (Kind::Context, 46, 1, 1),
    (Kind::Question, 642, 2, 1),
    (Kind::Picture, 79, 2, 1),
    (Kind::Thoughts, 727, 3, 3),
    (Kind::Code, 442, 4, 3),
    (Kind::ToolText, 657, 4, 8),
    (Kind::Output, 72, 4, 3),
    (Kind::Page, 13, 4, 12),
    (Kind::Recap, 373, 5, 0),
    (Kind::Answer, 836, 6, 6),
];

/// Deals kinds so that after any number of messages each has come as often as its share.
struct Deck {
    /// How many of each kind have been dealt.
    dealt: [usize; MIXTURE.len()],
    /// How many in all.
    total: usize,
}

impl Deck {
    /// The next kind: the one furthest behind its share.
    fn deal(&mut self) -> usize {
        let whole: usize = MIXTURE.iter().map(|(_, share, ..)| share).sum();
        self.total += 1;
        let missing = |(at, (_, share, ..)): &(usize, &(Kind, usize, usize, usize))| {
            (share * self.total).saturating_sub(self.dealt.get(*at).copied().unwrap_or_default() * whole)
        };
        let next = MIXTURE.iter().enumerate().max_by_key(missing).map_or(0, |(at, _)| at);
        if let Some(count) = self.dealt.get_mut(next) {
            *count += 1;
        }
        next
    }

    /// The kinds of a chat of `count` messages, in turns: question, reasoning, tools, answer. With the number of the turn.
    fn chat(&mut self, count: usize) -> Vec<(Kind, usize, usize)> {
        let mut counts = [0_usize; MIXTURE.len()];
        for _ in 0..count {
            let kind = self.deal();
            counts.iter_mut().enumerate().filter(|(at, _)| *at == kind).for_each(|(_, count)| *count += 1);
        }
        let questions = MIXTURE.iter().zip(&counts).filter(|((_, _, phase, _), _)| *phase == 2).map(|(_, count)| count);
        let turns = questions.sum::<usize>().max(1);
        let mut placed: Vec<(usize, usize, usize, Kind, usize)> = Vec::with_capacity(count);
        for ((kind, _, phase, weight), of_kind) in MIXTURE.iter().zip(counts) {
            for number in 0..of_kind {
                placed.push((number * turns / of_kind, *phase, number, *kind, *weight));
            }
        }
        placed.sort_by_key(|(turn, phase, number, ..)| (*turn, *phase, *number));
        placed.into_iter().map(|(turn, _, _, kind, weight)| (kind, weight, turn)).collect()
    }
}

/// Writes an export in the shape of ChatGPT: `chats` conversations, an eighth of them with branches, of `messages`
/// messages in the real mixture, about `bytes` long.
///
/// # Errors
/// If `out` cannot be written to.
pub fn chatgpt_export(seed: u64, chats: usize, messages: usize, bytes: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    let mut deck = Deck { dealt: [0; MIXTURE.len()], total: 0 };
    let mut written = 0;
    let mut left = messages;
    out.write_all(b"[")?;
    for chat in 0..chats {
        let fair = left / (chats - chat);
        // Some chats are long and most are short, as in life.
        let count = if chat + 1 == chats { left } else { (fair / 4 + dice.below(fair * 3 / 2 + 1)).min(left) };
        let kinds = deck.chat(count);
        // 5 of 41.
        let branched = chat * 5 / CHATS.min(chats) != (chat + 1) * 5 / CHATS.min(chats) && chats >= 5;
        let budget = bytes.saturating_sub(written) / left.max(1) * count;
        let text = conversation(&mut dice, chat, &kinds, branched, budget).to_string();
        if chat > 0 {
            out.write_all(b",\n")?;
        }
        out.write_all(text.as_bytes())?;
        written += text.len();
        left -= count;
    }
    out.write_all(b"]\n")
}

/// One conversation of about `budget` bytes.
fn conversation(dice: &mut Dice, chat: usize, kinds: &[(Kind, usize, usize)], branched: bool, budget: usize) -> Value {
    let start = BEGINNING + u32::try_from(chat).unwrap_or_default() * 86_400;
    let weights: usize = kinds.iter().map(|(_, weight, _)| weight).sum();
    let unit = budget.saturating_sub(kinds.len() * FRAME) / weights.max(1);
    let model = ["gpt-4o", "gpt-5", "gpt-5-thinking", "o3"].get(chat % 4).copied().unwrap_or("gpt-4o");
    let root = dice.id();
    // Parents first, because a node names its children before they come.
    let ids: Vec<String> = kinds.iter().map(|_| dice.id()).collect();
    let mut parents = Vec::with_capacity(kinds.len());
    let (mut last, mut turn, mut turn_parent) = (root.clone(), 0, root.clone());
    for ((_, _, at), id) in kinds.iter().zip(&ids) {
        if *at != turn {
            // An edited question: this turn stands beside the one before.
            let edited = branched && (*at == 1 || dice.below(20) == 0);
            if edited {
                last.clone_from(&turn_parent);
            } else {
                turn_parent.clone_from(&last);
            }
            turn = *at;
        }
        parents.push(std::mem::replace(&mut last, id.clone()));
    }
    let mut by_parent: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, parent) in ids.iter().zip(&parents) {
        by_parent.entry(parent).or_default().push(id);
    }
    let children = |id: &String| by_parent.get(id.as_str()).cloned().unwrap_or_default();
    let mut mapping = serde_json::Map::new();
    mapping.insert(root.clone(), json!({ "id": root, "message": null, "parent": null, "children": children(&root) }));
    let mut seconds = start;
    for (((kind, weight, _), id), parent) in kinds.iter().zip(&ids).zip(&parents) {
        seconds += 2 + u32::try_from(dice.below(90)).unwrap_or_default();
        let time = f64::from(seconds) + f64::from(u32::try_from(dice.below(1_000_000)).unwrap_or_default()) / 1e6;
        let size = unit * weight * (50 + dice.below(101)) / 100;
        let message = message(dice, *kind, id, time, model, size);
        mapping.insert(id.clone(), json!({ "id": id, "message": message, "parent": parent, "children": children(id) }));
    }
    json!({
        "title": dice.title(), "create_time": f64::from(start), "update_time": f64::from(seconds), "mapping": mapping,
        "moderation_results": [], "current_node": last, "plugin_ids": null, "conversation_id": root, "id": root,
        "conversation_template_id": null, "gizmo_id": null, "is_archived": false, "safe_urls": [],
        "default_model_slug": model,
    })
}

/// One message with about `size` bytes of words.
fn message(dice: &mut Dice, kind: Kind, id: &str, time: f64, model: &str, size: usize) -> Value {
    let text = |parts: Value| json!({ "content_type": "text", "parts": parts });
    let (role, name, recipient, content) = match kind {
        Kind::System => ("system", None, "all", text(json!([""]))),
        Kind::Context => {
            let profile = dice.prose(size / 2);
            let content = json!({ "content_type": "user_editable_context", "user_profile": profile,
                "user_instructions": dice.prose(size / 2) });
            ("user", None, "all", content)
        }
        Kind::Question => ("user", None, "all", text(json!([dice.prose(size)]))),
        Kind::Picture => {
            let picture = json!({ "content_type": "image_asset_pointer", "width": 1024, "height": 768,
                "asset_pointer": format!("sediment://file_{}", dice.id()), "size_bytes": dice.below(900_000) });
            ("user", None, "all", json!({ "content_type": "multimodal_text", "parts": [picture, dice.prose(size)] }))
        }
        Kind::Thoughts => {
            let thoughts: Vec<Value> =
                (0..3).map(|_| json!({ "summary": dice.title(), "content": dice.prose(size / 3) })).collect();
            let content =
                json!({ "content_type": "thoughts", "thoughts": thoughts, "source_analysis_msg_id": dice.id() });
            ("assistant", None, "all", content)
        }
        Kind::Code => {
            let content = json!({ "content_type": "code", "language": "python", "text": dice.program(size) });
            ("assistant", None, "python", content)
        }
        Kind::ToolText => ("tool", Some("file_search"), "all", text(json!([dice.prose(size)]))),
        Kind::Output => {
            ("tool", Some("python"), "all", json!({ "content_type": "execution_output", "text": dice.program(size) }))
        }
        Kind::Page => {
            let content =
                json!({ "content_type": "tether_browsing_display", "result": dice.prose(size), "summary": null });
            ("tool", Some("web"), "all", content)
        }
        Kind::Recap => {
            let content = json!({ "content_type": "reasoning_recap", "content": format!("Thought for {} seconds", 2 + dice.below(40)) });
            ("assistant", None, "all", content)
        }
        Kind::Answer => ("assistant", None, "all", text(json!([dice.answer(size)]))),
    };
    let hidden = matches!(kind, Kind::System | Kind::Context);
    let metadata = json!({
        "is_visually_hidden_from_conversation": hidden, "request_id": dice.id(), "turn_exchange_id": dice.id(),
        "message_type": "next", "model_slug": if role == "assistant" { Some(model) } else { None },
        "timestamp_": "absolute", "can_save": true, "citations": [], "content_references": [],
    });
    json!({
        "id": id, "author": { "role": role, "name": name, "metadata": {} },
        "create_time": if hidden { None } else { Some(time) }, "update_time": null, "content": content,
        "status": "finished_successfully", "end_turn": if kind == Kind::Answer { Some(true) } else { None }, "weight": 1.0,
        "metadata": metadata, "recipient": recipient, "channel": null,
    })
}

/// Writes an export in the shape of Claude: `chats` conversations of `messages` messages in all, every fifth with an
/// abandoned branch.
///
/// # Errors
/// If `out` cannot be written to.
pub fn claude_export(seed: u64, chats: usize, messages: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    let time =
        |chat: usize, at: usize| format!("2026-02-{:02}T10:{:02}:{:02}.250000Z", 1 + chat % 28, at / 60 % 60, at % 60);
    out.write_all(b"[")?;
    for chat in 0..chats {
        let count = messages * (chat + 1) / chats - messages * chat / chats;
        let mut parents = vec!["00000000-0000-4000-8000-000000000000".to_owned()];
        let mut list = Vec::with_capacity(count);
        for at in 0..count {
            let id = dice.id();
            // The third message is said again in another way.
            let again = chat % 5 == 0 && at == 4;
            let parent = if again { parents.get(2) } else { parents.last() };
            let sender = if at % 2 == 0 { "human" } else { "assistant" };
            let text = if at % 2 == 0 { dice.prose(200) } else { dice.answer(900) };
            let mut content = vec![json!({ "type": "text", "text": text, "citations": [] })];
            if at % 4 == 3 {
                content.insert(
                    0,
                    json!({ "type": "thinking", "thinking": dice.prose(300), "summaries": [], "cut_off": false }),
                );
            }
            list.push(
                json!({ "uuid": id, "text": text, "content": content, "sender": sender, "created_at": time(chat, at),
                "updated_at": time(chat, at), "attachments": [], "files": [], "parent_message_uuid": parent }),
            );
            parents.push(id);
        }
        let conversation = json!({ "uuid": dice.id(), "name": dice.title(), "summary": "", "created_at": time(chat, 0),
            "updated_at": time(chat, count), "account": { "uuid": dice.id() }, "chat_messages": list });
        if chat > 0 {
            out.write_all(b",\n")?;
        }
        out.write_all(conversation.to_string().as_bytes())?;
    }
    out.write_all(b"]\n")
}
