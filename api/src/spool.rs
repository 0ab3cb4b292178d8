//! Large bodies, received piece by piece: small ones in memory, large ones in a temporary file that has no name and is
//! gone when it is closed.

mod form;
mod room;

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Bytes, Payload},
};
use futures_util::StreamExt;
use service::{entity::UserId, transcript::Piece};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use tracing::error;

use self::room::Taken;
pub use self::room::{Room, is_fair};
use crate::{
    auth,
    error::ApiError,
    extract::{fits, incomplete, too_large, too_slow},
    limits::Limits,
    state::State,
};

/// The largest body an import takes, in bytes.
const LARGEST: usize = 256 << 20;
/// Bodies up to here stay in memory.
const IN_MEMORY: usize = 4 << 20;
/// What is written at once.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// A body that was received.
pub struct Spooled {
    /// Its files; the whole of it is one if it is no form.
    pub pieces: Vec<Piece<Slice>>,
    /// The other fields of a form.
    pub fields: Vec<(String, String)>,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of what is in it.
    pub hash: [u8; 32],
    /// Given back when the import is over.
    taken: Taken,
}

/// A stretch of a body that was received.
#[derive(Debug)]
pub struct Slice {
    whole: Arc<Mutex<Source>>,
    start: u64,
    length: u64,
    at: u64,
}

impl Slice {
    /// Reads from the beginning of the stretch of `length` bytes from `start` on.
    fn new(whole: &Arc<Mutex<Source>>, start: u64, length: u64) -> Self {
        Self { whole: Arc::clone(whole), start, length, at: 0 }
    }
}

impl Spooled {
    /// Its files, to be read from their beginning.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece<Slice>> {
        let again = |slice: &Slice| Slice::new(&slice.whole, slice.start, slice.length);
        self.pieces.iter().map(|piece| Piece { name: piece.name.clone(), source: again(&piece.source) }).collect()
    }

    /// The same, to be kept for a while: in a file, where one may be written, and out of the room of what comes in.
    ///
    /// # Errors
    /// 503 when it cannot be kept.
    pub async fn set_down(mut self, state: &State) -> Result<Self, ApiError> {
        if let (Some(piece), Some(dir)) = (self.pieces.first(), state.spool_dir.clone()) {
            let whole = Arc::clone(&piece.source.whole);
            let writing = tokio::task::spawn_blocking(move || whole_in_file(&whole, &dir));
            writing.await.map_err(io::Error::other).and_then(|written| written).map_err(|error| unkept(&error))?;
        }
        self.taken.give_back();
        Ok(self)
    }
}

fn whole_in_file(whole: &Mutex<Source>, dir: &Path) -> io::Result<()> {
    let mut whole = whole.lock().map_err(|_| io::Error::other("a reader panicked"))?;
    if let Source::Memory(bytes) = &*whole {
        let mut file = tempfile::tempfile_in(dir)?;
        file.write_all(bytes.get_ref())?;
        *whole = Source::File(file);
    }
    Ok(())
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut whole = self.whole.lock().map_err(|_| io::Error::other("a reader panicked"))?;
        whole.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let count = whole.by_ref().take(self.length.saturating_sub(self.at)).read(buffer)?;
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

impl Seek for Slice {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Where a body is.
#[derive(Debug)]
enum Source {
    Memory(Cursor<Vec<u8>>),
    File(File),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::File(file) => file.seek(to),
        }
    }
}

/// What was received so far.
struct Spool<'a> {
    file: Option<File>,
    /// What is not in the file yet.
    rest: Vec<u8>,
    dir: Option<&'a Path>,
    bytes: u64,
    hash: Sha256,
    taken: Taken,
}

impl<'a> Spool<'a> {
    fn new(state: &'a State, who: UserId) -> Self {
        let (dir, taken) = (state.spool_dir.as_deref(), state.room.taken(who));
        Self { file: None, rest: Vec::new(), dir, bytes: 0, hash: Sha256::new(), taken }
    }

    async fn append(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.hash.update(piece);
        self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.rest.extend_from_slice(piece);
        let most = if self.file.is_some() { WRITTEN_AT_ONCE } else { IN_MEMORY };
        if self.rest.len() > most && self.dir.is_some() {
            self.write().await?;
        }
        self.taken.grow(usize::try_from(self.bytes).unwrap_or(usize::MAX), self.file.is_some())
    }

    /// Writes what came to the file, away from the worker, whose other callers would wait for the disk.
    async fn write(&mut self) -> Result<(), ApiError> {
        let Some(dir) = self.dir.map(Path::to_owned) else { return Ok(()) };
        let (file, bytes) = (self.file.take(), std::mem::take(&mut self.rest));
        let writing = tokio::task::spawn_blocking(move || {
            let mut file = file.map_or_else(|| tempfile::tempfile_in(dir), Ok)?;
            file.write_all(&bytes).map(|()| file)
        });
        let written = writing.await.map_err(io::Error::other).and_then(|written| written);
        self.file = Some(written.map_err(|error| unkept(&error))?);
        Ok(())
    }

    /// All of it.
    async fn end(mut self) -> Result<(Source, Taken), ApiError> {
        if self.file.is_some() {
            self.write().await?;
        }
        let source = match self.file {
            Some(file) => Source::File(file),
            None => Source::Memory(Cursor::new(self.rest)),
        };
        Ok((source, self.taken))
    }
}

/// A body that has to come in at a pace, a part of it in each stretch of time, and that has an end.
struct Paced {
    body: Payload,
    limits: Limits,
    until: Instant,
    came: usize,
    bytes: usize,
}

impl Paced {
    fn new(body: Payload, limits: Limits) -> Self {
        Self { body, limits, until: Instant::now() + limits.import_window, came: 0, bytes: 0 }
    }

    async fn next(&mut self) -> Option<Result<Bytes, ApiError>> {
        loop {
            match timeout_at(self.until, self.body.next()).await {
                Ok(piece) => {
                    let piece = piece?.map_err(|_| incomplete());
                    let count = piece.as_ref().map_or(0, Bytes::len);
                    self.came += count;
                    self.bytes += count;
                    return Some(if self.bytes > LARGEST { Err(too_large(LARGEST)) } else { piece });
                }
                Err(_) if self.came < self.limits.import_bytes => return Some(Err(too_slow())),
                Err(_) => (self.until, self.came) = (Instant::now() + self.limits.import_window, 0),
            }
        }
    }
}

/// Receives a body of at most 256 MiB, a form or a file; large ones into a file, where one may be written.
///
/// # Errors
/// 413 for a larger one, 400 for one that ends early or is no form, 408 for one that is too slow, 503 when it cannot be
/// kept, or too many come in at once.
pub async fn receive(request: &HttpRequest, body: Payload, state: &State) -> Result<Spooled, ApiError> {
    fits(request, LARGEST)?;
    let mut body = Paced::new(body, state.limits);
    let who = auth::signed_in(request).ok_or_else(ApiError::not_found)?;
    let mut spool = Spool::new(state, who);
    if form::is_form(request.headers()) {
        return form::receive(request.headers(), body, spool).await;
    }
    while let Some(piece) = body.next().await {
        spool.append(&piece?).await?;
    }
    let (bytes, hash) = (spool.bytes, spool.hash.clone().finalize().into());
    let (source, taken) = spool.end().await?;
    let source = Slice::new(&Arc::new(Mutex::new(source)), 0, bytes);
    Ok(Spooled { pieces: vec![Piece { name: None, source }], fields: Vec::new(), bytes, hash, taken })
}

/// The file system did not take it. Logged by its kind: the operator has to make room, or look at the disk.
fn unkept(error: &io::Error) -> ApiError {
    use io::ErrorKind as K;
    error!(kind = %error.kind(), os_code = error.raw_os_error(), "an upload cannot be kept");
    let refused = |code, detail: &str| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).after(60);
    match error.kind() {
        K::StorageFull | K::QuotaExceeded | K::FileTooLarge => {
            refused("storage_full", "the server has no room to receive this file")
        }
        K::ReadOnlyFilesystem | K::PermissionDenied => {
            refused("storage_read_only", "the server cannot write to its storage")
        }
        _ => ApiError::internal(),
    }
}
