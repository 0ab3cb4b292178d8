//! Where something is added to a conversation: with the class's turn, and with rights that are read after it was taken.

use entity::{AnnotationId, ConversationId, annotation, conversation};
use sea_orm::ConnectionTrait;

use super::find;
use crate::{
    Actor, Result,
    access::Membership,
    conversation as conversations,
    feed::{self, Turn},
};

/// A conversation that the actor may read, in a unit that has its class's turn.
pub(crate) struct Place {
    pub(crate) turn: Turn,
    pub(crate) conversation: conversation::Model,
    pub(crate) member: Membership,
}

impl Place {
    pub(crate) async fn of(db: &impl ConnectionTrait, actor: &Actor, id: ConversationId) -> Result<Self> {
        // To learn whose turn it is. A conversation stays in its class; all else may change until the turn has come.
        let class = conversations::find(db, actor, id).await?.class_id;
        let turn = feed::turn(db, class, actor.at).await?;
        let conversation = conversations::find(db, actor, id).await?;
        let member = Membership::still(db, actor, class).await?;
        Ok(Self { turn, conversation, member })
    }

    /// The place of an annotation that the actor may see, and the annotation.
    pub(crate) async fn around(
        db: &impl ConnectionTrait,
        actor: &Actor,
        id: AnnotationId,
    ) -> Result<(Self, annotation::Model)> {
        let conversation = find(db, actor, id).await?.conversation_id;
        let place = Self::of(db, actor, conversation).await?;
        Ok((place, find(db, actor, id).await?))
    }
}
