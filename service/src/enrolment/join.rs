//! Joining a class by the code of an invitation.

use entity::{
    Audience, ClassId, EnrolmentId, Moment, UserId, class,
    enrolment::{self, Role, State},
    invite, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{new, readmitted};
use crate::{
    Actor, Conflict, Db, Denial, Error, Gone, Once, Result,
    class::visibility,
    feed::{self, Kind},
    invite::Code,
};

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
    if let Some(former) = before.as_ref().filter(|_| invite.role.is_staff()) {
        visibility::may_teach(db, &class, former).await?;
    }
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
