//! Pages of ChatGPT, Claude, Gemini and AI Studio, copied or saved: turns are found by what the pages write around them,
//! and become Markdown. The first page that fits is taken, and believed only as far as its words are in turns: what is
//! not kept is counted in a note. Of any other HTML the lines are read as pasted text, cut at the labels that the page
//! has for those who cannot see it.

mod dom;
mod heard;
mod markdown;
mod mathml;
mod site;
mod turns;
mod words;

use std::collections::HashSet;

use entity::message::{Part, PartKind, Role};

use super::{
    MOST_MESSAGES, MOST_TEXT, Page, ParsedConversation, ParsedMessage, SourceError, clean, detect, notes::Notes, part,
    text,
};
use dom::Dom;
use markdown::Writer;
use site::{OTHER, SITES, Site};
use turns::{Turn, Turns};
use words::Left;

/// Bytes of a page.
pub(super) const LARGEST: usize = 32 << 20;
/// Why a page without any message is not read.
const EMPTY: &str = "it has no messages";
/// What is said of one word, or of several, for which a message has no place.
const LOST: (&str, &str) = ("word of a message could not be kept", "words of messages could not be kept");
/// Names of elements that HTML may begin with: whoever copies a whole page copies whatever stands first on it.
const NAMES: &str = "a abbr address article aside audio b bdi bdo blockquote body br button canvas center cite code dd \
    del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 \
    h6 head header hgroup hr html i iframe img input ins kbd label legend li link main mark math menu \
    meta meter nav noscript object ol p picture pre progress q s samp section select small span strong \
    style sub summary sup svg table tbody td template textarea tfoot th thead time title tr u ul var \
    video";

/// Is this HTML, copied or saved?
pub(super) fn is_html(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head.get(..2_000).unwrap_or(head)).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // What Windows puts before HTML on the clipboard.
    if text.starts_with("version:") && text.contains("starthtml:") {
        return true;
    }
    let Some(rest) = text.strip_prefix('<') else { return false };
    if rest.starts_with("!doctype html") || rest.starts_with("!--") {
        return true;
    }
    let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().unwrap_or_default();
    let closed = rest.get(name.len()..).is_some_and(|after| after.starts_with(['>', '/', ' ', '\n', '\r', '\t']));
    // Pages made of components begin with elements of their own names, which have a hyphen.
    let known = NAMES.split(' ').any(|known| known == name) || name.trim_matches('-').contains('-');
    known && closed
}

/// Reads a page: which one it is, and its conversation.
pub(super) fn parse(raw: &[u8]) -> Result<(Page, Result<ParsedConversation, String>), SourceError> {
    let html = String::from_utf8_lossy(raw);
    // Everything of that file is in conversations.json too, in a form that is made to be read.
    if html.contains("var jsonData = [") {
        let detail = "this is chat.html of a ChatGPT export. Send the ZIP or conversations.json of the same export.";
        return Err(detect::refuse("account_file", detail));
    }
    if html.contains("outer-cell mdl-cell") && html.contains("content-cell mdl-cell") {
        let detail = "This is MyActivity.html of Google Takeout, which says neither who speaks nor what belongs together. \
            Open the conversation in Gemini, select all, copy and paste it.";
        return Err(detect::refuse("unknown_format", detail));
    }
    let fragment = fragment(&html);
    let mut dom = Dom::of(fragment);
    for site in &SITES {
        let turns = Turns::of(&dom, site);
        if !turns.are_believed(site) {
            continue;
        }
        let read = conversation(&dom, site, turns);
        // Where all messages are empty, what stands outside of them is the text.
        if read.as_ref().err().is_none_or(|why| why != EMPTY) {
            return Ok((site.page, read));
        }
    }
    let title = title(&dom);
    let read = match heard::said(&mut dom, fragment) {
        Some(said) => text::conversation(said, Notes::default()).map(|mut read| {
            let parts: Vec<Part> = read.messages.iter().flat_map(|message| message.parts.clone()).collect();
            read.notes.extend(lost(&dom, &parts));
            read
        }),
        None => words(&dom),
    };
    Ok((Page::Other, read.map(|read| ParsedConversation { title: read.title.clone().or(title), ..read })))
}

/// The raw form that is kept: without scripts, in which saved pages have the account, and without styles.
pub(super) fn kept(raw: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(raw.len());
    let mut until: Option<&[u8]> = None;
    // Cut at each `<`, so every piece but the first begins with one.
    let starts = raw.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(at, _)| at);
    let mut begin = 0;
    for end in starts.chain([raw.len()]) {
        let piece = raw.get(begin..end).unwrap_or_default();
        begin = end;
        let is = |tag: &[u8]| piece.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        match until {
            // What follows the end tag up to the next `<` stays.
            Some(tag) if is(tag) => {
                until = None;
                kept.extend(piece.iter().skip_while(|byte| **byte != b'>').skip(1));
            }
            Some(_) => {}
            None if is(b"<script") => until = Some(b"</script"),
            None if is(b"<style") => until = Some(b"</style"),
            None => kept.extend_from_slice(piece),
        }
    }
    kept
}

/// What is between the marks that browsers put around what was copied; all of it if there are none.
fn fragment(html: &str) -> &str {
    let begin = html.find("<!--StartFragment").unwrap_or(0);
    let begin = if begin == 0 { html.find('<').unwrap_or(0) } else { begin };
    let end = html.rfind("<!--EndFragment").filter(|end| *end > begin).unwrap_or(html.len());
    html.get(begin..end).unwrap_or(html)
}

/// The conversation of a page, and what is to be said of the rest of it.
fn conversation(dom: &Dom, site: &Site, turns: Turns) -> Result<ParsedConversation, String> {
    let (mut notes, mut ids, mut left) = (Notes::default(), HashSet::new(), Left::default());
    let mut messages: Vec<ParsedMessage> = Vec::new();
    let (turns, said) = turns.sorted(dom, site);
    for turn in &turns {
        let mut parts = turns::parts(dom, site, turn);
        words::unsaid(dom, site, &turn.nodes, &parts, &mut left);
        for part in &mut parts {
            part.text = part.text.take().map(|text| clean::text(text, &mut notes));
            part.name = part.name.take().map(|name| clean::text(name, &mut notes));
        }
        if parts.is_empty() {
            notes.empty += 1;
            continue;
        }
        let length: usize = parts.iter().filter_map(|part| part.text.as_deref()).map(str::len).sum();
        if length > MOST_TEXT {
            return Err(format!("a message has more than {} MiB of text", MOST_TEXT >> 20));
        }
        messages.push(ParsedMessage {
            source_id: source_id(dom, turn).filter(|id| ids.insert(id.clone())),
            parent: messages.len().checked_sub(1),
            role: turn.role,
            model: attribute(dom, turn, "data-message-model-slug").filter(|_| turn.role == Role::Assistant),
            created_at: None,
            hidden: false,
            on_path: true,
            parts,
        });
    }
    if messages.len() > MOST_MESSAGES {
        return Err(format!("it has more than {MOST_MESSAGES} messages"));
    }
    let Some(leaf) = messages.len().checked_sub(1) else { return Err(EMPTY.to_owned()) };
    let model = messages.iter().rev().find_map(|message| message.model.clone());
    let mut words: Vec<String> = site.note.map(str::to_owned).into_iter().collect();
    words.extend(said);
    words.extend(left.note(LOST.0, LOST.1));
    words.extend(notes.into_words());
    let title = title(dom);
    Ok(ParsedConversation {
        source_id: None,
        title,
        model,
        started_at: None,
        updated_at: None,
        messages,
        leaf: Some(leaf),
        notes: words,
        marks: None,
    })
}

/// What is to be said of words of a page that is not known, and that none of the parts has.
fn lost(dom: &Dom, parts: &[Part]) -> Option<String> {
    let mut left = Left::default();
    words::unsaid(dom, &OTHER, &[0], parts, &mut left);
    left.note(LOST.0, LOST.1)
}

/// An attribute of the first element of a message, if there is one.
fn attribute(dom: &Dom, turn: &Turn, name: &str) -> Option<String> {
    let value = turn.nodes.first().map_or("", |node| dom.attribute(*node, name));
    let value = clean::text(value.to_owned(), &mut Notes::default());
    (!value.is_empty()).then_some(value)
}

/// The id that the page gives a message: since September 2026 ChatGPT lists those of all that is in a unit.
fn source_id(dom: &Dom, turn: &Turn) -> Option<String> {
    attribute(dom, turn, "data-message-id").or_else(|| {
        let ids = attribute(dom, turn, "data-chatgpt-search-message-ids")?;
        ids.split([' ', ',']).find(|id| !id.is_empty()).map(str::to_owned)
    })
}

/// What a saved page calls the conversation; nothing if it only says whose page it is.
fn title(dom: &Dom) -> Option<String> {
    let words = dom.words(dom.find(0, |id| dom.name(id) == "title")?);
    let mut title = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in ["ChatGPT", "Claude", "Gemini", "Google Gemini", "Google AI Studio"] {
        for sign in [" - ", " | ", " \\ "] {
            let cut =
                title.strip_suffix(&format!("{sign}{name}")).or_else(|| title.strip_prefix(&format!("{name}{sign}")));
            title = cut.unwrap_or(&title).to_owned();
        }
        if title == name {
            return None;
        }
    }
    let title = clean::text(title, &mut Notes::default());
    (!title.is_empty()).then_some(title)
}

/// Reads HTML of no page that is known as lines of text.
fn words(dom: &Dom) -> Result<ParsedConversation, String> {
    let lines = Writer::new(dom, &OTHER, true).text(0);
    if lines.len() > MOST_TEXT {
        return Err(format!("it has more than {} MiB of text", MOST_TEXT >> 20));
    }
    let mut parsed = text::split(&lines)?;
    parsed.notes.extend(part::words(PartKind::Text, lines).and_then(|part| lost(dom, &[part])));
    if parsed.messages.iter().any(|message| message.role == Role::Unknown) {
        parsed.notes.insert(0, "this page is none that is known here: say who speaks".to_owned());
    }
    Ok(parsed)
}
