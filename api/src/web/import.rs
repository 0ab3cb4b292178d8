//! Bringing conversations in: paste or choose a file, see what was found, pick, read the report.

pub mod staging;

pub(super) mod choice;
pub(super) mod report;
mod turns;

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use askama::Template;
use futures_util::FutureExt;
use serde::Serialize;
use service::{
    Actor,
    access::Right,
    entity::{ClassId, ImportId, Moment, class, conversation::Visibility},
    import::{Report, Request, Selection},
    text::Title,
};
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::{
    form::{Form, Posted, Typed},
    page::{self, Page, Result, see_other},
    visitor::{Visitor, must_log_in},
    words,
};
use crate::{
    auth,
    error::ApiError,
    importing::{self, Turn},
    spool::{self, Spooled},
    state::State,
};
use staging::{Staged, Waiting};

/// Bytes of a pasted text that are shown again after a mistake.
const SHOWN_AGAIN: u64 = 256 << 10;

/// A class that somebody may bring conversations into.
struct Target {
    class: class::Model,
    label: String,
}

impl Target {
    async fn of(state: &State, visitor: &Visitor, class: ClassId) -> Result<Self> {
        let actor = visitor.actor();
        let member = service::class::membership(&state.db, &actor, class).await?;
        member.may(Right::Contribute)?;
        member.is_running()?;
        let label = words::class(&member.class).to_owned();
        Ok(Self { class: member.class, label })
    }

    fn page(&self, visitor: &Visitor, title: &str) -> Page {
        let path = format!("/classes/{}", self.class.id);
        Page::of(visitor, title).below("My classes", "/").below(&self.class.name, path)
    }

    fn path(&self) -> String {
        format!("/classes/{}/import", self.class.id)
    }
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    page: Page,
    form: Form,
    target: Target,
}

impl ImportPage {
    async fn of(state: &State, visitor: &Visitor, class: ClassId, form: Form) -> Result<Self> {
        let target = Target::of(state, visitor, class).await?;
        Ok(Self { page: target.page(visitor, "Bring conversations in"), form, target })
    }
}

pub(super) async fn ask(visitor: Visitor, state: Data<State>, class: Path<ClassId>) -> Result {
    page::show(&ImportPage::of(&state, &visitor, *class, Form::default()).await?)
}

/// A conversation of an export that is here already.
#[derive(Serialize)]
struct Known {
    /// Its id in the source.
    source: String,
    /// When it last changed there, in seconds since 1970 UTC, as the export said then.
    at: Option<i64>,
}

/// Says to the script which of the conversations in a file are here already; the file is still on its owner's computer.
pub(super) async fn known(form: Posted, state: Data<State>, class: Path<ClassId>) -> Result {
    let sources = form.typed.all("source").map(str::to_owned).collect();
    let found = service::import::known(&state.db, &form.visitor.actor(), *class, sources).await?;
    let known = |(source, at): (String, Option<Moment>)| Known { source, at: at.map(|at| at.0.div_euclid(1_000_000)) };
    Ok(HttpResponse::Ok().json(found.into_iter().map(known).collect::<Vec<_>>()))
}

/// Receives what was pasted or chosen, and keeps it until its sender has seen what is in it.
pub(super) async fn stage(
    request: HttpRequest,
    state: Data<State>,
    class: Path<ClassId>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let user = auth::signed_in(&request).ok_or_else(|| must_log_in(&request))?;
    let at = state.clock.now();
    // Only asked, so that nobody uploads 256 MiB to be told no; the form itself has yet to prove whose it is.
    let asking = Actor { user, at, credential: None, once: None };
    service::import::may_import(&state.db, &asking, *class).await.map_err(ApiError::from)?;
    let spooled = spool::receive(&request, body, &state).await?;
    let sent = spooled.fields.iter().find(|(name, _)| name == "csrf").map_or("", |(_, value)| value);
    auth::prove(&request, sent)?;
    let visitor = Visitor::of(&request)?.ok_or_else(|| must_log_in(&request))?;
    let turn = state.importing.queue.enter(user)?;
    let spooled = spooled.set_down(&state).await?;
    let id = state.staging.put(user, *class, at, spooled.bytes, turn.watch())?;
    let looking = look_through(state.get_ref().clone(), visitor.actor(), *class, id, spooled, turn);
    // To its end, whatever becomes of the connection; whoever is still here then sees at once what was found.
    let looking = tokio::spawn(looking.instrument(Span::current()));
    timeout(state.limits.import_answer, looking).await.ok();
    match state.staging.get(id, user, *class, at)? {
        Staged::Refused(error, typed) => Ok(refused(&state, &visitor, *class, id, error, typed).await?),
        _ => Ok(see_other(&format!("/classes/{class}/import/{id}"))),
    }
}

/// The page to send something from, with why what was sent cannot be taken.
async fn refused(
    state: &State,
    visitor: &Visitor,
    class: ClassId,
    id: ImportId,
    error: ApiError,
    typed: Typed,
) -> Result {
    state.staging.forget(id);
    let page = ImportPage::of(state, visitor, class, Form::refused(typed, error)?).await?;
    page.form.outcome().answer(&page)
}

/// Looks through what was sent when its turn has come; what was found waits for its sender.
async fn look_through(state: State, actor: Actor, class: ClassId, id: ImportId, spooled: Spooled, mut turn: Turn) {
    turn.comes().await;
    let looking = AssertUnwindSafe(look(&state, &actor, class, &spooled, turn)).catch_unwind();
    let found = looking.await.unwrap_or_else(|_| Err(ApiError::panicked()));
    let staged = match found {
        Ok((found, turns)) => Staged::Waiting(Arc::new(Waiting { spooled, found, turns })),
        Err(error) => Staged::Refused(error, typed(&spooled).await),
    };
    state.staging.became(id, staged);
}

/// What is in it, and its text if nobody can tell who speaks; nothing is stored.
async fn look(
    state: &State,
    actor: &Actor,
    class: ClassId,
    spooled: &Spooled,
    turn: Turn,
) -> Result<(Report, Option<String>)> {
    let refused = |code, detail| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
    if spooled.pieces.is_empty() {
        return Err(refused("empty", "paste a conversation or choose a file first".to_owned()));
    }
    let wanted = request(class, Selection::All, None, spooled);
    let report = importing::look(state, actor, wanted, spooled, turn).await?;
    if report.is_empty() {
        let why = report.failed.first().map_or("there is no conversation in it", |line| &line.reason);
        return Err(refused("nothing_imported", format!("nothing in it could be read: {why}")));
    }
    let turns = turns::speakerless(spooled, &report).await?;
    Ok((report, turns))
}

/// What is asked of an import of what was sent. What comes in by a page is its owner's alone until it is shared.
fn request(class: ClassId, select: Selection, title: Option<Title>, spooled: &Spooled) -> Request {
    Request { class, visibility: Visibility::Private, select, title, bytes: spooled.bytes, hash: spooled.hash }
}

/// What was pasted, to be shown again beside what is wrong with it.
async fn typed(spooled: &Spooled) -> Typed {
    let pasted = spooled.pieces().into_iter().find(|piece| piece.name.is_none());
    let Some(mut piece) = pasted.filter(|_| spooled.bytes <= SHOWN_AGAIN) else { return Typed::default() };
    let reading = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut piece.source, &mut text).map(|_| text)
    });
    let text = reading.await.ok().and_then(Result::ok).unwrap_or_default();
    [("text", text)].into()
}
