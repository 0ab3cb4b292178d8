//! Remembered requests: the same key twice has one effect.

use entity::{IdempotencyKeyId, Moment, idempotency_key};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Serialize, de::DeserializeOwned};
use time::Duration;

use crate::{Actor, Error, IdempotencyKey, Mishap, Result};

/// How long a key is remembered.
const KEPT: Duration = Duration::hours(24);

/// What a key turned out to be.
pub(crate) enum Claim<T> {
    /// Seen before: what that request made.
    Replay(T),
    /// New: the row to settle.
    New(IdempotencyKeyId),
}

/// The keys that nobody may repeat a request with any more.
pub(crate) fn over(at: Moment) -> Condition {
    Condition::all().add(idempotency_key::COLUMN.created_at.lte(at.plus(-KEPT)))
}

async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    key: &IdempotencyKey,
) -> Result<Option<idempotency_key::Model>> {
    let mine = idempotency_key::Entity::find()
        .filter(idempotency_key::COLUMN.user_id.eq(actor.user))
        .filter(idempotency_key::COLUMN.key.eq(&key.key));
    Ok(mine.one(db).await?)
}

fn outcome<T: DeserializeOwned>(row: idempotency_key::Model, key: &IdempotencyKey) -> Result<T> {
    if row.fingerprint != key.fingerprint {
        return Err(Error::KeyReused);
    }
    serde_json::from_value(row.outcome.0).map_err(|_| Error::Mishap(Mishap::Stored))
}

/// Claims `key` for this transaction. A parallel request with the same key waits here until the first is committed,
/// fails on the unique index, is tried again and finds what the first one made.
pub(crate) async fn claim<T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    actor: &Actor,
    key: &IdempotencyKey,
) -> Result<Claim<T>> {
    if let Some(row) = find(db, actor, key).await? {
        if actor.at.since(row.created_at) < KEPT {
            return outcome(row, key).map(Claim::Replay);
        }
        idempotency_key::Entity::delete_by_id(row.id).exec(db).await?;
    }
    let row = idempotency_key::ActiveModel {
        id: Set(IdempotencyKeyId::new()),
        user_id: Set(actor.user),
        key: Set(key.key.clone()),
        fingerprint: Set(key.fingerprint.to_vec()),
        outcome: Set(idempotency_key::Outcome(serde_json::Value::Null)),
        created_at: Set(actor.at),
    };
    let row = row.insert(db).await.map_err(|e| Error::on_unique(e, || Error::Contention))?;
    Ok(Claim::New(row.id))
}

/// Remembers what the request under this key made.
pub(crate) async fn settle(db: &impl ConnectionTrait, id: IdempotencyKeyId, made: &impl Serialize) -> Result<()> {
    let outcome = serde_json::to_value(made).map_err(|_| Error::Mishap(Mishap::Stored))?;
    let row = idempotency_key::ActiveModel {
        id: Set(id),
        outcome: Set(idempotency_key::Outcome(outcome)),
        ..Default::default()
    };
    row.update(db).await?;
    Ok(())
}
