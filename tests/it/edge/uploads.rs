//! Room for uploads is bounded, and what goes wrong with the disk is said as it is.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use api::limits::Limits;
use tests::{
    TestApp,
    database::{Engine, engine},
};

/// How long a test waits for what has to happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// A pasted text of about so many bytes.
fn text(bytes: usize) -> String {
    "You said:\nHi\n\nChatGPT said:\n".to_owned() + &"All work is done. ".repeat(bytes / 18)
}

#[test]
fn more_uploads_than_there_is_room_for_are_told_when_to_come_again() {
    let limits = Limits { bodies_in_memory: 1 << 20, bodies_on_disk: 5 << 20, ..Limits::default() };
    let app = TestApp::with(|config| config.limits = limits);
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let path = format!("/api/v1/classes/{class}/imports");
    ana.upload(&path, text(500_000)).is(201);
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n", ana.token);
    let start = || {
        let mut slow = TcpStream::connect(app.addr).unwrap();
        write!(slow, "{head}content-length: 2000000\r\n\r\n{}", "x".repeat(450_000)).unwrap();
        slow.set_nonblocking(true).unwrap();
        slow
    };
    let mut slow = start();
    let begin = Instant::now();
    loop {
        assert!(begin.elapsed() < DEADLINE, "never refused");
        // Whoever comes later is refused: the slow one, if the other was quicker.
        if slow.peek(&mut [0]).is_ok() {
            slow = start();
        }
        let answer = ana.upload(&path, text(500_000));
        if answer.status != 200 {
            let answer = answer.is_problem(503, "overloaded");
            assert_eq!(answer.header("retry-after"), Some("5"));
            break;
        }
    }
    // What is small finds its place, and so does everything once the other is gone.
    ana.upload(&path, "You said:\nHi\n\nChatGPT said:\nHello.").is(201);
    drop(slow);
    while ana.upload(&path, text(500_000)).status != 200 {
        assert!(begin.elapsed() < DEADLINE, "the room was not given back");
    }
    // More than the whole room, on disk or in memory.
    ana.upload(&path, text(6_000_000)).is_problem(503, "overloaded");
    ana.upload(&path, text(500_000)).is(200);
}

#[test]
fn an_upload_that_the_disk_does_not_take_is_a_mistake_of_ours_unless_there_is_no_room() {
    if engine() == Engine::Memory {
        eprintln!("LEFT OUT: in memory nothing is written to disk");
        return;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let app = TestApp::with(|config| config.data_dir = elsewhere.path().to_owned());
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let path = format!("/api/v1/classes/{class}/imports");
    elsewhere.close().unwrap();
    ana.upload(&path, text(5_000_000)).is_problem(500, "internal");
    ana.upload(&path, text(100_000)).is(201);
}

#[test]
fn a_file_that_says_it_is_too_large_is_refused_before_it_comes() {
    use std::io::Read;
    let app = TestApp::start();
    let ana = app.person("ana");
    let path = format!("/api/v1/classes/{}/imports", ana.opens_class("Logic"));
    let mut stream = TcpStream::connect(app.addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = (256 << 20) + 1;
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n", ana.token);
    write!(stream, "{head}content-length: {length}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("body_too_large"), "{answer}");
}
