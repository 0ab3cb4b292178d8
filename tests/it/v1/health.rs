//! What `/health` promises: green only where requests would work.

use migration::DatabaseUrl;
use sea_orm::ConnectionTrait;
use tests::TestApp;

#[test]
fn health_is_green_only_on_the_schema_that_this_version_works_with() {
    let app = TestApp::start();
    let newest = app.run(migration::status(&DatabaseUrl::memory())).unwrap().pop().unwrap().0;
    let ask = |status: u16, said: &str, schema: &str| {
        let answer = app.anonymous().get("/health").is(status);
        let found = [answer.str("status"), answer.str("database"), answer.str("schema"), answer.str("version")];
        assert_eq!(found, [said, "connected", schema, env!("CARGO_PKG_VERSION")]);
        assert_eq!(answer.header("retry-after"), (status != 200).then_some("1"));
    };
    let execute = |sql: String| app.run(app.db.connection().execute_unprepared(&sql)).unwrap();
    ask(200, "ok", "current");
    execute(format!("DELETE FROM seaql_migrations WHERE version = '{newest}'"));
    ask(503, "unavailable", "behind");
    execute(format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{newest}', 0)"));
    ask(200, "ok", "current");
    execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_later', 0)".to_owned());
    ask(503, "unavailable", "ahead");
    execute("DELETE FROM seaql_migrations WHERE version = 'm29990101_000001_later'".to_owned());
    ask(200, "ok", "current");
}

#[test]
fn liveness_asks_nothing_of_the_database() {
    let app = TestApp::start();
    let client = app.anonymous();
    let (statements, _) = app.statements(|| client.get("/health/live").is(200));
    assert_eq!(statements, 0);
    app.run(app.db.close()).unwrap();
    let answer = client.get("/health").is(503);
    assert_eq!([answer.str("status"), answer.str("database")], ["unavailable", "unreachable"]);
    assert!(answer.json().get("schema").is_none(), "{}", answer.text());
    client.get("/health/live").is(200);
}
