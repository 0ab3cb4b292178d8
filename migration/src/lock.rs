//! One migrating process at a time for a SQLite file.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{MigrationError, place};

/// How long to wait for another migrating process.
pub(crate) const WAIT: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_millis(20);

/// The lock, held until dropped; the system lets go of it when the process dies.
///
/// The side file stays: to remove it would let a waiting process lock a file that is no longer there.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the database at `path`, waiting up to `wait`.
    pub(crate) async fn take(path: &Path, wait: Duration) -> Result<Self, MigrationError> {
        let side = side_file(path);
        let failed = |source: io::Error| MigrationError::Create { path: side.clone(), source };
        place::make_file(&side).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(&side).map_err(failed)?;
        let deadline = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(RETRY).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(MigrationError::Locked { seconds: wait.as_secs(), held: side.display().to_string() });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}

fn side_file(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".migrating");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_wait_is_bounded_and_the_error_says_what_to_do() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.db");
        let held = FileLock::take(&path, WAIT).await.unwrap();
        let error = FileLock::take(&path, Duration::from_millis(50)).await.unwrap_err().to_string();
        assert!(error.contains("a.db.migrating") && error.contains("wait for it or end it"), "{error}");
        drop(held);
        FileLock::take(&path, Duration::ZERO).await.unwrap();
    }
}
