//! The copy of a SQLite file that is kept from before an upgrade.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use crate::{MigrationError, place, schema};

/// How many copies are kept, the newest.
const KEPT: usize = 3;

/// Copies the file at `path` before `migration`, the first that is pending, runs on it: to
/// `backup/<name>-before-<migration>.db` beside it, for its owner alone. Nothing where there are no rows to lose.
///
/// A second try of the same upgrade takes the place of the first, so that a server that starts again and again does
/// not fill the disk.
pub(crate) async fn copy(
    db: &DatabaseConnection,
    path: &Path,
    migration: &str,
) -> Result<Option<PathBuf>, MigrationError> {
    if !has_rows(db).await? {
        return Ok(None);
    }
    let directory = path.with_file_name("backup");
    let begin = format!("{}-before-", path.file_stem().unwrap_or_default().to_string_lossy());
    let copy = directory.join(format!("{begin}{migration}.db"));
    let failed = |source: io::Error| MigrationError::Copy { path: copy.clone(), source };
    place::make_directory(&directory).map_err(failed)?;
    let partial = copy.with_extension("partial");
    if let Err(error) = write(db, &partial).await {
        // What there is of it only takes room; the next try would take it away too.
        clear(&partial).ok();
        return Err(failed(error));
    }
    fs::rename(&partial, &copy).and_then(|()| sync(&directory)).map_err(failed)?;
    tracing::info!(path = %copy.display(), "copied the database before migrating it");
    if let Err(error) = forget(&directory, &begin) {
        tracing::warn!(%error, directory = %directory.display(), "old copies of the database could not be removed");
    }
    Ok(Some(copy))
}

async fn has_rows(db: &DatabaseConnection) -> Result<bool, DbErr> {
    for name in schema::shape(db).await?.tables.into_keys() {
        let query = format!("SELECT 1 FROM \"{name}\" LIMIT 1");
        if db.query_one_raw(Statement::from_string(DbBackend::Sqlite, query)).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `VACUUM INTO` reads one state of the database, whoever writes meanwhile. It fills an empty file and keeps its rights,
/// and leaves it to us to see that it is on the disk.
async fn write(db: &DatabaseConnection, partial: &Path) -> io::Result<()> {
    clear(partial)?;
    place::make_file(partial)?;
    let vacuum = Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "VACUUM INTO ?",
        [partial.to_string_lossy().into_owned().into()],
    );
    db.execute_raw(vacuum).await.map_err(of_database)?;
    sync(partial)
}

/// Removes what a copy that was broken off left.
fn clear(partial: &Path) -> io::Result<()> {
    let mut journal = partial.as_os_str().to_owned();
    journal.push("-journal");
    for path in [partial, Path::new(&journal)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A full disk is said as the system would say it.
fn of_database(error: DbErr) -> io::Error {
    let full = match &error {
        DbErr::Exec(sea_orm::RuntimeErr::SqlxError(error)) => {
            error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "13")
        }
        _ => false,
    };
    if full { io::ErrorKind::StorageFull.into() } else { io::Error::other(error) }
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Removes all but the newest copies. Their names sort by the migration they are from before.
fn forget(directory: &Path, begin: &str) -> io::Result<()> {
    let mut copies = Vec::new();
    for file in fs::read_dir(directory)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.starts_with(begin) && name.ends_with(".db") {
            copies.push(name);
        }
    }
    copies.sort_unstable_by(|a, b| b.cmp(a));
    copies.iter().skip(KEPT).try_for_each(|name| fs::remove_file(directory.join(name)))
}
