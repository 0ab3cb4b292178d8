//! Imports: bring the conversations of an export file or a pasted text into a class.
//!
//! The source is read on a blocking thread, one conversation at a time, while the one before is being stored; each
//! conversation is a unit of work of its own, so a bad one costs nothing but itself.

mod known;
mod marks;
mod report;
mod seen;
mod state;
mod store;

use std::{
    collections::{BTreeSet, HashSet},
    io::{Read, Seek, Write},
    ops::ControlFlow,
};

use entity::{
    ClassId, ImportId,
    conversation::{Platform, Visibility},
};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};

pub(crate) use self::report::forget;
pub use self::{
    known::{MOST as MOST_KNOWN, known},
    report::{Failed, Imported, Preview, Report, Skipped},
    state::{Begun, Past, SAID_EVERY, Standing, begin, drop_empty, fail, note, show},
};
use self::{seen::Plan, store::Stored};

use crate::{
    Actor, Db, Error, Mishap, Result,
    access::{Membership, Right},
    text::Title,
    transcript::{self, Format, Item, ParsedConversation, Piece, ReadError},
};

/// Bytes of an id that is kept as it is to know a conversation by; an index has no room for more.
const LONGEST_KEY: usize = 200;

/// Bytes from which on a file is cut a first time only to say how many conversations are in it.
const COUNTED: u64 = 4 << 20;

/// What is asked of an import.
#[derive(Clone, Debug)]
pub struct Request {
    /// Into which class.
    pub class: ClassId,
    /// Who may read what comes in.
    pub visibility: Visibility,
    /// Which conversations.
    pub select: Selection,
    /// A title for a conversation that comes without one.
    pub title: Option<Title>,
    /// Length of the source in bytes.
    pub bytes: u64,
    /// SHA-256 of the source.
    pub hash: [u8; 32],
}

/// Which conversations of a source are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All.
    All,
    /// Those with these ids in the source.
    Ids(BTreeSet<String>),
    /// Those at these places in the source, from 0.
    Places(BTreeSet<usize>),
}

impl Selection {
    fn has(&self, index: usize, parsed: &ParsedConversation) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => parsed.source_id.as_ref().is_some_and(|id| ids.contains(id)),
            Self::Places(places) => places.contains(&index),
        }
    }
}

/// A conversation ready to store.
pub(crate) struct Ready {
    pub(crate) index: usize,
    pub(crate) file: Option<String>,
    pub(crate) format: Format,
    pub(crate) parsed: ParsedConversation,
    /// What makes it the same conversation when it comes again.
    pub(crate) key: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) bytes: i64,
    /// The raw form, packed.
    pub(crate) packed: Vec<u8>,
}

impl Ready {
    /// The platform the conversation comes from.
    fn platform(&self) -> Platform {
        self.parsed.platform(self.format)
    }
}

enum Read1 {
    Counted(usize),
    Ready(Box<Ready>),
    Failed(Failed),
}

/// Whether the actor may import into `class` now; to be asked before a large body is received.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] for auditors; [`Error::Conflict`] in an archived class.
pub async fn may_import(db: &Db, actor: &Actor, class: ClassId) -> Result<()> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let member = Membership::of(&db, &actor, class).await?;
        member.may(Right::Contribute)?;
        member.is_running()
    })
    .await
}

/// Reads all `pieces` and says what [`run`] would store.
///
/// # Errors
/// As [`run`].
pub async fn rehearse<S>(db: &Db, actor: &Actor, request: Request, pieces: Vec<Piece<S>>) -> Result<Report>
where
    S: Read + Seek + Send + 'static,
{
    read_all(db, actor, None, request, pieces, &watch::channel(Standing::default()).0).await
}

/// Reads all `pieces` and stores what they hold in the import `id`. What is done is told to `standing` all the while.
///
/// # Errors
/// Those of [`may_import`]; [`Error::Source`] when nothing of them can be read.
pub async fn run<S>(
    db: &Db,
    actor: &Actor,
    id: ImportId,
    request: Request,
    pieces: Vec<Piece<S>>,
    standing: &watch::Sender<Standing>,
) -> Result<Report>
where
    S: Read + Seek + Send + 'static,
{
    read_all(db, actor, Some(id), request, pieces, standing).await
}

async fn read_all<S>(
    db: &Db,
    actor: &Actor,
    id: Option<ImportId>,
    request: Request,
    pieces: Vec<Piece<S>>,
    standing: &watch::Sender<Standing>,
) -> Result<Report>
where
    S: Read + Seek + Send + 'static,
{
    may_import(db, actor, request.class).await?;
    let (sender, mut receiver) = mpsc::channel(1);
    let (select, long) = (request.select.clone(), id.is_some() && request.bytes > COUNTED);
    let reading = tokio::task::spawn_blocking(move || read(pieces, &select, long, &sender));
    let mut run = Run::new(id, request);
    while let Some(item) = receiver.recv().await {
        match item {
            Read1::Counted(total) => standing.send_modify(|standing| standing.total = Some(total)),
            Read1::Ready(ready) => run.take(db, actor, *ready).await?,
            Read1::Failed(failed) => run.failed(failed),
        }
        standing.send_modify(|standing| standing.done = run.done());
    }
    run.report.notes = reading.await??;
    run.finish(db, actor).await
}

/// Reads on this thread and hands over one conversation after the other.
fn read<S: Read + Seek>(
    mut pieces: Vec<Piece<S>>,
    select: &Selection,
    count: bool,
    sender: &mpsc::Sender<Read1>,
) -> Result<Vec<String>> {
    let total = match select {
        Selection::All if count => transcript::count_all(&mut pieces).ok(),
        Selection::All => None,
        Selection::Ids(ids) => Some(ids.len()),
        Selection::Places(places) => Some(places.len()),
    };
    if let Some(total) = total {
        // Nobody listens any more, which the first conversation will find as well.
        sender.blocking_send(Read1::Counted(total)).ok();
    }
    let mut each = |item: Item| {
        let Item { index, file, format, raw, outcome } = item;
        let next = match outcome {
            Ok(parsed) if !select.has(index, &parsed) => return ControlFlow::Continue(()),
            Ok(parsed) => Read1::Ready(Box::new(Ready { file, ..ready(index, format, parsed, &raw) })),
            Err(failure) => {
                Read1::Failed(Failed { index: Some(index), title: failure.title, reason: failure.reason, file })
            }
        };
        // Nobody listens any more: the import was given up.
        if sender.blocking_send(next).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    transcript::read_all(pieces, &mut each).map_err(unreadable)
}

fn unreadable(error: ReadError) -> Error {
    match error {
        ReadError::Source(error) => Error::Source(error),
        ReadError::Io(_) => Error::Mishap(Mishap::UploadUnreadable),
    }
}

fn ready(index: usize, format: Format, mut parsed: ParsedConversation, raw: &[u8]) -> Ready {
    shorten(&mut parsed.title, 300, "title", &mut parsed.notes);
    shorten(&mut parsed.model, 100, "model name", &mut parsed.notes);
    let hash = Sha256::digest(raw).to_vec();
    let key = match &parsed.source_id {
        Some(id) if id.len() <= LONGEST_KEY => id.clone(),
        Some(id) => hex(&Sha256::digest(id.as_bytes())),
        None => hex(&hash),
    };
    Ready {
        index,
        file: None,
        format,
        key,
        parsed,
        bytes: i64::try_from(raw.len()).unwrap_or(i64::MAX),
        packed: pack(raw),
        hash,
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::from("sha256:"), |text, byte| text + &format!("{byte:02x}"))
}

/// Cuts what stands in every line of a list to the length that is allowed for typed text. The raw source keeps it whole.
fn shorten(text: &mut Option<String>, most: usize, what: &str, notes: &mut Vec<String>) {
    let Some(whole) = text.as_mut() else { return };
    if let Some((end, _)) = whole.char_indices().nth(most) {
        whole.truncate(end);
        notes.push(format!("the {what} was cut to {most} characters"));
    }
}

fn pack(raw: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let written = encoder.write_all(raw).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// The raw form behind a packed one.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let mut raw = Vec::new();
    ZlibDecoder::new(packed).read_to_end(&mut raw).map_err(|_| Error::Mishap(Mishap::Stored))?;
    Ok(raw)
}

/// An import under way.
struct Run {
    id: Option<ImportId>,
    request: Request,
    report: Report,
    format: Option<Format>,
    found: BTreeSet<String>,
    /// What a dry run would have stored.
    plan: Plan,
    /// The conversations that came so far.
    met: HashSet<(String, String)>,
}

impl Run {
    fn new(id: Option<ImportId>, request: Request) -> Self {
        let (report, found, plan, met) = Default::default();
        Self { id, request, report, format: None, found, plan, met }
    }

    /// Conversations dealt with.
    fn done(&self) -> usize {
        self.report.imported.len() + self.report.skipped.len() + self.report.failed.len()
    }

    fn failed(&mut self, failed: Failed) {
        // Who selects by id asks for nothing else; who picks from a list learns what was not on it.
        if !matches!(self.request.select, Selection::Ids(_)) {
            self.report.failed.push(failed);
        }
    }

    async fn take(&mut self, db: &Db, actor: &Actor, mut ready: Ready) -> Result<()> {
        ready.parsed.title = ready.parsed.title.or_else(|| self.request.title.clone().map(Title::into_inner));
        self.format = self.format.or(Some(ready.format));
        self.found.extend(ready.parsed.source_id.clone());
        if !self.met.insert((format!("{:?}", ready.platform()), ready.key.clone())) {
            let note = "it comes more than once in what was sent; what is new in it joins the one before";
            ready.parsed.notes.insert(0, note.to_owned());
        }
        let (index, title, file) = (ready.index, ready.parsed.title.clone(), ready.file.clone());
        let stored = match self.id {
            None => store::rehearse(db, actor, &self.request, &mut self.plan, ready).await,
            Some(id) => store::store(db, actor, &self.request, id, ready).await,
        };
        match stored {
            Ok(Stored::New(imported)) => self.report.imported.push(imported),
            Ok(Stored::Known(skipped)) => self.report.skipped.push(skipped),
            // What one conversation holds must not cost the others; anything else would meet them as well.
            Err(Error::Database(crate::db::Fault::Value | crate::db::Fault::Unique | crate::db::Fault::Other, _)) => {
                let reason = "the database cannot hold what this conversation contains".to_owned();
                self.report.failed.push(Failed { index: Some(index), title, reason, file });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reports what was selected and not found, and keeps the report with the import.
    async fn finish(mut self, db: &Db, actor: &Actor) -> Result<Report> {
        let none = BTreeSet::new();
        let ids = if let Selection::Ids(ids) = &self.request.select { ids } else { &none };
        for id in ids.difference(&self.found) {
            let reason = format!("no conversation with the id {id:?} could be read from what was sent");
            self.report.failed.push(Failed { index: None, title: None, reason, file: None });
        }
        if let Some(id) = self.id {
            state::end(db, actor, id, self.format, &self.report).await?;
            self.report.id = Some(id);
        }
        Ok(self.report)
    }
}
