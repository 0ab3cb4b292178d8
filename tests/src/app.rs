//! A server under test, and the people who use it.

use std::{collections::HashMap, future::Future, net::SocketAddr, sync::mpsc, thread::JoinHandle, time::Duration};

use actix_web::dev::ServerHandle;
use api::{
    config::{Config, Profile},
    limits::Limits,
    startup::Application,
};
use serde_json::{Value, json};
use service::{
    Db,
    password::Cost,
    rules::{ClassCreation, Registration, Rules},
};
use tokio::runtime::Handle;

use crate::{
    client::{Client, Response},
    clock::TestClock,
    database::TestDatabase,
};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// A running server on a database of its own.
pub struct TestApp {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Its database handle.
    pub db: Db,
    /// Its clock.
    pub clock: TestClock,
    /// Its configuration.
    pub config: Config,
    runtime: Handle,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Last, so that it goes when nothing uses it any more.
    database: TestDatabase,
}

/// Somebody with an account, signed in by a bearer token.
#[derive(Clone)]
pub struct Person {
    /// Sign-in name.
    pub email: String,
    /// The session's token.
    pub token: String,
    /// Sends requests as this person.
    pub client: Client,
}

impl std::ops::Deref for Person {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The configuration of a test server: what production has, but cheap passwords and a port of its own.
#[must_use]
pub fn config(database: &TestDatabase) -> Config {
    Config {
        profile: if database.url.is_memory() { Profile::Test } else { Profile::Production },
        bind: ([127, 0, 0, 1], 0).into(),
        public_url: "http://localhost:8080".to_owned(),
        data_dir: database.dir.path().to_owned(),
        database: database.url.clone(),
        hash_cost: Cost::Minimal,
        pool_min: 1,
        pool_max: 4,
        workers: Some(1),
        // A busy machine takes its time; what happens when it takes too long has tests of its own.
        limits: Limits { import_answer: Duration::from_secs(60), ..Limits::default() },
        upkeep: None,
        rules: Rules { registration: Registration::Open, class_creation: ClassCreation::Anyone },
        ..Config::from_vars(HashMap::new()).unwrap()
    }
}

impl TestApp {
    /// Starts a server on a fresh database.
    #[must_use]
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts a server with another configuration.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create();
        let mut config = config(&database);
        change(&mut config);
        let clock = TestClock::default();
        let (sender, receiver) = mpsc::channel();
        let (for_thread, server_clock) = (config.clone(), clock.for_server());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let application = Application::build(&for_thread, server_clock).await.unwrap();
                let parts = (application.addr(), application.db().clone(), application.handle(), Handle::current());
                sender.send(parts).unwrap();
                application.run().await.unwrap();
            });
        });
        let (addr, db, server, runtime) =
            receiver.recv_timeout(Duration::from_secs(60)).expect("the server did not start");
        Self { addr, db, clock, config, runtime, server, thread: Some(thread), database }
    }

    /// Runs a future on the server's runtime, where its connections belong.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Starts a future on the server's runtime.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(future));
    }

    /// Somebody without an account.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(format!("http://{}", self.addr))
    }

    /// Registers `name@example.org` and signs in.
    #[must_use]
    pub fn person(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let body = json!({ "email": email, "display_name": name, "password": PASSWORD });
        self.anonymous().post("/api/v1/users", body).is(201);
        self.sign_in(&email)
    }

    /// A class with a teacher, Ana, and two students, Ben and Cid; its id.
    #[must_use]
    pub fn lesson(&self, name: &str) -> ([Person; 3], String) {
        let people = ["ana", "ben", "cid"].map(|name| self.person(name));
        let class = people[0].opens_class(name);
        people[1..].iter().for_each(|student| drop(people[0].admits(&class, student, "student")));
        (people, class)
    }

    /// Signs in once more.
    #[must_use]
    pub fn sign_in(&self, email: &str) -> Person {
        let answer = self.log_in(email, PASSWORD).is(201);
        let token = answer.str("token");
        Person { email: email.to_owned(), client: self.anonymous().bearer(&token), token }
    }

    /// Tries to sign in.
    pub fn log_in(&self, email: &str, password: &str) -> Response {
        self.anonymous().post("/api/v1/sessions", json!({ "email": email, "password": password }))
    }

    /// How many statements `work` costs the database.
    pub fn statements<T>(&self, work: impl FnOnce() -> T) -> (u64, T) {
        let before = self.db.statements();
        let done = work();
        (self.db.statements() - before, done)
    }

    /// The file of the database, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&std::path::Path> {
        self.database.url.path()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.runtime.block_on(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let stopped = thread.join();
            assert!(stopped.is_ok() || std::thread::panicking(), "the server did not stop cleanly");
        }
    }
}

impl Person {
    /// Opens a class; its id.
    pub fn opens_class(&self, name: &str) -> String {
        self.post("/api/v1/classes", json!({ "name": name })).is(201).str("id")
    }

    /// Makes an invitation code for `role`.
    pub fn invites(&self, class: &str, role: &str) -> String {
        self.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": role })).is(201).str("code")
    }

    /// Joins by a code; the enrolment's id.
    pub fn joins(&self, code: &str) -> String {
        self.post("/api/v1/enrolments", json!({ "invite_code": code })).is(201).str("id")
    }

    /// Lets `other` join with `role`; the enrolment's id.
    pub fn admits(&self, class: &str, other: &Self, role: &str) -> String {
        other.joins(&self.invites(class, role))
    }

    /// Writes a conversation of two messages; its id.
    pub fn writes(&self, class: &str, title: &str, visibility: &str) -> String {
        let messages = json!([
            { "role": "user", "content": format!("A question about {title}") },
            { "role": "assistant", "content": "An answer.", "model": "gpt-4o" },
        ]);
        let body = json!({ "title": title, "visibility": visibility, "messages": messages });
        self.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id")
    }

    /// Imports a body.
    pub fn imports(&self, class: &str, query: &str, body: impl Into<Vec<u8>>) -> Response {
        self.upload(&format!("/api/v1/classes/{class}/imports{query}"), body)
    }

    /// All messages of a conversation, the whole tree.
    #[must_use]
    pub fn reads(&self, conversation: &str) -> Vec<Value> {
        let path = format!("/api/v1/conversations/{conversation}?include=messages&branches=all");
        self.get(&path).is(200).items()
    }
}
