//! Where a unit of work can break, for tests that break it there: one by one, until nothing is left to break.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Error, Mishap, Result};

/// How a unit of work breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// By a panic, at any seam: after BEGIN, after each statement, before COMMIT, after COMMIT.
    Panic,
    /// By an error, at the seams that are not a statement's own.
    Error,
}

/// Breaks units of work. Does nothing unless a test asks it to; no setting reaches it.
#[derive(Clone, Debug, Default)]
pub struct Saboteur(Arc<Mutex<Option<(u32, Break)>>>);

impl Saboteur {
    /// Breaks the next unit that comes to the seam after so many others, once.
    pub fn after(&self, seams: u32, how: Break) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((seams, how));
    }

    /// Breaks nothing any more. Whether something was still to be broken: there are fewer seams than that.
    #[must_use]
    pub fn rest(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    /// A unit between two of its steps.
    pub(super) fn pass(&self) -> Result<()> {
        match self.strikes(|_| true) {
            Some(Break::Error) => Err(Error::Mishap(Mishap::Stored)),
            Some(Break::Panic) => panics(),
            None => Ok(()),
        }
    }

    /// A unit after one of its statements.
    pub(super) fn statement(&self) {
        if self.strikes(|how| how == Break::Panic).is_some() {
            panics()
        }
    }

    fn strikes(&self, here: impl Fn(Break) -> bool) -> Option<Break> {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *plan {
            Some((0, how)) if here(*how) => plan.take().map(|(_, how)| how),
            Some((left, how)) if here(*how) => {
                *left -= 1;
                None
            }
            _ => None,
        }
    }
}

/// What tests ask for, and nobody else can.
fn panics() -> ! {
    std::panic::resume_unwind(Box::new("sabotage"))
}
