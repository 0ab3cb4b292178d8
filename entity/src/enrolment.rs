//! A person's membership of a class. Every power inside a class comes from here.

use sea_orm::{
    entity::prelude::*,
    sea_query::{Query, SelectStatement},
};

use crate::{ClassId, EnrolmentId, InviteId, Moment, UserId};

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Holds the class; one a class.
    Owner,
    /// Runs the class.
    Instructor,
    /// Teaches in it.
    Tutor,
    /// Learns in it.
    Student,
    /// Reads what the class shares, nothing else.
    Auditor,
}

impl Role {
    /// The roles that teach.
    pub const STAFF: [Self; 3] = [Self::Owner, Self::Instructor, Self::Tutor];

    /// Whether it is one of those that teach.
    #[must_use]
    pub fn is_staff(self) -> bool {
        Self::STAFF.contains(&self)
    }
}

/// Whether a membership holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// A member.
    Active,
    /// Left by own wish; may come back with a code.
    Left,
    /// Sent away; comes back only by staff.
    Removed,
}

/// One membership.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolment")]
pub struct Model {
    /// Key; stands for the person on the wire.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnrolmentId,
    /// In which class.
    #[sea_orm(unique_key = "class_user")]
    pub class_id: ClassId,
    /// Who.
    #[sea_orm(unique_key = "class_user")]
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// Whether it holds.
    pub state: State,
    /// Section or group.
    pub section: Option<String>,
    /// The member's id in the school's own system.
    pub external_id: Option<String>,
    /// By which code.
    pub invite_id: Option<InviteId>,
    /// When the person joined.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// When it stopped holding.
    pub ended_at: Option<Moment>,
    /// Counts changes; the ETag.
    pub version: i32,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
    /// The code.
    #[sea_orm(belongs_to, from = "invite_id", to = "id", on_delete = "SetNull")]
    pub invite: BelongsTo<Option<super::invite::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The memberships of one class, whatever their state.
    pub fn in_class(class: ClassId) -> Select<Self> {
        Self::find().filter(COLUMN.class_id.eq(class))
    }

    /// The ids of the classes this person is an active member of.
    pub fn classes_of(user: UserId) -> SelectStatement {
        Query::select()
            .column(Column::ClassId)
            .from(Entity)
            .and_where(COLUMN.user_id.eq(user))
            .and_where(COLUMN.state.eq(State::Active))
            .to_owned()
    }

    /// The memberships, whatever their state, of the classes this person is an active member of.
    pub fn visible_to(user: UserId) -> Select<Self> {
        Self::find().filter(Column::ClassId.in_subquery(Self::classes_of(user)))
    }

    /// The memberships of several classes, whatever their state.
    pub fn in_classes(classes: impl IntoIterator<Item = ClassId>) -> Select<Self> {
        Self::find().filter(COLUMN.class_id.is_in(classes))
    }

    /// One person's membership of one class, whatever its state.
    pub fn of(user: UserId, class: ClassId) -> Select<Self> {
        Self::in_class(class).filter(COLUMN.user_id.eq(user))
    }
}
