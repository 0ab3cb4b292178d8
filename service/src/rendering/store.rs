//! Renderings are kept: made once for each version of a message, and anew by a newer renderer.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entity::{
    MessageId,
    message::{self, PartKind, Parts, Role},
    rendering::{self, RenderedParts},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use tracing::warn;

use super::{Renderer, VERSION};
use crate::{Db, Error, Mishap, Result};

/// Keys in one statement: far below what an engine takes.
const BATCH: usize = 5_000;

/// Rows a statement inserts.
const ROWS: usize = 500;

/// How long a reader waits for renderings to be kept; they are kept even so.
const KEEP_WITHIN: Duration = Duration::from_secs(1);

/// A message whose rendering is not kept.
type Missing = (MessageId, i32, Role, Parts);

/// The renderings of these messages, named by id and version, each with all its parts in their order: kept ones are
/// read, the others are made and kept. A message that is gone, or has another version by now, is left out.
///
/// The messages must be ones that the reader may see. Unless the reader is the conversation's owner (`with_context`),
/// parts of the kind `context` come as empty HTML: numbers of parts mean the same to all.
///
/// # Errors
/// [`Error::Database`] when they cannot be read; never because they cannot be kept.
pub async fn of(
    db: &Db,
    renderer: &Renderer,
    messages: &[(MessageId, i32)],
    with_context: bool,
) -> Result<HashMap<MessageId, RenderedParts>> {
    let wanted: Arc<[(MessageId, i32)]> = messages.into();
    let kept = Arc::clone(&wanted);
    let mut found = db.read(move |db| async move { read(&db, &kept).await }).await?;
    if found.len() < wanted.len() {
        let missing: Vec<_> = wanted.iter().filter(|(id, _)| !found.contains_key(id)).copied().collect();
        let (db, renderer) = (db.clone(), renderer.clone());
        // To its end: or whoever leaves before it would have the next reader do all of it again.
        let making = tokio::spawn(async move {
            let made = make(&db, &renderer, missing).await?;
            keep(&db, &made).await;
            Ok::<_, Error>(made)
        });
        let made = making.await??;
        found.extend(made.iter().map(|row| (row.message_id, row.parts.clone())));
    }
    if !with_context {
        for part in found.values_mut().flat_map(|parts| &mut parts.0) {
            if part.kind == PartKind::Context {
                part.html.clear();
            }
        }
    }
    Ok(found)
}

async fn read(db: &DatabaseConnection, wanted: &[(MessageId, i32)]) -> Result<HashMap<MessageId, RenderedParts>> {
    let versions: HashMap<MessageId, i32> = wanted.iter().copied().collect();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(BATCH) {
        let rows = rendering::Entity::find()
            .filter(rendering::COLUMN.message_id.is_in(some.iter().map(|(id, _)| *id)))
            .filter(rendering::COLUMN.renderer.eq(VERSION))
            .all(db)
            .await?;
        let current = rows.into_iter().filter(|row| versions.get(&row.message_id) == Some(&row.version));
        found.extend(current.map(|row| (row.message_id, row.parts)));
    }
    Ok(found)
}

/// Renders messages from the rows themselves: what a reader was given may lack what is the owner's alone.
async fn make(db: &Db, renderer: &Renderer, wanted: Vec<(MessageId, i32)>) -> Result<Vec<rendering::Model>> {
    let sources: Vec<Missing> = db.read(move |db| async move { sources(&db, &wanted).await }).await?;
    let slot = Arc::clone(&renderer.slots).acquire_owned().await.map_err(|_| Error::Mishap(Mishap::Stopping))?;
    let renderer = renderer.clone();
    let work = tokio::task::spawn_blocking(move || {
        // Given back when the work ends, not when the reader stops waiting.
        let _slot = slot;
        let render = |(message_id, version, role, parts): Missing| {
            let parts = renderer.render(role, &parts.0);
            rendering::Model { message_id, version, renderer: VERSION, parts }
        };
        sources.into_iter().map(render).collect()
    });
    Ok(work.await?)
}

async fn sources(db: &DatabaseConnection, wanted: &[(MessageId, i32)]) -> Result<Vec<Missing>> {
    let versions: HashMap<MessageId, i32> = wanted.iter().copied().collect();
    let mut sources = Vec::with_capacity(wanted.len());
    for some in wanted.chunks(BATCH) {
        let rows: Vec<Missing> = message::Entity::find()
            .filter(message::COLUMN.id.is_in(some.iter().map(|(id, _)| *id)))
            .select_only()
            .columns([message::Column::Id, message::Column::Version, message::Column::Role, message::Column::Parts])
            .into_tuple()
            .all(db)
            .await?;
        sources.extend(rows.into_iter().filter(|(id, version, ..)| versions.get(id) == Some(version)));
    }
    Ok(sources)
}

/// Keeps renderings. A reader gets the page even so when it fails; the next one tries again.
async fn keep(db: &Db, made: &[rendering::Model]) {
    if made.is_empty() {
        return;
    }
    let rows: Arc<[rendering::Model]> = made.into();
    let unit = db.write(move |tx| async move {
        for some in rows.chunks(ROWS) {
            let again = OnConflict::column(rendering::Column::MessageId)
                .update_columns([rendering::Column::Version, rendering::Column::Renderer, rendering::Column::Parts])
                .to_owned();
            let rows = some.iter().map(|row| rendering::ActiveModel {
                message_id: Set(row.message_id),
                version: Set(row.version),
                renderer: Set(row.renderer),
                parts: Set(row.parts.clone()),
            });
            rendering::Entity::insert_many(rows).on_conflict(again).exec_without_returning(&*tx).await?;
        }
        Ok(())
    });
    match tokio::time::timeout(KEEP_WITHIN, unit).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(cause = error.name(), "renderings were not kept"),
        Err(_) => warn!("renderings are still being kept"),
    }
}
