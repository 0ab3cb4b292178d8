//! Who asks: a bearer token or a session cookie becomes [`CurrentUser`], the first parameter of every handler that needs
//! one. Looked up before anything else of the request is read, so a caller without an account learns nothing more.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    cookie::{Cookie, SameSite, time::Duration},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap},
    },
    middleware::Next,
    web::Data,
};
use service::{
    Actor, IdempotencyKey, Secret,
    entity::{Moment, SessionId, UserId, api_token::Scope, user},
    session::{self, Credential, Identity, NewSession, Rejection},
};

use crate::{
    error::ApiError,
    request::note_user,
    state::{Clock, State},
    throttle,
    web::is_page,
};

/// The signed-in person a request comes from.
#[derive(Clone)]
pub struct CurrentUser {
    /// The account.
    pub user: user::Model,
    credential: Credential,
    at: Moment,
    /// Says when what came with a body has come.
    clock: Option<Clock>,
    key: Option<String>,
}

/// A signed-in person who came by a session: needed wherever credentials change.
pub struct InSession {
    /// The person.
    pub me: CurrentUser,
    /// The session.
    pub session: SessionId,
}

/// What was found out about a request's credentials.
#[derive(Clone)]
enum Verdict {
    Accepted(Box<Known>),
    /// Wants to change something by cookie, from a page: its form has yet to show the CSRF token.
    Unproven(Box<Known>),
    Refused(ApiError),
}

/// A recognised caller.
#[derive(Clone)]
struct Known {
    identity: Identity,
    at: Moment,
    csrf: String,
}

impl CurrentUser {
    /// The actor of a request that makes nothing. Of a request that may have a body the moment is that of this call: a
    /// body may come half a minute after its head, and what others did meanwhile was before it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let at = self.clock.as_ref().map_or(self.at, Clock::now);
        Actor { user: self.user.id, at, credential: Some(self.credential), once: None }
    }

    /// The actor of a request that makes something; with an `Idempotency-Key` only once.
    #[must_use]
    pub fn making(&self, fingerprint: [u8; 32]) -> Actor {
        let once = self.key.clone().map(|key| IdempotencyKey { key, fingerprint });
        Actor { once, ..self.actor() }
    }

    /// The session, if it was one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::ApiToken(..) => None,
        }
    }
}

/// Finds out who asks and notes it on the request. A form that comes from another site goes no further, with or without
/// a session: it could also log somebody in as somebody else.
///
/// # Errors
/// Those of what comes after.
pub async fn recognise(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let foreign = request.app_data::<Data<State>>().is_some_and(|state| !comes_from_here(request.headers(), state));
    if foreign && writes(request.method()) && is_page(request.path()) {
        return Ok(request.into_response(csrf_failed().error_response()));
    }
    // What watches the server must work without the database, and may bring a token of its own.
    let verdict = if throttle::watches(request.path()) { None } else { verdict(&request).await };
    if let Some(verdict) = verdict {
        if let Verdict::Accepted(known) | Verdict::Unproven(known) = &verdict {
            note_user(known.identity.user.id);
        }
        request.extensions_mut().insert(verdict);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn writes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn verdict(request: &ServiceRequest) -> Option<Verdict> {
    let state = request.app_data::<Data<State>>()?;
    let (token, by_cookie) = presented(request, state)?;
    let at = state.clock.now();
    let identity = match session::authenticate(&state.db, at, &token).await {
        Ok(Ok(identity)) => identity,
        Ok(Err(rejection)) => return Some(Verdict::Refused(refused(rejection))),
        Err(error) => return Some(Verdict::Refused(error.into())),
    };
    let writes = writes(request.method());
    if writes && matches!(identity.credential, Credential::ApiToken(_, Scope::Read)) {
        let detail = "this API token may only read; make one with scope `write`";
        return Some(Verdict::Refused(ApiError::new(StatusCode::FORBIDDEN, "scope_insufficient", detail)));
    }
    let known = Box::new(Known { identity, at, csrf: token.csrf() });
    if !writes || !by_cookie {
        return Some(Verdict::Accepted(known));
    }
    let sent = request.headers().get("x-csrf-token").map(|value| value.to_str().unwrap_or_default());
    Some(match sent {
        Some(sent) if is_same(sent, &known.csrf) && comes_from_here(request.headers(), state) => {
            Verdict::Accepted(known)
        }
        None if is_page(request.path()) => Verdict::Unproven(known),
        _ => Verdict::Refused(csrf_failed()),
    })
}

fn csrf_failed() -> ApiError {
    let detail = "send the session's X-CSRF-Token, from a page of this server";
    ApiError::new(StatusCode::FORBIDDEN, "csrf_failed", detail)
}

/// Compares what is secret by hash, so that the time it takes tells nothing.
fn is_same(sent: &str, expected: &str) -> bool {
    Secret::new(sent).hash() == Secret::new(expected).hash()
}

/// Accepts the token that came in a form. A request by cookie is nobody's until it is.
///
/// # Errors
/// 403 for a form of a session with another token, or none.
pub fn prove(request: &HttpRequest, sent: &str) -> Result<(), ApiError> {
    let mut extensions = request.extensions_mut();
    let Some(verdict) = extensions.get_mut::<Verdict>() else { return Ok(()) };
    if let Verdict::Unproven(known) = verdict {
        if !is_same(sent, &known.csrf) {
            return Err(csrf_failed());
        }
        *verdict = Verdict::Accepted(known.clone());
    }
    Ok(())
}

/// Whether a request comes by a cookie of which nobody has shown yet that a page of ours sent it.
#[must_use]
pub fn is_unproven(request: &HttpRequest) -> bool {
    matches!(request.extensions().get::<Verdict>(), Some(Verdict::Unproven(_)))
}

/// Name and CSRF token of whoever has the session of a request, for the frame of a page that does nothing: proven or not.
#[must_use]
pub fn named(request: &HttpRequest) -> Option<(String, String)> {
    match request.extensions().get::<Verdict>() {
        Some(Verdict::Accepted(known) | Verdict::Unproven(known)) => {
            let session = matches!(known.identity.credential, Credential::Session(_));
            session.then(|| (known.identity.user.display_name.clone(), known.csrf.clone()))
        }
        Some(Verdict::Refused(_)) | None => None,
    }
}

/// The token a request carries, and whether a browser sent it by itself.
fn presented(request: &ServiceRequest, state: &State) -> Option<(Secret, bool)> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        };
        return Some((Secret::new(token), false));
    }
    let cookie = request.cookie(cookie_name(state))?;
    Some((Secret::new(cookie.value()), true))
}

/// Whether the browser, if it is one, says that a page of ours asks.
fn comes_from_here(headers: &HeaderMap, state: &State) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // In development the same server is opened as localhost and by number.
    let by_host = || text("host").filter(|_| !state.is_secure()).map(|host| format!("http://{host}"));
    let is_ours = |origin: &str| origin == &*state.public_url || by_host().is_some_and(|own| own == origin);
    let same_origin = text("origin").is_none_or(is_ours);
    let same_site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    same_origin && same_site
}

/// Refuses what a browser sends by itself for a page that is not ours: a stream is read by who opens it.
///
/// # Errors
/// 403 for a cookie that comes from elsewhere.
pub fn from_here(request: &HttpRequest, state: &State) -> Result<(), ApiError> {
    let by_cookie = !request.headers().contains_key(header::AUTHORIZATION);
    if by_cookie && !comes_from_here(request.headers(), state) { Err(csrf_failed()) } else { Ok(()) }
}

/// What a caller is told whose credential is not accepted.
#[must_use]
pub fn refused(rejection: Rejection) -> ApiError {
    match rejection {
        Rejection::Unknown => ApiError::unauthorised("token_invalid", "the token is not valid here; log in again"),
        Rejection::SessionExpired => ApiError::unauthorised("session_expired", "the session is over; log in again"),
        Rejection::TokenExpired => ApiError::unauthorised("token_expired", "the API token has expired; make a new one"),
        Rejection::TokenRevoked => ApiError::unauthorised("token_revoked", "the API token was revoked; make a new one"),
        Rejection::AccountDisabled => {
            ApiError::unauthorised("account_disabled", "this account is disabled; ask the administrator")
        }
    }
}

/// The account a request comes from, if its credentials were accepted.
#[must_use]
pub fn signed_in(request: &impl HttpMessage) -> Option<UserId> {
    match request.extensions().get::<Verdict>() {
        Some(Verdict::Accepted(known) | Verdict::Unproven(known)) => Some(known.identity.user.id),
        Some(Verdict::Refused(_)) | None => None,
    }
}

/// Who asks by a session, with the token that its forms carry; none for who has to log in.
///
/// # Errors
/// Those of recognising a caller that logging in again does not mend.
pub fn in_session(request: &HttpRequest) -> Result<Option<(CurrentUser, String)>, ApiError> {
    match current(request) {
        Ok(me) if me.session().is_some() => {
            let csrf = match request.extensions().get::<Verdict>() {
                Some(Verdict::Accepted(known)) => known.csrf.clone(),
                _ => String::new(),
            };
            Ok(Some((me, csrf)))
        }
        Ok(_) => Ok(None),
        Err(error) if error.status() == StatusCode::UNAUTHORIZED => Ok(None),
        Err(error) => Err(error),
    }
}

fn current(request: &HttpRequest) -> Result<CurrentUser, ApiError> {
    let extensions = request.extensions();
    let known = match extensions.get::<Verdict>() {
        Some(Verdict::Accepted(known)) => known,
        Some(Verdict::Unproven(_)) => return Err(csrf_failed()),
        Some(Verdict::Refused(error)) => return Err(error.clone()),
        None => {
            let detail = "send `Authorization: Bearer <token>`; POST /api/v1/sessions gives a token";
            return Err(ApiError::unauthorised("token_missing", detail));
        }
    };
    let key = idempotency_key(request)?;
    let Known { identity, at, .. } = &**known;
    let clock = request.app_data::<Data<State>>().filter(|_| writes(request.method())).map(|state| state.clock.clone());
    Ok(CurrentUser { user: identity.user.clone(), credential: identity.credential, at: *at, clock, key })
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if (1..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Some(key.to_owned()));
    }
    let detail = "an Idempotency-Key has 1 to 128 visible ASCII characters";
    Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_invalid", detail))
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(current(request))
    }
}

impl FromRequest for InSession {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(current(request).and_then(|me| {
            let session = me.session().ok_or_else(|| {
                let detail = "credentials are changed in a session, never with an API token; log in";
                ApiError::new(StatusCode::FORBIDDEN, "session_required", detail)
            })?;
            Ok(Self { me, session })
        }))
    }
}

/// `__Host-` binds a cookie to this very host over TLS; plain HTTP, for development, cannot have it.
fn cookie_name(state: &State) -> &'static str {
    if state.is_secure() { "__Host-session" } else { "session" }
}

/// The cookies of a session just begun: the token, which scripts cannot read, and the CSRF token, which they must.
fn cookies(state: &State, token: &Secret) -> [Cookie<'static>; 2] {
    let lifetime = Duration::seconds(session::ABSOLUTE.whole_seconds());
    let cookie = |name: &'static str, value: String, hidden: bool| {
        Cookie::build(name, value)
            .path("/")
            .secure(state.is_secure())
            .http_only(hidden)
            .same_site(SameSite::Lax)
            .max_age(lifetime)
            .finish()
    };
    let csrf = if state.is_secure() { "__Host-csrf" } else { "csrf" };
    [cookie(cookie_name(state), token.expose().to_owned(), true), cookie(csrf, token.csrf(), false)]
}

/// The cookie by which a browser is known the next time somebody logs in with it. No page and no other site needs it.
fn known_name(state: &State) -> &'static str {
    if state.is_secure() { "__Host-known" } else { "known" }
}

/// What a browser keeps since somebody logged in with it before.
#[must_use]
pub fn known(request: &HttpRequest, state: &State) -> Option<Secret> {
    request.cookie(known_name(state)).map(|cookie| Secret::new(cookie.value()))
}

/// All cookies of somebody who just logged in: those of the session, and that by which the browser is known later.
#[must_use]
pub fn new_cookies(state: &State, new: &NewSession) -> Vec<Cookie<'static>> {
    let mut all: Vec<_> = cookies(state, &new.token).into();
    all.extend(new.known.as_ref().map(|known| {
        Cookie::build(known_name(state), known.expose().to_owned())
            .path("/")
            .secure(state.is_secure())
            .http_only(true)
            .same_site(SameSite::Strict)
            .max_age(Duration::seconds(service::KNOWN.whole_seconds()))
            .finish()
    }));
    all
}

/// The cookies that take a session's cookies away.
#[must_use]
pub fn no_cookies(state: &State) -> [Cookie<'static>; 2] {
    cookies(state, &Secret::new("")).map(|mut cookie| {
        cookie.make_removal();
        cookie.set_path("/");
        cookie
    })
}
