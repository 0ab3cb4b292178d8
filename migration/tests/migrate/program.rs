//! The `migration` program itself.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
};

use crate::place::{Place, all, count, newest, test};

fn program(place: &Place, argument: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migration"));
    command.arg(argument).env_clear().env("DATABASE_URL", place.url.expose()).current_dir(place.directory.path());
    command
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn two_processes_at_once_both_succeed() {
    test(|place| async move {
        let start = || program(&place, "up").stdout(Stdio::null()).spawn().unwrap();
        for mut child in [start(), start()] {
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(count(&place.look_at_url().await, "seaql_migrations").await, i64::try_from(all()).unwrap());
    });
}

#[test]
fn it_says_what_it_did_in_one_line_a_migration() {
    test(|place| async move {
        let said = |argument| text(&program(&place, argument).output().unwrap()).0;
        assert_eq!(said("status").matches("pending ").count(), all());
        assert_eq!(said("up").matches("applied ").count(), all());
        assert_eq!(said("up"), "nothing to do\n");
        assert_eq!(said("down"), format!("took back {}\n", newest()));
        assert_eq!(said("status").lines().last(), Some(&*format!("pending {}", newest())));
        assert_eq!(said("fresh").lines().count(), all());

        let refused = program(&place, "fresh").env("COLLOQUIUM_PROFILE", "production").output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused).1.contains("production"));
    });
}

#[test]
fn it_is_healthy_when_everything_is_applied_and_stays_until_it_is_asked_to_stop() {
    test(|place| async move {
        let check = || program(&place, "check").output().unwrap();
        let before = check();
        assert_eq!(before.status.code(), Some(1));
        assert!(text(&before).1.starts_with("migration: pending: m20261120_000001_account, "), "{:?}", text(&before));
        let mut staying = program(&place, "up").arg("--stay").stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(staying.stdout.take().unwrap()).lines().take(all());
        assert!(said.map(Result::unwrap).all(|line| line.starts_with("applied ")));
        // It is done, and still there.
        assert_eq!(text(&check()), ("ok\n".to_owned(), String::new()));
        assert!(staying.try_wait().unwrap().is_none());
        let asked = Command::new("kill").arg(staying.id().to_string()).status().unwrap();
        assert!(asked.success() && staying.wait().unwrap().success());
        assert!(program(&place, "down").output().unwrap().status.success());
        assert!(text(&check()).1.contains(&format!("pending: {};", newest())));
    });
}

#[test]
fn a_malformed_address_ends_it_with_78_and_no_password() {
    test(|place| async move {
        let run = |url: &str, log: &str| {
            let output = program(&place, "up").env("DATABASE_URL", url).env("RUST_LOG", log).output().unwrap();
            (output.status.code(), text(&output).1)
        };
        let (code, said) = run("mysql://ada:hunter2@db/colloquium", "warn");
        assert_eq!((code, said.lines().count()), (Some(78), 1));
        assert!(said.contains("DATABASE_URL") && said.contains("mysql"), "{said}");
        assert!(!said.contains("hunter2"));
        let (code, said) = run("postgres://ada:hunter2@127.0.0.1:1/colloquium", "trace");
        assert_eq!(code, Some(1));
        assert!(said.contains("postgres://ada:***@127.0.0.1:1/colloquium: "), "{said}");
        assert!(said.contains("refused"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    });
}

#[test]
fn without_an_address_it_takes_the_data_directory() {
    test(|place| async move {
        let run = |name: &str, value: &str| program(&place, "up").env_remove("DATABASE_URL").env(name, value).status();
        assert!(run("COLLOQUIUM_DATA_DIR", "elsewhere").unwrap().success());
        assert!(run("UNUSED", "").unwrap().success());
        assert!(place.directory.path().join("elsewhere/colloquium.db").is_file());
        assert!(place.directory.path().join("data/colloquium.db").is_file());

        let file = place.directory.path().join("secret");
        std::fs::write(&file, format!("{}\n", place.url.expose())).unwrap();
        assert!(run("DATABASE_URL_FILE", "secret").unwrap().success());
        let both = program(&place, "up").env("DATABASE_URL_FILE", "secret").output().unwrap();
        assert_eq!(both.status.code(), Some(78));
    });
}

#[test]
fn the_schema_document_needs_nothing_and_is_the_committed_one() {
    test(|place| async move {
        let output = program(&place, "schema").env_clear().output().unwrap();
        assert!(output.status.success());
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema.md");
        let committed = std::fs::read_to_string(committed).unwrap();
        assert!(
            text(&output).0 == committed,
            "docs/schema.md is out of date: cargo run -p migration -- schema > docs/schema.md"
        );
    });
}
