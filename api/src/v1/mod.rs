//! The JSON API, version 1: one file a noun; each handler extracts, calls one use case, answers.

pub mod annotation;
pub mod api_token;
pub mod class;
pub mod comment;
pub mod conversation;
pub mod enrolment;
pub mod export;
pub mod feed;
pub mod flag;
pub mod health;
pub mod import;
pub mod invite;
pub mod message;
pub mod password;
pub mod presentation;
pub mod session;
pub mod tag;
pub mod user;

use serde::Deserialize;
use service::page::PageRequest;

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    fn parse(&self) -> service::Result<PageRequest> {
        PageRequest::parse(self.limit, self.cursor.as_deref())
    }
}

/// A confirmation for what cannot be undone.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConfirmQuery {
    /// The exact name of what is deleted.
    confirm: Option<String>,
}
