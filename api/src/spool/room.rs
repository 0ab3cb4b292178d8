//! Room for bodies that are being received or read, of all requests together.

use std::sync::Arc;

use actix_web::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::ApiError, limits::Limits};

/// What room is given out in, in bytes.
const UNIT: usize = 1 << 10;

/// What is left of it, in memory and on disk.
#[derive(Clone, Debug)]
pub struct Room {
    memory: Arc<Semaphore>,
    disk: Arc<Semaphore>,
}

impl Room {
    /// All of it.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let of = |bytes: usize| Arc::new(Semaphore::new(bytes / UNIT));
        Self { memory: of(limits.bodies_in_memory), disk: of(limits.bodies_on_disk) }
    }

    /// Room for a body of so many bytes.
    pub(super) fn taken(&self) -> Taken {
        Taken { room: self.clone(), on_disk: false, held: None }
    }
}

/// The room that one body takes, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Room,
    on_disk: bool,
    held: Option<OwnedSemaphorePermit>,
}

impl Taken {
    /// Takes as much as `bytes` need, in memory or on disk.
    ///
    /// # Errors
    /// 503 when others have it.
    pub(super) fn grow(&mut self, bytes: usize, on_disk: bool) -> Result<(), ApiError> {
        if on_disk != self.on_disk {
            (self.on_disk, self.held) = (on_disk, None);
        }
        let has = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needs = u32::try_from(bytes.div_ceil(UNIT).saturating_sub(has)).unwrap_or(u32::MAX);
        let of = if on_disk { &self.room.disk } else { &self.room.memory };
        let more = Arc::clone(of).try_acquire_many_owned(needs).map_err(|_| no_room())?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

fn no_room() -> ApiError {
    let detail = "too many large files are coming in at once; nothing was imported, send it again in a moment";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).after(5)
}
