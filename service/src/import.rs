//! Imports: bring the conversations of an export file or a pasted text into a class.
//!
//! The source is read on a blocking thread, one conversation at a time, while the one before is being stored; each
//! conversation is a unit of work of its own, so a bad one costs nothing but itself.

mod store;

use std::{
    collections::BTreeSet,
    io::{Read, Seek, Write},
    ops::ControlFlow,
};

use entity::{
    ClassId, ConversationId, ImportId, Moment,
    conversation::{Platform, Visibility},
    import::{ActiveModel as ImportRow, Entity as Imports, Report as StoredReport},
};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::{
    Actor, Db, Error, Mishap, Once, Result,
    access::{Membership, Right},
    idempotency,
    transcript::{self, Format, Glance, Item, ParsedConversation, Piece, ReadError},
};

/// Bytes of an id that is kept as it is to know a conversation by; an index has no room for more.
const LONGEST_KEY: usize = 200;

/// What is asked of an import.
#[derive(Clone, Debug)]
pub struct Request {
    /// Into which class.
    pub class: ClassId,
    /// Who may read what comes in.
    pub visibility: Visibility,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Which conversations.
    pub select: Selection,
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

/// What an import did, one line a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The import, at which the report stays; none in a dry run, or when there was nothing to report on.
    #[serde(skip)]
    pub id: Option<ImportId>,
    /// Stored, or in a dry run to be stored.
    pub imported: Vec<Imported>,
    /// Here already.
    pub skipped: Vec<Skipped>,
    /// Not readable.
    pub failed: Vec<Failed>,
    /// What is to be said of the whole, such as how many files held no conversations.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A conversation that was stored, or grew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Its place in what was sent, from 0.
    pub index: usize,
    /// The conversation here; none in a dry run.
    pub id: Option<ConversationId>,
    /// Its id in the source.
    pub source_id: Option<String>,
    /// Its title in the source.
    pub title: Option<String>,
    /// Messages added.
    pub messages: usize,
    /// It was here already and took new messages in.
    pub updated: bool,
    /// What was mended or left out.
    pub notes: Vec<String>,
    /// The file it is from, where files have names.
    #[serde(default)]
    pub file: Option<String>,
    /// How it looks; in a dry run alone, so that no words of it are kept with the report.
    #[serde(skip)]
    pub preview: Option<Preview>,
}

/// How a conversation looks before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Where it comes from.
    pub platform: Platform,
    /// What it came as.
    pub format: Format,
    /// When it began, as the source says.
    pub started_at: Option<Moment>,
    /// When it last changed, as the source says.
    pub updated_at: Option<Moment>,
    /// Its visible path.
    pub glance: Glance,
}

/// A conversation that was here already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its place in what was sent, from 0.
    pub index: usize,
    /// The conversation here.
    pub id: ConversationId,
    /// Its id in the source.
    pub source_id: Option<String>,
    /// Its title in the source.
    pub title: Option<String>,
    /// Why.
    pub reason: String,
    /// The file it is from, where files have names.
    #[serde(default)]
    pub file: Option<String>,
    /// How it looks; in a dry run alone.
    #[serde(skip)]
    pub preview: Option<Preview>,
}

/// A conversation that could not be read, or was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its place in what was sent, from 0; none for a selected one that is not in the file.
    pub index: Option<usize>,
    /// Its title, as far as it could be found.
    pub title: Option<String>,
    /// What was expected and what was found.
    pub reason: String,
    /// The file it is from, where files have names.
    #[serde(default)]
    pub file: Option<String>,
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

enum Read1 {
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

/// Reads all `pieces` and stores what they hold, or says what it would store.
///
/// # Errors
/// Those of [`may_import`]; [`Error::Source`] when nothing of them can be read.
pub async fn run<S>(db: &Db, actor: &Actor, request: Request, pieces: Vec<Piece<S>>) -> Result<Once<Report>>
where
    S: Read + Seek + Send + 'static,
{
    may_import(db, actor, request.class).await?;
    let before = if request.dry_run { None } else { earlier(db, actor).await? };
    let import = match before {
        Some((_, Some(report))) => return Ok(Once { value: report, replayed: true }),
        // It broke off before its end, or is still under way: what is there is skipped, the rest joins the same import.
        Some((id, None)) => Some(id),
        None => None,
    };
    let (sender, mut receiver) = mpsc::channel(1);
    let select = request.select.clone();
    let reading = tokio::task::spawn_blocking(move || read(pieces, &select, &sender));
    let mut run = Run { request, report: Report::default(), import, format: None, found: BTreeSet::new() };
    while let Some(item) = receiver.recv().await {
        run.take(db, actor, item).await?;
    }
    run.report.notes = reading.await??;
    run.finish(db, actor).await
}

/// The import that the actor's key stands for, and its report if it came to its end.
async fn earlier(db: &Db, actor: &Actor) -> Result<Option<(ImportId, Option<Report>)>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let Some(id) = idempotency::before(&db, &actor).await? else { return Ok(None) };
        let row = Imports::find_by_id(id).one(&db).await?.ok_or(Error::NotFound)?;
        Ok(Some((id, reported(id, row.report))))
    })
    .await
}

/// What an import reported; nothing before its end.
fn reported(id: ImportId, stored: StoredReport) -> Option<Report> {
    serde_json::from_value(stored.0).ok().map(|report| Report { id: Some(id), ..report })
}

/// An import as whoever made it can look it up.
#[derive(Clone, Debug)]
pub struct Past {
    /// Into which class.
    pub class: ClassId,
    /// What people call it.
    pub class_name: String,
    /// When.
    pub at: Moment,
    /// What it did; nothing while it is under way, or when it broke off.
    pub report: Option<Report>,
}

/// What an import did.
///
/// # Errors
/// [`Error::NotFound`] for anybody but who made it.
pub async fn show(db: &Db, actor: &Actor, id: ImportId) -> Result<Past> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let mine = Imports::made_by(actor.user).filter(entity::import::COLUMN.id.eq(id));
        let (row, class) = mine.find_also_related(entity::class::Entity).one(&db).await?.ok_or(Error::NotFound)?;
        let class_name = class.ok_or(Error::NotFound)?.name;
        Ok(Past { class: row.class_id, class_name, at: row.created_at, report: reported(id, row.report) })
    })
    .await
}

/// Reads on this thread and hands over one conversation after the other.
fn read<S: Read + Seek>(
    pieces: Vec<Piece<S>>,
    select: &Selection,
    sender: &mpsc::Sender<Read1>,
) -> Result<Vec<String>> {
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
    request: Request,
    report: Report,
    import: Option<ImportId>,
    format: Option<Format>,
    found: BTreeSet<String>,
}

impl Run {
    async fn take(&mut self, db: &Db, actor: &Actor, item: Read1) -> Result<()> {
        let ready = match item {
            Read1::Failed(failed) => {
                // Who selects by id asks for nothing else; who picks from a list learns what was not on it.
                if !matches!(self.request.select, Selection::Ids(_)) {
                    self.report.failed.push(failed);
                }
                return Ok(());
            }
            Read1::Ready(ready) => ready,
        };
        self.format = self.format.or(Some(ready.format));
        self.found.extend(ready.parsed.source_id.clone());
        let (index, title, file) = (ready.index, ready.parsed.title.clone(), ready.file.clone());
        let stored = if self.request.dry_run {
            store::rehearse(db, actor, &self.request, *ready).await
        } else {
            store::store(db, actor, &self.request, self.import, *ready).await
        };
        match stored {
            Ok(store::Stored::New { import, imported }) => {
                self.import = import.or(self.import);
                self.report.imported.push(imported);
            }
            Ok(store::Stored::Known(skipped)) => self.report.skipped.push(skipped),
            // What one conversation holds must not cost the others; anything else would meet them as well.
            Err(Error::Database(crate::db::Fault::Value | crate::db::Fault::Unique | crate::db::Fault::Other, _)) => {
                let reason = "the database cannot hold what this conversation contains".to_owned();
                self.report.failed.push(Failed { index: Some(index), title, reason, file });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reports what was selected and not found, and remembers the report with the import.
    async fn finish(mut self, db: &Db, actor: &Actor) -> Result<Once<Report>> {
        let none = BTreeSet::new();
        let ids = if let Selection::Ids(ids) = &self.request.select { ids } else { &none };
        for id in ids.difference(&self.found) {
            let reason = format!("no conversation with the id {id:?} could be read from what was sent");
            self.report.failed.push(Failed { index: None, title: None, reason, file: None });
        }
        if self.import.is_none() && !self.request.dry_run {
            // All was here: maybe because the same request was being answered beside this one.
            self.import = earlier(db, actor).await?.map(|(id, _)| id);
            if let (None, Some(format)) = (self.import, self.format) {
                self.import = Some(store::open(db, actor, &self.request, format).await?);
            }
        }
        let Some(id) = self.import else {
            return Ok(Once { value: self.report, replayed: false });
        };
        self.report.id = Some(id);
        let stored = StoredReport(serde_json::to_value(&self.report).map_err(|_| Error::Mishap(Mishap::Stored))?);
        let first = db
            .write(move |tx| async move {
                let row = Imports::find_by_id(id).one(&*tx).await?.ok_or(Error::NotFound)?;
                if let Some(report) = reported(id, row.report) {
                    return Ok(Some(report));
                }
                let row = ImportRow { id: Set(id), report: Set(stored), ..Default::default() };
                row.update(&*tx).await?;
                Ok(None)
            })
            .await?;
        let replayed = first.is_some();
        Ok(Once { value: first.unwrap_or(self.report), replayed })
    }
}
