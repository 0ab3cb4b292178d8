//! Where an export is written: piece by piece, and no faster than it is taken.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use zip::{
    CompressionMethod, ZipWriter,
    result::ZipResult,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::{Error, Mishap, Result};

/// Bytes that are handed over at once.
const PIECE: usize = 64 << 10;
/// How long one piece may wait to be taken: whoever stops reading must not hold a page of messages for ever.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// Bytes a second that have to be taken over time: whoever reads a piece now and then must not hold a place for hours.
const SLOWEST: u32 = 50_000;

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
    /// Starts writing. Nothing goes on once nobody takes the bytes any more. `place` is kept as long as it goes on.
    pub(super) fn start<F, Fut>(name: String, media_type: &'static str, place: impl Send + 'static, write: F) -> Self
    where
        F: FnOnce(Out) -> Fut,
        Fut: Future<Output = Result<Out>> + Send + 'static,
    {
        let (sender, pieces) = mpsc::channel(1);
        let writing = write(Out::to(sender.clone()));
        tokio::spawn(async move {
            let written = match writing.await {
                Ok(out) => out.finish().await,
                Err(error) => Err(error),
            };
            // Before the end is told: whoever has read that may begin the next one.
            drop(place);
            let ended = match written {
                Ok(mut out) => out.send(Told::End).await,
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                // Nobody listens any more, or reads no more, which may be the reason.
                sender.try_send(Err(error)).ok();
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
    archive: Option<Box<Archive>>,
    /// Bytes that were taken, and how long they waited for that.
    taken: u64,
    waited: Duration,
}

/// A ZIP under way: what is written goes into its last file.
struct Archive {
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
}

/// What a ZIP has put out.
#[derive(Clone, Default)]
struct Packed(Arc<Mutex<Vec<u8>>>);

impl Packed {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Into memory nothing can fail but what is written.
fn made<T>(result: ZipResult<T>) -> Result<T> {
    result.map_err(|_| Error::Mishap(Mishap::Stored))
}

/// How long the next piece may wait after so many bytes were taken, which had to wait so long.
fn patience(taken: u64, waited: Duration) -> Duration {
    let earned = Duration::from_micros(taken.saturating_mul(1_000_000) / u64::from(SLOWEST));
    (TAKEN_WITHIN + earned).saturating_sub(waited).min(TAKEN_WITHIN)
}

impl Out {
    fn to(sender: mpsc::Sender<Result<Told>>) -> Self {
        Self { sender, held: Vec::with_capacity(PIECE), archive: None, taken: 0, waited: Duration::ZERO }
    }

    /// From here on it is a ZIP; what is written goes into its files.
    pub(super) fn archive(&mut self) {
        let packed = Packed::default();
        self.archive = Some(Box::new(Archive { zip: ZipWriter::new_stream(packed.clone()), packed }));
    }

    /// Begins a file of the ZIP.
    pub(super) fn file(&mut self, name: &str) -> Result<()> {
        let Some(archive) = &mut self.archive else { return Ok(()) };
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        made(archive.zip.start_file(name, options))
    }

    /// Writes bytes.
    pub(super) async fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        // A bit at a time: packing takes the worker's time, and sending gives it back.
        for some in bytes.chunks(PIECE) {
            match &mut self.archive {
                None => self.held.extend_from_slice(some),
                Some(archive) => {
                    made(archive.zip.write_all(some).map_err(Into::into))?;
                    self.held.extend(archive.packed.take());
                }
            }
            self.pass().await?;
        }
        Ok(())
    }

    /// Hands over what is enough for a piece.
    async fn pass(&mut self) -> Result<()> {
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

    /// Ends the ZIP, if it is one.
    fn close(&mut self) -> Result<()> {
        if let Some(archive) = self.archive.take() {
            let Archive { zip, packed } = *archive;
            made(zip.finish())?;
            self.held.extend(packed.take());
        }
        Ok(())
    }

    /// Hands over the rest.
    async fn finish(mut self) -> Result<Self> {
        self.close()?;
        if !self.held.is_empty() {
            let rest = std::mem::take(&mut self.held);
            self.send(Told::Piece(rest)).await?;
        }
        Ok(self)
    }

    async fn send(&mut self, told: Told) -> Result<()> {
        let bytes = if let Told::Piece(piece) = &told { piece.len() } else { 0 };
        let since = Instant::now();
        let taken = timeout(patience(self.taken, self.waited), self.sender.send(Ok(told))).await;
        self.waited += since.elapsed();
        self.taken = self.taken.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        taken.ok().and_then(Result::ok).ok_or(Error::Mishap(Mishap::Stopping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pieces a client takes that lets each wait so long, of as many as there are.
    fn taken(pieces: u64, each: Duration) -> u64 {
        let (mut waited, mut taken) = (Duration::ZERO, 0);
        while taken < pieces && each <= patience(taken * u64::try_from(PIECE).unwrap(), waited) {
            waited += each;
            taken += 1;
        }
        taken
    }

    #[test]
    fn who_takes_a_piece_now_and_then_does_not_hold_a_place_for_hours() {
        // 64 KiB at 50 kB/s are 1.3 seconds.
        assert_eq!(taken(1_000, Duration::from_millis(1_300)), 1_000);
        assert_eq!(taken(1_000, Duration::from_secs(29)), 1);
        assert_eq!(taken(1_000, Duration::from_secs(2)), 41);
        // Who was fast may stop for a while, and nobody for longer than a piece may wait.
        assert_eq!(patience(1 << 30, Duration::ZERO), TAKEN_WITHIN);
        assert_eq!(patience(0, Duration::from_secs(31)), Duration::ZERO);
    }
}
