//! Which conversations of an export are here already, before any of it is sent.

use entity::{ClassId, Moment, conversation};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::may_import;
use crate::{Actor, Db, Error, Flaw, Result};

/// How many can be asked for at once.
pub const MOST: usize = 1_000;

/// Those of these ids of a source that the actor brought into a class, and when each last changed there, as the export
/// said then.
///
/// # Errors
/// Those of [`may_import`]; [`Error::Invalid`] for more ids than [`MOST`].
pub async fn known(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    sources: Vec<String>,
) -> Result<Vec<(String, Option<Moment>)>> {
    if sources.len() > MOST {
        let detail = format!("at most {MOST} at once, found {}", sources.len());
        return Err(Error::invalid("/source", Flaw::new("out_of_range", detail)));
    }
    may_import(db, actor, class).await?;
    let user = actor.user;
    db.read(move |db| async move {
        let rows: Vec<(Option<String>, Option<Moment>)> = conversation::Entity::owned_by(user, class)
            .filter(conversation::COLUMN.deleted_at.is_null())
            .filter(conversation::COLUMN.source_id.is_in(sources))
            .select_only()
            .columns([conversation::Column::SourceId, conversation::Column::SourceUpdatedAt])
            .into_tuple()
            .all(&db)
            .await?;
        Ok(rows.into_iter().filter_map(|(id, at)| Some((id?, at))).collect())
    })
    .await
}
