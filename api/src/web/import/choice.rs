//! What was found, and the choice of what comes in.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{
    http::StatusCode,
    web::{Data, Path, Query},
};
use askama::Template;
use service::{
    Actor, Error, IdempotencyKey,
    entity::{ClassId, ConversationId, ImportId},
    import::{Imported, Preview, Report, Selection},
    text::Title,
};
use sha2::{Digest, Sha256};

use super::{
    Target, refused,
    report::SheetQuery,
    request,
    staging::{Staged, Waiting},
    turns,
};
use crate::{
    error::ApiError,
    importing::{self, Answered},
    state::State,
    web::{
        form::{Form, Posted, Typed},
        page::{self, Page, Result, When, see_other},
        sheet::Sheet,
        visitor::Visitor,
        words,
    },
};

/// Letters of a title made of the first line.
pub(super) const TITLE: usize = 80;

/// Where something waits.
pub(super) type Place = Path<(ClassId, ImportId)>;

/// A conversation that can be picked.
struct Found {
    index: usize,
    title: Option<String>,
    origin: &'static str,
    when: Option<When>,
    preview: Preview,
    new_messages: Option<usize>,
    /// The conversation that would grow by them.
    grows: Option<ConversationId>,
    notes: Vec<String>,
}

/// A conversation that is here already, or comes again in what was sent.
struct Here {
    id: Option<ConversationId>,
    title: Option<String>,
}

#[derive(Template)]
#[template(path = "import-choice.html")]
struct ChoicePage {
    page: Page,
    form: Form,
    target: Target,
    /// How many can be picked in all.
    total: usize,
    /// Those of this page.
    found: Vec<Found>,
    /// Here already, in all.
    all_here: usize,
    here: Vec<Here>,
    sheet: Sheet,
    report: Arc<Waiting>,
}

/// What is not looked through yet.
#[derive(Template)]
#[template(path = "import-looking.html")]
struct LookingPage {
    page: Page,
    /// How many go before it and itself; 0 while it is looked through.
    place: usize,
}

impl ChoicePage {
    /// The only one there is.
    fn only(&self) -> Option<&Found> {
        self.found.first().filter(|_| self.total == 1)
    }

    /// A title for what has none: its first line.
    fn name(&self, found: &Found) -> String {
        found.preview.glance.first.chars().take(TITLE).collect()
    }

    fn report(&self) -> &Report {
        &self.report.found
    }
}

/// What can be picked, newest first.
fn pickable(report: &Report) -> Vec<(&Imported, &Preview)> {
    let all = report.imported.iter();
    let mut found: Vec<_> = all.filter_map(|line| Some((line, line.preview.as_ref()?))).collect();
    found.sort_by_key(|(_, preview)| std::cmp::Reverse(preview.updated_at.or(preview.started_at)));
    found
}

impl Found {
    fn of((line, preview): &(&Imported, &Preview)) -> Self {
        Self {
            index: line.index,
            title: line.title.clone(),
            origin: words::name(&words::PLATFORMS, &preview.platform),
            when: preview.updated_at.or(preview.started_at).map(When),
            preview: (*preview).clone(),
            new_messages: line.updated.then_some(line.messages),
            grows: line.id,
            notes: line.notes.clone(),
        }
    }
}

async fn choice_page(
    state: &State,
    visitor: &Visitor,
    class: ClassId,
    waiting: Arc<Waiting>,
    asked: Option<usize>,
    form: Form,
) -> Result<ChoicePage> {
    let target = Target::of(state, visitor, class).await?;
    let page = target.page(visitor, "What was found").below("Import", target.path());
    let Report { skipped, failed, .. } = &waiting.found;
    let pickable = pickable(&waiting.found);
    let (total, all_here) = (pickable.len(), skipped.len());
    let sheet = Sheet::new(asked, &[total, all_here, failed.len()]);
    let found = sheet.part(&pickable).iter().map(Found::of).collect();
    let here = sheet.part(skipped).iter().map(|line| Here { id: line.id, title: line.title.clone() }).collect();
    Ok(ChoicePage { page, form, target, total, found, all_here, here, sheet, report: waiting })
}

pub(crate) async fn ask(visitor: Visitor, state: Data<State>, place: Place, query: Query<SheetQuery>) -> Result {
    let (class, id) = place.into_inner();
    let actor = visitor.actor();
    match state.staging.get(id, actor.user, class, actor.at)? {
        Staged::Done(path, _) => Ok(see_other(&path)),
        Staged::Refused(error, typed) => refused(&state, &visitor, class, id, error, typed).await,
        Staged::Looking(place) => {
            let target = Target::of(&state, &visitor, class).await?;
            let page = target.page(&visitor, "Looking through it").below("Import", target.path());
            page::show(&LookingPage { page, place: *place.borrow() })
        }
        Staged::Waiting(waiting) if waiting.turns.is_some() => {
            turns::show(&state, &visitor, class, &waiting, Form::default()).await
        }
        Staged::Waiting(waiting) => {
            page::show(&choice_page(&state, &visitor, class, waiting, query.page, Form::default()).await?)
        }
    }
}

pub(crate) async fn make(form: Posted, state: Data<State>, place: Place) -> Result {
    let (class, id) = place.into_inner();
    let Posted { visitor, typed } = form;
    let actor = visitor.actor();
    let waiting = match state.staging.get(id, actor.user, class, actor.at)? {
        Staged::Done(path, _) => return Ok(see_other(&path)),
        Staged::Waiting(waiting) => waiting,
        // Nothing to choose from: the page says why.
        Staged::Looking(_) | Staged::Refused(..) => return Ok(see_other(&format!("/classes/{class}/import/{id}"))),
    };
    let again = format!("/classes/{class}/import");
    let done = match (typed.get("do"), &waiting.turns) {
        ("discard", _) => Ok(again),
        (_, Some(text)) => turns::save(&state, &once(actor, id, &typed), class, text, &typed).await,
        _ => bring_in(&state, actor, class, id, &waiting, &typed).await,
    };
    let error = match done {
        Ok(path) => {
            state.staging.done(id, &waiting, &path);
            return Ok(see_other(&path));
        }
        Err(error) => error,
    };
    let form = Form::refused(typed, error)?;
    if waiting.turns.is_some() {
        return turns::show(&state, &visitor, class, &waiting, form).await;
    }
    let asked = form.value("page").parse().ok();
    let page = choice_page(&state, &visitor, class, waiting, asked, form).await?;
    page.form.outcome().answer(&page)
}

/// Somebody who makes this choice once, however often the button is pressed.
fn once(actor: Actor, id: ImportId, typed: &Typed) -> Actor {
    let mut hash = Sha256::new();
    for name in ["pick", "all", "title", "turn"] {
        typed.all(name).for_each(|value| hash.update([name, "=", value, "\n"].concat()));
    }
    Actor { once: Some(IdempotencyKey { key: format!("staged-{id}"), fingerprint: hash.finalize().into() }), ..actor }
}

/// Brings in what was picked; the path of the report.
async fn bring_in(
    state: &State,
    actor: Actor,
    class: ClassId,
    id: ImportId,
    waiting: &Arc<Waiting>,
    typed: &Typed,
) -> Result<String> {
    let refused = |code, detail| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
    let picked: BTreeSet<usize> = typed.all("pick").filter_map(|place| place.parse().ok()).collect();
    let picked = match typed.get("all") {
        "" => Selection::Places(picked),
        _ => Selection::All,
    };
    if picked == Selection::Places(BTreeSet::new()) {
        return Err(refused("required", "tick at least one conversation".to_owned()));
    }
    let title = typed.optional("title").map(Title::parse).transpose();
    let title = title.map_err(|flaw| Error::invalid("title", flaw))?;
    let wanted = request(class, picked, title, &waiting.spooled);
    let pieces = waiting.spooled.pieces();
    match importing::import(state, once(actor, id, typed), wanted, pieces, Arc::clone(waiting)).await? {
        Answered::Later(id) => Ok(format!("/imports/{id}?open=yes")),
        Answered::Now { report, .. } => match report.id {
            Some(id) => Ok(format!("/imports/{id}?open=yes")),
            None => {
                let why = report.failed.first().map_or("it is no longer there", |line| &line.reason);
                Err(refused("nothing_imported", format!("nothing could be brought in: {why}")))
            }
        },
    }
}
