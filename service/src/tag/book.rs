//! The codebook as a page shows it: all tags at once, and what this reader may do with them.

use entity::{ClassId, TagId, class, tag};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{TagView, list::lines, may_add, may_change, usable};
use crate::{Actor, Db, Error, Result, access::Membership};

/// Tags on one page at most: the class's and one's own have each an end long before.
const MOST: u64 = 1_000;

/// Classes to copy from that are offered at most.
const CLASSES: u64 = 100;

/// The codebook of a class.
#[derive(Clone, Debug)]
pub struct Book {
    /// The class and the reader's membership.
    pub member: Membership,
    /// Its tags and the reader's own, in their order.
    pub tags: Vec<Entry>,
    /// Other classes of the reader, whose tags can be copied.
    pub classes: Vec<class::Model>,
}

/// A tag, and whether the reader may change it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The tag.
    pub view: TagView,
    /// Whether the reader may change it.
    pub changeable: bool,
}

/// One tag with what stands around it.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The class and the reader's membership.
    pub member: Membership,
    /// The tag.
    pub entry: Entry,
    /// Those that could take its place, in their order.
    pub others: Vec<tag::Model>,
}

impl Book {
    /// Whether the reader may add a tag, of their own or of the class.
    #[must_use]
    pub fn may_add(&self, own: bool) -> bool {
        may_add(&self.member, own).is_ok()
    }
}

impl Entry {
    fn of(member: &Membership, actor: &Actor, view: TagView) -> Self {
        Self { changeable: may_change(member, actor, &view.tag).is_ok(), view }
    }
}

/// The codebook of a class, in three statements.
///
/// # Errors
/// [`Error::NotFound`] for outsiders.
pub async fn book(db: &Db, actor: &Actor, class: ClassId) -> Result<Book> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let member = Membership::of(&db, &actor, class).await?;
        let tags = tag::Entity::visible_to(actor.user, class)
            .order_by_asc(tag::Column::Position)
            .order_by_asc(tag::Column::Id)
            .limit(MOST);
        let tags = lines(&db, &actor, tags).await?.into_iter();
        let tags = tags.map(|line| Entry::of(&member, &actor, line.into())).collect();
        let classes = class::Entity::visible_to(actor.user)
            .filter(class::COLUMN.id.ne(class))
            .order_by_desc(class::Column::Id)
            .limit(CLASSES)
            .all(&db)
            .await?;
        Ok(Book { member, tags, classes })
    })
    .await
}

/// One tag of a codebook, in three statements.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may use it.
pub async fn leaf(db: &Db, actor: &Actor, id: TagId) -> Result<Leaf> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let found = lines(&db, &actor, usable(&actor).filter(tag::COLUMN.id.eq(id))).await?;
        let view: TagView = found.into_iter().next().ok_or(Error::NotFound)?.into();
        let member = Membership::of(&db, &actor, view.tag.class_id).await?;
        let mut others = tag::Entity::visible_to(actor.user, view.tag.class_id).filter(tag::COLUMN.id.ne(id));
        if view.tag.owner_id.is_none() {
            others = others.filter(tag::COLUMN.owner_id.is_null());
        }
        let others =
            others.order_by_asc(tag::Column::Position).order_by_asc(tag::Column::Id).limit(MOST).all(&db).await?;
        Ok(Leaf { entry: Entry::of(&member, &actor, view), member, others })
    })
    .await
}

/// The tags that the actor may put on marks in a class, in the order of the codebook.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn choices(db: &Db, actor: &Actor, class: ClassId) -> Result<Vec<tag::Model>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let tags = usable(&actor).filter(tag::COLUMN.class_id.eq(class));
        let tags = tags.order_by_asc(tag::Column::Position).order_by_asc(tag::Column::Id).limit(MOST);
        Ok(tags.all(&db).await?)
    })
    .await
}
