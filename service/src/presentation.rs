//! Presentations: a conversation on the projector, message by message, and everybody who follows where its presenter is.

use entity::{
    Audience, ConversationId, MessageId, PresentationId, class, conversation, enrolment::Role, message, presentation,
    rendering::RenderedPart,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Db, Denial, Error, Flaw, Once, Result,
    access::{Right, allows},
    annotation::Place,
    author::{Author, company},
    feed::{Change, Kind},
    reading::{Node, slides},
    rendering::{self, Renderer},
};

/// Presentations that are listed at most.
const MOST: u64 = 50;

/// A presentation as one reader sees it.
#[derive(Clone, Debug)]
pub struct PresentationView {
    /// The presentation.
    pub presentation: presentation::Model,
    /// Its conversation.
    pub conversation: conversation::Model,
    /// Whose it is.
    pub presenter: Option<Author>,
    /// The number of the message shown.
    pub number: Option<u32>,
}

/// A presentation as a page shows it.
#[derive(Clone, Debug)]
pub struct Slide {
    /// The presentation.
    pub presentation: presentation::Model,
    /// Its conversation.
    pub conversation: conversation::Model,
    /// The class.
    pub class: class::Model,
    /// Whether the reader presents, and still may.
    pub presents: bool,
    /// The message shown; none in a conversation that has none to show, and once it is over.
    pub message: Option<Node>,
    /// What it says.
    pub parts: Vec<RenderedPart>,
    /// Its place among those that are shown, from 1.
    pub place: usize,
    /// How many they are.
    pub of: usize,
}

/// What a presenter changes; absent stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangePresentation {
    /// The message to show.
    pub message: Option<MessageId>,
    /// So many messages on, or back; it ends at the first and the last one.
    pub step: Option<i32>,
    /// Whether nothing is shown for now.
    pub blank: Option<bool>,
}

/// A presentation that runs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// The presentation.
    pub id: PresentationId,
    /// Whether it began just now.
    pub fresh: bool,
}

/// That a presentation changed: whoever may read the conversation hears of it, before its marks are theirs to see, too.
async fn tell(db: &impl ConnectionTrait, place: &mut Place, id: PresentationId) -> Result<()> {
    let Place { turn, conversation, .. } = place;
    let (audience, user) = (Audience::from(conversation.visibility), Some(conversation.owner_id));
    let kind = Kind::PresentationChanged;
    turn.tell(db, Change { kind, object: id.0, conversation: None, audience, user }).await
}

/// Presents a conversation; who presents it already goes on.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read it; [`Error::Forbidden`] for auditors and former members.
pub async fn open(db: &Db, actor: &Actor, id: ConversationId) -> Result<Once<Opened>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let mut place = Place::of(&*tx, &actor, id).await?;
        place.member.may(Right::Annotate)?;
        let running = presentation::Entity::find()
            .filter(presentation::COLUMN.conversation_id.eq(id))
            .filter(presentation::COLUMN.presenter_id.eq(actor.user))
            .filter(presentation::COLUMN.ended_at.is_null());
        if let Some(row) = running.one(&*tx).await? {
            return Ok(Opened { id: row.id, fresh: false });
        }
        let row = presentation::ActiveModel {
            id: Set(PresentationId::new()),
            conversation_id: Set(id),
            presenter_id: Set(actor.user),
            message_id: Set(slides(&*tx, id).await?.first().map(|node| node.id)),
            blank: Set(false),
            created_at: Set(actor.at),
            updated_at: Set(actor.at),
            ended_at: Set(None),
        };
        let row = row.insert(&*tx).await?;
        tell(&*tx, &mut place, row.id).await?;
        Ok(Opened { id: row.id, fresh: true })
    })
    .await
}

async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: PresentationId,
) -> Result<(presentation::Model, conversation::Model)> {
    let visible = presentation::Entity::visible_to(actor.user, actor.at).filter(presentation::COLUMN.id.eq(id));
    match visible.find_also_related(conversation::Entity).one(db).await? {
        Some((row, Some(conversation))) => Ok((row, conversation)),
        _ => Err(Error::NotFound),
    }
}

/// One presentation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read its conversation.
pub async fn show(db: &Db, actor: &Actor, id: PresentationId) -> Result<PresentationView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let (presentation, conversation) = find(&db, &actor, id).await?;
        let number = match presentation.message_id {
            Some(id) => message::Entity::find_by_id(id)
                .select_only()
                .column(message::Column::Position)
                .into_tuple::<i32>()
                .one(&db)
                .await?
                .map(|position| u32::try_from(position).unwrap_or(0).saturating_add(1)),
            None => None,
        };
        let (class, presenter) = (conversation.class_id, presentation.presenter_id);
        let mut known = company(&db, &actor, vec![class], vec![presenter]).await?;
        let presenter = known.authors.remove(&(class, presenter));
        Ok(PresentationView { presentation, conversation, presenter, number })
    })
    .await
}

/// The presentations of a conversation that run now, the newest first, and by whom; none for whoever may not read it.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn running(db: &Db, actor: &Actor, id: ConversationId) -> Result<Vec<(PresentationId, Option<Author>)>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let rows = presentation::Entity::running(actor.user, actor.at, id)
            .order_by_desc(presentation::Column::Id)
            .limit(MOST)
            .find_also_related(conversation::Entity)
            .all(&db)
            .await?;
        let class: Vec<_> = rows.iter().filter_map(|(_, above)| Some(above.as_ref()?.class_id)).take(1).collect();
        let people = rows.iter().map(|(row, _)| row.presenter_id).collect();
        let mut known = company(&db, &actor, class.clone(), people).await?;
        let mut author = |user| class.first().and_then(|class| known.authors.remove(&(*class, user)));
        Ok(rows.into_iter().map(|(row, _)| (row.id, author(row.presenter_id))).collect())
    })
    .await
}

/// A presentation with the message it shows, in four statements, and two more when that was never rendered before.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read its conversation.
pub async fn slide(db: &Db, renderer: &Renderer, actor: &Actor, id: PresentationId) -> Result<Slide> {
    let reader = actor.clone();
    let (presentation, conversation, home, nodes) = db
        .read(move |db| async move {
            let (row, conversation) = find(&db, &reader, id).await?;
            let class = conversation.class_id;
            let mut known = company(&db, &reader, vec![class], Vec::new()).await?;
            let home = known.homes.remove(&class).ok_or(Error::NotFound)?;
            Ok((row, conversation.clone(), home, slides(&db, conversation.id).await?))
        })
        .await?;
    let at = nodes.iter().position(|node| Some(node.id) == presentation.message_id).unwrap_or(0);
    // What is blank or over reaches nobody.
    let shown = nodes.get(at).filter(|_| presentation.ended_at.is_none() && !presentation.blank).cloned();
    let wanted: Vec<(MessageId, i32)> = shown.iter().map(|node| (node.id, node.version)).collect();
    let mut rendered = rendering::of(db, renderer, &wanted, false).await?;
    let parts = shown.as_ref().and_then(|node| rendered.remove(&node.id)).map(|parts| parts.0).unwrap_or_default();
    let may = home.role().is_some_and(|role| allows(role, Right::Annotate));
    Ok(Slide {
        presents: may && presentation.presenter_id == actor.user && presentation.ended_at.is_none(),
        presentation,
        conversation,
        class: home.class,
        message: shown,
        parts,
        place: at.saturating_add(1).min(nodes.len()),
        of: nodes.len(),
    })
}

/// A presentation, in a unit that has its class's turn.
async fn placed(db: &impl ConnectionTrait, actor: &Actor, id: PresentationId) -> Result<(Place, presentation::Model)> {
    let (_, above) = find(db, actor, id).await?;
    let place = Place::of(db, actor, above.id).await?;
    let (row, _) = find(db, actor, id).await?;
    Ok((place, row))
}

/// One of the actor's own.
async fn own(db: &impl ConnectionTrait, actor: &Actor, id: PresentationId) -> Result<(Place, presentation::Model)> {
    let (place, row) = placed(db, actor, id).await?;
    place.member.may(Right::Annotate)?;
    if row.presenter_id == actor.user { Ok((place, row)) } else { Err(Error::Forbidden(Denial::NotAuthor)) }
}

/// Whether somebody of this role ends presentations of others: of what is theirs, or as staff. Of a presenter who is in
/// the class no more it would go on for ever otherwise.
#[must_use]
pub fn ends_others(role: Role, owns: bool) -> bool {
    owns || allows(role, Right::Moderate)
}

/// Shows another message, or nothing for a while.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it, and once it is over; [`Error::Forbidden`] for all but its presenter;
/// [`Error::Invalid`] for a message that it does not show.
pub async fn change(db: &Db, actor: &Actor, id: PresentationId, change: ChangePresentation) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, before) = own(&*tx, &actor, id).await?;
        if before.ended_at.is_some() {
            return Err(Error::NotFound);
        }
        let shown = slides(&*tx, before.conversation_id).await?;
        let mut at = shown.iter().position(|node| Some(node.id) == before.message_id).unwrap_or(0);
        if let Some(message) = change.message {
            let flaw = || Flaw::new("not_shown", "expected the id of a message of the visible path that has words");
            let found = shown.iter().position(|node| node.id == message);
            at = found.ok_or_else(|| Error::invalid("/message_id", flaw()))?;
        }
        let step = isize::try_from(change.step.unwrap_or(0)).unwrap_or(0);
        at = at.saturating_add_signed(step).min(shown.len().saturating_sub(1));
        let mut row = before.clone().into_active_model();
        row.message_id = Set(shown.get(at).map(|node| node.id));
        // Whoever moves on wants it to be seen.
        let moved = change.message.is_some() || change.step.is_some();
        row.blank = Set(change.blank.unwrap_or(before.blank && !moved));
        row.updated_at = Set(actor.at);
        row.update(&*tx).await?;
        tell(&*tx, &mut place, id).await
    })
    .await
}

/// Ends a presentation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Forbidden`] for all but its presenter, the owner of the
/// conversation and staff.
pub async fn end(db: &Db, actor: &Actor, id: PresentationId) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let (mut place, row) = placed(&*tx, &actor, id).await?;
        let owns = place.conversation.owner_id == actor.user;
        if row.presenter_id != actor.user && !ends_others(place.member.enrolment.role, owns) {
            return Err(Error::Forbidden(Denial::NotAuthor));
        }
        if row.ended_at.is_some() {
            return Ok(());
        }
        let mut row = row.into_active_model();
        row.ended_at = Set(Some(actor.at));
        row.updated_at = Set(actor.at);
        row.update(&*tx).await?;
        tell(&*tx, &mut place, id).await
    })
    .await
}
