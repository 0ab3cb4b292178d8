//! Annotations a page at a time, as they were made: of a class, or of one person.

use std::collections::HashSet;

use entity::{AnnotationId, ClassId, annotation, conversation};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::view::{AnnotationView, Lines};
use crate::{Actor, Db, Result, page};

fn after(query: Select<annotation::Entity>, place: Option<AnnotationId>) -> Select<annotation::Entity> {
    let query = match place {
        Some(place) => query.filter(annotation::COLUMN.id.gt(place)),
        None => query,
    };
    query.order_by_asc(annotation::Column::Id).limit(page::MAX)
}

/// The annotations in a class after this one that the actor may see; none at the end.
pub(crate) async fn in_class(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    place: Option<AnnotationId>,
) -> Result<Vec<AnnotationView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let there = conversation::Entity::ids_in(class);
        let query = annotation::Entity::visible_to(actor.user, actor.at)
            .filter(annotation::Column::ConversationId.in_subquery(there));
        Lines::of(&db, &actor, after(query, place)).await?.views(&db, &actor).await
    })
    .await
}

/// The actor's own annotations after this one; none at the end. Of what the actor may not read any more it says only
/// what they wrote themselves.
pub(crate) async fn authored(db: &Db, actor: &Actor, place: Option<AnnotationId>) -> Result<Vec<AnnotationView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let query = annotation::Entity::authored_by(actor.user, actor.at);
        let mut views = Lines::of(&db, &actor, after(query, place)).await?.views(&db, &actor).await?;
        let seen: Vec<AnnotationId> = annotation::Entity::visible_to(actor.user, actor.at)
            .filter(annotation::COLUMN.id.is_in(views.iter().map(|view| view.annotation.id)))
            .select_only()
            .column(annotation::Column::Id)
            .into_tuple()
            .all(&db)
            .await?;
        let seen: HashSet<AnnotationId> = seen.into_iter().collect();
        for view in views.iter_mut().filter(|view| !seen.contains(&view.annotation.id)) {
            let row = &mut view.annotation;
            (row.quote, row.prefix, row.suffix) = (None, None, None);
            (row.part, row.start, row.stop) = (None, None, None);
            (view.orphan, view.comments) = (false, 0);
        }
        Ok(views)
    })
    .await
}
