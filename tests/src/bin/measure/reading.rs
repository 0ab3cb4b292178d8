//! The page of a conversation: how long a client waits for it, and a browser until it can be used. On the engine that
//! `TEST_ENGINE` names.

use std::time::{Duration, Instant};

use tests::{
    TestApp, Value,
    browser::{Browser, Window},
    json,
    talk::long_talk,
};

use crate::{Numbers, milliseconds};

/// How often the page is asked for.
const ROUNDS: usize = 200;

/// 500 messages of 2,000 bytes if not said.
pub(crate) fn measure(numbers: &Numbers) -> Value {
    let (messages, bytes) = (numbers.get(0, 500), numbers.get(1, 2_000));
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Measured");
    let path = format!("/conversations/{}", long_talk(&ana, &class, messages, bytes));
    let reader = app.anonymous().with("cookie", format!("session={}", ana.token));
    let ask = || {
        let begin = Instant::now();
        let size = reader.get(&path).is(200).body.len();
        (begin.elapsed(), size)
    };
    let (first, size) = ask();
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| ask().0).collect();
    times.sort_unstable();
    json!({
        "messages": messages,
        "html_bytes": size,
        "first_ms": milliseconds(first),
        "median_ms": milliseconds(times[ROUNDS / 2]),
        "p95_ms": milliseconds(times[ROUNDS * 95 / 100]),
        "max_ms": milliseconds(times[ROUNDS - 1]),
        "browser": in_browser(&app, &ana.token, &path),
    })
}

/// Milliseconds from asking for the page until it can be used, in Chromium.
fn in_browser(app: &TestApp, token: &str, path: &str) -> Option<Value> {
    let base = format!("http://{}", app.addr);
    let browser = Browser::start(base.clone(), Window::Desktop)?;
    browser.command("Network.setCookie", &json!({ "url": base, "name": "session", "value": token }));
    browser.open(path);
    let script = "const [page] = performance.getEntriesByType('navigation');
        return { interactive: page.domInteractive, scripts_ran: page.domContentLoadedEventEnd,
                 loaded: page.loadEventEnd, shown: performance.getEntriesByType('paint').at(-1)?.startTime }";
    Some(browser.ask(script))
}
