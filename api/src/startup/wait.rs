//! Waiting for a database server that is not there yet: after a power cut everything starts at once, and the database
//! takes longest.

use std::{error::Error as _, time::Duration};

use migration::{DatabaseUrl, MigrationError};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

use super::StartError;

/// How long to wait before the second try; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks the server until it answers, `patience` at most. What does not pass by itself, such as a wrong password, is said
/// at once; so is everything about a SQLite file.
pub(super) async fn for_database(url: &DatabaseUrl, patience: Duration) -> Result<(), StartError> {
    let deadline = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    loop {
        let cause = match timeout_at(deadline, migration::reach(url)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) if error.may_pass() => of(&error),
            Ok(Err(error)) => return Err(StartError::Refused(error)),
            Err(_) => "no answer".to_owned(),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StartError::Unreachable { database: url.to_string(), seconds: patience.as_secs(), cause });
        }
        let pause_ms = pause.min(left).as_millis();
        let (host, port) = (url.host(), url.port());
        warn!(host, port, database = url.database(), cause, pause_ms, "the database does not answer yet; trying again");
        sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What the system or the server said, without the address.
fn of(error: &MigrationError) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
