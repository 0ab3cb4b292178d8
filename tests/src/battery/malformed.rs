//! Requests that are not what they should be (T17).

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{Chance, Report, load::Author, probe::Probe};
use crate::{database::TestDatabase, program::Server};

/// How much more memory the server may hold than before.
const MORE_MEMORY: u64 = 50 << 20;
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(20);
/// What a head, and the body of an ordinary request and of one with messages, may be long.
const HEAD: usize = 128 << 10;
const ORDINARY: usize = 256 << 10;
const WITH_MESSAGES: usize = 16 << 20;

/// One such request, and whether it says enough to be answered by a problem.
struct Case {
    name: String,
    bytes: Vec<u8>,
    problem: bool,
    fine: bool,
}

/// T17: `count` rounds of everything malformed. Each is answered by 4xx, with a problem where the head can be read, or by
/// hanging up; memory stays where it was, and whoever asks beside is answered as always.
#[must_use]
pub fn malformed(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T17", seed);
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let author = Author::new(server.addr, &format!("t17-{seed}"));
    let mut chance = Chance::new(seed);
    let before = server.memory();
    let probe = Probe::lives(server.addr);
    let (mut sent, mut silent) = (0_u64, 0_u64);
    for _ in 0..count {
        for case in cases(&author, &mut chance) {
            sent += 1;
            let answer = send(server.addr, &case.bytes);
            silent += u64::from(answer.is_empty());
            if let Some(flaw) = flaw(&case, &answer) {
                let start: String = answer.chars().take(200).collect();
                report.broken.push(format!("{}: {flaw}: {start:?}", case.name));
            }
        }
    }
    let (p99, failed) = probe.stop();
    let grown = server.memory().saturating_sub(before);
    report.must(failed == 0, format!("{failed} answers beside were not 200"));
    report.must(grown < MORE_MEMORY, format!("{} MiB more memory", grown >> 20));
    report.count("sent", sent);
    report.count("hung_up", silent);
    report.count("probe_p99_ms", p99.as_millis());
    report.count("memory_more_kib", grown >> 10);
    report
}

fn flaw(case: &Case, answer: &str) -> Option<&'static str> {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or_default();
    if case.fine {
        return (status != "200").then_some("not answered");
    }
    match status {
        "" if case.problem => Some("hung up"),
        "" => None,
        _ if !status.starts_with('4') => Some("not refused"),
        _ if case.problem && !answer.contains("application/problem+json") => Some("without a problem"),
        _ => None,
    }
}

/// Sends it and reads what comes back until the server hangs up, or nothing comes any more.
fn send(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(WITHIN)).unwrap();
    stream.set_write_timeout(Some(WITHIN)).unwrap();
    // Written beside: the server may answer, and hang up, before it has all of it.
    let mut writes = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || drop(writes.write_all(bytes)));
        let mut answer = Vec::new();
        let mut piece = [0; 16 << 10];
        loop {
            match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => answer.extend_from_slice(&piece[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = stream.shutdown(std::net::Shutdown::Both);
        String::from_utf8_lossy(&answer).into_owned()
    })
}

fn cases(author: &Author, chance: &mut Chance) -> Vec<Case> {
    let token = &author.token;
    let head = |method: &str, path: &str, more: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{more}")
    };
    let json = |path: &str, body: &[u8]| {
        let more = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        [head("POST", path, &more).as_bytes(), body].concat()
    };
    let mut cases = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>, problem: bool, fine: bool| {
        cases.push(Case { name: name.to_owned(), bytes, problem, fine });
    };
    let classes = "/api/v1/classes";
    let conversations = format!("/api/v1/classes/{}/conversations", author.class());
    let any = usize::try_from(chance.between(1, 1_000)).unwrap();
    // Heads.
    for size in [HEAD + any, 2 * HEAD, 1 << 20] {
        add(
            "a long head",
            head("GET", "/health/live", &format!("x-long: {}\r\n\r\n", "x".repeat(size))).into(),
            false,
            false,
        );
        add("a long path", head("GET", &format!("/{}", "x".repeat(size)), "\r\n").into(), false, false);
    }
    add("a thousand headers", head("GET", "/health/live", &("x-a: 1\r\n".repeat(1_000) + "\r\n")).into(), false, false);
    add("100,000 headers", head("GET", "/health/live", &("x-a: 1\r\n".repeat(100_000) + "\r\n")).into(), false, false);
    for more in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "content-length: 3\r\ncontent-length: 4\r\n",
        "content-length: 3, 4\r\n",
        "content-length: +3\r\n",
        "content-length: -3\r\n",
        "content-length: 0x3\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "x\0y: 1\r\n",
        "x-y: a\0b\r\n",
        " folded: 1\r\n",
    ] {
        let bytes = head("POST", classes, &format!("content-type: application/json\r\n{more}\r\n0\r\n\r\n"));
        add(more.trim_end(), bytes.into(), false, false);
    }
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n";
    add("an absurd chunk", head("POST", classes, chunked).into(), false, false);
    // Bodies by length.
    for (path, limit) in [(classes, ORDINARY), (conversations.as_str(), WITH_MESSAGES)] {
        for length in [limit + 1, limit + any, 2 * limit, 1 << 40] {
            let more = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
            add("a body that says it is too long", head("POST", path, &more).into(), true, false);
        }
    }
    add("no body", json(classes, b""), true, false);
    add("a body of blanks", json(classes, &b" ".repeat(ORDINARY - any)), true, false);
    // Bodies by what they say.
    for body in [
        b"{\"name\": \"\xff\xfe\"}".as_slice(),
        b"{\"name\": \"a\0b\"}",
        b"{\"name\": \"\\u0000\"}",
        b"{\"name\": \"\\ud800\"}",
        b"{\"name\": \"a\", \"name\": \"b\"}",
        b"{\"name\": 1e999}",
        b"{\"name\": -1e999999999999}",
        b"{\"name\": NaN}",
        b"[1e999]",
    ] {
        add(&String::from_utf8_lossy(body), json(classes, body), true, false);
    }
    let deep = |path: &str, levels: usize| json(path, format!("{{\"title\":{}", "[".repeat(levels)).as_bytes());
    add("100,000 levels", deep(classes, 100_000), true, false);
    add("a million levels", deep(&conversations, 1_000_000), true, false);
    let objects = "{\"a\":".repeat(1_000_000);
    add("a million objects", json(&conversations, objects.as_bytes()), true, false);
    // Queries and what else may be absurd.
    for query in
        ["limit=%00", "cursor=%ff%fe", "limit=1e999", "limit[]=1", "%00=1", "limit=1&limit=2", "sort=%ED%A0%80"]
    {
        add(query, head("GET", &format!("{classes}?{query}"), "\r\n").into(), true, false);
    }
    let ranges = (0..1_000).map(|n| format!("{n}-{}", n + 1)).collect::<Vec<_>>().join(",");
    add("absurd ranges", head("GET", classes, &format!("range: bytes={ranges}\r\n\r\n")).into(), false, true);
    let accept = "text/html;q=0.000001,".repeat(1_000);
    add("an absurd Accept", head("GET", classes, &format!("accept: {accept}*/*\r\n\r\n")).into(), false, true);
    let last = head("GET", "/health/live", "\r\n");
    add("pipelined", (last.replace("connection: close\r\n", "").repeat(100) + &last).into(), false, true);
    cases
}
