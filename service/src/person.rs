//! What one person did in a class, for those who teach it: as far as the reader may see it, and under the name by which
//! the reader meets them.

use std::collections::HashMap;

use entity::{
    AnnotationId, ClassId, CommentId, ConversationId, UserId, annotation,
    class::{self, Naming},
    comment, conversation, enrolment, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, sea_query::Expr,
};

use crate::{
    Actor, Db, Error, Result,
    access::{Membership, Right},
    annotation::{Lines, Marked, tags_of},
    author::{Author, AuthorId, Viewer, is_meant},
    comment::{CommentView, Lines as CommentLines},
    conversation::{ConversationView, rows},
    page::{Cursor, Page, PageRequest},
};

/// What is shown of what somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Conversations they brought in.
    Conversations,
    /// What they marked.
    Marks,
    /// What they said of marks.
    Comments,
}

/// One page of it, what came last first.
#[derive(Clone, Debug)]
pub enum Works {
    /// Conversations.
    Conversations(Page<ConversationView>),
    /// Marks.
    Marks(Page<Marked>),
    /// Comments, and the words of the mark above each.
    Comments(Page<(CommentView, Option<String>)>),
}

/// What one person did in a class.
#[derive(Clone, Debug)]
pub struct Person {
    /// The class and the reader's membership.
    pub member: Membership,
    /// Who it is to the reader.
    pub author: Author,
    /// How many conversations, marks and comments there are that the reader may see.
    pub counts: [u64; 3],
    /// Some of them.
    pub works: Works,
}

/// What one person did in a class, in four statements however much it is.
///
/// # Errors
/// [`Error::NotFound`] for outsiders, and for somebody whom the reader does not meet under this id; [`Error::Forbidden`]
/// for all but staff; [`Error::Invalid`] for a cursor of another list.
pub async fn show(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    id: AuthorId,
    what: Show,
    page: PageRequest,
) -> Result<Person> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let Found { member, author, user, people } = found(&db, &actor, class, id, what).await?;
        let theirs = Theirs { actor: &actor, class, user };
        let counts = theirs.counts(&db).await?;
        let works = match what {
            Show::Conversations => Works::Conversations(theirs.brought(&db, &author, &page).await?),
            Show::Marks => Works::Marks(theirs.marked(&db, &author, &page).await?),
            Show::Comments => Works::Comments(theirs.said(&db, &people, &page).await?),
        };
        Ok(Person { member, author, counts, works })
    })
    .await
}

/// Who reads, and of whom.
struct Found {
    /// The reader's membership.
    member: Membership,
    /// Who is meant, to the reader.
    author: Author,
    /// The account.
    user: UserId,
    /// Further people of the class; everybody whom comments may name.
    people: HashMap<(ClassId, UserId), Author>,
}

/// The reader's membership, and who is meant, in one statement.
async fn found(db: &impl ConnectionTrait, actor: &Actor, class: ClassId, id: AuthorId, what: Show) -> Result<Found> {
    // What a made-up id stands for is nowhere kept: then everybody is looked at.
    let wanted = Condition::any()
        .add(enrolment::COLUMN.user_id.eq(actor.user))
        .add(enrolment::COLUMN.id.eq(entity::EnrolmentId(id.0)))
        .add(class::COLUMN.naming.eq(Naming::Pseudonyms));
    let wanted = if what == Show::Comments { Condition::all() } else { wanted };
    let rows = enrolment::Entity::in_class(class)
        .find_also_related(user::Entity)
        .find_also_related(class::Entity)
        .filter(wanted)
        .filter(class::COLUMN.deleted_at.is_null())
        .all(db)
        .await?;
    let known: Vec<_> = rows.into_iter().filter_map(|(row, user, class)| Some((row, user?, class?))).collect();
    let active = |row: &enrolment::Model| row.user_id == actor.user && row.state == enrolment::State::Active;
    let (own, _, class) = known.iter().find(|(row, ..)| active(row)).ok_or(Error::NotFound)?;
    let member = Membership { class: class.clone(), enrolment: own.clone() };
    member.may(Right::Moderate)?;
    let viewer = Viewer { user: actor.user, role: Some(own.role) };
    let meant = known.iter().find(|(row, ..)| is_meant(viewer, class, row, id));
    let (row, person, _) = meant.ok_or(Error::NotFound)?;
    let author = Author::of(viewer, class, row, person);
    let people = known.iter().map(|(row, user, class)| ((class.id, row.user_id), Author::of(viewer, class, row, user)));
    Ok(Found { member, author, user: row.user_id, people: people.collect() })
}

/// One person's works in one class, for one reader.
struct Theirs<'a> {
    actor: &'a Actor,
    class: ClassId,
    user: UserId,
}

impl Theirs<'_> {
    fn conversations(&self) -> Select<conversation::Entity> {
        conversation::Entity::visible_to(self.actor.user, self.actor.at)
            .filter(conversation::COLUMN.class_id.eq(self.class))
            .filter(conversation::COLUMN.owner_id.eq(self.user))
    }

    fn marks(&self) -> Select<annotation::Entity> {
        annotation::Entity::visible_to(self.actor.user, self.actor.at)
            .filter(annotation::COLUMN.author_id.eq(self.user))
            .filter(annotation::Column::ConversationId.in_subquery(conversation::Entity::ids_in(self.class)))
    }

    fn comments(&self) -> Select<comment::Entity> {
        let above = annotation::Entity::find()
            .filter(annotation::Column::ConversationId.in_subquery(conversation::Entity::ids_in(self.class)));
        let above = above.select_only().column(annotation::Column::Id).into_query();
        comment::Entity::visible_to(self.actor.user, self.actor.at)
            .filter(comment::COLUMN.author_id.eq(self.user))
            .filter(comment::COLUMN.deleted_at.is_null())
            .filter(comment::Column::AnnotationId.in_subquery(above))
    }

    async fn counts(&self, db: &impl ConnectionTrait) -> Result<[u64; 3]> {
        let brought = self.conversations().select_only();
        let brought =
            brought.expr_as(Expr::col((conversation::Entity, conversation::Column::Id)).count(), "n").into_query();
        let marked = self.marks().select_only();
        let marked = marked.expr_as(Expr::col((annotation::Entity, annotation::Column::Id)).count(), "n").into_query();
        let said = self.comments().select_only();
        let said = said.expr_as(Expr::col((comment::Entity, comment::Column::Id)).count(), "n").into_query();
        let counted: Option<(i64, i64, i64)> = class::Entity::find_by_id(self.class)
            .select_only()
            .expr_as(brought, "brought")
            .expr_as(marked, "marked")
            .expr_as(said, "said")
            .into_tuple()
            .one(db)
            .await?;
        let (brought, marked, said) = counted.unwrap_or_default();
        Ok([brought, marked, said].map(|number| u64::try_from(number).unwrap_or(0)))
    }

    async fn brought(
        &self,
        db: &impl ConnectionTrait,
        author: &Author,
        page: &PageRequest,
    ) -> Result<Page<ConversationView>> {
        let mut query = self.conversations();
        if let Some(after) = page.after_id()? {
            query = query.filter(conversation::COLUMN.id.lt(ConversationId(after)));
        }
        let query = query.order_by_desc(conversation::Column::Id).limit(page.limit + 1);
        let cut = Page::cut(rows(db, query).await?, page.limit, |row| Cursor::at(row.conversation.id.0));
        Ok(cut.map(|row| ConversationView {
            author: Some(author.clone()),
            messages: u64::try_from(row.messages).unwrap_or(0),
            conversation: row.conversation,
        }))
    }

    async fn marked(&self, db: &impl ConnectionTrait, author: &Author, page: &PageRequest) -> Result<Page<Marked>> {
        let mut query = self.marks();
        if let Some(after) = page.after_id()? {
            query = query.filter(annotation::COLUMN.id.lt(AnnotationId(after)));
        }
        let query = query.order_by_desc(annotation::Column::Id).limit(page.limit + 1);
        let found = Lines::of(db, self.actor, query).await?;
        let cut = Page::cut(found.0, page.limit, |line| Cursor::at(line.annotation.id.0));
        let number = |position: i32| u32::try_from(position).unwrap_or(0).saturating_add(1);
        let numbers: Vec<_> = cut.items.iter().map(|line| line.position.map(number)).collect();
        let tags = tags_of(db, self.actor, &cut.items).await?;
        let views = Lines(cut.items).with(&self.only(author), tags, &HashMap::new());
        let items = views.into_iter().zip(numbers).map(|(view, number)| Marked { view, number }).collect();
        Ok(Page { items, next: cut.next })
    }

    async fn said(
        &self,
        db: &impl ConnectionTrait,
        people: &HashMap<(ClassId, UserId), Author>,
        page: &PageRequest,
    ) -> Result<Page<(CommentView, Option<String>)>> {
        let mut query = self.comments();
        if let Some(after) = page.after_id()? {
            query = query.filter(comment::COLUMN.id.lt(CommentId(after)));
        }
        let query = query.order_by_desc(comment::Column::Id).limit(page.limit + 1);
        let found = CommentLines::of(db, self.actor, query).await?;
        let cut = Page::cut(found.0, page.limit, |line| Cursor::at(line.comment.id.0));
        let above = cut.items.iter().map(|line| line.comment.annotation_id);
        let quotes: Vec<(AnnotationId, Option<String>)> =
            annotation::Entity::visible_to(self.actor.user, self.actor.at)
                .filter(annotation::COLUMN.id.is_in(above))
                .select_only()
                .columns([annotation::Column::Id, annotation::Column::Quote])
                .into_tuple()
                .all(db)
                .await?;
        let quotes: HashMap<AnnotationId, Option<String>> = quotes.into_iter().collect();
        let views = CommentLines(cut.items).with(people);
        let quoted = |view: CommentView| {
            let quote = quotes.get(&view.comment.annotation_id).cloned().flatten();
            (view, quote)
        };
        Ok(Page { items: views.into_iter().map(quoted).collect(), next: cut.next })
    }

    fn only(&self, author: &Author) -> HashMap<(ClassId, UserId), Author> {
        HashMap::from([((self.class, self.user), author.clone())])
    }
}
