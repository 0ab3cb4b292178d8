//! Files that are no text, known by their first bytes.

use super::{Start, refuse};
use crate::transcript::SourceError;

/// Bytes of a file that tell what it is.
pub(in crate::transcript) const HEAD: usize = 4 << 10;

/// What to do with a document.
const COPY: &str = "Copy the text of the conversation and paste it, or send conversations.json.";
/// What to do with something that has no words.
const WORDLESS: &str =
    "There are no words in it that can be read. Open the conversation, select all, copy and paste it.";

/// Documents, and how they begin.
const DOCUMENTS: [(&[u8], &str); 6] = [
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old document of Word, Excel or PowerPoint"),
    (b"bplist00", "a web archive of Safari"),
    (b"SQLite format 3\0", "a database"),
];
/// Archives that are not unpacked here, and how they begin.
const ARCHIVES: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!\x1a", "RAR"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
];
/// Things without words, and how they begin.
const WORDLESS_FILES: [(&[u8], &str); 18] = [
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"BM\0\0", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\0\0\x01\0", "a picture"),
    (b"8BPS", "a picture"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"fLaC", "a sound recording"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"FLV\x01", "a video"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"wOF2", "a font"),
];

/// Does a ZIP begin here?
pub(in crate::transcript) fn is_zip(head: &[u8]) -> bool {
    matches!(head, [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..])
}

/// The document that a ZIP is, if it is one: those of today's offices are ZIPs, and so are books.
pub(in crate::transcript) fn office(head: &[u8]) -> Option<&'static str> {
    // The name of the first file of a ZIP begins after thirty bytes.
    let first = head.get(30..).filter(|_| is_zip(head))?;
    let says = |word: &[u8]| head.windows(word.len()).any(|found| found == word);
    if first.starts_with(b"mimetype") {
        let book = says(b"application/epub+zip");
        return Some(if book { "a book (EPUB)" } else { "a document of LibreOffice or OpenOffice" });
    }
    let parts: [&[u8]; 6] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/"];
    if !parts.iter().any(|part| first.starts_with(part)) {
        return None;
    }
    Some(match () {
        () if says(b"word/") => "a Word document",
        () if says(b"xl/") => "an Excel sheet",
        () if says(b"ppt/") => "a PowerPoint presentation",
        () => "a document of Word, Excel or PowerPoint",
    })
}

/// What begins here, in words, and what to do with it; nothing for text and for a ZIP of files.
fn named(head: &[u8]) -> Option<(String, &'static str)> {
    let find = |list: &[(&[u8], &'static str)]| {
        list.iter().find(|(beginning, _)| head.starts_with(beginning)).map(|(_, what)| *what)
    };
    if let Some(what) = office(head).or_else(|| find(&DOCUMENTS)) {
        return Some((what.to_owned(), COPY));
    }
    if let Some(what) = find(&ARCHIVES) {
        return Some((format!("a {what} file"), "Unpack it and send conversations.json."));
    }
    // The kinds of these stand after their length.
    let inner = match head {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some("a sound recording"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => Some("a video"),
        [b'R', b'I', b'F', b'F', ..] => Some("a picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'a' | b'm', b'e' | b'v' | b'i', ..] => Some("a picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', ..] => Some("a sound recording"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("a video"),
        [0xff, 0xf1 | 0xf3 | 0xf9 | 0xfa | 0xfb, ..] => Some("a sound recording"),
        _ => None,
    };
    inner.or_else(|| find(&WORDLESS_FILES)).map(|what| (what.to_owned(), WORDLESS))
}

/// Can what begins so not be read at all, whatever follows? Then its beginning is enough to say why.
#[must_use]
pub fn is_foreign(head: &[u8]) -> bool {
    named(head).is_some()
}

/// An error for bytes that are no text in UTF-8, as far as the beginning shows it.
pub(super) fn foreign(head: &[u8]) -> Option<SourceError> {
    if let Some((what, advice)) = named(head) {
        let code = if advice.starts_with("Unpack") { "archive" } else { "unknown_format" };
        return Some(refuse(code, format!("This is {what}. {advice}")));
    }
    if is_zip(head) {
        return Some(refuse("archive", "This is a ZIP file; unpack it and send conversations.json."));
    }
    let utf16 = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        || matches!(head, [0, second, ..] if *second != 0)
        || matches!(head, [first, 0, ..] if *first != 0);
    utf16.then(|| {
        let detail = "This file is not text we can read: it seems to be UTF-16. Save it as UTF-8 and send it again.";
        refuse("encoding", detail)
    })
}

/// How a text that says of itself what it is is to be read, or why it is not; nothing if it says nothing.
pub(super) fn declared(text: &[u8]) -> Option<Result<Start, SourceError>> {
    let beginning = text.get(..2_000).unwrap_or(text).to_ascii_lowercase();
    let says = |word: &[u8]| beginning.windows(word.len()).any(|found| found == word);
    let no = |what: &str| Some(Err(refuse("unknown_format", format!("This is {what}"))));
    if beginning.starts_with(b"<?xml") {
        return if says(b"<html") { Some(Ok(Start::Html)) } else { no(&format!("XML. {COPY}")) };
    }
    if is_form(&beginning) {
        return no(
            "a form that does not say so. Send it as `curl -F file=@export.zip` does, or the file itself as the body.",
        );
    }
    if beginning.starts_with(b"begin:vc") {
        return no(&format!("a calendar or an address card. {COPY}"));
    }
    if beginning.starts_with(b"window.ytd") {
        return no(&format!("a file of an archive of X (Twitter). {COPY}"));
    }
    let headers = beginning.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let headers: Vec<&[u8]> = headers.take_while(|line| !line.is_empty()).collect();
    let has = |name: &[u8]| headers.iter().any(|line| line.starts_with(name));
    let mail = has(b"mime-version:") && has(b"content-type:") || has(b"snapshot-content-location:");
    mail.then_some(Ok(Start::Mhtml))
}

/// Is it a `multipart/form-data` body? Its first line is a boundary, its second says so.
fn is_form(beginning: &[u8]) -> bool {
    let second = beginning.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    beginning.starts_with(b"--") && second.starts_with(b"content-disposition: form-data")
}
