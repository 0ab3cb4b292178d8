//! A server in a process of its own, so that its memory is its alone. Linux only: memory is read from `/proc`.

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use api::{config::Config, startup::Application, state::Clock};
use tests::{Client, app::PASSWORD, json};

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "serve";

pub(crate) struct Server {
    child: Child,
    pub(crate) base: String,
}

impl Server {
    /// Starts this program again, with its data in `dir`.
    pub(crate) fn start(dir: &str) -> Self {
        let program = env::current_exe().unwrap();
        let mut child = Command::new(program).args([SERVE, dir]).stdout(Stdio::piped()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }

    /// Memory in KiB: `VmRSS` now, `VmHWM` at its peak.
    pub(crate) fn memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).expect("a line of this name");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// A person who can log in, and their class.
    pub(crate) fn class(&self) -> (Client, String) {
        let anonymous = Client::new(self.base.clone());
        let person = json!({ "email": "ana@example.org", "display_name": "Ana", "password": PASSWORD });
        anonymous.post("/api/v1/users", person).is(201);
        let session = json!({ "email": "ana@example.org", "password": PASSWORD });
        let ana = anonymous.bearer(&anonymous.post("/api/v1/sessions", session).is(201).str("token"));
        let class = ana.post("/api/v1/classes", json!({ "name": "Measured" })).is(201).str("id");
        (ana, class)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn serve(dir: &str) {
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
