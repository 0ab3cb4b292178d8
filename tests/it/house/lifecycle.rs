//! How the program starts and ends: it waits for a database, drains before it stops, and says each step.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStderr, Stdio},
    time::{Duration, Instant},
};

use tests::{app::PASSWORD, json};

use super::command::{Serving, command, files, run, said};

const TEST: (&str, &str) = ("COLLOQUIUM_PROFILE", "test");
const SECRET: &str = "s3cr3t-w0rd";

/// A registration of which the server has the head and waits for the body.
fn half_a_request(serving: &Serving) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(serving.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD }).to_string();
    let head = "POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close";
    write!(stream, "{head}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    let mut taken = [0; 12];
    stream.read_exact(&mut taken).unwrap();
    assert_eq!(&taken, b"HTTP/1.1 100");
    (stream, body)
}

/// Whether `lines` has these words, each in a later line than the one before.
fn in_order(lines: &str, words: &[&str]) -> bool {
    let mut lines = lines.lines();
    words.iter().all(|words| lines.any(|line| line.contains(words)))
}

#[test]
fn a_stop_lets_requests_end_and_says_each_step() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(&dir, &[TEST]);
    let (mut stream, body) = half_a_request(&serving);
    serving.signal("TERM");
    let mut log = serving.until("requests under way may end");
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 201 "), "{answer}");
    let (code, rest) = serving.wait();
    log.push_str(&rest);
    assert_eq!(code, Some(0), "{log}");
    let steps = ["asked to stop", "no new connections", "answered", "closing the database", "stopped"];
    assert!(in_order(&log, &steps), "{log}");
    assert!(log.contains("SIGTERM") && !log.contains("not closed cleanly"), "{log}");
}

#[test]
fn a_load_balancer_is_given_notice_before_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(&dir, &[TEST, ("COLLOQUIUM_STOP_NOTICE", "3600")]);
    assert_eq!(serving.client.get("/health").is(200).str("status"), "ok");
    serving.signal("INT");
    serving.until("not ready any more");
    assert_eq!(serving.client.get("/health").is(503).str("status"), "draining");
    // Everybody else is served as before.
    serving.client.get("/health/live").is(200);
    serving.client.get("/api/v1/me").is_problem(401, "token_missing");
    serving.signal("TERM");
    let (code, log) = serving.wait();
    assert_eq!(code, Some(143), "{log}");
    assert!(log.contains("stopping at once") && !log.contains("closing the database"), "{log}");
}

#[test]
fn a_second_signal_does_not_wait_for_requests() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(&dir, &[TEST]);
    let (_stream, _) = half_a_request(&serving);
    let asked = Instant::now();
    serving.signal("TERM");
    serving.until("requests under way may end");
    serving.signal("INT");
    let (code, log) = serving.wait();
    assert_eq!(code, Some(130), "{log}");
    // Far less than what requests under way are given.
    assert!(asked.elapsed() < Duration::from_secs(8) && log.contains("stopping at once"), "{log}");
}

/// An address at which nobody listens.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn url(address: &str) -> String {
    format!("postgres://colloquium:{SECRET}@{address}/school?sslmode=disable")
}

#[test]
fn a_database_that_never_answers_is_given_up_with_one_line_a_try() {
    let dir = tempfile::tempdir().unwrap();
    let address = nobody();
    let vars = [("DATABASE_URL", &*url(&address)), ("COLLOQUIUM_START_TIMEOUT", "1")];
    let asked = Instant::now();
    let (code, _, err) = said(&run(&dir, &[], &vars));
    assert_eq!(code, Some(1), "{err}");
    assert!(asked.elapsed() >= Duration::from_secs(1), "{err}");
    let tries: Vec<&str> = err.lines().filter(|line| line.contains("does not answer yet; trying again")).collect();
    let (host, port) = address.split_once(':').unwrap();
    let whole = |line: &&str| line.contains(host) && line.contains(port) && line.contains("school");
    assert!(tries.len() >= 2 && tries.iter().all(whole), "{err}");
    let last = err.lines().last().unwrap();
    let expected = format!("colloquium: postgres://colloquium:***@{address}/school did not answer for 1 seconds: ");
    assert!(last.starts_with(&expected) && last.contains("COLLOQUIUM_START_TIMEOUT"), "{last}");
    assert!(!err.contains(SECRET) && !err.contains("listens on"), "{err}");
    assert_eq!(files(&dir), Vec::<String>::new());
}

/// Answers a connection as PostgreSQL does when it refuses one.
fn refuse(listener: &TcpListener, code: &str, message: &str) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut startup = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut startup).unwrap();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let mut answer = vec![b'E'];
    answer.extend(u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    answer.extend(fields.as_bytes());
    stream.write_all(&answer).unwrap();
}

#[test]
fn a_database_that_starts_is_waited_for_and_a_wrong_password_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        drop(listener.accept().unwrap());
        refuse(&listener, "57P03", "the database system is starting up");
        refuse(&listener, "28P01", "password authentication failed for user \"colloquium\"");
    });
    let (code, _, err) = said(&run(&dir, &[], &[("DATABASE_URL", &url(&address))]));
    assert_eq!(code, Some(1), "{err}");
    let steps = ["trying again", "the database system is starting up", "password authentication failed"];
    assert!(in_order(&err, &steps), "{err}");
    assert_eq!(err.matches("trying again").count(), 2, "{err}");
    assert!(err.trim_end().ends_with("correct DATABASE_URL") && !err.contains(SECRET), "{err}");
    // Last: when it was not asked three times it waits for ever.
    server.join().unwrap();
}

/// A starting process, killed when a test fails before it ends.
struct Starting(Child);

impl Drop for Starting {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_stop_while_it_waits_for_the_database_is_heard() {
    let dir = tempfile::tempdir().unwrap();
    let vars = [("DATABASE_URL", &*url(&nobody())), ("COLLOQUIUM_START_TIMEOUT", "3600")];
    let mut child = Starting(command(&dir, &[], &vars).stderr(Stdio::piped()).spawn().unwrap());
    let mut stderr: BufReader<ChildStderr> = BufReader::new(child.0.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("trying again"), "{line}");
    super::command::signal(&child.0, "TERM");
    let status = child.0.wait().unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(status.code(), Some(0), "{rest}");
    assert!(rest.contains("asked to stop before anything was served") && !rest.contains("listens on"), "{rest}");
}

#[test]
fn a_place_that_cannot_be_written_is_said_at_once_with_the_command_that_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("data"), "a file").unwrap();
    let (code, _, err) = said(&run(&dir, &[], &[]));
    assert_eq!(code, Some(1), "{err}");
    assert!(err.trim_end().ends_with("./data is a file where a directory should be: mv ./data ./data.old"), "{err}");
    assert!(!err.contains("trying again"), "{err}");
    assert_eq!(files(&dir), ["data"]);
}
