//! Imports go on after the request that asked for them: they queue up, are read a few at a time, and say how they stand.

mod queue;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use service::{
    Actor, Error, Mishap,
    entity::ImportId,
    import::{self, Begun, Report, Request, SAID_EVERY, Standing},
    transcript::Piece,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tracing::{Instrument, Span, warn};

pub use self::queue::{Queue, Turn};
use crate::{
    answer::Result,
    error::ApiError,
    spool::{Slice, Spooled},
    state::State,
};

/// How often what changed about an import is written down.
const NOTED_EVERY: Duration = Duration::from_secs(1);

/// What an import came to.
type Outcome = Option<Result<Report, ApiError>>;

/// What this server imports.
#[derive(Debug)]
pub struct Importing {
    /// Who reads and who waits.
    pub queue: Arc<Queue>,
    /// Those that have not ended, and where they will say what came of them.
    under_way: Mutex<HashMap<ImportId, watch::Receiver<Outcome>>>,
}

/// What is known of an import when its sender is answered.
pub enum Answered {
    /// It has ended.
    Now {
        /// What it did.
        report: Report,
        /// The request was answered before.
        replayed: bool,
    },
    /// It goes on.
    Later(ImportId),
}

/// An import that this server has; it has it no more once this is dropped.
struct Entered {
    importing: Arc<Importing>,
    id: ImportId,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.importing.under_way().remove(&self.id);
    }
}

impl Importing {
    /// So many are read at once.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { queue: Queue::new(slots), under_way: Mutex::default() }
    }

    fn enter(self: &Arc<Self>, id: ImportId, outcome: watch::Receiver<Outcome>) -> Entered {
        self.under_way().insert(id, outcome);
        Entered { importing: Arc::clone(self), id }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<ImportId, watch::Receiver<Outcome>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Imports what was received, and waits a while for the end of it. What is to be kept until then is dropped after it.
///
/// # Errors
/// Those of the import, if it ends in time; 503 when too many wait.
pub async fn import(
    state: &State,
    actor: Actor,
    request: Request,
    pieces: Vec<Piece<Slice>>,
    keep: impl Send + 'static,
) -> Result<Answered> {
    let turn = state.importing.queue.enter(actor.user)?;
    let (sender, receiver) = watch::channel(None);
    // Known here before anybody can find it in the database.
    let new = state.importing.enter(ImportId::new(), receiver.clone());
    let (id, replayed) = match import::begin(&state.db, &actor, &request, new.id).await? {
        Begun::Reported(report) => return Ok(Answered::Now { report, replayed: true }),
        Begun::UnderWay(id) => {
            // Or the import that this one waits for might wait behind it.
            drop(turn);
            (id, true)
        }
        Begun::Open(id) => {
            let entered = if id == new.id { new } else { state.importing.enter(id, receiver) };
            let work = Work { state: state.clone(), actor: actor.clone(), id, turn };
            // To its end, whatever becomes of the connection.
            let work = work.run(request, pieces, sender);
            let work = async move {
                work.await;
                drop((entered, keep));
            };
            tokio::spawn(work.instrument(Span::current()));
            (id, false)
        }
    };
    let entered = state.importing.under_way().get(&id).cloned();
    let Some(mut receiver) = entered else {
        // Another server has it, or it has ended since.
        let past = import::show(&state.db, &actor, id).await?;
        return Ok(past.report.map_or(Answered::Later(id), |report| Answered::Now { report, replayed: true }));
    };
    let Ok(ended) = timeout(state.limits.import_answer, receiver.wait_for(Option::is_some)).await else {
        return Ok(Answered::Later(id));
    };
    let outcome = ended.ok().and_then(|outcome| outcome.clone()).unwrap_or_else(|| Err(ApiError::internal()));
    let refused = outcome.as_ref().map_or(true, Report::is_empty);
    if refused && !replayed {
        // Its sender learns it now, and may try again with the same key.
        forget(state, &actor, id).await;
    }
    let mut report = outcome?;
    report.id = report.id.filter(|_| !refused);
    Ok(Answered::Now { report, replayed })
}

/// Forgets an import that brought nothing in.
async fn forget(state: &State, actor: &Actor, id: ImportId) {
    if let Err(error) = import::drop_empty(&state.db, actor, id).await {
        warn!(cause = error.name(), "an import that brought nothing in was not forgotten");
    }
}

/// Says what is in what was received; nothing is stored. Waits for its turn, if that comes soon.
///
/// # Errors
/// Those of reading it; 503 when it is not its turn in time.
pub async fn rehearse(state: &State, actor: &Actor, request: Request, spooled: &Spooled) -> Result<Report> {
    let mut turn = state.importing.queue.enter(actor.user)?;
    if timeout(state.limits.import_answer, turn.comes()).await.is_err() {
        return Err(queue::full(turn.place().unwrap_or(1)));
    }
    look(state, actor, request, spooled, turn).await
}

/// The same, for who has waited already.
///
/// # Errors
/// Those of reading it.
pub async fn look(state: &State, actor: &Actor, request: Request, spooled: &Spooled, turn: Turn) -> Result<Report> {
    let done = import::rehearse(&state.db, actor, request, spooled.pieces()).await;
    drop(turn);
    Ok(done.inspect_err(|error| state.metrics.import_broke(error))?)
}

/// An import that goes on by itself.
struct Work {
    state: State,
    actor: Actor,
    id: ImportId,
    turn: Turn,
}

impl Work {
    async fn run(self, request: Request, pieces: Vec<Piece<Slice>>, sender: watch::Sender<Outcome>) {
        let (state, id) = (self.state.clone(), self.id);
        let work = std::panic::AssertUnwindSafe(self.read(request, pieces)).catch_unwind();
        let done = work.await.unwrap_or(Err(Error::Mishap(Mishap::WorkPanicked)));
        let outcome = match done {
            Ok(report) => {
                state.metrics.imported([report.imported.len(), report.skipped.len(), report.failed.len()]);
                Ok(report)
            }
            Err(error) => {
                state.metrics.import_broke(&error);
                let error = ApiError::from(error);
                if let Err(unnoted) = import::fail(&state.db, id, error.code()).await {
                    warn!(cause = unnoted.name(), "the end of an import was not noted");
                }
                Err(error)
            }
        };
        sender.send_replace(Some(outcome));
    }

    /// Waits for its turn, reads, and notes all the while how it stands.
    async fn read(self, request: Request, pieces: Vec<Piece<Slice>>) -> service::Result<Report> {
        let Self { state, actor, id, mut turn } = self;
        let (standing, seen) = watch::channel(Standing { place: turn.place(), ..Standing::default() });
        let reading = async {
            while turn.place().is_some() {
                turn.moves().await;
                standing.send_modify(|standing| standing.place = turn.place());
            }
            import::run(&state.db, &actor, id, request, pieces, &standing).await
        };
        tokio::select! {
            done = reading => done,
            never = note(&state, id, seen) => match never {},
        }
    }
}

/// Writes down how an import stands: soon after it changed, and now and then so that all know it goes on.
async fn note(state: &State, id: ImportId, standing: watch::Receiver<Standing>) -> std::convert::Infallible {
    let mut ticks = interval(NOTED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut noted = None;
    let mut silent = Duration::ZERO;
    // At once is too early: most imports end before there is anything to say.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        silent += NOTED_EVERY;
        let now = *standing.borrow();
        if noted != Some(now) || silent >= SAID_EVERY {
            match import::note(&state.db, id, now, state.clock.now()).await {
                Ok(()) => (noted, silent) = (Some(now), Duration::ZERO),
                Err(error) => warn!(cause = error.name(), "how an import stands was not noted"),
            }
        }
    }
}
