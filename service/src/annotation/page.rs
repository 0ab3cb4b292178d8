//! Annotations a page at a time, as they were made: of a class, or of one person.

use std::collections::{HashMap, HashSet};

use entity::{AnnotationId, ClassId, ConversationId, annotation, conversation, message};
use sea_orm::{
    ColumnTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query},
};

use super::view::{AnnotationView, Lines, of_message};
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

/// Where an annotation stands, for somebody who may read it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    pub(crate) conversation: ConversationId,
    /// What the conversation is called.
    pub(crate) title: Option<String>,
    /// The number of the message, from 1; none for the whole conversation.
    pub(crate) number: Option<i64>,
}

/// Where these annotations stand, as far as the actor may see them; in one statement.
pub(crate) async fn whereabouts(
    db: &Db,
    actor: &Actor,
    ids: impl IntoIterator<Item = AnnotationId>,
) -> Result<HashMap<AnnotationId, Whereabouts>> {
    let (actor, ids): (_, HashSet<AnnotationId>) = (actor.clone(), ids.into_iter().collect());
    db.read(move |db| async move {
        let title = Query::select()
            .column((conversation::Entity, conversation::Column::Title))
            .from(conversation::Entity)
            .and_where(
                Expr::col((conversation::Entity, conversation::Column::Id))
                    .equals((annotation::Entity, annotation::Column::ConversationId)),
            )
            .to_owned();
        let rows: Vec<(AnnotationId, ConversationId, Option<String>, Option<i32>)> =
            annotation::Entity::visible_to(actor.user, actor.at)
                .filter(annotation::COLUMN.id.is_in(ids))
                .select_only()
                .columns([annotation::Column::Id, annotation::Column::ConversationId])
                .expr_as(title, "title")
                .expr_as(of_message(message::Column::Position), "position")
                .into_tuple()
                .all(&db)
                .await?;
        let place = |(id, conversation, title, position): (_, _, _, Option<i32>)| {
            let number = position.map(|position| i64::from(position).saturating_add(1));
            (id, Whereabouts { conversation, title, number })
        };
        Ok(rows.into_iter().map(place).collect())
    })
    .await
}
