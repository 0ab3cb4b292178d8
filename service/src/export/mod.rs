//! Out again: what somebody may read, as files that are read elsewhere, and some of them here again.
//!
//! An export asks what every list asks, a page at a time, and is sent while it is read: what somebody may not see is in
//! none, and the size of none decides how much memory it takes, that of single messages and sources alone.

mod class;
pub(crate) mod document;
mod html;
mod json;
mod markdown;
mod mine;
mod name;
mod out;
mod placed;
pub(crate) mod seal;
mod table;
mod tables;
mod walk;
mod words;

pub use class::{ClassFormat, Name as TableName, class};
pub use html::policy;
pub use mine::mine;
pub use out::Download;

use entity::ConversationId;

use crate::{Actor, Db, Result, conversation::about, rendering::Renderer};

/// A form a conversation is exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs, and to bring it in again.
    Json,
    /// For notes and editors.
    Markdown,
    /// A page that needs nothing else.
    Html,
}

/// One conversation with all branches, its marks and their threads, as the actor may see them. `place` is dropped as soon
/// as all is written.
///
/// # Errors
/// [`crate::Error::NotFound`] unless the actor may read it.
pub async fn conversation(
    db: &Db,
    renderer: &Renderer,
    actor: &Actor,
    id: ConversationId,
    format: Format,
    place: impl Send + 'static,
) -> Result<Download> {
    let about = about(db, actor, id).await?;
    let (ending, media_type) = match format {
        Format::Json => ("json", "application/json"),
        Format::Markdown => ("md", "text/markdown; charset=utf-8"),
        Format::Html => ("html", "text/html; charset=utf-8"),
    };
    let name = name::file(about.conversation.title.as_deref(), "conversation", ending);
    let (db, renderer, actor) = (db.clone(), renderer.clone(), actor.clone());
    Ok(Download::start(name, media_type, place, move |mut out| async move {
        match format {
            Format::Json => json::write(&db, &actor, &about, &mut out).await?,
            Format::Markdown => markdown::write(&db, &actor, &about, &mut out).await?,
            Format::Html => html::write(&db, &renderer, &actor, &about, &mut out).await?,
        }
        Ok(out)
    }))
}
