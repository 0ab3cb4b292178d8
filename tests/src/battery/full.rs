//! A disk without room (T5).

use std::{fs, io::Write as _, path::Path, process::Command, sync::Mutex};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use super::{
    Chance, Report, beside,
    load::{Author, is_green, send},
};
use crate::{
    database::TestDatabase,
    invariant::{self, Ledger},
    program::{self, Server},
};

/// A file system of its own, of 4 MiB, in a directory; unmounted when it is dropped.
pub struct Room(TempDir);

impl Room {
    /// Mounts it; nothing where this process may not mount.
    #[must_use]
    pub fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "colloquium-battery"]).arg(dir.path());
        let mounted = mount.output().is_ok_and(|done| done.status.success());
        mounted.then(|| Self(dir))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room there is.
    pub fn fill(&self) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.path().join("filler")).unwrap();
        for size in [65_536, 4_096, 1] {
            while file.write(&vec![b'x'; size]).is_ok_and(|written| written > 0) {}
        }
    }

    /// Gives it back.
    pub fn free(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Lazily: a server that was just killed may still hold a file there.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// T5: the disk of an SQLite file is filled `count` times. Writes are refused as `storage_full` and change nothing,
/// reads go on, the first write after there is room again is done, and other processes can write then.
///
/// On PostgreSQL too this is about an SQLite file: that server's disk is its own.
#[must_use]
pub fn full_disk(count: u64, seed: u64) -> Report {
    full_disk_without(&[], count, seed)
}

/// T5 on a server without these guards.
#[must_use]
pub fn full_disk_without(guards: &'static [&'static str], count: u64, seed: u64) -> Report {
    let mut report = Report { engine: "sqlite", without: guards, ..Report::new("T5", seed) };
    let Some(room) = Room::mount() else {
        report.broken.push("this process may not mount a file system to fill: run it as root".to_owned());
        return report;
    };
    let database = TestDatabase::in_directory(tempfile::tempdir_in(room.path()).unwrap());
    let server = Server::run(program::without(guards, &database)).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t5-{seed}"));
    let mut chance = Chance::new(seed);
    let ledger = Mutex::new(Ledger::default());
    for round in 0..count {
        room.fill();
        // The log has room of its own at first: it is written until that is used up too.
        let refused = (0..200).find(|number| {
            let request = author.sized(&format!("full-{round}-{number}"), chance.between(0, 2) == 0, 0);
            send(addr, &request, &ledger).is_some_and(|answer| answer.body["code"] == "storage_full")
        });
        report.must(refused.is_some(), format!("round {round}: 200 writes fitted on a full disk"));
        for number in 0..5 {
            let request = author.sized(&format!("still-full-{round}-{number}"), true, 0);
            let code = send(addr, &request, &ledger).map(|answer| (answer.status, answer.body["code"].clone()));
            report.must(
                code.as_ref().is_some_and(|(status, code)| *status == 503 && code == "storage_full" || *status == 201),
                format!("round {round}: a write on a full disk was answered {code:?}"),
            );
            let read = author.read(addr).map(|answer| answer.status);
            report.must(matches!(read, Ok(200)), format!("round {round}: a read on a full disk was answered {read:?}"));
        }
        room.free();
        let first = send(addr, &author.sized(&format!("freed-{round}"), true, 0), &ledger);
        let status = first.map(|answer| answer.status);
        report.must(status == Some(201), format!("round {round}: the first write with room was answered {status:?}"));
        report.broken.extend(beside(async {
            let db = invariant::connect(&database.url).await;
            let wrote = db.execute_unprepared("UPDATE class SET version = version + 1").await;
            db.close().await.unwrap();
            wrote.err().map(|error| format!("round {round}: another process could not write: {error}"))
        }));
        report.must(is_green(addr), format!("round {round}: not healthy afterwards"));
    }
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("rounds", count);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("refused", ledger.refused.len());
    report
}
