//! What people do with the web app, in a real Chromium.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod door;
mod import;
mod journey;
mod reading;
