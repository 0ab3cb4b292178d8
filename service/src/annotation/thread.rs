//! A mark with everything that is said below it, for one page: in four statements however much that is, and one more
//! where the words of its message have changed since.

use std::collections::HashMap;

use entity::{
    AnnotationId, CommentId, ConversationId, TagId, UserId, annotation, annotation_tag, class, comment,
    conversation::{self, Visibility},
    enrolment::Role,
    tag,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};

use super::{
    Marked,
    view::{Line, Lines, TagName, changed},
};
use crate::{
    Actor, Db, Error, Result,
    author::{Author, company_to_name},
    comment::{CommentView, Lines as CommentLines},
    page::{Cursor, Page, PageRequest},
};

/// Tags that are offered at most: a codebook has an end before.
const MOST: u64 = 1_000;

/// A mark and its discussion, as one reader sees them.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The class.
    pub class: class::Model,
    /// The reader's role, while the membership holds.
    pub role: Option<Role>,
    /// The conversation.
    pub conversation: ConversationId,
    /// What its owner calls it.
    pub title: Option<String>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Whether it is the reader's own.
    pub mine: bool,
    /// The mark.
    pub mark: Marked,
    /// The tags that the reader may use.
    pub tags: Vec<Choice>,
    /// Whom the reader can name, by name.
    pub people: Vec<Author>,
    /// What is said below it, as it was written.
    pub comments: Page<CommentView>,
}

/// A tag, and whether the mark carries it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The tag.
    pub name: TagName,
    /// Whether the mark carries it.
    pub on: bool,
}

/// An annotation with what one statement reads of its conversation.
#[derive(FromQueryResult)]
struct Below {
    #[sea_orm(nested)]
    line: Line,
    title: Option<String>,
    visibility: Visibility,
    owner_id: UserId,
}

#[derive(FromQueryResult)]
struct Offered {
    id: TagId,
    name: String,
    colour: String,
    carried: i64,
}

/// A mark and one page of its discussion.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may see it; [`Error::Invalid`] for a cursor of another list.
pub async fn thread(db: &Db, actor: &Actor, id: AnnotationId, page: PageRequest) -> Result<Thread> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let Below { line, title, visibility, owner_id } = below(&db, &actor, id).await?;
        let class_id = line.class_id;
        let mut said = comment::Entity::find()
            .filter(comment::COLUMN.annotation_id.eq(id))
            .filter(comment::Entity::met_by(actor.user, actor.at));
        if let Some(after) = page.after_id()? {
            said = said.filter(comment::COLUMN.id.gt(CommentId(after)));
        }
        let said = said.order_by_asc(comment::Column::Id).limit(page.limit + 1);
        let said = CommentLines::of(&db, &actor, said).await?;
        let cut = Page::cut(said.0, page.limit, |line| Cursor::at(line.comment.id.0));
        let said = CommentLines(cut.items);
        let tags = offered(&db, &actor, &line).await?;
        let people = said.people().map(|(_, user)| user).chain(line.annotation.author_id).collect();
        let (mut known, people) = company_to_name(&db, &actor, class_id, people).await?;
        let home = known.homes.remove(&class_id).ok_or(Error::NotFound)?;
        let carried = tags.iter().filter(|tag| tag.on).map(|tag| tag.name.clone()).collect();
        let conversation = line.annotation.conversation_id;
        let number = line.position.map(|position| u32::try_from(position).unwrap_or(0).saturating_add(1));
        let lines = Lines(vec![line]);
        let parts = changed(&db, &lines.0).await?;
        let view = lines.with(&known.authors, HashMap::from([(id, carried)]), &parts).into_iter().next();
        Ok(Thread {
            role: home.role(),
            class: home.class,
            conversation,
            title,
            visibility,
            mine: owner_id == actor.user,
            mark: Marked { view: view.ok_or(Error::NotFound)?, number },
            tags,
            people,
            comments: Page { items: said.with(&known.authors), next: cut.next },
        })
    })
    .await
}

async fn below(db: &impl ConnectionTrait, actor: &Actor, id: AnnotationId) -> Result<Below> {
    let of_conversation = |column: conversation::Column| -> SelectStatement {
        Query::select()
            .column((conversation::Entity, column))
            .from(conversation::Entity)
            .and_where(
                Expr::col((conversation::Entity, conversation::Column::Id))
                    .equals((annotation::Entity, annotation::Column::ConversationId)),
            )
            .to_owned()
    };
    let visible = annotation::Entity::visible_to(actor.user, actor.at).filter(annotation::COLUMN.id.eq(id));
    let found = Lines::columns(actor, visible)
        .expr_as(of_conversation(conversation::Column::Title), "title")
        .expr_as(of_conversation(conversation::Column::Visibility), "visibility")
        .expr_as(of_conversation(conversation::Column::OwnerId), "owner_id");
    found.into_model::<Below>().one(db).await?.ok_or(Error::NotFound)
}

/// The tags that the actor may use where a mark is, in the order of the codebook.
async fn offered(db: &impl ConnectionTrait, actor: &Actor, line: &Line) -> Result<Vec<Choice>> {
    let carried = Query::select()
        .expr(Expr::col((annotation_tag::Entity, annotation_tag::Column::AnnotationId)).count())
        .from(annotation_tag::Entity)
        .and_where(
            Expr::col((annotation_tag::Entity, annotation_tag::Column::TagId)).equals((tag::Entity, tag::Column::Id)),
        )
        .and_where(annotation_tag::COLUMN.annotation_id.eq(line.annotation.id))
        .to_owned();
    let rows = tag::Entity::visible_to(actor.user, line.class_id)
        .order_by_asc(tag::Column::Position)
        .order_by_asc(tag::Column::Id)
        .limit(MOST)
        .select_only()
        .columns([tag::Column::Id, tag::Column::Name, tag::Column::Colour])
        .expr_as(carried, "carried")
        .into_model::<Offered>()
        .all(db)
        .await?;
    let choice = |row: Offered| {
        let Offered { id, name, colour, carried } = row;
        Choice { name: TagName { id, name, colour }, on: carried > 0 }
    };
    Ok(rows.into_iter().map(choice).collect())
}
