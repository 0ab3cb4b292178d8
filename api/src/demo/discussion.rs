//! What is marked and said in the demo class.

use service::{
    Actor, Db, Error,
    anchor::Span,
    annotation::{self, NewAnnotation, On},
    comment::{self, NewComment},
    conversation::{self, Filter, Sort},
    entity::{Audience, ClassId, message, message::PartKind},
    message as messages,
    page::PageRequest,
    tag::{self, Source},
    text::{Note, Said},
};

/// The conversation that is discussed.
const TALK: &str = "Why switching doors wins";

/// Words that somebody marked: who, the words, what they are, what is said of them, and what others answer. Who is the
/// teacher (0) or one of the students.
struct Marked {
    who: usize,
    words: &'static str,
    tag: &'static str,
    note: &'static str,
    answers: &'static [(usize, &'static str)],
}

const MARKS: [Marked; 5] = [
    Marked {
        who: 2,
        words: "I still believe it is 50:50",
        tag: "Precise question",
        note: "It says what is believed. So the answer can aim at it.",
        answers: &[],
    },
    Marked {
        who: 3,
        words: "Two doors being left does not make them equally likely.",
        tag: "Good explanation",
        note: "The sentence I had missed.",
        answers: &[
            (1, "Me too. I counted doors."),
            (0, "And what did you count in the end?"),
            (1, "The ways in which the host could have come to open that one."),
        ],
    },
    Marked {
        who: 0,
        words: "I do not trust formulas I cannot run.",
        tag: "Checks it",
        note: "More of this, please.",
        answers: &[(1, "It took two minutes.")],
    },
    Marked {
        who: 2,
        words: "in 49.7 % with one who opens at random",
        tag: "Checks it",
        note: "I ran it with ten other seeds: between 49.2 and 50.4.",
        answers: &[],
    },
    Marked {
        who: 0,
        words: "search hits",
        tag: "Claim without source",
        note: "Plausible. Who has an example?",
        answers: &[(3, "The second page of results is never shown to me.")],
    },
];

/// Marks words of one conversation and discusses them; `people` are the teacher and the students.
pub(super) async fn fill(db: &Db, people: &[&Actor], class: ClassId) -> Result<(), Error> {
    let Some(teacher) = people.first() else { return Ok(()) };
    let _: tag::Brought = tag::bring(db, teacher, class, Source::Sample).await?.value;
    let tags = tag::choices(db, teacher, class).await?;
    let filter = Filter { words: Some(TALK.to_owned()), ..Filter::default() };
    let sort = Sort::parse(None).map_err(|flaw| Error::invalid("sort", flaw))?;
    let found = conversation::list(db, teacher, class, filter, sort, PageRequest::parse(None, None)?).await?;
    let Some(talk) = found.items.first().map(|view| view.conversation.id) else { return Ok(()) };
    let said = messages::list(db, teacher, talk, false, PageRequest::parse(Some(100), None)?).await?.items;
    for mark in MARKS {
        let (Some(actor), Some(on)) = (people.get(mark.who), place(&said, mark.words)) else { continue };
        let new = NewAnnotation {
            on,
            note: Some(note(mark.note)?),
            tags: tags.iter().filter(|tag| tag.name == mark.tag).map(|tag| tag.id).collect(),
            audience: Audience::Class,
        };
        let id = annotation::create(db, actor, talk, new).await?.value;
        let mut parent = None;
        for (who, words) in mark.answers {
            let Some(actor) = people.get(*who) else { continue };
            let body = Said::parse(words).map_err(|flaw| Error::invalid("body", flaw))?;
            let new = NewComment { body, parent, mentions: Vec::new() };
            parent = Some(comment::create(db, actor, id, new).await?.value);
        }
    }
    Ok(())
}

fn note(text: &str) -> Result<Note, Error> {
    Note::parse(text).map_err(|flaw| Error::invalid("note", flaw))
}

/// Where these words are said.
fn place(said: &[message::Model], words: &str) -> Option<On> {
    said.iter().find_map(|message| {
        let mut numbers = 0..;
        let parts = message.parts.0.iter().filter(|part| part.kind != PartKind::Context);
        let mut places = parts.map(|part| (numbers.next(), part.text.as_deref().unwrap_or_default()));
        let (part, before) = places.find_map(|(number, text)| Some((number?, text.split_once(words)?.0)))?;
        let start = i32::try_from(before.chars().count()).ok()?;
        let stop = start.checked_add(i32::try_from(words.chars().count()).ok()?)?;
        Some(On::Span(message.id, Span { part, start, stop }, Some(words.to_owned())))
    })
}
