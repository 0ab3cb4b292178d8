//! What was sent by a form: looked through, then waiting for its sender's choice; here for an hour, and gone with the
//! server. Large bodies are in files without a name, which nobody else can open and no crash leaves behind.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use actix_web::http::StatusCode;
use service::{
    entity::{ClassId, ImportId, Moment, UserId},
    import::Report,
};
use time::Duration;
use tokio::sync::watch;

use crate::{
    error::ApiError,
    spool::{Spooled, is_fair},
    web::form::Typed,
};

/// How long something waits.
const KEPT: Duration = Duration::hours(1);
/// How many wait for one person; another one takes the place of the oldest.
const MOST_EACH: usize = 4;
/// Bytes that wait in all.
const MOST_BYTES: u64 = 4 << 30;

/// Something that waits.
pub struct Waiting {
    /// What was sent.
    pub spooled: Spooled,
    /// What was found in it.
    pub found: Report,
    /// The text, if nobody can tell who speaks in it.
    pub turns: Option<String>,
}

/// What became of something that was sent.
#[derive(Clone)]
pub enum Staged {
    /// It is looked through when its turn has come: so many go before it and itself.
    Looking(watch::Receiver<usize>),
    /// Nothing in it can be taken; why, and what was typed.
    Refused(ApiError, Typed),
    /// It waits.
    Waiting(Arc<Waiting>),
    /// The choice was made; where to read what came of it, and what is still being read.
    Done(String, Weak<Waiting>),
}

struct Entry {
    owner: UserId,
    class: ClassId,
    at: Moment,
    bytes: u64,
    staged: Staged,
}

impl Entry {
    fn bytes(&self) -> u64 {
        match &self.staged {
            Staged::Looking(_) | Staged::Waiting(_) => self.bytes,
            Staged::Done(_, read) if read.strong_count() > 0 => self.bytes,
            Staged::Refused(..) | Staged::Done(..) => 0,
        }
    }
}

/// Everything that waits.
#[derive(Default)]
pub struct Staging(Mutex<HashMap<ImportId, Entry>>);

impl Staging {
    /// Keeps a place for something of so many bytes that is looked through, for an hour.
    ///
    /// # Errors
    /// 503 if too much waits already, of its sender or of all.
    pub fn put(
        &self,
        owner: UserId,
        class: ClassId,
        at: Moment,
        bytes: u64,
        place: watch::Receiver<usize>,
    ) -> Result<ImportId, ApiError> {
        self.sweep(at);
        let mut entries = self.entries();
        let mut mine: Vec<ImportId> =
            entries.iter().filter(|(_, entry)| entry.owner == owner).map(|(id, _)| *id).collect();
        mine.sort_unstable();
        for id in mine.iter().rev().skip(MOST_EACH - 1) {
            entries.remove(id);
        }
        let held = |of: &dyn Fn(&&Entry) -> bool| entries.values().filter(of).map(Entry::bytes).sum::<u64>();
        if !is_fair(MOST_BYTES, held(&|_| true), held(&|entry| entry.owner == owner), bytes) {
            let detail = "too many files wait to be looked through; try again in some minutes";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "storage_full", detail));
        }
        let id = ImportId::new();
        entries.insert(id, Entry { owner, class, at, bytes, staged: Staged::Looking(place) });
        Ok(id)
    }

    /// What became of something that `owner` sent to `class`.
    ///
    /// # Errors
    /// 404 for what others sent, what never was, and what is over.
    pub fn get(&self, id: ImportId, owner: UserId, class: ClassId, at: Moment) -> Result<Staged, ApiError> {
        self.sweep(at);
        let entries = self.entries();
        let mine = entries.get(&id).filter(|entry| entry.owner == owner && entry.class == class);
        mine.map(|entry| entry.staged.clone()).ok_or_else(ApiError::not_found)
    }

    /// From now on this is what became of it, if it is still here.
    pub fn became(&self, id: ImportId, staged: Staged) {
        if let Some(entry) = self.entries().get_mut(&id) {
            entry.staged = staged;
        }
    }

    /// Lets go of it.
    pub fn forget(&self, id: ImportId) {
        self.entries().remove(&id);
    }

    /// Lets go of what was sent; from now on it leads to `path`.
    pub fn done(&self, id: ImportId, waiting: &Arc<Waiting>, path: &str) {
        self.became(id, Staged::Done(path.to_owned(), Arc::downgrade(waiting)));
    }

    /// Lets go of what has waited for too long.
    pub fn sweep(&self, at: Moment) {
        self.entries().retain(|_, entry| at.since(entry.at) < KEPT);
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<ImportId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
