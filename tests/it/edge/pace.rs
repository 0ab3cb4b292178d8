//! Bodies that come in slowly, or not at all.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use api::limits::Limits;
use tests::{Person, TestApp};

/// A second where production has thirty: long enough for honest requests on a busy machine.
const LIMITS: Limits = Limits {
    body: Duration::from_secs(1),
    import_window: Duration::from_secs(1),
    import_bytes: 100_000,
    import_answer: Duration::from_secs(10),
    imports_at_once: 2,
    exports_at_once: 16,
    export_wait: Duration::from_secs(5),
    bodies_in_memory: 64 << 20,
    bodies_on_disk: 64 << 20,
};

/// How long a test waits for what has to happen.
const DEADLINE: Duration = Duration::from_secs(20);

fn start() -> (TestApp, Person, String) {
    let app = TestApp::with(|config| config.limits = LIMITS);
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    (app, ana, class)
}

/// Sends the head of a request for `length` bytes, then one piece of the body after the other, `every` so often, until
/// there is an answer; the answer.
fn drip(
    app: &TestApp,
    head: &str,
    length: usize,
    every: Duration,
    mut pieces: impl Iterator<Item = Vec<u8>>,
) -> String {
    let mut stream = TcpStream::connect(app.addr).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(every)).unwrap();
    stream.write_all(format!("{head}host: x\r\ncontent-length: {length}\r\n\r\n").as_bytes()).unwrap();
    let begin = Instant::now();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        assert!(begin.elapsed() < DEADLINE, "no answer");
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                answer.extend_from_slice(&buffer[..read]);
                // The answer is whole with the brace that ends its problem or report.
                if answer.ends_with(b"}") {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // The server may have hung up; what it said is read next.
                drop(pieces.next().map(|piece| stream.write_all(&piece)));
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(path: &str, token: &str, kind: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-type: {kind}\r\n")
}

fn assert_too_slow(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let says = ["\"code\":\"body_too_slow\"", "The body came in too slowly"];
    assert!(says.iter().any(|words| answer.contains(words)) && answer.contains("x-request-id: "), "{answer}");
}

#[test]
fn an_ordinary_body_that_drips_or_stops_is_given_up() {
    let (app, ana, _) = start();
    let every = Duration::from_millis(50);
    let head = post("/api/v1/classes", &ana.token, "application/json");
    let form = post("/reset/cqr_nothing", &ana.token, "application/x-www-form-urlencoded");
    for head in [&head, &form] {
        assert_too_slow(&drip(&app, head, 1000, every, std::iter::repeat_with(|| b" ".to_vec())));
        assert_too_slow(&drip(&app, head, 1000, every, std::iter::empty()));
    }
    ana.get("/api/v1/me").is(200);
    assert_eq!(ana.get("/api/v1/classes").is(200).items().len(), 1);
}

#[test]
fn an_import_may_take_its_time_as_long_as_it_comes_in() {
    let (app, ana, class) = start();
    let head = post(&format!("/api/v1/classes/{class}/imports"), &ana.token, "text/plain");
    let text = "You said:\nHi\n\nChatGPT said:\n".to_owned() + &"All work is done. ".repeat(50_000);
    let every = Duration::from_millis(300);
    // A third of a second each, longer together than an ordinary body may take.
    let pieces: Vec<Vec<u8>> = text.as_bytes().chunks(150_000).map(<[u8]>::to_vec).collect();
    assert!(pieces.len() >= 6);
    let steady = drip(&app, &head, text.len(), every, pieces.clone().into_iter());
    assert!(steady.starts_with("HTTP/1.1 201 "), "{steady}");
    // Bytes, but too few of them.
    let few = std::iter::repeat_with(|| b"x".to_vec());
    assert_too_slow(&drip(&app, &head, text.len(), Duration::from_millis(50), few));
    // A good start does not count for ever.
    assert_too_slow(&drip(&app, &head, text.len(), every, pieces.into_iter().take(3)));
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200);
    assert_eq!(listed.items().len(), 1);
}

#[test]
fn production_waits_thirty_seconds_and_asks_imports_for_fifty_kilobytes_a_second() {
    let limits = Limits::default();
    assert_eq!((limits.body.as_secs(), limits.import_window.as_secs(), limits.import_bytes), (30, 30, 1_500_000));
    let config = api::config::Config::from_vars([("COLLOQUIUM_PROFILE".to_owned(), "production".to_owned())]).unwrap();
    assert_eq!(config.limits, limits);
}
