//! A person's account.

use sea_orm::entity::prelude::*;

use crate::{Moment, UserId};

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// In use.
    Active,
    /// Shut out by an administrator: no sign-in, no session, no token works.
    Disabled,
}

/// What a person may do on the whole site. Gives no power inside any class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SiteRole {
    /// Takes part in classes.
    Member,
    /// May open classes where only teachers may.
    Teacher,
    /// Looks after accounts and settings.
    Admin,
}

/// One account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Lower-case address, the sign-in name.
    #[sea_orm(unique)]
    pub email: String,
    /// The name others see.
    pub display_name: String,
    /// argon2id in PHC form; none for an account that has not set a password yet.
    pub password_hash: Option<String>,
    /// Whether it may be used.
    pub status: Status,
    /// Power over the site, never over a class.
    pub site_role: SiteRole,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Counts changes; the ETag.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
