//! Measures the import page with a large export: a ZIP of 300 MB with 120 MB of conversations in three files and 1,500
//! pictures, looked into by Chromium, three conversations picked. Seconds until the list is there, bytes that are sent,
//! and by how much the server's memory grows.
//!
//! `cargo run -p tests --bin measure_browser_import`, with the browser that `.ci/browser` installs. Prints one JSON line.
//! Linux only: memory is `VmRSS` and `VmHWM` of `/proc`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for developers: it prints what it measured, or stops"
)]

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use api::{config::Config, startup::Application, state::Clock};
use tests::{
    Client,
    app::PASSWORD,
    browser::{Browser, Window, key},
    fixture, json,
};

/// Bytes of conversations.
const JSON: usize = 120_000_000;
/// Pictures beside them, and the bytes of each.
const PICTURES: (usize, usize) = (1_500, 192_000);
/// After this nobody waits any longer.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, dir] = arguments.as_slice()
        && first == "serve"
    {
        return serve(dir);
    }
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export.zip");
    let mut file = BufWriter::new(std::fs::File::create(&export).unwrap());
    fixture::chatgpt_zip(JSON, PICTURES.0, PICTURES.1, &mut file).unwrap();
    file.flush().unwrap();
    let mut server = Server::start(dir.path().to_str().unwrap());
    let result = measure(&server, &export);
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

    /// Memory in KiB: `VmRSS` now, `VmHWM` at its peak.
    fn memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).expect("a line of this name");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
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

/// A class of a person who can log in.
fn class(server: &Server) -> String {
    let anonymous = Client::new(server.base.clone());
    let person = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD });
    anonymous.post("/api/v1/users", person).is(201);
    let session = json!({ "email": "ana@example.org", "password": PASSWORD });
    let ana = anonymous.bearer(&anonymous.post("/api/v1/sessions", session).is(201).str("token"));
    ana.post("/api/v1/classes", json!({ "name": "Measured" })).is(201).str("id")
}

fn measure(server: &Server, export: &Path) -> tests::Value {
    let class = class(server);
    let browser = Browser::start(server.base.clone(), Window::Desktop).expect("a browser");
    browser.open(&format!("/login?next=/classes/{class}/import"));
    browser.fill("email", "ana@example.org");
    browser.fill("password", PASSWORD);
    browser.press(&[key::ENTER]);
    browser.reads("Paste one conversation");
    let before = server.memory("VmRSS:");
    let begin = Instant::now();
    browser.see("#file").type_in(export.to_str().unwrap());
    while !browser.text().contains("newest first") {
        assert!(begin.elapsed() < PATIENCE, "the list does not come: {}", browser.text());
    }
    let listed = begin.elapsed();
    let found = browser.count(".pick-list li");
    for place in 2..5 {
        browser.see(&format!(".pick-list li:nth-child({place}) label")).click();
    }
    browser.ask(
        "const send = XMLHttpRequest.prototype.send;
         XMLHttpRequest.prototype.send = function (body) {
             sessionStorage.sent = [...body.values()].reduce((sum, part) => sum + part.size, 0);
             return send.call(this, body);
         }",
    );
    let begin = Instant::now();
    browser.click("Add to Measured");
    while !browser.path().starts_with("/imports/") {
        assert!(begin.elapsed() < PATIENCE, "the report does not come: {}", browser.text());
    }
    let stored = begin.elapsed();
    browser.reads("3 added");
    json!({
        "file_bytes": std::fs::metadata(export).unwrap().len(),
        "conversations": found,
        "seconds_to_list": (listed.as_secs_f64() * 100.0).round() / 100.0,
        "seconds_to_store": (stored.as_secs_f64() * 100.0).round() / 100.0,
        "bytes_sent": browser.ask("return Number(sessionStorage.sent)"),
        "server_kib_before": before,
        "server_kib_after": server.memory("VmRSS:"),
        "server_kib_peak": server.memory("VmHWM:"),
    })
}
