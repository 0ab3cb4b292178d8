//! Room for bodies that are being received or read, of all requests together, in fair shares.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::http::StatusCode;
use service::entity::UserId;

use crate::{error::ApiError, limits::Limits};

/// Whether somebody who has `mine` of what is `held` by all may have `more`: nobody has more than is left free for
/// everybody else, so that however many take what they can, the next one finds a place, if a smaller one each time.
#[must_use]
pub fn is_fair(whole: u64, held: u64, mine: u64, more: u64) -> bool {
    let free = whole.checked_sub(held).and_then(|free| free.checked_sub(more));
    free.is_some_and(|free| mine.saturating_add(more) <= free)
}

/// What is taken of it, in memory and on disk.
#[derive(Clone, Debug)]
pub struct Room {
    memory: Arc<Share>,
    disk: Arc<Share>,
}

#[derive(Debug)]
struct Share {
    whole: u64,
    held: Mutex<HashMap<UserId, u64>>,
}

impl Share {
    fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { whole: in_bytes(bytes), held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<UserId, u64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was room for it.
    fn take(&self, who: UserId, more: u64) -> bool {
        let mut held = self.held();
        let mine = held.get(&who).copied().unwrap_or(0);
        let fair = is_fair(self.whole, held.values().sum(), mine, more);
        if fair && more > 0 {
            held.insert(who, mine.saturating_add(more));
        }
        fair
    }

    fn give_back(&self, who: UserId, bytes: u64) {
        let mut held = self.held();
        if let Some(mine) = held.get_mut(&who) {
            *mine = mine.saturating_sub(bytes);
            if *mine == 0 {
                held.remove(&who);
            }
        }
    }
}

fn in_bytes(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Room {
    /// All of it.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { memory: Share::new(limits.bodies_in_memory), disk: Share::new(limits.bodies_on_disk) }
    }

    /// Room for a body that somebody sends.
    pub(super) fn taken(&self, who: UserId) -> Taken {
        Taken { room: self.clone(), who, on_disk: false, bytes: 0 }
    }
}

/// The room that one body takes, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Room,
    who: UserId,
    on_disk: bool,
    bytes: u64,
}

impl Taken {
    /// Takes as much as `bytes` need, in memory or on disk.
    ///
    /// # Errors
    /// 503 when others have it, or the sender has a fair share.
    pub(super) fn grow(&mut self, bytes: usize, on_disk: bool) -> Result<(), ApiError> {
        if on_disk != self.on_disk {
            self.give_back();
            self.on_disk = on_disk;
        }
        let more = in_bytes(bytes).saturating_sub(self.bytes);
        if !self.share().take(self.who, more) {
            return Err(no_room());
        }
        self.bytes = self.bytes.saturating_add(more);
        Ok(())
    }

    /// Gives it all back.
    pub(super) fn give_back(&mut self) {
        self.share().give_back(self.who, self.bytes);
        self.bytes = 0;
    }

    fn share(&self) -> &Share {
        if self.on_disk { &self.room.disk } else { &self.room.memory }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.give_back();
    }
}

fn no_room() -> ApiError {
    let detail = "too many large files are coming in at once; nothing was imported, send it again in a moment";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).after(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_take_what_they_can_the_next_one_finds_a_place() {
        let share = Share::new(4 << 30);
        let file = 200 << 20;
        for _ in 0..4 {
            let hog = UserId::new();
            let many = (0..100).filter(|_| share.take(hog, file)).count();
            assert!((1..=10).contains(&many), "{many}");
        }
        let next = UserId::new();
        assert!(share.take(next, file));
        share.give_back(next, file);
        assert_eq!(share.held().len(), 4);
    }

    #[test]
    fn one_alone_may_take_the_half_and_no_more() {
        assert!(is_fair(512, 0, 0, 256) && !is_fair(512, 0, 0, 257));
        assert!(is_fair(512, 256, 256, 0) && !is_fair(512, 256, 256, 1));
        assert!(!is_fair(512, 500, 0, 13) && !is_fair(512, 600, 0, 0));
    }
}
