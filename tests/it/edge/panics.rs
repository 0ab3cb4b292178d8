//! A mistake of ours is an answer like any other, and the server goes on.

use std::collections::BTreeSet;

use tests::{TestApp, app::PASSWORD, clock::BROKEN, json};

#[test]
fn a_panic_is_answered_with_500_and_the_request_id_and_the_server_goes_on() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let import = format!("/api/v1/classes/{class}/imports");
    let register = |name: &str| {
        let body = json!({ "email": format!("{name}@example.org"), "display_name": name, "password": PASSWORD });
        app.anonymous().with("x-request-id", "the-broken-one").post("/api/v1/users", body)
    };
    // The test server has one worker: were it gone, nobody would answer the next request.
    for round in 0..5 {
        app.clock.break_once();
        let in_middleware = ana.with("x-request-id", "the-broken-one").get("/api/v1/me");
        app.clock.break_once();
        let with_a_body_nobody_reads = ana.with("x-request-id", "the-broken-one").upload(&import, vec![b'x'; 1 << 20]);
        app.clock.break_once();
        let in_a_handler = register("ben");
        for answer in [in_middleware, with_a_body_nobody_reads, in_a_handler] {
            let answer = answer.is_problem(500, "internal");
            assert_eq!(answer.header("x-request-id"), Some("the-broken-one"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(!answer.text().contains(BROKEN) && !answer.text().contains("clock.rs"), "{}", answer.text());
        }
        ana.writes(&class, &format!("Round {round}"), "private");
        assert_eq!(app.anonymous().get("/health").is(200).str("database"), "connected");
    }
    register("ben").is(201);
}

#[test]
fn what_went_wrong_has_a_name_of_its_own_in_the_log_and_words_of_its_own_in_the_answer() {
    use api::error::ApiError;
    use service::{Error, Mishap};
    let all = [
        Mishap::UnitPanicked,
        Mishap::TransactionKept,
        Mishap::WorkPanicked,
        Mishap::CloseTimedOut,
        Mishap::NoRandomness,
        Mishap::Hash,
        Mishap::Stored,
        Mishap::UploadUnreadable,
    ];
    let names: BTreeSet<&str> = all.iter().map(|mishap| Error::Mishap(*mishap).name()).collect();
    assert_eq!(names.len(), all.len());
    for mishap in all {
        let answer = ApiError::from(Error::Mishap(mishap));
        assert_eq!((answer.status().as_u16(), answer.code()), (500, "internal"));
        assert_eq!(answer.detail(), format!("{}; tell the administrator the request id", mishap.detail()));
    }
    let stopping = ApiError::from(Error::Mishap(Mishap::Stopping));
    assert_eq!((stopping.status().as_u16(), stopping.code(), stopping.retry_after()), (503, "stopping", Some(1)));
    // What ended tells itself apart: a panic is ours, the rest is the end of the server.
    let app = TestApp::start();
    app.run(async {
        let panicked = tokio::task::spawn_blocking(|| panic!("on purpose")).await.map_err(Error::from);
        assert!(matches!(panicked, Err(Error::Mishap(Mishap::WorkPanicked))), "{panicked:?}");
        let left = tokio::spawn(std::future::pending::<()>());
        left.abort();
        let left = left.await.map_err(Error::from);
        assert!(matches!(left, Err(Error::Mishap(Mishap::Stopping))), "{left:?}");
    });
}
