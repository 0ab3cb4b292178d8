//! Memberships: join, list, change, leave, remove.

use entity::{
    Audience, ClassId, EnrolmentId, Moment, UserId, class,
    enrolment::{self, Role, State},
    invite, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Conflict, Db, Denial, Error, Gone, Once, Result,
    access::{self, Membership, Right},
    author::Author,
    class::visibility,
    feed::{self, Kind},
    invite::Code,
    page::{Cursor, Page, PageRequest},
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
}

/// What joining came to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Joined {
    /// The membership.
    pub id: EnrolmentId,
    /// The class.
    pub class: ClassId,
    /// Whether it was there before.
    pub already: bool,
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

/// A class as somebody with a code to it sees it before joining.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The class.
    pub class: class::Model,
    /// Whose it is.
    pub owner: Option<String>,
    /// As what the code lets people in.
    pub role: Role,
}

/// What a code leads to.
///
/// # Errors
/// Those of [`join`] for a person without a membership.
pub async fn invitation(db: &Db, at: Moment, code: String) -> Result<Invitation> {
    db.read(move |db| async move {
        let (invite, class) = open(&db, at, &code).await?;
        let owner = user::Entity::find_by_id(class.owner_id).one(&db).await?.map(|owner| owner.display_name);
        Ok(Invitation { class, owner, role: invite.role })
    })
    .await
}

/// Joins the class of an invitation code.
///
/// # Errors
/// [`Error::NotFound`] for an unknown code; [`Error::Gone`] for one that is over; [`Error::Forbidden`] for a person who
/// was removed; [`Error::Conflict`] for an archived class.
pub async fn join(db: &Db, actor: &Actor, code: String) -> Result<Once<Joined>> {
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let (row, already) = enrol(&*tx, actor.user, actor.at, &code).await?;
        Ok(Joined { id: row.id, class: row.class_id, already })
    })
    .await
}

/// The membership of `user` by `code`, and whether it was there before. A whole class uses one code within a minute: made
/// for [`Db::write_in_turn`].
pub(crate) async fn enrol(
    db: &impl ConnectionTrait,
    user: UserId,
    at: Moment,
    code: &str,
) -> Result<(enrolment::Model, bool)> {
    let class = known(db, code).await?.1.id;
    // Who comes back by two codes at once, or is removed meanwhile, is seen as they are then.
    let mut turn = feed::turn(db, class, at).await?;
    let (invite, class) = known(db, code).await?;
    let before = enrolment::Entity::of(user, class.id).one(db).await?;
    match before.as_ref().map(|row| row.state) {
        Some(State::Active) => return before.map(|row| (row, true)).ok_or(Error::NotFound),
        Some(State::Removed) => return Err(Error::Forbidden(Denial::Removed)),
        Some(State::Left) | None => {}
    }
    if class.status == class::Status::Archived {
        return Err(Error::Conflict(Conflict::ClassArchived));
    }
    is_open(&invite, at)?;
    use_up(db, &invite, at).await?;
    let row = match before {
        None => {
            let mut row = new(class.id, user, invite.role, at);
            row.section = Set(invite.section);
            row.invite_id = Set(Some(invite.id));
            row.insert(db).await.map_err(|e| Error::on_unique(e, || Error::Contention))?
        }
        Some(former) => {
            let mut row = readmitted(former, at);
            row.role = Set(invite.role);
            row.section = Set(invite.section);
            row.invite_id = Set(Some(invite.id));
            row.update(db).await?
        }
    };
    turn.member(db, Kind::MemberJoined, (row.id, Some(user)), Audience::Class).await?;
    Ok((row, false))
}

/// The invitation of a code, and its class.
async fn known(db: &impl ConnectionTrait, code: &str) -> Result<(invite::Model, class::Model)> {
    let code = Code::parse(code).ok_or(Error::NotFound)?;
    let found = invite::Entity::find()
        .filter(invite::COLUMN.code.eq(code.as_ref()))
        .find_also_related(class::Entity)
        .one(db)
        .await?;
    match found {
        Some((invite, Some(class))) if class.deleted_at.is_none() => Ok((invite, class)),
        _ => Err(Error::NotFound),
    }
}

/// Whether somebody new could join by a code now: the errors of [`enrol`] for a person without a membership.
pub(crate) async fn usable(db: &impl ConnectionTrait, at: Moment, code: &str) -> Result<()> {
    open(db, at, code).await.map(drop)
}

/// The invitation of a code by which somebody new could join now, and its class.
async fn open(db: &impl ConnectionTrait, at: Moment, code: &str) -> Result<(invite::Model, class::Model)> {
    let (invite, class) = known(db, code).await?;
    if class.status == class::Status::Archived {
        return Err(Error::Conflict(Conflict::ClassArchived));
    }
    is_open(&invite, at)?;
    Ok((invite, class))
}

fn is_open(invite: &invite::Model, at: Moment) -> Result<()> {
    if invite.revoked_at.is_some() {
        return Err(Error::Gone(Gone::InviteRevoked));
    }
    if invite.expires_at.is_some_and(|end| at >= end) {
        return Err(Error::Gone(Gone::InviteExpired));
    }
    if invite.max_uses.is_some_and(|most| invite.uses >= most) {
        return Err(Error::Gone(Gone::InviteUsedUp));
    }
    Ok(())
}

/// Counts one more use of an invitation, unless it is over. The statement itself looks: two people at once cannot both
/// take the last place, and nobody joins by a code that is being taken back.
async fn use_up(db: &impl ConnectionTrait, invite: &invite::Model, at: Moment) -> Result<()> {
    let uses = Expr::col(invite::Column::Uses);
    let free = Condition::any()
        .add(invite::COLUMN.max_uses.is_null())
        .add(uses.clone().lt(Expr::col(invite::Column::MaxUses)));
    let counted = invite::Entity::update_many()
        .col_expr(invite::Column::Uses, uses.add(1))
        .filter(invite::COLUMN.id.eq(invite.id))
        .filter(free)
        .filter(invite::COLUMN.revoked_at.is_null())
        .filter(Condition::any().add(invite::COLUMN.expires_at.is_null()).add(invite::COLUMN.expires_at.gt(at)))
        .exec(db)
        .await?;
    if counted.rows_affected > 0 {
        return Ok(());
    }
    let now = invite::Entity::find_by_id(invite.id).one(db).await?.ok_or(Error::NotFound)?;
    is_open(&now, at).and(Err(Error::Contention))
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

/// The members of a class, newest first; addresses for staff only.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member; [`Error::Forbidden`] for former members without the right.
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
        if let Some(after) = page.after_id()? {
            query = query.filter(enrolment::COLUMN.id.lt(EnrolmentId(after)));
        }
        let query = query.order_by_desc(enrolment::Column::Id).limit(page.limit + 1);
        let rows = query.find_also_related(user::Entity).all(&db).await?;
        let members = rows.into_iter().filter_map(|(row, user)| Some(member(&actor, &viewer, row, &user?))).collect();
        Ok(Page::cut(members, page.limit, |m: &Member| Cursor::at(m.enrolment.id.0)))
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
    Member { email: staff.then(|| user.email.clone()), author, enrolment: hide(row, staff) }
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
