//! Links and pictures: which addresses may be followed, and what is shown of the others.

use std::ops::Range;

use super::{
    leaf::{Leaf, escape},
    source::Source,
};

/// The longest address of a link, in bytes.
const LONGEST: usize = 2_000;

/// How much of an address is shown, in characters.
const SHOWN: usize = 200;

/// Whether a reader may be sent to this address.
pub(super) fn is_allowed(url: &str) -> bool {
    let starts = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let is_plain = !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let has_more = url.len() > "https://".len();
    is_plain && has_more && url.len() <= LONGEST && ["http://", "https://", "mailto:"].into_iter().any(starts)
}

/// The start tag of a link to an allowed address.
pub(super) fn start(url: &str) -> String {
    let mut href = String::new();
    escape(url, &mut href);
    format!("<a dir=\"auto\" href=\"{href}\">")
}

/// What is shown behind the words of a link that may not be followed, as HTML.
pub(super) fn refused(url: &str) -> String {
    let mut html = String::from(" (");
    escape(&cut(url), &mut html);
    html.push(')');
    html
}

/// What is shown in place of a picture, as HTML: nothing is fetched for a reader unasked.
pub(super) fn picture(words: &str, url: &str) -> String {
    let host = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let host = host.map(|host| host.rsplit('@').next().unwrap_or(host)).filter(|host| !host.is_empty());
    let mut html = String::from("Image not loaded");
    let words = words.trim();
    if !words.is_empty() {
        html.push_str(": ");
        escape(&cut(words), &mut html);
    }
    if let Some(host) = host {
        html.push_str(" (");
        escape(&cut(host), &mut html);
        html.push(')');
    }
    html
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

/// Writes text as it stands, with the addresses in it as links.
pub(super) fn linked(leaf: &mut Leaf, source: &Source<'_>, bytes: Range<usize>) {
    let mut from = bytes.start;
    for found in addresses(source.at(bytes.clone())) {
        let found = bytes.start + found.start..bytes.start + found.end;
        leaf.text(source, from..found.start);
        leaf.tag(&start(source.at(found.clone())));
        leaf.text(source, found.clone());
        leaf.tag("</a>");
        from = found.end;
    }
    leaf.text(source, from..bytes.end);
}

/// Addresses that stand in a text without marks.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")).map(|at| from + at) {
        from = at + 3;
        let before = text.get(..at).unwrap_or_default();
        let Some(start) = ["https", "http"].iter().find(|scheme| before.ends_with(**scheme)).map(|s| at - s.len())
        else {
            continue;
        };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if before.get(..start).and_then(|text| text.chars().next_back()).is_some_and(is_word) {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c));
        let all = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if all.len() > LONGEST {
            from = start + all.len();
            continue;
        }
        let address = without_tail(all);
        if is_allowed(address) && found.last().is_none_or(|last: &Range<usize>| last.end <= start) {
            found.push(start..start + address.len());
            from = start + address.len();
        }
    }
    found
}

/// Punctuation at the end belongs to the sentence, and so does a bracket that was not opened inside.
fn without_tail(mut address: &str) -> &str {
    let count = |wanted: char| address.chars().filter(|c| *c == wanted).count();
    // More closed than opened; counted once, or a line of brackets would be counted for each of them.
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    while let Some(last) = address.chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '。' | '，' | '”' | '’' => {}
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            _ => break,
        }
        address = address.strip_suffix(last).unwrap_or_default();
    }
    address
}
