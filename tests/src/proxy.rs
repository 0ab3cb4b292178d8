//! A proxy between a server and its PostgreSQL, with faults that a test chooses.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use migration::DatabaseUrl;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::watch,
};

/// What happens between the server and its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The answer to a request with this word takes so much longer.
    Slow(&'static [u8], Duration),
    /// Every answer takes so much longer.
    Late(Duration),
    /// Nothing passes, either way, and nobody is told. Connections that live through it stay silent for ever, as those
    /// do that a firewall forgot.
    Silence,
    /// The answer to a request with this word is held back, and all after it on that connection.
    Hold(&'static [u8]),
}

/// The proxy; gone with this value, and all connections with it.
pub struct Proxy {
    /// The database by way of the proxy.
    pub url: DatabaseUrl,
    fault: watch::Sender<(Fault, u64)>,
    held: watch::Sender<u64>,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// A proxy before the database at `url`.
    #[must_use]
    pub fn before(url: &DatabaseUrl) -> Self {
        let (fault, held) = (watch::Sender::new((Fault::None, 0)), watch::Sender::new(0));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (before, server, behind) = parts(&url.expose());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let own = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, server, fault.clone(), held.clone()));
        Self { url: format!("{before}{own}{behind}").parse().unwrap(), fault, held, runtime: Some(runtime) }
    }

    /// From now on this happens.
    pub fn set(&self, fault: Fault) {
        self.fault.send_modify(|(now, silences)| {
            *silences += u64::from(fault == Fault::Silence);
            *now = fault;
        });
    }

    /// Waits until an answer is held back that was not when this was called.
    pub fn holds(&self) -> impl Future<Output = ()> + use<> {
        let mut held = self.held.subscribe();
        async move { held.changed().await.unwrap() }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Without waiting, which a test that is asynchronous itself may not do.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// What is before the server's address in a URL, the address, and what is behind.
fn parts(url: &str) -> (String, String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (place, behind) = rest.split_once('/').unwrap();
    let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
    let at = if user.is_empty() { "" } else { "@" };
    let server = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    (format!("{scheme}://{user}{at}"), server, format!("/{behind}"))
}

async fn serve(listener: TcpListener, server: String, fault: watch::Sender<(Fault, u64)>, held: watch::Sender<u64>) {
    while let Ok((client, _)) = listener.accept().await {
        let silences = fault.borrow().1;
        let line = Line { fault: fault.subscribe(), silences, meant: Arc::default(), held: held.clone() };
        let server = server.clone();
        tokio::spawn(async move {
            let Ok(database) = TcpStream::connect(server).await else { return };
            let ((from_client, to_client), (from_database, to_database)) = (client.into_split(), database.into_split());
            tokio::spawn(line.clone().carry(from_client, to_database, false));
            line.carry(from_database, to_client, true).await;
        });
    }
}

/// One connection.
#[derive(Clone)]
struct Line {
    fault: watch::Receiver<(Fault, u64)>,
    /// How many silences there were before it.
    silences: u64,
    /// Whether a request was seen whose answer is meant.
    meant: Arc<AtomicBool>,
    held: watch::Sender<u64>,
}

impl Line {
    async fn carry(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, answers: bool) {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            let passing = &bytes[..length];
            let (fault, _) = *self.fault.borrow();
            match fault {
                Fault::Slow(word, _) | Fault::Hold(word) if !answers => {
                    let meant = passing.windows(word.len()).any(|part| part == word);
                    self.meant.fetch_or(meant, Ordering::SeqCst);
                }
                Fault::Late(by) if answers => tokio::time::sleep(by).await,
                Fault::Slow(_, by) if self.meant.swap(false, Ordering::SeqCst) => tokio::time::sleep(by).await,
                Fault::Hold(_) if self.meant.swap(false, Ordering::SeqCst) => {
                    self.held.send_modify(|held| *held += 1);
                    let _ = self.fault.wait_for(|(now, _)| *now != fault).await;
                }
                _ => {}
            }
            if self.fault.borrow().1 != self.silences || self.fault.borrow().0 == Fault::Silence {
                // Both ends stay open and hear nothing more.
                std::future::pending::<()>().await;
            }
            if to.write_all(passing).await.is_err() {
                break;
            }
        }
        let silent = self.fault.borrow().1 != self.silences;
        if silent {
            std::future::pending::<()>().await;
        }
    }
}
