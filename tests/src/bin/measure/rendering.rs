//! A page of many messages, on the engine that `TEST_ENGINE` names: how long they take to render, to render and keep, and
//! to read.

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

use crate::{Numbers, milliseconds};

/// 500 messages, one megabyte together, if not said.
pub(crate) fn measure(numbers: &Numbers) -> Value {
    let (count, bytes) = (numbers.get(0, 500), numbers.get(1, 1_000_000));
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
    json!({
        "messages": count,
        "bytes": text.len() * count,
        "html_bytes": size,
        "render_ms": milliseconds(rendered),
        "first_ms": times.first().copied().map(milliseconds),
        "again_ms_median": again.get(again.len() / 2).copied().map(milliseconds),
        "again_ms_max": again.last().copied().map(milliseconds),
    })
}
