//! A page saved in one file together with its pictures (MHTML), which is written like a letter with enclosures: the page
//! is taken out of it, the rest is left.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{SourceError, detect};

/// Letters within letters.
const DEEPEST: usize = 4;
/// What to do where the page cannot be taken out.
const SAVE: &str = "Open it in a browser, select all, copy and paste it.";
/// The characters 80 to 9F of windows-1252; the others are those of Unicode.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The page in it, in UTF-8.
pub(super) fn page(raw: &[u8]) -> Result<Vec<u8>, SourceError> {
    let found = within(raw.trim_ascii_start(), DEEPEST);
    let detail =
        format!("This is a letter or a page saved as a single file (MHTML), and there is no page in it. {SAVE}");
    let (charset, bytes) = found.ok_or_else(|| detect::refuse("unknown_format", detail))?;
    if std::str::from_utf8(&bytes).is_ok() {
        return Ok(bytes);
    }
    if matches!(charset.as_str(), "windows-1252" | "iso-8859-1" | "iso-8859-15" | "latin1") {
        let letter = |byte: u8| match byte {
            0x80..=0x9f => WINDOWS.chars().nth(usize::from(byte - 0x80)).unwrap_or_default(),
            _ => char::from(byte),
        };
        return Ok(bytes.into_iter().map(letter).collect::<String>().into_bytes());
    }
    let detail = format!("The page saved in this file (MHTML) is not text we can read: it is no UTF-8. {SAVE}");
    Err(detect::refuse("encoding", detail))
}

/// The first page of a letter and the name of its characters.
fn within(letter: &[u8], depth: usize) -> Option<(String, Vec<u8>)> {
    let (fields, body) = fields(letter);
    let field = |name: &str| fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value);
    let kind = field("content-type");
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("text/html") || lower.starts_with("application/xhtml") {
        return Some((
            parameter(kind, "charset").to_ascii_lowercase(),
            decoded(field("content-transfer-encoding"), body),
        ));
    }
    if !lower.starts_with("multipart/") || depth == 0 {
        return None;
    }
    let boundary = format!("--{}", parameter(kind, "boundary"));
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(boundary.as_bytes()) {
            starts.push((at, at + line.len()));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([body.len()]);
    starts.iter().zip(ends).find_map(|((_, start), end)| within(body.get(*start..end)?, depth - 1))
}

/// The fields at the head of a letter, names in lower case, and what follows them.
fn fields(letter: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    for line in letter.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let text = String::from_utf8_lossy(line);
        if text.trim().is_empty() {
            break;
        }
        match (text.strip_prefix([' ', '\t']), text.split_once(':')) {
            // A long field goes on on a line that begins with a space.
            (Some(more), _) => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str(more.trim());
                }
            }
            (None, Some((name, value))) => fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
            (None, None) => {}
        }
    }
    (fields, letter.get(at..).unwrap_or_default())
}

/// A parameter of a field: `boundary="…"`.
fn parameter<'a>(field: &'a str, name: &str) -> &'a str {
    let value = field.split(';').skip(1).find_map(|part| {
        let (found, value) = part.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    });
    value.unwrap_or_default().trim_matches('"')
}

/// The bytes as they were before they were written for a letter.
fn decoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding.to_ascii_lowercase().as_str() {
        "base64" => {
            let packed: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64_STANDARD.decode(packed).unwrap_or_else(|_| body.to_vec())
        }
        "quoted-printable" => quoted(body),
        _ => body.to_vec(),
    }
}

/// Quoted-printable: `=3D` is a byte, `=` at the end of a line joins it with the next.
fn quoted(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        rest = match (byte, digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()), after) {
            (b'=', Some(value), [_, _, after @ ..]) => {
                bytes.push(value);
                after
            }
            (b'=', _, [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => after,
            _ => {
                bytes.push(byte);
                after
            }
        };
    }
    bytes
}
