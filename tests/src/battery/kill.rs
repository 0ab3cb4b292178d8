//! `kill -9` while people write (T2), and the same request once more afterwards (T27).

use std::{
    sync::{Mutex, atomic::AtomicBool},
    time::Duration,
};

use super::{
    Chance, Report, beside,
    load::{Author, Request, is_green, send},
};
use crate::{
    database::TestDatabase,
    invariant::{self, Ledger},
    program::Server,
};

/// How many write at once.
const WRITERS: usize = 4;
/// How soon a server must serve after it was killed.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// After how many kills everything is looked at; it is at the end in any case.
const LOOK_EVERY: u64 = 25;

/// T2: the server is killed `count` times at a random moment while four people write. No acknowledged write is lost,
/// none is there by half, and it serves again within two seconds.
#[must_use]
pub fn killed(count: u64, seed: u64) -> Report {
    run("T2", count, seed, false)
}

/// T27: as T2, but whoever got no answer sends the same request with the same `Idempotency-Key` once more, and one
/// request that was answered is repeated too: each has one effect.
#[must_use]
pub fn repeated(count: u64, seed: u64) -> Report {
    run("T27", count, seed, true)
}

fn run(id: &'static str, count: u64, seed: u64, repeat: bool) -> Report {
    let mut report = Report::new(id, seed);
    let database = TestDatabase::on_disk();
    let mut chance = Chance::new(seed);
    let mut server = Server::start(&database).unwrap();
    let author = Author::new(server.addr, &format!("{}-{seed}", id.to_lowercase()));
    let ledger = Mutex::new(Ledger::default());
    let mut slowest = Duration::ZERO;
    let mut repeats = 0_usize;
    for kill in 1..=count {
        let unanswered = until_killed(&mut server, &author, kill, &mut chance, &ledger);
        server = match Server::start(&database) {
            Ok(server) => server,
            Err(why) => {
                report.broken.push(format!("kill {kill}: {why}"));
                break;
            }
        };
        slowest = slowest.max(server.ready);
        report.must(is_green(server.addr), format!("kill {kill}: not healthy afterwards"));
        if repeat {
            repeats += unanswered.len();
            for request in unanswered {
                once_more(&server, &request, &ledger);
            }
        }
        if kill % LOOK_EVERY == 0 || kill == count {
            report.broken.extend(beside(invariant::broken(&ledger.lock().unwrap(), &database.url)));
        }
        if !report.broken.is_empty() {
            break;
        }
    }
    report.broken.extend(author.whole_pool(server.addr, &database));
    report.must(slowest <= READY_WITHIN, format!("ready only after {slowest:?}"));
    let ledger = ledger.into_inner().unwrap();
    report.must(!ledger.acknowledged.is_empty(), "nothing was written");
    report.count("kills", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("refused", ledger.refused.len());
    report.count("unanswered", ledger.unknown.len());
    report.count("repeated", repeats);
    report.count("ready_ms_max", slowest.as_millis());
    report
}

/// Lets people write and kills the server after 30 to 180 ms; what was not answered.
fn until_killed(
    server: &mut Server,
    author: &Author,
    kill: u64,
    chance: &mut Chance,
    ledger: &Mutex<Ledger>,
) -> Vec<Request> {
    let (addr, never) = (server.addr, AtomicBool::new(false));
    let after = Duration::from_millis(chance.between(30, 180));
    let seeds: Vec<u64> = (0..WRITERS).map(|_| chance.number()).collect();
    std::thread::scope(|scope| {
        let (never, writers) = (&never, seeds.into_iter().enumerate());
        let writers: Vec<_> = writers
            .map(|(writer, seed)| {
                let label = format!("{kill}-{writer}");
                scope.spawn(move || author.write_until(addr, &label, &mut Chance::new(seed), never, ledger))
            })
            .collect();
        std::thread::sleep(after);
        server.kill();
        writers.into_iter().filter_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Sends the same request twice more: both answers are the same, and it is done.
fn once_more(server: &Server, request: &Request, ledger: &Mutex<Ledger>) {
    let answers = [(); 2].map(|()| send(server.addr, request, ledger).map(|answer| (answer.status, answer.body)));
    let [first, second] = answers.each_ref().map(|answer| answer.as_ref().map(|(_, body)| body["id"].clone()));
    if first.is_none() || first != second {
        let line = format!("{}: repeated, answered {first:?}, then {second:?}", request.write.marker);
        ledger.lock().unwrap().wrong.push(line);
    }
}
