//! Tags as one reader sees them.

use entity::{ClassId, TagId, annotation, annotation_tag, tag};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use super::usable;
use crate::{
    Actor, Db, Error, Result,
    access::Membership,
    page::{Cursor, Page, PageRequest, bad_cursor},
};

/// A tag, and how often this reader sees it.
#[derive(Clone, Debug)]
pub struct TagView {
    /// The tag.
    pub tag: tag::Model,
    /// Annotations carrying it that this reader may see.
    pub uses: u64,
}

#[derive(FromQueryResult)]
pub(super) struct Line {
    #[sea_orm(nested)]
    tag: tag::Model,
    uses: i64,
}

impl From<Line> for TagView {
    fn from(line: Line) -> Self {
        Self { tag: line.tag, uses: u64::try_from(line.uses).unwrap_or(0) }
    }
}

/// The ids of the annotations the actor may see: no count of a tag tells of others.
fn seen(actor: &Actor) -> SelectStatement {
    annotation::Entity::visible_to(actor.user, actor.at).select_only().column(annotation::Column::Id).into_query()
}

pub(super) async fn lines(db: &impl ConnectionTrait, actor: &Actor, query: Select<tag::Entity>) -> Result<Vec<Line>> {
    let uses = Query::select()
        .expr(Expr::col((annotation_tag::Entity, annotation_tag::Column::AnnotationId)).count())
        .from(annotation_tag::Entity)
        .and_where(
            Expr::col((annotation_tag::Entity, annotation_tag::Column::TagId)).equals((tag::Entity, tag::Column::Id)),
        )
        .and_where(annotation_tag::Column::AnnotationId.in_subquery(seen(actor)))
        .to_owned();
    Ok(query.expr_as(uses, "uses").into_model::<Line>().all(db).await?)
}

/// How many annotations that the actor may see carry a tag.
pub(super) async fn uses(db: &impl ConnectionTrait, actor: &Actor, id: TagId) -> Result<u64> {
    let carrying = annotation_tag::Entity::find()
        .filter(annotation_tag::COLUMN.tag_id.eq(id))
        .filter(annotation_tag::Column::AnnotationId.in_subquery(seen(actor)));
    Ok(carrying.count(db).await?)
}

/// One tag.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may use it.
pub async fn show(db: &Db, actor: &Actor, id: TagId) -> Result<TagView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let found = lines(&db, &actor, usable(&actor).filter(tag::COLUMN.id.eq(id))).await?;
        found.into_iter().next().map(TagView::from).ok_or(Error::NotFound)
    })
    .await
}

/// The tags of a class and the actor's own, in the order of the codebook.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Invalid`] for a cursor of another list.
pub async fn list(db: &Db, actor: &Actor, class: ClassId, page: PageRequest) -> Result<Page<TagView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        Membership::of(&db, &actor, class).await?;
        let mut query = tag::Entity::visible_to(actor.user, class);
        if let Some(after) = &page.after {
            query = query.filter(beyond(after)?);
        }
        let query = query.order_by_asc(tag::Column::Position).order_by_asc(tag::Column::Id).limit(page.limit + 1);
        let place = |line: &Line| Cursor {
            order: "position".to_owned(),
            value: Some(line.tag.position.into()),
            id: line.tag.id.0,
        };
        Ok(Page::cut(lines(&db, &actor, query).await?, page.limit, place).map(TagView::from))
    })
    .await
}

fn beyond(cursor: &Cursor) -> Result<Condition> {
    let position = cursor.value.as_ref().and_then(serde_json::Value::as_i64).and_then(|p| i32::try_from(p).ok());
    match (cursor.order.as_str(), position) {
        ("position", Some(position)) => {
            let same = Condition::all().add(tag::COLUMN.position.eq(position)).add(tag::COLUMN.id.gt(TagId(cursor.id)));
            Ok(Condition::any().add(tag::COLUMN.position.gt(position)).add(same))
        }
        _ => Err(bad_cursor()),
    }
}
