//! A conversation with what stands around it on a page: its class and the people.

use entity::{
    Audience as Reach, ConversationId, UserId, annotation, class,
    conversation::{self, Visibility},
    enrolment::{self, Role, State},
    reader, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, Query, SelectStatement},
};

use super::Audience;
use crate::{
    Actor, Db, Error, Result,
    author::{Author, NOBODY, Viewer, is_masked, made_up_name},
};

/// Everything around the messages of one conversation that one reader sees.
#[derive(Clone, Debug)]
pub struct About {
    /// The conversation.
    pub conversation: conversation::Model,
    /// Its class.
    pub class: class::Model,
    /// Whose words.
    pub author: Option<Author>,
    /// How students see the author, where that is not by name.
    pub disguise: Option<Author>,
    /// The name students see what the reader writes under, where that is not the reader's own.
    pub made_up_name: Option<String>,
    /// Whether they are the reader's own.
    pub mine: bool,
    /// The reader's role, while the membership holds.
    pub role: Option<Role>,
    /// Who teaches in the class.
    pub staff: Vec<Author>,
    /// How many people are in the class.
    pub audience: Audience,
    /// How many people read it so far, its owner not counted.
    pub readers: u64,
    /// The marks that go out of sight with it.
    pub marks: SharedMarks,
    /// How many marks in it are the reader's own.
    pub own_marks: u64,
    /// Whether the reader is one of them.
    pub(crate) noted: bool,
}

/// Marks of a conversation that others than their authors may see, as far as the actor sees them and staff did not hide
/// them. Each keeps its own
/// audience while the conversation is shared with fewer people, and is back when it is shared again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedMarks {
    /// Those for staff.
    pub staff: u64,
    /// Those for the class.
    pub class: u64,
}

impl SharedMarks {
    /// How many of them reach further than a conversation that is shared this far.
    #[must_use]
    pub fn beyond(self, visibility: Visibility) -> u64 {
        match visibility {
            Visibility::Private => self.staff.saturating_add(self.class),
            Visibility::Staff => self.class,
            Visibility::Class => 0,
        }
    }
}

impl About {
    /// The same for its owner as it is for those it is shared with.
    ///
    /// # Errors
    /// [`Error::NotFound`] if that is nobody: others would get that too.
    pub(crate) fn seen_by_others(mut self) -> Result<Self> {
        if self.conversation.visibility == Visibility::Private {
            return Err(Error::NotFound);
        }
        if self.conversation.visibility == Visibility::Class {
            self.author = self.disguise.take().or(self.author);
        }
        self.mine = false;
        self.role = None;
        self.author.iter_mut().chain(&mut self.staff).for_each(|person| person.me = false);
        Ok(self)
    }
}

/// A class and its size, as one statement reads them.
#[derive(FromQueryResult)]
struct Home {
    #[sea_orm(nested)]
    class: class::Model,
    members: i64,
    readers: i64,
    noted: i64,
    own_marks: i64,
    staff_marks: i64,
    class_marks: i64,
}

/// One conversation with what is around it.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read it.
pub async fn about(db: &Db, actor: &Actor, id: ConversationId) -> Result<About> {
    let actor = actor.clone();
    db.read(move |db| async move { about_in(&db, &actor, id).await }).await
}

/// [`about`], in two statements.
pub(crate) async fn about_in(db: &impl ConnectionTrait, actor: &Actor, id: ConversationId) -> Result<About> {
    let found = conversation::Entity::visible_to(actor.user, actor.at)
        .filter(conversation::COLUMN.id.eq(id))
        .find_also_related(class::Entity)
        // A column of the class, by its name in such a query.
        .expr_as(size(), "B_members")
        .expr_as(readers(), "B_readers")
        .expr_as(readers().and_where(reader::COLUMN.user_id.eq(actor.user)).to_owned(), "B_noted")
        .expr_as(annotation::Entity::made_by(actor.user), "B_own_marks")
        .expr_as(marks(actor, Reach::Staff), "B_staff_marks")
        .expr_as(marks(actor, Reach::Class), "B_class_marks")
        .into_model::<conversation::Model, Home>()
        .one(db)
        .await?;
    let Some((conversation, Some(home))) = found else {
        return Err(Error::NotFound);
    };
    let Home { class, members, readers, noted, own_marks, staff_marks, class_marks } = home;
    let people = people(db, &conversation, actor.user).await?;
    let active = |person: &&(enrolment::Model, user::Model)| person.0.state == State::Active;
    let me = people.iter().filter(active).find(|(row, _)| row.user_id == actor.user);
    let role = me.map(|(row, _)| row.role);
    let made_up_name = me.and_then(|(row, _)| made_up_name(&class, row));
    let viewer = Viewer { user: actor.user, role };
    let shown = |(row, person): &(enrolment::Model, user::Model)| Author::of(viewer, &class, row, person);
    let mut staff: Vec<Author> =
        people.iter().filter(active).filter(|(row, _)| row.role.is_staff()).map(shown).collect();
    staff.sort_by_cached_key(|person| (person.name.to_lowercase(), person.id));
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let audience = Audience { staff: u64::try_from(staff.len()).unwrap_or(0), members: number(members) };
    let peer = Viewer { user: NOBODY, role: Some(Role::Student) };
    let owner = people.iter().find(|(row, _)| row.user_id == conversation.owner_id);
    let hidden = owner.filter(|(row, _)| is_masked(peer, &class, row));
    Ok(About {
        disguise: hidden.map(|(row, person)| Author::of(peer, &class, row, person)),
        author: owner.map(shown),
        made_up_name,
        mine: conversation.owner_id == actor.user,
        role,
        staff,
        audience,
        readers: number(readers),
        own_marks: number(own_marks),
        marks: SharedMarks { staff: number(staff_marks), class: number(class_marks) },
        noted: noted > 0,
        conversation,
        class,
    })
}

/// How many active members the class of a conversation has.
fn size() -> SelectStatement {
    Query::select()
        .expr(Expr::col((enrolment::Entity, enrolment::Column::Id)).count())
        .from(enrolment::Entity)
        .and_where(
            Expr::col((enrolment::Entity, enrolment::Column::ClassId))
                .equals((conversation::Entity, conversation::Column::ClassId)),
        )
        .and_where(enrolment::COLUMN.state.eq(State::Active))
        .to_owned()
}

/// How many people read a conversation.
fn readers() -> SelectStatement {
    Query::select()
        .expr(Expr::col((reader::Entity, reader::Column::UserId)).count())
        .from(reader::Entity)
        .and_where(
            Expr::col((reader::Entity, reader::Column::ConversationId))
                .equals((conversation::Entity, conversation::Column::Id)),
        )
        .to_owned()
}

/// How many marks for these people the actor sees in a conversation.
fn marks(actor: &Actor, audience: Reach) -> SelectStatement {
    annotation::Entity::visible_to(actor.user, actor.at)
        .filter(
            Expr::col((annotation::Entity, annotation::Column::ConversationId))
                .equals((conversation::Entity, conversation::Column::Id)),
        )
        .filter(annotation::COLUMN.audience.eq(audience))
        .filter(annotation::COLUMN.hidden_at.is_null())
        .select_only()
        .column_as(annotation::Column::Id.count(), "marks")
        .into_query()
}

/// Those who teach in the class, the conversation's owner and its reader.
async fn people(
    db: &impl ConnectionTrait,
    conversation: &conversation::Model,
    reader: UserId,
) -> Result<Vec<(enrolment::Model, user::Model)>> {
    let staff = enrolment::COLUMN.role.is_in(Role::STAFF);
    let wanted = Condition::any()
        .add(Condition::all().add(staff).add(enrolment::COLUMN.state.eq(State::Active)))
        .add(enrolment::COLUMN.user_id.is_in([conversation.owner_id, reader]));
    let rows = enrolment::Entity::in_class(conversation.class_id)
        .filter(wanted)
        .find_also_related(user::Entity)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, person)| Some((row, person?))).collect())
}
