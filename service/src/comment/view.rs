//! Comments as one reader sees them, in a constant number of statements.

use std::collections::HashMap;

use entity::{AnnotationId, ClassId, CommentId, UserId, annotation, comment, conversation, flag, mention};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{
    Actor, Db, Error, Result, annotation as annotations,
    author::{Author, authors},
    comment::mention as names,
    page::{self, Cursor, Page, PageRequest},
};

/// A comment as one reader sees it.
#[derive(Clone, Debug)]
pub struct CommentView {
    /// The comment; its words only if [`CommentView::readable`], and with people named as this reader knows them.
    pub comment: comment::Model,
    /// Whose; none once that account is gone.
    pub author: Option<Author>,
    /// Whom it names, in the order of their ids as this reader sees them.
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
    /// Whom it names: a place and an account each, as [`named`] writes them.
    named: Option<String>,
}

/// Comments below annotations that one reader may see.
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Lines {
    /// Those of a query and whom they name, in one statement however many they are.
    pub(crate) async fn of(db: &impl ConnectionTrait, viewer: &Actor, query: Select<comment::Entity>) -> Result<Self> {
        let rows = query
            .inner_join(annotation::Entity)
            .expr_as(class_of(), "class_id")
            .expr_as(Expr::case(comment::Entity::readable_by(viewer.user), Expr::val(1_i64)).finally(0_i64), "readable")
            .expr_as(flags(viewer), "flags")
            .expr_as(named(db.get_database_backend()), "named");
        Ok(Self(rows.into_model::<Line>().all(db).await?))
    }

    /// With their people, in one statement however many they are.
    pub(crate) async fn views(self, db: &impl ConnectionTrait, viewer: &Actor) -> Result<Vec<CommentView>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let authors = authors(db, viewer, self.people()).await?;
        Ok(self.with(&authors))
    }

    /// The people who wrote them, and those they name.
    pub(crate) fn people(&self) -> impl Iterator<Item = (ClassId, UserId)> {
        self.0.iter().flat_map(|line| {
            let named = line.named().into_iter().map(|(_, user)| user);
            line.comment.author_id.into_iter().chain(named).map(|user| (line.class_id, user))
        })
    }

    /// With their people as the reader knows them: here alone are the words of a comment made that anybody reads.
    pub(crate) fn with(self, authors: &HashMap<(ClassId, UserId), Author>) -> Vec<CommentView> {
        self.0.into_iter().map(|line| line.view(authors)).collect()
    }
}

impl Line {
    /// Whom it names, with their places, as far as its words can be read.
    fn named(&self) -> Vec<(i32, UserId)> {
        let person = |pair: &str| {
            let (place, user) = pair.split_once(' ')?;
            Some((place.parse().ok()?, user.parse().ok()?))
        };
        let all = self.named.as_deref().filter(|_| self.readable > 0).unwrap_or_default();
        all.split(',').filter_map(person).collect()
    }

    fn view(self, authors: &HashMap<(ClassId, UserId), Author>) -> CommentView {
        let named = self.named();
        let Self { mut comment, class_id, readable, flags, .. } = self;
        let author = |user: UserId| authors.get(&(class_id, user));
        let name = |place: i32| {
            let (_, user) = named.iter().find(|(known, _)| *known == place)?;
            author(*user).map(|author| author.name.as_str())
        };
        comment.body = if readable > 0 { names::worded(&comment.body, name) } else { String::new() };
        let mut mentions: Vec<Author> = named.iter().filter_map(|(_, user)| author(*user).cloned()).collect();
        mentions.sort_by_key(|author| author.id.0);
        CommentView {
            author: comment.author_id.and_then(author).cloned(),
            mentions,
            readable: readable > 0,
            flagged: flags > 0,
            comment,
        }
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

/// The people whom a comment names, as one text: a list of its own would be another statement.
fn named(engine: DbBackend) -> SelectStatement {
    let all = match engine {
        DbBackend::Postgres => r#"string_agg("mention"."place" || ' ' || "mention"."user_id", ',')"#,
        _ => r#"group_concat("mention"."place" || ' ' || hex("mention"."user_id"), ',')"#,
    };
    Query::select()
        .expr(Expr::cust(all))
        .from(mention::Entity)
        .and_where(
            Expr::col((mention::Entity, mention::Column::CommentId)).equals((comment::Entity, comment::Column::Id)),
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
