//! How people appear to each other: made here and nowhere else.

use std::{collections::HashMap, fmt};

use entity::{
    ClassId, EnrolmentId, UserId,
    class::{self, Naming},
    enrolment,
    enrolment::Role,
    user,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};
use uuid::Uuid;

use crate::{Actor, Result, access::Membership, pseudonym};

/// Who a person is to one viewer: the membership, never the account; behind a made-up name an id made up with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuthorId(pub Uuid);

impl From<EnrolmentId> for AuthorId {
    fn from(id: EnrolmentId) -> Self {
        Self(id.0)
    }
}

impl fmt::Display for AuthorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for AuthorId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// A person as others of a class see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who it is to this viewer.
    pub id: AuthorId,
    /// The name shown.
    pub name: String,
    /// Role in the class.
    pub role: Role,
    /// Whether it is the viewer.
    pub me: bool,
}

/// Who looks, and as what in the class at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer {
    pub(crate) user: UserId,
    /// None for somebody whose membership ended.
    pub(crate) role: Option<Role>,
}

impl Author {
    /// `user` by name, as the roster of a class has everybody: nothing they wrote may stand beside it.
    pub(crate) fn named(viewer: UserId, enrolment: &enrolment::Model, user: &user::Model) -> Self {
        Self {
            id: enrolment.id.into(),
            name: user.display_name.clone(),
            role: enrolment.role,
            me: enrolment.user_id == viewer,
        }
    }

    /// How `user` appears in `class` beside what they wrote.
    pub(crate) fn of(viewer: Viewer, class: &class::Model, enrolment: &enrolment::Model, user: &user::Model) -> Self {
        if !is_masked(viewer, class, enrolment) {
            return Self::named(viewer.user, enrolment, user);
        }
        let pseudonym = pseudonym::of(&class.secret, enrolment.id);
        // Roles are few enough to tell one person from all others.
        Self { id: AuthorId(pseudonym.id), name: pseudonym.name, role: Role::Student, me: false }
    }
}

/// Whether this viewer sees a made-up name: of students in a class that chose so, unless one is it oneself, or teaches
/// where staff see names.
pub(crate) fn is_masked(viewer: Viewer, class: &class::Model, subject: &enrolment::Model) -> bool {
    let teaches = viewer.role.is_some_and(Role::is_staff);
    class.naming == Naming::Pseudonyms
        && !subject.role.is_staff()
        && subject.user_id != viewer.user
        && !(teaches && class.staff_see_names)
}

/// The name under which classmates see what this member brings in and writes, where that is a made-up one.
#[must_use]
pub fn made_up_name(class: &class::Model, member: &enrolment::Model) -> Option<String> {
    let peer = Viewer { user: UserId(Uuid::nil()), role: Some(Role::Student) };
    is_masked(peer, class, member).then(|| pseudonym::of(&class.secret, member.id).name)
}

/// Whether this viewer sees the names of all who write in the class.
#[must_use]
pub fn sees_names(class: &class::Model, role: Option<Role>) -> bool {
    class.naming == Naming::Names || (class.staff_see_names && role.is_some_and(Role::is_staff))
}

/// People as one viewer sees them, and the classes they were met in.
pub(crate) struct Company {
    pub(crate) authors: HashMap<(ClassId, UserId), Author>,
    /// Each class with the viewer's own membership of it, whatever its state.
    pub(crate) homes: HashMap<ClassId, Home>,
}

/// A class, and somebody's membership of it, whatever its state.
pub(crate) struct Home {
    pub(crate) class: class::Model,
    pub(crate) enrolment: enrolment::Model,
}

impl Home {
    /// The role, while the membership holds.
    pub(crate) fn role(&self) -> Option<Role> {
        (self.enrolment.state == enrolment::State::Active).then_some(self.enrolment.role)
    }

    /// The membership, while it holds.
    pub(crate) fn member(self) -> Option<Membership> {
        let Self { class, enrolment } = self;
        (enrolment.state == enrolment::State::Active && class.deleted_at.is_none())
            .then_some(Membership { class, enrolment })
    }
}

/// How these people appear in these classes, in one statement.
pub(crate) async fn authors(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    people: impl IntoIterator<Item = (ClassId, UserId)>,
) -> Result<HashMap<(ClassId, UserId), Author>> {
    let (classes, users): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    Ok(company(db, viewer, classes, users).await?.authors)
}

/// How these people appear in these classes, and the viewer's own memberships, in one statement.
pub(crate) async fn company(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    classes: Vec<ClassId>,
    users: Vec<UserId>,
) -> Result<Company> {
    let wanted =
        Condition::any().add(enrolment::COLUMN.user_id.is_in(users)).add(enrolment::COLUMN.user_id.eq(viewer.user));
    let rows = entity::enrolment::Entity::in_classes(classes)
        .filter(wanted)
        .find_also_related(user::Entity)
        .find_also_related(class::Entity)
        .all(db)
        .await?;
    let known: Vec<_> = rows.into_iter().filter_map(|(row, user, class)| Some((row, user?, class?))).collect();
    let homes: HashMap<ClassId, Home> = known
        .iter()
        .filter(|(row, ..)| row.user_id == viewer.user)
        .map(|(row, _, class)| (row.class_id, Home { class: class.clone(), enrolment: row.clone() }))
        .collect();
    let shown = known.iter().map(|(row, user, class)| {
        let viewer = Viewer { user: viewer.user, role: homes.get(&class.id).and_then(Home::role) };
        ((row.class_id, row.user_id), Author::of(viewer, class, row, user))
    });
    Ok(Company { authors: shown.collect(), homes })
}

/// Whose an author's id is, as the member of `class` with this role sees them.
pub(crate) async fn whose(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    role: Option<Role>,
    class: &class::Model,
    id: AuthorId,
) -> Result<Option<UserId>> {
    let rows = enrolment::Entity::in_class(class.id);
    let rows = match sees_names(class, role) {
        true => rows.filter(enrolment::COLUMN.id.eq(EnrolmentId(id.0))),
        // What a made-up id stands for is nowhere kept.
        false => rows,
    };
    let viewer = Viewer { user: viewer.user, role };
    Ok(rows.all(db).await?.into_iter().find(|row| is_meant(viewer, class, row, id)).map(|row| row.user_id))
}

/// Whether an author's id is that of a membership, as this viewer sees it.
pub(crate) fn is_meant(viewer: Viewer, class: &class::Model, row: &enrolment::Model, id: AuthorId) -> bool {
    match is_masked(viewer, class, row) {
        true => pseudonym::of(&class.secret, row.id).id == id.0,
        false => row.id.0 == id.0,
    }
}
