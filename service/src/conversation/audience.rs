//! How many people may read a conversation.

use entity::{
    ClassId,
    conversation::Visibility,
    enrolment::{self, Role, State},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{Actor, Db, Result, access::Standing};

/// The people of a class, as far as their number goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Active owner, instructors and tutors.
    pub staff: u64,
    /// All active members.
    pub members: u64,
}

impl Audience {
    /// How many people may read a conversation that is shared this far, besides its owner; `owner` is the owner's role,
    /// if they are still in the class.
    #[must_use]
    pub fn others(self, visibility: Visibility, owner: Option<Role>) -> u64 {
        let (all, counted) = match visibility {
            Visibility::Private => (0, false),
            Visibility::Staff => (self.staff, owner.is_some_and(Role::is_staff)),
            Visibility::Class => (self.members, owner.is_some()),
        };
        all.saturating_sub(u64::from(counted))
    }
}

/// How many people read what is shared in a class.
///
/// # Errors
/// [`crate::Error::NotFound`] for outsiders.
pub async fn audience(db: &Db, actor: &Actor, class: ClassId) -> Result<Audience> {
    let actor = actor.clone();
    db.read(move |db| async move {
        Standing::of(&db, &actor, class).await?;
        count(&db, class).await
    })
    .await
}

pub(super) async fn count(db: &impl ConnectionTrait, class: ClassId) -> Result<Audience> {
    Ok(count_beside(db, class, Query::select().expr(Expr::val(0_i64)).to_owned()).await?.0)
}

/// The same, and a number that another query counts, in one statement.
pub(super) async fn count_beside(
    db: &impl ConnectionTrait,
    class: ClassId,
    beside: SelectStatement,
) -> Result<(Audience, u64)> {
    let roles: Vec<(Role, i64, i64)> = enrolment::Entity::in_class(class)
        .filter(enrolment::COLUMN.state.eq(State::Active))
        .select_only()
        .column(enrolment::Column::Role)
        .column_as(Expr::col((enrolment::Entity, enrolment::Column::Id)).count(), "people")
        .expr_as(beside, "beside")
        .group_by(enrolment::Column::Role)
        .into_tuple()
        .all(db)
        .await?;
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let sum = |wanted: fn(Role) -> bool| {
        number(roles.iter().filter(|(role, ..)| wanted(*role)).map(|(_, people, _)| *people).sum::<i64>())
    };
    let audience = Audience { staff: sum(Role::is_staff), members: sum(|_| true) };
    Ok((audience, roles.first().map_or(0, |(.., beside)| number(*beside))))
}
