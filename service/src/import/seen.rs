//! What is here of a conversation that comes again, or would be after a dry run: what is new in it, and what has other words.

use std::collections::HashMap;

use entity::{ConversationId, conversation};
use sha2::{Digest, Sha256};

use super::{Ready, Request, Skipped};
use crate::{message::visible_text, transcript::ParsedMessage};

/// What a dry run has found so far, so that a conversation that comes again meets what would be here by then.
#[derive(Default)]
pub(super) struct Plan(pub(super) HashMap<(String, String), Seen>);

/// Words as they are compared.
pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// What is to be known of a conversation that is here, or would be after a dry run, when it comes again.
pub(super) struct Seen {
    /// None if it is not here yet.
    pub(super) id: Option<ConversationId>,
    pub(super) visibility: conversation::Visibility,
    /// Of the file it came from last.
    pub(super) hash: Option<Vec<u8>>,
    /// The words of the messages by their ids in the source.
    pub(super) words: HashMap<String, [u8; 32]>,
}

impl Seen {
    /// One that a dry run would bring.
    pub(super) fn planned(request: &Request) -> Self {
        Self { id: None, visibility: request.visibility, hash: None, words: HashMap::new() }
    }

    /// What would be here after this one was taken in. Words that are here stay.
    pub(super) fn take(&mut self, ready: &Ready) {
        self.hash = Some(ready.hash.clone());
        for message in &ready.parsed.messages {
            if let Some(id) = &message.source_id {
                self.words.entry(id.clone()).or_insert_with(|| digest(&visible_text(&message.parts)));
            }
        }
    }

    /// The indexes of the messages that are not here yet. One without an id of its own cannot be told from those here.
    pub(super) fn unseen<'a>(&'a self, ready: &'a Ready) -> impl Iterator<Item = usize> + 'a {
        let new = |source: &Option<String>| source.as_ref().is_some_and(|id| !self.words.contains_key(id));
        let numbered = ready.parsed.messages.iter().enumerate();
        numbered.filter(move |(_, message)| new(&message.source_id)).map(|(index, _)| index)
    }

    /// What to say of messages that are here with other words.
    fn changed(&self, ready: &Ready) -> Option<String> {
        let other = |message: &&ParsedMessage| {
            let here = message.source_id.as_ref().and_then(|id| self.words.get(id));
            here.is_some_and(|here| *here != digest(&visible_text(&message.parts)))
        };
        match ready.parsed.messages.iter().filter(other).count() {
            0 => None,
            1 => Some("1 message has other words in this file than here; what is here stays".to_owned()),
            count => Some(format!("{count} messages have other words in this file than here; what is here stays")),
        }
    }

    /// What to say if others see what comes in, who would not by what was asked for.
    fn shared(&self, request: &Request) -> Option<String> {
        let shared = self.visibility != conversation::Visibility::Private && request.visibility != self.visibility;
        shared.then(|| "it is shared already: its new messages are seen by those who may read it".to_owned())
    }

    /// What to say when new messages join it.
    pub(super) fn notes(&self, request: &Request, ready: &Ready) -> Vec<String> {
        self.shared(request).into_iter().chain(self.changed(ready)).collect()
    }

    /// Its line of the report if nothing of it is new.
    pub(super) fn skip(&self, ready: &Ready) -> Option<Skipped> {
        let same = self.hash.as_ref() == Some(&ready.hash);
        let reason = if same {
            None
        } else if self.unseen(ready).next().is_some() {
            return None;
        } else {
            self.changed(ready)
        };
        Some(Skipped {
            index: ready.index,
            id: self.id,
            source_id: ready.parsed.source_id.clone(),
            title: ready.parsed.title.clone(),
            reason: match reason {
                Some(changed) => format!("already here, with the same messages but for their words: {changed}"),
                None => "already here, with the same messages".to_owned(),
            },
            file: ready.file.clone(),
            visibility: None,
            preview: None,
        })
    }
}
