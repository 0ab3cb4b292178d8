//! The title of a conversation that could not be read.

use super::{clean, notes::Notes};

/// Bytes looked at.
const LOOKED: usize = 256 << 10;
/// Letters given.
const LETTERS: usize = 200;

/// The title in the raw bytes of one conversation, complete or not, valid or not, as far as it can be found: the
/// string in the field `title` or `name` of the outermost object.
#[must_use]
pub fn title_hint(raw: &[u8]) -> Option<String> {
    let mut rest = raw.get(..LOOKED).unwrap_or(raw);
    let mut depth = 0_usize;
    let mut field = false;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let (inside, after) = rest.split_at_checked(end_of_string(rest)?)?;
                rest = after.get(1..)?;
                if depth != 1 {
                    continue;
                }
                let after = rest.trim_ascii_start();
                match after.strip_prefix(b":") {
                    Some(value) => {
                        field = matches!(inside, b"title" | b"name") && value.trim_ascii_start().starts_with(b"\"");
                    }
                    None if field => return unescape(inside),
                    None => {}
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the string ends that began before `rest`: at its quotation mark.
fn end_of_string(rest: &[u8]) -> Option<usize> {
    let mut escaped = false;
    rest.iter().position(|byte| {
        let end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        end
    })
}

/// The words of a JSON string without its quotation marks; none if there are none.
fn unescape(inside: &[u8]) -> Option<String> {
    let mut notes = Notes::default();
    let quoted = [b"\"", inside, b"\""].concat();
    let text: String = serde_json::from_slice(&clean::surrogates(&quoted, &mut notes)).ok()?;
    let text: String = clean::text(text, &mut notes).trim().chars().take(LETTERS).collect();
    (!text.is_empty()).then_some(text)
}
