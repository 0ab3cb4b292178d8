//! A PostgreSQL cluster of a test's own, from the programs installed on this machine.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::PathBuf,
    process::Command,
};

use migration::DatabaseUrl;
use tempfile::TempDir;

/// A cluster; stopped and gone with this value.
pub struct Cluster {
    dir: TempDir,
    programs: PathBuf,
    port: u16,
}

/// The numbers of a user of this machine, if there is one of that name.
#[must_use]
pub fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields[0] == name).then(|| Some((fields[2].parse().ok()?, fields[3].parse().ok()?)))?
    })
}

/// Whether this process may do everything.
#[must_use]
pub fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("Uid:\t0\t0"))
}

impl Cluster {
    /// Makes one that is not started yet; nothing where PostgreSQL's own programs are not installed.
    #[must_use]
    pub fn make() -> Option<Self> {
        let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql").ok()?.map(|e| e.unwrap().path()).collect();
        versions.sort();
        let programs = versions.pop()?.join("bin");
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { dir, programs, port };
        if is_root() {
            let (uid, gid) = user("postgres")?;
            chown(cluster.dir.path(), Some(uid), Some(gid)).unwrap();
        }
        cluster.must("initdb", &["--username=postgres", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8"]);
        Some(cluster)
    }

    /// Its database.
    #[must_use]
    pub fn url(&self) -> DatabaseUrl {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port).parse().unwrap()
    }

    /// Starts it and waits until it serves.
    pub fn start(&self) {
        let own = self.dir.path().display();
        let options = format!("-p {} -k {own} -c listen_addresses=127.0.0.1 -c fsync=off", self.port);
        let log = format!("{own}/log");
        self.must("pg_ctl", &["start", "--wait", "--silent", "--log", &log, "--options", &options]);
    }

    /// Ends it at once and starts it again, without the calm that a proper end takes.
    pub fn crash_and_start(&self) {
        self.must("pg_ctl", &["stop", "--wait", "--silent", "--mode=immediate"]);
        self.start();
    }

    fn must(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.dir.path()).arg("--pgdata").arg(self.dir.path().join("data")).args(arguments);
        // PostgreSQL refuses to run as root.
        if let (true, Some((uid, gid))) = (is_root(), user("postgres")) {
            command.uid(uid).gid(gid);
        }
        let done = command.stdout(std::process::Stdio::null()).status().unwrap();
        assert!(done.success(), "{program} {arguments:?}: {done}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.dir.path().join("data/postmaster.pid").exists() {
            self.must("pg_ctl", &["stop", "--wait", "--silent", "--mode=immediate"]);
        }
    }
}
