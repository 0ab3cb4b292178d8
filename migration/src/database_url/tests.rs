use std::path::Path;

use super::{DatabaseUrl, DatabaseUrlError as Error, Engine};

fn parse(text: &str) -> DatabaseUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fault(text: &str) -> Error {
    match text.parse::<DatabaseUrl>() {
        Ok(url) => panic!("{text} was taken as {url}"),
        Err(error) => error,
    }
}

#[test]
fn sqlite_in_every_spelling() {
    for text in ["sqlite::memory:", "sqlite://:memory:", "SQLite::memory:", "sqlite://x?mode=memory"] {
        let url = parse(text);
        assert!(url.is_memory(), "{text}");
        assert_eq!(url.path(), None);
        assert_eq!(url.expose(), "sqlite::memory:");
        assert_eq!((url.engine(), url.database()), (Engine::Sqlite, ":memory:".to_owned()));
    }
    for (text, path, creates) in [
        ("sqlite:data/a.db", "data/a.db", false),
        ("sqlite://data/a.db", "data/a.db", false),
        ("sqlite://./data/a.db?mode=rwc", "./data/a.db", true),
        (" sqlite:///srv/a.db?mode=rwc&cache=private\n", "/srv/a.db", true),
        ("sqlite:///srv/my%20school/a%3Fb.db?mode=rw", "/srv/my school/a?b.db", false),
    ] {
        let url = parse(text);
        assert_eq!(url.path(), Some(Path::new(path)), "{text}");
        assert_eq!(url.creates(), creates, "{text}");
        assert_eq!(parse(&url.expose()).path(), url.path(), "{text}");
        let options: sqlx::sqlite::SqliteConnectOptions = url.expose().parse().unwrap();
        assert_eq!(options.get_filename(), Path::new(path), "{text}");
        url::Url::parse(&url.expose()).unwrap();
    }
}

#[test]
fn postgres_in_every_spelling() {
    let url = parse("postgresql://ada:s%40%2Fcret@db.school.edu:6432/collo%20quium?sslmode=verify-full");
    assert_eq!(url.engine(), Engine::Postgres);
    assert_eq!((url.host(), url.port()), (Some("db.school.edu"), Some(6432)));
    assert_eq!((url.database().as_str(), url.ssl_mode()), ("collo quium", Some("verify-full")));
    assert!(!url.is_memory() && url.path().is_none() && !url.creates());

    let socket = parse("postgres:///colloquium?host=/var/run/postgresql&user=ada");
    assert_eq!((socket.host(), socket.port()), (Some("/var/run/postgresql"), Some(5432)));
    assert_eq!(parse("postgres://%2Frun%2Fpg/colloquium").host(), Some("/run/pg"));
    assert_eq!(parse("postgres://ada@[::1]:5433/colloquium").port(), Some(5433));
    assert_eq!(parse("postgres://[::1]/colloquium").host(), Some("[::1]"));
    assert_eq!(parse("postgres://localhost/colloquium?application_name=a@b").host(), Some("localhost"));
}

#[test]
fn what_is_exposed_is_what_the_driver_reads() {
    use sqlx::postgres::PgConnectOptions;
    for text in [
        "postgres://ada:p%40%23%2F%3F%25%20%3A@db:6432/collo%20quium?sslmode=require&options[search_path]=x",
        "postgres://ada:secret@[::1]/colloquium",
        "postgres:///colloquium?host=/run/pg&user=ada&password=p%26a",
    ] {
        let url = parse(text);
        url::Url::parse(&url.expose()).unwrap();
        let options: PgConnectOptions = url.expose().parse().unwrap();
        assert_eq!((options.get_username(), options.get_port()), ("ada", url.port().unwrap()), "{text}");
        assert_eq!(options.get_database(), Some(url.database().as_str()), "{text}");
        match url.host() {
            Some(path) if path.starts_with('/') => assert_eq!(options.get_socket().unwrap(), Path::new(path)),
            host => assert_eq!(Some(options.get_host()), host),
        }
        assert_eq!(parse(&url.expose()).expose(), url.expose());
    }
}

#[test]
fn the_password_is_masked_wherever_an_address_is_shown() {
    for text in [
        "postgres://ada:hunter2@db/colloquium",
        "postgres://ada:hunter%32@db:5432/colloquium",
        "postgres://ada@db/colloquium?password=hunter2",
        "postgres://ada:hunter2@db/colloquium?options=hunter2",
    ] {
        let url = parse(text);
        assert_eq!(url.to_string(), "postgres://ada:***@db:5432/colloquium");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres://ada:***@db:5432/colloquium)");
        assert_eq!(format!("{:#?}", Some(&url)).matches("hunter2").count(), 0);
        assert!(url.expose().contains("hunter2"));
    }
    assert_eq!(parse("postgres://db/colloquium").to_string(), "postgres://db:5432/colloquium");
    assert_eq!(parse("sqlite://./a.db?mode=rwc").to_string(), "sqlite:./a.db");
}

#[test]
fn every_fault_names_its_fix_and_never_the_password() {
    for (text, fix) in [
        ("", "postgres://user:password@host:5432/database"),
        ("  ", "leave it unset"),
        ("\"postgres://ada:hunter2@db/x\"", "remove the quotes"),
        ("data/colloquium.db", "begin it with sqlite:// or postgres://"),
        ("ada:hunter2@db/colloquium", "begin it with sqlite:// or postgres://"),
        ("hunter2@db:5432", "begin it with"),
        ("mysql://ada:hunter2@db/x", "MySQL and MariaDB do not work here"),
        ("postgresql+asyncpg://ada:hunter2@db/x", "without the name of a driver"),
        ("sqlite3:///a.db", "write sqlite://"),
        ("file:a.db", "write sqlite://"),
        ("https://ada:hunter2@db/x", "use sqlite:// or postgres://"),
        ("postgres:ada:hunter2@db/x", "postgres://user:password@host:5432/database"),
        ("postgres://ada:hunter2@db:54x/x", "5432"),
        ("postgres://ada:hunter2@db:0/x", "(0)"),
        ("postgres://ada:hunter2@db:65536/x", "(65536) is not a number from 1 to 65535"),
        ("postgres://ada:hunter2", "a password stands before an @"),
        ("postgres://ada:hunter2/x", "a password stands before an @"),
        ("postgres://ada:hunter2@hunter2@db/x", "%40"),
        ("postgres://ada:h@hunter2@db/x", "%40"),
        ("postgres://ada:hunter2#hunter2@db/x", "%23"),
        ("postgres://ada:hunter2/hunter2@db/x", "%2F"),
        ("postgres://ada:12/hunter2@db/x", "%2F"),
        ("postgres://ada:hunter2?hunter2@db/x", "%3F"),
        ("postgres://ada:h@12/hunter2@db/x", "%40"),
        ("postgres://ada:hunter2%zz@db/x", "%25"),
        ("postgres://ada:hunter2%ff@db/x", "%25"),
        ("postgres://ada:hunter2%4@db/x", "%25"),
        ("postgres://ada:hunter2@db/x#y", "%23"),
        ("postgres://ada:hunter2@/x", "?host=/var/run/postgresql"),
        ("postgres://ada:hunter2@d b/x", "IPv6 address in [ ]"),
        ("postgres://ada:hunter2@[::x]/x", "IPv6 address in [ ]"),
        ("postgres://ada:hunter2@db", "as in postgres://user:***@db:5432/colloquium"),
        ("postgres://ada:hunter2@db:6000/?sslmode=require", "as in postgres://user:***@db:6000/colloquium"),
        ("postgres://ada:hunter2@db/x/y", "%2F"),
        ("postgres://ada:hunter2@db/x?sslpassword=hunter2", "remove it"),
        ("postgres://ada:hunter2@db/x?sslmode=hunter2", "verify-full"),
        ("postgres://ada:hunter2@db/x?statement-cache-capacity=hunter2", "a number"),
        ("postgres://ada:hunter2@db/x?port=hunter2", "5432"),
        ("sqlite:", "sqlite::memory:"),
        ("sqlite://?mode=rwc", "sqlite://./data/colloquium.db?mode=rwc"),
        ("sqlite://./data/?mode=rwc", "as in sqlite://./data/colloquium.db?mode=rwc"),
        ("sqlite://.", "not a file"),
        ("sqlite://a#b.db", "%23"),
        ("sqlite://a%b.db", "%25"),
        ("sqlite://a.db?mode=create", "rwc"),
        ("sqlite://a.db?cache=no", "private or shared"),
        ("sqlite://a.db?journal=wal", "known are mode, cache"),
    ] {
        let error = fault(text);
        let message = error.to_string();
        assert!(message.contains(fix), "{text}: {message}");
        assert!(!message.contains('\n'), "{text}: {message}");
        assert!(!format!("{message} {error:?}").contains("hunter2"), "{text}: {message}");
    }
}

#[test]
fn made_without_text() {
    assert!(DatabaseUrl::memory().is_memory());
    let file = DatabaseUrl::file("data/a b.db");
    assert!(file.creates());
    assert_eq!(file.expose(), "sqlite:data/a%20b.db?mode=rwc");
    assert_eq!(format!("{} {}", Engine::Sqlite, Engine::Postgres), "SQLite PostgreSQL");
}
