//! What stands inside a line of Markdown.

use std::ops::Range;

/// Whether HTML in the source is nothing but a line break, the one thing that Markdown has no other word for in a table.
pub(super) fn is_break(html: &str) -> bool {
    let inner = html.trim().strip_prefix('<').and_then(|html| html.strip_suffix('>'));
    inner.is_some_and(|inner| inner.trim_end_matches('/').trim_end().eq_ignore_ascii_case("br"))
}

/// Where the text of code between backticks stands in the source: runs of bytes in order. `seen` is the code with its
/// marks, from byte `start` on; `text` is what the parser made of it, which left out what a quote or a table puts between.
pub(super) fn code(seen: &str, text: &str, start: usize) -> Vec<Range<usize>> {
    let marks = seen.bytes().take_while(|byte| *byte == b'`').count();
    let inner = seen.get(marks..seen.len().saturating_sub(marks)).unwrap_or_default();
    let mut from_end = inner.char_indices().rev();
    let mut runs: Vec<Range<usize>> = Vec::new();
    // From the end, because what is left out stands before each line.
    for wanted in text.chars().rev() {
        let is_same = |found: char| found == wanted || wanted == ' ' && matches!(found, '\n' | '\r');
        let Some((at, found)) = from_end.by_ref().find(|(_, found)| is_same(*found)) else { break };
        let bytes = start + marks + at..start + marks + at + found.len_utf8();
        match runs.last_mut() {
            Some(last) if last.start == bytes.end => last.start = bytes.start,
            _ => runs.push(bytes),
        }
    }
    runs.reverse();
    runs
}
