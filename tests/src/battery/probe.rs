//! Somebody who asks politely while others do not.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::wire;

/// Asks one thing after the other until it is stopped.
pub(super) struct Probe {
    stop: Arc<AtomicBool>,
    asking: JoinHandle<(Vec<Duration>, usize)>,
}

impl Probe {
    /// Asks whether the process lives.
    pub(super) fn lives(addr: SocketAddr) -> Self {
        Self::start(addr, "/health/live", "")
    }

    /// Asks for this path, as whoever has this token.
    pub(super) fn start(addr: SocketAddr, path: &str, token: &str) -> Self {
        let request = wire::request("GET", path, token, None, None);
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let asking = std::thread::spawn(move || {
            let (mut took, mut failed) = (Vec::new(), 0);
            while !asked.load(Ordering::SeqCst) {
                let begin = Instant::now();
                failed += usize::from(!wire::ask(addr, &request).is_ok_and(|answer| answer.status == 200));
                took.push(begin.elapsed());
                std::thread::park_timeout(Duration::from_millis(10));
            }
            (took, failed)
        });
        Self { stop, asking }
    }

    /// How long 99 of 100 answers took at most, and how many were not 200.
    pub(super) fn stop(self) -> (Duration, usize) {
        self.stop.store(true, Ordering::SeqCst);
        let (mut took, failed) = self.asking.join().unwrap();
        took.sort_unstable();
        let last = took.len().saturating_sub(1);
        (took.get(last * 99 / 100).copied().unwrap_or_default(), failed)
    }
}
