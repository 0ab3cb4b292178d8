//! The edge towards the network: what no handler does, but every answer depends on.

mod cors;
mod headers;
mod limits;
mod metrics;
mod pace;
mod panics;
mod rate;
mod truth;
mod uploads;
