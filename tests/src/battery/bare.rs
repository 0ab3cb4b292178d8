//! The two ways in which the libraries below lose what they acknowledged, shown on a pool as they make it by default, so
//! that nobody takes our guards for superstition.

use std::time::Duration;

use migration::DatabaseUrl;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, TransactionTrait};

use super::{Chance, Room};
use crate::invariant;

/// A pool with nothing of ours, on a database with a table to write to.
pub async fn pool(url: &DatabaseUrl) -> DatabaseConnection {
    let place = match url.path() {
        Some(path) => format!("sqlite://{}?mode=rwc", path.display()),
        None => url.expose(),
    };
    let mut options = ConnectOptions::new(place);
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|o| o.pragma("journal_mode", "WAL").pragma("synchronous", "FULL"));
    Database::connect(options).await.unwrap()
}

/// Makes the table that is written to.
pub async fn make_table(db: &DatabaseConnection) {
    db.execute_unprepared("CREATE TABLE note (number BIGINT NOT NULL, words TEXT NOT NULL)").await.unwrap();
}

async fn insert(db: &impl ConnectionTrait, number: u32, length: usize) -> Result<u64, DbErr> {
    let words = "x".repeat(length);
    let done = db.execute_unprepared(&format!("INSERT INTO note VALUES ({number}, '{words}')")).await?;
    Ok(done.rows_affected())
}

async fn is_there(beside: &DatabaseConnection, number: u32) -> bool {
    invariant::count(beside, &format!("SELECT COUNT(*) FROM note WHERE number = {number}")).await == 1
}

/// Begins transactions and gives up on them after a moment, as a handler does whose client hangs up; each is followed
/// by a write that is awaited. The first such write that was acknowledged and is not there, if any of `tries` is.
pub async fn lost_after_cancelled_begin(db: &DatabaseConnection, url: &DatabaseUrl, tries: u32) -> Option<u32> {
    let beside = invariant::connect(url).await;
    let mut chance = Chance::new(1);
    for number in 1..=tries {
        let moment = Duration::from_micros(chance.between(20, 1_500));
        if let Ok(begun) = tokio::time::timeout(moment, db.begin()).await {
            begun.unwrap().rollback().await.unwrap();
        }
        // A bare ping notices nothing.
        db.ping().await.unwrap();
        if insert(db, number, 1).await.is_ok_and(|rows| rows == 1) && !is_there(&beside, number).await {
            return Some(number);
        }
    }
    None
}

/// Fills the disk under a commit, gives the room back, undoes another transaction and writes. Whether that write was
/// acknowledged and is not there.
pub async fn lost_after_full_disk(db: &DatabaseConnection, url: &DatabaseUrl, room: &Room) -> bool {
    let beside = invariant::connect(url).await;
    room.fill();
    let tx = db.begin().await.unwrap();
    insert(&tx, 1, 200_000).await.unwrap();
    assert!(tx.commit().await.is_err(), "200 kB fitted on a full disk");
    room.free();
    let tx = db.begin().await.unwrap();
    insert(&tx, 2, 1).await.unwrap();
    tx.rollback().await.unwrap();
    let rows = insert(db, 3, 1).await.unwrap();
    rows == 1 && !is_there(&beside, 3).await
}
