//! T35: what is injected is counted, one by one, and can be found in the log by the request id of the answer.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait;
use service::Error;
use tests::{
    Person, TestApp,
    app::PASSWORD,
    database::{Engine, TestDatabase, engine},
    invariant, json,
    program::Server,
};
use tokio::sync::watch;

use super::metrics::{added, scrape};

/// How long a test waits for what has to happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// The pool that writes, as the metrics call it.
fn pool(metric: &str) -> String {
    let name = if engine() == Engine::Sqlite { "write" } else { "all" };
    format!("colloquium_pool_{metric}{{pool=\"{name}\"}}")
}

/// Holds every connection that writes, until told to let go.
fn hold(app: &TestApp) -> watch::Sender<bool> {
    let (sender, receiver) = watch::channel(false);
    let connections = if engine() == Engine::Postgres { app.config.pool_max } else { 1 };
    let before = scrape(app)[&pool("acquires_total")];
    for _ in 0..connections {
        let (db, go) = (app.db.clone(), receiver.clone());
        app.spawn(async move {
            let unit = move |_| {
                let mut go = go.clone();
                async move { go.wait_for(|go| *go).await.map(drop).map_err(|_| Error::Mishap(service::Mishap::Stopping)) }
            };
            go_on(db.write(unit).await);
        });
    }
    until(|| scrape(app)[&pool("acquires_total")] == before + f64::from(connections));
    sender
}

fn go_on(held: service::Result<()>) {
    assert!(held.is_ok(), "{held:?}");
}

#[track_caller]
fn until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < DEADLINE, "never");
    }
}

#[test]
fn who_waits_for_a_connection_is_counted_and_so_is_who_waits_in_vain() {
    let app = TestApp::with(|config| {
        config.pool_max = 2;
        config.acquire_timeout = Duration::from_secs(2);
    });
    let ana = app.person("ana");
    let held = hold(&app);
    let before = scrape(&app);
    let connections = if engine() == Engine::Postgres { 2.0 } else { 1.0 };
    assert_eq!(
        ["connections", "used_connections", "idle_connections"].map(|name| before[&pool(name)]),
        [connections, connections, 0.0]
    );
    assert_eq!(before["colloquium_pools_replaced_total"], 0.0);
    let count = |name: &str| scrape(&app)[&pool(name)] - before[&pool(name)];
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..7).map(|_| scope.spawn(|| app.run(app.db.write(|_| async { Ok(()) })))).collect();
        until(|| count("waiting") == 7.0);
        held.send(true).unwrap();
        for unit in waiting {
            unit.join().unwrap().unwrap();
        }
    });
    let names = ["waiting", "waits_total", "acquires_total", "refused_total"];
    assert_eq!(names.map(count), [0.0, 7.0, 7.0, 0.0]);
    assert!(count("acquire_seconds_total") > 0.0);
    let held = hold(&app);
    let refused = added(&app, || {
        std::thread::scope(|scope| {
            let asked: Vec<_> =
                (0..3).map(|_| scope.spawn(|| ana.post("/api/v1/classes", json!({ "name": "Logic" })))).collect();
            for answer in asked {
                let answer = answer.join().unwrap().is_problem(503, "overloaded");
                assert_eq!(answer.header("retry-after"), Some("1"));
            }
        });
    });
    assert_eq!(refused(&pool("refused_total")), 3.0);
    assert_eq!(refused(&pool("waits_total")), 3.0);
    assert_eq!(refused("colloquium_errors_total{code=\"overloaded\"}"), 3.0);
    held.send(true).unwrap();
    ana.opens_class("Logic");
}

#[test]
fn slow_statements_are_counted_by_kind() {
    let kinds = ["select", "insert", "update", "delete", "other"];
    for (slow_from, all) in [(Duration::ZERO, true), (Duration::from_secs(3600), false)] {
        let app = TestApp::with(|config| config.slow_statement = slow_from);
        let ana = app.person("ana");
        let class = ana.opens_class("Logic");
        ana.writes(&class, "Syllogisms", "private");
        let now = scrape(&app);
        for kind in kinds {
            let ran = now[&format!("colloquium_statements_total{{kind=\"{kind}\"}}")];
            let slow = now[&format!("colloquium_statements_slow_total{{kind=\"{kind}\"}}")];
            assert_eq!(slow, if all { ran } else { 0.0 }, "{kind}");
            assert!(ran > 0.0 || !matches!(kind, "select" | "insert"), "{kind}");
        }
    }
}

/// Invitations cannot be listed between these two.
const BREAK: &str = "ALTER TABLE invite RENAME TO elsewhere";
const MEND: &str = "ALTER TABLE elsewhere RENAME TO invite";

#[test]
fn statements_that_fail_are_counted_one_by_one() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let path = format!("/api/v1/classes/{}/invites", ana.opens_class("Logic"));
    app.run(app.db.connection().execute_unprepared(BREAK)).unwrap();
    let count = added(&app, || (0..6).for_each(|_| drop(ana.get(&path).is_problem(500, "internal"))));
    app.run(app.db.connection().execute_unprepared(MEND)).unwrap();
    for name in [
        "colloquium_errors_total{code=\"internal\"}",
        "colloquium_statements_failed_total{kind=\"select\"}",
        "colloquium_requests_total{route=\"/api/v1/classes/{id}/invites\",method=\"GET\",status=\"500\"}",
    ] {
        assert_eq!(count(name), 6.0, "{name}");
    }
}

fn execute(database: &TestDatabase, sql: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let beside = invariant::connect(&database.url).await;
        beside.execute_unprepared(sql).await.unwrap();
        beside.close().await.unwrap();
    });
}

#[test]
fn each_answer_of_500_is_found_in_the_log_by_its_id_with_the_code_of_the_database() {
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let client = tests::Client::new(format!("http://{}", server.addr));
    let body = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD });
    client.post("/api/v1/users", body).is(201);
    let token = client.post("/api/v1/sessions", json!({ "email": "ana@example.org", "password": PASSWORD })).is(201);
    let token = token.str("token");
    let ana = Person { email: "ana@example.org".to_owned(), client: client.bearer(&token), token };
    let path = format!("/api/v1/classes/{}/invites", ana.opens_class("Logic"));
    execute(&database, BREAK);
    let ids: BTreeSet<String> = (0..5).map(|_| ana.get(&path).is_problem(500, "internal").str("request_id")).collect();
    execute(&database, MEND);
    assert_eq!(ids.len(), 5);
    let code = if engine() == Engine::Postgres { "42P01" } else { "1" };
    for id in ids {
        until(|| server.log().lines().any(|line| line.contains(&id) && line.contains("answered")));
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&id)).collect();
        let only = |word: &str| {
            let found: Vec<&&str> = lines.iter().filter(|line| line.contains(word)).collect();
            assert_eq!(found.len(), 1, "{word}: {lines:#?}");
            found[0].to_string()
        };
        assert!(only("unexpected error").contains(&format!("sql_code=\"{code}\"")), "{lines:#?}");
        assert!(only("answered").contains("status=500"));
        assert!(lines.iter().filter(|line| line.contains("ERROR")).count() == 1, "{lines:#?}");
        assert!(!log.contains("elsewhere"), "a text of the database was logged");
    }
}
