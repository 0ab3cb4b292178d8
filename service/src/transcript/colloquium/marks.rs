//! The marks of an exported conversation, and their threads. One that cannot be read costs no other.

use std::collections::HashMap;

use entity::{Audience, message::Part};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::super::{ParsedComment, ParsedMark, ParsedMessage, ParsedPerson, ParsedPlace, ParsedSaid};
use crate::{
    anchor::{self, LONGEST, Span, Words},
    comment::mention,
    export::document::{Annotation, Body, Person, Selector, Target, id_of, moment, part_of, value},
    tag::Colour,
    text::{Label, Note, Said},
};

/// Marks and comments of one conversation.
const MOST: usize = 50_000;

/// Bytes of messages that are read to find the words of one file's marks; the words of all further ones count as lost.
const READ: usize = 1 << 30;

/// Tags of one mark.
const MOST_TAGS: usize = 50;

/// Characters kept of what stands before and after words.
const AROUND: usize = 32;

/// The marks in their order with the threads below them, and how many could not be read.
pub(super) fn read(
    items: Vec<Value>,
    conversation: &str,
    messages: &[ParsedMessage],
    index: &HashMap<String, usize>,
) -> Result<(Vec<ParsedMark>, usize), String> {
    if items.len() > MOST {
        return Err(format!("it has more than {MOST} marks and comments"));
    }
    let mut desk = Desk { conversation, messages, index, marks: Vec::new(), places: HashMap::new(), left: READ };
    let mut lost = 0;
    for item in items {
        let read = serde_json::from_value::<Annotation>(item).ok().and_then(|annotation| desk.take(annotation));
        lost += usize::from(read.is_none());
    }
    let mut marks = desk.marks;
    for mark in &mut marks {
        lost += without_ends(&mut mark.comments);
    }
    Ok((marks, lost))
}

/// What was read so far.
struct Desk<'a> {
    conversation: &'a str,
    messages: &'a [ParsedMessage],
    index: &'a HashMap<String, usize>,
    marks: Vec<ParsedMark>,
    /// Which mark each id is of, and which comment in its thread.
    places: HashMap<String, (usize, Option<usize>)>,
    /// Bytes that may still be read.
    left: usize,
}

impl Desk<'_> {
    fn take(&mut self, annotation: Annotation) -> Option<()> {
        let id = id_of(&annotation.id).to_owned();
        if id.is_empty() || self.places.contains_key(&id) {
            return None;
        }
        let place = match annotation.target.clone() {
            Target::Reply(above) => {
                let (mark, parent) = *self.places.get(id_of(&above))?;
                let comment = comment(annotation, parent)?;
                let thread = &mut self.marks.get_mut(mark)?.comments;
                thread.push(comment);
                (mark, thread.len().checked_sub(1))
            }
            Target::Place { source, selector } => {
                let mark = self.mark(annotation, &source, selector)?;
                self.marks.push(mark);
                (self.marks.len() - 1, None)
            }
        };
        self.places.insert(id, place);
        Some(())
    }

    fn mark(&mut self, annotation: Annotation, source: &str, selector: Vec<Selector>) -> Option<ParsedMark> {
        let said = said_of(&annotation);
        let (tags, notes): (Vec<Body>, Vec<Body>) =
            annotation.body.into_iter().partition(|body| body.purpose == "tagging");
        let note = match notes.first() {
            Some(body) => Some(Note::parse(&body.value).ok()?),
            None => None,
        };
        let tag = |body: Body| {
            let colour = body.colour.and_then(|name| Colour::parse(&name).ok());
            Some((Label::parse(&body.value).ok()?, colour))
        };
        Some(ParsedMark {
            on: self.place(source, selector)?,
            note,
            tags: tags.into_iter().filter_map(tag).take(MOST_TAGS).collect(),
            audience: annotation.audience.as_deref().and_then(value).unwrap_or(Audience::Private),
            said,
            resolved: annotation.resolved,
            comments: Vec::new(),
        })
    }

    fn place(&mut self, source: &str, selector: Vec<Selector>) -> Option<ParsedPlace> {
        let id = id_of(source);
        if id == self.conversation {
            return Some(ParsedPlace::Conversation);
        }
        let at = *self.index.get(id)?;
        let parts = &self.messages.get(at)?.parts;
        // What is its owner's alone is marked by nobody.
        if crate::message::is_confidential(parts) {
            return None;
        }
        if selector.is_empty() {
            return Some(ParsedPlace::Message(at));
        }
        let text: usize = parts.iter().filter_map(|part| part.text.as_deref()).map(str::len).sum();
        let rest = self.left.checked_sub(text);
        self.left = rest.unwrap_or(0);
        let parts = if rest.is_some() { parts.as_slice() } else { &[] };
        span(parts, part_of(source), selector).map(|(found, span, words)| match found {
            true => ParsedPlace::Words(at, span, words),
            false => ParsedPlace::Orphan(at, span, words),
        })
    }
}

/// Where words stand, and whether they do: where the file says, else where they are found, else nowhere.
fn span(parts: &[Part], part: i32, selector: Vec<Selector>) -> Option<(bool, Span, Words)> {
    let (mut said, mut wanted) = (None, None);
    for one in selector {
        match one {
            Selector::Position { start, end } => said = said.or(Some(Span { part, start, stop: end })),
            Selector::Quote { exact, prefix, suffix } => {
                let prefix = prefix.chars().skip(prefix.chars().count().saturating_sub(AROUND)).collect();
                let suffix = suffix.chars().take(AROUND).collect();
                wanted = wanted.or(Some(Words { quote: exact, prefix, suffix }));
            }
            Selector::Other => {}
        }
    }
    let there = said.and_then(|span| Some((span, anchor::words(parts, span).ok()?)));
    if let Some((span, words)) = there
        && wanted.as_ref().is_none_or(|wanted| wanted.quote == words.quote)
    {
        return Some((true, span, words));
    }
    let wanted = wanted.filter(|words| !words.quote.is_empty())?;
    let length = i32::try_from(wanted.quote.chars().count()).ok().filter(|length| *length <= LONGEST)?;
    if let Some(span) = anchor::place(parts, &wanted) {
        let words = anchor::words(parts, span).ok()?;
        return Some((true, span, words));
    }
    let once = said.filter(|span| span.part >= 0 && span.start >= 0 && span.stop > span.start);
    Some((false, once.unwrap_or(Span { part: 0, start: 0, stop: length }), wanted))
}

fn comment(annotation: Annotation, parent: Option<usize>) -> Option<ParsedComment> {
    let said = said_of(&annotation);
    let body = match annotation.body.first() {
        Some(body) if !annotation.deleted => Some(Said::parse(&body.value).ok()?),
        _ => None,
    };
    let mentions = annotation.mentions.into_iter().take(mention::MOST).map(person).collect();
    Some(ParsedComment { parent, body, mentions, said })
}

fn person(person: Person) -> ParsedPerson {
    // As names and words are kept.
    let name = person.name.nfc().collect();
    ParsedPerson { id: id_of(&person.id).parse().ok(), name, mine: person.me }
}

fn said_of(annotation: &Annotation) -> ParsedSaid {
    ParsedSaid {
        mine: annotation.creator.as_ref().is_some_and(|person| person.me),
        hidden: annotation.hidden,
        created_at: moment(&annotation.created),
        changed_at: annotation.modified.as_deref().and_then(moment),
    }
}

/// Takes out places without words that nothing answers; how many.
fn without_ends(comments: &mut Vec<ParsedComment>) -> usize {
    let mut kept = vec![false; comments.len()];
    for (at, comment) in comments.iter().enumerate().rev() {
        let keeps = comment.body.is_some() || kept.get(at).copied().unwrap_or(false);
        if let (true, Some(own)) = (keeps, kept.get_mut(at)) {
            *own = true;
        }
        if let (true, Some(above)) = (keeps, comment.parent.and_then(|parent| kept.get_mut(parent))) {
            *above = true;
        }
    }
    let mut number = 0;
    let numbers: Vec<usize> = kept
        .iter()
        .map(|keeps| {
            let own = number;
            number += usize::from(*keeps);
            own
        })
        .collect();
    let before = comments.len();
    let mut at = 0;
    comments.retain(|_| {
        at += 1;
        kept.get(at - 1).copied().unwrap_or(false)
    });
    for comment in comments.iter_mut() {
        comment.parent = comment.parent.and_then(|parent| numbers.get(parent).copied());
    }
    before - comments.len()
}
