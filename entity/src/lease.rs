//! Work that one of several servers does for all of them.

use sea_orm::entity::prelude::*;

use crate::{Moment, ServerId};

/// Who does it, and until when nobody else may.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lease")]
pub struct Model {
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// By which server.
    pub holder: ServerId,
    /// When it ends, if the holder does not prolong it.
    pub until: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
