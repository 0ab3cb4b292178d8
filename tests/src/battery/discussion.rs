//! Sixteen people who mark and comment on one conversation at once, while its database is disturbed (T29).

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{
    Chance, Report, beside,
    ear::{Ear, Heard},
    load::{Author, is_green},
    people,
    terminate::disturb,
};
use crate::{
    database::TestDatabase,
    invariant::{self, Ledger},
    program::Server,
    wire,
};

/// How many take part.
const PEOPLE: usize = 16;
/// Operations for each thread of comments: about forty comments, which one page of a list holds.
const A_THREAD: usize = 100;
/// How long a stream may take to tell the last of it.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// An annotation somebody made, and what it must say now.
struct Mark {
    id: String,
    note: String,
    version: i64,
    edits: u64,
    gone: bool,
    /// Whether something was asked of it that was not answered.
    unknown: bool,
}

/// What all of them know together.
struct World {
    addr: SocketAddr,
    conversation: String,
    message: String,
    /// The annotations whose comments are read over and over.
    threads: Vec<String>,
    /// What was acknowledged below each.
    said: Vec<Mutex<BTreeSet<String>>>,
    /// The comments that were acknowledged, by id.
    comments: Mutex<BTreeSet<String>>,
    wrong: Mutex<Vec<String>>,
}

/// T29: sixteen people mark, comment, change, delete and read, `count` times together, on one conversation, while each
/// listens, and connections break or the file is locked. Nobody reads less than was acknowledged before or in another
/// order than the last time, no change is lost, and every stream is the table: nothing lost, doubled or out of order.
#[must_use]
pub fn discussed(count: u64, seed: u64) -> Report {
    let mut report = Report::new("T29", seed);
    let each = usize::try_from(count).unwrap() / PEOPLE;
    let database = TestDatabase::on_disk();
    let server = Server::start(&database).unwrap();
    let author = Author::new(server.addr, &format!("t29-{seed}"));
    let tokens = people::join(server.addr, &author, PEOPLE);
    let world = World::make(server.addr, &author, (each * PEOPLE).div_ceil(A_THREAD));
    let since = author.place(server.addr);
    let begun = Instant::now();
    let discussion = Discussion::held(&world, &author, &tokens, each, since, &database, Chance::new(seed));
    let took = begun.elapsed();
    let table = beside(table(&database, author.class(), since));
    for (number, stream) in discussion.streams.iter().enumerate() {
        report.broken.extend(difference(stream, &table).map(|found| format!("stream {number}: {found}")));
    }
    report.broken.extend(untold(&world, &discussion.marks, &table));
    report.broken.extend(world.changed(&author, &discussion.marks));
    report.broken.extend(world.wrong.into_inner().unwrap());
    report.must(is_green(server.addr), "not healthy afterwards");
    report.broken.extend(author.whole_pool(server.addr, &database));
    report.broken.extend(beside(invariant::broken(&Ledger::default(), &database.url)));
    report.count("people", PEOPLE);
    report.count("operations", each * PEOPLE);
    report.count("comments", world.comments.into_inner().unwrap().len());
    report.count("marks", discussion.marks.len());
    report.count("events", table.len());
    report.count("disturbances", discussion.disturbed);
    report.count("operations_ms", took.as_millis());
    report
}

/// What came of it.
struct Discussion {
    marks: Vec<Mark>,
    /// What each was told.
    streams: Vec<Vec<Heard>>,
    /// How often the database was disturbed.
    disturbed: u64,
}

impl Discussion {
    fn held(
        world: &World,
        author: &Author,
        tokens: &[String],
        each: usize,
        since: i64,
        database: &TestDatabase,
        mut chance: Chance,
    ) -> Self {
        let (talked, over) = (&AtomicBool::new(false), &AtomicBool::new(false));
        std::thread::scope(|scope| {
            let listening: Vec<_> = tokens
                .iter()
                .map(|token| scope.spawn(move || beside(listens(world.addr, author, token, since, over))))
                .collect();
            let talking: Vec<_> = tokens
                .iter()
                .map(|token| {
                    let person = Person::new(world, token, Chance::new(chance.number()));
                    scope.spawn(move || person.talks(each))
                })
                .collect();
            let disturbing = scope.spawn(move || {
                let mut times = 0;
                beside(disturb(database, &mut chance, || {
                    times += 1;
                    !talked.load(Ordering::SeqCst)
                }));
                times
            });
            let marks = talking.into_iter().flat_map(|talks| talks.join().unwrap()).collect();
            talked.store(true, Ordering::SeqCst);
            let disturbed = disturbing.join().unwrap();
            // Only now: while its database is disturbed a server may be told late.
            over.store(true, Ordering::SeqCst);
            let streams = listening.into_iter().map(|listens| listens.join().unwrap()).collect();
            Self { marks, streams, disturbed }
        })
    }
}

/// Where a stream differs from the feed.
fn difference(stream: &[Heard], table: &[Row]) -> Option<String> {
    let heard: Vec<Row> = stream.iter().map(|heard| (heard.seq, heard.kind.clone(), heard.id.clone())).collect();
    let at = (0..heard.len().max(table.len())).find(|at| heard.get(*at) != table.get(*at))?;
    let (told, is) = (heard.get(at), table.get(at));
    Some(format!("{} events for {} rows; {at} is {told:?} for {is:?}", heard.len(), table.len()))
}

/// A row of the feed: its place, what happened, to what.
type Row = (i64, String, String);

/// What the feed does not tell once of what was acknowledged.
fn untold(world: &World, marks: &[Mark], table: &[Row]) -> Vec<String> {
    let mut times: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (_, kind, id) in table {
        *times.entry((kind, id)).or_default() += 1;
    }
    let times = |kind, id: &str| times.get(&(kind, id)).copied().unwrap_or(0);
    let mut untold: Vec<String> = world
        .comments
        .lock()
        .unwrap()
        .iter()
        .filter(|id| times("comment.created", id) != 1)
        .map(|id| format!("comment {id} was told {} times", times("comment.created", id)))
        .collect();
    for mark in marks {
        let told = [
            times("annotation.created", &mark.id),
            times("annotation.changed", &mark.id),
            times("annotation.deleted", &mark.id),
        ];
        let must = [1, mark.edits, u64::from(mark.gone)];
        if told != must && !mark.unknown {
            untold.push(format!("annotation {}: made, changed, deleted {told:?} times, not {must:?}", mark.id));
        }
    }
    untold
}

/// The rows of the feed.
async fn table(database: &TestDatabase, class: &str, since: i64) -> Vec<Row> {
    let db = invariant::connect(&database.url).await;
    let backend = db.get_database_backend();
    let (id, of) = match database.url.path() {
        None => ("object_id::text", format!("'{class}'")),
        Some(_) => ("lower(hex(object_id))", format!("x'{}'", class.replace('-', ""))),
    };
    let query = format!("SELECT seq, kind, {id} FROM event WHERE class_id = {of} AND seq > {since} ORDER BY seq");
    let rows = db.query_all_raw(Statement::from_string(backend, query)).await.unwrap();
    let rows = rows.iter().map(|row| {
        let id: String = row.try_get_by_index(2).unwrap();
        (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap(), id.replace('-', ""))
    });
    let rows = rows.collect();
    db.close().await.unwrap();
    rows
}

/// Listens until nothing more is done and all of it was told. A stream that ends is opened again where it ended.
async fn listens(addr: SocketAddr, author: &Author, token: &str, since: i64, done: &AtomicBool) -> Vec<Heard> {
    let (mut heard, mut last): (Vec<Heard>, i64) = (Vec::new(), since);
    let mut until: Option<(i64, Instant)> = None;
    loop {
        let Ok(mut ear) = Ear::open(addr, author.class(), token, Some(last)).await else { continue };
        loop {
            if until.is_none() && done.load(Ordering::SeqCst) {
                until = Some((author.place(addr), Instant::now()));
            }
            if until.is_some_and(|(end, since)| last >= end || since.elapsed() > TOLD_WITHIN) {
                return heard;
            }
            match tokio::time::timeout(Duration::from_millis(100), ear.event()).await {
                Ok(Ok(mut event)) => {
                    last = event.seq;
                    event.id = event.id.replace('-', "");
                    heard.push(event);
                }
                Ok(Err(_)) => break,
                Err(_) => {}
            }
        }
    }
}

impl World {
    fn make(addr: SocketAddr, author: &Author, threads: usize) -> Self {
        let post = |path: &str, body: &Value| {
            let answer = wire::ask(addr, &wire::request("POST", path, &author.token, None, Some(body))).unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            answer
        };
        let conversation = author.opens(addr, "Discussed");
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let messages = wire::ask(addr, &wire::request("GET", &path, &author.token, None, None)).unwrap();
        let message = messages.body["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/conversations/{conversation}/annotations");
        let thread = |_| post(&path, &json!({ "note": "What do you think?", "audience": "class" })).str("id");
        let threads: Vec<String> = (0..threads).map(thread).collect();
        let said = threads.iter().map(|_| Mutex::default()).collect();
        let (comments, wrong) = (Mutex::default(), Mutex::default());
        Self { addr, conversation, message, threads, said, comments, wrong }
    }

    fn wrong(&self, line: String) {
        self.wrong.lock().unwrap().push(line);
    }

    /// The annotations that do not say what their authors were told they say.
    fn changed(&self, author: &Author, marks: &[Mark]) -> Vec<String> {
        let known = marks.iter().filter(|mark| !mark.unknown);
        let differs = known.filter_map(|mark| {
            let path = format!("/api/v1/annotations/{}", mark.id);
            let answer = wire::ask(self.addr, &wire::request("GET", &path, &author.token, None, None)).unwrap();
            let wanted = if mark.gone { (404, None) } else { (200, Some(mark.note.clone())) };
            let found = (answer.status, answer.body["note"].as_str().map(str::to_owned));
            (found != wanted).then(|| format!("annotation {} is {found:?}, not {wanted:?}", mark.id))
        });
        differs.collect()
    }
}

/// Somebody who takes part.
struct Person<'a> {
    world: &'a World,
    token: &'a str,
    chance: Chance,
    marks: Vec<Mark>,
    /// What was read below the threads.
    read: BTreeMap<usize, Vec<String>>,
}

impl Person<'_> {
    /// Does so many things; the annotations that were made.
    fn talks(mut self, times: usize) -> Vec<Mark> {
        for time in 0..times {
            let thread = time * self.world.threads.len() / times;
            match self.chance.between(0, 10) {
                0..4 => self.comments(thread),
                4..6 => self.reads(thread),
                6..8 => self.marks(),
                8 => self.changes(),
                _ => self.deletes(),
            }
        }
        self.marks
    }

    fn new<'a>(world: &'a World, token: &'a str, chance: Chance) -> Person<'a> {
        Person { world, token, chance, marks: Vec::new(), read: BTreeMap::new() }
    }

    /// The answer if it was done; else nobody knows what became of it.
    fn asks(&self, method: &str, path: &str, body: Option<&Value>, done: u16) -> Option<Value> {
        match wire::ask(self.world.addr, &wire::request(method, path, self.token, None, body)) {
            Ok(answer) if answer.status == done => return Some(answer.body),
            Ok(answer) if answer.status == 503 => {}
            Ok(answer) => {
                self.world.wrong(format!("{method} {path}: answered {} {}", answer.status, answer.body["code"]));
            }
            Err(error) => self.world.wrong(format!("{method} {path}: {error}")),
        }
        None
    }

    fn comments(&mut self, thread: usize) {
        let path = format!("/api/v1/annotations/{}/comments", self.world.threads[thread]);
        let body = json!({ "body": format!("I think {}", self.chance.number()) });
        if let Some(made) = self.asks("POST", &path, Some(&body), 201) {
            let id = made["id"].as_str().unwrap().to_owned();
            self.world.comments.lock().unwrap().insert(id.replace('-', ""));
            self.world.said[thread].lock().unwrap().insert(id);
        }
    }

    fn reads(&mut self, thread: usize) {
        let before = self.world.said[thread].lock().unwrap().clone();
        let path = format!("/api/v1/annotations/{}/comments?limit=100", self.world.threads[thread]);
        let Some(page) = self.asks("GET", &path, None, 200) else { return };
        let items = page["items"].as_array().unwrap();
        let ids: Vec<String> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        let there: BTreeSet<String> = ids.iter().cloned().collect();
        if there.len() != ids.len() {
            self.world.wrong(format!("thread {thread}: a comment is read twice"));
        }
        if let Some(lost) = before.difference(&there).next() {
            self.world.wrong(format!("thread {thread}: {lost} was acknowledged and is not read"));
        }
        let last = self.read.insert(thread, ids.clone()).unwrap_or_default();
        if !ids.starts_with(&last) {
            self.world.wrong(format!("thread {thread}: read {last:?}, then {ids:?}"));
        }
    }

    fn marks(&mut self) {
        let path = format!("/api/v1/conversations/{}/annotations", self.world.conversation);
        let note = format!("Look {}", self.chance.number());
        let start = self.chance.between(0, 20);
        let body = json!({ "message_id": self.world.message, "start": start, "end": start + 4, "note": note, "audience": "class" });
        if let Some(made) = self.asks("POST", &path, Some(&body), 201) {
            let id = made["id"].as_str().unwrap().replace('-', "");
            self.marks.push(Mark { id, note, version: 1, edits: 0, gone: false, unknown: false });
        }
    }

    /// One of its own that is still there, if there is one.
    fn own(&mut self) -> Option<usize> {
        let there: Vec<usize> =
            (0..self.marks.len()).filter(|at| !self.marks[*at].gone && !self.marks[*at].unknown).collect();
        let at = usize::try_from(self.chance.number() % u64::try_from(there.len().max(1)).unwrap()).unwrap();
        there.get(at).copied()
    }

    fn changes(&mut self) {
        let Some(at) = self.own() else { return self.marks() };
        let note = format!("Rather {}", self.chance.number());
        let path = format!("/api/v1/annotations/{}", self.marks[at].id);
        let found = self.asks("PATCH", &path, Some(&json!({ "note": note })), 200);
        let mark = &mut self.marks[at];
        let Some(found) = found else {
            mark.unknown = true;
            return;
        };
        (mark.version, mark.edits) = (mark.version + 1, mark.edits + 1);
        if found["version"] != mark.version || found["note"] != note.as_str() {
            self.world.wrong(format!("{path}: should be {note} in version {}, and is {found}", mark.version));
        }
        mark.note = note;
    }

    fn deletes(&mut self) {
        let Some(at) = self.own() else { return self.marks() };
        let path = format!("/api/v1/annotations/{}", self.marks[at].id);
        let done = self.asks("DELETE", &path, None, 204).is_some();
        let mark = &mut self.marks[at];
        (mark.gone, mark.unknown) = (done, !done);
    }
}
