//! Who may do what in a class: the rights table, and the membership that every check starts from.

use entity::{
    ClassId, class, conversation,
    enrolment::{self, Role, State},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};

use crate::{Actor, Conflict, Denial, Error, Result};

/// Something a role allows or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Change the class's settings.
    ChangeClass,
    /// Invite, change and remove members of lower roles.
    ManageMembers,
    /// Archive, delete and hand over the class.
    DisposeOfClass,
    /// See members' addresses.
    SeeEmails,
    /// Bring in conversations.
    Contribute,
    /// Annotate and comment on what one can read.
    Annotate,
    /// Hide what others annotate and comment.
    Moderate,
}

/// The rights table of the design, row by row.
#[must_use]
pub fn allows(role: Role, right: Right) -> bool {
    match right {
        Right::DisposeOfClass => role == Role::Owner,
        Right::ChangeClass | Right::ManageMembers => matches!(role, Role::Owner | Role::Instructor),
        Right::SeeEmails | Right::Moderate => role.is_staff(),
        Right::Contribute | Right::Annotate => role != Role::Auditor,
    }
}

/// How high a role stands; members are managed by higher roles only.
fn rank(role: Role) -> u8 {
    match role {
        Role::Auditor => 0,
        Role::Student => 1,
        Role::Tutor => 2,
        Role::Instructor => 3,
        Role::Owner => 4,
    }
}

/// An active member and the class.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The class.
    pub class: class::Model,
    /// The actor's membership of it.
    pub enrolment: enrolment::Model,
}

impl Membership {
    /// The actor's active membership of `class`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or no such class.
    pub async fn of(db: &impl ConnectionTrait, actor: &Actor, class: ClassId) -> Result<Self> {
        let found = enrolment::Entity::of(actor.user, class)
            .filter(enrolment::COLUMN.state.eq(State::Active))
            .find_also_related(class::Entity)
            .filter(class::COLUMN.deleted_at.is_null())
            .one(db)
            .await?;
        match found {
            Some((enrolment, Some(class))) => Ok(Self { class, enrolment }),
            _ => Err(Error::NotFound),
        }
    }

    /// The same for somebody who reads something of that class already: who is no member any more is told so.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the membership ended.
    pub(crate) async fn still(db: &impl ConnectionTrait, actor: &Actor, class: ClassId) -> Result<Self> {
        match Self::of(db, actor, class).await {
            Err(Error::NotFound) => Err(Error::Forbidden(Denial::FormerMember)),
            member => member,
        }
    }

    /// # Errors
    /// [`Error::Forbidden`] when the role does not allow it.
    pub fn may(&self, right: Right) -> Result<()> {
        if allows(self.enrolment.role, right) { Ok(()) } else { Err(Error::Forbidden(Denial::Role)) }
    }

    /// Whether this member manages members of `role`, to make or to change them.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when not.
    pub fn may_manage(&self, role: Role) -> Result<()> {
        self.may(Right::ManageMembers)?;
        if rank(role) < rank(self.enrolment.role) { Ok(()) } else { Err(Error::Forbidden(Denial::Role)) }
    }

    /// The roles this member manages.
    pub fn manages(&self) -> impl Iterator<Item = Role> + use<> {
        let own = self.enrolment.role;
        let all = [Role::Instructor, Role::Tutor, Role::Student, Role::Auditor];
        all.into_iter().filter(move |role| allows(own, Right::ManageMembers) && rank(*role) < rank(own))
    }

    /// # Errors
    /// [`Error::Conflict`] when the class is archived.
    pub fn is_running(&self) -> Result<()> {
        match self.class.status {
            class::Status::Active => Ok(()),
            class::Status::Archived => Err(Error::Conflict(Conflict::ClassArchived)),
        }
    }
}

/// Where somebody stands in a class who may read in it: a member, or a former one while the farewell lasts.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The class.
    pub class: class::Model,
    /// The membership, which may have ended.
    pub enrolment: enrolment::Model,
}

impl Standing {
    /// The actor's standing in `class`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or no such class.
    pub async fn of(db: &impl ConnectionTrait, actor: &Actor, class: ClassId) -> Result<Self> {
        let farewell = enrolment::COLUMN.ended_at.gt(actor.at.plus(-conversation::FAREWELL));
        let found = enrolment::Entity::of(actor.user, class)
            .filter(Condition::any().add(enrolment::COLUMN.state.eq(State::Active)).add(farewell))
            .find_also_related(class::Entity)
            .filter(class::COLUMN.deleted_at.is_null())
            .one(db)
            .await?;
        match found {
            Some((enrolment, Some(class))) => Ok(Self { class, enrolment }),
            _ => Err(Error::NotFound),
        }
    }

    /// Whether the membership holds.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.enrolment.state == State::Active
    }

    /// The role, while the membership holds.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.is_member().then_some(self.enrolment.role)
    }

    /// Whether the class goes on and this person's role in it allows something.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.is_member() && self.class.status == class::Status::Active && allows(self.enrolment.role, right)
    }
}

/// Refuses a change of something that changed since the actor read it.
///
/// # Errors
/// [`Error::Stale`] when `expected` is given and differs from `version`.
pub(crate) fn unchanged(version: i32, expected: Option<i32>) -> Result<()> {
    match expected {
        Some(expected) if expected != version => Err(Error::Stale),
        _ => Ok(()),
    }
}
