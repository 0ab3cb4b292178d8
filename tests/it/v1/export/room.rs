//! How many exports are under way at once, and that a long conversation comes whole by pages of few messages.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use api::limits::Limits;
use tests::{Person, TestApp, Value, json, wire};

/// How long a test waits for what has to happen.
const WITHIN: Duration = Duration::from_secs(30);

/// An export whose client has read that it begins, and reads no more: what is larger than the buffers of two sockets
/// stays under way.
struct Held(BufReader<TcpStream>);

impl Held {
    fn of(app: &TestApp, person: &Person, path: &str) -> Self {
        let mut stream = TcpStream::connect(app.addr).unwrap();
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        stream.write_all(&wire::request("GET", path, &person.token, None, None)).unwrap();
        let (mut reader, mut head) = (BufReader::new(stream), String::new());
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        Self(reader)
    }

    fn hangs_up(self) {
        self.0.get_ref().shutdown(Shutdown::Both).unwrap();
    }

    fn reads_on(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).unwrap();
        rest
    }
}

/// Brings in a conversation of these messages, as only an import may have such large ones; its id.
fn brings(person: &Person, class: &str, texts: &[String]) -> String {
    let message = |(n, text): (usize, &String)| json!({ "uuid": n.to_string(), "sender": "human", "text": text });
    let messages: Vec<Value> = texts.iter().enumerate().map(message).collect();
    let file = json!([{ "uuid": "large", "name": "Large", "chat_messages": messages }]).to_string();
    let report = person.imports(class, "?visibility=class", file).is(201).json();
    report["imported"][0]["id"].as_str().unwrap().to_owned()
}

/// A text as long as a message may be.
fn large() -> String {
    "Primes are **odd** but one. ".repeat((4 << 20) / 28)
}

/// A class with a conversation that is larger than the buffers of two sockets.
fn room(limits: Limits) -> (TestApp, [Person; 2], String, String) {
    // An import as large as this one takes its time on a busy machine.
    let app = TestApp::with(|config| {
        config.limits = Limits { import_answer: config.limits.import_answer, ..limits };
    });
    let ([ana, ben, _], class) = app.lesson("Logic");
    let talk = brings(&ana, &class, &[large(), large(), large(), large()]);
    (app, [ana, ben], format!("/api/v1/classes/{class}/export"), format!("/api/v1/conversations/{talk}/export"))
}

fn under_way(app: &TestApp) -> String {
    let metrics = app.anonymous().get("/metrics").is(200).text();
    metrics.lines().find_map(|line| line.strip_prefix("colloquium_exports_now ")).unwrap().to_owned()
}

fn waits_for(app: &TestApp, wanted: &str) {
    let begun = Instant::now();
    while under_way(app) != wanted {
        assert!(begun.elapsed() < WITHIN, "{} exports are under way, not {wanted}", under_way(app));
        std::thread::yield_now();
    }
}

#[test]
fn an_account_has_two_exports_of_all_kinds_at_once_and_room_again_when_one_ends_or_is_left() {
    let (app, [ana, ben], class, talk) = room(Limits::default());
    let first = Held::of(&app, &ana, &talk);
    let second = Held::of(&app, &ana, &class);
    for path in [talk.as_str(), &class, "/api/v1/me/export"] {
        let refused = ana.get(path).is_problem(429, "too_many_exports");
        assert_eq!(refused.header("retry-after"), Some("5"));
        let detail = "2 exports of yours are under way already; let one end, or break it off, and ask again";
        assert_eq!(refused.str("detail"), detail);
    }
    // It is nobody else's limit.
    ben.get(&talk).is(200);
    assert_eq!(under_way(&app), "2");
    first.hangs_up();
    waits_for(&app, "1");
    ana.get(&talk).is(200);
    assert!(second.reads_on().ends_with(b"0\r\n\r\n"));
    waits_for(&app, "0");
    // Whoever has read one to its end may begin the next at once, however often.
    let third = Held::of(&app, &ana, &class);
    (0..20).for_each(|_| drop(ana.get(&format!("{class}?format=csv&table=tags")).is(200)));
    third.hangs_up();
    // What is not there takes no room.
    ana.get("/api/v1/conversations/01a00000-0000-7000-8000-000000000000/export").is(404);
    waits_for(&app, "0");
}

#[test]
fn where_all_accounts_together_leave_no_room_one_waits_a_while_and_is_told_to_come_again() {
    let limits = |export_wait| Limits { exports_at_once: 1, export_wait, ..Limits::default() };
    let (app, [ana, ben], class, talk) = room(limits(Duration::ZERO));
    let held = Held::of(&app, &ana, &talk);
    let refused = ben.get(&class).is_problem(503, "overloaded");
    assert_eq!(refused.header("retry-after"), Some("5"));
    held.hangs_up();
    waits_for(&app, "0");
    ben.get(&class).is(200);
    // With time to wait it comes.
    let (app, [ana, ben], class, talk) = room(limits(WITHIN));
    let held = Held::of(&app, &ana, &talk);
    let waiting = std::thread::spawn(move || ben.get(&class).status);
    waits_for(&app, "2");
    held.hangs_up();
    assert_eq!(waiting.join().unwrap(), 200);
}

#[test]
fn large_messages_come_a_few_at_a_time_and_none_is_missing() {
    let app = TestApp::start();
    let ([ana, ..], class) = app.lesson("Logic");
    let mut texts: Vec<String> = (0..230).map(|n| format!("Number {n}")).collect();
    // At the beginning, one after the other, at the end.
    [0, 40, 41, 229].iter().for_each(|n| texts[*n] = large());
    let talk = brings(&ana, &class, &texts);
    let found = |rows: &[Value], member: &str| rows.iter().map(|row| row[member].clone()).collect::<Vec<Value>>();
    let read = ana.reads(&talk);
    assert_eq!(read.len(), 230);
    let export = ana.get(&format!("/api/v1/conversations/{talk}/export")).is(200).json();
    let export = export["messages"].as_array().unwrap();
    assert_eq!(found(export, "id"), found(&read, "id"));
    assert!(found(export, "parts") == found(&read, "parts"));
    let rows = ana.get(&format!("/api/v1/classes/{class}/export")).is(200).text();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: Vec<Value> = rows.filter(|row| row["kind"] == "message").collect();
    assert_eq!(found(&rows, "id"), found(&read, "id"));
    // As many messages that are small are read by fewer questions.
    let small: Vec<String> = (0..230).map(|n| format!("Number {n}")).collect();
    let file = |talk: &str| format!("/api/v1/conversations/{talk}/export");
    let other = ana.opens_class("Sets");
    let small = brings(&ana, &other, &small);
    let [few, many] = [small, talk].map(|talk| app.statements(|| ana.get(&file(&talk)).is(200)).0);
    assert!(few < many, "{few} statements, {many} for large messages");
}
