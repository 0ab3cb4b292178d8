//! The fault battery with small counts; `cargo run -p tests --bin battery` runs it with large ones.

use migration::DatabaseUrl;
use sea_orm::{ConnectionTrait, TransactionTrait};
use service::Db;
use tests::{
    TestApp,
    battery::{self, Report, Room, bare},
    database::{Engine, TestDatabase, engine},
    invariant::{self, Ledger, Write},
    json,
};

#[track_caller]
fn holds(report: &Report) {
    assert!(report.broken.is_empty(), "{}", report.line());
}

#[test]
fn a_killed_server_loses_nothing_it_acknowledged_and_serves_again_at_once() {
    holds(&battery::killed(5, 1));
}

#[test]
fn a_request_repeated_after_a_kill_has_one_effect() {
    holds(&battery::repeated(3, 2));
}

#[test]
fn clients_who_hang_up_harm_nobody() {
    holds(&battery::cancelled(400, 3));
}

/// A file system to fill. Making one takes the right to mount: on a developer's machine the two tests that need it say
/// that they are left out, in CI they fail.
fn room() -> Option<Room> {
    let room = Room::mount();
    if room.is_none() {
        assert!(std::env::var("CI").is_err(), "CI must be able to mount a file system to fill: run it as root");
        eprintln!("LEFT OUT: filling a disk takes the right to mount a file system; run as root to include it");
    }
    room
}

#[test]
fn a_full_disk_refuses_writes_and_recovers_by_itself() {
    let Some(_) = room() else { return };
    holds(&battery::full_disk(2, 4));
}

#[test]
fn malformed_requests_are_refused_and_cost_nothing() {
    holds(&battery::malformed(1, 7));
}

#[test]
fn eight_servers_start_together_on_an_empty_database() {
    holds(&battery::together(2, 5));
}

#[test]
fn broken_connections_and_locks_of_others_end_in_503_at_most() {
    holds(&battery::disturbed(15, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_what_is_broken() {
    let app = tokio::task::spawn_blocking(|| {
        let app = TestApp::with(|config| {
            // The checker looks from outside, so there must be something outside memory.
            config.database = if config.database.is_memory() {
                DatabaseUrl::file(config.data_dir.join("colloquium.db"))
            } else {
                config.database.clone()
            };
        });
        let ana = app.person("ana");
        let class = ana.opens_class("Logic");
        for title in ["there", "doubled"] {
            let messages = json!([{ "role": "user", "content": format!("{title}/0") }]);
            ana.post(
                &format!("/api/v1/classes/{class}/conversations"),
                json!({ "title": title, "messages": messages }),
            )
            .is(201);
        }
        app
    });
    let app = app.await.unwrap();
    let url = app.config.database.clone();
    let write = |marker: &str, messages| Write { marker: marker.to_owned(), messages };
    let fine = Ledger {
        acknowledged: vec![write("there", 1)],
        refused: vec![write("missing", 1)],
        unknown: vec![write("doubled", 1), write("missing", 2)],
        wrong: Vec::new(),
    };
    assert_eq!(invariant::broken(&fine, &url).await, Vec::<String>::new());
    let wrong = Ledger {
        acknowledged: vec![write("missing", 1)],
        refused: vec![write("there", 1)],
        unknown: vec![write("doubled", 2)],
        wrong: vec!["answered 500".to_owned()],
    };
    let said = invariant::broken(&wrong, &url).await;
    for (line, begins) in said.iter().zip(["answered 500", "acknowledged and lost", "refused and there", "half a unit"])
    {
        assert!(line.starts_with(begins), "{said:#?}");
    }
    assert_eq!(said.len(), 4, "{said:#?}");
    let db = invariant::connect(&url).await;
    for (sql, word) in [
        ("UPDATE message SET content = 'there/0' WHERE content = 'doubled/0'", "there 2 times"),
        ("UPDATE message SET position = 7 WHERE position = 0", "gaps or doubles"),
        ("UPDATE message SET on_path = FALSE", "last message is not theirs"),
        ("UPDATE enrolment SET role = 'instructor'", "exactly the one owner"),
    ] {
        db.execute_unprepared(sql).await.unwrap();
        let said = invariant::broken(&fine, &url).await;
        assert!(said.iter().any(|line| line.contains(word)), "{sql}: {said:#?}");
    }
    if engine() == Engine::Postgres {
        let held = ours(&url).await;
        let tx = held.connection().begin().await.unwrap();
        let said = invariant::broken(&Ledger::default(), &url).await;
        assert!(said.iter().any(|line| line.contains("left in a transaction")), "{said:#?}");
        tx.rollback().await.unwrap();
        held.close().await.unwrap();
    } else {
        db.execute_unprepared("PRAGMA foreign_keys = OFF; DELETE FROM class").await.unwrap();
        let said = invariant::broken(&fine, &url).await;
        assert!(said.iter().any(|line| line.contains("points at nothing")), "{said:#?}");
    }
    db.close().await.unwrap();
    tokio::task::spawn_blocking(|| drop(app)).await.unwrap();
}

/// A handle with our guards.
async fn ours(url: &DatabaseUrl) -> Db {
    let config = api::config::Config {
        database: url.clone(),
        pool_min: 1,
        pool_max: 1,
        ..api::config::Config::from_vars(std::collections::HashMap::new()).unwrap()
    };
    Db::connect(&config.database_options()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_begin_that_is_given_up_loses_no_later_write_on_our_pool() {
    let database = tokio::task::spawn_blocking(TestDatabase::empty).await.unwrap();
    let plain = bare::pool(&database.url).await;
    bare::make_table(&plain).await;
    let lost = bare::lost_after_cancelled_begin(&plain, &database.url, 400).await;
    // SQLite has no round trip to give up on. On PostgreSQL the bare pool loses one within 2 to 28 tries as a rule, but it
    // is a race: a run that never hits it proves nothing either way, so it is not asserted.
    assert!(lost.is_none() || engine() == Engine::Postgres, "{lost:?}");
    plain.close().await.unwrap();
    let guarded = ours(&database.url).await;
    guarded.connection().execute_unprepared("DELETE FROM note").await.unwrap();
    let lost = bare::lost_after_cancelled_begin(guarded.connection(), &database.url, 200).await;
    assert_eq!(lost, None);
    guarded.connection().execute_unprepared("DROP TABLE note").await.unwrap();
    guarded.close().await.unwrap();
    tokio::task::spawn_blocking(|| drop(database)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_a_later_write_on_the_bare_pool_and_none_on_ours() {
    let Some(room) = room() else { return };
    let in_room = |name: &str| DatabaseUrl::file(room.path().join(name));
    let url = in_room("bare.db");
    let plain = bare::pool(&url).await;
    bare::make_table(&plain).await;
    assert!(bare::lost_after_full_disk(&plain, &url, &room).await, "the bare pool kept it: is the guard still needed?");
    plain.close().await.unwrap();
    let url = in_room("ours.db");
    let guarded = ours(&url).await;
    bare::make_table(guarded.connection()).await;
    assert!(!bare::lost_after_full_disk(guarded.connection(), &url, &room).await);
    guarded.close().await.unwrap();
}
