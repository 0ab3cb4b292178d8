//! Several conversations of one owner: what has to be known before all of them are shared, taken back or deleted.

use entity::{ClassId, ConversationId, conversation};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{Audience, audience::count};
use crate::{Actor, Db, Error, Flaw, Result, access::Standing, author::made_up_name};

/// How many conversations can be chosen at once.
pub const MOST: usize = 100;

/// Some of the actor's own conversations of a class.
#[derive(Clone, Debug)]
pub struct Several {
    /// The class and the actor's membership.
    pub standing: Standing,
    /// The conversations, in the order they were asked for; what is not here, or not the actor's own, is left out.
    pub conversations: Vec<conversation::Model>,
    /// How many people are in the class.
    pub audience: Audience,
    /// The name students see the actor's conversations under, where that is not the actor's own.
    pub made_up_name: Option<String>,
}

/// Those of `ids` that are the actor's own in a class, at most [`MOST`].
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Invalid`] for more ids than [`MOST`].
pub async fn several(db: &Db, actor: &Actor, class: ClassId, ids: Vec<ConversationId>) -> Result<Several> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let standing = Standing::of(&db, &actor, class).await?;
        if ids.len() > MOST {
            let detail = format!("at most {MOST} conversations at once, found {}", ids.len());
            return Err(Error::invalid("/conversation", Flaw::new("out_of_range", detail)));
        }
        let mut conversations = conversation::Entity::visible_to(actor.user, actor.at)
            .filter(conversation::COLUMN.class_id.eq(class))
            .filter(conversation::COLUMN.owner_id.eq(actor.user))
            .filter(conversation::COLUMN.id.is_in(ids.iter().copied()))
            .all(&db)
            .await?;
        conversations.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
        Ok(Several {
            conversations,
            audience: count(&db, class).await?,
            made_up_name: made_up_name(&standing.class, &standing.enrolment),
            standing,
        })
    })
    .await
}
