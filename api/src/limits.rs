//! How fast a body has to come in, and how much room all of them have, in one place.

use std::time::Duration;

/// How slow a client may be. Headers have actix's own five seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In which time the body of an ordinary request is there.
    pub body: Duration,
    /// The stretch of time the pace of an import is taken over.
    pub import_window: Duration,
    /// How many bytes of an import come in each such stretch, until it is whole.
    pub import_bytes: usize,
    /// How long an import may take before its sender is told to look later.
    pub import_answer: Duration,
    /// Imports read at once.
    pub imports_at_once: usize,
    /// Exports written at once, of all callers: where messages are as large as they may be each holds up to 90 MiB, however
    /// slowly it is taken.
    pub exports_at_once: usize,
    /// How long an export waits for room before its caller is told to come again.
    pub export_wait: Duration,
    /// Bytes of imports that are received or read at once, of all callers, in memory.
    pub bodies_in_memory: usize,
    /// The same in temporary files.
    pub bodies_on_disk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(30),
            import_window: Duration::from_secs(30),
            import_bytes: 30 * 50_000,
            import_answer: Duration::from_secs(10),
            imports_at_once: 2,
            exports_at_once: 8,
            export_wait: Duration::from_secs(5),
            bodies_in_memory: 512 << 20,
            bodies_on_disk: 4 << 30,
        }
    }
}
