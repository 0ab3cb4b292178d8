//! Annotations as one reader sees them, in a constant number of statements.

use std::collections::HashMap;

use entity::{
    AnnotationId, ClassId, MessageId, TagId, UserId,
    annotation::{self, Target},
    annotation_tag, comment, conversation, flag,
    message::{self, Parts},
    tag,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Actor, Db, Error, Result,
    anchor::{self, Words},
    author::{Author, authors},
};

/// An annotation as one reader sees it, where it stands in the message as it is now.
#[derive(Clone, Debug)]
pub struct AnnotationView {
    /// The annotation.
    pub annotation: annotation::Model,
    /// Whose; none once that account is gone.
    pub author: Option<Author>,
    /// Its tags, as far as they are for this reader.
    pub tags: Vec<TagName>,
    /// Whether its words are not to be found in the message any more.
    pub orphan: bool,
    /// Whether this reader flagged it.
    pub flagged: bool,
    /// Comments whose words this reader may read.
    pub comments: u64,
}

/// A tag as it stands on a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagName {
    /// The tag.
    pub id: TagId,
    /// What it is called.
    pub name: String,
    /// Its colour.
    pub colour: String,
}

/// An annotation that the actor may see.
pub(crate) async fn find(db: &impl ConnectionTrait, actor: &Actor, id: AnnotationId) -> Result<annotation::Model> {
    let visible = annotation::Entity::visible_to(actor.user, actor.at);
    visible.filter(annotation::COLUMN.id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// One annotation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it.
pub async fn show(db: &Db, actor: &Actor, id: AnnotationId) -> Result<AnnotationView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let visible = annotation::Entity::visible_to(actor.user, actor.at);
        let lines = Lines::of(&db, &actor, visible.filter(annotation::COLUMN.id.eq(id))).await?;
        lines.views(&db, &actor).await?.into_iter().next().ok_or(Error::NotFound)
    })
    .await
}

/// An annotation with what one statement reads beside it.
#[derive(Clone, FromQueryResult)]
pub(crate) struct Line {
    #[sea_orm(nested)]
    pub(crate) annotation: annotation::Model,
    pub(crate) class_id: ClassId,
    /// The version its message has now.
    now: Option<i32>,
    /// The place of its message.
    pub(crate) position: Option<i32>,
    comments: i64,
    flags: i64,
}

/// Annotations that one reader may see.
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Lines {
    /// Those of a query, in one statement.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        viewer: &Actor,
        query: Select<annotation::Entity>,
    ) -> Result<Self> {
        Ok(Self(Self::columns(viewer, query).into_model::<Line>().all(db).await?))
    }

    /// A query with what a [`Line`] reads beside the annotation.
    pub(super) fn columns(viewer: &Actor, query: Select<annotation::Entity>) -> Select<annotation::Entity> {
        query
            .expr_as(class_of(), "class_id")
            .expr_as(of_message(message::Column::Version), "now")
            .expr_as(of_message(message::Column::Position), "position")
            .expr_as(comments(viewer), "comments")
            .expr_as(flags(viewer), "flags")
    }

    /// With their authors and tags, in three statements at most however many they are.
    pub(crate) async fn views(self, db: &impl ConnectionTrait, viewer: &Actor) -> Result<Vec<AnnotationView>> {
        let people = self.0.iter().filter_map(|line| Some((line.class_id, line.annotation.author_id?)));
        let people: Vec<_> = people.collect();
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let authors = authors(db, viewer, people).await?;
        let tags = tags(db, viewer, &self.0).await?;
        let parts = changed(db, &self.0).await?;
        Ok(self.with(&authors, tags, &parts))
    }

    /// With what was read of them.
    pub(crate) fn with(
        self,
        authors: &HashMap<(ClassId, UserId), Author>,
        mut tags: HashMap<AnnotationId, Vec<TagName>>,
        parts: &HashMap<MessageId, Parts>,
    ) -> Vec<AnnotationView> {
        let view = |line: Line| {
            let Line { mut annotation, class_id, now, comments, flags, .. } = line;
            let author = annotation.author_id.and_then(|user| authors.get(&(class_id, user)).cloned());
            let moved =
                annotation.message_id.and_then(|id| parts.get(&id)).filter(|_| now != annotation.message_version);
            let lost = annotation.message_version == Some(annotation::LOST);
            let orphan = lost || moved.is_some_and(|parts| !place(&mut annotation, parts, now));
            AnnotationView {
                author,
                tags: tags.remove(&annotation.id).unwrap_or_default(),
                orphan,
                flagged: flags > 0,
                comments: u64::try_from(comments).unwrap_or(0),
                annotation,
            }
        };
        self.0.into_iter().map(view).collect()
    }
}

/// Puts the mark where its words stand in this version of their message; false if they are not to be found.
fn place(row: &mut annotation::Model, parts: &Parts, now: Option<i32>) -> bool {
    if row.target != Target::Span {
        return true;
    }
    let kept = |text: &Option<String>| text.clone().unwrap_or_default();
    let words = Words { quote: kept(&row.quote), prefix: kept(&row.prefix), suffix: kept(&row.suffix) };
    let Some(span) = anchor::place(&parts.0, &words) else { return false };
    (row.part, row.start, row.stop) = (Some(span.part), Some(span.start), Some(span.stop));
    if let Ok(Words { prefix, suffix, .. }) = anchor::words(&parts.0, span) {
        (row.prefix, row.suffix) = (Some(prefix), Some(suffix));
    }
    row.message_version = now;
    true
}

/// What the messages say now that changed since words of them were marked.
pub(super) async fn changed(db: &impl ConnectionTrait, lines: &[Line]) -> Result<HashMap<MessageId, Parts>> {
    let spans = lines.iter().filter(|line| line.annotation.target == Target::Span);
    let moved = spans.filter(|line| {
        let version = line.annotation.message_version;
        line.now != version && version != Some(annotation::LOST)
    });
    let ids: Vec<MessageId> = moved.filter_map(|line| line.annotation.message_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = message::Entity::find().filter(message::COLUMN.id.is_in(ids)).select_only();
    let rows: Vec<(MessageId, Parts)> =
        query.columns([message::Column::Id, message::Column::Parts]).into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

/// The tags of each annotation that are for this reader, in the order of the codebook.
pub(crate) async fn tags(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    lines: &[Line],
) -> Result<HashMap<AnnotationId, Vec<TagName>>> {
    let own = Condition::any().add(tag::COLUMN.owner_id.is_null()).add(tag::COLUMN.owner_id.eq(viewer.user));
    let rows: Vec<(AnnotationId, TagId, String, String)> = annotation_tag::Entity::find()
        .inner_join(tag::Entity)
        .filter(annotation_tag::COLUMN.annotation_id.is_in(lines.iter().map(|line| line.annotation.id)))
        .filter(own)
        .order_by_asc(tag::Column::Position)
        .order_by_asc(tag::Column::Id)
        .select_only()
        .columns([annotation_tag::Column::AnnotationId, annotation_tag::Column::TagId])
        .column(tag::Column::Name)
        .column(tag::Column::Colour)
        .into_tuple()
        .all(db)
        .await?;
    let mut tags: HashMap<AnnotationId, Vec<TagName>> = HashMap::new();
    for (annotation, id, name, colour) in rows {
        tags.entry(annotation).or_default().push(TagName { id, name, colour });
    }
    Ok(tags)
}

fn own(column: annotation::Column) -> (annotation::Entity, annotation::Column) {
    (annotation::Entity, column)
}

fn class_of() -> SelectStatement {
    Query::select()
        .column((conversation::Entity, conversation::Column::ClassId))
        .from(conversation::Entity)
        .and_where(
            Expr::col((conversation::Entity, conversation::Column::Id)).equals(own(annotation::Column::ConversationId)),
        )
        .to_owned()
}

/// A column of the message an annotation is on.
pub(super) fn of_message(column: message::Column) -> SelectStatement {
    Query::select()
        .column((message::Entity, column))
        .from(message::Entity)
        .and_where(Expr::col((message::Entity, message::Column::Id)).equals(own(annotation::Column::MessageId)))
        .to_owned()
}

fn comments(viewer: &Actor) -> SelectStatement {
    Query::select()
        .expr(Expr::col((comment::Entity, comment::Column::Id)).count())
        .from(comment::Entity)
        .and_where(Expr::col((comment::Entity, comment::Column::AnnotationId)).equals(own(annotation::Column::Id)))
        .cond_where(comment::Entity::readable_by(viewer.user))
        .cond_where(comment::Entity::met_by(viewer.user, viewer.at))
        .to_owned()
}

fn flags(viewer: &Actor) -> SelectStatement {
    let mine: SimpleExpr = flag::COLUMN.user_id.eq(viewer.user);
    Query::select()
        .expr(Expr::col((flag::Entity, flag::Column::Id)).count())
        .from(flag::Entity)
        .and_where(Expr::col((flag::Entity, flag::Column::AnnotationId)).equals(own(annotation::Column::Id)))
        .and_where(mine)
        .to_owned()
}
