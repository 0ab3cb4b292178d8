//! The annotations of a conversation: filters, orders, pages.

use entity::{
    AnnotationId, Audience, ConversationId, MessageId, Moment, TagId, UserId,
    annotation::{self, Target},
    annotation_tag, comment, message, tag,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, Func, SimpleExpr},
};

use uuid::Uuid;

use super::view::{AnnotationView, Line, Lines, of_message};
use crate::{
    Actor, Db, Flaw, Result,
    access::Standing,
    author::meant,
    conversation::{self as conversations, AuthorFilter, holding},
    page::{Cursor, Page, PageRequest, bad_cursor},
};

/// Which annotations are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By whom.
    pub author: Option<AuthorFilter>,
    /// With this tag, if it is for the reader.
    pub tag: Option<TagId>,
    /// For whom.
    pub audience: Option<Audience>,
    /// On this message.
    pub message: Option<MessageId>,
    /// On what.
    pub target: Option<Target>,
    /// Whether their thread is done.
    pub resolved: Option<bool>,
    /// With these words in the note or the marked words.
    pub words: Option<String>,
    /// Changed since.
    pub updated_since: Option<Moment>,
    /// These, or those below which these comments stand.
    pub ids: Option<Vec<Uuid>>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As they were made.
    #[default]
    Made,
    /// As they stand in the conversation, those on it as a whole first.
    Place,
}

impl Sort {
    /// Reads `sort` as it stands in a query.
    ///
    /// # Errors
    /// A [`Flaw`] for an order there is not.
    pub fn parse(text: Option<&str>) -> Result<Self, Flaw> {
        match text {
            None | Some("created") => Ok(Self::Made),
            Some("place") => Ok(Self::Place),
            Some(_) => Err(Flaw::new("unknown_value", "expected `created` or `place`")),
        }
    }

    fn beyond(self, cursor: &Cursor) -> Result<SimpleExpr> {
        match (self, cursor.order.as_str()) {
            (Self::Made, "id") => Ok(annotation::COLUMN.id.gt(AnnotationId(cursor.id))),
            (Self::Place, "place") => {
                let value = cursor.value.clone().and_then(|value| serde_json::from_value::<[i32; 3]>(value).ok());
                let [message, part, start] = value.ok_or_else(bad_cursor)?;
                let here = Expr::tuple(place().into_iter().chain([Expr::col(ID)]));
                let there = [message, part, start].map(Expr::val);
                Ok(here.gt(Expr::tuple(there.into_iter().chain([Expr::val(AnnotationId(cursor.id))]))))
            }
            _ => Err(bad_cursor()),
        }
    }

    fn cursor(self, line: &Line) -> Cursor {
        let id = line.annotation.id.0;
        match self {
            Self::Made => Cursor::at(id),
            Self::Place => {
                let at = [line.position, line.annotation.part, line.annotation.start].map(|place| place.unwrap_or(-1));
                Cursor { order: "place".to_owned(), value: Some(at.as_slice().into()), id }
            }
        }
    }
}

const ID: (annotation::Entity, annotation::Column) = (annotation::Entity, annotation::Column::Id);

/// Message, part and beginning; what has none stands before.
pub(super) fn place() -> [SimpleExpr; 3] {
    let or_before = |found: SimpleExpr| SimpleExpr::from(Func::coalesce([found, Expr::val(-1)]));
    let own = |column: annotation::Column| Expr::col((annotation::Entity, column));
    let message = Expr::from(of_message(message::Column::Position));
    [message, own(annotation::Column::Part), own(annotation::Column::Start)].map(or_before)
}

/// The annotations of a conversation that the actor may see.
///
/// # Errors
/// [`crate::Error::NotFound`] unless the actor may read it; [`crate::Error::Invalid`] for a cursor of another list.
pub async fn list(
    db: &Db,
    actor: &Actor,
    id: ConversationId,
    filter: Filter,
    sort: Sort,
    page: PageRequest,
) -> Result<Page<AnnotationView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let conversation = conversations::find(&db, &actor, id).await?;
        let author = match filter.author {
            None => None,
            Some(AuthorFilter::Me) => Some(actor.user),
            Some(AuthorFilter::Member(id)) => {
                let standing = Standing::of(&db, &actor, conversation.class_id).await?;
                Some(meant(&db, &actor, standing.role(), &standing.class, id).await?)
            }
        };
        let mut query = annotation::Entity::visible_to(actor.user, actor.at)
            .filter(annotation::COLUMN.conversation_id.eq(id))
            .filter(filter.condition(&actor, author));
        if let Some(cursor) = &page.after {
            query = query.filter(sort.beyond(cursor)?);
        }
        if sort == Sort::Place {
            for expr in place() {
                query = query.order_by_asc(expr);
            }
        }
        let lines = Lines::of(&db, &actor, query.order_by_asc(annotation::Column::Id).limit(page.limit + 1)).await?;
        let cut = Page::cut(lines.0, page.limit, |line| sort.cursor(line));
        Ok(Page { items: Lines(cut.items).views(&db, &actor).await?, next: cut.next })
    })
    .await
}

impl Filter {
    fn condition(self, actor: &Actor, author: Option<UserId>) -> Condition {
        let Self { author: _, tag, audience, message, target, resolved, words, updated_since, ids } = self;
        Condition::all()
            .add_option(author.map(|author| annotation::COLUMN.author_id.eq(author)))
            .add_option(tag.map(|tag| tagged(actor.user, tag)))
            .add_option(audience.map(|audience| annotation::COLUMN.audience.eq(audience)))
            .add_option(message.map(|message| annotation::COLUMN.message_id.eq(message)))
            .add_option(target.map(|target| annotation::COLUMN.target.eq(target)))
            .add_option(resolved.map(|resolved| match resolved {
                true => annotation::COLUMN.resolved_at.is_not_null(),
                false => annotation::COLUMN.resolved_at.is_null(),
            }))
            .add_option(ids.map(|ids| {
                let below = comment::Entity::find()
                    .filter(comment::COLUMN.id.is_in(ids.clone()))
                    .filter(comment::Entity::met_by(actor.user, actor.at))
                    .select_only()
                    .column(comment::Column::AnnotationId);
                let named = annotation::COLUMN.id.is_in(ids);
                Condition::any().add(named).add(annotation::Column::Id.in_subquery(below.into_query()))
            }))
            .add_option(updated_since.map(|at| annotation::COLUMN.updated_at.gte(at)))
            .add_option(words.filter(|words| !words.trim().is_empty()).map(|words| {
                let within = |column| holding(move || Expr::col((annotation::Entity, column)), &words);
                Condition::any().add(within(annotation::Column::Note)).add(within(annotation::Column::Quote))
            }))
    }
}

/// Carries a tag that is for this reader.
fn tagged(user: UserId, tag: TagId) -> SimpleExpr {
    let own = Condition::any().add(tag::COLUMN.owner_id.is_null()).add(tag::COLUMN.owner_id.eq(user));
    let carrying = annotation_tag::Entity::find()
        .inner_join(tag::Entity)
        .filter(annotation_tag::COLUMN.tag_id.eq(tag))
        .filter(own)
        .select_only()
        .column(annotation_tag::Column::AnnotationId);
    annotation::Column::Id.in_subquery(carrying.into_query())
}
