//! Upkeep: what is over goes, what is not stays, and one of several servers does it.

use std::time::{Duration as Wait, Instant};

use entity::{Moment, ServerId, lease, reset_link, session, sign_in_attempt};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
use service::{Db, admin, text::Email, upkeep};
use tests::{TestApp, app::PASSWORD, json};
use time::Duration;

/// A round by this server; the rows it removed in all, nothing if it was not its turn.
fn round(app: &TestApp, db: &Db, server: ServerId) -> Option<u64> {
    let at = app.clock.now().into();
    app.run(upkeep::round(db, server, at)).unwrap().map(|removed| removed.values().sum())
}

/// Failures of so many addresses, at this moment.
fn fail(app: &TestApp, addresses: u32, at: Moment) {
    let row = |number: u32| sign_in_attempt::ActiveModel {
        email_hash: Set(number.to_be_bytes().to_vec()),
        failures: Set(1),
        failed_at: Set(at),
        locked_until: Set(at),
    };
    let rows = sign_in_attempt::Entity::insert_many((0..addresses).map(row));
    app.run(rows.exec_without_returning(app.db.connection())).unwrap();
}

fn attempts(app: &TestApp) -> u64 {
    app.run(sign_in_attempt::Entity::find().count(app.db.connection())).unwrap()
}

/// A handle as another server on the same database has it; in memory there is only the one.
fn another(app: &TestApp) -> Db {
    if app.config.database.is_memory() {
        return app.db.clone();
    }
    app.run(Db::connect(&app.config.database_options())).unwrap()
}

#[test]
fn of_two_servers_one_does_it_until_it_is_gone() {
    let app = TestApp::start();
    let (db, other) = (app.db.clone(), another(&app));
    let (first, second) = (ServerId::new(), ServerId::new());
    for _ in 0..3 {
        assert_eq!(round(&app, &db, first), Some(0));
        assert_eq!(round(&app, &other, second), None);
        // Prolonged each time, it is never over.
        app.clock.advance(Duration::minutes(10));
    }
    fail(&app, 1, Moment(0));
    app.clock.advance(Duration::minutes(5) - Duration::seconds(1));
    assert_eq!((round(&app, &other, second), attempts(&app)), (None, 1));
    app.clock.advance(Duration::seconds(1));
    assert_eq!((round(&app, &other, second), attempts(&app)), (Some(1), 0));
    // Back again, it finds that another one does it now.
    assert_eq!(round(&app, &db, first), None);
}

#[test]
fn of_two_servers_that_begin_at_once_one_does_it() {
    let app = TestApp::start();
    let other = another(&app);
    for _ in 0..10 {
        let at = app.clock.now().into();
        let rounds = async {
            let one = upkeep::round(&app.db, ServerId::new(), at);
            let two = upkeep::round(&other, ServerId::new(), at);
            let (one, two) = tokio::join!(one, two);
            [one.unwrap(), two.unwrap()]
        };
        assert_eq!(app.run(rounds).iter().flatten().count(), 1);
        app.clock.advance(Duration::minutes(15));
    }
    assert_eq!(app.run(lease::Entity::find().count(app.db.connection())).unwrap(), 1);
}

#[test]
fn a_lease_taken_while_a_clock_was_wrong_holds_nobody_up() {
    let app = TestApp::start();
    let in_ten_years = Moment::from(app.clock.now() + Duration::days(3650));
    app.run(upkeep::round(&app.db, ServerId::new(), in_ten_years)).unwrap().unwrap();
    assert_eq!(round(&app, &app.db, ServerId::new()), Some(0));
}

#[test]
fn more_than_one_batch_is_done_in_one_round() {
    let app = TestApp::start();
    fail(&app, 1_201, Moment(0));
    assert_eq!(round(&app, &app.db, ServerId::new()), Some(1_201));
    assert_eq!(attempts(&app), 0);
}

#[test]
fn what_is_over_goes_and_what_is_not_stays() {
    let app = TestApp::start();
    let (db, server) = (app.db.clone(), ServerId::new());
    let ana = app.person("ana");
    let once = |person: &tests::Person| {
        person.with("idempotency-key", "first").post("/api/v1/classes", json!({ "name": "Logic" })).is(201)
    };
    let class = once(&ana).str("id");
    // One more within a day, and the next has to wait.
    (0..4).for_each(|_| drop(app.log_in("ben@example.org", "wrong").is(401)));
    let email = Email::parse("ana@example.org").unwrap();
    let made = app.run(admin::reset_link(&db, app.clock.now().into(), email)).unwrap();
    let redeem = || {
        let body = json!({ "token": made.expose(), "password": PASSWORD });
        app.anonymous().post("/api/v1/password_resets", body)
    };
    assert_eq!(round(&app, &db, server), Some(0));

    app.clock.advance(Duration::hours(23));
    assert_eq!(round(&app, &db, server), Some(0));
    // Not over yet: the key, and the count of failures.
    let again = app.sign_in("ana@example.org");
    let replayed = once(&again);
    assert_eq!((replayed.str("id"), replayed.header("idempotency-replayed")), (class, Some("true")));
    app.log_in("ben@example.org", "wrong").is(401);
    app.log_in("ben@example.org", "wrong").is_problem(429, "too_many_attempts");
    // Over, and told so.
    ana.get("/api/v1/me").is_problem(401, "session_expired");
    redeem().is_problem(410, "reset_link_over");

    app.clock.advance(Duration::hours(1));
    assert_eq!(round(&app, &db, server), Some(1), "the key");
    app.clock.advance(Duration::hours(23));
    assert_eq!((round(&app, &db, server), attempts(&app)), (Some(1), 0), "the failures");

    // A week after their end, the first session and the link; the second session half a day after its last use.
    app.clock.advance(Duration::days(5) + Duration::hours(2) - Duration::seconds(1));
    assert_eq!(round(&app, &db, server), Some(0));
    app.clock.advance(Duration::seconds(1));
    assert_eq!(round(&app, &db, server), Some(1), "the link");
    redeem().is_problem(404, "not_found");
    let live = app.sign_in("ana@example.org");
    app.clock.advance(Duration::hours(4));
    live.get("/api/v1/me").is(200);
    app.clock.advance(Duration::hours(7));
    assert_eq!(round(&app, &db, server), Some(1), "the first session");
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
    again.get("/api/v1/me").is_problem(401, "session_expired");
    live.get("/api/v1/me").is(200);
    let left = |rows: u64| assert_eq!(app.run(session::Entity::find().count(db.connection())).unwrap(), rows);
    left(2);
    app.clock.advance(Duration::days(30) + Duration::days(7));
    round(&app, &db, server).unwrap();
    left(0);
    assert_eq!(app.run(reset_link::Entity::find().count(db.connection())).unwrap(), 0);
}

#[test]
fn the_server_does_it_by_itself_and_goes_on_after_a_panic() {
    let app = TestApp::with(|config| config.upkeep = Some(Wait::from_millis(5)));
    app.clock.break_once();
    fail(&app, 3, Moment(0));
    let deadline = Instant::now() + Wait::from_secs(30);
    while attempts(&app) > 0 {
        assert!(Instant::now() < deadline, "nothing was deleted");
    }
    let told = || app.anonymous().get("/metrics").is(200).text();
    // Counted right after the unit of work that did it.
    while !told().contains("colloquium_upkeep_removed_total{table=\"sign_in_attempt\"} 3\n") {
        assert!(Instant::now() < deadline, "{}", told());
    }
    let at = format!("colloquium_upkeep_last_success_timestamp_seconds {}\n", app.clock.now().unix_timestamp());
    assert!(told().contains(&at), "{}", told());
}
