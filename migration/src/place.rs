//! What is wrong with a place in the file system, and the command that mends it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::MigrationError;

/// Makes a directory, and those above it, for the owner of this process alone. One that is there stays as it is.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes an empty file for the owner of this process alone, whatever the umask allows others. One that is there stays
/// as it is. SQLite gives the files beside it the same rights.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// What others on this machine may read, at or above what a database at `path` needs: each place with the command that
/// closes it to them. Nothing on systems without such rights.
pub fn open_to_others(path: &Path) -> Vec<(PathBuf, String)> {
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let places =
        [(directory.to_owned(), "700"), (path.to_owned(), "600"), (beside("-wal"), "600"), (beside("-shm"), "600")];
    let open = places.into_iter().filter(|(place, _)| is_open(place));
    open.map(|(place, mode)| (place.clone(), format!("chmod {mode} {}", place.display()))).collect()
}

#[cfg(unix)]
fn is_open(place: &Path) -> bool {
    fs::metadata(place).is_ok_and(|found| std::os::unix::fs::MetadataExt::mode(&found) & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// What keeps a SQLite file from being written at `path`. SQLite itself says no more than "unable to open database
/// file"; making a file beside it says why.
pub(crate) fn trouble(path: &Path) -> Option<MigrationError> {
    let mut probe = path.as_os_str().to_owned();
    probe.push(".probe");
    let probe = PathBuf::from(probe);
    match fs::OpenOptions::new().write(true).create(true).truncate(false).open(&probe) {
        Ok(_) => {
            // An empty file that stays behind does no harm.
            fs::remove_file(&probe).ok();
            None
        }
        Err(source) => Some(MigrationError::Create { path: path.to_owned(), source }),
    }
}

/// What to do when `path` cannot be made.
pub(crate) fn fix(path: &Path, error: &io::Error) -> String {
    let there = path.ancestors().skip(1).find(|place| place.exists() || place.as_os_str().is_empty());
    let there = there.filter(|place| !place.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let in_the_way = matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory);
    if let Some(file) = path.ancestors().find(|place| in_the_way && place.is_file()) {
        return format!("{0} is a file where a directory should be: mv {0} {0}.old", file.display());
    }
    let place = there.display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("let the user of the server write there, as root: chown -R {} {place}", user())
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("{place} is mounted read-only: mount it writable, or name another COLLOQUIUM_DATA_DIR")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("make room: df -h {place}"),
        _ => format!("check that {place} may be written to: ls -ld {place}"),
    }
}

/// The number of the user this process runs as, which `chown` takes too.
fn user() -> String {
    #[cfg(unix)]
    if let Ok(own) = fs::metadata("/proc/self") {
        return std::os::unix::fs::MetadataExt::uid(&own).to_string();
    }
    "\"$USER\"".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_with_a_place_has_its_command() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().display();
        let path = dir.path().join("data/colloquium.db");
        for (kind, words) in [
            (io::ErrorKind::PermissionDenied, format!("as root: chown -R {} {place}", user())),
            (io::ErrorKind::ReadOnlyFilesystem, format!("{place} is mounted read-only")),
            (io::ErrorKind::StorageFull, format!("make room: df -h {place}")),
            (io::ErrorKind::Other, format!("ls -ld {place}")),
        ] {
            let fix = fix(&path, &io::Error::from(kind));
            assert!(fix.ends_with(&words) || fix.starts_with(&words), "{fix}");
        }
        fs::write(dir.path().join("data"), "").unwrap();
        let error = fs::create_dir_all(path.parent().unwrap()).unwrap_err();
        assert!(fix(&path, &error).ends_with(&format!("mv {place}/data {place}/data.old")));
        assert!(matches!(trouble(&path), Some(MigrationError::Create { .. })));
        assert!(trouble(&dir.path().join("fine.db")).is_none());
        assert!(fix(Path::new("bare.db"), &io::Error::from(io::ErrorKind::Other)).ends_with("ls -ld ."));
    }
}
