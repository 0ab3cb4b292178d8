//! What is wrong with a place in the file system, and the command that mends it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::MigrationError;

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
