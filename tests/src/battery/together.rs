//! Servers that start at the same moment on an empty database (T11).

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

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

/// How long a server may take to begin with its migrations.
const BEGINS_WITHIN: Duration = Duration::from_secs(20);
/// How often one is killed until one was in the middle of them.
const TRIES: u64 = 20;

/// T11: eight servers start together on an empty database, `count` times; in every other round one more is killed
/// while it starts. All eight serve, each migration is recorded once, and what one writes all can read. Then as often
/// one is killed in the middle of its migrations, and the next start brings them to their end.
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
        let schema = schema(&database);
        report.must(schema == Some(SchemaState::Current), format!("round {round}: the schema is {schema:?}"));
    }
    let killed: u64 = (0..count).map(|round| in_the_middle(round, &mut chance, &mut report)).sum();
    report.count("rounds", count);
    report.count("servers", SERVERS);
    report.count("killed_in_the_middle", killed);
    report.count("ready_ms_max", slowest.as_millis());
    report
}

/// Kills a server in the middle of its migrations and starts the next one. How many were killed there.
fn in_the_middle(round: u64, chance: &mut Chance, report: &mut Report) -> u64 {
    for _ in 0..TRIES {
        let database = TestDatabase::empty();
        let doomed = Starting::on(&database);
        let begun = Instant::now();
        while !migrates(&database) && begun.elapsed() < BEGINS_WITHIN {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(chance.between(0, 40)));
        doomed.kill();
        // A server that was done with them shows nothing.
        if schema(&database) == Some(SchemaState::Current) {
            continue;
        }
        let ledger = Mutex::new(Ledger::default());
        match Server::start(&database) {
            Ok(server) => {
                let author = Author::new(server.addr, &format!("t11-after-{round}"));
                let wrote = send(server.addr, &author.request("healed", chance), &ledger);
                report.must(wrote.is_some_and(|a| a.status == 201), format!("after kill {round}: cannot write"));
                report.must(is_green(server.addr), format!("after kill {round}: not healthy"));
            }
            Err(why) => report.broken.push(format!("after kill {round}: {why}")),
        }
        let healed = schema(&database);
        report.must(healed == Some(SchemaState::Current), format!("after kill {round}: the schema is {healed:?}"));
        report.broken.extend(beside(invariant::broken(&ledger.into_inner().unwrap(), &database.url)));
        return 1;
    }
    report.broken.push(format!("kill {round}: none of {TRIES} servers was in the middle of its migrations"));
    0
}

/// Whether somebody holds the lock for migrations.
fn migrates(database: &TestDatabase) -> bool {
    match database.url.path() {
        Some(path) => path.exists(),
        None => {
            let locks = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            beside(async {
                let db = invariant::connect(&database.url).await;
                let held = invariant::count(&db, locks).await;
                db.close().await.unwrap();
                held > 0
            })
        }
    }
}

/// How far the schema is; nothing where nobody can say yet.
fn schema(database: &TestDatabase) -> Option<SchemaState> {
    beside(async {
        let db = invariant::connect(&database.url).await;
        let schema = migration::check(&db).await.ok();
        db.close().await.unwrap();
        schema
    })
}
