//! What stands between the libraries below and lost data, each with a name.

/// The guards. All of them are on, whatever the configuration says; only a test leaves one out, to show what happens
/// then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guards {
    /// A unit of work is a task of its own, on the runtime that opened the connections.
    pub detached: bool,
    /// A connection that comes back to its pool is put in order, or thrown away.
    pub tidied: bool,
    /// Units take turns at a SQLite file, and have the right to write from their beginning.
    pub in_turn: bool,
    /// A unit that met another one is tried again.
    pub retried: bool,
    /// Nobody waits for a server that fell silent, and a pool that does not recover is replaced.
    pub watched: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self { detached: true, tidied: true, in_turn: true, retried: true, watched: true }
    }
}
