//! What a request is answered when it is not answered as asked: `application/problem+json` (RFC 9457), made in one place.

mod codes;

pub use codes::CODES;

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    error::{PathError, QueryPayloadError},
    http::{Method, StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{
    Error, FieldError, Flaw, Mishap,
    db::{Fault, code_of},
};
use tracing::{error, info};
use utoipa::ToSchema;

use crate::auth::refused;

/// A request that was not answered as asked. The request id is added where the answer leaves the server.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<i64>,
    challenge: bool,
    allow: Vec<Method>,
    members: Map<String, Value>,
}

/// The body of every such answer.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// A stable name to branch on.
    code: String,
    /// What was expected, what was found, what to do.
    detail: String,
    /// Names this request in the server's log.
    request_id: String,
    /// Which values cannot be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
}

/// One value that cannot be accepted.
#[derive(Serialize, ToSchema)]
pub struct ProblemField {
    /// A JSON pointer into the body, or the name of a query parameter.
    pointer: String,
    /// A stable name.
    code: String,
    /// What was expected and what was found.
    detail: String,
}

impl ApiError {
    /// An answer by status, code and explanation.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            challenge: false,
            allow: Vec::new(),
            members: Map::new(),
        }
    }

    /// Nothing here, or not for this caller: the same answer either way.
    #[must_use]
    pub fn not_found() -> Self {
        Error::NotFound.into()
    }

    /// The caller has to show who they are.
    pub fn unauthorised(code: &'static str, detail: impl Into<String>) -> Self {
        Self { challenge: true, ..Self::new(StatusCode::UNAUTHORIZED, code, detail) }
    }

    /// The caller sent too many, and may go on after so many seconds.
    #[must_use]
    pub fn too_many_requests(seconds: i64) -> Self {
        let detail = format!("too many requests; go on in {seconds} s");
        let retry_after = Some(seconds);
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail) }
    }

    /// A person who has as many streams open as one may.
    #[must_use]
    pub fn too_many_streams() -> Self {
        let detail = format!("{} streams are open already; close one, or go on in 5 s", crate::live::STREAMS);
        Self { retry_after: Some(5), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", detail) }
    }

    /// A person who has as many exports under way as one may.
    #[must_use]
    pub fn too_many_exports() -> Self {
        let detail = format!(
            "{} exports of yours are under way already; let one end, or break it off, and ask again",
            crate::exporting::EACH
        );
        Self { retry_after: Some(5), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_exports", detail) }
    }

    /// A query that cannot be read, by the parameter that is at fault, if one is.
    #[must_use]
    pub fn query(name: &str, cause: &str) -> Self {
        info!(code = "query_invalid", "query refused");
        let detail = if name.is_empty() { format!("query: {cause}") } else { format!("query: {name}: {cause}") };
        let flaw = Flaw::new("invalid", cause);
        let errors = if name.is_empty() { Vec::new() } else { vec![FieldError { pointer: name.to_owned(), flaw }] };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "query_invalid", detail) }
    }

    /// The path exists, this method does not.
    #[must_use]
    pub fn method_not_allowed(allow: &[Method]) -> Self {
        let names: Vec<&str> = allow.iter().map(Method::as_str).collect();
        let detail = format!("this address takes {}", names.join(", "));
        Self { allow: allow.to_vec(), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail) }
    }

    /// Something of ours went wrong, and was logged where it did.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
    }

    /// The same answer, with when to try again, in seconds.
    #[must_use]
    pub fn after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The handler panicked. Where is in the log: the panic hook writes it, in the request's span.
    #[must_use]
    pub fn panicked() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
    }

    /// The same answer with further members beside the standard ones.
    #[must_use]
    pub fn with_members(mut self, members: Value) -> Self {
        if let Value::Object(members) = members {
            self.members = members;
        }
        self
    }

    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What was expected, what was found, what to do.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Which values cannot be accepted.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// In how many seconds to try again.
    #[must_use]
    pub fn retry_after(&self) -> Option<i64> {
        self.retry_after
    }

    /// The body, for the request with this id.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let problem = Problem {
            r#type: format!("/api/docs/errors#{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.iter().map(ProblemField::from).collect(),
        };
        let mut body = match serde_json::to_value(&problem) {
            Ok(Value::Object(body)) => body,
            _ => Map::new(),
        };
        for (name, value) in &self.members {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl From<&FieldError> for ProblemField {
    fn from(field: &FieldError) -> Self {
        Self { pointer: field.pointer.clone(), code: field.flaw.code.to_owned(), detail: field.flaw.detail.clone() }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
            if self.status == StatusCode::TOO_MANY_REQUESTS {
                response.insert_header(("RateLimit-Remaining", "0")).insert_header(("RateLimit-Reset", seconds));
            }
        }
        if self.challenge {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"colloquium\""));
        }
        if !self.allow.is_empty() {
            let names: Vec<&str> = self.allow.iter().map(Method::as_str).collect();
            response.insert_header((header::ALLOW, names.join(", ")));
        }
        let mut response = response.finish();
        // The outermost layer knows the request id and writes the body.
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The one place where an error of a use case becomes a status and a code.
impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        use StatusCode as S;
        let detail = error.to_string();
        let name = error.name();
        match error {
            Error::Invalid(errors) => {
                let detail = match errors.as_slice() {
                    [one] if one.pointer.is_empty() => one.flaw.detail.clone(),
                    [one] => format!("{}: {}", one.pointer, one.flaw.detail),
                    many => format!("{} values cannot be accepted", many.len()),
                };
                Self { errors, ..Self::new(S::UNPROCESSABLE_ENTITY, "validation_failed", detail) }
            }
            Error::NotFound => Self::new(S::NOT_FOUND, "not_found", detail),
            Error::Forbidden(denial) => Self::new(S::FORBIDDEN, denial.code(), detail),
            Error::Conflict(conflict) => Self::new(S::CONFLICT, conflict.code(), detail),
            Error::Gone(gone) => Self::new(S::GONE, gone.code(), detail),
            Error::Stale => Self::new(S::PRECONDITION_FAILED, "version_mismatch", detail),
            Error::Rejected(rejection) => refused(rejection),
            Error::OutcomeUnknown => unavailable(
                "outcome_unknown",
                "the connection to the database was lost at the last step: it was done or it was not; look before you repeat it, or repeat it with an Idempotency-Key",
            ),
            Error::WrongCredentials => Self::unauthorised("wrong_credentials", detail),
            Error::Throttled { retry_after } => {
                let begun = i64::from(retry_after.subsec_nanoseconds() > 0);
                let seconds = retry_after.whole_seconds().saturating_add(begun);
                let detail = format!("too many failed attempts for this address; try again in {seconds} s");
                Self { retry_after: Some(seconds), ..Self::new(S::TOO_MANY_REQUESTS, "too_many_attempts", detail) }
            }
            Error::KeyReused => Self::new(S::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail),
            Error::Source(source) => Self::new(S::UNPROCESSABLE_ENTITY, source.code, source.detail),
            Error::Contention => unavailable("contention", "others were in the way; nothing was changed, try again"),
            Error::Overloaded => unavailable("overloaded", "too many requests wait for this; try again"),
            Error::Mishap(Mishap::Stopping) => unavailable("stopping", &detail),
            Error::Mishap(_) => {
                let detail = format!("{detail}; tell the administrator the request id");
                Self { detail, ..unexpected(name, None) }
            }
            Error::Database(fault, cause) => of_database(fault, name, code_of(&cause)),
        }
    }
}

/// What the database did not do. What an operator can do something about is logged, by the database's own code.
fn of_database(fault: Fault, name: &'static str, sql_code: Option<String>) -> ApiError {
    use StatusCode as S;
    if matches!(fault, Fault::Unavailable | Fault::StorageFull | Fault::StorageReadOnly | Fault::Timeout) {
        error!(cause = name, sql_code, "the database cannot do it");
    }
    match fault {
        Fault::Contention => unavailable("contention", "others were in the way; nothing was changed, try again"),
        Fault::Unavailable => unavailable("database_unavailable", "the database cannot be reached; try again"),
        Fault::StorageFull => unavailable("storage_full", "the server has no room to store this"),
        Fault::StorageReadOnly => unavailable("storage_read_only", "the server cannot write to its storage"),
        Fault::Timeout => ApiError::new(S::GATEWAY_TIMEOUT, "query_timeout", "the database took too long"),
        Fault::Unique => ApiError::new(S::CONFLICT, "already_exists", "something with this value exists already"),
        Fault::ForeignKey => ApiError::not_found(),
        Fault::Value => ApiError::new(S::UNPROCESSABLE_ENTITY, "value_invalid", "a value cannot be stored as it is"),
        Fault::Other => unexpected(name, sql_code),
    }
}

/// What the caller learns of a mistake of ours.
const INTERNAL: &str = "something went wrong here; tell the administrator the request id";

fn unavailable(code: &'static str, detail: &str) -> ApiError {
    ApiError { retry_after: Some(1), ..ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
}

/// Logged once, here, in the request's span; the caller learns nothing but the request id.
fn unexpected(name: &'static str, sql_code: Option<String>) -> ApiError {
    error!(name, sql_code, "unexpected error");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
}

/// A path that cannot name anything.
pub fn of_path(_: PathError, _: &HttpRequest) -> actix_web::Error {
    ApiError::not_found().into()
}

/// A query that cannot be read.
pub fn of_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let detail = match &error {
        QueryPayloadError::Deserialize(cause) => cause.to_string(),
        other => other.to_string(),
    };
    ApiError::query("", &detail).into()
}
