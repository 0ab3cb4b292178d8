//! Who visits a page: somebody signed in by a session, or sent to log in and back.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    error::InternalError,
    http::{Method, header},
};
use service::Actor;
use url::form_urlencoded;

use crate::{
    auth::{self, CurrentUser},
    error::ApiError,
    web::page::see_other,
};

/// The longest path to come back to.
const LONGEST_PATH: usize = 2_000;

/// A person with a session.
pub struct Visitor {
    /// The person.
    pub me: CurrentUser,
    /// What the forms of this session carry.
    pub csrf: String,
}

/// A visitor of a page for everybody: with a session, or nobody we know.
pub struct Guest(pub Option<Visitor>);

impl Visitor {
    /// The actor of this request.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.me.actor()
    }

    /// The visitor of a request, if there is a session. A session that is over is none.
    ///
    /// # Errors
    /// Those of recognising a caller that logging in again does not mend.
    pub fn of(request: &HttpRequest) -> Result<Option<Self>, ApiError> {
        Ok(auth::in_session(request)?.map(|(me, csrf)| Self { me, csrf }))
    }
}

impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(Into::into).and_then(|known| known.ok_or_else(|| must_log_in(request))))
    }
}

impl FromRequest for Guest {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Visitor::of(request).map(Self))
    }
}

/// The way to the login page, which leads back here: after a form, to the page it stood on.
pub(super) fn must_log_in(request: &HttpRequest) -> actix_web::Error {
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let back = if asks { here.to_owned() } else { came_from(request) };
    let answer: HttpResponse = see_other(&login(local(&back).unwrap_or("/")));
    InternalError::from_response("log in", answer).into()
}

/// The address of the login page that leads to `next`.
#[must_use]
pub fn login(next: &str) -> String {
    with_next("/login", next)
}

/// A path that carries where to go on.
#[must_use]
pub fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{path}?{query}")
}

fn came_from(request: &HttpRequest) -> String {
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let url = referer.and_then(|text| url::Url::parse(text).ok());
    url.map_or_else(|| "/".to_owned(), |url| url.path().to_owned())
}

/// A path on this server, and on no other however a browser reads it.
#[must_use]
pub fn local(path: &str) -> Option<&str> {
    let plain = path.len() <= LONGEST_PATH && !path.chars().any(|c| c.is_control() || c == '\\');
    (plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_paths_of_this_server_are_local() {
        for fine in ["/", "/classes/1?x=//evil.example#m3", "/join/ABCD2345"] {
            assert_eq!(local(fine), Some(fine));
        }
        let evil =
            ["", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "evil", "/\t/e"];
        for path in evil.into_iter().chain(["/a\nb", "javascript:alert(1)", " /", "/\u{7f}"]) {
            assert_eq!(local(path), None, "{path:?} was accepted");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(2_000))), None);
    }
}
