//! A database that breaks connections, or is held by somebody else, while people read and write (T7).

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
};
use crate::{
    database::{Engine, TestDatabase, engine},
    invariant::{self, Ledger},
    program::Server,
};

/// How long after the last disturbance a write must be done.
const RECOVERS_WITHIN: Duration = Duration::from_secs(1);

/// T7: `count` times something happens to the database under load, every 50 to 150 ms. On PostgreSQL a connection of
/// the server's, any one, is terminated; an SQLite file is locked for a moment by another process. No read or write is
/// answered with anything but success or 503, and nothing acknowledged is lost.
#[must_use]
pub fn disturbed(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T7", seed);
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t7-{seed}"));
    let mut chance = Chance::new(seed);
    let (ledger, stop) = (Mutex::new(Ledger::default()), AtomicBool::new(false));
    let (reads, reads_refused) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (author, stop, ledger, mut chance) = (&author, &stop, &ledger, Chance::new(chance.number()));
            scope.spawn(move || {
                for part in 0.. {
                    let label = format!("{writer}-{part}");
                    // The server never goes away here: a request without an answer is a failure.
                    let Some(unanswered) = author.write_until(addr, &label, &mut chance, stop, ledger) else { break };
                    ledger.lock().unwrap().wrong.push(format!("{}: no answer", unanswered.write.marker));
                }
            });
        }
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                reads.fetch_add(1, Ordering::SeqCst);
                match author.read(addr).map(|answer| answer.status) {
                    Ok(200) => {}
                    Ok(503) => {
                        reads_refused.fetch_add(1, Ordering::SeqCst);
                    }
                    other => ledger.lock().unwrap().wrong.push(format!("a read was answered {other:?}")),
                }
            }
        });
        let mut times = 0..count;
        beside(disturb(&database, &mut chance, || times.next().is_some()));
        stop.store(true, Ordering::SeqCst);
    });
    let begun = Instant::now();
    let recovered = loop {
        let request = author.request(&format!("after-{}", begun.elapsed().as_micros()), &mut chance);
        if send(addr, &request, &ledger).is_some_and(|answer| answer.status == 201) {
            break begun.elapsed();
        }
        if begun.elapsed() > Duration::from_secs(10) {
            break begun.elapsed();
        }
    };
    report.must(recovered <= RECOVERS_WITHIN, format!("the first write was done after {recovered:?}"));
    report.must(is_green(addr), "not healthy afterwards");
    report.broken.extend(author.whole_pool(addr, &database));
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("disturbances", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("refused", ledger.refused.len());
    report.count("unknown", ledger.unknown.len());
    report.count("reads", reads.into_inner());
    report.count("reads_refused", reads_refused.into_inner());
    report.count("recovered_ms", recovered.as_millis());
    report
}

/// Breaks a connection of the server's, or locks its file for a moment, again and again while `goes_on` says so.
pub(super) async fn disturb(database: &TestDatabase, chance: &mut Chance, mut goes_on: impl FnMut() -> bool) {
    let db = invariant::connect(&database.url).await;
    while goes_on() {
        tokio::time::sleep(Duration::from_millis(chance.between(50, 150))).await;
        if engine() == Engine::Postgres {
            let one = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'colloquium' ORDER BY random() LIMIT 1";
            db.execute_unprepared(one).await.unwrap();
        } else {
            let tx = db.begin().await.unwrap();
            tx.execute_unprepared("UPDATE class SET version = version").await.unwrap();
            tokio::time::sleep(Duration::from_millis(chance.between(5, 50))).await;
            tx.rollback().await.unwrap();
        }
    }
    db.close().await.unwrap();
}
