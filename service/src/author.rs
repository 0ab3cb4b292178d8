//! How people appear to each other: made here and nowhere else.

use std::collections::HashMap;

use entity::{ClassId, EnrolmentId, UserId, enrolment, enrolment::Role, user};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::{Actor, Result};

/// A person as others of a class see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The membership, never the account.
    pub id: EnrolmentId,
    /// The name shown.
    pub name: String,
    /// Role in the class.
    pub role: Role,
    /// Whether it is the viewer.
    pub me: bool,
}

impl Author {
    /// How `user` appears to `viewer` in the class of `enrolment`.
    pub(crate) fn of(viewer: &Actor, enrolment: &enrolment::Model, user: &user::Model) -> Self {
        Self {
            id: enrolment.id,
            name: user.display_name.clone(),
            role: enrolment.role,
            me: enrolment.user_id == viewer.user,
        }
    }
}

/// How these people appear in these classes, in one statement.
pub(crate) async fn authors(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    people: impl IntoIterator<Item = (ClassId, UserId)>,
) -> Result<HashMap<(ClassId, UserId), Author>> {
    let (classes, users): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    let rows = entity::enrolment::Entity::in_classes(classes)
        .filter(enrolment::COLUMN.user_id.is_in(users))
        .find_also_related(user::Entity)
        .all(db)
        .await?;
    let known = rows.into_iter().filter_map(|(enrolment, user)| Some((enrolment, user?)));
    Ok(known.map(|(e, u)| ((e.class_id, e.user_id), Author::of(viewer, &e, &u))).collect())
}
