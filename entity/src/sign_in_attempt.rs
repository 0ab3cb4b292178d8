//! Failed sign-ins, kept by address whether or not an account has it, so that being slowed down tells nothing.

use sea_orm::entity::prelude::*;

use crate::Moment;

/// The failures of one address since its last success.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempt")]
pub struct Model {
    /// SHA-256 of the lower-case address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_hash: Vec<u8>,
    /// Failures in a row.
    pub failures: i32,
    /// The last failure.
    pub failed_at: Moment,
    /// No attempt is looked at before this moment.
    pub locked_until: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
