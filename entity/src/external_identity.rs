//! An identity at an outside provider (OIDC, LTI), matched by issuer and subject, never by e-mail.

use sea_orm::entity::prelude::*;

use crate::{ExternalIdentityId, Moment, UserId};

/// One identity.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_identity")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExternalIdentityId,
    /// Whose.
    pub user_id: UserId,
    /// Who vouches for it.
    #[sea_orm(unique_key = "issuer_subject")]
    pub issuer: String,
    /// The person's key there.
    #[sea_orm(unique_key = "issuer_subject")]
    pub subject: String,
    /// When it was linked.
    pub created_at: Moment,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
