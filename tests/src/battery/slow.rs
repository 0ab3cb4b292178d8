//! Clients who take their time (T15): slow heads, slow bodies, slow reading.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout_at},
};

use super::{Report, beside, load::Author, probe::Probe};
use crate::{database::TestDatabase, program::Server};

/// How long each way of being slow goes on while others ask.
const MODE: Duration = Duration::from_secs(15);
/// How soon a head that does not end is given up, and a body.
const HEADS_WITHIN: Duration = Duration::from_secs(10);
const BODIES_WITHIN: Duration = Duration::from_secs(35);
/// How often a slow client goes on.
const EVERY: Duration = Duration::from_secs(1);
/// How long an answer beside them may take, 99 times of 100.
const BESIDE_WITHIN: Duration = Duration::from_millis(100);

#[derive(Clone, Copy)]
enum Mode {
    Head,
    Body,
    Read,
}

/// T15: `count` clients at once are slow in one of three ways. Whoever asks beside them is answered as always; heads are
/// given up within ten seconds, bodies within thirty-five.
#[must_use]
pub fn slow(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T15", seed);
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let author = Author::new(server.addr, &format!("t15-{seed}"));
    let ways = [
        (Mode::Head, "slow heads", "heads_p99_ms", "heads_given_up_ms", Some(HEADS_WITHIN)),
        (Mode::Body, "slow bodies", "bodies_p99_ms", "bodies_given_up_ms", Some(BODIES_WITHIN)),
        (Mode::Read, "slow readers", "reads_p99_ms", "", None),
    ];
    for (mode, name, p99_ms, given_up_ms, within) in ways {
        let probe = Probe::start(server.addr, "/api/v1/me", &author.token);
        let ends = beside(clients(server.addr, mode, count, &author.token, within));
        let (p99, failed) = probe.stop();
        report.count(p99_ms, p99.as_millis());
        report.must(failed == 0, format!("{name}: {failed} answers beside them were not 200"));
        report.must(p99 <= BESIDE_WITHIN, format!("{name}: beside them an answer took {p99:?}"));
        if let Some(within) = within {
            let slowest = ends.iter().flatten().max().copied().unwrap_or_default();
            report.count(given_up_ms, slowest.as_millis());
            let open = ends.iter().filter(|end| end.is_none()).count();
            report.must(open == 0, format!("{name}: {open} were still open after {within:?}"));
        }
    }
    report.count("clients", count);
    report
}

/// How long it took until each was hung up on; none for those that were not in the time that was waited.
async fn clients(
    addr: SocketAddr,
    mode: Mode,
    count: u64,
    token: &str,
    within: Option<Duration>,
) -> Vec<Option<Duration>> {
    let (stop, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    for _ in 0..count {
        let (token, stop) = (token.to_owned(), Arc::clone(&stop));
        clients.spawn(async move { client(addr, mode, &token, within.unwrap_or(MODE), &stop).await });
    }
    sleep(MODE).await;
    stop.store(within.is_none(), Ordering::SeqCst);
    clients.join_all().await
}

async fn client(addr: SocketAddr, mode: Mode, token: &str, within: Duration, stop: &AtomicBool) -> Option<Duration> {
    let socket = TcpSocket::new_v4().unwrap();
    if matches!(mode, Mode::Read) {
        socket.set_recv_buffer_size(4_096).unwrap();
    }
    let stream = socket.connect(addr).await.ok()?;
    let begin = Instant::now();
    let (first, then) = match mode {
        Mode::Head => ("GET /health/live HTTP/1.1\r\nhost: x\r\n".to_owned(), b"x-slow: 1\r\n".as_slice()),
        Mode::Body => {
            let head = "POST /api/v1/classes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
            (format!("{head}authorization: Bearer {token}\r\ncontent-length: 1000\r\n\r\n"), b" ".as_slice())
        }
        Mode::Read => ("GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5), b"".as_slice()),
    };
    stream.writable().await.ok()?;
    stream.try_write(first.as_bytes()).ok()?;
    let deadline = begin + within;
    while begin.elapsed() < within && !stop.load(Ordering::SeqCst) {
        if ended(&stream, matches!(mode, Mode::Read), deadline).await {
            return Some(begin.elapsed());
        }
        if !then.is_empty() && stream.try_write(then).is_err() {
            return Some(begin.elapsed());
        }
    }
    None
}

/// Waits a little, reads a few bytes; whether there is an answer or an end. A slow reader has answers all the time.
async fn ended(stream: &TcpStream, reads: bool, deadline: Instant) -> bool {
    let until = (Instant::now() + EVERY).min(deadline);
    let mut few = [0; 32];
    if reads {
        sleep(until - Instant::now()).await;
        return matches!(stream.try_read(&mut few), Ok(0));
    }
    match timeout_at(until.into(), stream.readable()).await {
        Err(_) => false,
        Ok(_) => !matches!(stream.try_read(&mut few), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
    }
}
