//! Messages of a conversation: list, continue.

use std::collections::HashMap;

use entity::{
    Audience, ConversationId, MessageId, Moment,
    conversation::{self, Visibility},
    message::{self, Part, PartKind, Parts, Role},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    Actor, Db, Error, Flaw, Once, Result, access, conversation as conversations,
    feed::{self, Kind},
    page::{self, Cursor, Page, PageRequest},
    transcript::MOST_MESSAGES,
};

/// Rows a statement inserts: 500 times 15 columns stays far below the parameters an engine takes.
const BATCH: usize = 500;

/// A message somebody writes or copies by hand.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Who speaks.
    pub role: Role,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Which model.
    pub model: Option<String>,
    /// When it was written; none if not known.
    pub created_at: Option<Moment>,
}

/// Messages to go on with.
#[derive(Clone, Debug)]
pub struct Continue {
    /// After which message; after the last of the visible path if not said.
    pub parent: Option<MessageId>,
    /// One after the other.
    pub messages: Vec<NewMessage>,
}

/// The text a reader sees of these parts.
#[must_use]
pub fn visible_text(parts: &[Part]) -> String {
    let read =
        |part: &&Part| matches!(part.kind, PartKind::Text | PartKind::Code | PartKind::Document | PartKind::Audio);
    let texts: Vec<&str> = parts.iter().filter(read).filter_map(|part| part.text.as_deref()).collect();
    texts.join("\n\n")
}

/// Whether these parts are for the conversation's owner alone.
#[must_use]
pub fn is_confidential(parts: &[Part]) -> bool {
    !parts.is_empty() && parts.iter().all(|part| part.kind == PartKind::Context)
}

/// The messages of a conversation in reading order: of the visible path, or of all branches.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read the conversation; [`Error::Invalid`] for a cursor of another list.
pub async fn list(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    branches: bool,
    page: PageRequest,
) -> Result<Page<message::Model>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let conversation = conversations::find(&db, &actor, id).await?;
        let with_own = conversation.owner_id == actor.user;
        let mut query = those_of(id, page.after.as_ref(), with_own)?;
        if !branches {
            query = query.filter(message::COLUMN.on_path.eq(true));
        }
        let rows = query.limit(page.limit + 1).all(&db).await?;
        // After the rows: what they hang on is there by now, whatever comes in between.
        let reader = Reader::of(&db, &conversation, with_own).await?;
        Ok(Page::cut(rows, page.limit, place).map(|row| reader.sees(row)))
    })
    .await
}

/// How many bytes the parts of the next messages of all branches have, of as many as a page has at most. `with_own` counts
/// what is the owner's alone, for its owner.
pub(crate) async fn sizes(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    after: Option<Cursor>,
    with_own: bool,
) -> Result<Vec<i32>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let conversation = conversations::find(&db, &actor, id).await?;
        let with_own = with_own && conversation.owner_id == actor.user;
        let size = Func::cust("octet_length").arg(Expr::col(message::Column::Parts).cast_as("text"));
        let sizes = those_of(id, after.as_ref(), with_own)?.select_only().expr_as(size, "bytes");
        Ok(sizes.limit(page::MAX).into_tuple().all(&db).await?)
    })
    .await
}

/// The next so many messages of all branches. Without `with_own` they are as everybody sees them who may read the
/// conversation, for its owner too.
pub(crate) async fn next(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    after: Option<Cursor>,
    count: u64,
    with_own: bool,
) -> Result<Vec<message::Model>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let conversation = conversations::find(&db, &actor, id).await?;
        let with_own = with_own && conversation.owner_id == actor.user;
        let rows = those_of(id, after.as_ref(), with_own)?.limit(count).all(&db).await?;
        let reader = Reader::of(&db, &conversation, with_own).await?;
        Ok(rows.into_iter().map(|row| reader.sees(row)).collect())
    })
    .await
}

/// The messages of a conversation after a place, in reading order.
fn those_of(id: ConversationId, after: Option<&Cursor>, with_own: bool) -> Result<Select<message::Entity>> {
    let mut query = message::Entity::in_conversation(id);
    if let Some(after) = after {
        query = query.filter(beyond(after)?);
    }
    if !with_own {
        query = query.filter(message::COLUMN.confidential.eq(false));
    }
    Ok(query)
}

/// Where a message stands.
pub(crate) fn place(row: &message::Model) -> Cursor {
    Cursor { order: "position".to_owned(), value: Some(row.position.into()), id: row.id.0 }
}

fn beyond(cursor: &Cursor) -> Result<Condition> {
    let position = cursor.value.as_ref().and_then(serde_json::Value::as_i64).and_then(|p| i32::try_from(p).ok());
    match (cursor.order.as_str(), position) {
        ("position", Some(position)) => {
            let same = Condition::all()
                .add(message::COLUMN.position.eq(position))
                .add(message::COLUMN.id.gt(MessageId(cursor.id)));
            Ok(Condition::any().add(message::COLUMN.position.gt(position)).add(same))
        }
        _ => Err(page::bad_cursor()),
    }
}

/// What one reader sees of a conversation's messages.
struct Reader {
    with_own: bool,
    /// Where messages that others may not know of hang.
    detours: HashMap<MessageId, Option<MessageId>>,
}

impl Reader {
    async fn of(db: &impl ConnectionTrait, conversation: &conversation::Model, with_own: bool) -> Result<Self> {
        if with_own {
            return Ok(Self { with_own, detours: HashMap::new() });
        }
        let unseen = message::Entity::in_conversation(conversation.id)
            .filter(message::COLUMN.confidential.eq(true))
            .select_only()
            .columns([message::Column::Id, message::Column::ParentId])
            .into_tuple::<(MessageId, Option<MessageId>)>()
            .all(db)
            .await?;
        Ok(Self { with_own, detours: unseen.into_iter().collect() })
    }

    /// The message without what is its owner's alone, hung on the nearest message this reader knows of.
    fn sees(&self, mut row: message::Model) -> message::Model {
        if self.with_own {
            return row;
        }
        row.parts.0.retain(|part| part.kind != PartKind::Context);
        for _ in 0..=self.detours.len() {
            match row.parent_id.and_then(|parent| self.detours.get(&parent)) {
                Some(beyond) => row.parent_id = *beyond,
                None => break,
            }
        }
        row
    }
}

/// Goes on with a conversation. What is added becomes the visible path.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but its owner; [`Error::Invalid`] for a parent of another conversation;
/// [`Error::Stale`] for another version.
pub async fn append(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    expected: Option<i32>,
    more: Continue,
) -> Result<Once<ConversationId>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn_around(&*tx, id, actor.at).await?;
        let conversation = conversations::find_own(&*tx, &actor, id).await?;
        access::unchanged(conversation.version, expected)?;
        let tree: Vec<(MessageId, Option<MessageId>, bool, i32)> = message::Entity::find()
            .filter(message::COLUMN.conversation_id.eq(id))
            .select_only()
            .columns([
                message::Column::Id,
                message::Column::ParentId,
                message::Column::Confidential,
                message::Column::Position,
            ])
            .order_by_asc(message::Column::Position)
            .order_by_asc(message::Column::Id)
            .into_tuple()
            .all(&*tx)
            .await?;
        if tree.len() + more.messages.len() > MOST_MESSAGES {
            let detail =
                format!("a conversation has at most {MOST_MESSAGES} messages, here are {} already", tree.len());
            return Err(Error::invalid("/messages", Flaw::new("out_of_range", detail)));
        }
        let parent = more.parent.or(conversation.leaf_id);
        if let Some(wanted) = more.parent
            && !tree.iter().any(|(id, ..)| *id == wanted)
        {
            return Err(Error::invalid(
                "/parent_id",
                Flaw::new("not_in_conversation", "expected the id of a message of this conversation"),
            ));
        }
        let counted = tree.iter().filter(|(_, _, confidential, _)| !confidential);
        let next = counted.map(|(.., position)| position.saturating_add(1)).max().unwrap_or(0);
        let audience = heard_by(conversation.visibility, more.messages.iter().map(|message| &message.parts));
        let rows = chain(id, parent, next, more.messages, actor.at);
        let leaf = rows.last().and_then(|row| row.id.try_as_ref().copied()).or(parent);
        if parent != conversation.leaf_id {
            let parents: HashMap<MessageId, Option<MessageId>> = tree.iter().map(|(id, up, ..)| (*id, *up)).collect();
            show_path(&*tx, id, &path(&parents, parent)).await?;
        }
        insert_all(&*tx, rows).await?;
        let version = conversation.version;
        let mut row = conversation.into_active_model();
        row.leaf_id = Set(leaf);
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        turn.conversation(&*tx, Kind::MessageAdded, (id, actor.user), audience).await?;
        Ok(id)
    })
    .await
}

/// Who hears that messages of these parts were added to a conversation shared this far: its owner alone if that is who
/// may know of them.
pub(crate) fn heard_by<'a>(visibility: Visibility, messages: impl IntoIterator<Item = &'a Vec<Part>>) -> Audience {
    let shown = messages.into_iter().any(|parts| !is_confidential(parts));
    if shown { visibility.into() } else { Audience::Private }
}

/// The messages from `leaf` up to the root.
pub(crate) fn path(parents: &HashMap<MessageId, Option<MessageId>>, leaf: Option<MessageId>) -> Vec<MessageId> {
    let mut path = Vec::new();
    let mut next = leaf;
    while let Some(id) = next
        && path.len() <= parents.len()
    {
        path.push(id);
        next = parents.get(&id).copied().flatten();
    }
    path
}

/// Makes exactly these messages the visible path.
pub(crate) async fn show_path(db: &impl ConnectionTrait, id: ConversationId, path: &[MessageId]) -> Result<()> {
    let on = |shown| message::ActiveModel { on_path: Set(shown), ..Default::default() };
    message::Entity::update_many()
        .set(on(false))
        .filter(message::COLUMN.conversation_id.eq(id))
        .filter(message::COLUMN.on_path.eq(true))
        .exec(db)
        .await?;
    for some in path.chunks(BATCH) {
        let these = message::COLUMN.id.is_in(some.iter().copied());
        message::Entity::update_many().set(on(true)).filter(these).exec(db).await?;
    }
    Ok(())
}

/// Messages one after the other, below `parent`, ready to insert.
pub(crate) fn chain(
    conversation: ConversationId,
    mut parent: Option<MessageId>,
    mut position: i32,
    messages: Vec<NewMessage>,
    at: Moment,
) -> Vec<message::ActiveModel> {
    let mut rows = Vec::with_capacity(messages.len());
    let mut left = u64::try_from(messages.len()).unwrap_or(u64::MAX);
    for new in messages {
        let confidential = is_confidential(&new.parts);
        left = left.saturating_sub(1);
        let id = if confidential { MessageId::unseen(left) } else { MessageId::new() };
        rows.push(message::ActiveModel {
            id: Set(id),
            conversation_id: Set(conversation),
            parent_id: Set(parent),
            position: Set(position),
            source_id: Set(None),
            role: Set(new.role),
            model: Set(new.model),
            created_at: Set(new.created_at),
            hidden: Set(false),
            on_path: Set(true),
            confidential: Set(confidential),
            content: Set(visible_text(&new.parts)),
            parts: Set(Parts(new.parts)),
            added_at: Set(at),
            version: Set(1),
        });
        parent = Some(id);
        if !confidential {
            position = position.saturating_add(1);
        }
    }
    rows
}

/// Inserts messages, parents before children.
pub(crate) async fn insert_all(db: &impl ConnectionTrait, rows: Vec<message::ActiveModel>) -> Result<()> {
    let mut rows = rows.into_iter();
    loop {
        let some: Vec<_> = rows.by_ref().take(BATCH).collect();
        if some.is_empty() {
            return Ok(());
        }
        message::Entity::insert_many(some).exec_without_returning(db).await?;
    }
}

/// The message with this number, from 1, that others may see in a conversation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read the conversation; [`Error::Invalid`] when it has no such message.
pub async fn numbered(db: &Db, actor: &Actor, id: ConversationId, number: u32) -> Result<MessageId> {
    let actor = actor.clone();
    db.read(move |db| async move {
        conversations::find(&db, &actor, id).await?;
        let position = i32::try_from(number).unwrap_or(i32::MAX).saturating_sub(1);
        let found = message::Entity::in_conversation(id)
            .filter(message::COLUMN.position.eq(position))
            .filter(message::COLUMN.confidential.eq(false))
            .one(&db)
            .await?;
        let flaw = || Error::invalid("/message", Flaw::new("unknown_message", "this conversation has no such message"));
        found.map(|row| row.id).ok_or_else(flaw)
    })
    .await
}
