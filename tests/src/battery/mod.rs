//! The fault battery: what must hold when processes are killed, clients hang up, disks are full and connections break.
//!
//! Each run is a function of how often and of a seed, so that the same code runs small with every change and large by
//! `cargo run -p tests --bin battery`. The server under test is the real program in a process of its own, on an SQLite
//! file or on PostgreSQL, as `TEST_ENGINE` says; where that says memory, on a file: what is in memory survives nothing.

mod away;
mod cancel;
mod clocks;
mod crowd;
mod discussion;
mod ear;
mod full;
mod kill;
mod lecture;
mod load;
mod malformed;
mod overload;
mod people;
mod place;
mod probe;
mod seams;
mod slow;
mod steady;
mod stop;
mod terminate;
mod together;

use std::{future::Future, time::Instant};

use serde_json::{Value, json};

pub use away::{crashed, silent, silent_without};
pub use cancel::{cancelled, cancelled_without};
pub use clocks::astray;
pub use crowd::listened_to;
pub use discussion::discussed;
pub use full::{Room, full_disk, full_disk_without};
pub use kill::{killed, repeated};
pub use lecture::lectured;
pub use malformed::malformed;
pub use overload::overloaded;
pub use place::unwritable;
pub use seams::broken_off;
pub use slow::slow;
pub use steady::steady;
pub use stop::stopped;
pub use terminate::disturbed;
pub use together::together;

use crate::database::{Engine, engine};

/// A source of chance that gives the same for the same seed.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number: splitmix64.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, but not including, `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.number() % (high - low)
    }
}

/// What one run came to.
pub struct Report {
    id: &'static str,
    engine: &'static str,
    seed: u64,
    begun: Instant,
    /// Guards that were left out: then something must break.
    without: &'static [&'static str],
    counts: Vec<(&'static str, u128)>,
    /// What did not hold; empty when all is well.
    pub broken: Vec<String>,
}

impl Report {
    fn new(id: &'static str, seed: u64) -> Self {
        let engine = if engine() == Engine::Postgres { "postgres" } else { "sqlite" };
        Self { id, engine, seed, begun: Instant::now(), without: &[], counts: Vec::new(), broken: Vec::new() }
    }

    fn count(&mut self, name: &'static str, number: impl TryInto<u128>) {
        self.counts.push((name, number.try_into().unwrap_or_default()));
    }

    /// Notes what did not hold, if it did not.
    fn must(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.broken.push(otherwise.into());
        }
    }

    /// Whether it came to what it must: nothing broke, or something did without a guard.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.broken.is_empty() == self.without.is_empty()
    }

    /// One line of JSON.
    #[must_use]
    pub fn line(&self) -> Value {
        let counts: serde_json::Map<String, Value> = self
            .counts
            .iter()
            .map(|(name, number)| ((*name).to_owned(), json!(number.to_string().parse::<u64>().ok())))
            .collect();
        json!({
            "id": self.id,
            "engine": self.engine,
            "without": self.without,
            "seed": self.seed,
            "counts": counts,
            "seconds": self.begun.elapsed().as_millis().to_string().parse::<f64>().map_or(0.0, |ms| ms / 1000.0),
            "verdict": if self.is_green() { "green" } else { "red" },
            "broken": self.broken.iter().take(10).collect::<Vec<_>>(),
        })
    }
}

/// A runtime for what looks at the database beside the server.
fn beside<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(work)
}
