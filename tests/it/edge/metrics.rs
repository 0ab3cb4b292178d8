//! The metrics count what happened, neither more nor less, and show it to whom they should.

use std::collections::BTreeMap;

use tests::TestApp;

const MISSING: &str = "/api/v1/classes/01900000-0000-7000-8000-000000000000";

/// Every line of the page: name with labels, value.
pub(super) fn scrape(app: &TestApp) -> BTreeMap<String, f64> {
    let answer = app.anonymous().get("/metrics").is(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    let lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap());
    lines.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// What `work` added to each counter.
pub(super) fn added(app: &TestApp, work: impl FnOnce()) -> Box<dyn Fn(&str) -> f64> {
    let before = scrape(app);
    work();
    let after = scrape(app);
    Box::new(move |name| after.get(name).copied().unwrap_or(0.0) - before.get(name).copied().unwrap_or(0.0))
}

#[test]
fn so_many_errors_are_counted_as_there_were() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let count = added(&app, || {
        (0..7).for_each(|_| drop(ana.get(MISSING).is(404)));
        (0..5).for_each(|n| drop(ana.get(&format!("/nothing/{n}")).is(404)));
        (0..4).for_each(|_| drop(ana.send("TRACE", "/api/v1/me", None, Vec::new()).is(405)));
        for _ in 0..3 {
            app.clock.break_once();
            ana.get("/api/v1/me").is(500);
        }
        (0..2).for_each(|_| drop(ana.get("/api/v1/me").is(200)));
    });
    for (name, many) in [
        ("colloquium_errors_total{code=\"not_found\"}", 12.0),
        ("colloquium_errors_total{code=\"method_not_allowed\"}", 4.0),
        ("colloquium_errors_total{code=\"internal\"}", 3.0),
        ("colloquium_requests_total{route=\"/api/v1/classes/{id}\",method=\"GET\",status=\"404\"}", 7.0),
        ("colloquium_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"}", 5.0),
        ("colloquium_requests_total{route=\"/api/v1/me\",method=\"other\",status=\"405\"}", 4.0),
        ("colloquium_requests_total{route=\"/api/v1/me\",method=\"GET\",status=\"500\"}", 3.0),
        ("colloquium_requests_total{route=\"/api/v1/me\",method=\"GET\",status=\"200\"}", 2.0),
        ("colloquium_requests_total{route=\"/metrics\",method=\"GET\",status=\"200\"}", 1.0),
    ] {
        assert_eq!(count(name), many, "{name}");
    }
}

#[test]
fn units_and_statements_are_counted_as_they_ran() {
    use service::Error;
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let kinds = ["select", "insert", "update", "delete", "other"];
    let kind = |kind: &str| format!("colloquium_statements_total{{kind=\"{kind}\"}}");
    let before = app.db.statements();
    let count = added(&app, || {
        let conversation = ana.writes(&class, "Syllogisms", "private");
        ana.delete(&format!("/api/v1/conversations/{conversation}")).is(204);
    });
    let ran = app.db.statements() - before;
    assert_eq!(kinds.iter().map(|of| count(&kind(of))).sum::<f64>(), f64::from(u32::try_from(ran).unwrap()));
    assert!(["select", "insert", "delete"].iter().all(|of| count(&kind(of)) > 0.0));
    assert_eq!(count("colloquium_units_rolled_back_total"), 0.0);
    let count = added(&app, || {
        for _ in 0..6 {
            let undone = app.run(app.db.write(|_| async { Err::<(), _>(Error::Stale) }));
            assert!(matches!(undone, Err(Error::Stale)));
        }
    });
    assert_eq!(count("colloquium_units_rolled_back_total"), 6.0);
    assert_eq!(count("colloquium_units_retried_total"), 0.0);
    let contended = added(&app, || drop(app.run(app.db.write(|_| async { Err::<(), _>(Error::Contention) }))));
    assert_eq!(contended("colloquium_units_retried_total"), 9.0);
    assert_eq!(contended("colloquium_units_rolled_back_total"), 10.0);
    let now = scrape(&app);
    assert!(now.iter().any(|(name, value)| name.starts_with("colloquium_pool_connections") && *value >= 1.0));
    let wal = now.get("colloquium_sqlite_wal_bytes").copied();
    assert_eq!(wal.map(|bytes| bytes > 0.0), app.file().map(|_| true));
}

#[test]
fn imports_are_counted_by_what_became_of_them() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let text = "You said:\nHi\n\nChatGPT said:\nAll work is done.";
    let count = added(&app, || {
        ana.imports(&class, "?dry_run=true", text).is(200);
        ana.imports(&class, "", text).is(201);
        (0..2).for_each(|_| drop(ana.imports(&class, "", text).is(200)));
        (0..3).for_each(|_| drop(ana.imports(&class, "", "PK\x03\x04").is(422)));
    });
    let outcomes = ["imported", "skipped", "failed", "refused"];
    let found = outcomes.map(|outcome| count(&format!("colloquium_imports_total{{outcome=\"{outcome}\"}}")));
    assert_eq!(found, [1.0, 2.0, 0.0, 3.0]);
}

#[test]
fn metrics_are_for_this_machine_or_for_the_token() {
    let app = TestApp::with(|config| {
        let vars = [("COLLOQUIUM_METRICS_TOKEN".to_owned(), "a-token-for-metrics".to_owned())];
        config.metrics_token = api::config::Config::from_vars(vars).unwrap().metrics_token;
        assert!(!format!("{config:?}").contains("a-token-for"), "{config:?}");
    });
    let ana = app.person("ana");
    ana.get("/metrics").is(200);
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "via"] {
        let outside = app.anonymous().with(header, "198.51.100.1");
        outside.get("/metrics").is_problem(401, "metrics_restricted");
        outside.bearer("a-token-for-metric").get("/metrics").is_problem(401, "metrics_restricted");
        outside.bearer(&ana.token).get("/metrics").is_problem(401, "metrics_restricted");
        outside.bearer("a-token-for-metrics").get("/metrics").is(200);
    }
    let none = TestApp::start();
    let outside = none.anonymous().with("via", "proxy").bearer("");
    outside.get("/metrics").is_problem(401, "metrics_restricted");
    for short in ["short", "with a space in it, and long"] {
        let vars = [("COLLOQUIUM_METRICS_TOKEN".to_owned(), short.to_owned())];
        let errors = api::config::Config::from_vars(vars).unwrap_err();
        assert!(errors.len() == 1 && !errors[0].to_string().contains(short), "{errors:?}");
    }
}
