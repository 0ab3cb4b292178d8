//! Conversations: create, list, read, change, delete.

mod about;
mod audience;
mod list;
mod several;

pub(crate) use about::about_in;
pub use about::{About, about};
pub use audience::{Audience, audience};
pub(crate) use list::holding;
pub use list::{AuthorFilter, Filter, Shelf, Sort, SortKey, list, shelf};
pub use several::{MOST, Several, several};

use entity::{
    ClassId, ConversationId,
    conversation::{self, Platform, Visibility},
    conversation_source, message,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect,
    Select,
    sea_query::{Expr, Query},
};

use crate::{
    Actor, Conflict, Db, Denial, Error, Once, Result,
    access::{self, Membership, Right},
    author::{Author, authors},
    feed::{self, Kind},
    message::{NewMessage, chain, insert_all, is_confidential},
    text::Title,
};

/// A conversation written or copied by hand.
#[derive(Clone, Debug)]
pub struct NewConversation {
    /// What its owner calls it.
    pub title: Title,
    /// Who may read it.
    pub visibility: Visibility,
    /// One after the other.
    pub messages: Vec<NewMessage>,
}

/// What is changed of a conversation; absent stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ChangeConversation {
    /// What its owner calls it.
    pub title: Option<Option<Title>>,
    /// Who may read it.
    pub visibility: Option<Visibility>,
}

/// A conversation as one reader sees it.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: conversation::Model,
    /// Whose words.
    pub author: Option<Author>,
    /// Messages of the visible path that its platform shows.
    pub messages: u64,
}

/// The raw form a conversation came in.
#[derive(Clone, Debug)]
pub struct Source {
    /// `application/json` or `text/plain`.
    pub media_type: String,
    /// The bytes as they were.
    pub body: Vec<u8>,
}

/// A conversation the actor may read.
pub(crate) async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ConversationId) -> Result<conversation::Model> {
    let readable = conversation::Entity::visible_to(actor.user, actor.at);
    readable.filter(conversation::COLUMN.id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// A conversation of the actor's own, in a class the actor is still in.
async fn find_mine(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ConversationId,
) -> Result<(conversation::Model, Membership)> {
    let row = find(db, actor, id).await?;
    if row.owner_id != actor.user {
        return Err(Error::Forbidden(Denial::NotYours));
    }
    let member = Membership::still(db, actor, row.class_id).await?;
    member.may(Right::Contribute)?;
    Ok((row, member))
}

/// A conversation that the actor may change now.
pub(crate) async fn find_own(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ConversationId,
) -> Result<conversation::Model> {
    let (row, member) = find_mine(db, actor, id).await?;
    member.is_running()?;
    Ok(row)
}

/// Writes a conversation by hand.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] for auditors; [`Error::Conflict`] in an archived class.
pub async fn create(db: &Db, actor: &Actor, class: ClassId, new: NewConversation) -> Result<Once<ConversationId>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn(&*tx, class, actor.at).await?;
        let member = Membership::of(&*tx, &actor, class).await?;
        member.may(Right::Contribute)?;
        member.is_running()?;
        let id = ConversationId::new();
        // Everybody who may read the conversation sees these two: what is its owner's alone has no say in them.
        let mut shown = new.messages.iter().filter(|message| !is_confidential(&message.parts));
        let model = shown.clone().find_map(|message| message.model.clone());
        let started = shown.find_map(|message| message.created_at);
        let rows = chain(id, None, 0, new.messages, actor.at);
        let row = conversation::ActiveModel {
            id: Set(id),
            class_id: Set(class),
            owner_id: Set(actor.user),
            created_by: Set(Some(actor.user)),
            import_id: Set(None),
            title: Set(Some(new.title.into_inner())),
            visibility: Set(new.visibility),
            platform: Set(Platform::Manual),
            source_id: Set(None),
            source_key: Set(None),
            model: Set(model),
            started_at: Set(started),
            source_updated_at: Set(None),
            leaf_id: Set(rows.last().and_then(|row| row.id.try_as_ref().copied())),
            created_at: Set(actor.at),
            updated_at: Set(actor.at),
            deleted_at: Set(None),
            version: Set(1),
        };
        row.insert(&*tx).await?;
        insert_all(&*tx, rows).await?;
        turn.conversation(&*tx, Kind::ConversationCreated, (id, actor.user), new.visibility).await?;
        Ok(id)
    })
    .await
}

/// One conversation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read it.
pub async fn show(db: &Db, actor: &Actor, id: ConversationId) -> Result<ConversationView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let readable = conversation::Entity::visible_to(actor.user, actor.at);
        let rows = rows(&db, readable.filter(conversation::COLUMN.id.eq(id))).await?;
        views(&db, &actor, rows).await?.into_iter().next().ok_or(Error::NotFound)
    })
    .await
}

/// A conversation and its length, as one statement reads them.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    #[sea_orm(nested)]
    pub(crate) conversation: conversation::Model,
    pub(crate) messages: i64,
}

/// The conversations of a query with their lengths, in one statement.
pub(crate) async fn rows(db: &impl ConnectionTrait, query: Select<conversation::Entity>) -> Result<Vec<Row>> {
    let length = Query::select()
        .expr(Expr::col((message::Entity, message::Column::Id)).count())
        .from(message::Entity)
        .and_where(
            Expr::col((message::Entity, message::Column::ConversationId))
                .equals((conversation::Entity, conversation::Column::Id)),
        )
        .and_where(message::COLUMN.on_path.eq(true))
        .and_where(message::COLUMN.hidden.eq(false))
        .and_where(message::COLUMN.confidential.eq(false))
        .to_owned();
    Ok(query.expr_as(length, "messages").into_model::<Row>().all(db).await?)
}

/// The conversations with their authors, in one statement however many they are.
async fn views(db: &impl ConnectionTrait, viewer: &Actor, rows: Vec<Row>) -> Result<Vec<ConversationView>> {
    let people = rows.iter().map(|row| (row.conversation.class_id, row.conversation.owner_id));
    let authors = authors(db, viewer, people).await?;
    let view = |row: Row| ConversationView {
        author: authors.get(&(row.conversation.class_id, row.conversation.owner_id)).cloned(),
        messages: u64::try_from(row.messages).unwrap_or(0),
        conversation: row.conversation,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The raw form an imported conversation came in.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read the conversation and it has one; [`Error::Forbidden`] for anybody but
/// its owner.
pub async fn source(db: &Db, actor: &Actor, id: ConversationId) -> Result<Source> {
    let actor = actor.clone();
    let row = db
        .read(move |db| async move {
            let conversation = find(&db, &actor, id).await?;
            if conversation.owner_id != actor.user {
                return Err(Error::Forbidden(Denial::NotYours));
            }
            conversation_source::Entity::find_by_id(id).one(&db).await?.ok_or(Error::NotFound)
        })
        .await?;
    let unpacked = tokio::task::spawn_blocking(move || crate::import::unpack(&row.body)).await;
    let body = unpacked??;
    Ok(Source { media_type: row.media_type, body })
}

/// Whether more people may read it after this change.
#[must_use]
pub fn widens(from: Visibility, to: Visibility) -> bool {
    let reach = |visibility| match visibility {
        Visibility::Private => 0,
        Visibility::Staff => 1,
        Visibility::Class => 2,
    };
    reach(to) > reach(from)
}

/// Changes a conversation.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but its owner; [`Error::Conflict`] in an archived class, except to narrow who may
/// read it; [`Error::Stale`] for another version.
pub async fn change(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    expected: Option<i32>,
    change: ChangeConversation,
) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn_around(&*tx, id, actor.at).await?;
        let (row, member) = find_mine(&*tx, &actor, id).await?;
        let ChangeConversation { title, visibility } = change;
        let only_narrows = title.is_none() && visibility.is_some_and(|v| !widens(row.visibility, v));
        match member.is_running() {
            Err(Error::Conflict(Conflict::ClassArchived)) if only_narrows => {}
            running => running?,
        }
        access::unchanged(row.version, expected)?;
        let (version, before) = (row.version, row.visibility);
        let mut row = row.into_active_model();
        if let Some(title) = title {
            row.title = Set(title.map(Title::into_inner));
        }
        if let Some(visibility) = visibility {
            row.visibility = Set(visibility);
        }
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        // Who cannot read it any more hears of just that.
        let widest = visibility.filter(|now| widens(before, *now)).unwrap_or(before);
        turn.conversation(&*tx, Kind::ConversationChanged, (id, actor.user), widest).await
    })
    .await
}

/// Deletes a conversation with its messages and its raw form, in an archived class too: they are its owner's words.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but its owner; [`Error::Stale`] for another version.
pub async fn delete(db: &Db, actor: &Actor, id: ConversationId, expected: Option<i32>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn_around(&*tx, id, actor.at).await?;
        let (row, _) = find_mine(&*tx, &actor, id).await?;
        access::unchanged(row.version, expected)?;
        conversation::Entity::delete_by_id(row.id).exec(&*tx).await?;
        crate::import::forget(&*tx, &row).await?;
        turn.conversation(&*tx, Kind::ConversationDeleted, (id, actor.user), row.visibility).await
    })
    .await
}
