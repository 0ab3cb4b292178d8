//! Exports: what you may read, as files.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Bytes, Data, Path},
};
use futures_util::stream;
use serde::Deserialize;
use service::{
    Error, Flaw,
    entity::{ClassId, ConversationId},
    export::{self, ClassFormat, Download, Format, TableName},
};
use utoipa::ToSchema;

use crate::{answer::Result, auth::CurrentUser, error::ApiError, exporting::Place, query::Query, state::State};

/// In which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationFormat {
    /// For programs, and to bring it in again.
    #[default]
    Json,
    /// For notes and editors.
    Markdown,
    /// A page that needs nothing else.
    Html,
}

/// What is asked of the export of a conversation.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationExportQuery {
    /// In which form; `json` if not said.
    #[param(inline)]
    format: Option<ConversationFormat>,
}

/// Exports a conversation with all branches, its annotations and their threads, as far as you may see them.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/export", tag = "exports",
    params(("id" = String, Path), ConversationExportQuery),
    responses((status = 200, description = "The file, as an attachment", content(
        (Object = "application/json"), (String = "text/markdown"), (String = "text/html"))),
              (status = 429, description = "Two exports of yours are under way already")))]
pub async fn conversation(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<ConversationExportQuery>,
) -> Result<HttpResponse> {
    let format = match query.format.unwrap_or_default() {
        ConversationFormat::Json => Format::Json,
        ConversationFormat::Markdown => Format::Markdown,
        ConversationFormat::Html => Format::Html,
    };
    let place = place(&me, &state).await?;
    let download = export::conversation(&state.db, &state.renderer, &me.actor(), *id, format, place).await?;
    Ok(attached(download))
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TablesFormat {
    /// A line of JSON for each row of all tables.
    #[default]
    Jsonl,
    /// A ZIP with a file for each table, or one table.
    Csv,
}

/// One of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassTable {
    /// The conversations.
    Conversations,
    /// Their messages.
    Messages,
    /// The annotations.
    Annotations,
    /// The comments below them.
    Comments,
    /// The codebook, and your own tags.
    Tags,
    /// What each column of the others means.
    Dictionary,
}

impl From<ClassTable> for TableName {
    fn from(table: ClassTable) -> Self {
        match table {
            ClassTable::Conversations => Self::Conversations,
            ClassTable::Messages => Self::Messages,
            ClassTable::Annotations => Self::Annotations,
            ClassTable::Comments => Self::Comments,
            ClassTable::Tags => Self::Tags,
            ClassTable::Dictionary => Self::Dictionary,
        }
    }
}

/// What is asked of the export of a class.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClassExportQuery {
    /// In which form; `jsonl` if not said.
    #[param(inline)]
    format: Option<TablesFormat>,
    /// Only this table, with `format=csv`.
    #[param(inline)]
    table: Option<ClassTable>,
}

/// Exports conversations, messages, annotations, comments and tags of a class as tables, as far as you may see them, with
/// a dictionary that explains every column. What is a conversation's owner's alone is not in it.
#[utoipa::path(get, path = "/api/v1/classes/{id}/export", tag = "exports", params(("id" = String, Path), ClassExportQuery),
    responses((status = 200, description = "The file, as an attachment", content(
        (String = "application/jsonl"), (String = "application/zip"), (String = "text/csv"))),
              (status = 429, description = "Two exports of yours are under way already")))]
pub async fn class(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ClassId>,
    query: Query<ClassExportQuery>,
) -> Result<HttpResponse> {
    let format = match (query.format.unwrap_or_default(), query.table) {
        (TablesFormat::Jsonl, None) => ClassFormat::Jsonl,
        (TablesFormat::Csv, None) => ClassFormat::Csv,
        (TablesFormat::Csv, Some(table)) => ClassFormat::Table(table.into()),
        (TablesFormat::Jsonl, Some(_)) => {
            let flaw = Flaw::new("unfitting", "one table alone comes with `format=csv`");
            return Err(Error::invalid("table", flaw).into());
        }
    };
    let place = place(&me, &state).await?;
    Ok(attached(export::class(&state.db, &me.actor(), *id, format, &state.public_url, place).await?))
}

/// Exports everything of yours: account, memberships, conversations with what is for you alone and as they came in, marks,
/// comments, tags. Of classes you left within the last 30 days, too.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "exports",
    responses((status = 200, description = "A ZIP", body = String, content_type = "application/zip"),
              (status = 429, description = "Two exports of yours are under way already")))]
pub async fn mine(me: CurrentUser, state: Data<State>) -> Result<HttpResponse> {
    let place = place(&me, &state).await?;
    Ok(attached(export::mine(&state.db, &me.actor(), &state.public_url, place).await?))
}

/// A place among the exports under way.
async fn place(me: &CurrentUser, state: &State) -> Result<Place> {
    state.exporting.enter(me.actor().user, state.limits.export_wait).await
}

/// Sends a file while it is written.
pub(super) fn attached(download: Download) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type(download.media_type);
    answer.insert_header((header::CONTENT_DISPOSITION, disposition(&download.name)));
    if download.media_type.starts_with("text/html") {
        // For who opens it in the browser all the same: it may look as it says itself, and do nothing.
        let policy = format!("{}; frame-ancestors 'none'; sandbox", export::policy());
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    answer.streaming(stream::try_unfold(download, |mut download| async move {
        let piece = download.next().await.map_err(ApiError::from)?;
        Ok::<_, actix_web::Error>(piece.map(|piece| (Bytes::from(piece), download)))
    }))
}

/// `Content-Disposition` by RFC 6266: the name in ASCII for who knows no more, then as it is (RFC 8187).
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let encoded = name.bytes().fold(String::new(), |text, byte| {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            text + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            text + &format!("%{byte:02X}")
        }
    });
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}
