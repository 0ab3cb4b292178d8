//! Upkeep: what is over is deleted, by one server for all that share the database.

use std::collections::BTreeMap;

use entity::{Moment, ServerId, annotation, event, idempotency_key, reset_link, session, sign_in_attempt};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{DeleteStatement, Expr, ExprTrait},
};
use time::Duration;

use crate::{Db, Result, annotation as annotations, feed, idempotency, lease, reset_link as link, session as sessions};

/// For how long somebody who comes too late is told that it is over, rather than that it never was.
pub(crate) const TOLD: Duration = Duration::days(7);

/// Rows that one unit of work deletes at most, so that none holds its locks for long.
const BATCH: u64 = 500;
/// Units of work that one round spends on a table at most; the next round does the rest.
const BATCHES: usize = 100;

/// The name of the lease.
const LEASE: &str = "upkeep";

/// A table, and what deletes some rows of it that are over.
type Chore = (&'static str, fn(Moment) -> DeleteStatement);

/// Everything that is deleted when its time is over: one line a table.
const CHORES: [Chore; 6] = [
    ("session", |at| some::<session::Entity>(session::Column::Id, sessions::over(at))),
    ("idempotency_key", |at| some::<idempotency_key::Entity>(idempotency_key::Column::Id, idempotency::over(at))),
    ("sign_in_attempt", |at| {
        some::<sign_in_attempt::Entity>(sign_in_attempt::Column::EmailHash, sessions::forgotten(at))
    }),
    ("annotation", |at| some::<annotation::Entity>(annotation::Column::Id, annotations::over(at))),
    ("event", |at| some_of(event::Entity, [event::Column::ClassId, event::Column::Seq], feed::over(at))),
    ("reset_link", |at| some::<reset_link::Entity>(reset_link::Column::Id, link::over(at))),
];

/// How many rows were deleted, by table.
pub type Removed = BTreeMap<&'static str, u64>;

/// Deletes what is over at this moment, unless another server sees to it: then nothing.
///
/// Each unit of work prolongs the lease and ends the round if another server has it.
///
/// # Errors
/// [`crate::Error::Database`] when the database does not answer; what was deleted before stays deleted.
pub async fn round(db: &Db, server: ServerId, at: Moment) -> Result<Option<Removed>> {
    let mut removed = Removed::new();
    for (table, delete) in CHORES {
        for _ in 0..BATCHES {
            let Some(rows) = batch(db, server, at, delete(at)).await? else { return Ok(None) };
            *removed.entry(table).or_default() += rows;
            if rows < BATCH {
                break;
            }
        }
    }
    Ok(Some(removed))
}

async fn batch(db: &Db, server: ServerId, at: Moment, delete: DeleteStatement) -> Result<Option<u64>> {
    db.write(move |tx| async move {
        if !lease::hold(&*tx, LEASE, server, at).await? {
            return Ok(None);
        }
        Ok(Some(tx.execute(&delete).await?.rows_affected()))
    })
    .await
}

/// Deletes a batch of the rows that are `over`, found by their key: neither engine limits a deletion by itself.
fn some<E: EntityTrait>(key: E::Column, over: Condition) -> DeleteStatement {
    let rows = E::find().select_only().column(key).filter(over).limit(BATCH).into_query();
    E::delete_many().filter(key.in_subquery(rows)).into_query()
}

/// [`some`] of a table whose key has several columns.
fn some_of<E: EntityTrait, const N: usize>(_: E, key: [E::Column; N], over: Condition) -> DeleteStatement {
    let rows = E::find().select_only().columns(key).filter(over).limit(BATCH).into_query();
    let key = Expr::tuple(key.map(Expr::col));
    E::delete_many().filter(key.in_subquery(rows)).into_query()
}
