//! What a member asks staff to look at.

use sea_orm::entity::prelude::*;

use crate::{AnnotationId, ClassId, CommentId, FlagId, Moment, UserId};

/// One person's flag on an annotation or a comment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flag")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FlagId,
    /// In which class.
    pub class_id: ClassId,
    /// On which annotation.
    #[sea_orm(unique_key = "annotation")]
    pub annotation_id: Option<AnnotationId>,
    /// Or on which comment.
    #[sea_orm(unique_key = "comment")]
    pub comment_id: Option<CommentId>,
    /// Whose.
    #[sea_orm(unique_key = "annotation", unique_key = "comment")]
    pub user_id: UserId,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub created_at: Moment,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The annotation.
    #[sea_orm(belongs_to, from = "annotation_id", to = "id", on_delete = "Cascade")]
    pub annotation: BelongsTo<Option<super::annotation::Entity>>,
    /// The comment.
    #[sea_orm(belongs_to, from = "comment_id", to = "id", on_delete = "Cascade")]
    pub comment: BelongsTo<Option<super::comment::Entity>>,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
