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
        page::{self, Page, Result, When},
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

/// Which page of a long report.
#[derive(Deserialize)]
pub(crate) struct SheetQuery {
    /// Its number, from 1.
    pub page: Option<usize>,
}

pub(crate) async fn show(visitor: Visitor, state: Data<State>, id: Path<ImportId>, query: Query<SheetQuery>) -> Result {
    let past = service::import::show(&state.db, &visitor.actor(), *id).await?;
    let path = format!("/classes/{}", past.class);
    let page = Page::of(&visitor, "Import report").below("My classes", "/").below(&past.class_name, path);
    let lengths = past.report.as_ref().map(|report| [report.imported.len(), report.skipped.len(), report.failed.len()]);
    let sheet = Sheet::new(query.page, &lengths.unwrap_or_default());
    let summary = past.report.as_ref().map(summary).unwrap_or_default();
    page::show(&ReportPage { page, at: When(past.at), summary, sheet, past })
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
