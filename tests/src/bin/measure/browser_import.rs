//! The import page with a large export: a ZIP of 300 MB with 120 MB of conversations in three files and 1,500 pictures,
//! looked into by Chromium (`.ci/browser` installs it), three conversations picked. Seconds until the list is there,
//! bytes that are sent, and by how much the server's memory grows.

use std::{
    io::{BufWriter, Write},
    path::Path,
    time::{Duration, Instant},
};

use tests::{
    Value,
    app::PASSWORD,
    browser::{Browser, Window, key},
    fixture, json,
};

use crate::{seconds, server::Server};

/// Bytes of conversations.
const JSON: usize = 120_000_000;
/// Pictures beside them, and the bytes of each.
const PICTURES: (usize, usize) = (1_500, 192_000);
/// After this nobody waits any longer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn measure() -> Value {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export.zip");
    let mut file = BufWriter::new(std::fs::File::create(&export).unwrap());
    fixture::chatgpt_zip(JSON, PICTURES.0, PICTURES.1, &mut file).unwrap();
    file.flush().unwrap();
    import(&Server::start(dir.path().to_str().unwrap()), &export)
}

fn import(server: &Server, export: &Path) -> Value {
    let (_, class) = server.class();
    let browser = Browser::start(server.base.clone(), Window::Desktop).expect("a browser");
    browser.open(&format!("/login?next=/classes/{class}/import"));
    browser.fill("email", "ana@example.org");
    browser.fill("password", PASSWORD);
    browser.press(&[key::ENTER]);
    browser.reads("Paste one conversation");
    let before = server.memory("VmRSS:");
    let begin = Instant::now();
    browser.see("#file").type_in(export.to_str().unwrap());
    while !browser.text().contains("newest first") {
        assert!(begin.elapsed() < PATIENCE, "the list does not come: {}", browser.text());
    }
    let listed = begin.elapsed();
    let found = browser.count(".pick-list li");
    for place in 2..5 {
        browser.see(&format!(".pick-list li:nth-child({place}) label")).click();
    }
    browser.ask(
        "const send = XMLHttpRequest.prototype.send;
         XMLHttpRequest.prototype.send = function (body) {
             sessionStorage.sent = [...body.values()].reduce((sum, part) => sum + part.size, 0);
             return send.call(this, body);
         }",
    );
    let begin = Instant::now();
    browser.click("Add to Measured");
    while !browser.path().starts_with("/imports/") {
        assert!(begin.elapsed() < PATIENCE, "the report does not come: {}", browser.text());
    }
    let stored = begin.elapsed();
    browser.reads("3 added");
    json!({
        "file_bytes": std::fs::metadata(export).unwrap().len(),
        "conversations": found,
        "seconds_to_list": seconds(listed),
        "seconds_to_store": seconds(stored),
        "bytes_sent": browser.ask("return Number(sessionStorage.sent)"),
        "server_kib_before": before,
        "server_kib_after": server.memory("VmRSS:"),
        "server_kib_peak": server.memory("VmHWM:"),
    })
}
