//! Comments: the thread below an annotation.

pub(crate) mod mention;
mod view;
mod words;

pub use view::{CommentView, list, show};
pub(crate) use view::{Lines, authored, in_class};

use entity::{AnnotationId, CommentId, Moment, annotation, comment, flag, mention as mentions};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};

use crate::{
    Actor, Conflict, Db, Denial, Error, Flaw, Once, Result,
    access::{self, Right},
    annotation::{Place, heard_by},
    author::AuthorId,
    feed::{Change, Kind},
    text::Said,
};

/// A comment somebody writes.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// Its words. Each "@name" of somebody it names, as its author knows them, becomes a reference.
    pub body: Said,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// Whom it names, in the words or besides.
    pub mentions: Vec<AuthorId>,
}

/// What is changed of a comment; absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeComment {
    /// Its words.
    pub body: Option<Said>,
    /// Whom it names. Whoever is still named in the words stays named.
    pub mentions: Option<Vec<AuthorId>>,
    /// Whether staff hide it.
    pub hidden: Option<bool>,
}

/// A comment below an annotation that the actor may see.
pub(crate) async fn find(db: &impl ConnectionTrait, actor: &Actor, id: CommentId) -> Result<comment::Model> {
    let visible = comment::Entity::visible_to(actor.user, actor.at);
    visible.filter(comment::COLUMN.id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The place of a comment that is still there, and the comment.
async fn around(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CommentId,
) -> Result<(Place, annotation::Model, comment::Model)> {
    let above = find(db, actor, id).await?.annotation_id;
    let (place, annotation) = Place::around(db, actor, above).await?;
    let row = find(db, actor, id).await?;
    if row.deleted_at.is_some() { Err(Error::NotFound) } else { Ok((place, annotation, row)) }
}

/// A change of a comment that is there, for the feed: whoever sees the annotation hears of it, its author too unless a
/// blind class keeps the comment from them.
async fn change_of(
    db: &impl ConnectionTrait,
    kind: Kind,
    row: &comment::Model,
    above: &annotation::Model,
    at: Moment,
) -> Result<Change> {
    let user = match above.author_id {
        Some(author) if row.author_id != Some(author) => {
            let met = comment::Entity::visible_to(author, at).filter(comment::COLUMN.id.eq(row.id));
            met.one(db).await?.map(|_| author)
        }
        own => own,
    };
    let (conversation, audience) = (Some(above.conversation_id), heard_by(above));
    Ok(Change { kind, object: row.id.0, conversation, audience, user })
}

/// Writes a comment below an annotation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see the annotation; [`Error::Forbidden`] for auditors and former members;
/// [`Error::Conflict`] in an archived class; [`Error::Invalid`] for an answer to what is not there.
pub async fn create(db: &Db, actor: &Actor, above: AnnotationId, new: NewComment) -> Result<Once<CommentId>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let (mut place, above) = Place::around(&*tx, &actor, above).await?;
        place.member.may(Right::Annotate)?;
        place.member.is_running()?;
        if let Some(parent) = new.parent {
            let there = comment::Entity::find_by_id(parent)
                .filter(comment::COLUMN.annotation_id.eq(above.id))
                .filter(comment::COLUMN.deleted_at.is_null())
                .filter(comment::Entity::met_by(actor.user, actor.at));
            if there.one(&*tx).await?.is_none() {
                let flaw = Flaw::new("parent_unknown", "expected the id of a comment below the same annotation");
                return Err(Error::invalid("/parent_id", flaw));
            }
        }
        let named = Some(words::meant(&*tx, &actor, &place.member, &new.mentions).await?);
        let kept = words::Before::default().become_kept(&*tx, &actor, &place.member, Some(new.body), named).await?;
        let row = comment::ActiveModel {
            id: Set(CommentId::new()),
            annotation_id: Set(above.id),
            parent_id: Set(new.parent),
            author_id: Set(Some(actor.user)),
            body: Set(kept.body.clone()),
            edited_at: Set(None),
            hidden_at: Set(None),
            hidden_by: Set(None),
            created_at: Set(actor.at),
            deleted_at: Set(None),
            version: Set(1),
        };
        let row = row.insert(&*tx).await?;
        kept.name(&*tx, row.id).await?;
        let made = change_of(&*tx, Kind::CommentCreated, &row, &above, actor.at).await?;
        place.turn.tell(&*tx, made).await?;
        Ok(row.id)
    })
    .await
}

/// Changes a comment.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for words of another, and to hide without the
/// right; [`Error::Invalid`] for people unknown and for words too long; [`Error::Conflict`] for words in an archived class; [`Error::Stale`] for another version.
pub async fn change(db: &Db, actor: &Actor, id: CommentId, expected: Option<i32>, change: ChangeComment) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, above, before) = around(&*tx, &actor, id).await?;
        place.member.may(Right::Annotate)?;
        if change.hidden.is_some() {
            place.member.may(Right::Moderate)?;
        }
        let says = change.body.is_some() || change.mentions.is_some();
        if says && before.author_id != Some(actor.user) {
            return Err(Error::Forbidden(Denial::NotAuthor));
        }
        match place.member.is_running() {
            Err(Error::Conflict(Conflict::ClassArchived)) if !says => {}
            running => running?,
        }
        access::unchanged(before.version, expected)?;
        let version = before.version;
        let mut row = before.clone().into_active_model();
        if says {
            let kept = words::edited(&*tx, &actor, &place.member, &before, change.body, change.mentions).await?;
            kept.name(&*tx, id).await?;
            row.body = Set(kept.body);
            row.edited_at = Set(Some(actor.at));
        }
        if let Some(hidden) = change.hidden {
            row.hidden_at = Set(hidden.then(|| before.hidden_at.unwrap_or(actor.at)));
            row.hidden_by = Set(hidden.then_some(actor.user));
            if hidden {
                flag::Entity::delete_many().filter(flag::COLUMN.comment_id.eq(id)).exec(&*tx).await?;
            }
        }
        row.version = Set(version.saturating_add(1));
        let row = row.update(&*tx).await?;
        let changed = change_of(&*tx, Kind::CommentChanged, &row, &above, actor.at).await?;
        place.turn.tell(&*tx, changed).await
    })
    .await
}

/// Deletes one's own comment, in an archived class too: for good, or, where others answered it, down to its place.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for anybody but its author; [`Error::Stale`]
/// for another version.
pub async fn delete(db: &Db, actor: &Actor, id: CommentId, expected: Option<i32>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, above, row) = around(&*tx, &actor, id).await?;
        place.member.may(Right::Annotate)?;
        if row.author_id != Some(actor.user) {
            return Err(Error::Forbidden(Denial::NotAuthor));
        }
        access::unchanged(row.version, expected)?;
        let deleted = change_of(&*tx, Kind::CommentDeleted, &row, &above, actor.at).await?;
        let answered = comment::COLUMN.parent_id.eq(id);
        let met = comment::Entity::met_by(actor.user, actor.at);
        let answered_to_them = comment::Entity::find().filter(answered).filter(met).count(&*tx).await? > 0;
        if is_answered(&*tx, id).await? {
            empty(&*tx, &actor, row).await?;
        } else {
            remove(&*tx, row).await?;
        }
        place.turn.tell(&*tx, deleted).await?;
        // An answer that its author does not see, in a blind class, changes nothing of what they hear.
        if answered_to_them {
            return Ok(());
        }
        // Nothing says any more below which annotation it stood, where there is one reply less.
        let changed = Change { kind: Kind::AnnotationChanged, object: above.id.0, ..deleted };
        place.turn.tell(&*tx, changed).await
    })
    .await
}

async fn is_answered(db: &impl ConnectionTrait, id: CommentId) -> Result<bool> {
    Ok(comment::Entity::find().filter(comment::COLUMN.parent_id.eq(id)).count(db).await? > 0)
}

/// Leaves nothing of a comment but its place.
async fn empty(db: &impl ConnectionTrait, actor: &Actor, row: comment::Model) -> Result<()> {
    mentions::Entity::delete_many().filter(mentions::COLUMN.comment_id.eq(row.id)).exec(db).await?;
    flag::Entity::delete_many().filter(flag::COLUMN.comment_id.eq(row.id)).exec(db).await?;
    let version = row.version;
    let mut row = row.into_active_model();
    row.body = Set(String::new());
    row.deleted_at = Set(Some(actor.at));
    row.version = Set(version.saturating_add(1));
    row.update(db).await?;
    Ok(())
}

/// Removes a comment, and above it what was kept for its sake alone.
async fn remove(db: &impl ConnectionTrait, row: comment::Model) -> Result<()> {
    let mut next = row.parent_id;
    comment::Entity::delete_by_id(row.id).exec(db).await?;
    while let Some(id) = next {
        let Some(parent) = comment::Entity::find_by_id(id).one(db).await? else { return Ok(()) };
        if parent.deleted_at.is_none() || is_answered(db, id).await? {
            return Ok(());
        }
        next = parent.parent_id;
        comment::Entity::delete_by_id(id).exec(db).await?;
    }
    Ok(())
}
