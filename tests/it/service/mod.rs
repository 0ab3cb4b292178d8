//! The layer below the API: what the database keeps, what units of work promise.

mod cascade;
mod feed;
mod password;
mod statements;
mod unit;
mod upkeep;
