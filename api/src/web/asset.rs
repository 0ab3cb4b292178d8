//! Stylesheet, scripts and pictures, built into the program. Their address holds a hash of all of them, so that browsers
//! keep them for good and scripts can import each other by relative names.

use actix_web::{HttpResponse, http::header, web::Path};

use crate::error::ApiError;

macro_rules! files {
    ($($name:literal: $kind:literal;)*) => {
        const FILES: &[(&str, &str, &[u8])] =
            &[$(($name, $kind, include_bytes!(concat!("../../static/", $name)))),*];
    };
}

files! {
    "anchor.js": "text/javascript; charset=utf-8";
    "app.css": "text/css; charset=utf-8";
    "app.js": "text/javascript; charset=utf-8";
    "find.js": "text/javascript; charset=utf-8";
    "highlight.css": "text/css; charset=utf-8";
    "import.css": "text/css; charset=utf-8";
    "import.js": "text/javascript; charset=utf-8";
    "import-archive.js": "text/javascript; charset=utf-8";
    "import-cut.js": "text/javascript; charset=utf-8";
    "import-picks.js": "text/javascript; charset=utf-8";
    "import-turns.js": "text/javascript; charset=utf-8";
    "import-worker.js": "text/javascript; charset=utf-8";
    "icon.svg": "image/svg+xml";
    "live.js": "text/javascript; charset=utf-8";
    "live-lead.js": "text/javascript; charset=utf-8";
    "live-morph.js": "text/javascript; charset=utf-8";
    "live-page.js": "text/javascript; charset=utf-8";
    "live-stream.js": "text/javascript; charset=utf-8";
    "login.js": "text/javascript; charset=utf-8";
    "marks.css": "text/css; charset=utf-8";
    "marks.js": "text/javascript; charset=utf-8";
    "marks-card.js": "text/javascript; charset=utf-8";
    "marks-drafts.js": "text/javascript; charset=utf-8";
    "marks-flag.js": "text/javascript; charset=utf-8";
    "marks-form.js": "text/javascript; charset=utf-8";
    "marks-keys.js": "text/javascript; charset=utf-8";
    "marks-live.js": "text/javascript; charset=utf-8";
    "marks-margin.js": "text/javascript; charset=utf-8";
    "marks-names.js": "text/javascript; charset=utf-8";
    "marks-paint.js": "text/javascript; charset=utf-8";
    "marks-print.js": "text/javascript; charset=utf-8";
    "marks-store.js": "text/javascript; charset=utf-8";
    "marks-thread.js": "text/javascript; charset=utf-8";
    "marks-veil.js": "text/javascript; charset=utf-8";
    "marks-writer.js": "text/javascript; charset=utf-8";
    "piece.js": "text/javascript; charset=utf-8";
    "press.js": "text/javascript; charset=utf-8";
    "projector.css": "text/css; charset=utf-8";
    "projector.js": "text/javascript; charset=utf-8";
    "reading.css": "text/css; charset=utf-8";
    "reading.js": "text/javascript; charset=utf-8";
    "several.js": "text/javascript; charset=utf-8";
    "unsaved.js": "text/javascript; charset=utf-8";
    "marks-usual.js": "text/javascript; charset=utf-8";
    "waiting.js": "text/javascript; charset=utf-8";
    "server.js": "text/javascript; charset=utf-8";
}

/// Changes whenever a file does.
const VERSION: u64 = hash(FILES);

/// FNV-1a over names and contents: nobody attacks it, files of one program only have to differ from the next one's.
const fn hash(mut files: &[(&str, &str, &[u8])]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    while let [(name, _, bytes), rest @ ..] = files {
        hash = fold(fold(hash, name.as_bytes()), bytes);
        files = rest;
    }
    hash
}

#[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
const fn fold(mut hash: u64, mut bytes: &[u8]) -> u64 {
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}

/// Where a file is served.
#[must_use]
pub fn path(name: &str) -> String {
    format!("/assets/{VERSION:016x}/{name}")
}

/// Serves a file.
pub async fn show(path: Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (version, name) = path.into_inner();
    let (_, kind, bytes) = FILES.iter().find(|(known, ..)| *known == name).ok_or_else(ApiError::not_found)?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(*kind);
    // A page of another version, still open, gets what there is now, but must not keep it under that name.
    if version == format!("{VERSION:016x}") {
        answer.insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    }
    Ok(answer.body(*bytes))
}
