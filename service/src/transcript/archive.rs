//! ZIP archives: the files of conversations in an export are unpacked as a stream, wherever in it they are, and so are
//! those of archives within it, one level deep; all others are only counted. Names are looked at to tell files apart and
//! said again in reports, they never become paths.

use std::{
    fmt,
    io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom},
};

use zip::{
    ZipReadOptions,
    read::{Config, ZipFileEntry},
    result::{ZipError, ZipResult},
    unstable::read::ZipIterable,
};

use super::{
    ReadError,
    bundle::{self, Desk},
    detect,
};

/// Bytes unpacked of all that is sent at once.
pub(super) const MOST_UNPACKED: u64 = 1 << 30;
/// Entries of all archives that are sent at once.
pub(super) const MOST_ENTRIES: usize = 100_000;
/// Bytes of an archive within an archive, which is held in memory.
const MOST_WITHIN: u64 = 64 << 20;
/// How many times its packed size a file may become, beyond the first [`UNSUSPICIOUS`] bytes. JSON becomes 5 to 20 times.
const MOST_TIMES: u64 = 100;
/// Bytes that may come out of any file, however small.
const UNSUSPICIOUS: u64 = 16 << 20;

/// What one entry is.
enum Entry {
    /// Of no interest: a folder.
    Nothing,
    /// Left out.
    Other,
    /// An archive itself.
    Archive,
    /// A link.
    Link,
    /// Encrypted.
    Encrypted,
    /// Maybe conversations.
    Json,
}

/// Reads the conversations in the archive `source`.
pub(super) fn read<R: Read + Seek>(desk: &mut Desk<'_>, name: Option<String>, source: &mut R) -> Result<(), ReadError> {
    let length = source.seek(SeekFrom::End(0))?;
    walk(desk, name, source, Place { length, within: false })
}

/// Where an archive lies.
#[derive(Clone, Copy)]
struct Place {
    /// The bytes it takes in what was sent.
    length: u64,
    /// It is in another archive.
    within: bool,
}

/// Walks through the list of files of an archive.
fn walk<R: Read + Seek>(
    desk: &mut Desk<'_>,
    name: Option<String>,
    source: &mut R,
    place: Place,
) -> Result<(), ReadError> {
    let mut archive = match ZipIterable::try_new(source, Config::default()) {
        Ok(archive) => archive,
        Err(ZipError::Io(error)) if !bundle::is_damage(&error) => return Err(error.into()),
        Err(_) => {
            let detail = "this ZIP is damaged or ends too early: its list of files is not where it should be. \
                Download it again, and wait until the download is complete.";
            return refuse(desk, name, detail.to_owned());
        }
    };
    desk.entries = match desk.entries.checked_sub(archive.len()) {
        Some(left) => left,
        None => {
            let count = archive.len();
            let detail =
                format!("this ZIP has {count} files; the limit for all that is sent is {MOST_ENTRIES}. {SEND}");
            return refuse(desk, name, detail);
        }
    };
    desk.several();
    let entries = match archive.files() {
        Ok(entries) => entries,
        Err(error) => return broken(desk, name, error),
    };
    while !desk.over
        && let Some(entry) = entries.next()
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return broken(desk, name, error),
        };
        match look(&entry) {
            Entry::Nothing => {}
            Entry::Other => desk.aside.other += 1,
            Entry::Archive if place.within => desk.aside.nested += 1,
            Entry::Archive => within(desk, entry, entries.reader_mut(), place)?,
            Entry::Link => desk.aside.links += 1,
            Entry::Encrypted => desk.aside.encrypted += 1,
            Entry::Json => unpack(desk, entry, entries.reader_mut(), place)?,
        }
    }
    Ok(())
}

/// What to do with an archive that cannot be taken.
const SEND: &str = "Send conversations.json of the export by itself.";

/// Refuses the archive as a whole.
fn refuse(desk: &mut Desk<'_>, name: Option<String>, detail: String) -> Result<(), ReadError> {
    desk.refused(name, detect::refuse("archive", detail))
}

/// Says that the list of files ends before its end.
fn broken(desk: &mut Desk<'_>, name: Option<String>, error: ZipError) -> Result<(), ReadError> {
    if let ZipError::Io(error) = error
        && !bundle::is_damage(&error)
    {
        return Err(error.into());
    }
    desk.failed(name, "the list of files in this ZIP is damaged; nothing after it was read".to_owned());
    Ok(())
}

/// Says what an entry is, by what the list of files says of it.
fn look(entry: &ZipFileEntry<'_>) -> Entry {
    let name = name_of(entry);
    let mut folders = name.split(['/', '\\']);
    let base = folders.next_back().unwrap_or_default().to_ascii_lowercase();
    let resource = base.starts_with('.') || folders.any(|folder| folder == "__MACOSX");
    match base.rsplit_once('.').map(|(_, ending)| ending) {
        _ if entry.is_dir() || base.is_empty() || resource => Entry::Nothing,
        _ if entry.is_symlink() => Entry::Link,
        Some("zip" | "json" | "jsonl" | "ndjson") if entry.encrypted() => Entry::Encrypted,
        Some("zip") => Entry::Archive,
        Some("json" | "jsonl" | "ndjson") => Entry::Json,
        _ => Entry::Other,
    }
}

/// The name of an entry, for people.
fn name_of(entry: &ZipFileEntry<'_>) -> String {
    entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), |name| name.into_owned())
}

/// Reads one file of an archive.
fn unpack<R: Read + Seek>(
    desk: &mut Desk<'_>,
    entry: ZipFileEntry<'_>,
    archive: &mut R,
    place: Place,
) -> Result<(), ReadError> {
    let name = bundle::shown(&name_of(&entry));
    let packed = entry.compressed_size().min(place.length);
    let error = match open(entry, archive) {
        Ok(inner) => {
            let mut left = desk.left;
            let source = Unpacked { inner, count: 0, packed, left: &mut left };
            let outcome = desk.file(Some(name.clone()), source, true);
            desk.left = left;
            match outcome {
                Err(ReadError::Io(error)) => ZipError::Io(error),
                outcome => return outcome,
            }
        }
        Err(error) => error,
    };
    lost(desk, name, error)
}

/// Walks through an archive that is a file of another one.
fn within<R: Read + Seek>(
    desk: &mut Desk<'_>,
    entry: ZipFileEntry<'_>,
    archive: &mut R,
    place: Place,
) -> Result<(), ReadError> {
    let name = bundle::shown(&name_of(&entry));
    let packed = entry.compressed_size().min(place.length);
    let mut bytes = Vec::new();
    let read = open(entry, archive).and_then(|inner| {
        let mut source = Unpacked { inner, count: 0, packed, left: &mut desk.left };
        Ok(source.by_ref().take(MOST_WITHIN + 1).read_to_end(&mut bytes)?)
    });
    match read {
        Err(error) => lost(desk, name, error),
        Ok(count) if u64::try_from(count).is_ok_and(|count| count <= MOST_WITHIN) => {
            let length = packed.min(u64::try_from(count).unwrap_or(u64::MAX));
            walk(desk, Some(name), &mut Cursor::new(bytes), Place { length, within: true })
        }
        Ok(_) => {
            desk.aside.nested += 1;
            Ok(())
        }
    }
}

/// Says why a file of an archive, or the rest of it, could not be unpacked.
fn lost(desk: &mut Desk<'_>, name: String, error: ZipError) -> Result<(), ReadError> {
    let reason = match error {
        // A method that is not built in is told only when the first bytes are wanted.
        ZipError::Io(error) if error.kind() != ErrorKind::Unsupported => {
            match error.get_ref().and_then(|cause| cause.downcast_ref::<Excess>()) {
                Some(excess) => excess.to_string(),
                None if bundle::is_damage(&error) => {
                    "this file of the ZIP is damaged; nothing after the damage was read. Download the export again"
                        .to_owned()
                }
                None => return Err(error.into()),
            }
        }
        _ => {
            "this file of the ZIP is packed in a way that is not known here; unpack it and send it by itself".to_owned()
        }
    };
    desk.failed(Some(name), reason);
    Ok(())
}

/// The bytes of an entry as they come out.
fn open<'a, R: Read + Seek>(entry: ZipFileEntry<'a>, archive: &'a mut R) -> ZipResult<impl Read + 'a> {
    entry.with_reader(archive, ZipReadOptions::new())
}

/// Why no more is unpacked.
#[derive(Clone, Copy, Debug)]
enum Excess {
    /// All together became too large.
    Total,
    /// One file became too many times its packed size.
    Times,
}

impl std::error::Error for Excess {}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Total => {
                let limit = MOST_UNPACKED >> 30;
                write!(f, "the conversations unpack to more than {limit} GiB in all; nothing after that was read. ")?;
                f.write_str("Send the files of conversations one by one")
            }
            Self::Times => {
                write!(f, "this file unpacks to more than {MOST_TIMES} times its size, which no real export does; ")?;
                f.write_str("nothing after that was read")
            }
        }
    }
}

/// What comes out of an entry, watched: what the archive says of sizes is not believed.
struct Unpacked<'a, R> {
    inner: R,
    /// Bytes so far.
    count: u64,
    /// Its packed size.
    packed: u64,
    /// Bytes that may still come, of this file and those after it.
    left: &'a mut u64,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let more = u64::try_from(count).unwrap_or(u64::MAX);
        self.count = self.count.saturating_add(more);
        *self.left = match self.left.checked_sub(more) {
            Some(left) => left,
            None => return Err(io::Error::other(Excess::Total)),
        };
        if self.count > UNSUSPICIOUS && self.count / MOST_TIMES > self.packed {
            return Err(io::Error::other(Excess::Times));
        }
        Ok(count)
    }
}
