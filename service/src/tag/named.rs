//! Tags by name: found among those that somebody may use, or made for them alone.

use std::collections::HashMap;

use entity::{ClassId, TagId, tag};
use sea_orm::{ActiveModelTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::{Colour, MOST, NewTag, end_of, key, row, same_list, tell};
use crate::{
    Actor, Result,
    feed::{Kind, Turn},
    text::Label,
};

/// Keys in one statement: far below what an engine takes.
const BATCH: usize = 5_000;

/// The tags of these names that the actor may use, by the name without regard to case: that of the class, else one's
/// own, else one that is made now and is one's own. What finds no room any more is left out.
pub(crate) async fn named(
    db: &impl ConnectionTrait,
    actor: &Actor,
    class: ClassId,
    turn: &mut Turn,
    wanted: HashMap<String, (Label, Option<Colour>)>,
) -> Result<HashMap<String, TagId>> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let names: Vec<&String> = wanted.keys().collect();
    for owner in [Some(actor.user), None] {
        let keys: Vec<String> = names.iter().map(|name| key(owner, name)).collect();
        for some in keys.chunks(BATCH) {
            let there = tag::Entity::visible_to(actor.user, class)
                .filter(tag::COLUMN.name_key.is_in(some.iter().cloned()))
                .select_only()
                .columns([tag::Column::NameKey, tag::Column::Id])
                .into_tuple::<(String, TagId)>()
                .all(db)
                .await?;
            // Those of the class come second, and stay.
            found.extend(there.into_iter().filter_map(|(key, id)| Some((key.split_once('/')?.1.to_owned(), id))));
        }
    }
    let mut missing: Vec<_> = wanted.into_iter().filter(|(name, _)| !found.contains_key(name)).collect();
    missing.sort_by(|one, other| one.0.cmp(&other.0));
    let room = MOST.saturating_sub(same_list(class, Some(actor.user)).count(db).await?);
    missing.truncate(usize::try_from(room).unwrap_or(0));
    if missing.is_empty() {
        return Ok(found);
    }
    let position = end_of(db, class, Some(actor.user), 0).await?;
    for (position, (name, (label, colour))) in (position..).zip(missing) {
        let new = NewTag { name: label, colour, definition: None, example: None, group: None };
        let made = row(actor, class, Some(actor.user), position, new).insert(db).await?;
        tell(turn, db, Kind::TagChanged, made.id, Some(actor.user)).await?;
        found.insert(name, made.id);
    }
    Ok(found)
}
