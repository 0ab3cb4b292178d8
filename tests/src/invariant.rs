//! What must hold after every fault, whatever it was: one checker for all of the battery.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use migration::DatabaseUrl;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// One unit of work that was asked for: some messages, told apart from all others by a marker.
#[derive(Clone, Debug)]
pub struct Write {
    /// What its messages begin with: message 0 is `marker/0`.
    pub marker: String,
    /// How many messages it writes, all or none.
    pub messages: usize,
}

/// What became of the writes, as far as those who asked for them know.
#[derive(Default)]
pub struct Ledger {
    /// Answered 201.
    pub acknowledged: Vec<Write>,
    /// Answered with a refusal: nothing was changed.
    pub refused: Vec<Write>,
    /// Not answered: all of it may be there, or nothing.
    pub unknown: Vec<Write>,
    /// Answers that nobody should ever get.
    pub wrong: Vec<String>,
}

impl Ledger {
    /// Takes over what another one knows.
    pub fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.refused.extend(other.refused);
        self.unknown.extend(other.unknown);
        self.wrong.extend(other.wrong);
    }
}

/// How long a server may take to come to rest.
const AT_REST_WITHIN: Duration = Duration::from_secs(3);

/// How long units whose callers went away may take until all of them had their turn.
const DONE_WITHIN: Duration = Duration::from_secs(60);

/// Queries that count what must not be there.
const NEVER: [(&str, &str); 5] = [
    (
        "conversations whose positions have gaps or doubles",
        "SELECT COUNT(*) FROM (SELECT conversation_id FROM message WHERE NOT confidential GROUP BY conversation_id
         HAVING COUNT(*) <> COUNT(DISTINCT position) OR MIN(position) <> 0 OR MAX(position) <> COUNT(*) - 1) AS broken",
    ),
    (
        "conversations without messages, or whose last message is not theirs",
        "SELECT COUNT(*) FROM conversation c WHERE NOT EXISTS (SELECT 1 FROM message m
         WHERE m.id = c.leaf_id AND m.conversation_id = c.id AND m.on_path)",
    ),
    (
        "classes without exactly the one owner they name",
        "SELECT COUNT(*) FROM class c
         WHERE (SELECT COUNT(*) FROM enrolment e WHERE e.class_id = c.id AND e.role = 'owner') <> 1
         OR NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.class_id = c.id AND e.role = 'owner'
                        AND e.state = 'active' AND e.user_id = c.owner_id)",
    ),
    (
        "idempotency keys without their outcome",
        "SELECT COUNT(*) FROM idempotency_key WHERE outcome IS NULL OR CAST(outcome AS TEXT) = 'null'",
    ),
    (
        "migrations that are recorded twice",
        "SELECT COUNT(*) FROM (SELECT version FROM seaql_migrations GROUP BY version HAVING COUNT(*) > 1) AS broken",
    ),
];

/// Everything that does not hold, in words; empty when all is well. Looks from a connection of its own, so that what
/// it finds was committed.
pub async fn broken(ledger: &Ledger, url: &DatabaseUrl) -> Vec<String> {
    let db = connect(url).await;
    let mut broken = ledger.wrong.clone();
    broken.extend(writes(ledger, &db).await);
    for (what, query) in NEVER {
        match count(&db, query).await {
            0 => {}
            found => broken.push(format!("{found} {what}")),
        }
    }
    match db.get_database_backend() {
        DbBackend::Postgres => broken.extend(transactions_left_open(&db).await),
        _ => broken.extend(damage(&db).await),
    }
    db.close().await.unwrap();
    broken
}

/// Connections of a server that were left in a transaction, in words, if there are any.
pub async fn left_open(url: &DatabaseUrl) -> Option<String> {
    // Only a server tells of the connections of others.
    url.host()?;
    let db = connect(url).await;
    let left = transactions_left_open(&db).await;
    db.close().await.unwrap();
    left
}

/// A connection beside the server's.
pub async fn connect(url: &DatabaseUrl) -> DatabaseConnection {
    let mut options = ConnectOptions::new(match url.path() {
        Some(path) => format!("sqlite://{}?mode=rw", path.display()),
        None => url.expose(),
    });
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// Reads the number that a query gives.
pub async fn count(db: &DatabaseConnection, query: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), query);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// The texts that a query gives.
async fn texts(db: &DatabaseConnection, query: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// All rows of all tables, as text, by table.
pub async fn rows(url: &DatabaseUrl) -> BTreeMap<String, Vec<String>> {
    let db = connect(url).await;
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let tables = if postgres {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let mut rows = BTreeMap::new();
    for table in texts(&db, tables).await {
        let row = if postgres {
            "t::text".to_owned()
        } else {
            let columns = texts(&db, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let columns: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            columns.join(" || ' | ' || ")
        };
        let all = texts(&db, &format!("SELECT {row} FROM \"{table}\" t ORDER BY 1")).await;
        rows.insert(table, all);
    }
    db.close().await.unwrap();
    rows
}

async fn writes(ledger: &Ledger, db: &DatabaseConnection) -> Vec<String> {
    let mut found: HashMap<String, usize> = HashMap::new();
    for content in texts(db, "SELECT content FROM message").await {
        *found.entry(content).or_default() += 1;
    }
    let mut broken: Vec<String> = found
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(content, times)| format!("{content} is there {times} times"))
        .collect();
    let there =
        |write: &Write| (0..write.messages).filter(|n| found.contains_key(&format!("{}/{n}", write.marker))).count();
    let say = |what: &str, write: &Write| {
        format!("{what}: {}, {} of {} messages are there", write.marker, there(write), write.messages)
    };
    broken
        .extend(ledger.acknowledged.iter().filter(|w| there(w) != w.messages).map(|w| say("acknowledged and lost", w)));
    broken.extend(ledger.refused.iter().filter(|w| there(w) != 0).map(|w| say("refused and there", w)));
    let half = |write: &&Write| there(write) != 0 && there(write) != write.messages;
    broken.extend(ledger.unknown.iter().filter(half).map(|w| say("half a unit", w)));
    broken
}

async fn damage(db: &DatabaseConnection) -> Vec<String> {
    let mut broken = texts(db, "PRAGMA integrity_check").await;
    broken.retain(|line| line != "ok");
    let orphans = texts(db, "SELECT \"table\" FROM pragma_foreign_key_check").await;
    broken.extend(orphans.into_iter().map(|table| format!("a row of {table} points at nothing")));
    broken
}

/// A unit under way is inside a transaction, and waits for its client there, for a moment; who waits there for longer
/// than [`AT_REST_WITHIN`] was left. Units whose callers went away may still have their turn for a while.
async fn transactions_left_open(db: &DatabaseConnection) -> Option<String> {
    let inside = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'colloquium' AND state LIKE 'idle in transaction%'";
    let left =
        format!("{inside} AND state_change < clock_timestamp() - interval '{} seconds'", AT_REST_WITHIN.as_secs());
    let begun = Instant::now();
    loop {
        if count(db, inside).await == 0 {
            return None;
        }
        let left = count(db, &left).await;
        if left > 0 || begun.elapsed() > DONE_WITHIN {
            return Some(format!("{left} connections are left in a transaction"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
