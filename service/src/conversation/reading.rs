//! A conversation as a page shows it: with its class, its people and its messages.

use entity::{
    ConversationId, UserId, class, conversation,
    enrolment::{self, Role, State},
    message, user,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};

use super::{
    Audience,
    audience::{count, is_staff},
};
use crate::{
    Actor, Db, Error, Result,
    author::Author,
    message::path_of,
    page::{Page, PageRequest},
};

/// Everything about one conversation that one reader sees.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The conversation.
    pub conversation: conversation::Model,
    /// Its class.
    pub class: class::Model,
    /// Whose words.
    pub author: Option<Author>,
    /// Whether they are the reader's own.
    pub mine: bool,
    /// The reader's role, while the membership holds.
    pub role: Option<Role>,
    /// Who teaches in the class.
    pub staff: Vec<Author>,
    /// How many people are in the class.
    pub audience: Audience,
    /// The messages of the visible path.
    pub messages: Page<message::Model>,
}

/// One conversation with all around it, in four statements however long it is.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read it; [`Error::Invalid`] for a cursor of another list.
pub async fn read(db: &Db, actor: &Actor, id: ConversationId, page: PageRequest) -> Result<Reading> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let found = conversation::Entity::visible_to(actor.user, actor.at)
            .filter(conversation::COLUMN.id.eq(id))
            .find_also_related(class::Entity)
            .one(&db)
            .await?;
        let Some((conversation, Some(class))) = found else {
            return Err(Error::NotFound);
        };
        let messages = path_of(&db, &actor, &conversation, &page).await?;
        let people = people(&db, &conversation, actor.user).await?;
        let active = |person: &&(enrolment::Model, user::Model)| person.0.state == State::Active;
        let shown = |(row, person): &(enrolment::Model, user::Model)| Author::of(&actor, row, person);
        let me = people.iter().filter(active).find(|(row, _)| row.user_id == actor.user);
        Ok(Reading {
            author: people.iter().find(|(row, _)| row.user_id == conversation.owner_id).map(shown),
            mine: conversation.owner_id == actor.user,
            role: me.map(|(row, _)| row.role),
            staff: people.iter().filter(active).filter(|(row, _)| is_staff(row.role)).map(shown).collect(),
            audience: count(&db, class.id).await?,
            messages,
            conversation,
            class,
        })
    })
    .await
}

/// Those who teach in the class, the conversation's owner and its reader.
async fn people(
    db: &impl ConnectionTrait,
    conversation: &conversation::Model,
    reader: UserId,
) -> Result<Vec<(enrolment::Model, user::Model)>> {
    let staff = enrolment::COLUMN.role.is_in([Role::Owner, Role::Instructor, Role::Tutor]);
    let wanted = Condition::any()
        .add(Condition::all().add(staff).add(enrolment::COLUMN.state.eq(State::Active)))
        .add(enrolment::COLUMN.user_id.is_in([conversation.owner_id, reader]));
    let rows = enrolment::Entity::in_class(conversation.class_id)
        .filter(wanted)
        .find_also_related(user::Entity)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, person)| Some((row, person?))).collect())
}
