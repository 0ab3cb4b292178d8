//! What others lose sight of when a conversation is shared with fewer people.

use entity::{Audience, ConversationId, annotation};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{Actor, Db, Result, conversation};

/// Marks of a conversation that others than their authors may see, as far as the actor sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Those for staff.
    pub staff: u64,
    /// Those for the class.
    pub class: u64,
}

/// Counts them. Each keeps its own audience while the conversation is shared with fewer people, and is back when it is
/// shared again.
///
/// # Errors
/// [`crate::Error::NotFound`] unless the actor may read the conversation.
pub async fn shared(db: &Db, actor: &Actor, id: ConversationId) -> Result<Shared> {
    let actor = actor.clone();
    db.read(move |db| async move {
        conversation::find(&db, &actor, id).await?;
        let counts: Vec<(Audience, i64)> = annotation::Entity::visible_to(actor.user, actor.at)
            .filter(annotation::COLUMN.conversation_id.eq(id))
            .filter(annotation::COLUMN.audience.ne(Audience::Private))
            .select_only()
            .column(annotation::Column::Audience)
            .column_as(annotation::Column::Id.count(), "marks")
            .group_by(annotation::Column::Audience)
            .into_tuple()
            .all(&db)
            .await?;
        let of = |audience| {
            let count = counts.iter().find(|(found, _)| *found == audience).map_or(0, |(_, marks)| *marks);
            u64::try_from(count).unwrap_or(0)
        };
        Ok(Shared { staff: of(Audience::Staff), class: of(Audience::Class) })
    })
    .await
}
