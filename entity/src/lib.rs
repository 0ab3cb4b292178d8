//! What a row is: one file a table, with its scoped finders. No rules, no HTTP.

#![allow(
    clippy::disallowed_methods,
    reason = "the entity macro writes calls of `begin` for nested writes, which nothing uses"
)]

mod audience;
mod id;
mod moment;

pub mod annotation;
pub mod annotation_tag;
pub mod api_token;
pub mod class;
pub mod comment;
pub mod conversation;
pub mod conversation_source;
pub mod enrolment;
pub mod event;
pub mod external_identity;
pub mod flag;
pub mod idempotency_key;
pub mod import;
pub mod invite;
pub mod lease;
pub mod mention;
pub mod message;
pub mod presentation;
pub mod reader;
pub mod rendering;
pub mod reset_link;
pub mod session;
pub mod sign_in_attempt;
pub mod tag;
pub mod user;

pub use audience::Audience;
pub use id::*;
pub use moment::Moment;
