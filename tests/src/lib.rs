//! The harness: a real server on a database of its own for every test, a client for each kind of caller, builders.
//!
//! The engine is chosen by `TEST_ENGINE`: `memory` (the default), `sqlite` (a file, with the production
//! settings) or `postgres` (at `TEST_DATABASE_URL`). Every test runs on each of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::let_underscore_must_use,
    reason = "a harness that cannot go on must fail the test; it reads its own settings"
)]

pub mod app;
pub mod battery;
pub mod browser;
pub mod cable;
pub mod client;
pub mod clock;
pub mod cluster;
pub mod database;
pub mod feed;
pub mod fixture;
pub mod invariant;
pub mod plain;
pub mod program;
pub mod proxy;
pub mod rendering;
pub mod talk;
pub mod wire;

pub use app::{Person, TestApp};
pub use client::{Client, Response};
pub use clock::TestClock;
pub use plain::PlainBrowser;
pub use serde_json::{Value, json};
