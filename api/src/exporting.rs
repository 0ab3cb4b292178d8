//! Exports under way: a few of each account, and of all accounts no more than there is memory for, since each holds some
//! messages while its client takes its time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::http::StatusCode;
use service::entity::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::error::ApiError;

/// How many of one account may be under way.
pub const EACH: usize = 2;

/// Who exports.
#[derive(Debug)]
pub struct Exporting {
    people: Mutex<HashMap<UserId, usize>>,
    slots: Arc<Semaphore>,
}

/// The place of an export, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    exporting: Arc<Exporting>,
    user: UserId,
    slot: Option<OwnedSemaphorePermit>,
}

impl Exporting {
    /// Room for so many at once.
    #[must_use]
    pub fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self { people: Mutex::default(), slots: Arc::new(Semaphore::new(slots)) })
    }

    fn people(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are under way, those that wait for room too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.people().values().sum()
    }

    /// A place for an export of this account, when there is one within that time.
    ///
    /// # Errors
    /// 429 for who has as many under way as one may; 503 when those of others leave no room.
    pub async fn enter(self: &Arc<Self>, user: UserId, within: Duration) -> Result<Place, ApiError> {
        let mut place = self.counted(user)?;
        match timeout(within, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(slot)) => place.slot = Some(slot),
            _ => return Err(full()),
        }
        Ok(place)
    }

    /// Counted before it waits: who may not have one more must not stand in the way of others either.
    fn counted(self: &Arc<Self>, user: UserId) -> Result<Place, ApiError> {
        let mut people = self.people();
        let exports = people.entry(user).or_default();
        if *exports >= EACH {
            return Err(ApiError::too_many_exports());
        }
        *exports += 1;
        drop(people);
        Ok(Place { exporting: Arc::clone(self), user, slot: None })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // First, so that whoever finds the account free finds this slot free, too.
        drop(self.slot.take());
        let mut people = self.exporting.people();
        if let Some(exports) = people.get_mut(&self.user) {
            *exports = exports.saturating_sub(1);
            if *exports == 0 {
                people.remove(&self.user);
            }
        }
    }
}

fn full() -> ApiError {
    let detail = "too many exports are under way; nothing was sent, ask again in a moment";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).after(5)
}
