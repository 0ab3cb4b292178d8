//! Exports: what you may read, as files.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Bytes, Data, Path},
};
use futures_util::stream;
use serde::Deserialize;
use service::{
    entity::ConversationId,
    export::{self, Download, Format},
};
use utoipa::ToSchema;

use crate::{answer::Result, auth::CurrentUser, error::ApiError, query::Query, state::State};

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
        (Object = "application/json"), (String = "text/markdown"), (String = "text/html")))))]
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
    let download = export::conversation(&state.db, &state.renderer, &me.actor(), *id, format).await?;
    Ok(attached(download))
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
