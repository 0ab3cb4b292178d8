//! Who listens to which class, and what they are told: open streams, fed by one task for the whole server.
//!
//! A stream that waits holds no connection to the database and costs nothing. When something was committed, the task
//! reads what is new in all classes that are listened to, asks once for everybody whose answer is the same who hears
//! what, and puts it in the queues. A queue that is full belongs to a client that is too slow: its stream ends, and the
//! client reads on from where it was.

mod stream;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::web::Bytes;
use service::{
    Db, Error, Mishap, Result as Done,
    entity::{ClassId, SessionId, UserId, event},
    feed::{self, Hearing, Listener, Places},
    session::Credential,
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Interval, MissedTickBehavior, interval, sleep},
};
use tracing::warn;

pub use stream::body;

use crate::{
    error::ApiError,
    metrics::Metrics,
    state::{Clock, Draining},
    v1::feed::frame,
};

/// Streams that one person has open at most: a browser holds one for each class, and six connections to a server in all.
pub const STREAMS: usize = 5;
/// Batches of events that wait for one client at most.
const QUEUE: usize = 16;
/// How often it is looked whether those who listen still may: within five seconds they may not any more.
const SWEEP: Duration = Duration::from_secs(3);
/// After how many of those looks the sessions are noted as in use.
const NOTED: u32 = 100;
/// How long to wait where the database does not answer.
const AGAIN: Duration = Duration::from_millis(250);

/// An event as it is sent.
#[derive(Clone)]
pub struct Frame {
    seq: i64,
    text: Bytes,
}

/// Some events, in order, for everybody who hears just these.
type News = Arc<[Frame]>;

/// The open streams of this server.
pub struct Live {
    rooms: Mutex<Rooms>,
    metrics: Arc<Metrics>,
    draining: Draining,
}

#[derive(Default)]
struct Rooms {
    opened: u64,
    classes: BTreeMap<ClassId, Room>,
    people: BTreeMap<UserId, usize>,
}

/// Those who listen to a class.
struct Room {
    /// The last place that was read.
    last: i64,
    ears: BTreeMap<u64, Ear>,
}

struct Ear {
    who: Listener,
    queue: Sender<News>,
}

/// A place in a room, given up when it is dropped.
pub struct Seat {
    live: Arc<Live>,
    class: ClassId,
    id: u64,
    user: UserId,
    news: Receiver<News>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut rooms = self.live.rooms();
        rooms.leave(self.class, self.id);
        if let Some(streams) = rooms.people.get_mut(&self.user) {
            *streams = streams.saturating_sub(1);
            if *streams == 0 {
                rooms.people.remove(&self.user);
            }
        }
        self.live.metrics.stream_closed();
    }
}

impl Rooms {
    /// Whoever is taken out here hears that the stream is over.
    fn leave(&mut self, class: ClassId, id: u64) {
        if let Some(room) = self.classes.get_mut(&class) {
            room.ears.remove(&id);
            if room.ears.is_empty() {
                self.classes.remove(&class);
            }
        }
    }
}

impl Live {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, draining: Draining) -> Self {
        Self { rooms: Mutex::default(), metrics, draining }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody listen who may; `last` is the last place of the class's feed, whoever may know of it, read before.
    ///
    /// # Errors
    /// 429 for who has too many streams open; 503 when the server is being stopped.
    pub fn open(self: &Arc<Self>, who: Listener, last: i64) -> Result<Seat, ApiError> {
        let mut rooms = self.rooms();
        // Under the lock: whoever closes all streams finds this one, or it is not opened.
        if self.draining.begun() {
            return Err(Error::Mishap(Mishap::Stopping).into());
        }
        let streams = rooms.people.entry(who.user).or_default();
        if *streams >= STREAMS {
            return Err(ApiError::too_many_streams());
        }
        *streams += 1;
        rooms.opened += 1;
        let id = rooms.opened;
        let (queue, news) = mpsc::channel(QUEUE);
        let room = rooms.classes.entry(who.class).or_insert_with(|| Room { last, ears: BTreeMap::new() });
        room.ears.insert(id, Ear { who, queue });
        drop(rooms);
        self.metrics.stream_opened();
        Ok(Seat { live: Arc::clone(self), class: who.class, id, user: who.user, news })
    }

    /// Feeds the streams until the server is asked to stop; then it ends them all.
    pub async fn run(self: Arc<Self>, db: Db, clock: Clock) {
        tokio::select! {
            () = self.draining.wait() => {}
            () = db.listen() => {}
            () = self.feed(&db, &clock) => {}
        }
        self.rooms().classes.clear();
    }

    async fn feed(&self, db: &Db, clock: &Clock) {
        let mut committed = db.committed();
        let (mut look, mut sweep) = (every(db.look_every().unwrap_or(SWEEP)), every(SWEEP));
        let mut sweeps = 0_u32;
        loop {
            let done = tokio::select! {
                changed = committed.changed() => match changed {
                    Ok(()) => self.spread(db, clock).await,
                    Err(_) => return,
                },
                _ = look.tick(), if db.look_every().is_some() => self.spread(db, clock).await,
                _ = sweep.tick() => {
                    sweeps = sweeps.wrapping_add(1);
                    self.sweep(db, clock, sweeps.is_multiple_of(NOTED)).await
                }
            };
            if let Err(error) = done {
                warn!(cause = error.name(), "open streams were not told; trying again");
                sleep(AGAIN).await;
                committed.mark_changed();
            }
        }
    }

    /// Tells everybody what is new.
    async fn spread(&self, db: &Db, clock: &Clock) -> Done<()> {
        loop {
            let places: Vec<(ClassId, i64)> =
                self.rooms().classes.iter().map(|(class, room)| (*class, room.last)).collect();
            if places.is_empty() {
                return Ok(());
            }
            let news = feed::news(db, places).await?;
            if news.is_empty() {
                return Ok(());
            }
            for events in news.chunk_by(|one, next| one.class_id == next.class_id) {
                if let Some(class) = events.first().map(|event| event.class_id) {
                    self.tell(db, clock, class, events).await?;
                }
            }
        }
    }

    async fn tell(&self, db: &Db, clock: &Clock, class: ClassId, events: &[event::Model]) -> Done<()> {
        let listeners: Vec<UserId> = match self.rooms().classes.get(&class) {
            Some(room) => room.ears.values().map(|ear| ear.who.user).collect(),
            None => return Ok(()),
        };
        let hearing = feed::hearing(db, clock.now(), class, events.to_vec(), listeners).await?;
        let frames: Vec<Frame> =
            events.iter().map(|event| Frame { seq: event.seq, text: frame(event).into() }).collect();
        let mut rooms = self.rooms();
        let Some(room) = rooms.classes.get_mut(&class) else { return Ok(()) };
        room.last = events.last().map_or(room.last, |event| event.seq);
        let slow = deliver(room, &hearing, &frames);
        drop(rooms);
        self.metrics.streams_dropped(slow);
        Ok(())
    }

    /// Ends the streams of those who may not listen any more.
    async fn sweep(&self, db: &Db, clock: &Clock, noted: bool) -> Done<()> {
        let all: Vec<Listener> =
            self.rooms().classes.values().flat_map(|room| room.ears.values().map(|ear| ear.who)).collect();
        if all.is_empty() {
            return Ok(());
        }
        let ended = feed::ended(db, clock.now(), all.clone()).await?;
        if !ended.is_empty() {
            for room in self.rooms().classes.values_mut() {
                room.ears.retain(|_, ear| !ended.contains(&ear.who));
            }
        }
        if noted {
            let sessions = all.into_iter().filter(|who| !ended.contains(who)).filter_map(session).collect();
            feed::in_use(db, clock.now(), sessions).await?;
        }
        Ok(())
    }
}

fn session(who: Listener) -> Option<SessionId> {
    match who.credential {
        Credential::Session(id) => Some(id),
        Credential::ApiToken(..) => None,
    }
}

/// Puts into each queue what its owner hears; who is no member is shown out. How many were too slow.
fn deliver(room: &mut Room, hearing: &Hearing, frames: &[Frame]) -> u64 {
    let mut made: Vec<(Places, News)> = Vec::new();
    let mut slow = 0;
    room.ears.retain(|_, ear| {
        let Some(places) = hearing.of(ear.who.user) else { return false };
        let news = match made.iter().find(|(of, _)| Arc::ptr_eq(of, &places)) {
            Some((_, news)) => Arc::clone(news),
            None => {
                let heard = frames.iter().filter(|frame| places.binary_search(&frame.seq).is_ok()).cloned();
                let news: News = heard.collect();
                made.push((places, Arc::clone(&news)));
                news
            }
        };
        let sent = news.is_empty() || ear.queue.try_send(news).is_ok();
        slow += u64::from(!sent);
        sent
    });
    slow
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
