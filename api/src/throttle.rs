//! Requests are counted for each account, and for each address before login; who sends too many is told when to go on.

use std::{
    future::{Future, Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use service::{Error, entity::Moment};

use crate::{
    auth,
    error::ApiError,
    proxy,
    rate::{Caller, Left, Limiter},
    state::State,
};

static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Lets a request through as long as its caller has not sent too many. What watches the server is not counted.
///
/// # Errors
/// Those of what comes after.
pub async fn requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some((left, caller)) = count(&request) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let mut answer = if left.passed {
        request.extensions_mut().insert(caller);
        next.call(request).await?.map_into_boxed_body()
    } else {
        request.into_response(ApiError::too_many_requests(left.reset).error_response())
    };
    tell(answer.headers_mut(), left);
    Ok(answer)
}

/// Takes a token of the caller's; none where nothing is counted.
fn count(request: &ServiceRequest) -> Option<(Left, Caller)> {
    let state = request.app_data::<Data<State>>()?;
    let limiter = state.limiter.as_ref()?;
    if watches(request.path()) {
        return None;
    }
    let caller = match auth::signed_in(request) {
        Some(user) => Caller::User(user),
        None => Caller::at(proxy::client(request, &state.trusted_proxies)?),
    };
    Some((limiter.request(caller, state.clock.now().0), caller))
}

/// Paths that load balancers and monitors ask.
#[must_use]
pub fn watches(path: &str) -> bool {
    matches!(path, "/health" | "/health/live" | "/metrics")
}

fn tell(headers: &mut HeaderMap, left: Left) {
    // An answer to too many failed attempts speaks of those.
    if left.passed && headers.contains_key(&REMAINING) {
        return;
    }
    let mut set = |name: &HeaderName, value: i64| headers.insert(name.clone(), HeaderValue::from(value));
    set(&LIMIT, left.limit.into());
    set(&REMAINING, left.remaining);
    set(&RESET, left.reset);
}

/// Counts the invitation codes of a caller that do not exist, so that nobody can try thousands.
pub struct Codes(Option<(Arc<Limiter>, Caller, Moment)>);

impl FromRequest for Codes {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<State>>();
        let counted = state.and_then(|state| {
            let caller = request.extensions().get::<Caller>().copied()?;
            Some((state.limiter.clone()?, caller, state.clock.now()))
        });
        ready(Ok(Self(counted)))
    }
}

impl Codes {
    /// Makes an attempt with a code, if the caller may.
    ///
    /// # Errors
    /// 429 for a caller who sent too many that do not exist, whatever this one is; else those of the attempt.
    pub async fn attempt<T>(self, attempt: impl Future<Output = Result<T, Error>>) -> Result<T, ApiError> {
        let Some((limiter, caller, now)) = self.0 else {
            return Ok(attempt.await?);
        };
        let rate = Limiter::codes_of(caller);
        // Taken before and given back after, or a thousand at once would all find the last token.
        let left = limiter.codes.take(caller, rate, now.0);
        if !left.passed {
            return Err(ApiError::too_many_requests(left.reset));
        }
        let done = attempt.await;
        if !matches!(done, Err(Error::NotFound)) {
            limiter.codes.give_back(caller, rate);
        }
        Ok(done?)
    }
}
