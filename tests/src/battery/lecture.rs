//! A lecture: a large class has one conversation open while many mark it (T36).

use std::{
    collections::BTreeMap,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
    time::sleep_until,
};

use super::{
    Report, beside,
    ear::Ear,
    load::{Author, is_green},
    people,
};
use crate::{database::TestDatabase, program::Server, wire};

/// How many have it open.
const PEOPLE: usize = 170;
/// How far apart marks are: a thousand in five minutes.
const EVERY: Duration = Duration::from_millis(300);
/// How far apart the questions of one page are, at least.
const GAP: Duration = Duration::from_millis(250);
/// How soon every page must show a mark, and how long the last one is waited for.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);
/// How many ids one question names at most.
const NAMED: usize = 100;

/// T36: 170 people have one conversation open, `count` marks are made on it, one each 300 ms. Every page shows each within
/// two seconds, and asks once in 250 ms at most, as the pages of the browser do.
#[must_use]
pub fn lectured(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T36", seed);
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let author = Author::new(server.addr, &format!("t36-{seed}"));
    let tokens = people::join(server.addr, &author, PEOPLE);
    let path = format!("/api/v1/conversations/{}/annotations", author.opens(server.addr, "Lecture"));
    let shown = Arc::new(Shown::default());
    beside(async {
        let mut pages = JoinSet::new();
        for token in &tokens {
            let ear = Ear::open(server.addr, author.class(), token, None).await.unwrap();
            pages.spawn(page(server.addr, ear, token.clone(), path.clone(), Arc::clone(&shown)));
        }
        for number in 0..usize::try_from(count).unwrap() {
            let begun = Instant::now();
            let body = json!({ "note": format!("Mark {number}"), "audience": "class" });
            let token = tokens[number % tokens.len()].clone();
            let request = wire::request("POST", &path, &token, None, Some(&body));
            let addr = server.addr;
            let made = tokio::task::spawn_blocking(move || wire::ask(addr, &request)).await.unwrap();
            match made {
                Ok(answer) if answer.status == 201 => shown.made(answer.str("id"), begun),
                other => report.broken.push(format!("mark {number}: {other:?}")),
            }
            tokio::time::sleep(EVERY.saturating_sub(begun.elapsed())).await;
        }
        let begun = Instant::now();
        while shown.missing() > 0 && begun.elapsed() < PATIENCE && !pages.is_empty() {
            if let Ok(Some(ended)) = tokio::time::timeout(GAP, pages.join_next()).await {
                report.broken.push(format!("a page ended: {ended:?}"));
            }
        }
    });
    let slowest = shown.slowest();
    report.must(shown.missing() == 0, format!("{} marks are not on every page", shown.missing()));
    report.must(slowest <= SHOWN_WITHIN, format!("the last page showed a mark after {slowest:?}"));
    report.must(is_green(server.addr), "not healthy afterwards");
    report.count("people", PEOPLE);
    report.count("marks", count);
    report.count("questions", shown.questions());
    report.count("shown_ms_max", slowest.as_millis());
    report.count("held_mib", server.memory() >> 20);
    report
}

/// Which marks are on how many pages.
#[derive(Default)]
struct Shown(Mutex<Marks>);

#[derive(Default)]
struct Marks {
    /// When each was asked for, on how many pages it is, and when it came to the last of them.
    marks: BTreeMap<String, (Option<Instant>, usize, Option<Instant>)>,
    questions: u64,
}

impl Shown {
    fn made(&self, id: String, at: Instant) {
        self.0.lock().unwrap().marks.entry(id).or_default().0 = Some(at);
    }

    /// What one page was told when it asked.
    fn told(&self, items: &[Value]) {
        let (mut all, now) = (self.0.lock().unwrap(), Instant::now());
        all.questions += 1;
        for id in items.iter().filter_map(|item| item["id"].as_str()) {
            let mark = all.marks.entry(id.to_owned()).or_default();
            (mark.1, mark.2) = (mark.1 + 1, Some(now));
        }
    }

    fn missing(&self) -> usize {
        self.0.lock().unwrap().marks.values().filter(|(_, pages, _)| *pages != PEOPLE).count()
    }

    fn slowest(&self) -> Duration {
        let all = self.0.lock().unwrap();
        let took = all.marks.values().filter_map(|(made, _, last)| Some(last.as_ref()?.duration_since((*made)?)));
        took.max().unwrap_or_default()
    }

    fn questions(&self) -> u64 {
        self.0.lock().unwrap().questions
    }
}

/// What a page does: it listens, and asks for what is new.
async fn page(addr: SocketAddr, mut ear: Ear, token: String, path: String, shown: Arc<Shown>) -> Result<()> {
    let mut line = BufReader::new(TcpStream::connect(addr).await?);
    let (mut new, mut next) = (Vec::new(), tokio::time::Instant::now());
    loop {
        tokio::select! {
            event = ear.event() => {
                let event = event?;
                if event.kind == "annotation.created" {
                    new.push(event.id);
                }
            }
            () = sleep_until(next), if !new.is_empty() => {
                next = tokio::time::Instant::now() + GAP;
                let ids: Vec<String> = new.drain(..new.len().min(NAMED)).collect();
                let found = ask(&mut line, &format!("{path}?limit={NAMED}&ids={}", ids.join(",")), &token).await?;
                shown.told(found["items"].as_array().ok_or(ErrorKind::InvalidData)?);
            }
        }
    }
}

/// Asks on a connection that stays open, as a browser's.
async fn ask(line: &mut BufReader<TcpStream>, path: &str, token: &str) -> Result<Value> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: battery\r\nauthorization: Bearer {token}\r\n\r\n");
    line.get_mut().write_all(request.as_bytes()).await?;
    let (mut status, mut length) = (String::new(), 0);
    line.read_line(&mut status).await?;
    loop {
        let mut header = String::new();
        line.read_line(&mut header).await?;
        match header.to_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().map_err(Error::other)?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await?;
    match status.split(' ').nth(1) {
        Some("200") => Ok(serde_json::from_slice(&body)?),
        _ => Err(Error::other(status + &String::from_utf8_lossy(&body))),
    }
}
