//! `Db`, the one shared connection handle.
//!
//! Only this file begins transactions. Every unit of work runs as a task of its own on the runtime that owns the
//! connections, so a caller who goes away can neither cut it in half nor leave a connection inside a transaction.

mod fault;
mod gate;
mod guards;
mod listen;
mod metrics;
mod pool;
mod seam;
mod watch;

use std::{
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::{Arc, OnceLock, RwLock, atomic::Ordering},
    time::{Duration, Instant},
};

use entity::Moment;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::{runtime::Handle, sync::watch::Sender};
use tracing::{Instrument, Span, info, warn};

pub use fault::{Fault, code_of, fault_of};
pub use gate::GateCount;
pub use guards::Guards;
pub(crate) use listen::CHANNEL;
pub use metrics::{Meter, PoolCount, StatementCount};
pub use pool::{Options, Target};
pub use seam::{Break, Saboteur};

use self::{
    gate::{Gate, Who},
    pool::Pools,
    watch::Watch,
};
use crate::{Actor, Error, Mishap, Result, idempotency, session};

/// How often a unit of work is tried when others are in its way.
const ATTEMPTS: u32 = 10;

/// For how long it is tried again: each attempt may wait for a lock by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a close waits for connections still in use.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// The shared handle. Cloning it is cheap and shares the same connections.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    /// As they were opened.
    first: Pools,
    /// In use now: the first ones, or what replaced them.
    pools: RwLock<Pools>,
    watch: Watch,
    write_gate: Arc<Gate>,
    read_gate: Arc<Gate>,
    runtime: Handle,
    meter: Arc<Meter>,
    /// Changes when a unit in turn was committed, here or by another server.
    committed: Sender<()>,
    /// What says what time it is; none for a program that does one thing and ends.
    clock: OnceLock<Clock>,
}

/// Says what time it is.
type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

tokio::task_local! {
    /// The clock of the handle that runs this unit of work.
    static CLOCK: Option<Clock>;
}

/// The moment now, in a unit of work of a handle that has a clock. Only for the places in a feed: whatever a request
/// writes has the moment that came in with its actor.
pub(crate) fn now() -> Option<Moment> {
    CLOCK.try_with(|clock| clock.as_ref().map(|clock| clock())).ok().flatten()
}

/// The transaction a unit of work runs in. Use it as a connection: `&*tx`.
pub struct Tx(Arc<DatabaseTransaction>);

impl Deref for Tx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// What a unit of work under an idempotency key came to.
#[derive(Debug, Clone, Copy)]
pub struct Once<T> {
    /// What was made.
    pub value: T,
    /// Whether it was made by an earlier request with the same key.
    pub replayed: bool,
}

impl Db {
    /// Opens the connections that `options` describes. They belong to the tokio runtime this is called on.
    ///
    /// # Errors
    /// [`Error::Database`] when the database cannot be reached; the error never holds the password.
    pub async fn connect(options: &Options) -> Result<Self> {
        let meter = Arc::new(Meter::new(options.slow_statement));
        let first = pool::open(options, &meter).await?;
        let (pools, watch) = (RwLock::new(first.clone()), Watch::default());
        let (write_gate, read_gate) = pool::gates(options);
        let (options, runtime) = (options.clone(), Handle::current());
        let committed = Sender::new(());
        let clock = OnceLock::new();
        let inner = Inner { options, first, pools, watch, write_gate, read_gate, runtime, meter, committed, clock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Gives the handle its clock, by which changes get their places in the feeds; the first one stays.
    pub fn keep_time(&self, clock: impl Fn() -> Moment + Send + Sync + 'static) {
        self.inner.clock.get_or_init(|| Arc::new(clock));
    }

    /// Runs a unit of work in one transaction: all of it or nothing.
    ///
    /// It goes on when the caller stops waiting. It is tried again, whole, when another unit was in its way, so it must
    /// do nothing but talk to the database.
    ///
    /// # Errors
    /// What `unit` returns, after a rollback that is always logged; [`Error::Database`] when it cannot be committed.
    pub async fn write<T, F, Fut>(&self, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.unit(IsolationLevel::RepeatableRead, unit).await
    }

    /// Like [`Db::write`], for a row that many people change at once, such as an invitation that a whole class uses:
    /// on PostgreSQL units wait for each other there, where `write` would refuse all but one and try them again.
    ///
    /// Only for units whose statements themselves see to it that no update is lost: by a condition in the `UPDATE`, a
    /// unique index, or a lock on what was read.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_in_turn<T, F, Fut>(&self, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.unit(IsolationLevel::ReadCommitted, unit).await
    }

    /// Like [`Db::write`], for somebody: nothing is done when the account or the credential that the request came with
    /// was ended meanwhile.
    ///
    /// # Errors
    /// As [`Db::write`]; [`Error::Rejected`].
    pub async fn write_as<T, F, Fut>(&self, actor: &Actor, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.write(held(actor, unit)).await
    }

    /// [`Db::write_as`] as a unit of [`Db::write_in_turn`].
    ///
    /// # Errors
    /// As [`Db::write_as`].
    pub async fn write_in_turn_as<T, F, Fut>(&self, actor: &Actor, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.write_in_turn(held(actor, unit)).await
    }

    async fn unit<T, F, Fut>(&self, isolation: IsolationLevel, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.detached(async move {
            let begin = Instant::now();
            let attempts = if inner.options.guards.retried { ATTEMPTS } else { 1 };
            for attempt in 1..attempts {
                match inner.write_gate.pass(Who::Inside, inner.attempt(isolation, unit.clone())).await {
                    Err(error) if error.may_be_retried() && begin.elapsed() < PATIENCE => {
                        inner.meter.retried.fetch_add(1, Ordering::Relaxed);
                        pause(attempt).await;
                    }
                    result => return result,
                }
            }
            inner.write_gate.pass(Who::Inside, inner.attempt(isolation, unit)).await
        })
        .await
    }

    /// Runs a unit of work once for the actor's idempotency key, if there is one: a second request with the same key
    /// gets the first one's outcome.
    ///
    /// # Errors
    /// As [`Db::write`]; [`Error::KeyReused`] when the key came with another request before.
    pub async fn once<T, F, Fut>(&self, actor: &Actor, unit: F) -> Result<Once<T>>
    where
        T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.write(once(actor, unit)).await
    }

    /// [`Db::once`] as a unit of [`Db::write_in_turn`].
    ///
    /// # Errors
    /// As [`Db::once`].
    pub async fn once_in_turn<T, F, Fut>(&self, actor: &Actor, unit: F) -> Result<Once<T>>
    where
        T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
        F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.write_in_turn(once(actor, unit)).await
    }

    /// Runs queries on a connection that never takes a write lock.
    ///
    /// # Errors
    /// What `queries` returns.
    pub async fn read<T, F, Fut>(&self, queries: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(DatabaseConnection) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.read_by(Who::Inside, queries).await
    }

    /// Like [`Db::read`], for somebody who has just come: whoever is in the middle of something goes first.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn admit<T, F, Fut>(&self, queries: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(DatabaseConnection) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        self.read_by(Who::Newcomer, queries).await
    }

    async fn read_by<T, F, Fut>(&self, who: Who, queries: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(DatabaseConnection) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.detached(async move { inner.read_gate.pass(who, queries(inner.pools().reader)).await }).await
    }

    /// Runs a real transaction and undoes it: a bare ping says yes on a connection that would lose what it is given.
    ///
    /// # Errors
    /// [`Error::Database`] when the database does not answer.
    #[expect(clippy::disallowed_methods, reason = "the one file that begins transactions")]
    pub async fn probe(&self) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        self.detached(async move {
            let probing = async {
                let tx = inner.pools().reader.begin().await?;
                tx.execute_unprepared("SELECT 1").await?;
                Ok(tx.rollback().await?)
            };
            inner.read_gate.pass(Who::Inside, probing).await
        })
        .await
    }

    /// How many statements ran since the handle was opened.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.inner.meter.total()
    }

    /// What was counted since the handle was opened.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.inner.meter
    }

    /// The connections of each pool.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolCount> {
        let Inner { write_gate, read_gate, .. } = &*self.inner;
        let Pools { writer, reader } = self.inner.pools();
        if Arc::ptr_eq(write_gate, read_gate) {
            vec![metrics::pool("all", &writer, write_gate)]
        } else {
            vec![metrics::pool("write", &writer, write_gate), metrics::pool("read", &reader, read_gate)]
        }
    }

    /// How often a pool that did not recover was replaced.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.inner.watch.replaced()
    }

    /// The connection that writes, as it was opened: for the migration runner of the in-memory database.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.inner.first.writer
    }

    /// Closes every connection, waiting at most five seconds for those in use.
    ///
    /// # Errors
    /// [`Error::Mishap`] when connections were still in use after that.
    pub async fn close(&self) -> Result<()> {
        let Pools { writer, reader } = self.inner.pools();
        let both = async {
            reader.close_by_ref().await?;
            writer.close_by_ref().await
        };
        match tokio::time::timeout(CLOSE_WITHIN, both).await {
            Ok(closed) => Ok(closed?),
            Err(_) => Err(Error::Mishap(Mishap::CloseTimedOut)),
        }
    }

    /// Runs `work` as a task of the runtime that owns the connections, to its end whatever the caller does; only a
    /// server that fell silent ends it, see [`watch`].
    async fn detached<T, Fut>(&self, work: Fut) -> Result<T>
    where
        T: Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let clock = self.inner.clock.get().cloned();
        let work = CLOCK.scope(clock, Arc::clone(&self.inner).watched(work));
        let work = Box::pin(work.instrument(Span::current()));
        if !self.inner.options.guards.detached {
            return work.await;
        }
        match self.inner.runtime.spawn(work).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(Error::Mishap(Mishap::UnitPanicked)),
            Err(_) => Err(Error::Mishap(Mishap::Stopping)),
        }
    }
}

impl Inner {
    #[expect(clippy::disallowed_methods, reason = "the one file that begins transactions")]
    async fn attempt<T, F, Fut>(&self, isolation: IsolationLevel, unit: F) -> Result<T>
    where
        F: FnOnce(Tx) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let writer = self.pools().writer;
        let tx = Arc::new(writer.begin_with_options(self.begin(isolation)).await?);
        let saboteur = &self.options.saboteur;
        let worked = async {
            saboteur.pass()?;
            let value = unit(Tx(Arc::clone(&tx))).await?;
            saboteur.pass().map(|()| value)
        };
        let result = worked.await;
        let tx = Arc::try_unwrap(tx).map_err(|_| Error::Mishap(Mishap::TransactionKept))?;
        match result {
            Ok(value) => match tx.commit().await {
                Ok(()) => {
                    if matches!(isolation, IsolationLevel::ReadCommitted) {
                        self.committed.send_replace(());
                    }
                    saboteur.pass().map(|()| value)
                }
                Err(error) => Err(not_committed(error)),
            },
            Err(error) => {
                self.meter.rolled_back.fetch_add(1, Ordering::Relaxed);
                roll_back(tx, &error).await;
                Err(error)
            }
        }
    }
}

impl Inner {
    /// Two units that change the same row never overwrite each other: on SQLite the second waits its turn (a
    /// transaction that starts as a reader and turns writer would fail instead), on PostgreSQL it is refused when it
    /// read what the first changed, and tried again, or waits for what the first leaves (see [`Db::write_in_turn`]).
    fn begin(&self, isolation: IsolationLevel) -> TransactionOptions {
        match self.options.target {
            Target::Postgres(_) => TransactionOptions { isolation_level: Some(isolation), ..Default::default() },
            _ => TransactionOptions {
                sqlite_transaction_mode: self.options.guards.in_turn.then_some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
        }
    }
}

/// `unit`, done if the actor's account and credential still hold.
fn held<T, F, Fut>(
    actor: &Actor,
    unit: F,
) -> impl FnOnce(Tx) -> Pin<Box<dyn Future<Output = Result<T>> + Send>> + Clone + Send + use<T, F, Fut>
where
    T: Send + 'static,
    F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    let actor = actor.clone();
    move |tx| {
        Box::pin(async move {
            session::still_holds(&*tx, &actor).await?;
            unit(tx).await
        })
    }
}

/// `unit`, done once for the actor's idempotency key, if there is one.
fn once<T, F, Fut>(
    actor: &Actor,
    unit: F,
) -> impl FnOnce(Tx) -> Pin<Box<dyn Future<Output = Result<Once<T>>> + Send>> + Clone + Send + use<T, F, Fut>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
    F: FnOnce(Tx) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    let actor = actor.clone();
    move |tx| {
        Box::pin(async move {
            session::still_holds(&*tx, &actor).await?;
            let Some(key) = actor.once.clone() else {
                return Ok(Once { value: unit(tx).await?, replayed: false });
            };
            let shared = Tx(Arc::clone(&tx.0));
            match idempotency::claim(&*tx, &actor, &key).await? {
                idempotency::Claim::Replay(outcome) => Ok(Once { value: outcome, replayed: true }),
                idempotency::Claim::New(row) => {
                    let value = unit(shared).await?;
                    idempotency::settle(&*tx, row, &value).await?;
                    Ok(Once { value, replayed: false })
                }
            }
        })
    }
}

/// A COMMIT whose answer was lost may have been done: nobody is told that it was not.
fn not_committed(error: DbErr) -> Error {
    let fault = fault_of(&error);
    warn!(?fault, "commit failed");
    match fault {
        Fault::Unavailable | Fault::Other => Error::OutcomeUnknown,
        _ => error.into(),
    }
}

async fn roll_back(tx: DatabaseTransaction, cause: &Error) {
    let undone: std::result::Result<(), DbErr> = tx.rollback().await;
    // The class of the cause, not its text: a database may quote a row in its message.
    match undone {
        Ok(()) if cause.is_refusal() => info!(cause = cause.name(), "rolled back"),
        Ok(()) => warn!(cause = cause.name(), "rolled back"),
        Err(error) => warn!(cause = cause.name(), fault = ?fault_of(&error), "rollback failed"),
    }
}

/// Waits a little longer, and less predictably, each time.
async fn pause(attempt: u32) {
    let mut byte = [0_u8; 1];
    if getrandom::fill(&mut byte).is_err() {
        byte = [128];
    }
    let base = 5_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(base + base * u64::from(byte[0]) / 255)).await;
}
