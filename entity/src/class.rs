//! A class.

use sea_orm::entity::prelude::*;

use crate::{Audience, ClassId, Moment, UserId, enrolment};

/// Whether a class still changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// Running.
    Active,
    /// Read only.
    Archived,
}

/// How students appear to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Naming {
    /// By their names.
    Names,
    /// By made-up names, the same throughout the class and in no other.
    Pseudonyms,
}

/// How long a student does not see the marks of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Blind {
    /// They are seen at once.
    Open,
    /// Until a date.
    UntilDate,
    /// In each conversation until one has made so many of one's own.
    UntilMarks,
    /// Until staff show them.
    UntilReveal,
}

/// One class.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "class")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClassId,
    /// Whose; this person also holds the enrolment `owner`.
    pub owner_id: UserId,
    /// What people call it.
    pub name: String,
    /// Course code.
    pub code: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// IANA name, for dates shown to its people.
    pub time_zone: Option<String>,
    /// Its id in the school's own system.
    pub external_id: Option<String>,
    /// Key for pseudonyms; leaves the server in no answer.
    pub secret: Vec<u8>,
    /// Whether it still changes.
    pub status: Status,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// When it was put aside for deletion.
    pub deleted_at: Option<Moment>,
    /// Counts changes; the ETag.
    pub version: i32,
    /// How students appear to each other.
    pub naming: Naming,
    /// Whether staff see the names behind made-up ones.
    pub staff_see_names: bool,
    /// How long a student does not see the marks of others.
    pub blind: Blind,
    /// The date of [`Blind::UntilDate`].
    pub blind_until: Option<Moment>,
    /// The number of [`Blind::UntilMarks`].
    pub blind_marks: Option<i32>,
    /// When staff showed them before their time.
    pub revealed_at: Option<Moment>,
    /// Whether only staff change the codebook.
    pub codebook_locked: bool,
    /// How far an annotation goes unless its author says otherwise, and as far as its conversation does.
    pub usual_audience: Audience,
    /// The person whose it is.
    #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Cascade")]
    pub owner: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The classes this person is an active member of.
    pub fn visible_to(user: UserId) -> Select<Self> {
        Self::find()
            .filter(COLUMN.deleted_at.is_null())
            .filter(Column::Id.in_subquery(enrolment::Entity::classes_of(user)))
    }
}
