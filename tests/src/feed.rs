//! Somebody who listens to a class: an open stream of events, read as it comes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long a test waits for an event that must come.
const WITHIN: Duration = Duration::from_secs(30);

/// An open stream.
pub struct Listening {
    reader: BufReader<TcpStream>,
    /// The status line and the headers, in small letters.
    pub head: String,
    /// The place of the event that came last.
    pub last: i64,
}

impl Listening {
    /// Opens the stream of a class. `headers` are whole lines.
    ///
    /// # Errors
    /// When the server is not there.
    pub fn open(addr: SocketAddr, class: &str, query: &str, headers: &str) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(addr)?;
        stream.set_read_timeout(Some(WITHIN))?;
        let path = format!("/api/v1/classes/{class}/events{query}");
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\n{headers}\r\n").as_bytes())?;
        let (mut reader, mut head) = (BufReader::new(stream), String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            head += &line.to_lowercase();
        }
        Ok(Self { reader, head, last: 0 })
    }

    /// The next line; none when the stream is over.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).unwrap_or_else(|error| panic!("no event came: {error}"));
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event; none when the stream is over. Sizes of chunks, comments and the rest are skipped.
    pub fn event(&mut self) -> Option<Value> {
        loop {
            let line = self.line()?;
            if line == "0" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).unwrap();
                self.last = event["seq"].as_i64().unwrap();
                return Some(event);
            }
        }
    }

    /// The kinds of the next so many events.
    pub fn kinds(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.event().expect("the stream ended")["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the server ends the stream.
    pub fn ends(&mut self) {
        while let Some(event) = self.event() {
            assert!(event["seq"].is_i64());
        }
    }

    /// Whether the server closes the connection.
    pub fn closes(mut self) -> bool {
        self.reader.read_to_end(&mut Vec::new()).is_ok()
    }

    /// Goes away.
    pub fn leave(self) {
        self.reader.get_ref().shutdown(Shutdown::Both).unwrap_or_default();
    }
}

impl crate::Person {
    /// Listens to a class from now on.
    #[must_use]
    pub fn listens(&self, addr: SocketAddr, class: &str, query: &str) -> Listening {
        let heard = Listening::open(addr, class, query, &format!("authorization: Bearer {}\r\n", self.token)).unwrap();
        assert!(heard.head.starts_with("http/1.1 200"), "{}", heard.head);
        heard
    }
}
