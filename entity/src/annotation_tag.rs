//! Which tags an annotation carries.

use sea_orm::entity::prelude::*;

use crate::{AnnotationId, TagId};

/// One tag on one annotation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "annotation_tag")]
pub struct Model {
    /// On which annotation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub annotation_id: AnnotationId,
    /// Which tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: TagId,
    /// The annotation.
    #[sea_orm(belongs_to, from = "annotation_id", to = "id", on_delete = "Cascade")]
    pub annotation: BelongsTo<super::annotation::Entity>,
    /// The tag.
    #[sea_orm(belongs_to, from = "tag_id", to = "id", on_delete = "Cascade")]
    pub tag: BelongsTo<super::tag::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
