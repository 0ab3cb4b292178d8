//! Clients who hang up in the middle of a write (T10).

use std::{
    net::SocketAddr,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{net::TcpStream, sync::Semaphore, task::JoinSet};

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
};
use crate::{
    database::{Engine, TestDatabase, engine},
    invariant::{self, Ledger},
    program::{self, Server},
    proxy::{Fault, Proxy},
};

/// How many hang up at once.
const AT_ONCE: usize = 8;
/// After how many everything is looked at, before anybody writes again: the end of the next unit would tidy up a
/// transaction that was left open.
const LOOK_EVERY: u64 = 100;
/// How much longer PostgreSQL takes to begin a transaction, so that many hang up just then.
const SLOWER: Fault = Fault::Slow(b"BEGIN\0", Duration::from_millis(20));

/// T10: `count` writes whose connection is reset or closed after 0 to 50 ms, then half as many, which are awaited and
/// must all be there. No connection is left in a transaction and all of them serve.
#[must_use]
pub fn cancelled(count: u64, seed: u64) -> Report {
    cancelled_without(&[], count, seed)
}

/// T10 on a server without these guards, as far as it holds.
#[must_use]
pub fn cancelled_without(guards: &'static [&'static str], count: u64, seed: u64) -> Report {
    let mut report = Report { without: guards, ..Report::new("T10", seed) };
    let database = TestDatabase::on_disk();
    let proxy = (engine() == Engine::Postgres).then(|| Proxy::before(&database.url));
    let mut command = program::without(guards, &database);
    if let Some(proxy) = &proxy {
        command.env("DATABASE_URL", proxy.url.expose());
    }
    let server = Server::run(command).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t10-{seed}"));
    let mut chance = Chance::new(seed);
    let ledger = Mutex::new(Ledger::default());
    let set = |fault| proxy.iter().for_each(|proxy| proxy.set(fault));
    // With the guards the slowness would only make a queue of units whose callers are gone.
    if !guards.is_empty() {
        set(SLOWER);
    }
    for begin in (0..count).filter(|number| number % LOOK_EVERY == 0) {
        beside(hang_up(addr, &author, begin..count.min(begin + LOOK_EVERY), &mut chance, &ledger));
        report.broken.extend(beside(invariant::left_open(&database.url)));
        if !report.broken.is_empty() {
            return report;
        }
    }
    set(Fault::None);
    report.broken.extend(beside(invariant::broken(&ledger.lock().unwrap(), &database.url)));
    for number in 0..count / 2 {
        let request = author.request(&format!("after-{number}"), &mut chance);
        if send(addr, &request, &ledger).is_none_or(|answer| answer.status != 201) {
            report.broken.push(format!("write {number} afterwards was not acknowledged"));
            break;
        }
    }
    report.broken.extend(author.whole_pool(addr, &database));
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.must(is_green(addr), "not healthy afterwards");
    let log = server.log();
    report.must(!log.contains("25P02"), "a statement met a transaction that had failed before it");
    report.count("cancelled", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report
}

async fn hang_up(addr: SocketAddr, author: &Author, numbers: Range<u64>, chance: &mut Chance, ledger: &Mutex<Ledger>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut clients = JoinSet::new();
    for number in numbers {
        let request = author.request(&format!("cancelled-{number}"), chance);
        ledger.lock().unwrap().unknown.push(request.write);
        let (after, reset) = (Duration::from_micros(chance.between(0, 50_000)), chance.between(0, 2) == 0);
        let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
        clients.spawn(async move {
            // The server may refuse the connection when others wait for it; then there was no request.
            if let Ok(stream) = TcpStream::connect(addr).await
                && stream.writable().await.is_ok()
                && stream.try_write(&request.bytes).is_ok()
            {
                tokio::time::sleep(after).await;
                if reset {
                    stream.set_zero_linger().unwrap();
                }
            }
            drop(slot);
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
}
