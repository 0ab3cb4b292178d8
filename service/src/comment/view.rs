//! Comments as one reader sees them, in a constant number of statements.

use std::collections::HashMap;

use entity::{AnnotationId, ClassId, CommentId, UserId, annotation, comment, conversation, flag, mention};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{
    Actor, Db, Error, Result, annotation as annotations,
    author::{Author, authors},
    page::{self, Cursor, Page, PageRequest},
};

/// A comment as one reader sees it.
#[derive(Clone, Debug)]
pub struct CommentView {
    /// The comment; its words only if [`CommentView::readable`].
    pub comment: comment::Model,
    /// Whose; none once that account is gone.
    pub author: Option<Author>,
    /// Whom it names.
    pub mentions: Vec<Author>,
    /// Whether this reader may read its words.
    pub readable: bool,
    /// Whether this reader flagged it.
    pub flagged: bool,
}

/// A comment with what one statement reads beside it.
#[derive(Clone, FromQueryResult)]
pub(crate) struct Line {
    #[sea_orm(nested)]
    pub(crate) comment: comment::Model,
    class_id: ClassId,
    readable: i64,
    flags: i64,
}

/// Comments below annotations that one reader may see.
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Lines {
    /// Those of a query, in one statement.
    pub(crate) async fn of(db: &impl ConnectionTrait, viewer: &Actor, query: Select<comment::Entity>) -> Result<Self> {
        let rows = query
            .inner_join(annotation::Entity)
            .expr_as(class_of(), "class_id")
            .expr_as(Expr::case(comment::Entity::readable_by(viewer.user), Expr::val(1_i64)).finally(0_i64), "readable")
            .expr_as(flags(viewer), "flags");
        Ok(Self(rows.into_model::<Line>().all(db).await?))
    }

    /// With their authors and whom they name, in two statements however many they are.
    pub(crate) async fn views(self, db: &impl ConnectionTrait, viewer: &Actor) -> Result<Vec<CommentView>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut named: HashMap<CommentId, Vec<UserId>> = HashMap::new();
        let readable = self.0.iter().filter(|line| line.readable > 0).map(|line| line.comment.id);
        let rows = mention::Entity::find().filter(mention::COLUMN.comment_id.is_in(readable));
        for row in rows.all(db).await? {
            named.entry(row.comment_id).or_default().push(row.user_id);
        }
        let named_too = |line: &Line| {
            named.get(&line.comment.id).into_iter().flatten().map(|user| (line.class_id, *user)).collect::<Vec<_>>()
        };
        let people: Vec<_> = self.writers().chain(self.0.iter().flat_map(named_too)).collect();
        let authors = authors(db, viewer, people).await?;
        Ok(self.with(&authors, named))
    }

    /// Who wrote them.
    pub(crate) fn writers(&self) -> impl Iterator<Item = (ClassId, UserId)> {
        self.0.iter().filter_map(|line| Some((line.class_id, line.comment.author_id?)))
    }

    /// With what was read of them.
    pub(crate) fn with(
        self,
        authors: &HashMap<(ClassId, UserId), Author>,
        mut named: HashMap<CommentId, Vec<UserId>>,
    ) -> Vec<CommentView> {
        let view = |line: Line| {
            let Line { comment, class_id, readable, flags } = line;
            let author = |user: UserId| authors.get(&(class_id, user)).cloned();
            let named = named.remove(&comment.id).unwrap_or_default();
            let mut mentions: Vec<Author> = named.into_iter().filter_map(author).collect();
            // By what is shown: the order of accounts would tell who is behind a made-up name.
            mentions.sort_by_key(|person| person.id);
            CommentView {
                author: comment.author_id.and_then(author),
                mentions,
                readable: readable > 0,
                flagged: flags > 0,
                comment,
            }
        };
        self.0.into_iter().map(view).collect()
    }
}

fn class_of() -> SelectStatement {
    Query::select()
        .column((conversation::Entity, conversation::Column::ClassId))
        .from(conversation::Entity)
        .and_where(
            Expr::col((conversation::Entity, conversation::Column::Id))
                .equals((annotation::Entity, annotation::Column::ConversationId)),
        )
        .to_owned()
}

fn flags(viewer: &Actor) -> SelectStatement {
    Query::select()
        .expr(Expr::col((flag::Entity, flag::Column::Id)).count())
        .from(flag::Entity)
        .and_where(Expr::col((flag::Entity, flag::Column::CommentId)).equals((comment::Entity, comment::Column::Id)))
        .and_where(flag::COLUMN.user_id.eq(viewer.user))
        .to_owned()
}

/// One comment.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see the annotation above it.
pub async fn show(db: &Db, actor: &Actor, id: CommentId) -> Result<CommentView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let visible = comment::Entity::visible_to(actor.user, actor.at).filter(comment::COLUMN.id.eq(id));
        let lines = Lines::of(&db, &actor, visible).await?;
        lines.views(&db, &actor).await?.into_iter().next().ok_or(Error::NotFound)
    })
    .await
}

/// The thread below an annotation, as it was written.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see the annotation; [`Error::Invalid`] for a cursor of another list.
pub async fn list(db: &Db, actor: &Actor, above: AnnotationId, page: PageRequest) -> Result<Page<CommentView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        annotations::find(&db, &actor, above).await?;
        let mut query = comment::Entity::find()
            .filter(comment::COLUMN.annotation_id.eq(above))
            .filter(comment::Entity::met_by(actor.user, actor.at));
        if let Some(after) = page.after_id()? {
            query = query.filter(comment::COLUMN.id.gt(CommentId(after)));
        }
        let query = query.order_by_asc(comment::Column::Id).limit(page.limit + 1);
        let lines = Lines::of(&db, &actor, query).await?;
        let cut = Page::cut(lines.0, page.limit, |line| Cursor::at(line.comment.id.0));
        Ok(Page { items: Lines(cut.items).views(&db, &actor).await?, next: cut.next })
    })
    .await
}

fn after(query: Select<comment::Entity>, place: Option<CommentId>) -> Select<comment::Entity> {
    let query = match place {
        Some(place) => query.filter(comment::COLUMN.id.gt(place)),
        None => query,
    };
    query.order_by_asc(comment::Column::Id).limit(page::MAX)
}

/// The comments after this one below annotations of a class that the actor may see; none at the end.
pub(crate) async fn in_class(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    place: Option<CommentId>,
) -> Result<Vec<CommentView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let there = conversation::Entity::ids_in(class);
        let around = Expr::col((annotation::Entity, annotation::Column::ConversationId));
        let query = comment::Entity::visible_to(actor.user, actor.at).filter(around.in_subquery(there));
        Lines::of(&db, &actor, after(query, place)).await?.views(&db, &actor).await
    })
    .await
}

/// The actor's own comments after this one; none at the end.
pub(crate) async fn authored(db: &Db, actor: &Actor, place: Option<CommentId>) -> Result<Vec<CommentView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let query = comment::Entity::authored_by(actor.user, actor.at);
        Lines::of(&db, &actor, after(query, place)).await?.views(&db, &actor).await
    })
    .await
}
