//! Each guard of the database handle twice: what holds with it does not without it, every time.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use migration::DatabaseUrl;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use service::{
    Db, Error,
    db::{Fault, Guards, Options, Tx},
};
use tests::{
    battery::Room,
    database::{Engine, TestDatabase},
    invariant,
    proxy::{self, Proxy},
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

use super::{here, room, run};

/// A handle of its own.
pub(super) async fn open(url: &DatabaseUrl, change: impl FnOnce(&mut Options)) -> Db {
    let config = api::config::Config {
        database: url.clone(),
        pool_min: 1,
        pool_max: 1,
        ..api::config::Config::from_vars(std::collections::HashMap::new()).unwrap()
    };
    let mut options = config.database_options();
    change(&mut options);
    Db::connect(&options).await.unwrap()
}

/// A table to write to that no migration knows.
async fn with_notes(db: &Db) {
    db.connection().execute_unprepared("CREATE TABLE note (number INT NOT NULL, words TEXT)").await.unwrap();
}

/// Ends a handle and takes the table away, since the database is used again.
async fn without_notes(db: Db, url: &DatabaseUrl) {
    db.close().await.unwrap();
    let beside = invariant::connect(url).await;
    beside.execute_unprepared("DROP TABLE note").await.unwrap();
    beside.close().await.unwrap();
}

async fn note(db: &impl ConnectionTrait, number: u32, length: usize) -> u64 {
    let words = "x".repeat(length);
    db.execute_unprepared(&format!("INSERT INTO note VALUES ({number}, '{words}')")).await.unwrap().rows_affected()
}

/// Whether somebody else finds the note.
async fn is_there(url: &DatabaseUrl, number: u32) -> bool {
    let beside = invariant::connect(url).await;
    let found = invariant::count(&beside, &format!("SELECT COUNT(*) FROM note WHERE number = {number}")).await;
    beside.close().await.unwrap();
    found == 1
}

/// Gives up on a unit whose BEGIN is on its way, as a handler does whose client hangs up, and then writes one statement.
/// Whether what was acknowledged is there.
fn keeps_a_write_after_a_begin_given_up(guards: Guards) -> bool {
    let database = TestDatabase::create();
    let proxy = Proxy::before(&database.url);
    run(async {
        let db = open(&proxy.url, |options| options.guards = guards).await;
        with_notes(&db).await;
        proxy.set(proxy::Fault::Hold(b"BEGIN"));
        let held = proxy.holds();
        tokio::select! {
            done = db.write(|_| async { Ok(()) }) => panic!("not held: {done:?}"),
            () = held => {}
        }
        proxy.set(proxy::Fault::None);
        assert_eq!(note(db.connection(), 1, 1).await, 1, "not acknowledged");
        db.connection().ping().await.expect("a ping notices nothing");
        let kept = is_there(&database.url, 1).await;
        without_notes(db, &database.url).await;
        kept
    })
}

#[test]
fn f1_a_begin_that_is_given_up_loses_no_later_write() {
    if !here(Engine::Postgres, "SQLite has no round trip to give up on") {
        return;
    }
    let all = Guards::default();
    assert!(keeps_a_write_after_a_begin_given_up(all));
    assert!(keeps_a_write_after_a_begin_given_up(Guards { detached: false, ..all }));
    assert!(keeps_a_write_after_a_begin_given_up(Guards { tidied: false, ..all }));
    let kept = keeps_a_write_after_a_begin_given_up(Guards { detached: false, tidied: false, ..all });
    assert!(!kept, "kept without both guards: are they still needed?");
}

/// Fills the disk under a commit, gives the room back, undoes another transaction and writes. Whether that write is
/// there.
async fn keeps_a_write_after_a_full_disk(url: &DatabaseUrl, room: &Room, guards: Guards) -> bool {
    let db = open(url, |options| options.guards = guards).await;
    with_notes(&db).await;
    let writer = db.connection();
    room.fill();
    let tx = writer.begin().await.unwrap();
    note(&tx, 1, 200_000).await;
    assert!(tx.commit().await.is_err(), "200 kB fitted on a full disk");
    room.free();
    let tx = writer.begin().await.unwrap();
    note(&tx, 2, 1).await;
    tx.rollback().await.unwrap();
    assert_eq!(note(writer, 3, 1).await, 1, "not acknowledged");
    let kept = is_there(url, 3).await;
    db.close().await.unwrap();
    kept
}

#[test]
fn f2_a_full_disk_loses_no_later_write() {
    let Some(room) = room() else { return };
    let file = |name: &str| DatabaseUrl::file(room.path().join(name));
    let all = Guards::default();
    assert!(run(keeps_a_write_after_a_full_disk(&file("with.db"), &room, all)));
    let kept = run(keeps_a_write_after_a_full_disk(&file("without.db"), &room, Guards { tidied: false, ..all }));
    assert!(!kept, "kept without the guard: is it still needed?");
}

/// Where units wait for each other, but not for ever.
pub(super) struct Meeting {
    inside: AtomicUsize,
}

impl Meeting {
    pub(super) const fn new() -> Self {
        Self { inside: AtomicUsize::new(0) }
    }

    /// Nobody is inside any more.
    pub(super) fn end(&self) {
        self.inside.store(0, Ordering::SeqCst);
    }

    /// Until `all` came, or the time is over.
    pub(super) async fn of(&self, all: usize, within: Duration) {
        let begun = Instant::now();
        self.inside.fetch_add(1, Ordering::SeqCst);
        while self.inside.load(Ordering::SeqCst) < all && begun.elapsed() < within {
            tokio::task::yield_now().await;
        }
    }
}

/// The number in the only row.
async fn number_in(tx: &Tx) -> Result<i64, Error> {
    let read = Statement::from_string(tx.get_database_backend(), "SELECT number FROM note");
    let number: i32 = tx.query_one_raw(read).await?.ok_or(Error::NotFound)?.try_get_by_index(0)?;
    Ok(number.into())
}

/// Eight units read the same row, meet, and write it. How many failed, and the number in the row then.
async fn eight_units_meet(url: &DatabaseUrl, guards: Guards, within: Duration) -> (usize, i64) {
    let db = open(url, |options| (options.guards, options.max_connections) = (guards, 8)).await;
    with_notes(&db).await;
    note(db.connection(), 0, 1).await;
    let meeting = Arc::new(Meeting::new());
    let mut units = JoinSet::new();
    for _ in 0..8 {
        let (db, meeting) = (db.clone(), Arc::clone(&meeting));
        units.spawn(async move {
            let unit = move |tx: Tx| async move {
                let number = number_in(&tx).await?;
                meeting.of(8, within).await;
                tx.execute_unprepared(&format!("UPDATE note SET number = {}", number + 1)).await?;
                Ok(())
            };
            db.write(unit).await
        });
    }
    let failed = units.join_all().await.into_iter().filter(Result::is_err).count();
    let beside = invariant::connect(url).await;
    let number = invariant::count(&beside, "SELECT CAST(number AS BIGINT) FROM note").await;
    beside.close().await.unwrap();
    without_notes(db, url).await;
    (failed, number)
}

#[test]
fn f5_units_that_read_and_then_write_the_same_row_all_succeed() {
    let database = TestDatabase::on_disk();
    let all = Guards::default();
    // The first ones wait in vain: with the guard only one is inside at a time on SQLite.
    assert_eq!(run(eight_units_meet(&database.url, all, Duration::from_millis(30))), (0, 8));
    let without = Guards { in_turn: false, retried: false, ..all };
    let (failed, number) = run(eight_units_meet(&database.url, without, Duration::from_secs(10)));
    assert_eq!((failed, number), (7, 1), "more than one succeeded without the guards: are they still needed?");
}

/// What PostgreSQL has to think about.
const LONG: &str = "SELECT COUNT(*) FROM generate_series(1, 200000)";

/// Lets a worker open the only connection and then compute without a pause. Whether another worker's unit comes to its
/// end meanwhile.
fn goes_on_beside_a_busy_worker(guards: Guards) -> bool {
    let database = TestDatabase::create();
    let main = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let worker = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = main.block_on(async {
        let db = open(&database.url, |options| options.guards = guards).await;
        // Whoever needs the next one opens it: once the last one is gone, which is waited for, five seconds at most.
        let ours = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'colloquium'";
        let beside = invariant::connect(&database.url).await;
        beside.execute_unprepared(ours).await.unwrap();
        beside.close().await.unwrap();
        db
    });
    // An answer that is there by the first look needs no runtime; whether a quick one is, is up to the scheduler.
    let one = || db.write(|tx| async move { Ok(tx.execute_unprepared(LONG).await?.rows_affected()) });
    let (busy, over) = (Barrier::new(2), Barrier::new(2));
    let went_on = std::thread::scope(|scope| {
        scope.spawn(|| {
            worker().block_on(async {
                one().await.unwrap();
                while db.pools()[0].idle == 0 {
                    tokio::task::yield_now().await;
                }
                busy.wait();
                over.wait();
            });
        });
        busy.wait();
        let went_on =
            worker().block_on(async { timeout(Duration::from_secs(1), one()).await.is_ok_and(|done| done.is_ok()) });
        over.wait();
        went_on
    });
    main.block_on(db.close()).unwrap();
    went_on
}

#[test]
fn f6_a_busy_worker_holds_up_no_other() {
    if !here(Engine::Postgres, "SQLite's connections have threads of their own") {
        return;
    }
    assert!(goes_on_beside_a_busy_worker(Guards::default()));
    let without = goes_on_beside_a_busy_worker(Guards { detached: false, ..Guards::default() });
    assert!(!without, "went on without the guard: is it still needed?");
}

/// How long a silence goes on at most until the pool has given up its connection.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(4);

/// What became of a unit whose server fell silent in its middle, and whether the pool's only connection serves once the
/// server answers again; how often the pool was replaced.
fn after_a_silence(guards: Guards) -> (Option<Result<u64, Error>>, bool, u64) {
    let database = TestDatabase::create();
    let proxy = Proxy::before(&database.url);
    run(async {
        let db = open(&proxy.url, |options| {
            (options.guards, options.acquire_timeout) = (guards, Duration::from_secs(1));
        })
        .await;
        let proxy = Arc::new(proxy);
        let in_unit = Arc::clone(&proxy);
        let unit = db.write(|tx| async move {
            tx.execute_unprepared("SELECT 1").await?;
            in_unit.set(proxy::Fault::Silence);
            Ok(tx.execute_unprepared("SELECT 1").await?.rows_affected())
        });
        let became = timeout(Duration::from_secs(2), unit).await.ok();
        // Nobody asks meanwhile: the pool alone could open another one, and wait for it.
        let begun = Instant::now();
        while guards.watched && db.pools()[0].size > 0 && begun.elapsed() < GIVEN_UP_WITHIN {
            tokio::task::yield_now().await;
        }
        proxy.set(proxy::Fault::None);
        let begun = Instant::now();
        let mut serves = false;
        while !serves && begun.elapsed() < Duration::from_secs(4) {
            serves = db.probe().await.is_ok();
        }
        (became, serves, db.replaced())
    })
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for() {
    if !here(Engine::Postgres, "SQLite has no peer") {
        return;
    }
    let (became, serves, replaced) = after_a_silence(Guards::default());
    assert!(matches!(became, Some(Err(Error::Database(Fault::Unavailable, _)))), "{became:?}");
    assert!(serves, "the connection's place in the pool is lost");
    assert_eq!(replaced, 1, "a place may be lost where nobody notices it yet");
    let (became, serves, _) = after_a_silence(Guards { watched: false, ..Guards::default() });
    assert!(became.is_none() && !serves, "recovered without the guard: is it still needed? {became:?} {serves}");
}

/// Which connection of the server's this is.
const OWN_PID: &str = "SELECT pg_backend_pid()::bigint";

#[test]
fn a_connection_is_used_until_its_lifetime_is_over() {
    if !here(Engine::Postgres, "nothing is gained by replacing a connection to a file") {
        return;
    }
    let database = TestDatabase::create();
    let pids = |lifetime| {
        run(async {
            let db = open(&database.url, |options| options.max_lifetime = lifetime).await;
            let mut pids = Vec::new();
            for _ in 0..3 {
                let asks = db.read(|db| async move { Ok(invariant::count(&db, OWN_PID).await) });
                pids.push(asks.await.unwrap());
            }
            db.close().await.unwrap();
            pids.dedup();
            pids.len()
        })
    };
    assert_eq!(pids(Duration::from_secs(60)), 1);
    assert_eq!(pids(Duration::ZERO), 3);
}

#[test]
fn whoever_is_in_the_middle_of_something_goes_before_those_who_just_came() {
    let database = TestDatabase::create();
    run(async {
        let db = open(&database.url, |_| {}).await;
        let (held, order) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(Vec::new())));
        let holds = Arc::clone(&held);
        let mut units = JoinSet::new();
        let first = db.clone();
        units.spawn(async move {
            let until_let_go = |_| async move { holds.acquire().await.map(drop).map_err(|_| Error::NotFound) };
            first.read(until_let_go).await
        });
        let gates = || db.pools().into_iter().map(|pool| pool.gate);
        while gates().all(|gate| gate.acquired == 0) {
            tokio::task::yield_now().await;
        }
        for (waiting, who) in ["newcomer", "newcomer", "newcomer", "inside"].into_iter().enumerate() {
            let (db, order) = (db.clone(), Arc::clone(&order));
            units.spawn(async move {
                let notes = move |_| async move {
                    order.lock().unwrap().push(who);
                    Ok(())
                };
                if who == "inside" { db.read(notes).await } else { db.admit(notes).await }
            });
            while gates().map(|gate| gate.waiting).sum::<u64>() <= waiting as u64 {
                tokio::task::yield_now().await;
            }
        }
        held.add_permits(1);
        assert!(units.join_all().await.into_iter().all(|unit| unit.is_ok()));
        assert_eq!(*order.lock().unwrap(), ["newcomer", "inside", "newcomer", "newcomer"]);
        db.close().await.unwrap();
    });
}

/// Loses the pool's only connection without a trace, and asks until the pool serves again; how often it was replaced.
fn replaced_when_lost(guards: Guards) -> Option<u64> {
    let database = TestDatabase::create();
    run(async {
        let db = open(&database.url, |options| {
            let soon = Duration::from_millis(200);
            (options.guards, options.acquire_timeout, options.replace_after) = (guards, soon, 2 * soon);
        })
        .await;
        std::mem::forget(db.connection().begin().await.unwrap());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            if db.probe().await.is_ok() {
                let said = api::metrics::Metrics::default().text(&db, None, &api::importing::Queue::new(2), 0);
                assert!(said.contains(&format!("\ncolloquium_pools_replaced_total {}\n", db.replaced())), "{said}");
                return Some(db.replaced());
            }
        }
        None
    })
}

#[test]
fn a_pool_that_cannot_recover_is_replaced() {
    if !here(Engine::Postgres, "a SQLite file's connections do not get lost") {
        return;
    }
    assert_eq!(replaced_when_lost(Guards::default()), Some(1));
    assert_eq!(replaced_when_lost(Guards { watched: false, ..Guards::default() }), None);
}
