//! A clock that tests move.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use api::state::Clock;
use time::{Duration, OffsetDateTime, macros::datetime};

/// What a broken clock says.
pub const BROKEN: &str = "the clock of this test is broken on purpose";

/// Stands still until it is moved. Begins on a Monday morning.
#[derive(Clone)]
pub struct TestClock {
    seconds: Arc<AtomicI64>,
    breaks: Arc<AtomicBool>,
}

impl Default for TestClock {
    fn default() -> Self {
        let seconds = AtomicI64::new(datetime!(2026-03-02 09:00 UTC).unix_timestamp());
        Self { seconds: Arc::new(seconds), breaks: Arc::default() }
    }
}

impl TestClock {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.seconds.load(Ordering::SeqCst)).unwrap()
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.seconds.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }

    /// The server panics when it reads the clock next, once.
    pub fn break_once(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    /// The same clock for the server.
    #[must_use]
    pub fn for_server(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || {
            assert!(!clock.breaks.swap(false, Ordering::SeqCst), "{BROKEN}");
            clock.now()
        })
    }
}
