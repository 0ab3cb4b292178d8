//! Clocks that go wrong (T14), by `libfaketime`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Report,
    away::until,
    beside,
    load::{Author, is_green, send},
};
use crate::{
    app::PASSWORD,
    database::TestDatabase,
    invariant::{self, Ledger},
    program::{self, Server},
    wire,
};

/// By how much a clock is wrong, and whether a session of the right time still holds then: it ends after 30 days.
const WRONG: [(&str, bool); 4] = [("+1h", true), ("-1h", true), ("+10y", false), ("-10y", true)];

/// The library that lies about the time, for a process with threads.
fn library() -> Option<PathBuf> {
    let places = fs::read_dir("/usr/lib").ok()?.filter_map(|place| Some(place.ok()?.path().join("faketime")));
    places.map(|place| place.join("libfaketimeMT.so.1")).find(|library| library.exists())
}

/// How soon all is well after all clocks jumped.
const WELL_WITHIN: Duration = Duration::from_secs(2);
/// What the clock that never goes back jumps by, as in a machine that slept; ten years are more than the timers of tokio
/// can count.
const JUMP: &str = "+1h";

/// T14: servers start with a clock that is an hour or ten years off, and one has its clock put by as much and back while
/// it runs; of another one the monotonic clock jumps too, but never back, which no system lets it: nothing panics, the messages of a conversation keep their order, a session
/// holds for as long as its rule says, and one that was ended never comes back.
#[must_use]
pub fn astray(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T14", seed);
    let Some(library) = library() else {
        report.broken.push("libfaketime is not installed: apt-get install faketime".to_owned());
        return report;
    };
    let database = TestDatabase::on_disk();
    let mut world = {
        let server = Server::start(&database).unwrap();
        World::new(server.addr, seed)
    };
    for round in 0..count {
        for (offset, _) in WRONG {
            let server = Server::run(lied_to(&database, &library, offset)).unwrap();
            world.goes_on(&server, &format!("{round}, starts at {offset}"), offset, &mut report);
        }
        let now = database.dir.path().join("now");
        for jumps in [false, true] {
            fs::write(&now, "+0").unwrap();
            let mut command = lied_to(&database, &library, "");
            command.env_remove("FAKETIME").env("FAKETIME_TIMESTAMP_FILE", &now).env("FAKETIME_NO_CACHE", "1");
            if !jumps {
                command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            }
            let server = Server::run(command).unwrap();
            let steps = WRONG.iter().flat_map(|(offset, _)| [*offset, "+0"]);
            let steps: Vec<&str> = if jumps { vec![JUMP] } else { steps.collect() };
            for offset in steps {
                fs::write(&now, offset).unwrap();
                // The web server reads the time twice a second, and thinks until then that everybody was slow.
                let well = until(|| is_green(server.addr), WELL_WITHIN);
                report.must(!jumps || well < WELL_WITHIN, format!("{round}, {offset}: not well"));
                world.goes_on(&server, &format!("{round}, put to {offset}, all clocks {jumps}"), offset, &mut report);
            }
        }
        let server = Server::start(&database).unwrap();
        world.goes_on(&server, &format!("{round}, right again"), "+0", &mut report);
    }
    let ledger = world.ledger.into_inner().unwrap();
    report.broken.extend(beside(invariant::broken(&ledger, &database.url)));
    report.count("moments", world.moments);
    report.count("acknowledged", ledger.acknowledged.len());
    report.count("messages", world.order.len());
    report
}

/// The program with another time.
fn lied_to(database: &TestDatabase, library: &Path, offset: &str) -> Command {
    let mut command = program::command(database);
    command.env("LD_PRELOAD", library).env("FAKETIME", offset);
    command
}

/// What is true whatever the clock says.
struct World {
    author: Author,
    email: String,
    /// A session of the right time.
    first: String,
    /// A session that was ended.
    ended: String,
    /// Whether its time was over once.
    over: bool,
    /// The messages of the conversation that all share, in their order.
    order: Vec<Value>,
    ledger: Mutex<Ledger>,
    moments: u64,
}

impl World {
    fn new(addr: SocketAddr, seed: u64) -> Self {
        let name = format!("t14-{seed}");
        let (author, email) = (Author::new(addr, &name), format!("{name}@example.org"));
        let ended = log_in(addr, &email).unwrap();
        let out = wire::ask(addr, &wire::request("DELETE", "/api/v1/sessions/current", &ended, None, None)).unwrap();
        assert_eq!(out.status, 204, "{out:?}");
        let first = author.token.clone();
        Self { author, email, first, ended, over: false, order: Vec::new(), ledger: Mutex::default(), moments: 0 }
    }

    /// Everything that must hold at a moment.
    fn goes_on(&mut self, server: &Server, at: &str, offset: &str, report: &mut Report) {
        self.moments += 1;
        let addr = server.addr;
        let me = |token: &str| {
            let answer = wire::ask(addr, &wire::request("GET", "/api/v1/me", token, None, None));
            answer.map_or(0, |answer| answer.status)
        };
        report.must(is_green(addr), format!("{at}: not healthy"));
        report.must(me(&self.ended) == 401, format!("{at}: a session that was ended holds"));
        let holds = WRONG.iter().all(|(name, holds)| *name != offset || *holds);
        // In ten years it was deleted, and stays so; else it holds.
        self.over |= !holds;
        let status = me(&self.first);
        report.must((status == 200) != self.over, format!("{at}: a session's answer is {status}, over: {}", self.over));
        if me(&self.author.token) != 200 {
            match log_in(addr, &self.email) {
                Some(token) => self.author.token = token,
                None => report.broken.push(format!("{at}: nobody can log in")),
            }
        }
        for new in [true, false] {
            let marker = format!("{}-{new}", self.moments);
            let request = self.author.sized(&marker, new, 0);
            let status = send(addr, &request, &self.ledger).map(|answer| answer.status);
            report.must(status == Some(201), format!("{at}: a write was answered {status:?}"));
        }
        let order = self.messages(addr);
        report.must(order.starts_with(&self.order), format!("{at}: the messages changed their order"));
        report
            .must(order.len() == self.order.len() + 2 || self.order.is_empty(), format!("{at}: messages are missing"));
        self.order = order;
        report.must(!server.log().contains("panicked"), format!("{at}: something panicked"));
    }

    /// The ids of all messages of the shared conversation, in their order.
    fn messages(&self, addr: SocketAddr) -> Vec<Value> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/conversations/{}/messages?limit=100{cursor}", self.author.shared());
            let answer = wire::ask(addr, &wire::request("GET", &path, &self.author.token, None, None)).unwrap();
            ids.extend(answer.body["items"].as_array().into_iter().flatten().map(|message| message["id"].clone()));
            match answer.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    }
}

/// A new session, if there is one to be had.
fn log_in(addr: SocketAddr, email: &str) -> Option<String> {
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = wire::ask(addr, &wire::request("POST", "/api/v1/sessions", "", None, Some(&body))).ok()?;
    (answer.status == 201).then(|| answer.str("token"))
}
