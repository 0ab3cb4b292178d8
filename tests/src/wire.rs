//! Requests by hand, for servers that go away: a broken connection is an outcome here, not the end of the test.

use std::{
    io::{Error, ErrorKind, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long an answer may take before it counts as none.
const WITHIN: Duration = Duration::from_secs(30);

/// An answer that arrived whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// In how many seconds to come again, if it says so.
    pub retry_after: Option<u64>,
    /// Its body; null if it is not JSON.
    pub body: Value,
}

impl Answer {
    /// A string member of the body.
    #[must_use]
    pub fn str(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {self:?}")).to_owned()
    }
}

/// The bytes of a request; the connection is for this one alone.
#[must_use]
pub fn request(method: &str, path: &str, token: &str, key: Option<&str>, body: Option<&Value>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: battery\r\nconnection: close\r\n");
    if !token.is_empty() {
        text += &format!("authorization: Bearer {token}\r\n");
    }
    if let Some(key) = key {
        text += &format!("idempotency-key: {key}\r\n");
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    if !body.is_empty() {
        text += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    (text + "\r\n" + &body).into_bytes()
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// When no whole answer came: nobody knows then what became of the request.
pub fn ask(addr: SocketAddr, request: &[u8]) -> Result<Answer> {
    parse(&exchange(addr, request)?).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
}

/// Sends a request and reads the body of the answer, which is text.
///
/// # Errors
/// When none came.
pub fn text(addr: SocketAddr, request: &[u8]) -> Result<String> {
    let answer = String::from_utf8_lossy(&exchange(addr, request)?).into_owned();
    let (_, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    Ok(body.to_owned())
}

fn exchange(addr: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_nodelay(true)?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The answer in these bytes, if it is whole.
pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let number = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().parse::<u64>().ok())?
        })
    };
    let length = number("content-length").and_then(|length| usize::try_from(length).ok());
    // A chunked answer ends with an empty chunk.
    let whole = match length {
        Some(length) => body.len() == length,
        None => status == 204 || body.ends_with(b"0\r\n\r\n"),
    };
    let json = if length.is_some() { serde_json::from_slice(body).unwrap_or_default() } else { Value::Null };
    whole.then_some(Answer { status, retry_after: number("retry-after"), body: json })
}
