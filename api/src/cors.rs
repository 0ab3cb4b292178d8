//! Pages of other sites that may call the API. None, unless the operator names their origins; and never with a cookie: a
//! script there sends a token of its own.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
};

use crate::state::State;

/// What such a page may send and read besides what browsers let everybody.
const METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";
const SENT: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, Prefer, X-Request-Id";
const READ: &str = "ETag, Idempotency-Replayed, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, \
                    Retry-After, X-Request-Id";
/// How long a browser remembers, in seconds.
const REMEMBERED: &str = "600";

/// The origin a request to the API comes from, if that is one of those named.
pub fn origin(request: &ServiceRequest, state: &State) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    let named = state.cors_origins.iter().any(|named| named.as_bytes() == origin.as_bytes());
    (named && request.path().starts_with("/api/")).then(|| origin.clone())
}

/// The answer to a browser that asks what it may send, before it sends it.
pub fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    let asks =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    asks.then(|| {
        HttpResponse::build(StatusCode::NO_CONTENT)
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, SENT))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED))
            .finish()
    })
}

/// Lets the page at `origin` read an answer.
pub fn open(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
}
