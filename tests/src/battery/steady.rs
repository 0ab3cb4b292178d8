//! A class at work for a long time (T1).

use std::{
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
    database::TestDatabase,
    invariant::{self, Ledger},
    program::Server,
};

/// How many people have sessions, and how many ask at once.
const PEOPLE: usize = 10;
/// After how long the memory of a server that has warmed up is looked at; half of the time when that is less.
const WARM_AFTER: Duration = Duration::from_secs(120);
/// How much more memory it may hold in the end, in percent.
const DRIFT: u64 = 5;

/// T1: ten people with a session each read nine times and write once, over and over, for `count` seconds. Nothing is
/// answered 5xx or not at all, nothing is lost, and the memory held does not grow any more once the server is warm.
#[must_use]
pub fn steady(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T1", seed);
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let addr = server.addr;
    let authors: Vec<Author> = (0..PEOPLE).map(|person| Author::new(addr, &format!("t1-{seed}-{person}"))).collect();
    let (ledger, stop) = (Mutex::new(Ledger::default()), AtomicBool::new(false));
    let took: Mutex<[Vec<Duration>; 2]> = Mutex::default();
    let mut chance = Chance::new(seed);
    let time = Duration::from_secs(count);
    let mut warm = 0;
    std::thread::scope(|scope| {
        for author in &authors {
            let (stop, ledger, took, mut chance) = (&stop, &ledger, &took, Chance::new(chance.number()));
            scope.spawn(move || {
                let mut own: [Vec<Duration>; 2] = Default::default();
                for number in 0_u32.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let begun = Instant::now();
                    let writes = number % 10 == 0;
                    let (status, wanted) = if writes {
                        // Of its own: nobody can read a conversation of a million messages.
                        let request = author.sized(&number.to_string(), true, 0);
                        (send(addr, &request, ledger).map(|answer| answer.status), 201)
                    } else {
                        (author.read(addr).ok().map(|answer| answer.status), 200)
                    };
                    own[usize::from(writes)].push(begun.elapsed());
                    if status != Some(wanted) {
                        ledger.lock().unwrap().wrong.push(format!("answered {status:?}"));
                    }
                    // People think; and the load must not grow with what others leave of the machine.
                    std::thread::sleep(Duration::from_micros(chance.between(1_000, 5_000)));
                }
                let mut all = took.lock().unwrap();
                all.iter_mut().zip(own).for_each(|(all, own)| all.extend(own));
            });
        }
        let warms = WARM_AFTER.min(time / 2);
        std::thread::sleep(warms);
        warm = server.memory();
        std::thread::sleep(time - warms);
        stop.store(true, Ordering::SeqCst);
    });
    let grown = server.memory().saturating_sub(warm) * 100 / warm;
    report.must(grown < DRIFT, format!("{grown} % more memory than when it was warm"));
    report.must(is_green(addr), "not healthy afterwards");
    report.broken.extend(beside(invariant::broken(&ledger.into_inner().unwrap(), &database.url)));
    let [reads, writes] = took.into_inner().unwrap();
    report.count("seconds", count);
    report.count("reads", reads.len());
    report.count("writes", writes.len());
    report.count("read_ms_p99", p99(reads).as_millis());
    report.count("write_ms_p99", p99(writes).as_millis());
    report.count("warm_mib", warm >> 20);
    report.count("grown_percent", grown);
    report
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took.get(took.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default()
}
