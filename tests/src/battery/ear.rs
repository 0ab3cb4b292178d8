//! Somebody of many who listen: an open stream of events that costs little, and comes back when it ends.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    time::Instant,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// An event, and when it came.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) at: Instant,
}

/// An open stream.
pub(super) struct Ear {
    reader: BufReader<TcpStream>,
    /// What came of the line that is read: whoever stops waiting for it loses nothing of it.
    line: Vec<u8>,
}

impl Ear {
    /// Opens the stream of a class, from this place on or from now on.
    ///
    /// # Errors
    /// When the server is not there, or answers anything but 200.
    pub(super) async fn open(addr: SocketAddr, class: &str, token: &str, since: Option<i64>) -> Result<Self> {
        let mut stream = TcpStream::connect(addr).await?;
        let since = since.map(|since| format!("last-event-id: {since}\r\n")).unwrap_or_default();
        let request = format!(
            "GET /api/v1/classes/{class}/events HTTP/1.1\r\nhost: battery\r\nauthorization: Bearer {token}\r\n{since}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        // Small: there are ten thousand of them.
        let mut ear = Self { reader: BufReader::with_capacity(512, stream), line: Vec::new() };
        let status = ear.next_line().await?.to_owned();
        while !ear.next_line().await?.is_empty() {}
        if !status.starts_with("HTTP/1.1 200") {
            return Err(Error::other(status));
        }
        // Its first words: from here on it is told what happens.
        while !ear.next_line().await?.starts_with("retry: ") {}
        Ok(ear)
    }

    async fn next_line(&mut self) -> Result<&str> {
        if self.line.ends_with(b"\n") {
            self.line.clear();
        }
        match self.reader.read_until(b'\n', &mut self.line).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => std::str::from_utf8(&self.line).map(str::trim_end).map_err(|_| ErrorKind::InvalidData.into()),
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// When the stream ended.
    pub(super) async fn event(&mut self) -> Result<Heard> {
        loop {
            let line = self.next_line().await?;
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data)?;
                let text = |member: &str| event[member].as_str().unwrap_or_default().to_owned();
                let seq = event["seq"].as_i64().ok_or(ErrorKind::InvalidData)?;
                return Ok(Heard { seq, kind: text("kind"), id: text("id"), at: Instant::now() });
            }
        }
    }
}
