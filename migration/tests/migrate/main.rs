//! The migrations and their runner, on the engine that `TEST_ENGINE` names: `memory` (the default), `sqlite`
//! (a file) or `postgres` (`TEST_DATABASE_URL`, a database for each test).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that cannot go on must fail; tests open their own connections, read their own settings, and say what they skip"
)]

mod dumps;
mod lifecycle;
mod lists;
mod place;
mod program;
mod safety;
mod tables;
