//! Annotations: mark words, a message or a conversation; change, delete, take the deletion back.

mod list;
mod page;
mod place;
mod summary;
mod thread;
mod view;

pub use list::{Filter, Sort, list};
pub(crate) use page::{Whereabouts, authored, in_class, whereabouts};
pub(crate) use place::Place;
pub use summary::{Marked, Summary, summary};
pub use thread::{Choice, Thread, thread};
pub use view::{AnnotationView, TagName, show};
pub(crate) use view::{Lines, find, tags as tags_of};

use entity::{
    AnnotationId, Audience, ConversationId, MessageId, Moment, TagId,
    annotation::{self, Target},
    annotation_tag,
    conversation::Visibility,
    flag, message, tag,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use time::Duration;

use crate::{
    Actor, Conflict, Db, Denial, Error, Fields, Flaw, Once, Result,
    access::{self, Right},
    anchor::{self, Span, Words},
    feed::{Change, Kind},
    text::Note,
};

/// For how long a deletion can be taken back.
const UNDO: Duration = Duration::hours(1);

/// The most tags one annotation carries.
const MOST_TAGS: usize = 50;

/// What somebody marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// The conversation.
    Conversation,
    /// A message.
    Message(MessageId),
    /// Words of a message, and what the one who marks them takes them for.
    Span(MessageId, Span, Option<String>),
}

/// An annotation somebody makes.
#[derive(Clone, Debug)]
pub struct NewAnnotation {
    /// What is marked.
    pub on: On,
    /// What to say of it.
    pub note: Option<Note>,
    /// Tags of the class, or one's own.
    pub tags: Vec<TagId>,
    /// Who may see it besides its author.
    pub audience: Audience,
}

/// What is changed of an annotation; absent stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ChangeAnnotation {
    /// What its author says of it.
    pub note: Option<Option<Note>>,
    /// All its tags.
    pub tags: Option<Vec<TagId>>,
    /// Who may see it besides its author.
    pub audience: Option<Audience>,
    /// Whether its thread is done.
    pub resolved: Option<bool>,
    /// Whether staff hide it.
    pub hidden: Option<bool>,
}

/// How far an audience reaches.
fn reach(audience: Audience) -> u8 {
    match audience {
        Audience::Private => 0,
        Audience::Staff => 1,
        Audience::Class => 2,
    }
}

/// Refuses an audience that a conversation does not have.
fn within(audience: Audience, visibility: Visibility) -> Result<Audience, Flaw> {
    let widest = match visibility {
        Visibility::Private => Audience::Private,
        Visibility::Staff => Audience::Staff,
        Visibility::Class => Audience::Class,
    };
    if reach(audience) > reach(widest) {
        return Err(Flaw::new("audience_too_wide", "the conversation itself is shared with fewer people"));
    }
    Ok(audience)
}

/// Marks something in a conversation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read the conversation; [`Error::Forbidden`] for auditors and former members;
/// [`Error::Conflict`] in an archived class; [`Error::Invalid`] for what is not there to be marked.
pub async fn create(db: &Db, actor: &Actor, id: ConversationId, new: NewAnnotation) -> Result<Once<AnnotationId>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let Place { mut turn, conversation, member } = Place::of(&*tx, &actor, id).await?;
        member.may(Right::Annotate)?;
        member.is_running()?;
        let mut fields = Fields::default();
        let found = located(&*tx, id, &new.on, &mut fields).await?;
        let tags = tags(&*tx, &actor, conversation.class_id, new.tags, &mut fields).await?;
        fields.take("/audience", within(new.audience, conversation.visibility));
        let (Some(found), true) = (found, fields.is_fine()) else {
            return Err(fields.into());
        };
        let row = row(&actor, id, found, new.note, new.audience).insert(&*tx).await?;
        carry(&*tx, row.id, tags).await?;
        turn.tell(&*tx, change_of(Kind::AnnotationCreated, &row, heard_by(&row))).await?;
        Ok(row.id)
    })
    .await
}

/// What is marked, as it stands in the conversation now.
struct Located {
    target: Target,
    message: Option<(MessageId, i32)>,
    span: Option<(Span, Words)>,
}

async fn located(
    db: &impl ConnectionTrait,
    id: ConversationId,
    on: &On,
    fields: &mut Fields,
) -> Result<Option<Located>> {
    let (message, span) = match on {
        On::Conversation => return Ok(Some(Located { target: Target::Conversation, message: None, span: None })),
        On::Message(message) => (*message, None),
        On::Span(message, span, quote) => (*message, Some((*span, quote))),
    };
    // What is its owner's alone is marked by nobody: the answer is that of a message which is not there.
    let there = message::Entity::find_by_id(message)
        .filter(message::COLUMN.conversation_id.eq(id))
        .filter(message::COLUMN.confidential.eq(false));
    let Some(row) = there.one(db).await? else {
        let flaw = Flaw::new("not_in_conversation", "expected the id of a message of this conversation");
        fields.note("/message_id", flaw);
        return Ok(None);
    };
    let message = Some((row.id, row.version));
    let Some((span, quote)) = span else {
        return Ok(Some(Located { target: Target::Message, message, span: None }));
    };
    let words = match anchor::words(&row.parts.0, span) {
        Ok(words) => words,
        Err((pointer, flaw)) => {
            fields.note(pointer, flaw);
            return Ok(None);
        }
    };
    if let Some(quote) = quote
        && *quote != words.quote
    {
        let found: String = words.quote.chars().take(200).collect();
        fields.note("/quote", Flaw::new("quote_mismatch", format!("other words stand there: {found:?}")));
        return Ok(None);
    }
    Ok(Some(Located { target: Target::Span, message, span: Some((span, words)) }))
}

fn row(
    actor: &Actor,
    conversation: ConversationId,
    found: Located,
    note: Option<Note>,
    audience: Audience,
) -> annotation::ActiveModel {
    let (span, words) = found.span.unzip();
    let (quote, around) = words.map(|words| (words.quote, (words.prefix, words.suffix))).unzip();
    let (prefix, suffix) = around.unzip();
    annotation::ActiveModel {
        id: Set(AnnotationId::new()),
        conversation_id: Set(conversation),
        message_id: Set(found.message.map(|(id, _)| id)),
        author_id: Set(Some(actor.user)),
        target: Set(found.target),
        message_version: Set(found.message.map(|(_, version)| version)),
        part: Set(span.map(|span| span.part)),
        start: Set(span.map(|span| span.start)),
        stop: Set(span.map(|span| span.stop)),
        quote: Set(quote),
        prefix: Set(prefix),
        suffix: Set(suffix),
        note: Set(note.map(Note::into_inner)),
        audience: Set(audience),
        resolved_at: Set(None),
        hidden_at: Set(None),
        hidden_by: Set(None),
        created_at: Set(actor.at),
        updated_at: Set(actor.at),
        deleted_at: Set(None),
        version: Set(1),
    }
}

/// These tags, each once, if the actor may use all of them.
async fn tags(
    db: &impl ConnectionTrait,
    actor: &Actor,
    class: entity::ClassId,
    wanted: Vec<TagId>,
    fields: &mut Fields,
) -> Result<Vec<TagId>> {
    if wanted.is_empty() {
        return Ok(wanted);
    }
    if wanted.len() > MOST_TAGS {
        fields.note("/tags", Flaw::new("out_of_range", format!("at most {MOST_TAGS} tags, found {}", wanted.len())));
        return Ok(Vec::new());
    }
    let usable = tag::Entity::visible_to(actor.user, class)
        .filter(tag::COLUMN.id.is_in(wanted.iter().copied()))
        .select_only()
        .column(tag::Column::Id);
    let usable: Vec<TagId> = usable.into_tuple().all(db).await?;
    for (index, _) in wanted.iter().enumerate().filter(|(_, id)| !usable.contains(id)) {
        fields.note(format!("/tags/{index}"), Flaw::new("tag_unknown", "expected the id of a tag of this class"));
    }
    Ok(usable)
}

/// Puts tags on an annotation that carries none.
async fn carry(db: &impl ConnectionTrait, annotation: AnnotationId, tags: Vec<TagId>) -> Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let row = |tag| annotation_tag::ActiveModel { annotation_id: Set(annotation), tag_id: Set(tag) };
    annotation_tag::Entity::insert_many(tags.into_iter().map(row)).exec_without_returning(db).await?;
    Ok(())
}

/// Who sees an annotation besides its author as things stand.
pub(crate) fn heard_by(row: &annotation::Model) -> Audience {
    match row.hidden_at {
        Some(_) if row.audience == Audience::Class => Audience::Staff,
        _ => row.audience,
    }
}

/// A change of an annotation, for the feed: whoever saw it or sees it hears of it.
fn change_of(kind: Kind, row: &annotation::Model, before: Audience) -> Change {
    let now = heard_by(row);
    let audience = if reach(before) > reach(now) { before } else { now };
    Change { kind, object: row.id.0, conversation: Some(row.conversation_id), audience, user: row.author_id }
}

/// Changes an annotation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for what is only its author's, or staff's, to
/// change; [`Error::Conflict`] in an archived class, except to hide it or to narrow who may see it; [`Error::Stale`] for
/// another version.
pub async fn change(
    db: &Db,
    actor: &Actor,
    id: AnnotationId,
    expected: Option<i32>,
    change: ChangeAnnotation,
) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, row) = Place::around(&*tx, &actor, id).await?;
        may_change(&place, &row, &change, &actor)?;
        access::unchanged(row.version, expected)?;
        let mut fields = Fields::default();
        if let Some(audience) = change.audience.filter(|audience| *audience != row.audience) {
            fields.take("/audience", within(audience, place.conversation.visibility));
        }
        if let Some(wanted) = change.tags {
            let tags = tags(&*tx, &actor, place.conversation.class_id, wanted, &mut fields).await?;
            annotation_tag::Entity::delete_many()
                .filter(annotation_tag::COLUMN.annotation_id.eq(id))
                .exec(&*tx)
                .await?;
            carry(&*tx, id, tags).await?;
        }
        if !fields.is_fine() {
            return Err(fields.into());
        }
        let before = row.clone();
        let mut row = row.into_active_model();
        if let Some(note) = change.note {
            row.note = Set(note.map(Note::into_inner));
        }
        if let Some(audience) = change.audience {
            row.audience = Set(audience);
        }
        if let Some(resolved) = change.resolved {
            row.resolved_at = Set(resolved.then(|| before.resolved_at.unwrap_or(actor.at)));
        }
        if let Some(hidden) = change.hidden {
            row.hidden_at = Set(hidden.then(|| before.hidden_at.unwrap_or(actor.at)));
            row.hidden_by = Set(hidden.then_some(actor.user));
            if hidden {
                // They were raised for staff to look at it, and staff have.
                flag::Entity::delete_many().filter(flag::COLUMN.annotation_id.eq(id)).exec(&*tx).await?;
            }
        }
        row.updated_at = Set(actor.at);
        row.version = Set(before.version.saturating_add(1));
        let row = row.update(&*tx).await?;
        place.turn.tell(&*tx, change_of(Kind::AnnotationChanged, &row, heard_by(&before))).await
    })
    .await
}

/// Whether the actor may make this change.
fn may_change(place: &Place, row: &annotation::Model, change: &ChangeAnnotation, actor: &Actor) -> Result<()> {
    let Place { conversation, member, .. } = place;
    member.may(Right::Annotate)?;
    let author = row.author_id == Some(actor.user);
    if !author && (change.note.is_some() || change.tags.is_some() || change.audience.is_some()) {
        return Err(Error::Forbidden(Denial::NotAuthor));
    }
    if change.resolved.is_some() && !author && conversation.owner_id != actor.user {
        member.may(Right::Moderate)?;
    }
    if change.hidden.is_some() {
        member.may(Right::Moderate)?;
    }
    let narrows = change.audience.is_none_or(|audience| reach(audience) <= reach(row.audience));
    let only = change.note.is_none() && change.tags.is_none() && change.resolved.is_none();
    match member.is_running() {
        Err(Error::Conflict(Conflict::ClassArchived)) if only && narrows => Ok(()),
        running => running,
    }
}

/// Deletes an annotation with its thread, in an archived class too. It can be taken back for an hour.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for anybody but its author; [`Error::Stale`]
/// for another version.
pub async fn delete(db: &Db, actor: &Actor, id: AnnotationId, expected: Option<i32>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, row) = Place::around(&*tx, &actor, id).await?;
        place.member.may(Right::Annotate)?;
        if row.author_id != Some(actor.user) {
            return Err(Error::Forbidden(Denial::NotAuthor));
        }
        access::unchanged(row.version, expected)?;
        let version = row.version;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(actor.at));
        row.version = Set(version.saturating_add(1));
        let row = row.update(&*tx).await?;
        place.turn.tell(&*tx, change_of(Kind::AnnotationDeleted, &row, heard_by(&row))).await
    })
    .await
}

/// Takes the deletion of one's own annotation back.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it is longer ago than an hour.
pub async fn restore(db: &Db, actor: &Actor, id: AnnotationId) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let gone = || {
            annotation::Entity::deleted_by(actor.user, actor.at, actor.at.plus(-UNDO))
                .filter(annotation::COLUMN.id.eq(id))
        };
        let row = match gone().one(&*tx).await? {
            Some(row) => row,
            None => find(&*tx, &actor, id).await?,
        };
        let mut place = Place::of(&*tx, &actor, row.conversation_id).await?;
        place.member.may(Right::Annotate)?;
        if row.author_id != Some(actor.user) {
            return Err(Error::Forbidden(Denial::NotAuthor));
        }
        let Some(row) = gone().one(&*tx).await? else {
            // Taken back already: the undo of a page that did not hear of it.
            return find(&*tx, &actor, id).await.map(drop);
        };
        let version = row.version;
        let mut row = row.into_active_model();
        row.deleted_at = Set(None);
        row.version = Set(version.saturating_add(1));
        let row = row.update(&*tx).await?;
        place.turn.tell(&*tx, change_of(Kind::AnnotationCreated, &row, heard_by(&row))).await
    })
    .await
}

/// Deleted annotations that nobody can take back any more.
pub(crate) fn over(at: Moment) -> Condition {
    Condition::all().add(annotation::COLUMN.deleted_at.lte(at.plus(-UNDO)))
}

/// Deletes what a person marked for themselves alone: nobody could see it once the account is gone.
pub(crate) async fn forget_private(db: &impl ConnectionTrait, user: entity::UserId) -> Result<()> {
    annotation::Entity::delete_many()
        .filter(annotation::COLUMN.author_id.eq(user))
        .filter(annotation::COLUMN.audience.eq(Audience::Private))
        .exec(db)
        .await?;
    Ok(())
}
