//! The JSON API, walked as a script would walk it.

mod account;
mod annotation;
mod api_token;
mod class;
mod comment;
mod conversation;
mod cookie;
mod edge;
mod enrolment;
mod export;
mod feed;
mod health;
mod idempotency;
mod import;
mod invite;
mod meanwhile;
mod mention;
mod message;
mod openapi;
mod paging;
mod presentation;
mod session;
mod tag;
mod unseen;
mod visibility;
