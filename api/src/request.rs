//! The outermost layer: gives every request an id and a span, writes the body of every problem, adds the headers every
//! answer carries, logs one line.

use std::time::{Duration, Instant};

use actix_web::{
    HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
};
use tracing::{Instrument, Span, error_span, field, info};
use uuid::Uuid;

use crate::error::ApiError;

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The header it comes and goes in.
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// No page may run or load anything; the documentation page may load its own files.
const CLOSED: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Wraps everything.
///
/// # Errors
/// None: whatever fails inside leaves as an answer.
pub async fn outermost(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request.headers().get(&X_REQUEST_ID).and_then(accepted).unwrap_or_else(|| Uuid::now_v7().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let span = error_span!("request", id, method = %request.method(), route, user = field::Empty);
    let docs = request.path().starts_with("/api/docs");
    let begin = Instant::now();
    let answer = next.call(request).instrument(span.clone()).await?;
    Ok(span.in_scope(|| finish(answer, &id, docs, begin.elapsed())))
}

fn finish(
    answer: ServiceResponse<impl MessageBody + 'static>,
    id: &str,
    docs: bool,
    took: Duration,
) -> ServiceResponse<BoxBody> {
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let problem = answer.response().extensions().get::<ApiError>().cloned();
    let mut answer = match &problem {
        Some(problem) => answer.map_body(|_, _| BoxBody::new(problem.body(id))),
        None => answer.map_into_boxed_body(),
    };
    let status = answer.status().as_u16();
    match &problem {
        Some(problem) => info!(status, elapsed_ms, code = problem.code(), "answered"),
        None => info!(status, elapsed_ms, "answered"),
    }
    let headers = answer.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, if docs { DOCS } else { CLOSED });
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if !docs {
        set(header::CACHE_CONTROL, "no-store");
        set(header::VARY, "Authorization, Cookie");
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID.clone(), value);
    }
    answer
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
