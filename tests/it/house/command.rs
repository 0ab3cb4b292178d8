//! The `colloquium` program as an operator runs it: the real binary, an environment of its own, an empty directory.

mod secrets;
mod traces;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use service::text::Email;
use tempfile::TempDir;
use tests::{Client, TestApp, Value, app::PASSWORD, json, program::binary};
use time::Duration;

/// The program with no environment but `vars`, in `dir`.
pub(super) fn command(dir: &TempDir, arguments: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().envs(vars.iter().copied()).current_dir(dir.path());
    command.stdin(Stdio::null());
    command
}

pub(super) fn run(dir: &TempDir, arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    command(dir, arguments, vars).output().unwrap()
}

pub(super) fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// What is in a directory, by name.
pub(super) fn files(dir: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(dir.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A serving process; killed when a test fails before it stops it.
pub(super) struct Serving {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// What it said before it listened, line by line.
    pub(super) start: Vec<String>,
    pub(super) client: Client,
    address: String,
}

impl Serving {
    pub(super) fn start(dir: &TempDir, vars: &[(&str, &str)]) -> Self {
        let vars = [vars, &[("COLLOQUIUM_BIND", "127.0.0.1:0")]].concat();
        let mut child = command(dir, &[], &vars).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut start = Vec::new();
        let url = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended: {start:#?}");
            start.push(line.trim_end().to_owned());
            if let Some((_, url)) = line.trim_end().split_once("listens on ") {
                break url.to_owned();
            }
        };
        let address = url.trim_start_matches("http://").to_owned();
        Self { child, stderr, start, client: Client::new(url), address }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// What it says, up to a line with these words.
    pub(super) fn until(&mut self, words: &str) -> String {
        let mut lines = String::new();
        while !lines.lines().last().is_some_and(|line| line.contains(words)) {
            assert!(self.stderr.read_line(&mut lines).unwrap() > 0, "it ended without {words:?}: {lines}");
        }
        lines
    }

    /// Its exit code, once it ended, and what else it said.
    pub(super) fn wait(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }

    /// Tells it to stop as service managers do; its exit code and what else it said.
    pub(super) fn stop(self) -> (Option<i32>, String) {
        self.signal("TERM");
        self.wait()
    }

    fn sign_in(&self, email: &str, password: &str) -> Client {
        let body = json!({ "email": email, "password": password });
        self.client.bearer(&self.client.post("/api/v1/sessions", body).is(201).str("token"))
    }
}

/// Sends a signal, `TERM` or `INT`.
pub(super) fn signal(child: &Child, name: &str) {
    let told = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(told.success());
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill, which is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The token at the end of a printed link.
fn token(printed: &str) -> String {
    let link = printed.lines().last().unwrap();
    assert!(link.starts_with("set the password within one hour, once: http://localhost:8080/reset/cqr_"), "{link}");
    link.rsplit('/').next().unwrap().to_owned()
}

fn reset(token: &str, password: &str) -> Value {
    json!({ "token": token, "password": password })
}

#[test]
fn the_version_is_three_numbers_and_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = said(&run(&dir, &["--version"], &[]));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, format!("colloquium {}\n", env!("CARGO_PKG_VERSION")));
    // Not even a configuration that cannot be used is looked at.
    let (code, help, _) = said(&run(&dir, &["--help"], &[("COLLOQUIUM_BIND", "nonsense")]));
    assert!(code == Some(0) && help.contains("admin") && help.contains("Usage: colloquium"), "{help}");
    assert_eq!(files(&dir), Vec::<String>::new());
}

#[test]
fn a_configuration_that_cannot_be_used_stops_the_start_with_one_line_each() {
    let dir = tempfile::tempdir().unwrap();
    let vars = [
        ("COLLOQUIUM_BIND", "nonsense"),
        ("COLLOQUIUM_POOL_MAX", "lots"),
        ("COLLOQUIUM_COLOR", "red"),
        ("DATABASE_URL", "postgres://user:s3cr3t-w0rd@host:port/db"),
    ];
    for arguments in [[].as_slice(), &["serve"], &["admin", "create", "ana@example.org"]] {
        let (code, out, err) = said(&run(&dir, arguments, &vars));
        assert_eq!((code, out.as_str()), (Some(78), ""), "{arguments:?}");
        let mut keys: Vec<&str> = err
            .lines()
            .map(|line| line.strip_prefix("colloquium: ").unwrap())
            .map(|line| line.split(['=', ':']).next().unwrap())
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, ["COLLOQUIUM_BIND", "COLLOQUIUM_COLOR", "COLLOQUIUM_POOL_MAX", "DATABASE_URL"]);
        assert!(!err.contains("s3cr3t-w0rd"), "{err}");
    }
    assert_eq!(files(&dir), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn an_environment_that_is_not_text_does_no_harm() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let dir = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"\xff\xfe");
    let mut ours = command(&dir, &[], &[]);
    let (code, _, err) = said(&ours.env("COLLOQUIUM_BIND", odd).output().unwrap());
    assert!(code == Some(78) && err.starts_with("colloquium: COLLOQUIUM_BIND="), "{code:?} {err}");
    // Somebody else's variable is none of our business.
    let mut others = command(&dir, &["config", "check"], &[]);
    let (code, out, err) = said(&others.env("LESS_TERMCAP", odd).output().unwrap());
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "ok\n", ""));
}

#[test]
fn the_test_profile_serves_from_memory_and_writes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(&dir, &[("COLLOQUIUM_PROFILE", "test"), ("TMPDIR", dir.path().to_str().unwrap())]);
    let client = &serving.client;
    let registration = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD });
    client.post("/api/v1/users", registration).is(201);
    let ana = serving.sign_in("ana@example.org", PASSWORD);
    let class = ana.post("/api/v1/classes", json!({ "name": "Logic" })).is(201).str("id");
    // Large enough for a temporary file, where one may be written.
    let messages = "You said:\nHi\n\nChatGPT said:\n".to_owned() + &"All work is done. ".repeat(200_000);
    let big = format!("[{{\"title\": {:?}, \"mapping\": {{}}}}]", "x".repeat(5 << 20));
    ana.upload(&format!("/api/v1/classes/{class}/imports"), messages).is(201);
    ana.upload(&format!("/api/v1/classes/{class}/imports"), big).is(422);
    assert_eq!(ana.get("/health").is(200).str("database"), "connected");
    assert_eq!(files(&dir), Vec::<String>::new());
    let (code, _) = serving.stop();
    assert_eq!(code, Some(0));
    assert_eq!(files(&dir), Vec::<String>::new());
}

#[test]
fn the_last_line_of_a_start_says_where_it_listens_and_a_stop_is_a_success() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(&dir, &[]);
    assert!(serving.start.iter().any(|line| line.contains("opening the database")), "{:#?}", serving.start);
    let last = serving.start.last().unwrap();
    assert!(last.starts_with("Colloquium listens on http://127.0.0.1:") && !last.ends_with(":0"), "{last}");
    assert_eq!(files(&dir), ["data"]);
    let (code, rest) = serving.stop();
    assert_eq!(code, Some(0));
    // Nothing was asked, so all that is left to say is about the end.
    let stopped = rest.find("closing the database").zip(rest.find("stopped"));
    assert!(stopped.is_some_and(|(closing, end)| closing < end), "{rest}");
    assert!(!rest.contains("migrated") && !rest.contains("opening"), "{rest}");
}

#[test]
fn a_start_that_cannot_work_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, err) = said(&run(&dir, &[], &[("COLLOQUIUM_BIND", &address), ("RUST_LOG", "off")]));
    assert_eq!(code, Some(1));
    assert!(err.contains(&format!("cannot listen on {address}")) && err.contains("COLLOQUIUM_BIND"), "{err}");
    let fresh = tempfile::tempdir().unwrap();
    let url = "sqlite://./new.db?mode=rwc";
    std::fs::write(fresh.path().join("new.db"), "").unwrap();
    let (code, _, err) = said(&run(&fresh, &[], &[("COLLOQUIUM_MIGRATE", "never"), ("DATABASE_URL", url)]));
    assert_eq!(code, Some(1));
    assert!(err.contains("not up to date") && err.contains("COLLOQUIUM_MIGRATE=auto"), "{err}");
}

#[test]
fn an_administrator_makes_accounts_and_looks_after_them() {
    let dir = tempfile::tempdir().unwrap();
    let admin = |arguments: &[&str]| {
        let (code, out, err) = said(&run(&dir, &[&["admin"], arguments].concat(), &[]));
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
        out
    };
    let serving = Serving::start(&dir, &[]);
    let made = admin(&["create", "Root@Example.org"]);
    assert!(made.starts_with("created root@example.org\n"), "{made}");
    let client = &serving.client;
    let first = reset(&token(&made), PASSWORD);
    client.post("/api/v1/password_resets", first.clone()).is(204);
    client.post("/api/v1/password_resets", first).is_problem(410, "reset_link_over");
    let root = serving.sign_in("root@example.org", PASSWORD);
    let me = root.get("/api/v1/me").is(200);
    assert_eq!((me.str("site_role"), me.str("display_name")), ("admin".to_owned(), "root".to_owned()));
    // The server runs on, and sees at once what is done beside it.
    assert_eq!(admin(&["grant", "root@example.org", "--role", "teacher"]), "root@example.org is teacher now\n");
    assert_eq!(root.get("/api/v1/me").is(200).str("site_role"), "teacher");
    assert_eq!(admin(&["disable", "root@example.org"]), "root@example.org is disabled\n");
    root.get("/api/v1/me").is_problem(401, "token_invalid");
    let log_in = json!({ "email": "root@example.org", "password": PASSWORD });
    client.post("/api/v1/sessions", log_in).is_problem(401, "wrong_credentials");
    assert_eq!(admin(&["enable", "root@example.org"]), "root@example.org is enabled\n");
    let root = serving.sign_in("root@example.org", PASSWORD);
    let link = token(&admin(&["reset-link", "root@example.org"]));
    root.get("/api/v1/me").is(200);
    client.post("/api/v1/password_resets", reset(&link, "another password")).is(204);
    root.get("/api/v1/me").is_problem(401, "token_invalid");
    serving.sign_in("root@example.org", "another password").get("/api/v1/me").is(200);
    let made = admin(&["create", "ms@example.org", "--name", "Ms Teacher", "--role", "member"]);
    client.post("/api/v1/password_resets", reset(&token(&made), PASSWORD)).is(204);
    let me = serving.sign_in("ms@example.org", PASSWORD).get("/api/v1/me").is(200);
    assert_eq!((me.str("site_role"), me.str("display_name")), ("member".to_owned(), "Ms Teacher".to_owned()));
    let (code, log) = serving.stop();
    assert_eq!(code, Some(0));
    assert!(!log.contains("cqr_") && !log.contains("cqs_") && !log.contains(PASSWORD), "a secret is in the log");
}

#[test]
fn an_administrator_is_told_what_was_wrong() {
    let dir = tempfile::tempdir().unwrap();
    Serving::start(&dir, &[]).stop();
    let (code, ..) = said(&run(&dir, &["admin", "create", "root@example.org"], &[]));
    assert_eq!(code, Some(0));
    for (arguments, status, words) in [
        (["admin", "create", "root@example.org"].as_slice(), 1, "an account with this address exists"),
        (&["admin", "create", "nonsense"], 1, "EMAIL: expected an address like name@example.org"),
        (&["admin", "create", "a@example.org", "--name", " "], 1, "--name: must not be empty"),
        (&["admin", "grant", "nobody@example.org", "--role", "admin"], 1, "no account has this address"),
        (&["admin", "disable", "nobody@example.org"], 1, "no account has this address"),
        (&["admin", "enable", "nobody@example.org"], 1, "no account has this address"),
        (&["admin", "reset-link", "nobody@example.org"], 1, "no account has this address"),
        (&["admin", "grant", "root@example.org", "--role", "king"], 2, "invalid value 'king'"),
        (&["admin", "create"], 2, "required arguments were not provided"),
        (&["admin", "promote", "root@example.org"], 2, "unrecognized subcommand 'promote'"),
        (&["admin"], 2, "Usage: colloquium admin"),
        (&["sreve"], 2, "unrecognized subcommand 'sreve'"),
        (&["--port", "80"], 2, "unexpected argument '--port'"),
    ] {
        let (code, out, err) = said(&run(&dir, arguments, &[]));
        assert_eq!((code, out.as_str()), (Some(status), ""), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
    // An account in memory would be gone with the command.
    let in_memory = run(&dir, &["admin", "create", "gone@example.org"], &[("COLLOQUIUM_PROFILE", "test")]);
    let (code, out, err) = said(&in_memory);
    assert_eq!((code, out.as_str()), (Some(78), ""), "{err}");
    assert!(err.contains("in memory"), "{err}");
}

#[test]
fn a_link_is_good_for_an_hour_and_until_the_next_one() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let made = ana.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "read" })).is(201);
    let script = app.anonymous().bearer(&made.str("token"));
    let issue = || {
        let email = Email::parse("ana@example.org").unwrap();
        app.run(service::admin::reset_link(&app.db, app.clock.now().into(), email)).unwrap().expose().to_owned()
    };
    let redeem = |token: &str| app.anonymous().post("/api/v1/password_resets", reset(token, "another password"));
    let old = issue();
    app.clock.advance(Duration::hours(1));
    redeem(&old).is_problem(410, "reset_link_over");
    let (replaced, last) = (issue(), issue());
    redeem(&replaced).is_problem(404, "not_found");
    app.clock.advance(Duration::hours(1) - Duration::seconds(1));
    redeem("cqr_made_up").is_problem(404, "not_found");
    let weak = app.anonymous().post("/api/v1/password_resets", reset(&last, "short"));
    assert_eq!(weak.is_problem(422, "validation_failed").field_errors()[0].0, "/password");
    // Nothing of that touched the account, nor used the link up.
    script.get("/api/v1/me").is(200);
    ana.get("/api/v1/me").is(200);
    redeem(&last).is(204);
    redeem(&last).is_problem(410, "reset_link_over");
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
    script.get("/api/v1/me").is_problem(401, "token_revoked");
    app.log_in("ana@example.org", PASSWORD).is_problem(401, "wrong_credentials");
    app.log_in("ana@example.org", "another password").is(201);
    // A link is for a password, never for the API.
    app.anonymous().bearer(&issue()).get("/api/v1/me").is_problem(401, "token_invalid");
}

#[test]
fn a_link_used_twice_at_once_works_once() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let email = Email::parse("ana@example.org").unwrap();
    let made = app.run(service::admin::reset_link(&app.db, app.clock.now().into(), email)).unwrap();
    let redeem = |password: &'static str| {
        let body = reset(made.expose(), password);
        app.anonymous().post("/api/v1/password_resets", body).status
    };
    let found: HashMap<&str, u16> = std::thread::scope(|scope| {
        let threads = ["the first password", "the second password"].map(|p| (p, scope.spawn(move || redeem(p))));
        threads.map(|(password, thread)| (password, thread.join().unwrap())).into()
    });
    let mut statuses: Vec<u16> = found.values().copied().collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410]);
    for (password, status) in found {
        app.log_in("ana@example.org", password).is(if status == 204 { 201 } else { 401 });
    }
}
