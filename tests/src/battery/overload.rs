//! More than the server can do (T34).

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
    probe::Probe,
};
use crate::{
    app::PASSWORD,
    database::{Engine, TestDatabase, engine},
    invariant::{self, Ledger},
    program::{self, POOL, Server},
    proxy::{Fault, Proxy},
    wire::{self, Answer},
};

/// How much longer PostgreSQL takes for each answer.
const LATE: Fault = Fault::Late(Duration::from_millis(200));
/// For how long another process has an SQLite file to itself, again and again.
const LOCKED: Duration = Duration::from_millis(100);
/// How long nobody asks, how long as many do as there are connections, how long all do, and how long they log in.
const IDLE_FOR: Duration = Duration::from_secs(3);
const FEW_FOR: Duration = Duration::from_secs(8);
const MANY_FOR: Duration = Duration::from_secs(10);
const LOGINS_FOR: Duration = Duration::from_secs(6);
/// How often one person tries to log in: 500 make a hundred a second.
const LOGIN_EVERY: Duration = Duration::from_secs(5);
/// How long a unit waits for its turn: what a server of its own would have.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long anybody waits for an answer: for a turn at two units, and for these.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// In how many seconds whoever is refused is told to come again, at most.
const AGAIN_WITHIN: u64 = 5;
/// How much longer than with nobody else the process takes to say that it lives: what else the machine does is not its
/// own doing.
const LIVE_WITHIN: Duration = Duration::from_millis(50);
/// How soon the first write is done when it is over.
const RECOVERS_WITHIN: Duration = Duration::from_secs(2);

/// What became of a crowd.
#[derive(Default)]
struct Crowd {
    served: AtomicU64,
    refused: AtomicU64,
    slowest: Mutex<Duration>,
    /// Until the last one was answered.
    took: Duration,
}

impl Crowd {
    /// Notes an answer; whether it is one that an overloaded server may give.
    fn takes(&self, answer: Option<&Answer>, fine: &[u16], took: Duration) -> bool {
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = slowest.max(took);
        match answer {
            Some(answer) if answer.status == 503 => {
                self.refused.fetch_add(1, Ordering::SeqCst);
                answer.retry_after.is_some_and(|seconds| seconds <= AGAIN_WITHIN)
            }
            Some(answer) => {
                self.served.fetch_add(1, Ordering::SeqCst);
                fine.contains(&answer.status)
            }
            None => false,
        }
    }

    /// So many people do `what` over and over again, for so long.
    fn of(people: u64, time: Duration, ledger: &Mutex<Ledger>, what: impl Fn(&Self, u64, u64) -> bool + Sync) -> Self {
        let (mut crowd, stop, begun) = (Self::default(), AtomicBool::new(false), Instant::now());
        std::thread::scope(|scope| {
            for person in 0..people {
                let (crowd, stop, what) = (&crowd, &stop, &what);
                scope.spawn(move || {
                    for number in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        if !what(crowd, person, number) {
                            ledger.lock().unwrap().wrong.push(format!("person {person}: answered wrongly"));
                        }
                    }
                });
            }
            std::thread::sleep(time);
            stop.store(true, Ordering::SeqCst);
        });
        crowd.took = begun.elapsed();
        crowd
    }

    fn a_minute(&self) -> u128 {
        u128::from(self.served.load(Ordering::SeqCst)) * 60_000 / self.took.as_millis()
    }
}

/// T34: `count` people at once ask a database that is slow: nine of ten read on PostgreSQL, which takes 200 ms more for
/// each answer; all write to an SQLite file that another process has half of the time. Then as many log in with wrong
/// passwords. Whoever is not served is answered 503 and when to come again, the process says that it lives as always,
/// as much is done as without the crowd, and when it is over a write is done at once.
#[must_use]
pub fn overloaded(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T34", seed);
    let database = TestDatabase::on_disk();
    let proxy = (engine() == Engine::Postgres).then(|| Proxy::before(&database.url));
    let mut command = program::command(&database);
    command.env("COLLOQUIUM_ACQUIRE_TIMEOUT", ACQUIRE.as_secs().to_string()).env("COLLOQUIUM_POOL_MAX", "5");
    if let Some(proxy) = &proxy {
        command.env("DATABASE_URL", proxy.url.expose());
    }
    let server = Server::run(command).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t34-{seed}"));
    let ledger = Mutex::new(Ledger::default());
    let probe = Probe::lives(addr);
    std::thread::sleep(IDLE_FOR);
    let (idle, _) = probe.stop();
    let (few, many, live) = slowed(&database, proxy.as_ref(), || {
        let few = Crowd::of(u64::try_from(POOL).unwrap(), FEW_FOR, &ledger, asks(addr, &author, &ledger, "few", seed));
        let probe = Probe::lives(addr);
        let many = Crowd::of(count, MANY_FOR, &ledger, asks(addr, &author, &ledger, "many", seed));
        (few, many, probe.stop())
    });
    let recovered = recovers(addr, &author, &ledger, "after-many");
    let probe = Probe::lives(addr);
    let logins = Crowd::of(count, LOGINS_FOR, &ledger, |crowd, person, number| logs_in(addr, crowd, person, number));
    let beside_logins = probe.stop();
    let recovered = recovered.max(recovers(addr, &author, &ledger, "after-logins"));
    let slowest = *many.slowest.lock().unwrap();
    for (phase, (live, failed)) in [("crowd", live), ("logins", beside_logins)] {
        let lives = failed == 0 && live <= idle + LIVE_WITHIN;
        report.must(lives, format!("{phase}: lives after {live:?}, idle after {idle:?}, {failed} times not"));
    }
    // On SQLite it is the crowd's own five hundred threads, on the same cores, that cost the server time.
    let as_much = proxy.is_none() || many.a_minute() * 10 >= few.a_minute() * 8;
    report.must(as_much, "the crowd kept itself from being served");
    report.must(slowest <= ANSWERED_WITHIN, format!("somebody waited for {slowest:?}"));
    report.must(recovered <= RECOVERS_WITHIN, format!("a write was done only {recovered:?} after it"));
    report.must(is_green(addr), "not healthy afterwards");
    report.broken.extend(author.whole_pool(addr, &database));
    report.broken.extend(beside(invariant::broken(&ledger.into_inner().unwrap(), &database.url)));
    report.count("people", count);
    report.count("served_a_minute_by_few", few.a_minute());
    report.count("served_a_minute_by_many", many.a_minute());
    report.count("refused", many.refused.into_inner());
    report.count("logins", logins.served.into_inner());
    report.count("logins_refused", logins.refused.into_inner());
    report.count("live_ms_p99_idle", idle.as_millis());
    report.count("live_ms_p99", live.0.as_millis());
    report.count("live_ms_p99_logins", beside_logins.0.as_millis());
    report.count("answered_ms_max", slowest.as_millis());
    report.count("recovered_ms", recovered.as_millis());
    report
}

/// Does something while the database is slow.
fn slowed<T>(database: &TestDatabase, proxy: Option<&Proxy>, what: impl FnOnce() -> T) -> T {
    if let Some(proxy) = proxy {
        proxy.set(LATE);
        let done = what();
        proxy.set(Fault::None);
        return done;
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            beside(async {
                let db = invariant::connect(&database.url).await;
                while !stop.load(Ordering::SeqCst) {
                    let tx = db.begin().await.unwrap();
                    tx.execute_unprepared("UPDATE class SET version = version").await.unwrap();
                    tokio::time::sleep(LOCKED).await;
                    tx.rollback().await.unwrap();
                    tokio::time::sleep(LOCKED).await;
                }
                db.close().await.unwrap();
            });
        });
        let done = what();
        stop.store(true, Ordering::SeqCst);
        done
    })
}

/// Tries to log in, once in a while.
fn logs_in(addr: SocketAddr, crowd: &Crowd, person: u64, number: u64) -> bool {
    let body = json!({ "email": format!("{person}-{number}@example.org"), "password": format!("not {PASSWORD}") });
    let begun = Instant::now();
    let answer = wire::ask(addr, &wire::request("POST", "/api/v1/sessions", "", None, Some(&body))).ok();
    let right = crowd.takes(answer.as_ref(), &[401, 429], begun.elapsed());
    std::thread::sleep(LOGIN_EVERY.saturating_sub(begun.elapsed()));
    right
}

/// What one of a crowd does: nine reads, then a write; on SQLite, where reads wait for nobody, a write.
fn asks<'a>(
    addr: SocketAddr,
    author: &'a Author,
    ledger: &'a Mutex<Ledger>,
    label: &'a str,
    seed: u64,
) -> impl Fn(&Crowd, u64, u64) -> bool + Sync + 'a {
    move |crowd, person, number| {
        let begun = Instant::now();
        let answer = if engine() != Engine::Postgres || (person + number) % 10 == 0 {
            let mut chance = Chance::new(seed.wrapping_add(person).wrapping_mul(number + 1));
            send(addr, &author.request(&format!("{label}-{person}-{number}"), &mut chance), ledger)
        } else {
            author.read(addr).ok()
        };
        crowd.takes(answer.as_ref(), &[200, 201], begun.elapsed())
    }
}

/// How long it takes until a write is done.
fn recovers(addr: SocketAddr, author: &Author, ledger: &Mutex<Ledger>, label: &str) -> Duration {
    let begun = Instant::now();
    for number in 0.. {
        let request = author.request(&format!("{label}-{number}"), &mut Chance::new(number));
        let done = send(addr, &request, ledger).is_some_and(|answer| answer.status == 201);
        if done || begun.elapsed() > 2 * RECOVERS_WITHIN {
            break;
        }
    }
    begun.elapsed()
}
