//! Who may read an import now, and who waits: a few at a time, one of each account, and nobody's many before somebody
//! else's first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use service::entity::UserId;
use tokio::sync::watch;

use crate::error::ApiError;

/// How many of one account may be in the queue.
const MOST_EACH: usize = 20;
/// How many may be in the queue.
const MOST: usize = 500;

/// Those who read and those who wait.
#[derive(Debug)]
pub struct Queue {
    slots: usize,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    next: u64,
    /// In the order they came.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    who: UserId,
    /// How many of the same account were there when it came; it keeps that, or it would overtake somebody's first as soon
    /// as its own first is done.
    rank: usize,
    /// How many go before it and itself; 0 once it is its turn.
    place: watch::Sender<usize>,
}

impl Entry {
    fn reads(&self) -> bool {
        *self.place.borrow() == 0
    }
}

/// A place in the queue, given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    queue: Arc<Queue>,
    number: u64,
    place: watch::Receiver<usize>,
}

impl Queue {
    /// A queue before so many slots.
    #[must_use]
    pub fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self { slots, line: Mutex::default() })
    }

    /// Queues up.
    ///
    /// # Errors
    /// 503 when too many wait already, of this account or of all.
    pub fn enter(self: &Arc<Self>, who: UserId) -> Result<Turn, ApiError> {
        let mut line = self.line();
        let mine = line.entries.iter().filter(|entry| entry.who == who).count();
        if mine >= MOST_EACH || line.entries.len() >= MOST {
            return Err(full(line.entries.len()));
        }
        let number = line.next;
        line.next = line.next.saturating_add(1);
        let (sender, place) = watch::channel(usize::MAX);
        line.entries.push(Entry { number, who, rank: mine, place: sender });
        line.advance(self.slots);
        Ok(Turn { queue: Arc::clone(self), number, place })
    }

    /// How many are read, and how many wait.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let line = self.line();
        let read = line.entries.iter().filter(|entry| entry.reads()).count();
        (read, line.entries.len() - read)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to who finds too many before them.
pub(super) fn full(waiting: usize) -> ApiError {
    let detail = format!("{waiting} imports go before this one; nothing was imported, send it again in a moment");
    ApiError::new(actix_web::http::StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).after(10)
}

impl Line {
    /// Lets read who may, and tells the others their places.
    fn advance(&mut self, slots: usize) {
        let mut reading = self.entries.iter().filter(|entry| entry.reads()).count();
        let mut place = 0;
        for index in self.order() {
            let Some(entry) = self.entries.get(index) else { continue };
            let reads_already = self.entries.iter().any(|other| other.who == entry.who && other.reads());
            if reading < slots && !reads_already {
                reading += 1;
                entry.place.send_replace(0);
            } else {
                place += 1;
                entry.place.send_if_modified(|old| std::mem::replace(old, place) != place);
            }
        }
    }

    /// Those who wait, in the order they are let in: first each account's first, then each one's second.
    fn order(&self) -> Vec<usize> {
        let waiting = self.entries.iter().enumerate().filter(|(_, entry)| !entry.reads());
        let mut order: Vec<(usize, usize)> = waiting.map(|(index, entry)| (entry.rank, index)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, index)| index).collect()
    }
}

impl Turn {
    /// How many go before and oneself; none once it is one's turn.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        Some(*self.place.borrow()).filter(|place| *place > 0)
    }

    /// Where the same can be read.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.place.clone()
    }

    /// Waits until the place changes.
    pub async fn moves(&mut self) {
        // The sender is in the queue as long as this is.
        self.place.changed().await.ok();
    }

    /// Waits until it is one's turn.
    pub async fn comes(&mut self) {
        self.place.wait_for(|place| *place == 0).await.ok();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut line = self.queue.line();
        line.entries.retain(|entry| entry.number != self.number);
        line.advance(self.queue.slots);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(turns: &[&Turn]) -> Vec<usize> {
        turns.iter().map(|turn| turn.place().unwrap_or(0)).collect()
    }

    #[test]
    fn one_account_never_reads_two_and_nobody_waits_behind_the_many_of_another() {
        let queue = Queue::new(2);
        let [ana, ben, cem] = [(); 3].map(|()| UserId::new());
        let enter = |who| queue.enter(who).unwrap();
        let (a1, a2, a3) = (enter(ana), enter(ana), enter(ana));
        assert_eq!(places(&[&a1, &a2, &a3]), [0, 1, 2]);
        // A slot is free for somebody else, though ana's wait.
        let (b1, b2) = (enter(ben), enter(ben));
        assert_eq!(places(&[&a1, &b1, &a2, &b2, &a3]), [0, 0, 1, 2, 3]);
        // Who comes with a first one goes before everybody's second.
        let c1 = enter(cem);
        assert_eq!(places(&[&c1, &a2, &b2, &a3]), [1, 2, 3, 4]);
        drop(a1);
        assert_eq!(places(&[&c1, &a2, &b2, &a3]), [0, 1, 2, 3]);
        drop(c1);
        assert_eq!(places(&[&a2, &b2, &a3]), [0, 1, 2]);
        // Who leaves lets the others move up.
        drop(b2);
        assert_eq!(places(&[&a3]), [1]);
        drop(a2);
        assert_eq!((places(&[&a3, &b1]), queue.counts()), (vec![0, 0], (2, 0)));
        drop((a3, b1));
        assert_eq!(queue.counts(), (0, 0));
    }

    #[test]
    fn nobody_fills_the_queue() {
        let queue = Queue::new(2);
        let ana = UserId::new();
        let mine: Vec<Turn> = (0..MOST_EACH).map(|_| queue.enter(ana).unwrap()).collect();
        assert_eq!(queue.enter(ana).unwrap_err().code(), "overloaded");
        let others: Vec<Turn> = (MOST_EACH..MOST).map(|_| queue.enter(UserId::new()).unwrap()).collect();
        assert_eq!(queue.enter(UserId::new()).unwrap_err().code(), "overloaded");
        drop(others);
        assert!(queue.enter(UserId::new()).is_ok() && queue.enter(ana).is_err());
        drop(mine);
        assert!(queue.enter(ana).is_ok());
    }
}
