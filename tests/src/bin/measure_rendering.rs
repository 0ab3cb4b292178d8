//! Measures a page of many messages: `cargo run --release -p tests --bin measure_rendering [MESSAGES BYTES]`, on the engine
//! that `TEST_ENGINE` names. Prints one line of JSON: how long they took to render, to render and keep, and to read.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use std::time::Instant;

use sea_orm::EntityTrait;
use service::{
    entity::{
        MessageId,
        message::{self, PartKind, Role},
    },
    rendering::{Renderer, of},
};
use tests::{TestApp, Value, json, rendering};

fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let (count, bytes) = (arguments.first().copied().unwrap_or(500), arguments.get(1).copied().unwrap_or(1_000_000));
    let (_, document) =
        rendering::corpus().into_iter().find(|(name, _)| name == "ordinary.md").expect("the document is there");
    let text = document.repeat(1 + bytes / count / document.len());
    let cut = (0..=bytes / count).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let text = text.get(..cut).unwrap_or_default();

    let renderer = Renderer::new(1);
    let begin = Instant::now();
    for _ in 0..count {
        std::hint::black_box(renderer.render(Role::Assistant, &[rendering::part(PartKind::Text, text)]));
    }
    let rendered = begin.elapsed();

    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Measured");
    let messages: Vec<Value> = (0..count).map(|_| json!({ "role": "assistant", "content": text })).collect();
    let body = json!({ "title": "Long", "messages": messages });
    ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201);
    let rows = app.run(message::Entity::find().all(app.db.connection())).unwrap();
    let wanted: Vec<(MessageId, i32)> = rows.iter().map(|row| (row.id, row.version)).collect();
    let mut times = Vec::new();
    let mut size = 0;
    for _ in 0..20 {
        let begin = Instant::now();
        let found = app.run(of(&app.db, &renderer, &wanted, true)).unwrap();
        times.push(begin.elapsed());
        size = found.values().flat_map(|parts| &parts.0).map(|part| part.html.len()).sum();
    }
    let mut again: Vec<_> = times.iter().skip(1).copied().collect();
    again.sort_unstable();
    let milliseconds = |time: Option<&std::time::Duration>| time.map(|time| (time.as_secs_f64() * 1e4).round() / 10.0);
    let line = json!({
        "messages": count,
        "bytes": text.len() * count,
        "html_bytes": size,
        "render_ms": milliseconds(Some(&rendered)),
        "first_ms": milliseconds(times.first()),
        "again_ms_median": milliseconds(again.get(again.len() / 2)),
        "again_ms_max": milliseconds(again.last()),
    });
    println!("{line}");
}
