//! HTTP in, HTTP out. Owns configuration, telemetry and the life of the database connection.
//!
//! A request passes the stack of [`startup`], is named by one line of [`routes`], and ends in a handler under [`v1`].

pub mod admin;
pub mod answer;
pub mod auth;
pub mod config;
pub mod cors;
pub mod demo;
pub mod docs;
pub mod error;
pub mod exporting;
pub mod extract;
pub mod importing;
pub mod limits;
pub mod live;
pub mod metrics;
pub mod operator;
pub mod proxy;
pub mod query;
pub mod rate;
pub mod request;
pub mod routes;
pub mod signals;
pub mod spool;
pub mod startup;
pub mod state;
pub mod telemetry;
pub mod throttle;
pub mod upkeep;
pub mod v1;
pub mod web;
pub mod wire;
