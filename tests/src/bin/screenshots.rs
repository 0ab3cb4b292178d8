//! Makes the pictures of the README from the demo: `cargo run -p tests --bin screenshots [DIRECTORY]`, into
//! `docs/screenshots` if not said. Needs Chromium, as the browser tests do (`bash .ci/browser`).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use tests::{
    Client, TestApp,
    browser::{Browser, Window, key},
};

/// What a student of the demo has on the computer.
const EXPORT: &str = include_str!("../../../api/demo/claude.json");
/// What the pictures show.
const READ: &str = "Why switching doors wins";

/// The demo, and who can log in to it.
struct Demo {
    app: TestApp,
    people: Vec<(String, String)>,
}

impl Demo {
    fn start() -> Self {
        let app = TestApp::start();
        let printed =
            app.run(api::demo::run(&app.db, &app.config, &app.clock.for_server())).expect("an empty database");
        let words = |line: &str| Some(line.trim().split_once("   ")?).map(|(a, b)| (a.to_owned(), b.to_owned()));
        let people = printed.lines().filter(|line| line.contains("@demo.example")).filter_map(words).collect();
        Self { app, people }
    }

    /// Somebody, before a window.
    fn sits(&self, who: usize, window: Window) -> Option<(Browser, Client)> {
        let (email, password) = self.people.get(who).expect("the demo has four people");
        let browser = Browser::start(format!("http://{}", self.app.addr), window)?;
        browser.scheme(false);
        browser.open("/login");
        browser.fill("email", email);
        browser.fill("password", password);
        browser.press(&[key::ENTER]);
        browser.reads("My classes");
        let session = self.app.log_in(email, password).is(201);
        Some((browser, self.app.anonymous().bearer(&session.str("token"))))
    }
}

fn main() -> ExitCode {
    let directory = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/screenshots")), PathBuf::from);
    std::fs::create_dir_all(&directory).unwrap();
    if pictures(&directory).is_none() {
        return ExitCode::FAILURE;
    }
    println!("{}", directory.display());
    ExitCode::SUCCESS
}

fn pictures(directory: &Path) -> Option<()> {
    let demo = Demo::start();
    let keep = |browser: &Browser, name: &str| {
        std::fs::write(directory.join(format!("{name}.png")), browser.picture()).unwrap();
    };
    let (teacher, client) = demo.sits(0, Window::Desktop)?;
    let class = client.get("/api/v1/classes").is(200).items()[0]["id"].as_str().unwrap().to_owned();
    teacher.open(&format!("/classes/{class}"));
    teacher.reads(READ);
    keep(&teacher, "class");
    teacher.click(READ);
    teacher.arrives("/conversations/");
    teacher.reads("Who can see this");
    keep(&teacher, "reading");

    let (student, _) = demo.sits(1, Window::Desktop)?;
    let export = demo.app.config.data_dir.join("conversations.json");
    std::fs::write(&export, EXPORT).unwrap();
    student.open(&format!("/classes/{class}/import"));
    student.reads("Paste one conversation");
    student.see("#file").type_in(export.to_str().unwrap());
    student.reads("newest first");
    student.see(".pick-list li:nth-child(2) label").click();
    student.reads("1 of 3");
    keep(&student, "import");

    let (phone, _) = demo.sits(2, Window::Phone)?;
    phone.open(&format!("/classes/{class}"));
    phone.click(READ);
    phone.arrives("/conversations/");
    phone.reads("Who can see this");
    keep(&phone, "phone");
    Some(())
}
