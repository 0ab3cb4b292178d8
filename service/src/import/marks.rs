//! The marks that come in with a conversation exported here, and the threads below them.
//!
//! Whose they are is never believed of a file. Words become the importer's own when the seal of the file shows that it is
//! what this server gave to that very account, unchanged; all other words come in without an author, as those of an
//! account that is gone do. Who may see them is what the file says, within who may read the conversation; what others
//! had kept to themselves could be seen by nobody, and is left out.
//!
//! Whom comments name is known again in the class they come from. Elsewhere, and where it is not clear who is meant,
//! "@somebody" stands in place of the name: it is the one of another class.

mod named;

use std::collections::HashMap;

use entity::{
    AnnotationId, Audience, ClassId, CommentId, ConversationId, MessageId, Moment, TagId, UserId,
    annotation::{self, Target},
    annotation_tag, class, comment, mention,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use self::named::Acquaintances;
use crate::{
    Actor, Result,
    feed::Turn,
    tag,
    transcript::{ParsedComment, ParsedMark, ParsedMarks, ParsedPlace, ParsedSaid},
};

/// Rows a statement inserts: 500 times 22 columns stays below the parameters an engine takes.
const BATCH: usize = 500;

/// Where marks come in.
pub(super) struct Into<'a> {
    pub(super) actor: &'a Actor,
    pub(super) class: ClassId,
    pub(super) conversation: ConversationId,
    /// The messages, in the order of the file.
    pub(super) messages: &'a [MessageId],
    /// Whether the file is what this server gave to the actor, unchanged.
    pub(super) sealed: bool,
}

/// What came of them.
#[derive(Default)]
struct Count {
    own: usize,
    nameless: usize,
    withheld: usize,
}

/// Stores the marks of a conversation that has just come in; what there is to say of it.
pub(super) async fn store(
    db: &impl ConnectionTrait,
    into: &Into<'_>,
    turn: &mut Turn,
    parsed: &ParsedMarks,
) -> Result<Vec<String>> {
    let sealed = into.sealed;
    let tags = tags(db, into, turn, &parsed.marks).await?;
    let known = Acquaintances::of(db, into, parsed).await?;
    let (mut count, mut rows) = (Count::default(), Rows::default());
    for mark in &parsed.marks {
        let author = author(&mark.said, sealed, into.actor);
        if author.is_none() && mark.audience == Audience::Private {
            count.withheld += 1;
            continue;
        }
        let Some(row) = row(into, mark, author) else { continue };
        count.note(author);
        rows.add(
            row,
            mark,
            (&tags, &known),
            |comment| {
                let author = author_of(comment, sealed, into.actor);
                count.note_comment(comment, author);
                author
            },
            into.actor.at,
        );
    }
    rows.insert(db).await?;
    let doubted = !sealed && says_mine(parsed);
    Ok(count.words(doubted, parsed.lost))
}

/// How many marks and comments a file holds, in words; none if it has none.
pub(super) fn held(parsed: &ParsedMarks) -> Option<String> {
    let comments: usize = parsed.marks.iter().map(|mark| mark.comments.len()).sum();
    (!parsed.marks.is_empty())
        .then(|| format!("{} and {} come with it", counted(parsed.marks.len(), "mark"), counted(comments, "comment")))
}

/// Whether the file is what this server gave to the actor, unchanged.
pub(super) async fn is_sealed(db: &impl ConnectionTrait, actor: &Actor, parsed: &ParsedMarks) -> Result<bool> {
    let (Some(seal), Some(class)) = (&parsed.seal, parsed.class) else { return Ok(false) };
    // Of any class that is still here, whether the actor is in it any more or not: nothing of it is shown.
    let secret: Option<Vec<u8>> = class::Entity::find()
        .filter(class::COLUMN.id.eq(class))
        .select_only()
        .column(class::Column::Secret)
        .into_tuple()
        .one(db)
        .await?;
    Ok(secret.is_some_and(|secret| seal.holds(&secret, actor.user)))
}

fn says_mine(parsed: &ParsedMarks) -> bool {
    parsed.marks.iter().any(|mark| mark.said.mine || mark.comments.iter().any(|comment| comment.said.mine))
}

fn author(said: &ParsedSaid, sealed: bool, actor: &Actor) -> Option<UserId> {
    (sealed && said.mine).then_some(actor.user)
}

fn author_of(comment: &ParsedComment, sealed: bool, actor: &Actor) -> Option<UserId> {
    comment.body.as_ref().and_then(|_| author(&comment.said, sealed, actor))
}

/// The tags of all marks by name.
async fn tags(
    db: &impl ConnectionTrait,
    into: &Into<'_>,
    turn: &mut Turn,
    marks: &[ParsedMark],
) -> Result<HashMap<String, TagId>> {
    let all = marks.iter().flat_map(|mark| &mark.tags);
    let wanted = all.map(|(name, colour)| (folded(name.as_ref()), (name.clone(), *colour))).collect();
    tag::named(db, into.actor, into.class, turn, wanted).await
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// A moment of the file, which is not in the future.
fn past(said: Option<Moment>, now: Moment) -> Moment {
    said.map_or(now, |at| at.min(now))
}

fn row(into: &Into<'_>, mark: &ParsedMark, author: Option<UserId>) -> Option<annotation::ActiveModel> {
    let now = into.actor.at;
    let (target, at, words, version) = match &mark.on {
        ParsedPlace::Conversation => (Target::Conversation, None, None, 1),
        ParsedPlace::Message(at) => (Target::Message, Some(*at), None, 1),
        ParsedPlace::Words(at, span, words) => (Target::Span, Some(*at), Some((*span, words.clone())), 1),
        ParsedPlace::Orphan(at, span, words) => {
            (Target::Span, Some(*at), Some((*span, words.clone())), annotation::LOST)
        }
    };
    let message = match at {
        None => None,
        Some(at) => Some(*into.messages.get(at)?),
    };
    let (span, words) = words.unzip();
    let created = past(mark.said.created_at, now);
    Some(annotation::ActiveModel {
        id: Set(AnnotationId::new()),
        conversation_id: Set(into.conversation),
        message_id: Set(message),
        author_id: Set(author),
        target: Set(target),
        message_version: Set(message.map(|_| version)),
        part: Set(span.map(|span| span.part)),
        start: Set(span.map(|span| span.start)),
        stop: Set(span.map(|span| span.stop)),
        quote: Set(words.as_ref().map(|words| words.quote.clone())),
        prefix: Set(words.as_ref().map(|words| words.prefix.clone())),
        suffix: Set(words.map(|words| words.suffix)),
        note: Set(mark.note.clone().map(crate::text::Note::into_inner)),
        audience: Set(mark.audience),
        resolved_at: Set(mark.resolved.then_some(now)),
        hidden_at: Set(mark.said.hidden.then_some(now)),
        hidden_by: Set(None),
        created_at: Set(created),
        updated_at: Set(past(mark.said.changed_at, now).max(created)),
        deleted_at: Set(None),
        version: Set(1),
    })
}

/// What is to be inserted.
#[derive(Default)]
struct Rows {
    marks: Vec<annotation::ActiveModel>,
    tags: Vec<annotation_tag::ActiveModel>,
    comments: Vec<comment::ActiveModel>,
    mentions: Vec<mention::ActiveModel>,
}

impl Rows {
    fn add(
        &mut self,
        row: annotation::ActiveModel,
        mark: &ParsedMark,
        (tags, known): (&HashMap<String, TagId>, &Acquaintances),
        mut author: impl FnMut(&ParsedComment) -> Option<UserId>,
        now: Moment,
    ) {
        let Some(above) = row.id.try_as_ref().copied() else { return };
        self.marks.push(row);
        let mut carried: Vec<TagId> =
            mark.tags.iter().filter_map(|(name, _)| tags.get(&folded(name.as_ref())).copied()).collect();
        carried.sort();
        carried.dedup();
        let carries = |tag| annotation_tag::ActiveModel { annotation_id: Set(above), tag_id: Set(tag) };
        self.tags.extend(carried.into_iter().map(carries));
        let ids: Vec<CommentId> = mark.comments.iter().map(|_| CommentId::new()).collect();
        for (parsed, id) in mark.comments.iter().zip(&ids) {
            let created = past(parsed.said.created_at, now);
            let (body, named) = known.met(parsed);
            let mention = |(user_id, place)| mention::ActiveModel {
                comment_id: Set(*id),
                user_id: Set(user_id),
                place: Set(place),
            };
            self.mentions.extend(named.into_iter().zip(0..).map(mention));
            self.comments.push(comment::ActiveModel {
                id: Set(*id),
                annotation_id: Set(above),
                parent_id: Set(parsed.parent.and_then(|parent| ids.get(parent).copied())),
                author_id: Set(author(parsed)),
                body: Set(body),
                edited_at: Set(parsed.said.changed_at.map(|at| at.min(now))),
                hidden_at: Set((parsed.said.hidden && parsed.body.is_some()).then_some(now)),
                hidden_by: Set(None),
                created_at: Set(created),
                deleted_at: Set(parsed.body.is_none().then_some(created)),
                version: Set(1),
            });
        }
    }

    async fn insert(self, db: &impl ConnectionTrait) -> Result<()> {
        for some in self.marks.chunks(BATCH) {
            annotation::Entity::insert_many(some.to_vec()).exec_without_returning(db).await?;
        }
        for some in self.tags.chunks(BATCH) {
            annotation_tag::Entity::insert_many(some.to_vec()).exec_without_returning(db).await?;
        }
        for some in self.comments.chunks(BATCH) {
            comment::Entity::insert_many(some.to_vec()).exec_without_returning(db).await?;
        }
        for some in self.mentions.chunks(BATCH) {
            mention::Entity::insert_many(some.to_vec()).exec_without_returning(db).await?;
        }
        Ok(())
    }
}

impl Count {
    fn note(&mut self, author: Option<UserId>) {
        match author {
            Some(_) => self.own += 1,
            None => self.nameless += 1,
        }
    }

    fn note_comment(&mut self, comment: &ParsedComment, author: Option<UserId>) {
        if comment.body.is_some() {
            self.note(author);
        }
    }

    fn words(self, doubted: bool, lost: usize) -> Vec<String> {
        let Self { own, nameless, withheld } = self;
        let mut words = Vec::new();
        let mut say = |count: usize, rest: &str| {
            if count > 0 {
                words.push(format!("{} {rest}", counted(count, "mark or comment")));
            }
        };
        say(own, "of your own came back as yours");
        say(nameless, "came without the name of whoever wrote it");
        say(withheld, "left out: others had kept them to themselves");
        say(lost, "could not be read, or stood on something that is not in the file");
        if doubted {
            words.push(
                "what the file calls your own came without your name: it is not just as it was exported to you here"
                    .to_owned(),
            );
        }
        words
    }
}

fn counted(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "mark or comment") => format!("{count} marks or comments"),
        _ => format!("{count} {noun}s"),
    }
}
