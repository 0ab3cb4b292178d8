//! All marks of a conversation on one page, in four statements however many they are.

use entity::{
    ConversationId, annotation, class, conversation,
    enrolment::{self, Role, State},
};
use sea_orm::{
    ColumnTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};

use super::{
    list::place,
    view::{AnnotationView, Lines},
};
use crate::{Actor, Db, Error, Result, class::Veil};

/// Marks on one page at most.
const MOST: u64 = 1_000;

/// What was marked in a conversation, as one reader sees it.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The conversation.
    pub conversation: conversation::Model,
    /// Its class.
    pub class: class::Model,
    /// The marks, as they stand in the conversation.
    pub marks: Vec<Marked>,
    /// Whether there are more.
    pub more: bool,
    /// What keeps those of others from the reader.
    pub veil: Option<Veil>,
}

/// A class and what the reader is in it, as one statement reads them.
#[derive(FromQueryResult)]
struct Home {
    #[sea_orm(nested)]
    class: class::Model,
    role: Option<Role>,
    own_marks: i64,
}

/// What the actor is in the class of a conversation.
fn role(actor: &Actor) -> SelectStatement {
    Query::select()
        .column((enrolment::Entity, enrolment::Column::Role))
        .from(enrolment::Entity)
        .and_where(
            Expr::col((enrolment::Entity, enrolment::Column::ClassId))
                .equals((conversation::Entity, conversation::Column::ClassId)),
        )
        .and_where(enrolment::COLUMN.user_id.eq(actor.user))
        .and_where(enrolment::COLUMN.state.eq(State::Active))
        .to_owned()
}

/// A mark and the number of its message.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The mark.
    pub view: AnnotationView,
    /// The number of its message, from 1.
    pub number: Option<u32>,
}

/// All marks of a conversation.
///
/// # Errors
/// [`Error::NotFound`] unless the actor may read it.
pub async fn summary(db: &Db, actor: &Actor, id: ConversationId) -> Result<Summary> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let found = conversation::Entity::visible_to(actor.user, actor.at)
            .filter(conversation::COLUMN.id.eq(id))
            .find_also_related(class::Entity)
            .expr_as(role(&actor), "B_role")
            .expr_as(annotation::Entity::made_by(actor.user), "B_own_marks")
            .into_model::<conversation::Model, Home>()
            .one(&db)
            .await?;
        let Some((conversation, Some(Home { class, role, own_marks }))) = found else {
            return Err(Error::NotFound);
        };
        let mut query = annotation::Entity::visible_to(actor.user, actor.at)
            .filter(annotation::COLUMN.conversation_id.eq(id))
            .limit(MOST + 1);
        for expr in place() {
            query = query.order_by_asc(expr);
        }
        let mut lines = Lines::of(&db, &actor, query.order_by_asc(annotation::Column::Id)).await?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let more = lines.0.len() > most;
        lines.0.truncate(most);
        let number = |position: i32| u32::try_from(position).unwrap_or(0).saturating_add(1);
        let numbers: Vec<_> = lines.0.iter().map(|line| line.position.map(number)).collect();
        let views = lines.views(&db, &actor).await?;
        let marks = views.into_iter().zip(numbers).map(|(view, number)| Marked { view, number }).collect();
        let own = u64::try_from(own_marks).unwrap_or(0);
        let veil = Veil::of(&class, role, actor.at).filter(|veil| !veil.is_lifted_by(own));
        Ok(Summary { conversation, class, marks, more, veil })
    })
    .await
}
