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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    let (company, _) = met(db, viewer, classes, enrolment::COLUMN.user_id.is_in(users).into()).await?;
    Ok(company)
}

/// The same for one class, and whom the viewer can name there: everybody, or behind made-up names those who teach and
/// these users. In one statement.
pub(crate) async fn company_to_name(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    class: ClassId,
    users: Vec<UserId>,
) -> Result<(Company, Vec<Author>)> {
    let wanted = Condition::any()
        .add(enrolment::COLUMN.user_id.is_in(users.clone()))
        .add(enrolment::COLUMN.state.eq(enrolment::State::Active));
    let (company, members) = met(db, viewer, vec![class], wanted).await?;
    let all = company.homes.get(&class).is_some_and(|home| sees_names(&home.class, home.role()));
    let is_known = |row: &enrolment::Model| match row.state {
        enrolment::State::Active => all || row.role.is_staff() || users.contains(&row.user_id),
        _ => users.contains(&row.user_id),
    };
    let known = members.iter().filter(|row| row.user_id != viewer.user && is_known(row));
    let known = known.filter_map(|row| company.authors.get(&(class, row.user_id)).cloned());
    let mut known: Vec<Author> = known.collect();
    known.sort_by(|one, other| (&one.name, one.id.0).cmp(&(&other.name, other.id.0)));
    Ok((company, known))
}

/// The people of some classes that are wanted, the viewer among them, with their memberships.
async fn met(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    classes: Vec<ClassId>,
    wanted: Condition,
) -> Result<(Company, Vec<enrolment::Model>)> {
    let wanted = Condition::any().add(wanted).add(enrolment::COLUMN.user_id.eq(viewer.user));
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
    let company = Company { authors: shown.collect(), homes };
    Ok((company, known.into_iter().map(|(row, ..)| row).collect()))
}

/// An id of no account: a filter by it finds nothing, in the same statements as a filter by somebody.
pub(crate) const NOBODY: UserId = UserId(Uuid::nil());

/// Whose these ids are, as the member of `class` with this role sees them; ids that are nobody's are left out. One
/// statement, and the same work for whomever it is: see [`by_id`].
pub(crate) async fn whose(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    role: Option<Role>,
    class: &class::Model,
    ids: &[AuthorId],
) -> Result<HashMap<AuthorId, UserId>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = enrolment::Entity::in_class(class.id);
    let rows = match sees_names(class, role) {
        true => rows.filter(enrolment::COLUMN.id.is_in(ids.iter().map(|id| EnrolmentId(id.0)))),
        // What a made-up id stands for is nowhere kept.
        false => rows,
    };
    let viewer = Viewer { user: viewer.user, role };
    let known = by_id(viewer, class, rows.all(db).await?, |row| row);
    Ok(ids.iter().filter_map(|id| Some((*id, known.get(id)?.user_id))).collect())
}

/// Whom each author's id of a class stands for, as a member meets them: everybody's, in one statement.
pub(crate) async fn everybody(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    member: &Membership,
) -> Result<HashMap<AuthorId, UserId>> {
    let Membership { class, enrolment } = member;
    let viewer = Viewer { user: viewer.user, role: Some(enrolment.role) };
    let rows = enrolment::Entity::in_class(class.id).all(db).await?;
    let known = by_id(viewer, class, rows, |row| row);
    Ok(known.into_iter().map(|(id, row)| (id, row.user_id)).collect())
}

/// Whom an id means that a list is filtered by; [`NOBODY`] where it is nobody's, so that the list costs the same.
pub(crate) async fn meant(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    role: Option<Role>,
    class: &class::Model,
    id: AuthorId,
) -> Result<UserId> {
    Ok(whose(db, viewer, role, class, &[id]).await?.remove(&id).unwrap_or(NOBODY))
}

/// Members of a class under the ids by which this viewer meets them. All ids are worked out before one is looked up:
/// a search that ended with the person it finds would tell by its time how early they joined.
pub(crate) fn by_id<T>(
    viewer: Viewer,
    class: &class::Model,
    people: Vec<T>,
    row: impl Fn(&T) -> &enrolment::Model,
) -> HashMap<AuthorId, T> {
    let id = |row: &enrolment::Model| match is_masked(viewer, class, row) {
        true => AuthorId(pseudonym::id(&class.secret, row.id)),
        false => row.id.into(),
    };
    people.into_iter().map(|person| (id(row(&person)), person)).collect()
}

#[cfg(test)]
mod tests {
    use entity::{InviteId, Moment, enrolment::State};

    use super::*;
    use crate::pseudonym::tests::derived_by;

    fn class() -> class::Model {
        class::Model {
            id: ClassId::new(),
            owner_id: UserId::new(),
            name: "Logic".to_owned(),
            code: None,
            description: None,
            time_zone: None,
            external_id: None,
            secret: vec![7; 32],
            status: class::Status::Active,
            created_at: Moment(0),
            updated_at: Moment(0),
            deleted_at: None,
            version: 1,
            naming: Naming::Pseudonyms,
            staff_see_names: false,
            blind: class::Blind::Open,
            blind_until: None,
            blind_marks: None,
            revealed_at: None,
            codebook_locked: false,
            usual_audience: entity::Audience::Class,
        }
    }

    fn member(class: &class::Model, role: Role) -> enrolment::Model {
        enrolment::Model {
            id: EnrolmentId::new(),
            class_id: class.id,
            user_id: UserId::new(),
            role,
            state: State::Active,
            section: None,
            external_id: None,
            invite_id: None::<InviteId>,
            created_at: Moment(0),
            updated_at: Moment(0),
            ended_at: None,
            version: 1,
        }
    }

    #[test]
    fn the_first_the_last_and_nobody_cost_as_many_derivations() {
        let class = class();
        let mut rows = vec![member(&class, Role::Owner)];
        rows.extend((0..200).map(|_| member(&class, Role::Student)));
        let viewer = Viewer { user: rows[100].user_id, role: Some(Role::Student) };
        let shown = |row: &enrolment::Model| AuthorId(pseudonym::id(&class.secret, row.id));
        let wanted =
            [shown(&rows[1]), shown(&rows[200]), AuthorId(Uuid::nil()), rows[100].id.into(), rows[1].id.into()];
        let found = wanted.map(|id| derived_by(|| by_id(viewer, &class, rows.clone(), |row| row).remove(&id)));
        // All students but the viewer.
        assert_eq!(found.iter().map(|(derived, _)| *derived).collect::<Vec<_>>(), [199; 5]);
        let users: Vec<_> = found.iter().map(|(_, row)| row.as_ref().map(|row| row.user_id)).collect();
        // Oneself is met by the real id, others never.
        assert_eq!(users, [Some(rows[1].user_id), Some(rows[200].user_id), None, Some(rows[100].user_id), None]);
    }

    #[test]
    fn who_sees_names_looks_people_up_by_their_membership() {
        let class = class::Model { staff_see_names: true, ..class() };
        let rows = vec![member(&class, Role::Owner), member(&class, Role::Student)];
        let viewer = Viewer { user: rows[0].user_id, role: Some(Role::Owner) };
        let (derived, known) = derived_by(|| by_id(viewer, &class, rows.clone(), |row| row));
        assert_eq!((derived, known.get(&rows[1].id.into())), (0, Some(&rows[1])));
    }
}
