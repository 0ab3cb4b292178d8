//! The commands that look and change nothing.

use sea_orm::ConnectionTrait;
use tests::TestApp;

use super::command::{Serving, files, run, said};

#[test]
fn health_says_what_the_running_server_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(&dir, &[("COLLOQUIUM_PROFILE", "test"), ("COLLOQUIUM_STOP_NOTICE", "3600")]);
    let address = serving.address().to_owned();
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    let ask = |bind: &str| said(&run(&dir, &["health"], &[("COLLOQUIUM_BIND", bind)]));
    for bind in [&address, &everywhere] {
        let (code, out, err) = ask(bind);
        assert!(code == Some(0) && out.contains("\"ok\"") && err.is_empty(), "{code:?} {out} {err}");
    }
    serving.signal("TERM");
    serving.until("not ready any more");
    let (code, out, _) = ask(&address);
    assert!(code == Some(1) && out.contains("\"draining\""), "{code:?} {out}");
    serving.signal("TERM");
    serving.wait();
    let (code, out, err) = ask(&address);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.starts_with(&format!("colloquium: nobody answers at {address}: ")), "{err}");
}

#[test]
fn config_check_says_what_a_start_would_say_and_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = ("DATABASE_URL", "postgres://user:s3cr3t-w0rd@localhost:1/school");
    assert_eq!(said(&run(&dir, &["config", "check"], &[nobody])), (Some(0), "ok\n".to_owned(), String::new()));
    let wrong = [nobody, ("COLLOQUIUM_BIND", "8080"), ("COLLOQUIUM_WORKERS", "0")];
    let (code, out, err) = said(&run(&dir, &["config", "check"], &wrong));
    assert_eq!((code, out.as_str(), err.lines().count()), (Some(78), "", 2), "{err}");
    assert!(err.contains("COLLOQUIUM_BIND=8080: ") && err.contains("COLLOQUIUM_WORKERS=0: "), "{err}");
    assert_eq!(files(&dir), Vec::<String>::new());
}

#[test]
fn schema_check_names_every_difference() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/a.db?mode=rwc", dir.path().display());
    let url: migration::DatabaseUrl = file.parse().unwrap();
    let check = || said(&run(&dir, &["schema", "check"], &[("DATABASE_URL", &file)]));
    let (code, _, err) = check();
    assert!(code == Some(1) && err.contains("there is no file"), "{err}");
    assert!(files(&dir).is_empty());
    let app = TestApp::start();
    app.run(migration::up(&url)).unwrap();
    // The engine of this run, unless it is in memory, where nobody else can look.
    if !app.config.database.is_memory() {
        let url = &app.config.database;
        assert_eq!(app.run(migration::schema::drift(url)).unwrap(), Vec::<String>::new());
        let lines = |sql: &str| {
            app.run(app.db.connection().execute_unprepared(sql)).unwrap();
            app.run(migration::schema::drift(url)).unwrap()
        };
        assert_eq!(
            lines("CREATE INDEX spare ON class (name)"),
            ["class: index spare: is not ours, found (name), not unique"]
        );
        assert_eq!(lines("DROP INDEX spare"), Vec::<String>::new());
    }
    assert_eq!(check(), (Some(0), "ok\n".to_owned(), String::new()));
    let execute = |sql: &str| {
        app.run(async {
            let db = sea_orm::Database::connect(&file).await.unwrap();
            db.execute_unprepared(sql).await.unwrap();
            db.close().await.unwrap();
        });
    };
    // What somebody else keeps in the same database is not ours.
    execute("CREATE TABLE others (id integer)");
    assert_eq!(check().0, Some(0));
    execute("ALTER TABLE class ADD COLUMN colour text");
    execute("ALTER TABLE import RENAME TO bring_in");
    execute("DELETE FROM seaql_migrations WHERE version LIKE '%_conversation'");
    let (code, out, _) = check();
    assert_eq!(code, Some(1), "{out}");
    for words in ["_conversation: is not applied", "class.colour: is not ours", "import: the table is missing"] {
        assert!(out.lines().any(|line| line.contains(words)), "{words}: {out}");
    }
    let (code, _, err) = said(&run(&dir, &["schema", "check"], &[("COLLOQUIUM_PROFILE", "test")]));
    assert!(code == Some(78) && err.contains("in memory"), "{err}");
}
