//! Large bodies, received piece by piece: small ones in memory, large ones in a temporary file that has no name and is
//! gone when it is closed.

mod form;

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use actix_web::{
    HttpRequest,
    web::{Bytes, Payload},
};
use futures_util::StreamExt;
use service::transcript::Piece;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use crate::{
    error::ApiError,
    extract::{incomplete, too_large, too_slow},
    limits::Limits,
};

/// The largest body an import takes, in bytes.
const LARGEST: usize = 256 << 20;
/// Bodies up to here stay in memory.
const IN_MEMORY: usize = 4 << 20;

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

impl Source {
    fn append(&mut self, piece: &[u8], dir: Option<&Path>) -> io::Result<()> {
        if let (Self::Memory(bytes), Some(dir)) = (&mut *self, dir)
            && bytes.get_ref().len() + piece.len() > IN_MEMORY
        {
            let mut file = tempfile::tempfile_in(dir)?;
            file.write_all(bytes.get_ref())?;
            *self = Self::File(file);
        }
        match self {
            Self::Memory(bytes) => {
                bytes.get_mut().extend_from_slice(piece);
                Ok(())
            }
            Self::File(file) => file.write_all(piece),
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
    source: Source,
    dir: Option<&'a Path>,
    bytes: u64,
    hash: Sha256,
}

impl<'a> Spool<'a> {
    fn new(dir: Option<&'a Path>) -> Self {
        Self { source: Source::Memory(Cursor::new(Vec::new())), dir, bytes: 0, hash: Sha256::new() }
    }

    fn append(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.hash.update(piece);
        self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.source.append(piece, self.dir).map_err(|_| full())
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

/// Receives a body of at most 256 MiB, a form or a file; large ones into a file in `dir`, if there is one.
///
/// # Errors
/// 413 for a larger one, 400 for one that ends early or is no form, 408 for one that is too slow, 503 when it cannot be
/// kept.
pub async fn receive(
    request: &HttpRequest,
    body: Payload,
    dir: Option<&Path>,
    limits: Limits,
) -> Result<Spooled, ApiError> {
    let mut body = Paced::new(body, limits);
    let mut spool = Spool::new(dir);
    if form::is_form(request.headers()) {
        return form::receive(request.headers(), body, spool).await;
    }
    while let Some(piece) = body.next().await {
        spool.append(&piece?)?;
    }
    let Spool { source, bytes, hash, .. } = spool;
    let source = Slice::new(&Arc::new(Mutex::new(source)), 0, bytes);
    Ok(Spooled { pieces: vec![Piece { name: None, source }], fields: Vec::new(), bytes, hash: hash.finalize().into() })
}

fn full() -> ApiError {
    let detail = "the server has no room to receive this file";
    ApiError::new(actix_web::http::StatusCode::SERVICE_UNAVAILABLE, "storage_full", detail)
}
