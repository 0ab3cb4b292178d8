//! ZIP archives: the files of conversations in an export are unpacked as a stream, wherever in it they are; all others
//! are only counted. Names are looked at to tell files apart and said again in reports, they never become paths.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
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
/// Entries of one archive.
const MOST_ENTRIES: usize = 100_000;
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
pub(super) fn read<R: Read + Seek>(desk: &mut Desk<'_>, name: Option<String>, source: R) -> Result<(), ReadError> {
    let mut source = source;
    let length = source.seek(SeekFrom::End(0))?;
    let mut archive = match ZipIterable::try_new(source, Config::default()) {
        Ok(archive) if archive.len() > MOST_ENTRIES => {
            let detail = format!("this ZIP has {} files; the limit is {MOST_ENTRIES}. {SEND}", archive.len());
            return refuse(desk, name, detail);
        }
        Ok(archive) => archive,
        Err(ZipError::Io(error)) if !bundle::is_damage(&error) => return Err(error.into()),
        Err(_) => {
            let detail = "this ZIP is damaged or ends too early: its list of files is not where it should be. \
                Download it again, and wait until the download is complete.";
            return refuse(desk, name, detail.to_owned());
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
            Entry::Archive => desk.aside.nested += 1,
            Entry::Link => desk.aside.links += 1,
            Entry::Encrypted => desk.aside.encrypted += 1,
            Entry::Json => unpack(desk, entry, entries.reader_mut(), length)?,
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
        Some("zip") => Entry::Archive,
        Some("json") if entry.encrypted() => Entry::Encrypted,
        Some("json") => Entry::Json,
        _ => Entry::Other,
    }
}

/// The name of an entry, for people.
fn name_of(entry: &ZipFileEntry<'_>) -> String {
    entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), |name| name.into_owned())
}

/// Reads one file of the archive, of which `length` bytes are there.
fn unpack<R: Read + Seek>(
    desk: &mut Desk<'_>,
    entry: ZipFileEntry<'_>,
    archive: &mut R,
    length: u64,
) -> Result<(), ReadError> {
    let name = bundle::shown(&name_of(&entry));
    let packed = entry.compressed_size().min(length);
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
