//! Places where a server that is no administrator cannot write (T6).

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
    sync::Mutex,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{
    Chance, Report, beside,
    load::{Author, send},
};
use crate::{
    cluster::{is_root, user},
    database::TestDatabase,
    invariant::{self, Ledger},
    program::{self, Server},
};

/// How soon a server says that it cannot start.
const SAID_WITHIN: Duration = Duration::from_secs(10);

/// Somebody without special rights, and a copy of the program where that user may run it.
struct Nobody {
    ids: Option<(u32, u32)>,
    program: TempDir,
}

impl Nobody {
    fn new() -> Self {
        let program = tempfile::tempdir().unwrap();
        fs::copy(program::binary(), program.path().join("colloquium")).unwrap();
        open(program.path(), 0o755);
        Self { ids: is_root().then(|| user("nobody").unwrap()), program }
    }

    fn owns(&self, path: &Path) {
        if let Some((uid, gid)) = self.ids {
            chown(path, Some(uid), Some(gid)).unwrap();
        }
    }

    fn command(&self, database: &TestDatabase, data: &Path) -> Command {
        let mut command = Command::new(self.program.path().join("colloquium"));
        for (key, value) in program::command(database).get_envs() {
            command.env(key, value.unwrap());
        }
        command.env("COLLOQUIUM_DATA_DIR", data).current_dir("/").stdin(std::process::Stdio::null());
        if let Some((uid, gid)) = self.ids {
            command.uid(uid).gid(gid);
        }
        command
    }
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// T6: a directory that may not be written, one of somebody else, one that is missing where it may not be made: the
/// server says so at once, with the place and the command that mends it. A file that may not be written is read.
#[must_use]
pub fn unwritable(_count: u64, seed: u64) -> Report {
    let mut report = Report { engine: "sqlite", ..Report::new("T6", seed) };
    let nobody = Nobody::new();
    let mut cases = 0;
    for (case, mode, owned, below) in
        [("read-only", 0o555, true, ""), ("of somebody else", 0o700, false, ""), ("missing", 0o555, true, "data")]
    {
        if !owned && nobody.ids.is_none() {
            continue;
        }
        cases += 1;
        let database = TestDatabase::in_directory(tempfile::tempdir().unwrap());
        let place = database.dir.path();
        if owned {
            nobody.owns(place);
        }
        open(place, mode);
        let begun = Instant::now();
        match Server::run(nobody.command(&database, &place.join(below))) {
            Ok(_) => report.broken.push(format!("a directory {case}: it started")),
            Err(said) => {
                let clear = said.contains(&place.display().to_string()) && said.contains("chown -R");
                report.must(clear, format!("a directory {case}: not clear: {said}"));
                report.must(!said.contains("panicked"), format!("a directory {case}: {said}"));
                report.must(begun.elapsed() < SAID_WITHIN, format!("a directory {case}: after {:?}", begun.elapsed()));
            }
        }
        open(place, 0o755);
    }
    report.broken.extend(read_only_file(&nobody, seed));
    report.count("cases", cases + 1);
    report
}

/// What does not hold of a server whose file may not be written.
fn read_only_file(nobody: &Nobody, seed: u64) -> Vec<String> {
    let mut broken = Vec::new();
    let database = TestDatabase::in_directory(tempfile::tempdir().unwrap());
    let place = database.dir.path();
    nobody.owns(place);
    open(place, 0o755);
    let (mut chance, ledger) = (Chance::new(seed), Mutex::new(Ledger::default()));
    let mut server = Server::run(nobody.command(&database, place)).unwrap();
    let author = Author::new(server.addr, &format!("t6-{seed}"));
    if send(server.addr, &author.request("before", &mut chance), &ledger).is_none_or(|answer| answer.status != 201) {
        broken.push("a write before was not acknowledged".to_owned());
    }
    server.kill();
    let file = place.join("colloquium.db");
    open(&file, 0o444);
    match Server::run(nobody.command(&database, place)) {
        Err(said) if said.contains("colloquium.db") && !said.contains("panicked") => {}
        Err(said) => broken.push(format!("a file read-only: not clear: {said}")),
        Ok(server) => {
            let read = author.read(server.addr).map(|answer| answer.status);
            let wrote = send(server.addr, &author.request("read-only", &mut chance), &ledger);
            let code = wrote.map(|answer| answer.body["code"].clone());
            if !matches!(read, Ok(200)) || code.as_ref().is_none_or(|code| code != "storage_read_only") {
                broken.push(format!("a file read-only: a read was answered {read:?}, a write {code:?}"));
            }
        }
    }
    open(&file, 0o644);
    let server = Server::run(nobody.command(&database, place)).unwrap();
    if send(server.addr, &author.request("after", &mut chance), &ledger).is_none_or(|answer| answer.status != 201) {
        broken.push("a write afterwards was not acknowledged".to_owned());
    }
    drop(server);
    let ledger = ledger.into_inner().unwrap();
    broken.extend(beside(invariant::broken(&ledger, &database.url)));
    broken
}
