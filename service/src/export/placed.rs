//! Rows of tables with where they stand: what a reader of a spreadsheet needs to find the words again.

use std::{collections::HashMap, ops::Deref};

use entity::{AnnotationId, ConversationId};

use crate::annotation::Whereabouts;

/// A row, and where it stands.
pub(super) struct Placed<R> {
    row: R,
    /// What the conversation is called.
    pub(super) conversation_title: Option<String>,
    /// The number of the message, from 1.
    pub(super) message_number: Option<i64>,
    /// The address of the page it is on.
    pub(super) url: Option<String>,
}

impl<R> Deref for Placed<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.row
    }
}

/// The address of this server, which the addresses of pages begin with.
#[derive(Clone)]
pub(super) struct Site(pub(super) String);

impl Site {
    /// A row that stands in a conversation, at a message if `number` is given.
    pub(super) fn placed<R>(
        &self,
        row: R,
        conversation: ConversationId,
        title: Option<String>,
        number: Option<i64>,
    ) -> Placed<R> {
        let at = number.map(|number| format!("?at={number}#m{number}")).unwrap_or_default();
        let url = Some(format!("{}/conversations/{conversation}{at}", self.0));
        Placed { row, conversation_title: title, message_number: number, url }
    }

    /// Rows that stand at marks or below them. What stands where its reader may not read any more has no place.
    pub(super) fn all<R>(
        &self,
        rows: Vec<R>,
        mark: impl Fn(&R) -> AnnotationId,
        places: &HashMap<AnnotationId, Whereabouts>,
    ) -> Vec<Placed<R>> {
        let place = |row: R| match places.get(&mark(&row)).cloned() {
            Some(Whereabouts { conversation, title, number }) => self.placed(row, conversation, title, number),
            None => Placed { row, conversation_title: None, message_number: None, url: None },
        };
        rows.into_iter().map(place).collect()
    }
}
