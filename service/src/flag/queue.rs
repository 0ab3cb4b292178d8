//! What was flagged in a class, for its staff.

use std::collections::{HashMap, HashSet};

use entity::{AnnotationId, ClassId, CommentId, FlagId, Moment, annotation, comment, flag};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use super::{Object, there};
use crate::{
    Actor, Db, Result,
    access::{Membership, Right},
    annotation::{AnnotationView, Lines},
    author::{Author, authors},
    comment::{CommentView, Lines as CommentLines},
    page::{Cursor, Page, PageRequest},
};

/// Something that was flagged.
#[derive(Clone, Debug)]
pub struct Flagged {
    /// The annotation, or the one the comment stands below.
    pub annotation: AnnotationView,
    /// The comment, if it is one that was flagged.
    pub comment: Option<CommentView>,
    /// Who asks to look at it, in the order they did.
    pub flags: Vec<Raised>,
}

/// One flag.
#[derive(Clone, Debug)]
pub struct Raised {
    /// Who raised it.
    pub author: Option<Author>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub created_at: Moment,
}

/// What was flagged in a class and is for the actor to see, what came last first.
///
/// # Errors
/// [`crate::Error::NotFound`] for outsiders; [`crate::Error::Forbidden`] for all but staff.
pub async fn queue(db: &Db, actor: &Actor, class: ClassId, page: PageRequest) -> Result<Page<Flagged>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        Membership::of(&db, &actor, class).await?.may(Right::Moderate)?;
        let mut query =
            flag::Entity::find().filter(flag::COLUMN.class_id.eq(class)).filter(seen(&actor)).filter(first());
        if let Some(after) = page.after_id()? {
            query = query.filter(flag::COLUMN.id.lt(FlagId(after)));
        }
        let first = query.order_by_desc(flag::Column::Id).limit(page.limit + 1).all(&db).await?;
        let cut = Page::cut(first, page.limit, |row| Cursor::at(row.id.0));
        Ok(Page { items: objects(&db, &actor, cut.items).await?, next: cut.next })
    })
    .await
}

/// How many things of a class wait for the actor to look at them.
pub(crate) fn waiting(actor: &Actor, class: ClassId) -> SelectStatement {
    Query::select()
        .expr(Expr::col((flag::Entity, flag::Column::Id)).count())
        .from(flag::Entity)
        .and_where(flag::COLUMN.class_id.eq(class))
        .cond_where(seen(actor))
        .and_where(first())
        .to_owned()
}

/// On something that the actor may see.
pub(super) fn seen(actor: &Actor) -> Condition {
    let annotations = annotation::Entity::visible_to(actor.user, actor.at).select_only().column(annotation::Column::Id);
    let comments =
        comment::Entity::visible_to(actor.user, actor.at).filter(there()).select_only().column(comment::Column::Id);
    Condition::any()
        .add(flag::Column::AnnotationId.in_subquery(annotations.into_query()))
        .add(flag::Column::CommentId.in_subquery(comments.into_query()))
}

/// The first flag of its object: each object stands in the queue once, at a place that does not change.
fn first() -> SimpleExpr {
    let same = |column: flag::Column| Expr::col(("earlier", column)).equals((flag::Entity, column));
    let before = Query::select()
        .expr(Expr::val(1))
        .from_as(flag::Entity, "earlier")
        .and_where(Expr::col(("earlier", flag::Column::Id)).lt(Expr::col((flag::Entity, flag::Column::Id))))
        .cond_where(Condition::any().add(same(flag::Column::AnnotationId)).add(same(flag::Column::CommentId)))
        .to_owned();
    Expr::exists(before).not()
}

pub(super) fn object(row: &flag::Model) -> Option<Object> {
    row.annotation_id.map(Object::Annotation).or(row.comment_id.map(Object::Comment))
}

/// The objects of these flags, with all their flags.
async fn objects(db: &impl ConnectionTrait, actor: &Actor, first: Vec<flag::Model>) -> Result<Vec<Flagged>> {
    let on = first.iter().filter_map(|row| row.annotation_id);
    let below = first.iter().filter_map(|row| row.comment_id);
    let wanted = Condition::any()
        .add(flag::COLUMN.annotation_id.is_in(on.clone()))
        .add(flag::COLUMN.comment_id.is_in(below.clone()));
    let all = flag::Entity::find().filter(wanted).order_by_asc(flag::Column::Id).all(db).await?;
    let flagged = comment::Entity::visible_to(actor.user, actor.at).filter(comment::COLUMN.id.is_in(below));
    let comments = CommentLines::of(db, actor, flagged).await?.views(db, actor).await?;
    let ids: HashSet<AnnotationId> = on.chain(comments.iter().map(|view| view.comment.annotation_id)).collect();
    let shown = annotation::Entity::visible_to(actor.user, actor.at).filter(annotation::COLUMN.id.is_in(ids));
    let annotations = Lines::of(db, actor, shown).await?.views(db, actor).await?;
    let annotations: HashMap<AnnotationId, AnnotationView> =
        annotations.into_iter().map(|view| (view.annotation.id, view)).collect();
    let comments: HashMap<CommentId, CommentView> = comments.into_iter().map(|view| (view.comment.id, view)).collect();
    let people = authors(db, actor, all.iter().map(|row| (row.class_id, row.user_id))).await?;
    let raised = |row: &flag::Model| Raised {
        author: people.get(&(row.class_id, row.user_id)).cloned(),
        reason: row.reason.clone(),
        created_at: row.created_at,
    };
    let entry = |one: &flag::Model| {
        let comment = one.comment_id.and_then(|id| comments.get(&id)).cloned();
        let above = one.annotation_id.or(comment.as_ref().map(|view| view.comment.annotation_id))?;
        let same = all.iter().filter(|row| object(row) == object(one));
        Some(Flagged { annotation: annotations.get(&above)?.clone(), comment, flags: same.map(raised).collect() })
    };
    Ok(first.iter().filter_map(entry).collect())
}
