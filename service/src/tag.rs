//! The codebook of a class: its tags, and those that people keep to themselves.

mod book;
mod bring;
mod colour;
mod list;
mod named;

pub use book::{Book, Entry, Leaf, book, choices, leaf};
pub use bring::{Brought, Source, bring};
pub use colour::{COLOURS, Colour};
pub use list::{TagView, list, show};
pub(crate) use named::named;

use entity::{Audience, ClassId, Moment, TagId, UserId, annotation_tag, tag};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, Query},
};

use crate::{
    Actor, Conflict, Db, Denial, Error, Flaw, Once, Result,
    access::{self, Membership, Right, allows},
    feed::{self, Change, Kind, Turn},
    text::{Description, Label},
};

/// The most tags a list has, that of the class and that of one person each.
const MOST: u64 = 500;

/// A tag somebody makes.
#[derive(Clone, Debug)]
pub struct NewTag {
    /// What it is called.
    pub name: Label,
    /// Its colour; another one than the tag before if not said.
    pub colour: Option<Colour>,
    /// What it means.
    pub definition: Option<Description>,
    /// Words that it fits.
    pub example: Option<Description>,
    /// The heading it stands under.
    pub group: Option<Label>,
}

/// What is changed of a tag; absent stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ChangeTag {
    /// What it is called.
    pub name: Option<Label>,
    /// Its colour.
    pub colour: Option<Colour>,
    /// What it means.
    pub definition: Option<Option<Description>>,
    /// Words that it fits.
    pub example: Option<Option<Description>>,
    /// The heading it stands under.
    pub group: Option<Option<Label>>,
    /// The place in its list; what stands there and after it moves on.
    pub position: Option<i32>,
}

/// A tag the actor may use, in a unit that has its class's turn.
struct Held {
    turn: Turn,
    member: Membership,
    row: tag::Model,
}

/// The tags that this person may use, in classes they are in.
pub(crate) fn usable(actor: &Actor) -> sea_orm::Select<tag::Entity> {
    let own = sea_orm::Condition::any().add(tag::COLUMN.owner_id.is_null()).add(tag::COLUMN.owner_id.eq(actor.user));
    let classes = entity::enrolment::Entity::classes_of(actor.user);
    tag::Entity::find().filter(tag::Column::ClassId.in_subquery(classes)).filter(own)
}

async fn find(db: &impl ConnectionTrait, actor: &Actor, id: TagId) -> Result<tag::Model> {
    usable(actor).filter(tag::COLUMN.id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

impl Held {
    async fn of(db: &impl ConnectionTrait, actor: &Actor, id: TagId) -> Result<Self> {
        let class = find(db, actor, id).await?.class_id;
        let (turn, member) = enter(db, actor, class).await?;
        Ok(Self { turn, member, row: find(db, actor, id).await? })
    }

    fn may_change(&self, actor: &Actor) -> Result<()> {
        may_change(&self.member, actor, &self.row)
    }

    async fn tell(&mut self, db: &impl ConnectionTrait, kind: Kind) -> Result<()> {
        tell(&mut self.turn, db, kind, self.row.id, self.row.owner_id).await
    }
}

/// Whether the actor may change this tag: one's own always; of the class whoever runs it, and until the codebook is locked
/// who made it.
fn may_change(member: &Membership, actor: &Actor, row: &tag::Model) -> Result<()> {
    member.may(Right::Annotate)?;
    member.is_running()?;
    if row.owner_id.is_some() || allows(member.enrolment.role, Right::ChangeClass) {
        return Ok(());
    }
    may_add(member, false)?;
    if row.created_by == Some(actor.user) { Ok(()) } else { Err(Error::Forbidden(Denial::Role)) }
}

/// The class's turn, and the actor's membership as it is then.
async fn enter(db: &impl ConnectionTrait, actor: &Actor, class: ClassId) -> Result<(Turn, Membership)> {
    Membership::of(db, actor, class).await?;
    let turn = feed::turn(db, class, actor.at).await?;
    Ok((turn, Membership::of(db, actor, class).await?))
}

/// Whether this member may add a tag, of their own or of the class.
fn may_add(member: &Membership, own: bool) -> Result<()> {
    member.may(Right::Annotate)?;
    member.is_running()?;
    if !own && member.class.codebook_locked && !allows(member.enrolment.role, Right::ChangeClass) {
        return Err(Error::Forbidden(Denial::CodebookLocked));
    }
    Ok(())
}

async fn tell(turn: &mut Turn, db: &impl ConnectionTrait, kind: Kind, tag: TagId, owner: Option<UserId>) -> Result<()> {
    let audience = if owner.is_some() { Audience::Private } else { Audience::Class };
    turn.tell(db, Change { kind, object: tag.0, conversation: None, audience, user: owner }).await
}

/// What makes two names of one list the same.
fn key(owner: Option<UserId>, name: &str) -> String {
    let owner = owner.map(|owner| owner.to_string()).unwrap_or_default();
    format!("{owner}/{}", name.to_lowercase())
}

/// The tags of the class, or those this person keeps to themselves.
fn same_list(class: ClassId, owner: Option<UserId>) -> sea_orm::Select<tag::Entity> {
    let tags = tag::Entity::find().filter(tag::COLUMN.class_id.eq(class));
    match owner {
        None => tags.filter(tag::COLUMN.owner_id.is_null()),
        Some(owner) => tags.filter(tag::COLUMN.owner_id.eq(owner)),
    }
}

/// The place after the last tag of a list that has room for `more`.
async fn end_of(db: &impl ConnectionTrait, class: ClassId, owner: Option<UserId>, more: u64) -> Result<i32> {
    let count = same_list(class, owner).count(db).await?;
    if count.saturating_add(more) > MOST {
        let flaw = Flaw::new("out_of_range", format!("a codebook has at most {MOST} tags, here are {count} already"));
        return Err(Error::invalid("/name", flaw));
    }
    let last: Option<i32> = same_list(class, owner)
        .order_by_desc(tag::Column::Position)
        .select_only()
        .column(tag::Column::Position)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

fn row(actor: &Actor, class: ClassId, owner: Option<UserId>, position: i32, new: NewTag) -> tag::ActiveModel {
    let name = new.name.into_inner();
    tag::ActiveModel {
        id: Set(TagId::new()),
        class_id: Set(class),
        owner_id: Set(owner),
        name_key: Set(key(owner, &name)),
        name: Set(name),
        colour: Set(new.colour.unwrap_or_else(|| Colour::after(position)).name().to_owned()),
        definition: Set(filled(new.definition)),
        example: Set(filled(new.example)),
        grouping: Set(new.group.map(Label::into_inner)),
        position: Set(position),
        created_by: Set(Some(actor.user)),
        created_at: Set(actor.at),
        updated_at: Set(actor.at),
        version: Set(1),
    }
}

fn filled(text: Option<Description>) -> Option<String> {
    text.map(Description::into_inner).filter(|text| !text.trim().is_empty())
}

fn taken(error: sea_orm::DbErr) -> Error {
    Error::on_unique(error, || Error::Conflict(Conflict::TagExists))
}

/// Makes a tag: of the class, or the actor's alone.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] for auditors, and for a tag of the class while its codebook is
/// locked; [`Error::Conflict`] for a name that is there, and in an archived class.
pub async fn create(db: &Db, actor: &Actor, class: ClassId, own: bool, new: NewTag) -> Result<Once<TagId>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let (mut turn, member) = enter(&*tx, &actor, class).await?;
        may_add(&member, own)?;
        let owner = own.then_some(actor.user);
        let position = end_of(&*tx, class, owner, 1).await?;
        let row = row(&actor, class, owner, position, new).insert(&*tx).await.map_err(taken)?;
        tell(&mut turn, &*tx, Kind::TagChanged, row.id, owner).await?;
        Ok(row.id)
    })
    .await
}

/// Changes a tag. Annotations that carry it keep it.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may use it; [`Error::Forbidden`] unless they may change it; [`Error::Conflict`]
/// for a name that is there; [`Error::Stale`] for another version.
pub async fn change(db: &Db, actor: &Actor, id: TagId, expected: Option<i32>, change: ChangeTag) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut held = Held::of(&*tx, &actor, id).await?;
        held.may_change(&actor)?;
        access::unchanged(held.row.version, expected)?;
        let before = held.row.clone();
        let mut row = before.clone().into_active_model();
        if let Some(name) = change.name {
            row.name_key = Set(key(before.owner_id, name.as_ref()));
            row.name = Set(name.into_inner());
        }
        if let Some(colour) = change.colour {
            row.colour = Set(colour.name().to_owned());
        }
        if let Some(definition) = change.definition {
            row.definition = Set(filled(definition));
        }
        if let Some(example) = change.example {
            row.example = Set(filled(example));
        }
        if let Some(group) = change.group {
            row.grouping = Set(group.map(Label::into_inner));
        }
        if let Some(position) = change.position {
            make_room(&*tx, &before, position).await?;
            row.position = Set(position);
        }
        row.updated_at = Set(actor.at);
        row.version = Set(before.version.saturating_add(1));
        row.update(&*tx).await.map_err(taken)?;
        held.tell(&*tx, Kind::TagChanged).await
    })
    .await
}

/// Moves what stands at a place of a tag's list and after it on by one.
async fn make_room(db: &impl ConnectionTrait, row: &tag::Model, position: i32) -> Result<()> {
    let list = same_list(row.class_id, row.owner_id).select_only().column(tag::Column::Id);
    tag::Entity::update_many()
        .col_expr(tag::Column::Position, Expr::col(tag::Column::Position).add(1))
        .filter(tag::Column::Id.in_subquery(list.into_query()))
        .filter(tag::COLUMN.position.gte(position))
        .filter(tag::COLUMN.position.lt(i32::MAX))
        .filter(tag::COLUMN.id.ne(row.id))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes a tag and takes it off the annotations that carry it.
///
/// # Errors
/// As [`change`]; [`Error::Conflict`] for a tag of the class, and for a private one that is in use, unless `confirm` is its
/// name.
pub async fn delete(db: &Db, actor: &Actor, id: TagId, expected: Option<i32>, confirm: Option<String>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut held = Held::of(&*tx, &actor, id).await?;
        held.may_change(&actor)?;
        access::unchanged(held.row.version, expected)?;
        if confirm.is_none_or(|typed| typed.trim() != held.row.name) {
            let uses = list::uses(&*tx, &actor, id).await?;
            // Marks may carry one of the class that the actor does not see, and nothing may tell whether there are any.
            if uses > 0 || held.row.owner_id.is_none() {
                return Err(Error::Conflict(Conflict::TagInUse { uses }));
            }
        }
        tag::Entity::delete_by_id(id).exec(&*tx).await?;
        held.tell(&*tx, Kind::TagDeleted).await
    })
    .await
}

/// Puts another tag wherever this one is, and deletes it.
///
/// # Errors
/// As [`change`]; [`Error::Invalid`] for a tag that is not there, is the same, or is private where this one is not.
pub async fn merge(db: &Db, actor: &Actor, id: TagId, into: TagId) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut held = Held::of(&*tx, &actor, id).await?;
        held.may_change(&actor)?;
        let unknown =
            || Error::invalid("/into", Flaw::new("tag_unknown", "expected the id of another tag of this class"));
        let other = find(&*tx, &actor, into).await.map_err(|_| unknown())?;
        if other.class_id != held.row.class_id || other.id == held.row.id {
            return Err(unknown());
        }
        if other.owner_id.is_some() && held.row.owner_id.is_none() {
            let flaw = Flaw::new("tag_private", "a tag of the class cannot become one that others do not see");
            return Err(Error::invalid("/into", flaw));
        }
        carry_over(&*tx, id, into).await?;
        touch(&*tx, &other, actor.at).await?;
        tag::Entity::delete_by_id(id).exec(&*tx).await?;
        tell(&mut held.turn, &*tx, Kind::TagChanged, into, other.owner_id).await?;
        held.tell(&*tx, Kind::TagDeleted).await
    })
    .await
}

/// Puts `into` on every annotation that carries `from` and not `into` yet.
async fn carry_over(db: &impl ConnectionTrait, from: TagId, into: TagId) -> Result<()> {
    let carrying = |tag: TagId| {
        Query::select()
            .column(annotation_tag::Column::AnnotationId)
            .from(annotation_tag::Entity)
            .and_where(annotation_tag::COLUMN.tag_id.eq(tag))
            .to_owned()
    };
    annotation_tag::Entity::update_many()
        .col_expr(annotation_tag::Column::TagId, Expr::val(into))
        .filter(annotation_tag::COLUMN.tag_id.eq(from))
        .filter(annotation_tag::Column::AnnotationId.not_in_subquery(carrying(into)))
        .exec(db)
        .await?;
    Ok(())
}

async fn touch(db: &impl ConnectionTrait, row: &tag::Model, at: Moment) -> Result<()> {
    let version = row.version.saturating_add(1);
    let mut row = row.clone().into_active_model();
    row.updated_at = Set(at);
    row.version = Set(version);
    row.update(db).await?;
    Ok(())
}
