//! The page of a conversation: how long a client waits for it, and a browser until it can be used; with marks on it, until
//! they show, and what one more costs. On the engine that `TEST_ENGINE` names.

use std::time::{Duration, Instant};

use tests::{
    Person, TestApp, Value,
    browser::{Browser, Window},
    json,
    talk::long_talk,
};

use crate::{Numbers, milliseconds};

/// How often the page is asked for.
const ROUNDS: usize = 200;

/// New marks that are made while the page is open.
const NEW: u32 = 20;

/// 500 messages of 2,000 bytes with 300 marks if not said.
pub(crate) fn measure(numbers: &Numbers) -> Value {
    let (messages, bytes, marks) = (numbers.get(0, 500), numbers.get(1, 2_000), numbers.get(2, 300));
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Measured");
    // From fifty marks on the page opens on those of teachers.
    ana.admits(&class, &ben, "tutor");
    let id = long_talk(&ana, &class, messages, bytes);
    let path = format!("/conversations/{id}");
    let marker = Marker::of(&ben, &id);
    (0..marks).for_each(|number| marker.mark(number));
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
        "marks": marks,
        "html_bytes": size,
        "first_ms": milliseconds(first),
        "median_ms": milliseconds(times[ROUNDS / 2]),
        "p95_ms": milliseconds(times[ROUNDS * 95 / 100]),
        "max_ms": milliseconds(times[ROUNDS - 1]),
        "browser": in_browser(&app, &ana.token, &path, &marker),
    })
}

/// Somebody who marks one message after the other.
struct Marker<'a> {
    person: &'a Person,
    path: String,
    messages: Vec<Value>,
}

impl<'a> Marker<'a> {
    fn of(person: &'a Person, id: &str) -> Self {
        let path = format!("/api/v1/conversations/{id}/annotations");
        Self { person, path, messages: person.reads(id) }
    }

    fn mark(&self, number: usize) {
        let message = &self.messages[number * 7 % self.messages.len()];
        let (part, start) = (usize::from(message["role"] == "assistant"), 3 + number % 50);
        let body = json!({ "message_id": message["id"], "part": part, "start": start, "end": start + 30,
                           "note": format!("Mark {number}"), "audience": "class" });
        self.person.post(&self.path, body).is(201);
    }
}

/// Milliseconds from asking for the page until it can be used and until the marks show, in Chromium; and those of script,
/// and of all that the tab does, for each new mark.
fn in_browser(app: &TestApp, token: &str, path: &str, marker: &Marker<'_>) -> Option<Value> {
    let base = format!("http://{}", app.addr);
    let browser = Browser::start(base.clone(), Window::Desktop)?;
    browser.command("Network.setCookie", &json!({ "url": base, "name": "session", "value": token }));
    browser.open(path);
    browser.eventually("the marks show", || {
        browser.ask("return performance.getEntriesByName('marks-shown').length") == json!(1)
    });
    let script = "const [page] = performance.getEntriesByType('navigation');
        const [marks] = performance.getEntriesByName('marks-shown');
        return { interactive: page.domInteractive, scripts_ran: page.domContentLoadedEventEnd,
                 loaded: page.loadEventEnd, shown: performance.getEntriesByType('paint').at(-1)?.startTime,
                 marks_shown: marks.startTime }";
    let mut found = browser.ask(script);
    browser.eventually("the page is live", || browser.count("html[data-live=on]") == 1);
    browser.command("Performance.enable", &json!({}));
    let before = work(&browser);
    let mut until = Vec::new();
    for number in 0..NEW {
        let begin = Instant::now();
        marker.mark(usize::try_from(number).unwrap());
        let news = format!("{} new mark", number + 1);
        let shown = format!("return document.querySelector('.margin .pill').textContent.startsWith('{news}')");
        browser.eventually("it is there", || browser.ask(&shown) == json!(true));
        until.push(begin.elapsed());
    }
    until.sort_unstable();
    let spent = work(&browser).map(|(name, after)| {
        let before = before.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, before)| *before);
        (name, (after - before) * 1e3 / f64::from(NEW))
    });
    found["ms_for_each_new_mark"] = spent.iter().map(|(name, ms)| ((*name).to_owned(), json!(ms.round()))).collect();
    // From asking to make it.
    found["new_mark_shows_within_ms"] = json!(until.last().map(|longest| milliseconds(*longest)));
    found["new_mark_shows_median_ms"] = json!(milliseconds(until[until.len() / 2]));
    Some(found)
}

/// Seconds that the tab has spent so far.
fn work(browser: &Browser) -> [(&'static str, f64); 3] {
    let metrics = browser.command("Performance.getMetrics", &json!({}))["metrics"].as_array().unwrap().clone();
    let of = |name: &str| metrics.iter().find(|one| one["name"] == name).and_then(|one| one["value"].as_f64()).unwrap();
    [("script", of("ScriptDuration")), ("layout", of("LayoutDuration")), ("all", of("TaskDuration"))]
}
