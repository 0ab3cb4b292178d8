//! Imports that go on after their request: they wait for their turn, and say how they stand.

use std::time::{Duration, Instant};

use api::limits::Limits;
use sea_orm::{ConnectionTrait, Statement};
use tests::{Person, Response, TestApp, Value, fixture, json};

use super::{CHATGPT, chat, student};

/// How long a test waits for what has to happen.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server that tells each sender at once to look later, and reads so many imports at once.
fn hasty(imports_at_once: usize) -> TestApp {
    let limits = Limits { import_answer: Duration::ZERO, imports_at_once, ..Limits::default() };
    TestApp::with(|config| config.limits = limits)
}

fn path(class: &str) -> String {
    format!("/api/v1/classes/{class}/imports")
}

/// Where an accepted import says how it stands.
fn accepted(answer: &Response) -> String {
    let at = answer.header("location").unwrap().to_owned();
    assert_eq!(at, format!("/api/v1/imports/{}", answer.str("id")));
    at
}

/// The import once it has ended.
fn ended(who: &Person, at: &str) -> Value {
    let begun = Instant::now();
    loop {
        let now = who.get(at).is(200).json();
        let counts = [&now["done"], &now["total"]].map(Value::as_u64);
        assert!(counts[0] <= counts[1].or(Some(u64::MAX)), "{now}");
        if !matches!(now["state"].as_str(), Some("queued" | "running")) {
            return now;
        }
        assert!(begun.elapsed() < DEADLINE, "{now}");
    }
}

#[test]
fn an_import_that_takes_longer_goes_on_and_says_how_it_stands() {
    let app = hasty(2);
    let (ana, class) = student(&app);
    let at = accepted(&ana.imports(&class, "?visibility=class", CHATGPT).is(202));
    let done = ended(&ana, &at);
    assert_eq!((&done["state"], &done["done"], &done["total"]), (&json!("done"), &json!(3), &json!(3)));
    assert_eq!((&done["place"], &done["failure"], &done["class_id"]), (&Value::Null, &Value::Null, &json!(class)));
    assert_eq!(done["report"]["imported"].as_array().unwrap().len(), 3);
    assert!(done["report"]["imported"][0]["title"].is_string());
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items().len(), 3);
    // Of another there is nothing to see.
    app.person("ben").get(&at).is_problem(404, "not_found");
    // What cannot be read is said there too, and stays said.
    let at = accepted(&ana.imports(&class, "", "PK\x03\x04").is(202));
    let failed = ended(&ana, &at);
    assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("archive")));
}

#[test]
fn who_waits_is_told_the_place_and_nobody_waits_behind_the_many_of_another() {
    let app = hasty(0);
    let (ana, class) = student(&app);
    let ben = app.person("ben");
    let own = ben.opens_class("Ethics");
    let send = |who: &Person, class: &str, n: usize| {
        let answer = who.imports(class, "", chat(&format!("c{n}"), &["Q?", "A."]).to_string()).is(202);
        assert_eq!(answer.str("state"), "queued");
        accepted(&answer)
    };
    let places = |who: &Person, all: &[&String]| -> Vec<Value> {
        all.iter().map(|at| who.get(at).is(200).json()["place"].clone()).collect()
    };
    let (first, second) = (send(&ana, &class, 1), send(&ana, &class, 2));
    let third = send(&ben, &own, 3);
    let begun = Instant::now();
    // Ben's first goes before ana's second.
    while (places(&ana, &[&first, &second]), places(&ben, &[&third])) != (vec![json!(1), json!(3)], vec![json!(2)]) {
        assert!(begun.elapsed() < DEADLINE, "{:?} {:?}", places(&ana, &[&first, &second]), places(&ben, &[&third]));
    }
    let metrics = ana.get("/metrics").is(200).text();
    assert!(metrics.contains("colloquium_imports_now{state=\"queued\"} 3\n"), "{metrics}");
    // A rehearsal is not waited for longer, and its sender told how many go before.
    let refused = ben.imports(&own, "?dry_run=true", CHATGPT).is_problem(503, "overloaded");
    assert!(refused.str("detail").starts_with("4 imports go before this one"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("10"));
}

#[test]
fn a_request_sent_again_while_it_is_answered_is_the_same_import() {
    let app = hasty(0);
    let (ana, class) = student(&app);
    let once = ana.with("idempotency-key", "k-1");
    let first = accepted(&once.upload(&path(&class), CHATGPT).is(202));
    assert_eq!(accepted(&once.upload(&path(&class), CHATGPT).is(202)), first);
    once.upload(&path(&class), "something else").is_problem(422, "idempotency_key_reused");
}

#[test]
fn an_import_whose_server_is_gone_has_failed_and_the_same_again_finishes_the_rest() {
    let app = hasty(2);
    let (ana, class) = student(&app);
    let once = ana.with("idempotency-key", "k-1");
    let at = accepted(&once.upload(&path(&class), CHATGPT).is(202));
    let done = ended(&ana, &at);
    // As its row would stand if the server had gone before the last one.
    let last = done["report"]["imported"][2]["id"].as_str().unwrap().to_owned();
    ana.delete(&format!("/api/v1/conversations/{last}")).is(204);
    let gone = "UPDATE import SET state = 'running', done = 2, total = 3, report = 'null'";
    app.run(app.db.connection().execute_unprepared(gone)).unwrap();
    assert_eq!(ana.get(&at).is(200).str("state"), "running");
    app.clock.advance(time::Duration::minutes(2));
    let failed = ana.get(&at).is(200).json();
    assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("interrupted")));
    assert_eq!(accepted(&once.upload(&path(&class), CHATGPT).is(202)), at);
    let report = ended(&ana, &at)["report"].clone();
    let count = |list: &str| report[list].as_array().unwrap().len();
    assert_eq!(["imported", "skipped", "failed"].map(count), [1, 2, 0]);
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items().len(), 3);
}

#[test]
fn a_big_file_says_how_many_conversations_it_has() {
    let app = hasty(2);
    let (ana, class) = student(&app);
    let mut file = Vec::new();
    fixture::chatgpt_export(7, 40, 400, 5_000_000, &mut file).unwrap();
    let at = accepted(&ana.imports(&class, "", file).is(202));
    let done = ended(&ana, &at);
    assert_eq!((&done["state"], &done["done"], &done["total"]), (&json!("done"), &json!(40), &json!(40)));
}

/// Everything that is kept of imports.
fn kept(app: &TestApp) -> String {
    let sql = "SELECT CAST(report AS text) AS report FROM import ORDER BY id";
    app.run(async {
        let db = app.db.connection();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "report").unwrap() + "\n").collect()
    })
}

#[test]
fn what_a_deleted_conversation_was_called_is_in_no_report() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let named = |title: &str, mut chat: Value| {
        chat["title"] = json!(title);
        chat
    };
    let empty = named("My doctor says", chat("c1", &[]));
    let both = Value::from(vec![empty, named("Plans for May", chat("c2", &["Q?", "A."]))]);
    let report = ana.imports(&class, "", both.to_string()).is(201).json();
    let first = report["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&report["failed"][0]["title"], &report["imported"][0]["title"]),
        (&json!("My doctor says"), &json!("Plans for May"))
    );
    // Later it has messages, comes in, and is shared under another name.
    let whole = named("My doctor says", chat("c1", &["Q?", "A."])).to_string();
    let second = ana.imports(&class, "", whole.clone()).is(201).json();
    ana.imports(&class, "", whole).is(200);
    let id = second["imported"][0]["id"].as_str().unwrap();
    let shown = |import: &str| ana.get(&format!("/api/v1/imports/{import}")).is(200).json()["report"].clone();
    let import = second["id"].as_str().unwrap();
    assert_eq!(shown(import)["imported"][0]["title"], "My doctor says");
    assert_eq!(shown(&first)["failed"][0]["title"], "My doctor says");
    // What came in is called what its conversation is called, so nothing of it is kept beside it.
    assert_eq!(kept(&app).matches("My doctor says").count(), 1, "{}", kept(&app));
    assert_eq!(kept(&app).matches("\"c1\"").count() + kept(&app).matches("Plans for May").count(), 0, "{}", kept(&app));
    ana.delete(&format!("/api/v1/conversations/{id}")).is(204);
    assert_eq!(kept(&app).matches("My doctor says").count(), 0, "{}", kept(&app));
    let line = shown(import)["imported"][0].clone();
    assert_eq!((&line["title"], &line["source_id"], &line["id"]), (&Value::Null, &Value::Null, &json!(id)));
    assert_eq!(shown(&first)["failed"][0]["title"], Value::Null);
    assert_eq!(shown(&first)["imported"][0]["title"], "Plans for May");
}
