//! Traces reach a collector, and hold nothing that people wrote.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use tests::{app::PASSWORD, json};

use super::{Serving, command, said};

/// How long a batch may take to come.
const WITHIN: Duration = Duration::from_secs(30);

/// Takes whatever is sent and says that it is fine; each request whole, head and body.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(request) = take(stream.unwrap()) else { continue };
            if sender.send(request).is_err() {
                break;
            }
        }
    });
    (address, receiver)
}

fn take(mut stream: TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
        if bytes.len() >= head.len() + 4 + length {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    Some(bytes)
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn a_request_is_a_span_at_the_collector_with_its_id_route_and_status_and_none_of_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let (address, spans) = collector();
    let server = Serving::start(&dir, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &address)]);
    let body = json!({ "email": "ana@example.org", "display_name": "Ana of the words", "password": PASSWORD });
    server.client.with("x-request-id", "the-one-that-is-traced").post("/api/v1/users", body).is(201);
    server.client.with("x-request-id", "the-missing-one").get("/nothing/of-the-words?of-the-words=1").is(404);
    // What was not sent yet is sent at the end.
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    let mut sent = spans.recv_timeout(WITHIN).unwrap();
    sent.extend(spans.try_iter().flatten());
    assert!(has(&sent, "POST /v1/traces HTTP/1.1\r\n") && has(&sent, "application/x-protobuf"));
    for word in
        ["colloquium", "the-one-that-is-traced", "/api/v1/users", "http.response.status_code", "the-missing-one"]
    {
        assert!(has(&sent, word), "{word}");
    }
    for word in ["ana@example.org", "of the words", "of-the-words", PASSWORD] {
        assert!(!has(&sent, word), "{word}");
    }
}

#[test]
fn a_collector_that_is_gone_costs_a_warning_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let server = Serving::start(&dir, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &address)]);
    server.client.get("/health").is(200);
    let (code, log) = server.stop();
    assert!(code == Some(0) && log.contains("spans did not reach their collector"), "{code:?} {log}");
    let (code, _, err) = said(&command(&dir, &["config", "check"], &[("RUST_LOG", "inof")]).output().unwrap());
    assert!(code == Some(78) && err.contains("RUST_LOG=inof"), "{code:?} {err}");
}
