//! Forms (`multipart/form-data`): each file and each pasted text is a piece of what is imported.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, Mutex},
};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    error::PayloadError,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    },
    web::Bytes,
};
use futures_util::{Stream, StreamExt, stream};
use service::transcript::Piece;
use sha2::Digest;

use super::{Paced, Slice, Spool, Spooled};
use crate::{error::ApiError, extract::incomplete};

/// Parts of one form.
const MOST_PARTS: usize = 10_000;
/// Bytes of a field that is neither file nor pasted.
const LONGEST_FIELD: usize = 64 << 10;
/// Endings of names of files that may hold conversations. Others are not kept: a folder has many pictures.
const ENDINGS: [&str; 7] = ["json", "zip", "txt", "md", "html", "htm", "text"];

/// A part of a form that was received.
struct Part {
    field: String,
    file: Option<String>,
    start: u64,
    length: u64,
}

/// Is the body a form? One that does not say its boundary may be a file all the same.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.trim_start().to_ascii_lowercase();
    kind.starts_with("multipart/form-data") && kind.contains("boundary=")
}

/// Receives a form.
pub(super) async fn receive(headers: &HeaderMap, body: Paced, mut spool: Spool<'_>) -> Result<Spooled, ApiError> {
    let stopped = Rc::new(RefCell::new(None));
    let mut form = Multipart::new(headers, pieces(body, Rc::clone(&stopped)));
    let why = |error| stopped.borrow_mut().take().unwrap_or_else(|| malformed(&error));
    let (mut parts, mut fields) = (Vec::new(), Vec::new());
    while let Some(field) = form.next().await {
        let mut field = field.map_err(why)?;
        if parts.len() + fields.len() == MOST_PARTS {
            let detail = format!("a form has at most {MOST_PARTS} parts; send the ZIP instead");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
        }
        let (name, file) = names(&field);
        spool.hash.update([name.as_bytes(), b"\0", file.as_deref().unwrap_or_default().as_bytes(), b"\0"].concat());
        let start = spool.bytes;
        let pasted = file.is_some() || matches!(name.as_str(), "text" | "html" | "file");
        // The first is looked at whatever its name says, so that somebody who sends one wrong file learns what it is.
        let wanted = parts.is_empty() || file.as_deref().is_none_or(may_hold_conversations);
        let mut value = Vec::new();
        while let Some(piece) = field.next().await {
            let piece = piece.map_err(why)?;
            match (pasted, wanted) {
                (true, true) => spool.append(&piece).await?,
                (true, false) => spool.hash.update(&piece),
                (false, _) if value.len() + piece.len() > LONGEST_FIELD => {
                    return Err(super::too_large(LONGEST_FIELD));
                }
                (false, _) => value.extend_from_slice(&piece),
            }
        }
        let length = spool.bytes - start;
        spool.hash.update(length.to_le_bytes());
        if pasted {
            parts.push(Part { field: name, file, start, length });
        } else {
            spool.hash.update(&value);
            fields.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
    }
    let (bytes, hash) = (spool.bytes, spool.hash.clone().finalize().into());
    let (source, taken) = spool.end().await?;
    let whole = Arc::new(Mutex::new(source));
    let piece = |part: Part| Piece { name: part.file, source: Slice::new(&whole, part.start, part.length) };
    let pieces = chosen(parts).map(piece).collect();
    Ok(Spooled { pieces, fields, bytes, hash, taken })
}

/// The parts that hold something: a browser sends empty ones for what was left empty, and pasted text both as HTML and
/// as plain text.
fn chosen(parts: Vec<Part>) -> impl Iterator<Item = Part> {
    let html = parts.iter().any(|part| part.file.is_none() && part.field == "html" && part.length > 0);
    parts.into_iter().filter(move |part| match &part.file {
        Some(name) => !name.is_empty(),
        None => part.length > 0 && !(html && part.field == "text"),
    })
}

/// The bytes of the body; what stops them is put down in `stopped`, because the form's errors have no room for it.
fn pieces(
    body: Paced,
    stopped: Rc<RefCell<Option<ApiError>>>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + 'static {
    // Fused: the form asks once more after the end.
    Box::pin(stream::unfold((body, stopped), |(mut body, stopped)| async move {
        let piece = match body.next().await? {
            Ok(piece) => Ok(piece),
            Err(error) => {
                *stopped.borrow_mut() = Some(error);
                Err(PayloadError::Incomplete(None))
            }
        };
        Some((piece, (body, stopped)))
    }))
    .fuse()
}

/// The names of a part: of its field, and of its file.
fn names(field: &Field) -> (String, Option<String>) {
    let file = field.content_disposition().and_then(|found| found.get_filename()).map(str::to_owned);
    (field.name().unwrap_or_default().to_owned(), file)
}

/// Whether a file may hold conversations, by the ending of its name; one without any may.
fn may_hold_conversations(name: &str) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let ending = base.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_none_or(|ending| ENDINGS.contains(&ending.as_str()))
}

fn malformed(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => incomplete(),
        error => {
            let detail = format!("the form cannot be read: {error}. Send it as `curl -F file=@export.zip` does");
            ApiError::new(StatusCode::BAD_REQUEST, "form_malformed", detail)
        }
    }
}
