//! The feed of a class: every change is a row, written in the same unit of work as the change itself.

mod follow;

pub(crate) use follow::over;
pub use follow::{
    Heard, Hearing, KEPT, LATE, Listener, Places, changes, ended, hearing, in_use, last as last_place, news,
};

use entity::{Audience, ClassId, ConversationId, EnrolmentId, Moment, UserId, class, conversation, event};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use uuid::Uuid;

use crate::{Error, Result, db};

/// The most microseconds by which a place comes after the last one because of that one.
const STEP: i64 = 1_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    AnnotationCreated,
    AnnotationChanged,
    AnnotationDeleted,
    CommentCreated,
    CommentChanged,
    CommentDeleted,
    TagChanged,
    TagDeleted,
    FlagChanged,
    ConversationCreated,
    ConversationChanged,
    ConversationDeleted,
    MessageAdded,
    MemberJoined,
    MemberChanged,
    MemberLeft,
    ClassChanged,
    PresentationChanged,
}

impl Kind {
    /// Its name in the feed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnnotationCreated => "annotation.created",
            Self::AnnotationChanged => "annotation.changed",
            Self::AnnotationDeleted => "annotation.deleted",
            Self::CommentCreated => "comment.created",
            Self::CommentChanged => "comment.changed",
            Self::CommentDeleted => "comment.deleted",
            Self::TagChanged => "tag.changed",
            Self::TagDeleted => "tag.deleted",
            Self::FlagChanged => "flag.changed",
            Self::ConversationCreated => "conversation.created",
            Self::ConversationChanged => "conversation.changed",
            Self::ConversationDeleted => "conversation.deleted",
            Self::MessageAdded => "message.added",
            Self::MemberJoined => "member.joined",
            Self::MemberChanged => "member.changed",
            Self::MemberLeft => "member.left",
            Self::ClassChanged => "class.changed",
            Self::PresentationChanged => "presentation.changed",
        }
    }
}

/// A change, and who hears of it.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// To what.
    pub object: Uuid,
    /// In which conversation one has to read to hear of it; none for what belongs to the class, conversations themselves
    /// among it: who can no longer read one has to hear of just that.
    pub conversation: Option<ConversationId>,
    /// Who hears of it besides `user`: the wider of what was and what is.
    pub audience: Audience,
    /// Whose it is; of a comment the author of the annotation, who hears of answers that only staff see besides.
    pub user: Option<UserId>,
}

/// A class's turn: until the unit of work ends nobody else writes to its feed.
#[derive(Debug)]
#[must_use = "a unit that takes the turn tells what it changes"]
pub struct Turn {
    class: ClassId,
    /// When the request was made: for a handle that has no clock.
    at: Moment,
    last: i64,
    /// Whether other servers will be called when this is committed.
    called: bool,
}

/// Takes the class's turn: a lock on its row, held until the unit ends, so that places in the feed are committed in their
/// order and a reader skips none. On SQLite units take turns anyway.
///
/// Take it before what will be changed is read, in a unit of [`crate::Db::write_in_turn_as`] or
/// [`crate::Db::once_in_turn`]: whoever waited reads what the one before has left, and nothing is overwritten unseen. In
/// other units the snapshot, older than the wait, would hold an older last place. A unit that takes the turns of several
/// classes takes them in the order of their ids.
///
/// # Errors
/// [`Error::NotFound`] when there is no such class.
pub async fn turn(tx: &impl ConnectionTrait, class: ClassId, at: Moment) -> Result<Turn> {
    let row = class::Entity::find_by_id(class).select_only().column(class::Column::Id).lock(LockType::NoKeyUpdate);
    row.into_tuple::<ClassId>().one(tx).await?.ok_or(Error::NotFound)?;
    // A statement of its own: what the lock was waited for is committed now.
    let last = last(tx, class).await?.unwrap_or(0);
    Ok(Turn { class, at, last, called: false })
}

/// The last place in the feed of a class.
async fn last(db: &impl ConnectionTrait, class: ClassId) -> Result<Option<i64>> {
    let events = event::Entity::find().filter(event::COLUMN.class_id.eq(class));
    let last = events.order_by_desc(event::Column::Seq).select_only().column(event::Column::Seq);
    Ok(last.into_tuple().one(db).await?)
}

/// The turn of the class of a conversation; read who may see it, and what it is now, after this.
///
/// # Errors
/// [`Error::NotFound`] when there is no such conversation.
pub(crate) async fn turn_around(tx: &impl ConnectionTrait, id: ConversationId, at: Moment) -> Result<Turn> {
    let class = conversation::Entity::find_by_id(id).select_only().column(conversation::Column::ClassId);
    let class: Option<ClassId> = class.into_tuple().one(tx).await?;
    turn(tx, class.ok_or(Error::NotFound)?, at).await
}

impl Turn {
    /// Tells of a conversation, not of what is in it: whoever could or can read it hears of it, and nobody else.
    pub(crate) async fn conversation(
        &mut self,
        tx: &impl ConnectionTrait,
        kind: Kind,
        (id, owner): (ConversationId, UserId),
        audience: impl Into<Audience>,
    ) -> Result<()> {
        let (audience, user) = (audience.into(), Some(owner));
        self.tell(tx, Change { kind, object: id.0, conversation: None, audience, user }).await
    }

    /// Tells of a membership.
    pub(crate) async fn member(
        &mut self,
        tx: &impl ConnectionTrait,
        kind: Kind,
        (id, user): (EnrolmentId, Option<UserId>),
        audience: Audience,
    ) -> Result<()> {
        self.tell(tx, Change { kind, object: id.0, conversation: None, audience, user }).await
    }

    /// The place of what is told now: the moment of the clock, or a little later than the last one where that is not
    /// earlier. A request that waited, for its body or for the turn, must not stand just behind what came meanwhile: its
    /// place would tell of it.
    fn place(&self) -> i64 {
        let now = db::now().unwrap_or(self.at);
        self.last.saturating_add(step()).max(now.0)
    }

    /// Writes a change to the feed.
    ///
    /// # Errors
    /// [`Error::Database`] when the row cannot be written.
    pub async fn tell(&mut self, tx: &impl ConnectionTrait, change: Change) -> Result<()> {
        let seq = self.place();
        let row = event::ActiveModel {
            class_id: Set(self.class),
            seq: Set(seq),
            kind: Set(change.kind.as_str().to_owned()),
            object_id: Set(change.object),
            conversation_id: Set(change.conversation),
            audience: Set(change.audience),
            user_id: Set(change.user),
            created_at: Set(Moment(seq)),
        };
        event::Entity::insert(row).exec_without_returning(tx).await?;
        self.last = seq;
        if !self.called && tx.get_database_backend() == DbBackend::Postgres {
            let call = format!("NOTIFY {}", crate::db::CHANNEL);
            tx.execute_unprepared(&call).await?;
            self.called = true;
        }
        Ok(())
    }
}

/// How far apart places are at least, in microseconds: 1 to 1,000 by chance, so that what is between two that somebody
/// sees tells nothing of what they do not see.
fn step() -> i64 {
    let mut bytes = [0_u8; 2];
    // Without chance places are as far apart as they may be.
    if getrandom::fill(&mut bytes).is_err() {
        return STEP;
    }
    i64::from(u16::from_be_bytes(bytes)) % STEP + 1
}
