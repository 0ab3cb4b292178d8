//! All that was sent at once: a file, several, or ZIP archives of them, read one after the other.

use std::{
    io::{ErrorKind, Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use super::{Format, Item, ItemFailure, ReadError, Source, SourceError, archive, clean, detect, notes::Notes};

/// Letters of a file's name in a report.
const LETTERS: usize = 100;
/// Files that are said why they hold no conversations, where nothing else does.
const MOST_REASONS: usize = 3;

/// One file of what was sent.
#[derive(Debug)]
pub struct Piece<R> {
    /// Its name, where it has one; only said again, never trusted.
    pub name: Option<String>,
    /// Its bytes.
    pub source: R,
}

/// Reads all `pieces` and gives `each` their items, until it breaks off. Gives what is to be said of the files that hold
/// no conversations.
///
/// A single file that cannot be read fails as a whole. Of several, or in a ZIP, such a file costs only itself: it becomes
/// an item that failed if it should have held conversations, and is only counted if not.
///
/// # Errors
/// If nothing at all was delivered, or if the bytes do not come.
pub fn read_all<R: Read + Seek>(
    pieces: Vec<Piece<R>>,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Vec<String>, ReadError> {
    let mut desk = Desk::new(each, pieces.len() > 1);
    for mut piece in pieces {
        let name = piece.name.as_deref().map(shown);
        if is_archive(&mut piece.source)? {
            archive::read(&mut desk, name, &mut piece.source)?;
        } else {
            desk.file(name, piece.source, false)?;
        }
        if desk.over {
            break;
        }
    }
    desk.finish()
}

/// How many items [`read_all`] will give of `pieces`, found by cutting alone, which costs a part of reading. Leaves them at
/// their beginning.
///
/// # Errors
/// As [`read_all`].
pub fn count_all<R: Read + Seek>(pieces: &mut [Piece<R>]) -> Result<usize, ReadError> {
    let mut each = |_| ControlFlow::Continue(());
    let mut desk = Desk { counting: true, ..Desk::new(&mut each, true) };
    for piece in &mut *pieces {
        if is_archive(&mut piece.source)? {
            archive::read(&mut desk, None, &mut piece.source)?;
        } else {
            desk.file(None, &mut piece.source, false)?;
        }
        piece.source.seek(SeekFrom::Start(0))?;
    }
    Ok(desk.items)
}

/// Does a ZIP of files begin here? Documents are ZIPs too.
fn is_archive(source: &mut (impl Read + Seek)) -> Result<bool, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(detect::HEAD.try_into().unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    Ok(detect::is_zip(&head) && detect::office(&head).is_none())
}

/// A file's name as it is said again: without its folders, without what a terminal would obey.
pub(super) fn shown(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(name);
    let name = clean::text(name.to_owned(), &mut Notes::default());
    name.chars().filter(|letter| !letter.is_control()).take(LETTERS).collect()
}

/// Files that were left out, counted.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Not conversations.
    pub(super) other: usize,
    /// Archives that stand too deep within each other, or are too large.
    pub(super) nested: usize,
    /// Encrypted.
    pub(super) encrypted: usize,
    /// Links to somewhere else.
    pub(super) links: usize,
}

impl Aside {
    /// In words.
    fn into_words(self) -> Vec<String> {
        let mut words = Vec::new();
        let mut say = |count: usize, one: &str, many: &str| match count {
            0 => {}
            1 => words.push(format!("1 {one}")),
            _ => words.push(format!("{count} {many}")),
        };
        say(
            self.other,
            "file was not conversations and was left out",
            "files were not conversations and were left out",
        );
        say(
            self.nested,
            "archive within an archive of the ZIP, or too large, was not unpacked; send it by itself",
            "archives within archives of the ZIP, or too large, were not unpacked; send each by itself",
        );
        say(
            self.encrypted,
            "file is encrypted and was left out; unpack it and send it by itself",
            "files are encrypted and were left out; unpack them and send them by themselves",
        );
        say(self.links, "link was not followed", "links were not followed");
        words
    }
}

/// Where files are put down one after the other, and items handed on.
pub(super) struct Desk<'a> {
    each: &'a mut dyn FnMut(Item) -> ControlFlow<()>,
    /// Items handed on so far.
    items: usize,
    /// They are only counted.
    counting: bool,
    /// Nothing more is wanted.
    pub(super) over: bool,
    /// There are several files: one costs only itself.
    many: bool,
    /// What was left out.
    pub(super) aside: Aside,
    /// Why the first files that hold no conversations do not.
    reasons: Vec<SourceError>,
    /// Bytes that may still be unpacked.
    pub(super) left: u64,
    /// Files that may still be found in archives.
    pub(super) entries: usize,
}

impl<'a> Desk<'a> {
    fn new(each: &'a mut dyn FnMut(Item) -> ControlFlow<()>, many: bool) -> Self {
        Self {
            each,
            items: 0,
            counting: false,
            over: false,
            many,
            aside: Aside::default(),
            reasons: Vec::new(),
            left: archive::MOST_UNPACKED,
            entries: archive::MOST_ENTRIES,
        }
    }

    /// From now on one file costs only itself.
    pub(super) fn several(&mut self) {
        self.many = true;
    }

    /// Reads one file; only as JSON if `json`.
    pub(super) fn file(&mut self, name: Option<String>, source: impl Read, json: bool) -> Result<(), ReadError> {
        let source = match Source::open(source) {
            Ok(source) if json && matches!(source.format(), Format::Text | Format::Page(_)) => {
                self.aside.other += 1;
                return Ok(());
            }
            Ok(source) => source,
            Err(ReadError::Source(error)) => return self.refused(name, error),
            Err(error) => return Err(error),
        };
        if self.counting {
            self.items += source.count()?;
            return Ok(());
        }
        let (each, items, over) = (&mut *self.each, &mut self.items, &mut self.over);
        source.read(&mut |item| {
            *items += 1;
            let next = each(Item { index: *items - 1, file: name.clone(), ..item });
            *over = next.is_break();
            next
        })?;
        Ok(())
    }

    /// Hands on that a file, or the rest of it, could not be read.
    pub(super) fn failed(&mut self, file: Option<String>, reason: String) {
        let outcome = Err(ItemFailure { title: None, reason });
        self.items += 1;
        let item = Item { index: self.items - 1, file, format: Format::Text, raw: Vec::new(), outcome };
        self.over = (self.each)(item).is_break();
    }

    /// A file that holds nothing, or nothing that can be read.
    pub(super) fn refused(&mut self, name: Option<String>, error: SourceError) -> Result<(), ReadError> {
        if !self.many {
            return Err(error.into());
        }
        // Of many files most are something else; what should have been conversations is worth a line.
        if matches!(error.code, "account_file" | "empty" | "unknown_format") {
            self.aside.other += 1;
            let SourceError { code, detail } = error;
            let detail = name.map_or(detail.clone(), |name| format!("{name}: {detail}"));
            self.reasons.push(SourceError { code, detail });
            self.reasons.truncate(MOST_REASONS + 1);
        } else {
            self.failed(name, error.detail);
        }
        Ok(())
    }

    /// What is to be said of the whole.
    fn finish(self) -> Result<Vec<String>, ReadError> {
        let Self { items, aside, reasons, .. } = self;
        if items > 0 {
            return Ok(aside.into_words());
        }
        if let Some(SourceError { code, .. }) = reasons.first().filter(|_| reasons.len() <= MOST_REASONS) {
            let details: Vec<&str> = reasons.iter().map(|reason| reason.detail.as_str()).collect();
            // Names of files stay as they are, without a capital.
            return Err(SourceError { code, detail: details.join(" ") }.into());
        }
        let mut found = aside.into_words().join(", ");
        if found.is_empty() {
            found.push_str("there are no files in it");
        }
        let advice = "Send the ZIP of a ChatGPT or Claude export as you got it, or its conversations.json.";
        Err(detect::refuse("empty", format!("there are no conversations in it: {found}. {advice}")).into())
    }
}

/// Is it the file that is at fault, rather than where its bytes come from?
pub(super) fn is_damage(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::Unsupported
    )
}
