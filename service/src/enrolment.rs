//! Memberships: join, list, change, leave, remove.

mod join;

pub use join::{Invitation, Joined, invitation, join};
pub(crate) use join::{enrol, usable};

use entity::{
    Audience, ClassId, EnrolmentId, Moment, UserId,
    class::{self, Naming},
    enrolment::{self, Role, State},
    user,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select, SelectTwo,
    sea_query::{Expr, Func},
};

use crate::{
    Actor, Conflict, Db, Error, Result,
    access::{self, Membership, Right},
    author::{Author, made_up_name, sees_names},
    class::visibility,
    feed::{self, Kind},
    page::{self, Cursor, Page, PageRequest},
    text::Label,
};

/// What is changed of a membership; absent stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ChangeEnrolment {
    /// Another role.
    pub role: Option<Role>,
    /// Section or group.
    pub section: Option<Option<Label>>,
    /// The member's id in the school's own system.
    pub external_id: Option<Option<Label>>,
    /// Take back a member who left or was removed.
    pub readmit: bool,
}

/// A member as another member sees them.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person.
    pub author: Author,
    /// The membership.
    pub enrolment: enrolment::Model,
    /// The address, for staff.
    pub email: Option<String>,
    /// The name under which students know the person, for staff who see both names.
    pub made_up: Option<String>,
}

/// Which members are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this role.
    pub role: Option<Role>,
    /// Those of this section.
    pub section: Option<String>,
    /// Those with this id in the school's own system.
    pub external_id: Option<String>,
    /// For staff: those who left or were removed instead of the active ones.
    pub state: Option<State>,
}

/// A new active membership, ready to insert.
pub(crate) fn new(class: ClassId, user: UserId, role: Role, at: Moment) -> enrolment::ActiveModel {
    enrolment::ActiveModel {
        id: Set(EnrolmentId::new()),
        class_id: Set(class),
        user_id: Set(user),
        role: Set(role),
        state: Set(State::Active),
        section: Set(None),
        external_id: Set(None),
        invite_id: Set(None),
        created_at: Set(at),
        updated_at: Set(at),
        ended_at: Set(None),
        version: Set(1),
    }
}

/// Gives a member another role.
pub(crate) async fn set_role(
    db: &impl ConnectionTrait,
    member: enrolment::Model,
    role: Role,
    at: Moment,
) -> Result<enrolment::Model> {
    let version = member.version;
    let mut row = member.into_active_model();
    row.role = Set(role);
    row.updated_at = Set(at);
    row.version = Set(version.saturating_add(1));
    Ok(row.update(db).await?)
}

fn readmitted(former: enrolment::Model, at: Moment) -> enrolment::ActiveModel {
    let version = former.version;
    let mut row = former.into_active_model();
    row.state = Set(State::Active);
    row.ended_at = Set(None);
    row.updated_at = Set(at);
    row.version = Set(version.saturating_add(1));
    row
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Newest first.
    Joined,
    /// By the name shown: where students have made-up names too, the order in which people joined would stand beside all
    /// that goes by it.
    Name,
}

impl Order {
    fn of(class: &class::Model) -> Self {
        match class.naming {
            Naming::Names => Self::Joined,
            Naming::Pseudonyms => Self::Name,
        }
    }

    /// The members of `query` after `cursor`, in this order, with their accounts.
    fn sorted(
        self,
        query: Select<enrolment::Entity>,
        cursor: Option<&Cursor>,
    ) -> Result<SelectTwo<enrolment::Entity, user::Entity>> {
        let query = query.find_also_related(user::Entity);
        let name = || Expr::from(Func::lower(Expr::col((user::Entity, user::Column::DisplayName))));
        let known = match (self, cursor.map(|cursor| (cursor.order.as_str(), &cursor.value, EnrolmentId(cursor.id)))) {
            (_, None) => Condition::all(),
            (Self::Joined, Some(("id", _, id))) => Condition::all().add(enrolment::COLUMN.id.lt(id)),
            (Self::Name, Some(("name", Some(serde_json::Value::String(last)), id))) => {
                let last = || Expr::from(Func::lower(Expr::val(last.as_str())));
                let same = Condition::all().add(name().eq(last())).add(enrolment::COLUMN.id.gt(id));
                Condition::any().add(name().gt(last())).add(same)
            }
            _ => return Err(page::bad_cursor()),
        };
        let query = query.filter(known);
        Ok(match self {
            Self::Joined => query.order_by_desc(enrolment::Column::Id),
            Self::Name => query.order_by_asc(name()).order_by_asc(enrolment::Column::Id),
        })
    }

    fn cursor(self, member: &Member) -> Cursor {
        let id = member.enrolment.id.0;
        match self {
            Self::Joined => Cursor::at(id),
            Self::Name => Cursor { order: "name".to_owned(), value: Some(member.author.name.as_str().into()), id },
        }
    }
}

/// The members of a class, newest first, or by name where students have made-up names; addresses for staff only.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member; [`Error::Forbidden`] for former members without the right;
/// [`Error::Invalid`] for a cursor of another order.
pub async fn list(db: &Db, actor: &Actor, class: ClassId, filter: Filter, page: PageRequest) -> Result<Page<Member>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let viewer = Membership::of(&db, &actor, class).await?;
        let state = filter.state.unwrap_or(State::Active);
        if state != State::Active {
            viewer.may(Right::ManageMembers)?;
        }
        let mut query = enrolment::Entity::in_class(class).filter(enrolment::COLUMN.state.eq(state));
        if let Some(role) = filter.role {
            query = query.filter(enrolment::COLUMN.role.eq(role));
        }
        if let Some(section) = filter.section {
            query = query.filter(enrolment::COLUMN.section.eq(section));
        }
        if let Some(id) = filter.external_id {
            viewer.may(Right::SeeEmails)?;
            query = query.filter(enrolment::COLUMN.external_id.eq(id));
        }
        let order = Order::of(&viewer.class);
        let rows = order.sorted(query, page.after.as_ref())?.limit(page.limit + 1).all(&db).await?;
        let members = rows.into_iter().filter_map(|(row, user)| Some(member(&actor, &viewer, row, &user?))).collect();
        Ok(Page::cut(members, page.limit, |member| order.cursor(member)))
    })
    .await
}

/// One member.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member of the same class.
pub async fn show(db: &Db, actor: &Actor, id: EnrolmentId) -> Result<Member> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let (viewer, row) = find(&db, &actor, id).await?;
        let user = user::Entity::find_by_id(row.user_id).one(&db).await?.ok_or(Error::NotFound)?;
        Ok(member(&actor, &viewer, row, &user))
    })
    .await
}

fn member(actor: &Actor, viewer: &Membership, row: enrolment::Model, user: &user::Model) -> Member {
    let staff = viewer.may(Right::SeeEmails).is_ok();
    let author = Author::named(actor.user, &row, user);
    let role = Some(viewer.enrolment.role).filter(|role| role.is_staff());
    let made_up = made_up_name(&viewer.class, &row).filter(|_| role.is_some() && sees_names(&viewer.class, role));
    Member { email: staff.then(|| user.email.clone()), author, enrolment: hide(row, staff), made_up }
}

/// What peers do not see of a membership.
fn hide(mut row: enrolment::Model, staff: bool) -> enrolment::Model {
    if !staff {
        row.external_id = None;
        row.invite_id = None;
    }
    row
}

/// A membership the actor may know of, and the actor's own in the same class. Former members are known to staff only.
async fn find(db: &impl ConnectionTrait, actor: &Actor, id: EnrolmentId) -> Result<(Membership, enrolment::Model)> {
    let known = enrolment::Entity::visible_to(actor.user).filter(enrolment::COLUMN.id.eq(id));
    let row = known.one(db).await?.ok_or(Error::NotFound)?;
    let viewer = Membership::of(db, actor, row.class_id).await?;
    if row.state != State::Active && viewer.may(Right::ManageMembers).is_err() {
        return Err(Error::NotFound);
    }
    Ok((viewer, row))
}

/// Changes a membership.
///
/// # Errors
/// [`Error::Forbidden`] unless the actor's role stands above the member's and the new one;
/// [`Error::Conflict`] for the owner's; [`Error::Stale`] for another version.
pub async fn change(
    db: &Db,
    actor: &Actor,
    id: EnrolmentId,
    expected: Option<i32>,
    change: ChangeEnrolment,
) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = turn_of(&*tx, id, actor.at).await?;
        let (viewer, row) = find(&*tx, &actor, id).await?;
        viewer.may(Right::ManageMembers)?;
        if row.role == Role::Owner || change.role == Some(Role::Owner) {
            viewer.may(Right::DisposeOfClass)?;
            return Err(Error::Conflict(Conflict::OwnerEnrolment));
        }
        viewer.may_manage(row.role)?;
        if let Some(role) = change.role {
            viewer.may_manage(role)?;
            if role.is_staff() {
                visibility::may_teach(&*tx, &viewer.class, &row).await?;
            }
        }
        viewer.is_running()?;
        access::unchanged(row.version, expected)?;
        let (version, user) = (row.version, row.user_id);
        let kind = if change.readmit && row.state != State::Active { Kind::MemberJoined } else { Kind::MemberChanged };
        // Peers do not see an id of the school's own system, and hear nothing of it.
        let seen = change.readmit || change.role.is_some() || change.section.is_some();
        let mut row = if change.readmit { readmitted(row, actor.at) } else { row.into_active_model() };
        if let Some(role) = change.role {
            row.role = Set(role);
        }
        if let Some(section) = change.section {
            row.section = Set(section.map(Label::into_inner));
        }
        if let Some(id) = change.external_id {
            row.external_id = Set(id.map(Label::into_inner));
        }
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        let audience = if seen { Audience::Class } else { Audience::Staff };
        turn.member(&*tx, kind, (id, Some(user)), audience).await
    })
    .await
}

/// The turn of the class of a membership.
async fn turn_of(db: &impl ConnectionTrait, id: EnrolmentId, at: Moment) -> Result<feed::Turn> {
    let class = enrolment::Entity::find_by_id(id).select_only().column(enrolment::Column::ClassId);
    let class: Option<ClassId> = class.into_tuple().one(db).await?;
    feed::turn(db, class.ok_or(Error::NotFound)?, at).await
}

/// Leaves a class or removes a member from it. What they brought in stays.
///
/// # Errors
/// [`Error::Forbidden`] unless it is the actor's own membership or the actor's role stands above it;
/// [`Error::Conflict`] for the owner's.
pub async fn end(db: &Db, actor: &Actor, id: EnrolmentId, expected: Option<i32>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = turn_of(&*tx, id, actor.at).await?;
        let (viewer, row) = find(&*tx, &actor, id).await?;
        let own = row.user_id == actor.user;
        if own && row.role == Role::Owner {
            return Err(Error::Conflict(Conflict::OwnerMustHandOver));
        }
        if !own {
            viewer.may_manage(row.role)?;
        }
        access::unchanged(row.version, expected)?;
        if row.state == State::Removed {
            return Ok(());
        }
        let (version, user, state, ended) = (row.version, row.user_id, row.state, row.ended_at);
        let mut row = row.into_active_model();
        // Who left first can be shut out all the same; the farewell runs from the day they left.
        row.state = Set(if own { State::Left } else { State::Removed });
        row.ended_at = Set(ended.or(Some(actor.at)));
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        // Peers knew them as a member until now; the rest is for staff.
        let audience = if state == State::Active { Audience::Class } else { Audience::Staff };
        turn.member(&*tx, Kind::MemberLeft, (id, Some(user)), audience).await
    })
    .await
}
