//! Servers that start at the same moment on an empty database (T11).

use std::{sync::Mutex, time::Duration};

use migration::SchemaState;

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
};
use crate::{
    database::TestDatabase,
    invariant::{self, Ledger},
    program::{Server, Starting},
};

/// How many start at once.
const SERVERS: usize = 8;

/// T11: eight servers start together on an empty database, `count` times; in every other round one more is killed
/// while it starts. All eight serve, each migration is recorded once, and what one writes all can read.
#[must_use]
pub fn together(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T11", seed);
    let mut chance = Chance::new(seed);
    let mut slowest = Duration::ZERO;
    for round in 0..count {
        let database = TestDatabase::empty();
        let doomed = (round % 2 == 1).then(|| Starting::on(&database));
        let starting: Vec<Starting> = (0..SERVERS).map(|_| Starting::on(&database)).collect();
        if let Some(doomed) = doomed {
            std::thread::sleep(Duration::from_millis(chance.between(0, 60)));
            doomed.kill();
        }
        let mut servers: Vec<Server> = Vec::new();
        for started in starting {
            match started.wait() {
                Ok(server) => servers.push(server),
                Err(why) => report.broken.push(format!("round {round}: {why}")),
            }
        }
        report.must(servers.iter().all(|server| is_green(server.addr)), format!("round {round}: not all are healthy"));
        slowest = servers.iter().map(|server| server.ready).fold(slowest, Duration::max);
        let ledger = Mutex::new(Ledger::default());
        if let Some(first) = servers.first() {
            let author = Author::new(first.addr, &format!("t11-{seed}-{round}"));
            for (number, server) in servers.iter().enumerate() {
                let wrote = send(server.addr, &author.request(&number.to_string(), &mut chance), &ledger);
                report.must(
                    wrote.is_some_and(|a| a.status == 201),
                    format!("round {round}: server {number} cannot write"),
                );
            }
        }
        report.broken.extend(beside(invariant::broken(&ledger.into_inner().unwrap(), &database.url)));
        let schema = beside(async {
            let db = invariant::connect(&database.url).await;
            let schema = migration::check(&db).await.unwrap();
            db.close().await.unwrap();
            schema
        });
        report.must(schema == SchemaState::Current, format!("round {round}: the schema is {schema:?}"));
    }
    report.count("rounds", count);
    report.count("servers", SERVERS);
    report.count("ready_ms_max", slowest.as_millis());
    report
}
