//! A server that is asked to stop while people use it (T21).

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    Chance, Report, beside,
    load::{Author, send},
};
use crate::{
    database::TestDatabase,
    fixture,
    invariant::{self, Ledger},
    program::{self, Server},
    wire,
};

/// How soon it ends, and how soon when it is asked twice.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
const AT_ONCE_WITHIN: Duration = Duration::from_secs(1);
/// How long people ask before.
const BEFORE: Duration = Duration::from_millis(500);
/// What takes long, takes this long.
const LONG: Duration = Duration::from_secs(3);
/// Into how many pieces.
const PIECES: u32 = 30;

/// What takes long, and is under way when the server is asked to stop: a name, and what asks. It gives what came back.
type Long = (&'static str, fn(SocketAddr, &Author) -> Vec<u8>);

const LONGS: [Long; 3] = [("a download", downloads), ("an import", imports), ("a stream of events", listens)];

/// What became of those who asked.
#[derive(Default)]
struct Answers {
    whole: AtomicU64,
    /// Came too late: nobody listened any more.
    none: AtomicU64,
    wrong: Mutex<Vec<String>>,
}

/// T21: `count` times a server is asked to stop while people read and write, one downloads, one imports and one listens.
/// It ends with 0 within ten seconds, every answer that was begun is whole, whoever asked before is answered, and no
/// connection to the database is left. Asked twice it ends within a second, whatever is under way.
#[must_use]
pub fn stopped(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T21", seed);
    let database = TestDatabase::on_disk();
    let ledger = Mutex::new(Ledger::default());
    let (mut chance, mut slowest, mut slowest_at_once) = (Chance::new(seed), Duration::ZERO, Duration::ZERO);
    let answers = Answers::default();
    for round in 0..count {
        let mut server = start(&database);
        let author = Author::new(server.addr, &format!("t21-{seed}-{round}"));
        for number in 0..8 {
            // Too long to be told from others by the checker.
            send(server.addr, &author.sized(&format!("long-{number}"), false, 250_000), &Mutex::default());
        }
        let ended = in_use(&mut server, &author, &mut chance, &ledger, &answers);
        match ended {
            Some((code, took)) => {
                slowest = slowest.max(took);
                report.must(code == Some(0), format!("round {round}: ended with {code:?}"));
            }
            None => report.broken.push(format!("round {round}: did not end")),
        }
        let log = server.log();
        report.must(!log.contains("not closed cleanly"), format!("round {round}: the pool was not closed"));
        report.must(log.contains(" stopped"), format!("round {round}: it did not come to its end"));
        report.broken.extend(left_behind(&database).map(|left| format!("round {round}: {left}")));
        match asked_twice(&database) {
            Some((code, took)) => {
                slowest_at_once = slowest_at_once.max(took);
                report.must(code == Some(143), format!("round {round}: asked twice, ended with {code:?}"));
            }
            None => report.broken.push(format!("round {round}: asked twice, did not end")),
        }
    }
    report.must(slowest <= ENDS_WITHIN, format!("ended only after {slowest:?}"));
    report.must(slowest_at_once <= AT_ONCE_WITHIN, format!("asked twice, ended only after {slowest_at_once:?}"));
    report.broken.extend(answers.wrong.into_inner().unwrap());
    let ledger = ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("stops", count);
    report.count("answered", answers.whole.into_inner());
    report.count("too_late", answers.none.into_inner());
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("ended_ms_max", slowest.as_millis());
    report.count("asked_twice_ms_max", slowest_at_once.as_millis());
    report
}

fn start(database: &TestDatabase) -> Server {
    let mut command = program::command(database);
    // Whoever asked before the stop is taken in before nobody is any more.
    command.env("COLLOQUIUM_STOP_NOTICE", "1");
    Server::run(command).unwrap()
}

/// Asks it to stop in the middle of everything; how it ended.
fn in_use(
    server: &mut Server,
    author: &Author,
    chance: &mut Chance,
    ledger: &Mutex<Ledger>,
    answers: &Answers,
) -> Option<(Option<i32>, Duration)> {
    let (addr, asked, stop) = (server.addr, &AtomicBool::new(false), &AtomicBool::new(false));
    std::thread::scope(|scope| {
        for (name, long) in LONGS {
            scope.spawn(move || answers.take(name, &long(addr, author), true));
        }
        for person in 0..4 {
            let mut chance = Chance::new(chance.number());
            scope.spawn(move || {
                for number in 0_u32.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let request = author.request(&format!("{person}-{number}"), &mut chance);
                    let before = !asked.load(Ordering::SeqCst);
                    let answer = exchange(addr, &request.bytes);
                    answers.take("a write", &answer, before);
                    let mut ledger = ledger.lock().unwrap();
                    match wire::parse(&answer).map(|answer| answer.status) {
                        Some(201) => ledger.acknowledged.push(request.write),
                        _ => ledger.unknown.push(request.write),
                    }
                }
            });
        }
        std::thread::sleep(BEFORE);
        // Who asks from now on may be too late.
        asked.store(true, Ordering::SeqCst);
        server.signal("TERM");
        let ended = server.ends(2 * ENDS_WITHIN);
        stop.store(true, Ordering::SeqCst);
        ended
    })
}

impl Answers {
    /// Looks at what came back to somebody who asked, perhaps before the server was asked to stop.
    fn take(&self, what: &str, answer: &[u8], before: bool) {
        match wire::parse(answer) {
            Some(answer) if matches!(answer.status, 200 | 201 | 503) => {
                self.whole.fetch_add(1, Ordering::SeqCst);
            }
            None if answer.is_empty() && !before => {
                self.none.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
            }
            other => {
                let status = other.map(|answer| answer.status);
                let line = format!("{what}: {} bytes came back, {status:?}", answer.len());
                self.wrong.lock().unwrap().push(line);
            }
        }
    }
}

/// Sends a request and reads what comes, however little.
fn exchange(addr: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(addr)
        && stream.write_all(request).is_ok()
    {
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}

/// Listens to what changes; the stream has no end but the server's.
fn listens(addr: SocketAddr, author: &Author) -> Vec<u8> {
    let path = format!("/api/v1/classes/{}/events", author.class());
    exchange(addr, &wire::request("GET", &path, &author.token, None, None))
}

/// Reads a long conversation a little at a time.
fn downloads(addr: SocketAddr, author: &Author) -> Vec<u8> {
    let path = format!("/api/v1/conversations/{}?include=messages&branches=all", author.shared());
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(&wire::request("GET", &path, &author.token, None, None)).unwrap();
    let (mut answer, mut piece) = (Vec::new(), vec![0; 200_000]);
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..read]);
        std::thread::sleep(LONG / PIECES);
    }
    answer
}

/// Sends an export a little at a time.
fn imports(addr: SocketAddr, author: &Author) -> Vec<u8> {
    let words = "words ".repeat(1_000);
    let lines: Vec<String> = (0..60).map(|line| format!("{} imports {line} {words}", author.name())).collect();
    let chat = fixture::chat("Imported", 0, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    let export = json!([chat]).to_string().into_bytes();
    let head = format!(
        "POST /api/v1/classes/{}/imports HTTP/1.1\r\nhost: battery\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n",
        author.class(),
        author.token,
        export.len()
    );
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    for piece in export.chunks(export.len().div_ceil(30)) {
        if stream.write_all(piece).is_err() {
            break;
        }
        std::thread::sleep(LONG / PIECES);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// What is left of a server that ended: its connections, or what it had not written to the file yet.
fn left_behind(database: &TestDatabase) -> Option<String> {
    let Some(path) = database.url.path() else {
        let left = beside(async {
            let db = invariant::connect(&database.url).await;
            let ours = "SELECT COUNT(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'colloquium'";
            let left = invariant::count(&db, ours).await;
            db.close().await.unwrap();
            left
        });
        return (left > 0).then(|| format!("{left} connections are left"));
    };
    let wal = path.with_extension("db-wal");
    wal.exists().then(|| format!("{} is left", wal.display()))
}

/// Asks a server to stop twice, while somebody sends a body that does not end; how it ended.
fn asked_twice(database: &TestDatabase) -> Option<(Option<i32>, Duration)> {
    let mut server = start(database);
    let mut stream = TcpStream::connect(server.addr).unwrap();
    stream.write_all(b"POST /api/v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{").unwrap();
    server.signal("TERM");
    let begun = Instant::now();
    while !server.log().contains("requests under way may end") && begun.elapsed() < ENDS_WITHIN {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.signal("TERM");
    server.ends(ENDS_WITHIN)
}
