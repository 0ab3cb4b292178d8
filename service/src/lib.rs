//! What may happen: one file a noun, one public function a use case. No HTTP.
//!
//! A use case is `verb(db, actor, command) -> Result<T>`. It owns its unit of work, reads through the scoped finders of
//! `entity`, checks the actor's rights with the data, and answers with rows that the caller turns into what it shows.

pub mod access;
pub mod admin;
pub mod anchor;
pub mod annotation;
pub mod api_token;
pub mod author;
pub mod class;
pub mod comment;
pub mod conversation;
pub mod db;
pub mod enrolment;
pub mod export;
pub mod feed;
pub mod flag;
pub mod import;
pub mod invite;
pub mod message;
pub mod page;
pub mod password;
pub mod reading;
pub mod rendering;
pub mod reset_link;
pub mod rules;
pub mod session;
pub mod slip;
pub mod tag;
pub mod text;
pub mod transcript;
pub mod upkeep;
pub mod user;

mod actor;
mod error;
mod idempotency;
mod known_browser;
mod lease;
mod mishap;
pub mod person;
pub mod presentation;
mod pseudonym;
mod secret;

pub use actor::{Actor, IdempotencyKey};
pub use db::{Db, Once};
pub use entity;
pub use error::{Conflict, Denial, Error, FieldError, Fields, Flaw, Gone, Result};
pub use known_browser::KNOWN;
pub use mishap::Mishap;
pub use secret::{Secret, TokenKind};
