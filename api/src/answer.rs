//! How what was asked for is sent: status, JSON, and the headers scripts rely on.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    cookie::Cookie,
    http::{StatusCode, header},
};
use serde::Serialize;
use service::page::Page;
use utoipa::ToSchema;

use crate::error::ApiError;

/// What handlers return.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// An answer with a JSON body.
pub struct Answer<T> {
    body: T,
    status: StatusCode,
    location: Option<String>,
    version: Option<i32>,
    replayed: bool,
    cookies: Vec<Cookie<'static>>,
}

impl<T> Answer<T> {
    /// 200.
    pub fn ok(body: T) -> Self {
        Self { body, status: StatusCode::OK, location: None, version: None, replayed: false, cookies: Vec::new() }
    }

    /// 201.
    pub fn created(body: T) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(body) }
    }

    /// 202: it goes on.
    pub fn accepted(body: T) -> Self {
        Self { status: StatusCode::ACCEPTED, ..Self::ok(body) }
    }

    /// Where the thing is to be found.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Its version, as ETag.
    #[must_use]
    pub fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// Whether an earlier request with the same `Idempotency-Key` made it.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// With these cookies.
    #[must_use]
    pub fn cookies(mut self, cookies: impl IntoIterator<Item = Cookie<'static>>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        response.json(self.body)
    }
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page as an answer, with the next one in `Link` (RFC 8288).
pub struct Paged<T>(pub Listing<T>);

impl<T> From<Page<T>> for Paged<T> {
    fn from(page: Page<T>) -> Self {
        Self(Listing { items: page.items, next_cursor: page.next.map(|cursor| cursor.encode()) })
    }
}

impl<T: Serialize> Responder for Paged<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &self.0.next_cursor {
            let kept =
                request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
            let query: Vec<String> = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
            let link = format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"));
            response.insert_header((header::LINK, link));
        }
        response.json(self.0)
    }
}

/// 204.
pub struct NoContent;

impl Responder for NoContent {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}
