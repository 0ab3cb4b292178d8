//! A tag of a class's codebook, or one that somebody keeps to themselves.

use sea_orm::{Condition, entity::prelude::*};

use crate::{ClassId, Moment, TagId, UserId};

/// One tag.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TagId,
    /// In which class.
    #[sea_orm(unique_key = "name")]
    pub class_id: ClassId,
    /// Whose alone; none for a tag of the class.
    pub owner_id: Option<UserId>,
    /// What it is called.
    pub name: String,
    /// The name without regard to case, after its owner: no two are alike in one list.
    #[sea_orm(unique_key = "name")]
    pub name_key: String,
    /// Its colour, one of a closed list of names.
    pub colour: String,
    /// What it means.
    #[sea_orm(column_type = "Text", nullable)]
    pub definition: Option<String>,
    /// Words that it fits.
    #[sea_orm(column_type = "Text", nullable)]
    pub example: Option<String>,
    /// The heading it stands under.
    pub grouping: Option<String>,
    /// Its place in the list.
    pub position: i32,
    /// Who made it; none once that account is gone.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Counts changes; the ETag.
    pub version: i32,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person whose alone it is.
    #[sea_orm(belongs_to, relation_enum = "Owner", from = "owner_id", to = "id", on_delete = "Cascade")]
    pub owner: BelongsTo<Option<super::user::Entity>>,
    /// The person who made it.
    #[sea_orm(belongs_to, relation_enum = "Creator", from = "created_by", to = "id", on_delete = "SetNull")]
    pub creator: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The tags this person may use in a class: those of the class, and their own.
    pub fn visible_to(user: UserId, class: ClassId) -> Select<Self> {
        let own = Condition::any().add(COLUMN.owner_id.is_null()).add(COLUMN.owner_id.eq(user));
        Self::find().filter(COLUMN.class_id.eq(class)).filter(own)
    }
}
