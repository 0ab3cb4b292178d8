//! A PostgreSQL that crashes (T8), or falls silent without a word (T9), while people read and write.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
};
use crate::{
    cluster::Cluster,
    database::TestDatabase,
    invariant::{self, Ledger},
    program::{self, Server, Starting},
    proxy::{Fault, Proxy},
    wire,
};

/// How soon all is well once the database is back.
const GREEN_WITHIN: Duration = Duration::from_secs(3);
/// How soon after a silence all connections serve.
const WHOLE_WITHIN: Duration = Duration::from_secs(10);
/// How long PostgreSQL keeps the transaction of a client that is gone without a word: `db::pool` says so to it.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(11);
/// How long a unit waits for a connection here.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long anybody may wait for an answer, whatever happens.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// People who read and write until it is over, and the longest that one of them waited.
fn load(
    addr: SocketAddr,
    author: &Author,
    chance: &mut Chance,
    ledger: &Mutex<Ledger>,
    meanwhile: impl FnOnce(),
) -> Duration {
    let (stop, slowest) = (AtomicBool::new(false), Mutex::new(Duration::ZERO));
    let (stop, slowest) = (&stop, &slowest);
    std::thread::scope(|scope| {
        let timed = move |what: &dyn Fn() -> bool, name: &str| {
            let begun = Instant::now();
            if !what() {
                ledger.lock().unwrap().wrong.push(format!("{name}: answered wrongly, after {:?}", begun.elapsed()));
            }
            let mut slowest = slowest.lock().unwrap();
            *slowest = slowest.max(begun.elapsed());
        };
        for writer in 0..3 {
            let mut chance = Chance::new(chance.number());
            scope.spawn(move || {
                for number in 0_u32.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let request = author.request(&format!("{writer}-{number}"), &mut chance);
                    // `send` notes what should never be answered; no answer at all is one of these.
                    timed(&|| send(addr, &request, ledger).is_some(), "a write");
                }
            });
        }
        scope.spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                timed(&|| author.read(addr).is_ok_and(|answer| matches!(answer.status, 200 | 503)), "a read");
            }
        });
        scope.spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                let begun = Instant::now();
                let live = wire::ask(addr, &wire::request("GET", "/health/live", "", None, None));
                let lives = live.is_ok_and(|answer| answer.status == 200) && begun.elapsed() < Duration::from_secs(1);
                timed(&|| lives, "/health/live");
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        meanwhile();
        stop.store(true, Ordering::SeqCst);
    });
    *slowest.lock().unwrap()
}

/// Waits until `well`; how long that took, up to a limit.
pub(super) fn until(well: impl Fn() -> bool, within: Duration) -> Duration {
    let begun = Instant::now();
    while !well() && begun.elapsed() < within {
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

/// T8: a PostgreSQL of our own crashes `count` times under load. The server, which was there first, stays; it is green
/// within three seconds after each, and nothing acknowledged is lost.
#[must_use]
pub fn crashed(count: u64, seed: u64) -> Report {
    let mut report = Report { engine: "postgres", ..Report::new("T8", seed) };
    let Some(cluster) = Cluster::make() else {
        report.broken.push("PostgreSQL's own programs are not installed".to_owned());
        return report;
    };
    let database = TestDatabase::at(cluster.url());
    let starting = Starting::on(&database);
    report.must(
        until(|| starting.log().contains("does not answer yet"), GREEN_WITHIN) < GREEN_WITHIN,
        "it did not say that it waits",
    );
    cluster.start();
    let up = Instant::now();
    let server = starting.wait().unwrap();
    report.must(up.elapsed() <= GREEN_WITHIN, format!("served {:?} after the database", up.elapsed()));
    let addr = server.addr;
    let author = Author::new(addr, &format!("t8-{seed}"));
    let (mut chance, ledger) = (Chance::new(seed), Mutex::new(Ledger::default()));
    let (mut slowest_green, moments) = (Duration::ZERO, Chance::new(seed.wrapping_add(1)));
    let slowest = load(addr, &author, &mut chance, &ledger, || {
        let mut moments = moments;
        for _ in 0..count {
            std::thread::sleep(Duration::from_millis(moments.between(100, 600)));
            cluster.crash_and_start();
            slowest_green = slowest_green.max(until(|| is_green(addr), 2 * GREEN_WITHIN));
        }
    });
    report.must(slowest_green <= GREEN_WITHIN, format!("green only {slowest_green:?} after the database"));
    report.broken.extend(author.whole_pool(addr, &database));
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("crashes", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("unknown", ledger.unknown.len());
    report.count("green_ms_max", slowest_green.as_millis());
    report.count("answered_ms_max", slowest.as_millis());
    report
}

/// T9: for `count` seconds nothing passes between server and database, and connections that lived through it stay
/// silent. Everybody is answered a second after the time for a connection, the process is live, readiness goes red
/// within two seconds; afterwards all connections serve within ten.
#[must_use]
pub fn silent(count: u64, seed: u64) -> Report {
    silent_without(&[], count, seed)
}

/// T9 on a server without these guards.
#[must_use]
pub fn silent_without(guards: &'static [&'static str], count: u64, seed: u64) -> Report {
    let mut report = Report { without: guards, ..Report::new("T9", seed) };
    let database = TestDatabase::on_disk();
    let proxy = Proxy::before(&database.url);
    let mut command = program::without(guards, &database);
    command.env("DATABASE_URL", proxy.url.expose()).env("COLLOQUIUM_ACQUIRE_TIMEOUT", ACQUIRE.as_secs().to_string());
    let server = Server::run(command).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t9-{seed}"));
    let (mut chance, ledger) = (Chance::new(seed), Mutex::new(Ledger::default()));
    let mut red = Duration::ZERO;
    let slowest = load(addr, &author, &mut chance, &ledger, || {
        std::thread::sleep(Duration::from_millis(500));
        proxy.set(Fault::Silence);
        let begun = Instant::now();
        red = until(|| !is_green(addr), GREEN_WITHIN);
        std::thread::sleep(Duration::from_secs(count).saturating_sub(begun.elapsed()));
    });
    proxy.set(Fault::None);
    let whole = until(|| author.whole_pool(addr, &database).is_none(), 2 * WHOLE_WITHIN);
    report.must(red <= Duration::from_secs(2), format!("ready for {red:?} in the silence"));
    report.must(slowest <= ANSWERED_WITHIN, format!("somebody waited for {slowest:?}"));
    report.must(whole <= WHOLE_WITHIN, format!("all connections serve only after {whole:?}"));
    report.must(is_green(addr), "not healthy afterwards");
    // Only PostgreSQL can end what was under way on the connections that were lost.
    until(|| beside(invariant::left_open(&database.url)).is_none(), FORGOTTEN_WITHIN);
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("silent_s", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("unknown", ledger.unknown.len());
    report.count("answered_ms_max", slowest.as_millis());
    report.count("whole_ms", whole.as_millis());
    report
}
