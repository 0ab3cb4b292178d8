//! One import: seconds, the server's peak memory, and how long reads beside it take.

use std::{
    io::{BufWriter, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use tests::{Value, fixture, json};

use crate::{Numbers, milliseconds, seconds, server::Server};

/// 41 chats, 4,900 messages and 28.5 MB if not said.
pub(crate) fn measure(numbers: &Numbers) -> Value {
    let (chats, messages) = (numbers.get(0, fixture::CHATS), numbers.get(1, fixture::MESSAGES));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.json");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    fixture::chatgpt_export(1, chats, messages, numbers.get(2, fixture::BYTES), &mut file).unwrap();
    file.flush().unwrap();
    import(&Server::start(dir.path().to_str().unwrap()), &std::fs::read(&path).unwrap())
}

fn import(server: &Server, export: &[u8]) -> Value {
    let (ana, class) = server.class();
    let idle = server.memory("VmHWM:");
    let done = AtomicBool::new(false);
    let (report, took, mut reads) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = Vec::new();
            while !done.load(Ordering::SeqCst) {
                let begin = Instant::now();
                ana.get(&format!("/api/v1/classes/{class}/conversations?limit=100")).is(200);
                times.push(begin.elapsed());
            }
            times
        });
        let begin = Instant::now();
        let report = ana.upload(&format!("/api/v1/classes/{class}/imports"), export).is(201).json();
        let took = begin.elapsed();
        done.store(true, Ordering::SeqCst);
        (report, took, reader.join().unwrap())
    });
    reads.sort_unstable();
    json!({
        "bytes": export.len(),
        "imported": report["imported"].as_array().map(Vec::len),
        "failed": report["failed"].as_array().map(Vec::len),
        "messages": report["imported"].as_array().map(|l| l.iter().filter_map(|i| i["messages"].as_u64()).sum::<u64>()),
        "seconds": seconds(took),
        "peak_kib": server.memory("VmHWM:"),
        "peak_kib_before": idle,
        "reads_beside": reads.len(),
        "read_ms_median": reads.get(reads.len() / 2).copied().map(milliseconds),
        "read_ms_max": reads.last().copied().map(milliseconds),
    })
}
