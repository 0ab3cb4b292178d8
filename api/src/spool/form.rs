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
use service::transcript::{Piece, is_foreign};
use sha2::Digest;

use super::{Paced, Slice, Spool, Spooled};
use crate::{error::ApiError, extract::incomplete};

/// Parts of one form.
const MOST_PARTS: usize = 10_000;
/// Bytes of a field that is neither file nor pasted.
const LONGEST_FIELD: usize = 64 << 10;
/// Bytes of a file that say whether it can be read at all. Of others no more is kept: a folder has many pictures.
const HEAD: usize = 4 << 10;

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
    let why = |error: MultipartError| stopped.borrow_mut().take().unwrap_or_else(|| malformed(&error));
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
        let mut value = Vec::new();
        if pasted {
            keep(&mut field, &mut spool, why).await?;
        } else {
            while let Some(piece) = field.next().await {
                let piece = piece.map_err(why)?;
                if value.len() + piece.len() > LONGEST_FIELD {
                    return Err(super::too_large(LONGEST_FIELD));
                }
                value.extend_from_slice(&piece);
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

/// Keeps a file; of one that cannot be read no more than its first bytes, which say so.
async fn keep(
    field: &mut Field,
    spool: &mut Spool<'_>,
    why: impl Fn(MultipartError) -> ApiError,
) -> Result<(), ApiError> {
    let (mut head, mut foreign) = (Vec::new(), None);
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(&why)?;
        match foreign {
            Some(true) => spool.hash.update(&piece),
            Some(false) => spool.append(&piece).await?,
            None => {
                head.extend_from_slice(&piece);
                if head.len() >= HEAD {
                    let unread = is_foreign(&head);
                    let rest = head.split_off(if unread { HEAD } else { head.len() });
                    foreign = Some(unread);
                    spool.append(&head).await?;
                    spool.hash.update(&rest);
                }
            }
        }
    }
    if foreign.is_none() { spool.append(&head).await } else { Ok(()) }
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

fn malformed(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => incomplete(),
        error => {
            let detail = format!("the form cannot be read: {error}. Send it as `curl -F file=@export.zip` does");
            ApiError::new(StatusCode::BAD_REQUEST, "form_malformed", detail)
        }
    }
}
