//! A person's own words, shown as they were typed: every sign, space and line end. Only a closed fence makes a block of
//! code, and addresses can be followed.

use std::ops::Range;

use super::{
    code::{self, Stretch},
    leaf::{Bidi, Leaf},
    link, math,
    source::Source,
};

/// Renders words as they were typed.
pub(super) fn render(source: &Source<'_>) -> String {
    let mut html = String::new();
    let mut from = 0;
    for fenced in fences(source.text) {
        words(source, from..fenced.bytes.start, &mut html);
        let stretch = |bytes: Range<usize>| Stretch { text: source.at(bytes.clone()).to_owned(), bytes, same: true };
        let inner: Vec<Stretch> = runs(source, fenced.inner).into_iter().map(stretch).collect();
        html.push_str(&code::block(source, &fenced.language, &inner));
        from = fenced.bytes.end;
    }
    words(source, from..source.text.len(), &mut html);
    html
}

/// Writes the words between two fences; empty lines at either end are none of them.
fn words(source: &Source<'_>, bytes: Range<usize>, html: &mut String) {
    let text = source.at(bytes.clone());
    let end = bytes.start + text.trim_end().len();
    let spaces = text.len() - text.trim_start().len();
    let first = text.get(..spaces).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let start = bytes.start + first;
    if start >= end {
        return;
    }
    let mut leaf = Leaf::new(Bidi::Prose);
    for run in runs(source, start..end) {
        link::linked(&mut leaf, source, run);
    }
    let (map, words) = leaf.finish();
    html.push_str(&format!("<div class=\"typed\" dir=\"auto\"{map}>{words}</div>"));
}

/// The text without the first half of line ends that are two characters, which would show as two.
fn runs(source: &Source<'_>, bytes: Range<usize>) -> Vec<Range<usize>> {
    let ends = source.at(bytes.clone()).match_indices("\r\n");
    let mut runs = Vec::new();
    let mut from = bytes.start;
    for (at, _) in ends {
        runs.push(from..bytes.start + at);
        from = bytes.start + at + 1;
    }
    runs.push(from..bytes.end);
    runs
}

/// A block of code between fences.
struct Fenced {
    /// With its fences.
    bytes: Range<usize>,
    /// The code, without the end of its last line.
    inner: Range<usize>,
    language: String,
}

/// The fenced blocks of a text. A fence that is not closed is text.
fn fences(text: &str) -> Vec<Fenced> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    // What was opened first and never closed must not hide what follows it, nor be looked through again and again.
    let mut closers = closers(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let Some((mark, run)) = fence(line) else { continue };
        match &open {
            Some(begun) if begun.closes(line, mark, run) => {
                let inner = begun.inner..begun.inner.max(start.saturating_sub(1));
                let language = code::language(&begun.language);
                found.push(Fenced { bytes: begun.start..end, inner, language });
                open = None;
            }
            Some(_) => {}
            None => {
                closers.retain(|closer| closer.at > start);
                if closers.iter().any(|closer| closer.mark == mark && closer.run >= run) {
                    let language = line.trim().trim_start_matches(mark).trim().to_owned();
                    open = Some(Open { start, inner: end, mark, run, language });
                }
            }
        }
    }
    found
}

/// A fence that waits for its end.
struct Open {
    start: usize,
    inner: usize,
    mark: char,
    run: usize,
    language: String,
}

impl Open {
    fn closes(&self, line: &str, mark: char, run: usize) -> bool {
        mark == self.mark && run >= self.run && line.trim().chars().all(|c| c == mark)
    }
}

/// The last line that can close a fence of each length that matters.
struct Closer {
    at: usize,
    mark: char,
    run: usize,
}

/// For each mark, the lines that close a fence and that no later line of as many marks outdoes: few, since each is
/// longer than all that follow it.
fn closers(text: &str) -> Vec<Closer> {
    let mut kept: Vec<Closer> = Vec::new();
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev() {
        at -= line.len();
        let Some((mark, run)) = fence(line).filter(|(mark, _)| line.trim().chars().all(|c| c == *mark)) else {
            continue;
        };
        if kept.iter().all(|closer| closer.mark != mark || closer.run < run) {
            kept.push(Closer { at, mark, run });
        }
    }
    kept
}

/// The mark and the length of the fence that a line is, indented by no more than three spaces.
fn fence(line: &str) -> Option<(char, usize)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    math::fence_of(line).filter(|(mark, _)| indent <= 3 && line.trim_start_matches(' ').starts_with(*mark))
}

#[cfg(test)]
mod tests {
    use super::{Source, render};

    #[test]
    fn only_a_closed_fence_is_code() {
        for (typed, html) in [
            (
                "# a\n\n    b **c** _d_\n1986. e",
                "<div class=\"typed\" dir=\"auto\" data-s=\"0\"># a\n\n    b **c** _d_\n1986. e</div>",
            ),
            ("```\nnever closed", "<div class=\"typed\" dir=\"auto\" data-s=\"0\">```\nnever closed</div>"),
            ("a\r\nb", "<div class=\"typed\" dir=\"auto\" data-s=\"0 1:2\">a\nb</div>"),
            ("\n\n  x\n \n", "<div class=\"typed\" dir=\"auto\" data-s=\"2\">  x</div>"),
            (" \n", ""),
        ] {
            assert_eq!(render(&Source::new(typed)), html, "{typed:?}");
        }
        let html = render(&Source::new("look:\n\n```py\ndef f():\n    pass\n```\n\n  thanks\n~~~~\n~~~\n"));
        let pieces: Vec<&str> = html.split("<div class=\"typed\" dir=\"auto\"").collect();
        assert_eq!(pieces.len(), 3, "{html}");
        assert!(pieces[1].starts_with(" data-s=\"0\">look:</div><div class=\"code\""), "{html}");
        assert_eq!(pieces[2], " data-s=\"36\">  thanks\n~~~~\n~~~</div>");
    }

    #[test]
    fn long_rows_of_fences_take_linear_time() {
        let begun = std::time::Instant::now();
        for text in
            ["```\n".repeat(100_000), "~~~~x\n".repeat(60_000), format!("{}~~~", "````\n~~~~x\n".repeat(30_000))]
        {
            assert!(!render(&Source::new(&text)).is_empty());
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
