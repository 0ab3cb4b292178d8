//! Cleaning of strings: what a database or a browser cannot hold goes, everything else stays.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::notes::Notes;

/// Is this a control character that no text needs? Tab, line feed and carriage return stay.
fn is_dropped(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Drops control characters.
pub(super) fn text(text: String, notes: &mut Notes) -> String {
    // Below U+0020 a character is one byte, so bytes can be looked at.
    let count = text.bytes().filter(|byte| is_dropped(*byte)).count();
    if count == 0 {
        return text;
    }
    notes.controls += count;
    text.chars().filter(|letter| !u8::try_from(*letter).is_ok_and(is_dropped)).collect()
}

/// Cleans every string in `value`, names of fields too.
///
/// Recursive: `serde_json` has limited the depth before.
pub(super) fn value(value: &mut Value, notes: &mut Notes) {
    match value {
        Value::String(found) => *found = text(std::mem::take(found), notes),
        Value::Array(items) => items.iter_mut().for_each(|item| self::value(item, notes)),
        Value::Object(fields) => map(fields, notes),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Cleans every string in the fields of an object.
pub(super) fn map(fields: &mut Map<String, Value>, notes: &mut Notes) {
    if fields.keys().any(|name| name.bytes().any(is_dropped)) {
        let old = std::mem::take(fields);
        fields.extend(old.into_iter().map(|(name, field)| (text(name, notes), field)));
    }
    fields.values_mut().for_each(|field| value(field, notes));
}

/// Replaces escaped halves of surrogate pairs by the escape of U+FFFD.
///
/// `"\ud83d"` alone is legal JSON, yet no Unicode string can hold it, so `serde_json` refuses the whole document.
/// Works on the raw bytes; `"\\ud83d"` is a backslash followed by letters and stays.
pub(super) fn surrogates<'a>(raw: &'a [u8], notes: &mut Notes) -> Cow<'a, [u8]> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(step) = raw.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += step;
        match unit(raw, at) {
            Some(0xd800..=0xdbff) if matches!(unit(raw, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                let target = mended.get_or_insert_with(|| raw.to_vec());
                if let Some(place) = target.get_mut(at..at + 6) {
                    place.copy_from_slice(b"\\ufffd");
                }
                notes.broken += 1;
                at += 6;
            }
            // Skips the escaped byte too, which may be a backslash itself.
            _ => at += 2,
        }
    }
    mended.map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// The UTF-16 unit of the escape `\uXXXX` that begins at `at`, if one does.
fn unit(raw: &[u8], at: usize) -> Option<u16> {
    let digits = raw.get(at..at.checked_add(6)?)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
