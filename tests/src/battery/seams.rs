//! Units of work that break at every seam they have (T26).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Once,
};

use serde_json::{Value, json};
use service::db::{Break, Saboteur};

use super::{Report, beside, load::Author};
use crate::{
    Client, Person, TestApp,
    app::PASSWORD,
    database::TestDatabase,
    invariant::{self, Ledger},
};

/// How many seams one request may have; more is a loop that does not end.
const SEAMS: u32 = 500;

/// A server, somebody with a class, and somebody without.
struct World {
    app: TestApp,
    saboteur: Saboteur,
    ana: Person,
    ben: Person,
    class: String,
}

/// A request that is ready to be sent: by whom, method, path, body.
type Ready = (Client, &'static str, String, Option<Value>);

/// What is broken: a name, and a request of one unit of work that can be done, a new one for each number.
type Case = (&'static str, fn(&World, u32) -> Ready);

const CASES: [Case; 12] = [
    ("register", |world, n| {
        let body = json!({ "email": format!("{n}@example.org"), "display_name": "N", "password": PASSWORD });
        (world.app.anonymous(), "POST", "/api/v1/users".to_owned(), Some(body))
    }),
    ("log out", |world, _| {
        (world.app.sign_in(&world.ben.email).client, "DELETE", "/api/v1/sessions/current".to_owned(), None)
    }),
    ("make a token", |world, n| world.posts("/me/tokens", json!({ "name": format!("{n}"), "scope": "read" }))),
    ("open a class", |world, n| world.posts("/classes", json!({ "name": format!("Class {n}") }))),
    ("rename a class", |world, n| {
        let body = json!({ "name": format!("Renamed {n}") });
        (world.ana.client.clone(), "PATCH", format!("/api/v1/classes/{}", world.class), Some(body))
    }),
    ("invite", |world, _| world.posts(&format!("/classes/{}/invites", world.class), json!({ "role": "student" }))),
    ("join", |world, n| {
        let class = world.ben.opens_class(&format!("Joined {n}"));
        world.posts("/enrolments", json!({ "invite_code": world.ben.invites(&class, "student") }))
    }),
    ("write a conversation", |world, n| world.posts(&world.conversations(), conversation(n, "class"))),
    ("go on with one", |world, n| {
        let body = json!({ "messages": [said("user", n, "And?"), said("assistant", n, "So.")] });
        world.posts(&format!("/conversations/{}/messages", world.wrote(n)), body)
    }),
    ("share one", |world, n| {
        let path = format!("/api/v1/conversations/{}", world.wrote(n));
        (world.ana.client.clone(), "PATCH", path, Some(json!({ "visibility": "class" })))
    }),
    ("delete one", |world, n| {
        (world.ana.client.clone(), "DELETE", format!("/api/v1/conversations/{}", world.wrote(n)), None)
    }),
    ("read one", |world, n| {
        (world.ana.client.clone(), "GET", format!("/api/v1/conversations/{}/messages", world.wrote(n)), None)
    }),
];

/// A message that no other one is equal to.
fn said(role: &str, number: u32, words: &str) -> Value {
    json!({ "role": role, "content": format!("{words} ({number})") })
}

fn conversation(number: u32, visibility: &str) -> Value {
    let messages = json!([said("user", number, "What?"), said("assistant", number, "That.")]);
    json!({ "title": format!("Title {number}"), "visibility": visibility, "messages": messages })
}

impl World {
    fn posts(&self, path: &str, body: Value) -> Ready {
        (self.ana.client.clone(), "POST", format!("/api/v1{path}"), Some(body))
    }

    fn conversations(&self) -> String {
        format!("/classes/{}/conversations", self.class)
    }

    /// A conversation that is there already; its id.
    fn wrote(&self, number: u32) -> String {
        self.ana.post(&format!("/api/v1{}", self.conversations()), conversation(number, "private")).is(201).str("id")
    }
}

/// What a request changed: by table, how many rows more or fewer.
type Change = BTreeMap<String, isize>;

/// T26: each kind of request is done `count` times over with a panic, then with an error, at its first seam, its second
/// and so on, until it comes through untouched: after BEGIN, after each statement, before COMMIT, after COMMIT. Each time
/// the answer is 500 with the request's id, all of its unit is there or nothing, and the next request is fine.
#[must_use]
pub fn broken_off(count: u64, seed: u64) -> Report {
    quietly();
    let mut report = Report::new("T26", seed);
    let saboteur = Saboteur::default();
    let disk = TestDatabase::on_disk();
    let app = TestApp::with(|config| {
        config.saboteur = saboteur.clone();
        // What is in memory cannot be looked at from outside.
        config.database = disk.url.clone();
    });
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Seams");
    let world = World { app, saboteur, ana, ben, class };
    let author = Author::new(world.app.addr, &format!("t26-{seed}"));
    let (mut broken, mut number) = (0, 0);
    for _ in 0..count {
        for (name, case) in CASES {
            for how in [Break::Panic, Break::Error] {
                broken += seam_by_seam(&world, &disk, (name, case), how, &mut number, &mut report);
            }
        }
    }
    report.broken.extend(author.whole_pool(world.app.addr, &disk));
    report.broken.extend(beside(invariant::broken(&Ledger::default(), &disk.url)));
    report.count("requests", CASES.len());
    report.count("broken_off", broken);
    report
}

/// Breaks one request at one seam after the other; how many there are.
fn seam_by_seam(
    world: &World,
    disk: &TestDatabase,
    (name, case): Case,
    how: Break,
    number: &mut u32,
    report: &mut Report,
) -> u32 {
    let mut changes = BTreeSet::new();
    for seam in 0..SEAMS {
        *number += 1;
        let (client, method, path, body) = case(world, *number);
        let before = beside(invariant::rows(&disk.url));
        let id = format!("seam-{number}");
        let kind = body.as_ref().map(|_| "application/json");
        world.saboteur.after(seam, how);
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let answer = client.with("x-request-id", id.clone()).send(method, &path, kind, bytes);
        let untouched = world.saboteur.rest();
        let change = change(&before, &beside(invariant::rows(&disk.url)));
        let at = format!("{name}, {how:?} at seam {seam}");
        if untouched {
            report.must((200..300).contains(&answer.status), format!("{at}: answered {} unbroken", answer.status));
            let whole = |part: &Change| part.is_empty() || *part == change;
            let parts: Vec<&Change> = changes.iter().filter(|part| !whole(part)).collect();
            report.must(parts.is_empty(), format!("{at}: {parts:?} of {change:?}"));
            return seam;
        }
        report.must(
            answer.status == 500 && answer.json()["request_id"] == *id,
            format!("{at}: answered {} {}", answer.status, answer.text()),
        );
        changes.insert(change);
        let next = world.ana.get("/api/v1/me").status;
        report.must(next == 200, format!("{at}: the next request was answered {next}"));
    }
    report.broken.push(format!("{name}: more than {SEAMS} seams"));
    SEAMS
}

/// Which tables differ, and by how many rows.
fn change(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Change {
    let differ = after.iter().filter(|(table, rows)| before.get(*table) != Some(rows));
    differ.map(|(table, rows)| (table.clone(), rows.len().cast_signed() - before[table].len().cast_signed())).collect()
}

/// What is broken on purpose is not worth a backtrace.
fn quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref::<&str>() != Some(&"sabotage") {
                loud(panic);
            }
        }));
    });
}
