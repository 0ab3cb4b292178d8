//! A comment in the thread below an annotation.

use sea_orm::{Condition, ExprTrait, QueryTrait, entity::prelude::*};

use crate::{AnnotationId, CommentId, Moment, UserId, annotation, audience};

/// One comment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    /// Below which annotation.
    pub annotation_id: AnnotationId,
    /// The comment it answers.
    pub parent_id: Option<CommentId>,
    /// Whose; none once that account is gone.
    pub author_id: Option<UserId>,
    /// Its words; empty once its author deleted it.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// When its author last changed it.
    pub edited_at: Option<Moment>,
    /// When staff hid it.
    pub hidden_at: Option<Moment>,
    /// Who hid it.
    pub hidden_by: Option<UserId>,
    /// When it was written.
    pub created_at: Moment,
    /// When its author deleted it: its place stays for what answers it.
    pub deleted_at: Option<Moment>,
    /// Counts changes; the ETag.
    pub version: i32,
    /// The annotation.
    #[sea_orm(belongs_to, from = "annotation_id", to = "id", on_delete = "Cascade")]
    pub annotation: BelongsTo<super::annotation::Entity>,
    /// The comment it answers.
    #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id", on_delete = "SetNull")]
    pub parent: BelongsTo<Option<Entity>>,
    /// The person who wrote it.
    #[sea_orm(belongs_to, relation_enum = "Author", from = "author_id", to = "id", on_delete = "SetNull")]
    pub author: BelongsTo<Option<super::user::Entity>>,
    /// The person who hid it.
    #[sea_orm(belongs_to, relation_enum = "Hider", from = "hidden_by", to = "id", on_delete = "SetNull")]
    pub hider: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The comments below annotations this person may see at `at`, those whose words they may not read among them.
    pub fn visible_to(user: UserId, at: Moment) -> Select<Self> {
        use sea_orm::QuerySelect;
        let seen = annotation::Entity::visible_to(user, at).select_only().column(annotation::Column::Id);
        Self::find().filter(Column::AnnotationId.in_subquery(seen.into_query())).filter(Self::met_by(user, at))
    }

    /// Whether this person, who may see the annotation above it, finds a comment there: their own, and those of others
    /// once they are not blind. The place of one that they deleted is kept for the answers of others, and tells of them.
    #[must_use]
    pub fn met_by(user: UserId, at: Moment) -> Condition {
        let own = Condition::all().add(COLUMN.author_id.eq(user)).add(COLUMN.deleted_at.is_null());
        Condition::any().add(own).add(audience::unveiled(user, at, (Entity, Column::AnnotationId)))
    }

    /// What this person wrote in classes they are in or left lately, also below what they may not see any more. In a query
    /// that has the annotation, too.
    pub fn authored_by(user: UserId, at: Moment) -> Select<Self> {
        let around = Expr::col((annotation::Entity, annotation::Column::ConversationId));
        Self::find()
            .filter(COLUMN.author_id.eq(user))
            .filter(COLUMN.deleted_at.is_null())
            .filter(around.in_subquery(audience::around(user, at)))
    }

    /// Whether this person may read its words, in a query that has the annotation, too: what staff hid is for staff and its
    /// author, what was deleted for nobody.
    #[must_use]
    pub fn readable_by(user: UserId) -> Condition {
        let staff = audience::staff_of(user, (annotation::Entity, annotation::Column::ConversationId));
        let open = Condition::any().add(COLUMN.hidden_at.is_null()).add(COLUMN.author_id.eq(user)).add(staff);
        Condition::all().add(COLUMN.deleted_at.is_null()).add(open)
    }
}
