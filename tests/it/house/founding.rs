//! The page of the founding demands names tests that exist, and the demands that are about the code as a whole.

use std::{collections::BTreeSet, fs, path::Path};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tests::{TestApp, json};

use super::command::{Serving, files, run, said};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The text of every Rust file under these folders, with its path.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    for folder in folders {
        walk(&Path::new(ROOT).join(folder), &mut found);
    }
    assert!(!found.is_empty());
    found
}

/// Every function that stands under a `#[test]` of some kind.
fn tests_there_are() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in sources(&["tests/it", "tests/browser", "migration", "service/src", "api/src"]) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                let function = lines.by_ref().find_map(|line| line.split_once("fn ")).unwrap().1;
                names.insert(function.split(['(', '<']).next().unwrap().to_owned());
            }
        }
    }
    names
}

#[test]
fn every_founding_demand_has_tests_that_exist() {
    let page = fs::read_to_string(Path::new(ROOT).join("docs/founding.md")).unwrap();
    let there = tests_there_are();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.contains("---")).collect();
    let demands = rows.iter().filter(|row| !row.starts_with("| demand |"));
    let mut count = 0;
    for row in demands {
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for name in named {
            assert!(there.contains(name), "there is no test {name}: {row}");
        }
        count += 1;
    }
    assert!(count >= 20, "the page has only {count} demands");
}

#[test]
fn no_test_sleeps() {
    // Faults at moments of chance are what the battery is about, and delays what its proxy makes; the checker pauses
    // between two looks, with an end.
    const MAY: [&str; 3] = ["src/battery/", "src/invariant.rs", "src/proxy.rs"];
    for (path, text) in sources(&["tests", "migration/tests"]) {
        let asleep = text.lines().find(|line| line.contains("sleep(") && !line.contains("contains(\"sleep(\")"));
        if let Some(line) = asleep
            && !MAY.iter().any(|may| path.contains(may))
        {
            panic!("{path} sleeps: {line}");
        }
    }
}

#[test]
fn request_code_neither_prints_nor_panics_nor_swallows() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    for lint in ["unwrap_used", "expect_used", "panic", "indexing_slicing", "let_underscore_must_use", "print_stdout"] {
        assert!(manifest.contains(&format!("{lint} = \"warn\"")), "{lint}");
    }
    // Warnings are errors in `.ci/run`; what remains is where they are switched off.
    assert!(fs::read_to_string(Path::new(ROOT).join(".ci/run")).unwrap().contains("-D warnings"));
    for (path, text) in sources(&["api/src", "service/src", "entity/src"]) {
        let request_code = text.split("#[cfg(test)]").next().unwrap();
        for lint in ["unwrap_used", "expect_used", "clippy::panic", "indexing_slicing"] {
            assert!(!request_code.contains(lint), "{path} switches {lint} off");
        }
    }
}

#[test]
fn nothing_but_the_database_coordinates() {
    let lock = fs::read_to_string(Path::new(ROOT).join("Cargo.lock")).unwrap();
    for name in ["redis", "fred", "memcache", "lapin", "async-nats", "rdkafka"] {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is a second truth beside the database");
    }
}

#[test]
fn a_handle_and_its_clones_share_the_same_connections() {
    let app = TestApp::start();
    let (one, other) = (app.db.clone(), app.db.clone());
    let before = one.statements();
    let asked = other.read(|db| async move {
        let one = Statement::from_string(db.get_database_backend(), "SELECT 1");
        Ok(db.query_one_raw(one).await?.is_some())
    });
    assert!(app.run(asked).unwrap());
    assert_eq!(one.statements(), before + 1, "what one clone asks, the other has counted");
    app.run(app.db.close()).unwrap();
    assert!(app.run(other.probe()).is_err(), "what closes one closes all");
}

#[test]
fn two_servers_in_one_process_share_nothing() {
    let (one, other) = (TestApp::start(), TestApp::start());
    let ana = one.person("ana");
    ana.get("/api/v1/me").is(200);
    other.log_in(&ana.email, tests::app::PASSWORD).is(401);
    other.anonymous().bearer(&ana.token).get("/api/v1/me").is(401);
}

#[test]
fn statements_are_echoed_when_the_environment_asks_for_it() {
    for (filter, echoed) in [("info", false), ("info,sqlx=debug", true)] {
        let dir = tempfile::tempdir().unwrap();
        let serving = Serving::start(&dir, &[("COLLOQUIUM_PROFILE", "test"), ("RUST_LOG", filter)]);
        let anonymous = tests::Client::new(format!("http://{}", serving.address()));
        anonymous
            .post("/api/v1/sessions", json!({ "email": "nobody@example.org", "password": "wrong password" }))
            .is(401);
        serving.signal("TERM");
        let (code, log) = serving.wait();
        assert_eq!(code, Some(0));
        assert_eq!(log.contains("SELECT"), echoed, "{filter}: {log}");
        assert_eq!(files(&dir), Vec::<String>::new());
    }
}

#[test]
fn a_rollback_is_logged_with_the_request_id_before_the_error_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(&dir, &[("COLLOQUIUM_PROFILE", "test"), ("RUST_LOG", "debug")]);
    let anonymous = tests::Client::new(format!("http://{}", serving.address()));
    let (email, password) = ("ana@example.org", tests::app::PASSWORD);
    anonymous.post("/api/v1/users", json!({ "email": email, "display_name": "Ana", "password": password })).is(201);
    let session = anonymous.post("/api/v1/sessions", json!({ "email": email, "password": password })).is(201);
    let ana = anonymous.bearer(&session.str("token")).with("x-request-id", "undone-1");
    ana.post("/api/v1/enrolments", json!({ "invite_code": "ABCD2345" })).is(404);
    serving.signal("TERM");
    let log = serving.wait().1;
    let of_it = |words: &str| log.lines().position(|line| line.contains("undone-1") && line.contains(words));
    let (undone, answered) = (of_it("rolled back"), of_it("status=404"));
    assert!(undone.is_some() && undone < answered, "{log}");
}

#[test]
fn postgresql_is_given_five_connections_with_room_for_ten_more() {
    let dir = tempfile::tempdir().unwrap();
    let vars = [("DATABASE_URL", "postgres://c@db/c"), ("COLLOQUIUM_ALLOW", "plain_database")];
    let config = api::config::Config::from_vars(vars.map(|(k, v)| (k.to_owned(), v.to_owned())));
    let config = config.unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!((config.pool_min, config.pool_max), (5, 15));
    assert_eq!(config.connection_lifetime.as_secs(), 3600);
    assert_eq!(config.statement_timeout.as_secs(), 30);
    assert!(config.acquire_timeout.as_secs() <= 10);
    assert_eq!(said(&run(&dir, &["config", "check"], &vars)).0, Some(0));
}

#[test]
fn a_postgresql_connection_is_opened_with_every_limit() {
    let app = TestApp::start();
    let connection = app.db.connection();
    if connection.get_database_backend() != DbBackend::Postgres {
        eprintln!("LEFT OUT: these limits are PostgreSQL's");
        return;
    }
    for (name, value) in [
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("application_name", "colloquium"),
    ] {
        let show = Statement::from_string(DbBackend::Postgres, format!("SHOW {name}"));
        let row = app.run(connection.query_one_raw(show)).unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), value, "{name}");
    }
}

#[test]
fn a_connection_that_died_unseen_is_replaced_before_it_is_used() {
    let app = TestApp::start();
    let connection = app.db.connection();
    if connection.get_database_backend() != DbBackend::Postgres {
        eprintln!("LEFT OUT: a connection to a file does not die");
        return;
    }
    let ana = app.person("ana");
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..5 {
        app.run(connection.execute_unprepared(others)).unwrap();
        ana.get("/api/v1/me").is(200);
        ana.get("/api/v1/classes").is(200);
    }
}
