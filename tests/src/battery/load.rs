//! People who write without pause, and remember what they were told.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::Chance;
use crate::{
    app::PASSWORD,
    database::{Engine, TestDatabase, engine},
    invariant::{self, Ledger, Write},
    program::POOL,
    wire::{self, Answer},
};

/// Counts the connections of servers that wait for a lock.
const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'colloquium' AND wait_event_type = 'Lock'";

/// Somebody with a class and a conversation that all writers share. Survives the servers it writes to.
pub(super) struct Author {
    pub(super) token: String,
    class: String,
    shared: String,
    /// What every marker begins with.
    name: String,
}

/// One request for a write, which can be sent again.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) write: Write,
    pub(super) bytes: Vec<u8>,
}

impl Author {
    /// Registers and opens a class, on a server that works.
    pub(super) fn new(addr: SocketAddr, name: &str) -> Self {
        let email = format!("{name}@example.org");
        let post = |path: &str, token: &str, body: Value| {
            let answer = wire::ask(addr, &wire::request("POST", path, token, None, Some(&body))).unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            answer
        };
        post("/api/v1/users", "", json!({ "email": email, "display_name": name, "password": PASSWORD }));
        let token = post("/api/v1/sessions", "", json!({ "email": email, "password": PASSWORD })).str("token");
        let class = post("/api/v1/classes", &token, json!({ "name": "Battery" })).str("id");
        let first = json!({ "title": "Shared", "messages": messages(&format!("{name}-shared"), 1, 0) });
        let shared = post(&format!("/api/v1/classes/{class}/conversations"), &token, first).str("id");
        Self { token, class, shared, name: name.to_owned() }
    }

    /// The class.
    pub(super) fn class(&self) -> &str {
        &self.class
    }

    /// What all it writes begins with.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The conversation that all share.
    pub(super) fn shared(&self) -> &str {
        &self.shared
    }

    /// Opens a conversation of one message that the whole class reads.
    pub(super) fn opens(&self, addr: SocketAddr, title: &str) -> String {
        let messages = json!([{ "role": "user", "content": "What is true, and how do we know?" }]);
        let body = json!({ "title": title, "visibility": "class", "messages": messages });
        let path = format!("/api/v1/classes/{}/conversations", self.class);
        let answer = wire::ask(addr, &wire::request("POST", &path, &self.token, None, Some(&body))).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.str("id")
    }

    /// The last place in the feed of the class.
    pub(super) fn place(&self, addr: SocketAddr) -> i64 {
        let path = format!("/api/v1/classes/{}/changes", self.class);
        let answer = wire::ask(addr, &wire::request("GET", &path, &self.token, None, None)).unwrap();
        answer.body["next"].as_i64().unwrap()
    }

    /// A new conversation of three messages, or two more in the one that all share.
    pub(super) fn request(&self, marker: &str, chance: &mut Chance) -> Request {
        self.sized(marker, chance.between(0, 3) > 0, 0)
    }

    /// A request of messages that are `padding` bytes longer.
    pub(super) fn sized(&self, marker: &str, new: bool, padding: usize) -> Request {
        let marker = format!("{}-{marker}", self.name);
        let messages_of = if new { 3 } else { 2 };
        let body = json!({ "messages": messages(&marker, messages_of, padding) });
        let (path, body) = if new {
            let mut body = body;
            body["title"] = json!(marker);
            (format!("/api/v1/classes/{}/conversations", self.class), body)
        } else {
            (format!("/api/v1/conversations/{}/messages", self.shared), body)
        };
        let bytes = wire::request("POST", &path, &self.token, Some(&marker), Some(&body));
        Request { write: Write { marker, messages: messages_of }, bytes }
    }

    /// Asks for something that has to be read from the database.
    pub(super) fn read(&self, addr: SocketAddr) -> std::io::Result<Answer> {
        let path = format!("/api/v1/classes/{}/conversations", self.class);
        wire::ask(addr, &wire::request("GET", &path, &self.token, None, None))
    }

    /// Sends writes, one after the other, until told to stop or the server is gone. Gives what was not answered.
    pub(super) fn write_until(
        &self,
        addr: SocketAddr,
        label: &str,
        chance: &mut Chance,
        stop: &AtomicBool,
        ledger: &Mutex<Ledger>,
    ) -> Option<Request> {
        for number in 0_u32.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let request = self.request(&format!("{label}-{number}"), chance);
            if send(addr, &request, ledger).is_none() {
                return Some(request);
            }
        }
        None
    }

    /// Whether a server of this database can use all its connections at once; says what it could not.
    pub(super) fn whole_pool(&self, addr: SocketAddr, database: &TestDatabase) -> Option<String> {
        if engine() != Engine::Postgres {
            return self.read_at_once(addr, || true);
        }
        // Each reader is held at a lock of ours with its connection in its hand: they must all get that far.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (beside, held) = runtime.block_on(async {
            let (locks, beside) = (invariant::connect(&database.url).await, invariant::connect(&database.url).await);
            let tx = locks.begin().await.unwrap();
            tx.execute_unprepared("LOCK TABLE conversation IN ACCESS EXCLUSIVE MODE").await.unwrap();
            (beside, tx)
        });
        self.read_at_once(addr, || {
            let begun = Instant::now();
            let mut waiting = 0;
            while waiting != POOL && begun.elapsed() < Duration::from_secs(2) {
                waiting = usize::try_from(runtime.block_on(invariant::count(&beside, WAITING))).unwrap();
            }
            runtime.block_on(held.rollback()).unwrap();
            waiting == POOL
        })
    }

    fn read_at_once(&self, addr: SocketAddr, held: impl FnOnce() -> bool) -> Option<String> {
        std::thread::scope(|scope| {
            let asked: Vec<_> = (0..POOL).map(|_| scope.spawn(|| self.read(addr))).collect();
            let held = held();
            let answers = asked.into_iter().map(|asked| asked.join().unwrap());
            let statuses: Vec<u16> = answers.map(|answer| answer.map_or(0, |answer| answer.status)).collect();
            let all = held && statuses.iter().all(|status| *status == 200);
            (!all).then(|| format!("{POOL} readers at once: all on a connection {held}, answered {statuses:?}"))
        })
    }
}

fn messages(marker: &str, count: usize, padding: usize) -> Value {
    (0..count).map(|n| json!({ "role": "user", "content": format!("{marker}/{n}{}", "x".repeat(padding)) })).collect()
}

/// Sends one write and notes what became of it; the answer, if one came.
pub(super) fn send(addr: SocketAddr, request: &Request, ledger: &Mutex<Ledger>) -> Option<Answer> {
    let answer = wire::ask(addr, &request.bytes);
    let mut ledger = ledger.lock().unwrap();
    let write = request.write.clone();
    match &answer {
        Ok(answer) if answer.status == 201 => ledger.acknowledged.push(write),
        Ok(answer) if answer.status == 503 => match answer.body["code"].as_str() {
            // These say that nothing was changed.
            Some("contention" | "storage_full" | "storage_read_only" | "overloaded") => ledger.refused.push(write),
            _ => ledger.unknown.push(write),
        },
        Ok(answer) => {
            ledger.wrong.push(format!("{}: answered {} {}", write.marker, answer.status, answer.body["code"]));
            ledger.unknown.push(write);
        }
        Err(_) => ledger.unknown.push(write),
    }
    answer.ok()
}

/// Whether the server says that it works.
pub(super) fn is_green(addr: SocketAddr) -> bool {
    wire::ask(addr, &wire::request("GET", "/health", "", None, None)).is_ok_and(|answer| answer.status == 200)
}
