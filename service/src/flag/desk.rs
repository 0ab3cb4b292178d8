//! What was flagged, as a page shows it to staff: all of it at once, in four statements however much it is.

use std::collections::{HashMap, HashSet};

use entity::{AnnotationId, ClassId, CommentId, ConversationId, UserId, annotation, comment, conversation, flag};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, Query, SelectStatement},
};

use super::{
    Flagged, Object, Raised,
    queue::{object, seen},
};
use crate::{
    Actor, Db, Error, Result,
    access::{Membership, Right},
    annotation::{AnnotationView, Lines},
    author::{Author, company},
    comment::{CommentView, Lines as CommentLines},
};

/// Flags on one page at most: whoever has looked at some sees the next ones.
const MOST: u64 = 500;

/// What waits for staff of a class.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The class and the reader's membership.
    pub member: Membership,
    /// What was flagged, what came last first; marks without their tags.
    pub items: Vec<Flagged>,
    /// The titles of the conversations they stand in.
    pub titles: HashMap<ConversationId, String>,
    /// Whether there is more.
    pub more: bool,
}

/// What was flagged in a class and is for the actor to see.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] for all but staff.
pub async fn desk(db: &Db, actor: &Actor, class: ClassId) -> Result<Desk> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let mut rows = flag::Entity::find()
            .filter(flag::COLUMN.class_id.eq(class))
            .filter(seen(&actor))
            .order_by_desc(flag::Column::Id)
            .limit(MOST + 1)
            .expr_as(title(), "title")
            .into_model::<Row>()
            .all(&db)
            .await?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let (rows, names): (Vec<flag::Model>, Vec<_>) = rows.into_iter().map(|row| (row.flag, row.title)).unzip();
        let below = rows.iter().filter_map(|row| row.comment_id);
        let flagged = comment::Entity::visible_to(actor.user, actor.at).filter(comment::COLUMN.id.is_in(below));
        let comments = CommentLines::of(&db, &actor, flagged).await?;
        let above = comments.0.iter().map(|line| line.comment.annotation_id);
        let ids: HashSet<AnnotationId> = rows.iter().filter_map(|row| row.annotation_id).chain(above).collect();
        let shown = annotation::Entity::visible_to(actor.user, actor.at).filter(annotation::COLUMN.id.is_in(ids));
        let marks = Lines::of(&db, &actor, shown).await?;
        let writers = comments.people().map(|(_, user)| user);
        let markers = marks.0.iter().filter_map(|line| line.annotation.author_id);
        let people = rows.iter().map(|row| row.user_id).chain(writers).chain(markers).collect();
        let mut known = company(&db, &actor, vec![class], people).await?;
        // Nothing of the above leaves before this is clear.
        let member = known.homes.remove(&class).and_then(|home| home.member()).ok_or(Error::NotFound)?;
        member.may(Right::Moderate)?;
        let comments = comments.with(&known.authors);
        let marks = marks.with(&known.authors, HashMap::new(), &HashMap::new());
        let (items, titles) = items(rows.iter().zip(names), &known.authors, comments, marks);
        Ok(Desk { member, items, titles, more })
    })
    .await
}

/// A flag, and the title of the conversation in which its object stands.
#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    flag: flag::Model,
    title: Option<String>,
}

fn title() -> SelectStatement {
    let above = Query::select()
        .column((comment::Entity, comment::Column::AnnotationId))
        .from(comment::Entity)
        .and_where(Expr::col((comment::Entity, comment::Column::Id)).equals((flag::Entity, flag::Column::CommentId)))
        .to_owned();
    let mark = Func::coalesce([
        Expr::col((flag::Entity, flag::Column::AnnotationId)),
        Expr::SubQuery(None, Box::new(above.into())),
    ]);
    Query::select()
        .column((conversation::Entity, conversation::Column::Title))
        .from(annotation::Entity)
        .inner_join(
            conversation::Entity,
            Expr::col((conversation::Entity, conversation::Column::Id))
                .equals((annotation::Entity, annotation::Column::ConversationId)),
        )
        .and_where(Expr::col((annotation::Entity, annotation::Column::Id)).eq(mark))
        .to_owned()
}

/// The objects of flags, each once, where its newest flag stands, and the titles of the conversations they stand in.
fn items<'a>(
    rows: impl Iterator<Item = (&'a flag::Model, Option<String>)>,
    authors: &HashMap<(ClassId, UserId), Author>,
    comments: Vec<CommentView>,
    marks: Vec<AnnotationView>,
) -> (Vec<Flagged>, HashMap<ConversationId, String>) {
    let comments: HashMap<CommentId, CommentView> = comments.into_iter().map(|view| (view.comment.id, view)).collect();
    let marks: HashMap<AnnotationId, AnnotationView> =
        marks.into_iter().map(|view| (view.annotation.id, view)).collect();
    let mut places: HashMap<Object, usize> = HashMap::new();
    let (mut items, mut titles): (Vec<Flagged>, HashMap<ConversationId, String>) = Default::default();
    for (row, title) in rows {
        let Some(on) = object(row) else { continue };
        let raised = Raised {
            author: authors.get(&(row.class_id, row.user_id)).cloned(),
            reason: row.reason.clone(),
            created_at: row.created_at,
        };
        if let Some(item) = places.get(&on).and_then(|place| items.get_mut(*place)) {
            item.flags.insert(0, raised);
            continue;
        }
        let comment = row.comment_id.and_then(|id| comments.get(&id)).cloned();
        let mark = row.annotation_id.or(comment.as_ref().map(|view| view.comment.annotation_id));
        let Some(mark) = mark.and_then(|id| marks.get(&id)) else { continue };
        titles.extend(title.map(|title| (mark.annotation.conversation_id, title)));
        places.insert(on, items.len());
        items.push(Flagged { annotation: mark.clone(), comment, flags: vec![raised] });
    }
    (items, titles)
}
