//! Large bodies, received piece by piece: small ones in memory, large ones in a temporary file that has no name and is
//! gone when it is closed.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
};

use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt;
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
    /// Where it is.
    pub source: Source,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub hash: [u8; 32],
}

/// Where a body is.
pub enum Source {
    /// In memory.
    Memory(Cursor<Vec<u8>>),
    /// In a temporary file.
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

    fn rewind(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.set_position(0),
            Self::File(file) => drop(file.seek(SeekFrom::Start(0))?),
        }
        Ok(())
    }
}

/// A body that has to come in at a pace: a part of it in each stretch of time.
struct Paced {
    body: Payload,
    limits: Limits,
    until: Instant,
    came: usize,
}

impl Paced {
    fn new(body: Payload, limits: Limits) -> Self {
        Self { body, limits, until: Instant::now() + limits.import_window, came: 0 }
    }

    async fn next(&mut self) -> Option<Result<Bytes, ApiError>> {
        loop {
            match timeout_at(self.until, self.body.next()).await {
                Ok(piece) => {
                    let piece = piece?.map_err(|_| incomplete());
                    self.came += piece.as_ref().map_or(0, Bytes::len);
                    return Some(piece);
                }
                Err(_) if self.came < self.limits.import_bytes => return Some(Err(too_slow())),
                Err(_) => (self.until, self.came) = (Instant::now() + self.limits.import_window, 0),
            }
        }
    }
}

/// Receives a body of at most 256 MiB; large ones into a file in `dir`, if there is one.
///
/// # Errors
/// 413 for a larger one, 400 for one that ends early, 408 for one that is too slow, 503 when it cannot be kept.
pub async fn receive(body: Payload, dir: Option<&Path>, limits: Limits) -> Result<Spooled, ApiError> {
    let mut body = Paced::new(body, limits);
    let mut source = Source::Memory(Cursor::new(Vec::new()));
    let mut bytes = 0;
    let mut hash = Sha256::new();
    while let Some(piece) = body.next().await {
        let piece = piece?;
        bytes += piece.len();
        if bytes > LARGEST {
            return Err(too_large(LARGEST));
        }
        hash.update(&piece);
        source.append(&piece, dir).map_err(|_| full())?;
    }
    source.rewind().map_err(|_| full())?;
    Ok(Spooled { source, bytes: u64::try_from(bytes).unwrap_or(u64::MAX), hash: hash.finalize().into() })
}

fn full() -> ApiError {
    let detail = "the server has no room to receive this file";
    ApiError::new(actix_web::http::StatusCode::SERVICE_UNAVAILABLE, "storage_full", detail)
}
