//! Attempts to log in: counted by address or by browser, so that guesses wait.

use entity::{Moment, sign_in_attempt};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait};
use sha2::{Digest, Sha256};
use time::Duration;

use crate::{Db, Error, Result, Secret, known_browser};

/// Failures in a row before the next attempt has to wait.
const FREE_FAILURES: i32 = 5;
/// How long a failure counts towards the wait after the next one.
const REMEMBERED: Duration = Duration::days(1);
/// The longest wait after a failure: slowed down, never locked out for good by somebody else.
const LONGEST_WAIT: Duration = Duration::minutes(15);

/// Counts an attempt for this address in a unit of its own.
pub(crate) async fn count(db: &Db, email: &str, at: Moment) -> Result<()> {
    let email_hash = hash_of(email);
    db.write(move |tx| async move { count_attempt(&*tx, email_hash, at).await }).await
}

/// Counts an attempt for the browser if it is known, and else for the address; the browser if it was.
pub(super) async fn count_as(db: &Db, email: &str, known: Option<Secret>, at: Moment) -> Result<Option<Secret>> {
    let Some(known) = known else {
        count(db, email, at).await?;
        return Ok(None);
    };
    let (browser, address) = (known_browser::counted_as(&known), hash_of(email));
    let trusted = db
        .write(move |tx| async move {
            let before = sign_in_attempt::Entity::find_by_id(browser.clone()).one(&*tx).await?;
            let recent = before.filter(|row| at.since(row.failed_at) < REMEMBERED);
            let trusted = recent.is_none_or(|row| row.failures < known_browser::TRUSTED);
            count_attempt(&*tx, if trusted { browser } else { address }, at).await?;
            Ok(trusted)
        })
        .await?;
    Ok(trusted.then_some(known))
}

/// Forgets the attempts for an address after the right password.
pub(crate) async fn forgive(db: &impl ConnectionTrait, email: &str) -> Result<()> {
    forgive_as(db, hash_of(email)).await
}

pub(super) async fn forgive_as(db: &impl ConnectionTrait, counted: Vec<u8>) -> Result<()> {
    sign_in_attempt::Entity::delete_by_id(counted).exec(db).await?;
    Ok(())
}

pub(super) fn hash_of(email: &str) -> Vec<u8> {
    Sha256::digest(email.as_bytes()).to_vec()
}

/// Counts an attempt as failed until it succeeds, so that guesses sent side by side are slowed down as well.
async fn count_attempt(db: &impl ConnectionTrait, email_hash: Vec<u8>, at: Moment) -> Result<()> {
    let before = sign_in_attempt::Entity::find_by_id(email_hash.clone()).one(db).await?;
    let failures = match &before {
        Some(row) if at < row.locked_until => {
            return Err(Error::Throttled { retry_after: row.locked_until.since(at) });
        }
        Some(row) if at.since(row.failed_at) < REMEMBERED => row.failures.saturating_add(1),
        _ => 1,
    };
    let row = sign_in_attempt::ActiveModel {
        email_hash: Set(email_hash),
        failures: Set(failures),
        failed_at: Set(at),
        locked_until: Set(at.plus(wait_after(failures))),
    };
    if before.is_some() {
        row.update(db).await?;
    } else {
        row.insert(db).await.map_err(|e| Error::on_unique(e, || Error::Contention))?;
    }
    Ok(())
}

/// How long the next attempt waits: nothing at first, then one second, doubled each time.
fn wait_after(failures: i32) -> Duration {
    match u32::try_from(failures.saturating_sub(FREE_FAILURES)) {
        Ok(doublings) => Duration::seconds(1_i64 << doublings.min(10)).min(LONGEST_WAIT),
        Err(_) => Duration::ZERO,
    }
}

/// The failures that make nobody wait any more.
pub(crate) fn forgotten(at: Moment) -> Condition {
    Condition::all()
        .add(sign_in_attempt::COLUMN.failed_at.lte(at.plus(-REMEMBERED)))
        .add(sign_in_attempt::COLUMN.locked_until.lte(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_starts_after_five_failures_doubles_and_ends_at_a_quarter_of_an_hour() {
        let seconds = |failures| wait_after(failures).whole_seconds();
        assert_eq!([1, 4, 5, 6, 7, 8].map(seconds), [0, 0, 1, 2, 4, 8]);
        assert_eq!([14, 15, 16, 1_000, i32::MAX].map(seconds), [512, 900, 900, 900, 900]);
    }
}
