//! Ten thousand who listen (T16).

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{
    Report, beside,
    ear::Ear,
    load::{Author, is_green},
    people,
    probe::Probe,
};
use crate::{database::TestDatabase, program::Server, wire};

/// Streams that one person may have open.
const EACH: usize = 5;
/// How many are opened at once.
const AT_ONCE: usize = 32;
/// How many things happen, one a second.
const EVENTS: u64 = 10;
/// How soon everybody must have heard of one, and how long it is waited for.
const HEARD_WITHIN: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);
/// How much memory the server may hold, and how long it may take to say that it is well.
const MEMORY: u64 = 300 << 20;
const WELL_WITHIN: Duration = Duration::from_millis(50);
/// How soon those who went away must be forgotten; the promise is two heartbeats, for who goes without a word.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(5);

/// T16: `count` streams are open and idle. Something happens once a second: all of them are told within two seconds, the
/// server holds less than 300 MB and says within 50 ms that it is well. Then all hang up at once and are forgotten within
/// five seconds, and a fifth come back within a second from where they were: whoever is turned away for the moment comes
/// again, and nobody misses anything.
#[must_use]
pub fn listened_to(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T16", seed);
    let count = usize::try_from(count).unwrap();
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let addr = server.addr;
    let author = Author::new(addr, &format!("t16-{seed}"));
    let tokens = people::join(addr, &author, count.div_ceil(EACH));
    let idle = server.memory();
    beside(async {
        let (crowd, opening) = Crowd::gather(addr, &author, &tokens, count).await;
        report.must(crowd.ears.len() == count, format!("{} of {count} streams were opened", crowd.ears.len()));
        let held = server.memory();
        let (slowest, last, missed) = crowd.tells(addr, &author, EVENTS, Duration::from_secs(1)).await;
        let held = held.max(server.memory());
        let probe = Probe::start(addr, "/health", "");
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (well, unwell) = probe.stop();
        report.must(missed == 0, format!("{missed} times somebody was not told"));
        report.must(slowest <= HEARD_WITHIN, format!("the last one was told after {slowest:?}"));
        report.must(held <= MEMORY, format!("{} MiB held", held >> 20));
        report.must(unwell == 0 && well <= WELL_WITHIN, format!("well after {well:?}, {unwell} times not"));
        drop(crowd);
        let begun = Instant::now();
        while open(addr) > 0 && begun.elapsed() <= FORGOTTEN_WITHIN {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        report.must(open(addr) == 0, format!("{} streams of nobody are still open", open(addr)));
        let forgotten = begun.elapsed();
        let herd = count / 5;
        let back = Instant::now();
        let (again, turned_away) = comes_back(addr, &author, &tokens, herd, last).await;
        report.must(again == herd, format!("{again} of {herd} came back"));
        report.count("streams", count);
        report.count("opened_ms", opening.as_millis());
        report.count("events", EVENTS);
        report.count("heard_ms_max", slowest.as_millis());
        report.count("idle_mib", idle >> 20);
        report.count("held_mib", held >> 20);
        report.count("health_ms_p99", well.as_millis());
        report.count("forgotten_ms", forgotten.as_millis());
        report.count("came_back", again);
        report.count("turned_away", turned_away);
        report.count("came_back_ms", back.elapsed().as_millis());
    });
    report.must(is_green(addr), "not healthy afterwards");
    report
}

/// Streams that the server counts as open.
fn open(addr: SocketAddr) -> u64 {
    let request = wire::request("GET", "/metrics", "", None, None);
    let text = wire::text(addr, &request).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("colloquium_streams_open "));
    line.and_then(|number| number.trim().parse().ok()).unwrap_or(u64::MAX)
}

/// Those who listen, each in a task.
struct Crowd {
    ears: JoinSet<()>,
    /// How many have heard of the event whose turn it is, and when the last of them did.
    heard: Arc<AtomicUsize>,
    news: watch::Receiver<Instant>,
}

impl Crowd {
    /// Opens the streams; how long that took.
    async fn gather(addr: SocketAddr, author: &Author, tokens: &[String], count: usize) -> (Self, Duration) {
        let begun = Instant::now();
        let ways = Arc::new(Semaphore::new(AT_ONCE));
        let (heard, (tells, news)) = (Arc::new(AtomicUsize::new(0)), watch::channel(Instant::now()));
        let (tells, mut opening) = (Arc::new(tells), JoinSet::new());
        for number in 0..count {
            let (ways, token, class) =
                (Arc::clone(&ways), tokens[number % tokens.len()].clone(), author.class().to_owned());
            opening.spawn(async move {
                let _turn = ways.acquire_owned().await.unwrap();
                Ear::open(addr, &class, &token, None).await
            });
        }
        let mut ears = JoinSet::new();
        while let Some(opened) = opening.join_next().await {
            let Ok(mut ear) = opened.unwrap() else { continue };
            let (heard, tells) = (Arc::clone(&heard), Arc::clone(&tells));
            ears.spawn(async move {
                while let Ok(event) = ear.event().await {
                    heard.fetch_add(1, Ordering::SeqCst);
                    let _ = tells.send(event.at);
                }
            });
        }
        (Self { ears, heard, news }, begun.elapsed())
    }

    /// Lets so many things happen, one each `every`. How long it took at most until all had heard of one, the place of the
    /// last one, and how many did not hear of one.
    async fn tells(&self, addr: SocketAddr, author: &Author, events: u64, every: Duration) -> (Duration, i64, u64) {
        let (mut slowest, missed) = (Duration::ZERO, AtomicU64::new(0));
        let mut news = self.news.clone();
        for number in 0..events {
            self.heard.store(0, Ordering::SeqCst);
            let begun = Instant::now();
            tokio::task::block_in_place(|| author.opens(addr, &format!("Happens {number}")));
            let all = async {
                while self.heard.load(Ordering::SeqCst) < self.ears.len() {
                    news.changed().await.unwrap();
                }
            };
            if tokio::time::timeout(PATIENCE, all).await.is_err() {
                let not = self.ears.len() - self.heard.load(Ordering::SeqCst);
                missed.fetch_add(u64::try_from(not).unwrap(), Ordering::SeqCst);
            }
            slowest = slowest.max(begun.elapsed());
            tokio::time::sleep(every.saturating_sub(begun.elapsed())).await;
        }
        (slowest, author.place(addr), missed.into_inner())
    }
}

/// So many come back within a second, after something happened meanwhile; how many of them are told of it, and how often
/// somebody was turned away before and came again.
async fn comes_back(addr: SocketAddr, author: &Author, tokens: &[String], herd: usize, since: i64) -> (usize, u64) {
    tokio::task::block_in_place(|| author.opens(addr, "Meanwhile"));
    let mut back = JoinSet::new();
    for number in 0..herd {
        let (token, class) = (tokens[number % tokens.len()].clone(), author.class().to_owned());
        let wait = Duration::from_secs(1) * u32::try_from(number).unwrap() / u32::try_from(herd).unwrap();
        back.spawn(async move {
            tokio::time::sleep(wait).await;
            let (begun, mut away) = (Instant::now(), 0);
            let mut ear = loop {
                match Ear::open(addr, &class, &token, Some(since)).await {
                    Ok(ear) => break ear,
                    Err(_) if begun.elapsed() > PATIENCE => return None,
                    // As a page does: a little later, and not all at once.
                    Err(_) => tokio::time::sleep(Duration::from_secs(1) + 2 * wait).await,
                }
                away += 1;
            };
            let told = tokio::time::timeout(PATIENCE, ear.event()).await.ok()?.ok()?;
            Some((told, ear, away))
        });
    }
    let mut told = Vec::new();
    while let Some(one) = back.join_next().await {
        told.extend(one.unwrap());
    }
    let whole = told.iter().filter(|(event, ..)| event.kind == "conversation.created" && event.seq > since);
    (whole.count(), told.iter().map(|(.., away)| away).sum())
}
