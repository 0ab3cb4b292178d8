//! The cable between browsers and their server: a test cuts it, and plugs it into the same server or another one.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

/// A cable, with an address of its own that stays the same.
pub struct Cable {
    /// Where browsers find the server.
    pub addr: SocketAddr,
    server: watch::Sender<Option<SocketAddr>>,
    runtime: Option<Runtime>,
}

impl Cable {
    /// A cable that is plugged into a server.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (addr, server) = (listener.local_addr().unwrap(), watch::Sender::new(Some(server)));
        let plugged = server.clone();
        runtime.spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(carry(browser, plugged.subscribe()));
            }
        });
        Self { addr, server, runtime: Some(runtime) }
    }

    /// Cuts it: whatever is open ends, and nothing can be opened.
    pub fn cut(&self) {
        self.server.send_replace(None);
    }

    /// Plugs it in; whatever was open to another server ends.
    pub fn plug(&self, server: SocketAddr) {
        self.server.send_replace(Some(server));
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// One connection, until either end closes it or the cable is somewhere else.
async fn carry(mut browser: TcpStream, mut plugged: watch::Receiver<Option<SocketAddr>>) {
    let server = *plugged.borrow_and_update();
    let Some(server) = server else { return };
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut browser, &mut server) => {}
        _ = plugged.changed() => {}
    }
}
