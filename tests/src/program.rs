//! The `colloquium` program itself, in a process of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use crate::database::TestDatabase;

/// The binary, built once with the settings of the very program that asks.
#[must_use]
pub fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // .../target/debug/deps/it-0123456789abcdef, or .../target/debug/battery
        let own = std::env::current_exe().unwrap();
        let place = own.parent().unwrap();
        let profile = if place.ends_with("deps") { place.parent().unwrap() } else { place };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--workspace", "--bin", "colloquium", "--bin", "unguarded", "--target-dir"]);
        cargo.arg(profile.parent().unwrap());
        // What cargo says of this package would make it build dependencies anew that look at it.
        for (key, _) in std::env::vars_os().filter(|(key, _)| is_of_package(&key.to_string_lossy())) {
            cargo.env_remove(key);
        }
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        profile.join("colloquium")
    })
}

fn is_of_package(key: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"]
        .iter()
        .any(|of| key.starts_with(of))
}

/// How many connections a server of the battery has at most, so that tests can ask for all of them.
pub const POOL: usize = 4;

/// How long a start may take before it counts as a hang.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A serving process; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    /// From the start of the process until it listened.
    pub ready: Duration,
    log: Arc<Mutex<String>>,
    listens: Receiver<SocketAddr>,
}

/// A server that was started and does not listen yet.
pub struct Starting {
    child: Child,
    begun: Instant,
    log: Arc<Mutex<String>>,
    listens: Receiver<SocketAddr>,
}

/// The program, with the settings of the battery, on this database.
#[must_use]
pub fn command(database: &TestDatabase) -> Command {
    with_settings(binary(), database)
}

/// The same server without these guards; the program itself cannot be told to leave one out.
#[must_use]
pub fn without(guards: &[&str], database: &TestDatabase) -> Command {
    let mut command = with_settings(&binary().with_file_name("unguarded"), database);
    command.args(guards);
    command
}

fn with_settings(program: &Path, database: &TestDatabase) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(database.dir.path()).stdin(Stdio::null()).stdout(Stdio::null());
    command.env("COLLOQUIUM_BIND", "127.0.0.1:0").env("COLLOQUIUM_DATA_DIR", database.dir.path());
    command.env("COLLOQUIUM_POOL_MIN", "1").env("COLLOQUIUM_POOL_MAX", POOL.to_string());
    command.env("COLLOQUIUM_WORKERS", "2").env("RUST_LOG", "info");
    // As long as a unit waits for its turn at most; all of a busy machine's processes share two cores.
    command.env("COLLOQUIUM_ACQUIRE_TIMEOUT", "20");
    if database.url.path().is_none() {
        command.env("DATABASE_URL", database.url.expose());
    }
    command
}

impl Starting {
    /// Starts the program on this database.
    #[must_use]
    pub fn on(database: &TestDatabase) -> Self {
        Self::run(command(database))
    }

    /// Starts this command.
    #[must_use]
    pub fn run(mut command: Command) -> Self {
        let begun = Instant::now();
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, listens) = mpsc::channel();
        let kept = Arc::clone(&log);
        // Read to its end, or the server would stop when the pipe is full.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("listens on http://") {
                    let _ = sender.send(url.trim().parse().unwrap());
                }
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, begun, log, listens }
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it listens.
    ///
    /// # Errors
    /// What it logged, when it ended instead.
    pub fn wait(mut self) -> Result<Server, String> {
        match self.listens.recv_timeout(STARTS_WITHIN) {
            Ok(addr) => {
                let Self { child, begun, log, listens } = self;
                Ok(Server { child, addr, ready: begun.elapsed(), log, listens })
            }
            Err(_) => {
                let _ = self.child.kill();
                let ended = self.child.wait().unwrap();
                Err(format!("did not start ({ended}): {}", self.log.lock().unwrap()))
            }
        }
    }

    /// Ends it at once, wherever it is.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts the program on this database and waits until it listens.
    ///
    /// # Errors
    /// What it logged, when it ended instead.
    pub fn start(database: &TestDatabase) -> Result<Self, String> {
        Starting::on(database).wait()
    }

    /// Starts this command and waits until it listens.
    ///
    /// # Errors
    /// What it logged, when it ended instead.
    pub fn run(command: Command) -> Result<Self, String> {
        Starting::run(command).wait()
    }

    /// `kill -9`: ends it at once, whatever it is doing.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal, by name: `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success(), "kill -{name}: {sent}");
    }

    /// Waits for its end; its exit code and how long that took, nothing when it does not end in time.
    pub fn ends(&mut self, within: Duration) -> Option<(Option<i32>, Duration)> {
        let begun = Instant::now();
        // Who reads its log goes away when there is nobody left who writes it.
        match self.listens.recv_timeout(within) {
            Err(RecvTimeoutError::Disconnected) => Some((self.child.wait().unwrap().code(), begun.elapsed())),
            Ok(_) | Err(RecvTimeoutError::Timeout) => None,
        }
    }

    /// How much memory it holds, in bytes. Linux only.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
