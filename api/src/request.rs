//! The outermost layer: gives every request an id and a span, writes the body of every problem, adds the headers every
//! answer carries, logs one line. A handler that panics ends here too, as an answer.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use actix_web::{
    HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use tracing::{Instrument, Span, error_span, field, info};
use uuid::Uuid;

use crate::{
    auth, cors,
    error::ApiError,
    metrics::method_name,
    state::State,
    telemetry::traces,
    web::{is_page, page},
};

/// The header it comes and goes in.
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No page may run or load anything; the documentation page may load its own files.
const CLOSED: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Pages load stylesheet, scripts and pictures of this server, nothing inline and nothing from elsewhere.
const PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                     connect-src 'self'; worker-src 'self'; base-uri 'none'; object-src 'none'; \
                     frame-ancestors 'none'; form-action 'self'";

/// For whom an answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Programs.
    Programs,
    /// Readers of the API's documentation.
    Developers,
    /// People with a browser.
    People,
}

/// What is known of a request before it is answered.
struct Asked {
    id: String,
    audience: Audience,
    json: bool,
    route: String,
    method: &'static str,
    state: Option<Data<State>>,
    origin: Option<HeaderValue>,
    begin: Instant,
}

/// Wraps everything.
///
/// # Errors
/// Only for a panic: the answer to it, whole. Without the request, which the panic took along, there is no other way.
pub async fn outermost(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request.headers().get(&X_REQUEST_ID).and_then(accepted).unwrap_or_else(|| Uuid::now_v7().to_string());
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let span = error_span!("request", id, method = %request.method(), route, user = field::Empty);
    let method = method_name(request.method());
    let audience = match request.path() {
        path if is_page(path) => Audience::People,
        path if path.starts_with("/api/docs") => Audience::Developers,
        _ => Audience::Programs,
    };
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let json = audience != Audience::People || (accepts.contains("json") && !accepts.contains("html"));
    let state = request.app_data::<Data<State>>().cloned();
    let origin = state.as_ref().and_then(|state| cors::origin(&request, state));
    let preflight = origin.as_ref().and_then(|_| cors::preflight(&request));
    let asked = Asked { id, audience, json, route, method, state, origin, begin: Instant::now() };
    if let Some(answer) = preflight {
        return Ok(request.into_response(span.in_scope(|| finish(answer, &asked, None))));
    }
    // Nothing outlives the panic: the request and what its handler held are gone with it, what is shared is made of
    // locks and atomics, and a unit of work is a task of its own.
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(span.clone()).await;
    span.in_scope(|| match answer {
        Ok(answer) => {
            let (request, response) = answer?.into_parts();
            let response = finish(response.map_into_boxed_body(), &asked, auth::named(&request));
            Ok(ServiceResponse::new(request, response))
        }
        Err(_) => {
            let response = finish(ApiError::panicked().error_response(), &asked, None);
            Err(InternalError::from_response("panic", response).into())
        }
    })
}

/// `who` is whom a page that says what went wrong is made for: name and CSRF token.
fn finish(response: HttpResponse, asked: &Asked, who: Option<(String, String)>) -> HttpResponse {
    let problem = response.extensions().get::<ApiError>().cloned();
    let mut response = match &problem {
        Some(problem) if asked.json => response.set_body(BoxBody::new(problem.body(&asked.id))),
        Some(problem) => response.set_body(BoxBody::new(page::problem(problem, &asked.id, who))),
        None => response,
    };
    let (code, took) = (problem.as_ref().map(ApiError::code), asked.begin.elapsed());
    log(&response, code, took);
    traces::answered(&asked.route, asked.method, response.status().as_u16(), code);
    if let Some(state) = &asked.state {
        state.metrics.answered(&asked.route, asked.method, response.status(), code, took);
    }
    let headers = response.headers_mut();
    // A file that is a page says itself what it may do, which is less still.
    let own_policy = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    let keeps = headers.contains_key(header::CACHE_CONTROL) || asked.audience == Audience::Developers;
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let (referrer, policy) = match asked.audience {
        Audience::Programs => ("no-referrer", CLOSED),
        Audience::Developers => ("no-referrer", DOCS),
        // With `no-referrer` browsers send forms with `Origin: null`, and no form could be told from a foreign one.
        Audience::People => ("same-origin", PAGES),
    };
    set(header::REFERRER_POLICY, referrer);
    if !own_policy {
        set(header::CONTENT_SECURITY_POLICY, policy);
    }
    if problem.is_some() && !asked.json {
        set(header::CONTENT_TYPE, "text/html; charset=utf-8");
    }
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if asked.state.as_ref().is_some_and(|state| state.is_secure()) {
        // Not for subdomains: what else a school runs below this name is not ours to decide.
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if !keeps {
        set(header::CACHE_CONTROL, "no-store");
        let open = asked.state.as_ref().is_some_and(|state| !state.cors_origins.is_empty());
        set(header::VARY, if open { "Authorization, Cookie, Origin" } else { "Authorization, Cookie" });
    }
    if let Some(origin) = &asked.origin {
        cors::open(headers, origin);
    }
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        headers.insert(X_REQUEST_ID.clone(), value);
    }
    response
}

fn log(response: &HttpResponse, code: Option<&str>, took: Duration) {
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    match code {
        Some(code) => info!(status, elapsed_ms, code, "answered"),
        None => info!(status, elapsed_ms, "answered"),
    }
}

/// An id that came in, if it is short and plain enough to be logged and sent back.
fn accepted(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    ((1..=64).contains(&text.len()) && text.bytes().all(fine)).then(|| text.to_owned())
}

/// Notes on the request's span who asks.
pub fn note_user(user: impl std::fmt::Display) {
    Span::current().record("user", field::display(user));
}
