//! An invitation code.

use sea_orm::entity::prelude::*;

use crate::{
    ClassId, InviteId, Moment, UserId,
    enrolment::{self, Role},
};

/// One code.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invite")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InviteId,
    /// Into which class.
    pub class_id: ClassId,
    /// Eight characters without 0 O 1 I L, upper case.
    #[sea_orm(unique)]
    pub code: String,
    /// As what.
    pub role: Role,
    /// Into which section.
    pub section: Option<String>,
    /// Until when.
    pub expires_at: Option<Moment>,
    /// For how many people.
    pub max_uses: Option<i32>,
    /// How many joined by it.
    pub uses: i32,
    /// Who made it; none once that account is gone.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was taken back.
    pub revoked_at: Option<Moment>,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person who made it.
    #[sea_orm(belongs_to, from = "created_by", to = "id", on_delete = "SetNull")]
    pub creator: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The codes, also those taken back, of the classes this person is an active member of.
    pub fn visible_to(user: UserId) -> Select<Self> {
        Self::find().filter(Column::ClassId.in_subquery(enrolment::Entity::classes_of(user)))
    }

    /// The codes of one class that were not taken back.
    pub fn in_class(class: ClassId) -> Select<Self> {
        Self::find().filter(COLUMN.class_id.eq(class)).filter(COLUMN.revoked_at.is_null())
    }
}
