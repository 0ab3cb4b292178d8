//! Where an export is written: piece by piece, and no faster than it is taken.

use tokio::sync::mpsc;

use crate::{Error, Mishap, Result};

/// Bytes that are handed over at once.
const PIECE: usize = 64 << 10;

/// What the one who takes an export is told.
enum Told {
    Piece(Vec<u8>),
    End,
}

/// An export under way: what it is called, and its bytes.
pub struct Download {
    /// A name for the file.
    pub name: String,
    /// What it is.
    pub media_type: &'static str,
    pieces: mpsc::Receiver<Result<Told>>,
}

impl Download {
    /// Starts writing. Nothing goes on once nobody takes the bytes any more.
    pub(super) fn start<F, Fut>(name: String, media_type: &'static str, write: F) -> Self
    where
        F: FnOnce(Out) -> Fut,
        Fut: Future<Output = Result<Out>> + Send + 'static,
    {
        let (sender, pieces) = mpsc::channel(1);
        let writing = write(Out { sender: sender.clone(), held: Vec::with_capacity(PIECE) });
        tokio::spawn(async move {
            let ended = match writing.await {
                Ok(out) => out.end().await,
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                // Nobody listens any more, which may be the reason.
                sender.send(Err(error)).await.ok();
            }
        });
        Self { name, media_type, pieces }
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// Why there is no more although this was not the end: what was taken so far is not whole.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        match self.pieces.recv().await {
            Some(Ok(Told::Piece(piece))) => Ok(Some(piece)),
            Some(Ok(Told::End)) => Ok(None),
            Some(Err(error)) => Err(error),
            None => Err(Error::Mishap(Mishap::WorkPanicked)),
        }
    }
}

/// The end at which an export is written.
pub(super) struct Out {
    sender: mpsc::Sender<Result<Told>>,
    held: Vec<u8>,
}

impl Out {
    /// Writes bytes.
    pub(super) async fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.held.extend_from_slice(bytes);
        if self.held.len() < PIECE {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.held, Vec::with_capacity(PIECE));
        self.send(Told::Piece(piece)).await
    }

    /// Writes text.
    pub(super) async fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes()).await
    }

    async fn end(mut self) -> Result<()> {
        if !self.held.is_empty() {
            let rest = std::mem::take(&mut self.held);
            self.send(Told::Piece(rest)).await?;
        }
        self.send(Told::End).await
    }

    async fn send(&self, told: Told) -> Result<()> {
        self.sender.send(Ok(told)).await.map_err(|_| Error::Mishap(Mishap::Stopping))
    }
}
