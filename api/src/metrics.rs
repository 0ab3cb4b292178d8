//! What the server did, in numbers, as Prometheus reads them. Counted here rather than by a crate: it is two maps, and
//! the few that count more carry a recorder for the whole process, where this server has no global state.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::Data,
};
use service::{Db, Secret, db::PoolCount, entity::Moment, upkeep::Removed};

use crate::{answer::Result, error::ApiError, importing::Queue, state::State};

/// What became of the conversations of imports; `refused` for files of which nothing could be read, `interrupted` for
/// imports that did not come to their end.
const OUTCOMES: [&str; 5] = ["imported", "skipped", "failed", "refused", "interrupted"];

/// Route, method and status of a request.
type Kind = (String, &'static str, u16);

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Kind, (u64, Duration)>>,
    errors: Mutex<BTreeMap<&'static str, u64>>,
    imports: [AtomicU64; OUTCOMES.len()],
    upkeep: Mutex<(Option<Moment>, Removed)>,
    streams_open: AtomicU64,
    streams_dropped: AtomicU64,
    events_sent: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A method by name. Callers may make up their own, and must not make up labels with them.
#[must_use]
pub fn method_name(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

impl Metrics {
    /// A request was answered.
    pub fn answered(
        &self,
        route: &str,
        method: &'static str,
        status: StatusCode,
        code: Option<&'static str>,
        took: Duration,
    ) {
        let mut requests = lock(&self.requests);
        let entry = requests.entry((route.to_owned(), method, status.as_u16())).or_default();
        entry.0 += 1;
        entry.1 += took;
        drop(requests);
        if let Some(code) = code {
            *lock(&self.errors).entry(code).or_default() += 1;
        }
    }

    /// An import came to its end: so many conversations were stored, were there already, could not be read.
    pub fn imported(&self, [imported, skipped, failed]: [usize; 3]) {
        for (count, many) in self.imports.iter().zip([imported, skipped, failed]) {
            count.fetch_add(u64::try_from(many).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// An import ended without a report: its file was refused as a whole, or it did not come to its end.
    pub fn import_broke(&self, error: &service::Error) {
        let [.., refused, interrupted] = &self.imports;
        let count = if matches!(error, service::Error::Source(_)) { refused } else { interrupted };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody listens.
    pub fn stream_opened(&self) {
        self.streams_open.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody does not listen any more.
    pub fn stream_closed(&self) {
        self.streams_open.fetch_sub(1, Ordering::Relaxed);
    }

    /// So many were too slow to listen on.
    pub fn streams_dropped(&self, count: u64) {
        self.streams_dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// So many events were sent.
    pub fn events_sent(&self, count: u64) {
        self.events_sent.fetch_add(count, Ordering::Relaxed);
    }

    /// A round of upkeep came to its end.
    pub fn kept_up(&self, at: Moment, removed: &Removed) {
        let mut upkeep = lock(&self.upkeep);
        upkeep.0 = Some(at);
        for (table, rows) in removed {
            *upkeep.1.entry(table).or_default() += rows;
        }
    }

    /// Everything, in the text format of Prometheus. `wal` is the write-ahead log of a SQLite file.
    #[must_use]
    pub fn text(&self, db: &Db, wal: Option<&Path>, imports: &Queue, exports: usize) -> String {
        let mut page = Page::default();
        page.about("colloquium_requests_total", "counter", "Requests by route, method and status.");
        let requests = lock(&self.requests).clone();
        let labels =
            |(route, method, status): &Kind| format!("{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}");
        requests.iter().for_each(|(kind, (count, _))| page.line(&labels(kind), count));
        page.about("colloquium_request_seconds_total", "counter", "Time until the answers to these requests.");
        requests.iter().for_each(|(kind, (_, took))| page.line(&labels(kind), &took.as_secs_f64()));
        page.about("colloquium_errors_total", "counter", "Problems answered, by code.");
        for (code, count) in lock(&self.errors).iter() {
            page.line(&format!("{{code=\"{code}\"}}"), count);
        }
        page.about(
            "colloquium_imports_total",
            "counter",
            "Conversations by what an import made of them; files refused.",
        );
        for (name, count) in OUTCOMES.iter().zip(&self.imports) {
            page.line(&format!("{{outcome=\"{name}\"}}"), &count.load(Ordering::Relaxed));
        }
        page.about("colloquium_imports_now", "gauge", "Imports that are read, and that wait until others are.");
        let (running, queued) = imports.counts();
        page.line("{state=\"running\"}", &running);
        page.line("{state=\"queued\"}", &queued);
        page.about("colloquium_exports_now", "gauge", "Exports that are sent, or wait for room.");
        page.line("", &exports);
        self.upkeep(&mut page);
        self.streams(&mut page);
        database(&mut page, db);
        if let Some(wal) = wal {
            page.about("colloquium_sqlite_wal_bytes", "gauge", "Size of the write-ahead log.");
            page.line("", &std::fs::metadata(wal).map_or(0, |file| file.len()));
        }
        page.text
    }

    fn streams(&self, page: &mut Page) {
        page.about("colloquium_streams_open", "gauge", "Open streams of events.");
        page.line("", &self.streams_open.load(Ordering::Relaxed));
        page.about("colloquium_streams_dropped_total", "counter", "Streams that ended because their client was slow.");
        page.line("", &self.streams_dropped.load(Ordering::Relaxed));
        page.about("colloquium_events_sent_total", "counter", "Events sent to streams.");
        page.line("", &self.events_sent.load(Ordering::Relaxed));
    }

    fn upkeep(&self, page: &mut Page) {
        let (last, removed) = lock(&self.upkeep).clone();
        page.about("colloquium_upkeep_removed_total", "counter", "Rows deleted because their time was over, by table.");
        removed.iter().for_each(|(table, rows)| page.line(&format!("{{table=\"{table}\"}}"), rows));
        let name = "colloquium_upkeep_last_success_timestamp_seconds";
        page.about(name, "gauge", "When this server last did it, since 1970; absent where it did not.");
        last.iter().for_each(|at| page.line("", &(at.0 / 1_000_000)));
    }
}

fn database(page: &mut Page, db: &Db) {
    let meter = db.meter();
    page.about("colloquium_statements_total", "counter", "Database statements by kind.");
    meter.statements().for_each(|of| page.line(&format!("{{kind=\"{}\"}}", of.kind), &of.count));
    page.about("colloquium_statements_failed_total", "counter", "Those of them that failed.");
    meter.statements().for_each(|of| page.line(&format!("{{kind=\"{}\"}}", of.kind), &of.failed));
    page.about("colloquium_statements_slow_total", "counter", "Those of them that took longer than they should.");
    meter.statements().for_each(|of| page.line(&format!("{{kind=\"{}\"}}", of.kind), &of.slow));
    page.about("colloquium_statement_seconds_total", "counter", "How long they took.");
    meter.statements().for_each(|of| page.line(&format!("{{kind=\"{}\"}}", of.kind), &of.took.as_secs_f64()));
    page.about("colloquium_units_retried_total", "counter", "Units of work tried again.");
    page.line("", &meter.retried());
    page.about("colloquium_units_rolled_back_total", "counter", "Units of work undone.");
    page.line("", &meter.rolled_back());
    page.about("colloquium_pools_replaced_total", "counter", "Pools that did not recover, replaced by new ones.");
    page.line("", &db.replaced());
    pools(page, &db.pools());
}

fn pools(page: &mut Page, pools: &[PoolCount]) {
    type Read = fn(&PoolCount) -> String;
    let gauges: [(&str, &str, Read); 4] = [
        ("colloquium_pool_connections", "Database connections there are.", |pool| pool.size.to_string()),
        ("colloquium_pool_idle_connections", "Those of them that nobody uses.", |pool| pool.idle.to_string()),
        ("colloquium_pool_used_connections", "Those of them in use.", |pool| {
            pool.size.saturating_sub(pool.idle).to_string()
        }),
        ("colloquium_pool_waiting", "Units of work that wait for one.", |pool| pool.gate.waiting.to_string()),
    ];
    let counters: [(&str, &str, Read); 4] = [
        ("colloquium_pool_acquires_total", "Units of work given a connection.", |pool| pool.gate.acquired.to_string()),
        ("colloquium_pool_acquire_seconds_total", "How long they waited for it.", |pool| {
            pool.gate.took.as_secs_f64().to_string()
        }),
        ("colloquium_pool_waits_total", "Units of work that found none free.", |pool| pool.gate.waited.to_string()),
        ("colloquium_pool_refused_total", "Those of them that were given none.", |pool| pool.gate.refused.to_string()),
    ];
    for (kind, metrics) in [("gauge", gauges.as_slice()), ("counter", &counters)] {
        for (name, help, read) in metrics {
            page.about(name, kind, help);
            pools.iter().for_each(|pool| page.line(&format!("{{pool=\"{}\"}}", pool.name), &read(pool)));
        }
    }
}

#[derive(Default)]
struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    fn about(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        self.text += &format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, labels: &str, value: &dyn std::fmt::Display) {
        self.text += &format!("{}{labels} {value}\n", self.name);
    }
}

/// What the server did, as Prometheus reads it: from this machine, or with the token of the configuration.
#[utoipa::path(get, path = "/metrics", tag = "health", security(()),
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"),
              (status = 401, description = "Not from this machine, and without the token")))]
pub async fn show(state: Data<State>, request: HttpRequest) -> Result<HttpResponse> {
    if !is_local(&request) && !has_token(&state, &request) {
        let detail = "metrics are for this machine, or for who sends the token of COLLOQUIUM_METRICS_TOKEN";
        return Err(ApiError::unauthorised("metrics_restricted", detail));
    }
    let exports = state.exporting.count();
    let text = state.metrics.text(&state.db, state.wal.as_deref(), &state.importing.queue, exports);
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// From this machine, and not handed on by a proxy on it.
fn is_local(request: &HttpRequest) -> bool {
    let handed_on = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];
    let local = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    local && !handed_on.iter().any(|name| request.headers().contains_key(*name))
}

fn has_token(state: &State, request: &HttpRequest) -> bool {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = value.and_then(|text| text.strip_prefix("Bearer ")).map(Secret::new);
    // Compared by hash, so that the time it takes says nothing about the token.
    sent.zip(state.metrics_token.as_ref()).is_some_and(|(sent, token)| sent.hash() == token.hash())
}
