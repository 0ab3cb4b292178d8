//! Imports.

use std::collections::BTreeSet;

use actix_web::{
    Either, HttpRequest,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use service::{
    Error, Flaw,
    entity::{ClassId, ImportId},
    import::{Past, Preview, Report, Request, Selection},
};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Result},
    auth::CurrentUser,
    error::ApiError,
    extract::fingerprint,
    importing::{self, Answered},
    query::Query,
    spool,
    state::State,
    wire::{ImportState, Platform, Time, Visibility},
};

/// What is asked of an import.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Who may read what comes in besides you; nobody if not said.
    #[param(inline)]
    visibility: Option<Visibility>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// Only the conversations with these ids in the source, separated by commas.
    select: Option<String>,
}

/// What an import did, one line a conversation.
#[derive(Serialize, ToSchema)]
pub struct ImportOut {
    /// The import; its report stays at `/api/v1/imports/{id}` for you. Null in a dry run, or when nothing could be read.
    id: Option<String>,
    /// Stored, or in a dry run to be stored.
    imported: Vec<ImportedOut>,
    /// Here already.
    skipped: Vec<SkippedOut>,
    /// Not readable.
    failed: Vec<FailedOut>,
    /// What is to be said of the whole, such as how many files held no conversations.
    notes: Vec<String>,
}

/// A conversation that was stored, or grew.
#[derive(Serialize, ToSchema)]
pub struct ImportedOut {
    /// Its place in what was sent, from 0.
    index: usize,
    /// The conversation; null in a dry run, unless it is here already and would grow.
    id: Option<String>,
    /// Its id in the source.
    source_id: Option<String>,
    /// Its title in the source.
    title: Option<String>,
    /// Messages added.
    messages: usize,
    /// It was here already and took new messages in.
    updated: bool,
    /// What was mended or left out.
    notes: Vec<String>,
    /// The file it is from, where files have names.
    file: Option<String>,
    /// How it looks; in a dry run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<PreviewOut>,
}

/// How a conversation looks before it is stored.
#[derive(Serialize, ToSchema)]
pub struct PreviewOut {
    /// Where it comes from.
    platform: Platform,
    /// What it came as: an export (`chatgpt`, `claude`, `colloquium`), `text`, or a page (`chatgpt_page`, `claude_page`,
    /// `gemini_page`, `ai_studio_page`, any other `page`).
    format: String,
    /// When it began, as the source says.
    started_at: Option<Time>,
    /// When it last changed, as the source says.
    updated_at: Option<Time>,
    /// Messages with words on the visible path.
    messages: usize,
    /// The first line of the first of them.
    first: String,
    /// The last line of the last of them.
    last: String,
    /// It ends with words of the model, so nothing seems to be missing.
    complete: bool,
}

/// A conversation that was here already.
#[derive(Serialize, ToSchema)]
pub struct SkippedOut {
    /// Its place in what was sent, from 0.
    index: usize,
    /// The conversation; null in a dry run for one that comes more than once in what was sent and is not here yet.
    id: Option<String>,
    /// Its id in the source.
    source_id: Option<String>,
    /// Its title in the source.
    title: Option<String>,
    /// Why.
    reason: String,
    /// The file it is from, where files have names.
    file: Option<String>,
    /// How it looks; in a dry run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<PreviewOut>,
}

/// A conversation that could not be read, or was selected and is not in the file.
#[derive(Serialize, ToSchema)]
pub struct FailedOut {
    /// Its place in what was sent, from 0.
    index: Option<usize>,
    /// Its title, as far as it could be found.
    title: Option<String>,
    /// What was expected and what was found.
    reason: String,
    /// The file it is from, where files have names.
    file: Option<String>,
}

impl From<Preview> for PreviewOut {
    fn from(preview: Preview) -> Self {
        let Preview { platform, format, started_at, updated_at, glance } = preview;
        Self {
            platform: platform.into(),
            format: format.name().to_owned(),
            started_at: started_at.map(Time),
            updated_at: updated_at.map(Time),
            messages: glance.messages,
            first: glance.first,
            last: glance.last,
            complete: glance.complete,
        }
    }
}

impl From<Report> for ImportOut {
    fn from(report: Report) -> Self {
        let imported = report.imported.into_iter().map(|line| ImportedOut {
            index: line.index,
            id: line.id.map(|id| id.to_string()),
            source_id: line.source_id,
            title: line.title,
            messages: line.messages,
            updated: line.updated,
            notes: line.notes,
            file: line.file,
            preview: line.preview.map(Into::into),
        });
        let skipped = report.skipped.into_iter().map(|line| SkippedOut {
            index: line.index,
            id: line.id.map(|id| id.to_string()),
            source_id: line.source_id,
            title: line.title,
            reason: line.reason,
            file: line.file,
            preview: line.preview.map(Into::into),
        });
        let failed = report.failed.into_iter().map(|line| FailedOut {
            index: line.index,
            title: line.title,
            reason: line.reason,
            file: line.file,
        });
        let (imported, skipped, failed) = (imported.collect(), skipped.collect(), failed.collect());
        Self { id: report.id.map(|id| id.to_string()), imported, skipped, failed, notes: report.notes }
    }
}

/// How an import stands.
#[derive(Serialize, ToSchema)]
pub struct ImportStateOut {
    /// The import.
    id: String,
    /// Into which class.
    class_id: String,
    /// `queued` until it is its turn, `running`, then `done` or `failed`.
    state: ImportState,
    /// How many imports go before this one and itself, while it is queued.
    place: Option<usize>,
    /// Conversations that were dealt with.
    done: usize,
    /// How many there are; null until that is known.
    total: Option<usize>,
    /// When it was asked for.
    created_at: Time,
    /// Why it failed, as a code of problems: what was stored stays, the same file again does the rest.
    failure: Option<String>,
    /// What it did, once it is done.
    report: Option<ImportOut>,
}

impl From<Past> for ImportStateOut {
    fn from(past: Past) -> Self {
        let Past { id, class, at, state, standing, failure, report, .. } = past;
        Self {
            id: id.to_string(),
            class_id: class.to_string(),
            state: state.into(),
            place: standing.place,
            done: standing.done,
            total: standing.total,
            created_at: Time(at),
            failure,
            report: report.map(Into::into),
        }
    }
}

/// Imports an export of ChatGPT or Claude, as a ZIP or unpacked, or pasted text; or a form with several of these. The
/// shape of each file decides, not its type or name. At most two imports are read at once, one of each account; one that
/// does not end within ten seconds goes on, and `Location` says where to look.
#[utoipa::path(post, path = "/api/v1/classes/{id}/imports", tag = "conversations",
    params(("id" = String, Path), ImportQuery),
    request_body(content = String, content_type = "*/*",
        description = "The file or the text, or `multipart/form-data` with files and fields `text`; at most 256 MiB"),
    responses((status = 201, description = "Something was stored", body = ImportOut),
              (status = 200, description = "All was here already, or a dry run", body = ImportOut),
              (status = 202, description = "It goes on: how it stands is at `Location`", body = ImportStateOut),
              (status = 422, description = "Nothing could be imported: a problem with the same members")))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<ImportQuery>,
    request: HttpRequest,
    body: Payload,
) -> Result<Either<Answer<ImportOut>, Answer<ImportStateOut>>> {
    let ImportQuery { visibility, dry_run, select } = query.into_inner();
    let select = select.as_deref().map(ids).transpose()?;
    // Rights first: nobody uploads 256 MiB to be told no.
    service::import::may_import(&state.db, &me.actor(), *class).await?;
    let spooled = spool::receive(&request, body, &state).await?;
    known(&spooled.fields)?;
    let wanted = Request {
        class: *class,
        visibility: visibility.unwrap_or(Visibility::Private).into(),
        select: select.map_or(Selection::All, Selection::Ids),
        title: None,
        bytes: spooled.bytes,
        hash: spooled.hash,
    };
    if dry_run {
        let report = importing::rehearse(&state, &me.actor(), wanted, &spooled).await?;
        return answer(report.into(), true, false).map(Either::Left);
    }
    let actor = me.making(fingerprint(&request, &spooled.hash));
    let pieces = spooled.pieces();
    match importing::import(&state, actor, wanted, pieces, spooled).await? {
        Answered::Now { report, replayed } => answer(report.into(), false, replayed).map(Either::Left),
        Answered::Later(id) => {
            let past = service::import::show(&state.db, &me.actor(), id).await?;
            Ok(Either::Right(Answer::accepted(past.into()).at(format!("/api/v1/imports/{id}"))))
        }
    }
}

/// How an import of one's own stands, and what it did.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, description = "How it stands", body = ImportStateOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<ImportId>) -> Result<Answer<ImportStateOut>> {
    Ok(Answer::ok(service::import::show(&state.db, &me.actor(), *id).await?.into()))
}

/// Refuses a form with fields that mean nothing here.
fn known(fields: &[(String, String)]) -> service::Result<()> {
    let flaw = || Flaw::new("unknown_field", "send files, or pasted text in the field `text` or `html`");
    fields.first().map_or(Ok(()), |(name, _)| Err(Error::invalid(name, flaw())))
}

/// The ids of a selection. An empty one is a mistake: taken as none it would bring everything in.
fn ids(text: &str) -> service::Result<BTreeSet<String>> {
    let ids: BTreeSet<String> = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() {
        let flaw = Flaw::new("required", "name at least one conversation, or leave `select` out to import all");
        return Err(Error::invalid("select", flaw));
    }
    Ok(ids)
}

fn answer(report: ImportOut, dry_run: bool, replayed: bool) -> Result<Answer<ImportOut>> {
    if report.imported.is_empty() && report.skipped.is_empty() {
        let detail = match report.failed.as_slice() {
            [] => "there is no conversation in it".to_owned(),
            [one] => format!("nothing could be imported: {}", one.reason),
            many => format!("none of {} conversations could be imported; the first: {}", many.len(), reason(many)),
        };
        let error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_imported", detail);
        return Err(error.with_members(serde_json::to_value(&report).unwrap_or_default()));
    }
    let stored = !report.imported.is_empty() && !dry_run;
    let answer = if stored { Answer::created(report) } else { Answer::ok(report) };
    Ok(answer.replayed(replayed))
}

fn reason(failed: &[FailedOut]) -> &str {
    failed.first().map_or("", |line| &line.reason)
}
