//! Flags: what members ask staff to look at, and the queue of it.

mod desk;
mod queue;

pub use desk::{Desk, desk};
pub(crate) use queue::waiting;
pub use queue::{Flagged, Raised, queue};

use entity::{AnnotationId, Audience, CommentId, FlagId, annotation, comment, flag};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Db, Error, Once, Result,
    access::Right,
    annotation::Place,
    comment as comments,
    feed::{Change, Kind},
    text::Title,
};

/// What is flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// An annotation.
    Annotation(AnnotationId),
    /// A comment.
    Comment(CommentId),
}

/// A flag that stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stands {
    /// The flag.
    pub id: FlagId,
    /// Whether it was raised just now.
    pub fresh: bool,
}

impl Object {
    /// Its place and the annotation it is or stands below.
    async fn around(self, db: &impl ConnectionTrait, actor: &Actor) -> Result<(Place, annotation::Model)> {
        match self {
            Self::Annotation(id) => Place::around(db, actor, id).await,
            Self::Comment(id) => {
                let above = comments::find(db, actor, id).await?.annotation_id;
                let place = Place::around(db, actor, above).await?;
                // Nothing is left of it to look at.
                let gone = comments::find(db, actor, id).await?.deleted_at.is_some();
                if gone { Err(Error::NotFound) } else { Ok(place) }
            }
        }
    }

    fn flags(self) -> Select<flag::Entity> {
        match self {
            Self::Annotation(id) => flag::Entity::find().filter(flag::COLUMN.annotation_id.eq(id)),
            Self::Comment(id) => flag::Entity::find().filter(flag::COLUMN.comment_id.eq(id)),
        }
    }

    /// That the queue of staff changed, and what the one who asked sees of the object.
    fn change(self, actor: &Actor, above: &annotation::Model) -> Change {
        let object = match self {
            Self::Annotation(id) => id.0,
            Self::Comment(id) => id.0,
        };
        let (conversation, user) = (Some(above.conversation_id), Some(actor.user));
        Change { kind: Kind::FlagChanged, object, conversation, audience: Audience::Staff, user }
    }
}

/// Asks staff to look at something; once a person.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for auditors and former members.
pub async fn raise(db: &Db, actor: &Actor, object: Object, reason: Option<Title>) -> Result<Once<Stands>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let (mut place, above) = object.around(&*tx, &actor).await?;
        place.member.may(Right::Annotate)?;
        let mine = object.flags().filter(flag::COLUMN.user_id.eq(actor.user));
        if let Some(row) = mine.one(&*tx).await? {
            return Ok(Stands { id: row.id, fresh: false });
        }
        let (annotation, comment) = match object {
            Object::Annotation(id) => (Some(id), None),
            Object::Comment(id) => (None, Some(id)),
        };
        let row = flag::ActiveModel {
            id: Set(FlagId::new()),
            class_id: Set(place.conversation.class_id),
            annotation_id: Set(annotation),
            comment_id: Set(comment),
            user_id: Set(actor.user),
            reason: Set(reason.map(Title::into_inner)),
            created_at: Set(actor.at),
        };
        let row = row.insert(&*tx).await?;
        place.turn.tell(&*tx, object.change(&actor, &above)).await?;
        Ok(Stands { id: row.id, fresh: true })
    })
    .await
}

/// One's own flag.
///
/// # Errors
/// [`Error::NotFound`] when it does not stand any more.
pub async fn show(db: &Db, actor: &Actor, id: FlagId) -> Result<flag::Model> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let mine = flag::Entity::find_by_id(id).filter(flag::COLUMN.user_id.eq(actor.user));
        mine.one(&db).await?.ok_or(Error::NotFound)
    })
    .await
}

/// Takes one's own flag back.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see the object; no error when there is no flag.
pub async fn lower(db: &Db, actor: &Actor, object: Object) -> Result<()> {
    settle(db, actor, object, true).await
}

/// Takes all flags of something away: staff have looked at it.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for all but staff.
pub async fn dismiss(db: &Db, actor: &Actor, object: Object) -> Result<()> {
    settle(db, actor, object, false).await
}

async fn settle(db: &Db, actor: &Actor, object: Object, own: bool) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, above) = object.around(&*tx, &actor).await?;
        place.member.may(if own { Right::Annotate } else { Right::Moderate })?;
        let mut flags = flag::Entity::delete_many();
        flags = match object {
            Object::Annotation(id) => flags.filter(flag::COLUMN.annotation_id.eq(id)),
            Object::Comment(id) => flags.filter(flag::COLUMN.comment_id.eq(id)),
        };
        if own {
            flags = flags.filter(flag::COLUMN.user_id.eq(actor.user));
        }
        if flags.exec(&*tx).await?.rows_affected == 0 {
            return Ok(());
        }
        place.turn.tell(&*tx, object.change(&actor, &above)).await
    })
    .await
}

/// Whether a comment may stand in the queue: there is something left to look at.
fn there() -> sea_orm::sea_query::SimpleExpr {
    comment::COLUMN.deleted_at.is_null()
}
