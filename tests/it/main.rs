//! The one integration binary. Folders mirror the code: `v1` walks the API, `matrix` is the table of rights, `web` the
//! pages, `edge` what is around the handlers, `service` the layer below, `rendering` what messages
//! become, `battery` what faults may not break, `house` the
//! workspace, its documents and its programs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that cannot go on must fail"
)]

mod battery;
mod cases;
mod edge;
mod house;
mod matrix;
mod rendering;
mod service;
mod v1;
mod web;
