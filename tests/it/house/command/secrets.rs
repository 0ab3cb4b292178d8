//! Secrets and words of people are in no log line at any level, in no metric, in nothing that others are answered: the
//! real binary, with every log line there is, taken through a journey with values that would be recognised.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use tempfile::TempDir;
use tests::{Client, Response, database::TestDatabase, json};

use super::{command, run, said, token};

const PASSWORD: &str = "canary-password-5d1c";
const WRONG_PASSWORD: &str = "canary-wrong-password-77aa";
const DATABASE_PASSWORD: &str = "canary-database-password-90fe";
const METRICS_TOKEN: &str = "canary-metrics-token-31bc";
const EMAIL: &str = "canary-mail-8f2e@example.org";
const NAME: &str = "Canaryname Eightfour";
const WORDS: &str = "canary-words-of-ana-c0de";
const QUERY: &str = "canary-query-6b6b";

/// A server whose every line is kept.
struct Loud {
    child: Child,
    lines: Receiver<String>,
    client: Client,
    begin: Vec<String>,
}

impl Loud {
    fn start(dir: &TempDir, vars: &[(&str, &str)]) -> Self {
        let vars = [vars, &[("COLLOQUIUM_BIND", "127.0.0.1:0"), ("RUST_LOG", "trace")]].concat();
        let mut child = command(dir, &[], &vars).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        // The pipe is always emptied: a server that cannot write its log would stand still.
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut begin = Vec::new();
        let client = loop {
            let line = lines.recv_timeout(Duration::from_secs(60)).expect("it did not start");
            begin.push(line);
            if let Some((_, url)) = begin.last().unwrap().split_once("listens on ") {
                break Client::new(url);
            }
        };
        Self { child, lines, client, begin }
    }

    /// Ends it; all it said.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.begin.extend(self.lines.iter());
        self.begin.join("\n")
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        // After `end` there is nothing left to kill, which is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The address of this run's database, with a password in it where there can be one.
fn database_url(database: &TestDatabase) -> String {
    let url = database.url.expose();
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
        // The server of the tests asks nobody for a password, and takes any.
        Some(("postgres", (user, place))) => {
            let user = user.split(':').next().unwrap();
            format!("postgres://{user}:{DATABASE_PASSWORD}@{place}")
        }
        _ => format!("sqlite://{}?mode=rwc", database.dir.path().join("canary.db").display()),
    }
}

#[test]
fn no_secret_and_no_word_of_people_is_in_any_log_metric_or_answer_to_others() {
    let database = TestDatabase::create();
    let (dir, url) = (tempfile::tempdir().unwrap(), database_url(&database));
    let vars = [("DATABASE_URL", url.as_str()), ("COLLOQUIUM_METRICS_TOKEN", METRICS_TOKEN)];
    let loud = Loud::start(&dir, &vars);
    let (nobody, others) = (&loud.client, std::cell::RefCell::new(String::new()));
    let other = |answer: Response| others.borrow_mut().push_str(&answer.text());
    let registration = |email: &str| json!({ "email": email, "display_name": NAME, "password": PASSWORD });
    let log_in =
        |email: &str, password: &str| nobody.post("/api/v1/sessions", json!({ "email": email, "password": password }));
    nobody.post("/api/v1/users", registration(EMAIL)).is(201);
    nobody.post("/api/v1/users", registration("peer@example.org")).is(201);
    other(log_in(EMAIL, WRONG_PASSWORD).is(401));
    let session = log_in(EMAIL, PASSWORD).is(201).str("token");
    let (ana, peer) =
        (nobody.bearer(&session), nobody.bearer(&log_in("peer@example.org", PASSWORD).is(201).str("token")));
    let api_token = ana.post("/api/v1/me/tokens", json!({ "name": WORDS, "scope": "write" })).is(201).str("token");
    let class = nobody.bearer(&api_token).post("/api/v1/classes", json!({ "name": WORDS })).is(201).str("id");
    let code = ana.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": "student" })).is(201).str("code");
    let messages = json!([{ "role": "user", "content": WORDS }]);
    let body = json!({ "title": WORDS, "visibility": "private", "messages": messages });
    let conversation = ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let pasted = format!("You said:\n{WORDS}\n\nChatGPT said:\n{WORDS}");
    ana.upload(&format!("/api/v1/classes/{class}/imports"), pasted).is(201);
    ana.upload(&format!("/api/v1/classes/{class}/imports"), format!("[{{\"title\": \"{WORDS}\"")).is(422);
    other(peer.get(&format!("/api/v1/conversations/{conversation}")).is(404));
    peer.post("/api/v1/enrolments", json!({ "invite_code": code })).is(201);
    other(peer.get(&format!("/api/v1/conversations/{conversation}")).is(404));
    ana.get(&format!("/api/v1/conversations/{conversation}?include=messages")).is(200);
    // What goes wrong says most.
    ana.send("POST", "/api/v1/classes", Some("application/json"), format!("{{\"name\": {WORDS}").into()).is(400);
    ana.get(&format!("/api/v1/classes/{class}/conversations?q={QUERY}&surprise={QUERY}")).is(422);
    ana.get(&format!("/api/v1/classes/{QUERY}")).is(404);
    other(nobody.with("cookie", format!("session={session}x")).get("/api/v1/me").is(401));
    other(nobody.post("/api/v1/users", registration("peer@example.org")).is(409));
    let (_, printed, _) = said(&run(&dir, &["admin", "reset-link", EMAIL], &vars));
    let reset = token(&printed);
    nobody.get(&format!("/reset/{reset}")).is(200);
    let body = json!({ "token": reset, "password": format!("{PASSWORD}-2") });
    nobody.post("/api/v1/password_resets", body).is(204);
    let metrics = nobody.get("/metrics").is(200).text();
    other(nobody.with("via", "proxy").get("/metrics").is(401));
    let log = loud.end();
    // It was as loud as it can be, and spoke of these very requests.
    assert!(log.contains("TRACE") && log.contains("/api/v1/classes/{id}/imports"), "{} lines", log.lines().count());
    let canaries = [
        PASSWORD,
        WRONG_PASSWORD,
        DATABASE_PASSWORD,
        METRICS_TOKEN,
        EMAIL,
        NAME,
        WORDS,
        QUERY,
        &session,
        &api_token,
        &reset,
        &code,
    ];
    for (place, text) in [("the log", &log), ("the metrics", &metrics), ("an answer to others", &others.borrow())] {
        for canary in canaries {
            let found: Vec<&str> = text.lines().filter(|line| line.contains(canary)).take(3).collect();
            assert!(found.is_empty(), "{canary} is in {place}: {found:#?}");
        }
    }
}

#[test]
fn a_database_that_cannot_be_reached_shows_no_password_at_any_level() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("postgres://colloquium:{DATABASE_PASSWORD}@127.0.0.1:1/colloquium?sslmode=disable");
    let hasty = [("COLLOQUIUM_ACQUIRE_TIMEOUT", "1"), ("COLLOQUIUM_START_TIMEOUT", "1")];
    // The longest target that could win against a filter that is one directive among others, and no migration first:
    // so the pool of SeaORM itself is asked, whose spans hold the URL.
    let loud = [("RUST_LOG", "trace,sea_orm::driver=trace"), ("COLLOQUIUM_MIGRATE", "never")];
    let mut vars = vec![("DATABASE_URL", url.as_str())];
    vars.extend(hasty.into_iter().chain(loud));
    let (code, out, err) = said(&run(&dir, &[], &vars));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("127.0.0.1") && !err.contains(DATABASE_PASSWORD), "{err}");
}
