//! A SQLite file through an upgrade, and who may read it; by the real binary, on a file whatever the engine of this run.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use tests::{battery::Room, program::binary};

use super::command::{Serving, command, files, run, said};

const DUMP: &str = "../migration/tests/dumps/sqlite/m20261120_000003_conversation.sql";
const FILE: &str = "data/colloquium.db";

#[tokio::main(flavor = "current_thread")]
async fn execute(file: &Path, sql: &str) {
    let db = Database::connect(format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// The migrations that the file has, and its users.
#[tokio::main(flavor = "current_thread")]
async fn counts(file: &Path) -> (i64, i64) {
    let db = Database::connect(format!("sqlite://{}?mode=ro", file.display())).await.unwrap();
    let sql = "SELECT (SELECT count(*) FROM seaql_migrations) AS migrations, (SELECT count(*) FROM user) AS users";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
    db.close().await.unwrap();
    (row.try_get("", "migrations").unwrap(), row.try_get("", "users").unwrap())
}

/// A database of an older version, with three users.
fn old(dir: &Path) -> PathBuf {
    let file = dir.join(FILE);
    fs::create_dir(file.parent().unwrap()).unwrap();
    execute(&file, &fs::read_to_string(DUMP).unwrap());
    file
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_upgrade_keeps_a_copy_of_the_file_from_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let (file, backup) = (old(dir.path()), dir.path().join("data/backup"));
    fs::create_dir(&backup).unwrap();
    let older = ["colloquium-before-m1.db", "colloquium-before-m1a.db", "colloquium-before-m1b.db"];
    older.iter().chain(&["mine.db"]).for_each(|name| fs::write(backup.join(name), "").unwrap());

    let serving = Serving::start(&dir, &[]);
    let name = "colloquium-before-m20261121_000004_lease.db";
    let copy = backup.join(name);
    let told = |serving: &Serving| {
        serving.start.iter().any(|line| line.contains("copied the database") && line.contains(name))
    };
    assert!(told(&serving), "{:#?}", serving.start);
    // The newest three, and what is not ours.
    assert_eq!(names(&backup), [older[1], older[2], name, "mine.db"]);
    assert_eq!((counts(&copy), mode(&copy)), ((3, 3), 0o600));
    serving.stop();
    assert!(counts(&file).0 > 3);

    let again = Serving::start(&dir, &[]);
    assert!(!told(&again), "nothing was pending");
    again.stop();

    // Back, and up again: the second copy takes the place of the first.
    fs::copy(&copy, &file).unwrap();
    execute(&file, "DELETE FROM user WHERE email = 'person3@example.org'");
    let (code, out, _) = said(&run(&dir, &["schema", "check"], &[]));
    assert!(code == Some(1) && out.contains("is not applied"), "{out}");
    Serving::start(&dir, &[]).stop();
    assert_eq!((counts(&copy), names(&backup).len()), ((3, 2), 4));
}

#[test]
fn a_new_file_needs_no_copy() {
    let dir = tempfile::tempdir().unwrap();
    Serving::start(&dir, &[]).stop();
    assert_eq!(names(&dir.path().join("data")), ["colloquium.db", "colloquium.db.migrating"]);
}

#[test]
fn without_room_for_the_copy_nothing_is_changed() {
    let Some(room) = Room::mount() else {
        eprintln!("mounting needs root");
        return;
    };
    let file = old(room.path());
    let large = "x".repeat(1 << 20);
    execute(&file, &format!("UPDATE message SET content = '{large}' WHERE position = 1"));
    room.fill();
    let filler = fs::OpenOptions::new().write(true).open(room.path().join("filler")).unwrap();
    // Enough to open the database, not for another one.
    filler.set_len(filler.metadata().unwrap().len() - (400 << 10)).unwrap();
    // A file that is open keeps its room.
    drop(filler);
    let dir = tempfile::tempdir().unwrap();
    let data = file.parent().unwrap();
    let (code, _, err) = said(&run(&dir, &[], &[("COLLOQUIUM_DATA_DIR", data.to_str().unwrap())]));
    assert_eq!(code, Some(1), "{err}");
    let last = err.lines().last().unwrap();
    assert!(last.contains("nothing was migrated") && last.contains("make room: df -h "), "{last}");
    assert_eq!(names(&data.join("backup")), Vec::<String>::new());
    room.free();
    assert_eq!(counts(&file), (3, 3));
    Serving::start(&dir, &[("COLLOQUIUM_DATA_DIR", data.to_str().unwrap())]).stop();
    assert_eq!(names(&data.join("backup")).len(), 1);
}

#[test]
fn what_the_server_makes_is_for_its_own_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(&dir, &[]);
    let data = dir.path().join("data");
    assert_eq!(mode(&data), 0o700);
    let made = names(&data);
    assert_eq!(made, ["colloquium.db", "colloquium.db-shm", "colloquium.db-wal", "colloquium.db.migrating"]);
    for name in made {
        assert_eq!(mode(&data.join(&name)), 0o600, "{name}");
    }
    assert!(!serving.start.iter().any(|line| line.contains("other users")), "{:#?}", serving.start);
    serving.stop();

    // However little the umask takes away: it makes the database, and ends because somebody listens there.
    let fresh = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000 && exec \"$0\""]).arg(binary()).env_clear().current_dir(fresh.path());
    let (code, _, err) = said(&shell.env("COLLOQUIUM_BIND", taken.to_string()).output().unwrap());
    assert!(code == Some(1) && err.contains("cannot listen"), "{err}");
    assert_eq!((mode(&fresh.path().join("data")), mode(&fresh.path().join(FILE))), (0o700, 0o600));
}

#[test]
fn wider_rights_are_told_with_the_command_that_mends_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = old(dir.path());
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&file, 0o640);
    allow(file.parent().unwrap(), 0o755);
    let serving = Serving::start(&dir, &[]);
    let told = |words: &str| serving.start.iter().any(|line| line.contains("WARN") && line.contains(words));
    for fix in ["chmod 700 ./data", "chmod 600 ./data/colloquium.db"] {
        assert!(told(fix), "{fix}: {:#?}", serving.start);
    }
    // Told, not done.
    assert_eq!(mode(&file), 0o640);
    serving.stop();
}

#[test]
fn no_command_makes_a_database_by_mistake() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, vars) in [
        (["admin", "create", "ana@example.org"].as_slice(), [].as_slice()),
        (&["admin", "disable", "ana@example.org"], &[]),
        (&[], &[("COLLOQUIUM_MIGRATE", "never")]),
    ] {
        let output = command(&dir, arguments, vars).env("RUST_LOG", "off").output().unwrap();
        let (code, out, err) = said(&output);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}");
        let words = ["there is no database at ./data/colloquium.db", "start the server once", "COLLOQUIUM_DATA_DIR"];
        assert!(err.lines().count() == 1 && words.iter().all(|words| err.contains(words)), "{err}");
        assert_eq!(files(&dir), Vec::<String>::new());
    }
}

#[test]
fn a_grant_names_the_standing_it_gives() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = said(&run(&dir, &["admin", "grant", "ana@example.org"], &[]));
    assert!(code == Some(2) && err.contains("--role"), "{err}");
}
