//! How bodies and conditions of requests are read, with one kind of error.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};
use futures_util::StreamExt;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_path_to_error::Segment;
use service::{Error, FieldError, Fields, Flaw};
use sha2::{Digest, Sha256};

use crate::{error::ApiError, state::State};

/// The body of an ordinary request, in bytes.
const ORDINARY: usize = 256 << 10;
/// The body of a request that carries messages, in bytes.
pub const WITH_MESSAGES: usize = 16 << 20;

/// Values in a JSON body, objects counted as twelve: a hundred for each of the most messages that can be sent. `data` of a
/// part may be any tree, and that of 16 MiB of empty objects takes a hundred times as much.
const MOST_VALUES: usize = 2_000_000;

/// A JSON body of at most `LIMIT` bytes.
pub struct Json<T, const LIMIT: usize = ORDINARY> {
    /// What it says.
    pub value: T,
    /// SHA-256 of method, path, query and body: what makes it the same request again.
    pub fingerprint: [u8; 32],
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            is_json(&request)?;
            fits(&request, LIMIT)?;
            let body = in_time(&request, collect(&mut payload, LIMIT)).await?;
            let value = parse(&body)?;
            Ok(Self { value, fingerprint: fingerprint(&request, &Sha256::digest(&body).into()) })
        })
    }
}

/// Refuses a body that says itself that it is too large, before any of it comes.
///
/// # Errors
/// 413.
pub fn fits(request: &HttpRequest, limit: usize) -> Result<(), ApiError> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

async fn collect(payload: &mut Payload, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| incomplete())?;
        if body.len() + piece.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The body of an ordinary request, whatever it is, within the time it may take.
///
/// # Errors
/// For a body that is too large, too slow, or ends early.
pub async fn ordinary(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<u8>, ApiError> {
    in_time(request, collect(payload, ORDINARY)).await
}

/// actix waits for ever for a body that does not come: each such client would keep a connection and its memory.
async fn in_time<T, E: From<ApiError>>(
    request: &HttpRequest,
    body: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let limits = request.app_data::<Data<State>>().map(|state| state.limits).unwrap_or_default();
    tokio::time::timeout(limits.body, body).await.unwrap_or_else(|_| Err(too_slow().into()))
}

/// The body takes longer than it may.
#[must_use]
pub fn too_slow() -> ApiError {
    let detail = "the body came in too slowly; send it again over a better connection";
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
}

/// What makes a request with a body of this hash the same request again.
#[must_use]
pub fn fingerprint(request: &HttpRequest, body: &[u8; 32]) -> [u8; 32] {
    let line = format!("{} {}\n", request.method(), request.uri());
    Sha256::digest([line.as_bytes(), body].concat()).into()
}

/// The connection ended before the body did.
#[must_use]
pub fn incomplete() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "body_incomplete", "the body ended early; send it again")
}

/// The body is larger than the route takes.
#[must_use]
pub fn too_large(limit: usize) -> ApiError {
    let detail = if limit >= 1 << 20 {
        format!("this route takes at most {} MiB", limit >> 20)
    } else {
        format!("this route takes at most {} KiB", limit >> 10)
    };
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

/// Form types and plain text are refused: a page of another site can send those without asking.
fn is_json(request: &HttpRequest) -> Result<(), ApiError> {
    let found = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let found = if essence.is_empty() { "none" } else { essence.as_str() };
    let detail = format!("expected `Content-Type: application/json`, found {found}");
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", detail))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if service::transcript::values(body) > MOST_VALUES {
        let detail = format!("at most {MOST_VALUES} values, an object counted as twelve");
        return Err(Error::invalid("", Flaw::new("out_of_range", detail)).into());
    }
    // Without this a list of the right length would pass for an object.
    let other = body.trim_ascii_start().first() != Some(&b'{');
    if other && serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        let flaw = Flaw::new("wrong_type", "expected a JSON object");
        return Err(Error::invalid("", flaw).into());
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        unreadable(&error.into_inner(), pointer)
    })?;
    json.end().map_err(|error| unreadable(&error, String::new()))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error, pointer: String) -> ApiError {
    let text = error.to_string();
    // The parser says the second of an unpaired first half, and of nothing else.
    if text.starts_with("lone leading surrogate") || text.starts_with("unexpected end of hex escape") {
        let detail =
            format!("holds half of a UTF-16 surrogate pair, at line {} column {}", error.line(), error.column());
        return Error::invalid(pointer, Flaw::new("lone_surrogate", detail)).into();
    }
    if !error.is_data() {
        let detail = if error.is_eof() && error.line() <= 1 && error.column() == 0 {
            "expected a JSON body, found none".to_owned()
        } else {
            format!("the body is not valid JSON: {text}")
        };
        return ApiError::new(StatusCode::BAD_REQUEST, "json_malformed", detail);
    }
    let code = match text.split('`').next().unwrap_or_default().trim() {
        "unknown field" => "unknown_field",
        "missing field" => "required",
        "duplicate field" => "duplicate_field",
        "unknown variant" => "unknown_value",
        _ => "wrong_type",
    };
    let detail = text.split(" at line ").next().unwrap_or_default().to_owned();
    Error::Invalid(vec![FieldError { pointer, flaw: Flaw::new(code, detail) }]).into()
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// The version in `If-Match`, if there is one; `*` fits every version.
pub struct IfMatch(pub Option<i32>);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(version(request).map(Self))
    }
}

fn version(request: &HttpRequest) -> Result<Option<i32>, ApiError> {
    let Some(value) = request.headers().get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    // A proxy that compresses makes an ETag weak; the version in it is the same.
    let text = text.strip_prefix("W/").unwrap_or(text);
    let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    let invalid = || {
        let detail = "expected one ETag as this server gave it, such as \"3\"";
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "if_match_invalid", detail)
    };
    number.map(Some).ok_or_else(invalid)
}

/// A member of a merge patch (RFC 7396): not there, `null`, or a value.
#[derive(Clone, Debug, Default)]
pub enum Patch<T> {
    /// Not there: stays as it is.
    #[default]
    Absent,
    /// `null`: taken away.
    Null,
    /// A value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T> Patch<T> {
    /// For what may be taken away: the parsed change, or its flaw noted.
    pub fn optional<U>(
        self,
        fields: &mut Fields,
        pointer: &str,
        parse: impl FnOnce(T) -> Result<U, Flaw>,
    ) -> Option<Option<U>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => fields.take(pointer, parse(value)).map(Some),
        }
    }

    /// For what must stay: the parsed change, or its flaw noted.
    pub fn required<U>(
        self,
        fields: &mut Fields,
        pointer: &str,
        parse: impl FnOnce(T) -> Result<U, Flaw>,
    ) -> Option<U> {
        match self {
            Self::Absent => None,
            Self::Null => {
                fields.note(pointer, Flaw::new("required", "cannot be taken away"));
                None
            }
            Self::Value(value) => fields.take(pointer, parse(value)),
        }
    }
}
