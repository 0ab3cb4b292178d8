//! The report of an import, which stays.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    entity::{ImportId, import::State as Stands},
    import::{Past, Report},
};

use crate::{
    state::State,
    web::{
        page::{self, Page, Result, When, see_other},
        sheet::Sheet,
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "import-report.html")]
struct ReportPage {
    page: Page,
    at: When,
    summary: String,
    past: Past,
    sheet: Sheet,
}

impl ReportPage {
    /// Whether several conversations came in that are still there, to be shared together.
    fn offers(&self) -> bool {
        self.past.report.as_ref().is_some_and(|report| report.imported.iter().any(|line| line.visibility.is_some()))
    }
}

/// How the report is asked for.
#[derive(Deserialize)]
pub(crate) struct ReportQuery {
    page: Option<usize>,
    /// Whether what came in is to be opened if it is only one conversation.
    open: Option<String>,
}

/// Which page of a long report.
#[derive(Deserialize)]
pub(crate) struct SheetQuery {
    /// Its number, from 1.
    pub page: Option<usize>,
}

pub(crate) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ImportId>,
    query: Query<ReportQuery>,
) -> Result {
    let past = service::import::show(&state.db, &visitor.actor(), *id).await?;
    if let Some(path) = past.report.as_ref().filter(|_| query.open.is_some()).and_then(|report| alone(report, *id)) {
        return Ok(see_other(&path));
    }
    let path = format!("/classes/{}", past.class);
    let page = Page::of(&visitor, "Import report").below("My classes", "/").below(&past.class_name, path);
    let lengths = past.report.as_ref().map(|report| [report.imported.len(), report.skipped.len(), report.failed.len()]);
    let sheet = Sheet::new(query.page, &lengths.unwrap_or_default());
    let summary = past.report.as_ref().map(summary).unwrap_or_default();
    page::show(&ReportPage { page, at: When(past.at), summary, sheet, past })
}

/// Where the only conversation of a report is read, if there is nothing else to report.
fn alone(report: &Report, id: ImportId) -> Option<String> {
    let [line] = report.imported.as_slice() else { return None };
    let else_nothing = report.skipped.is_empty() && report.failed.is_empty();
    let new = (!line.updated && else_nothing && line.visibility.is_some()).then_some(line.id).flatten()?;
    let noted = if line.notes.is_empty() && report.notes.is_empty() { String::new() } else { format!("&import={id}") };
    Some(format!("/conversations/{new}?done=added{noted}"))
}

/// "3 added · 1 already here · 1 could not be read".
fn summary(report: &Report) -> String {
    let grown = report.imported.iter().filter(|line| line.updated).count();
    let counts = [
        (report.imported.len() - grown, "added"),
        (grown, "grew"),
        (report.skipped.len(), "already here"),
        (report.failed.len(), "could not be read"),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    said.join(" · ")
}
