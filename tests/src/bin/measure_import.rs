//! Measures one import on a server of its own: seconds, the server's peak memory, and how long reads beside it take.
//!
//! `cargo run --release -p tests --bin measure_import -- [CHATS MESSAGES BYTES]`; 41 chats, 4,900 messages and 28.5 MB
//! if not said. Prints one JSON line. Linux only: peak memory is `VmHWM` of `/proc`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a tool for developers: it prints what it measured, or stops"
)]

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader, BufWriter, Write},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use api::{config::Config, startup::Application, state::Clock};
use tests::{Client, app::PASSWORD, fixture, json};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "serve") {
        serve(arguments.get(1).expect("a directory"));
        return;
    }
    let number =
        |at: usize, otherwise: usize| arguments.get(at).map_or(otherwise, |text| text.parse().expect("a number"));
    let (chats, messages, bytes) = (number(0, fixture::CHATS), number(1, fixture::MESSAGES), number(2, fixture::BYTES));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.json");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    fixture::chatgpt_export(1, chats, messages, bytes, &mut file).unwrap();
    file.flush().unwrap();
    let mut server = Server::start(dir.path().to_str().unwrap());
    let result = measure(&server, &std::fs::read(&path).unwrap());
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    println!("{result}");
}

/// A server in a process of its own, so that its memory is its alone.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(dir: &str) -> Self {
        let program = env::current_exe().unwrap();
        let mut child = Command::new(program).args(["serve", dir]).stdout(Stdio::piped()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }

    fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

fn serve(dir: &str) {
    let vars = HashMap::from([
        ("COLLOQUIUM_DATA_DIR".to_owned(), dir.to_owned()),
        ("COLLOQUIUM_BIND".to_owned(), "127.0.0.1:0".to_owned()),
    ]);
    let config = Config::from_vars(vars).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let application = Application::build(&config, Clock::system()).await.unwrap();
        println!("http://{}", application.addr());
        application.run().await.unwrap();
    });
}

fn measure(server: &Server, export: &[u8]) -> tests::Value {
    let anonymous = Client::new(server.base.clone());
    let person = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD });
    anonymous.post("/api/v1/users", person).is(201);
    let session = json!({ "email": "ana@example.org", "password": PASSWORD });
    let ana = anonymous.bearer(&anonymous.post("/api/v1/sessions", session).is(201).str("token"));
    let class = ana.post("/api/v1/classes", json!({ "name": "Measured" })).is(201).str("id");
    let idle = server.peak_mib();
    let done = AtomicBool::new(false);
    let (report, seconds, mut reads) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = Vec::new();
            while !done.load(Ordering::SeqCst) {
                let begin = Instant::now();
                ana.get(&format!("/api/v1/classes/{class}/conversations?limit=100")).is(200);
                times.push(begin.elapsed());
            }
            times
        });
        let begin = Instant::now();
        let report = ana.upload(&format!("/api/v1/classes/{class}/imports"), export).is(201).json();
        let seconds = begin.elapsed().as_secs_f64();
        done.store(true, Ordering::SeqCst);
        (report, seconds, reader.join().unwrap())
    });
    reads.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map(|time| (time.as_secs_f64() * 1e4).round() / 10.0);
    json!({
        "bytes": export.len(),
        "imported": report["imported"].as_array().map(Vec::len),
        "failed": report["failed"].as_array().map(Vec::len),
        "messages": report["imported"].as_array().map(|l| l.iter().filter_map(|i| i["messages"].as_u64()).sum::<u64>()),
        "seconds": (seconds * 100.0).round() / 100.0,
        "peak_mib": server.peak_mib(),
        "peak_mib_before": idle,
        "reads_beside": reads.len(),
        "read_ms_median": milliseconds(reads.get(reads.len() / 2)),
        "read_ms_max": milliseconds(reads.last()),
    })
}
