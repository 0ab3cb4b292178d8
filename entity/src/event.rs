//! The feed of a class: what changed, in the order it was committed.

use sea_orm::{Condition, ExprTrait, QueryOrder, entity::prelude::*};
use uuid::Uuid;

use crate::{Audience, ClassId, ConversationId, Moment, UserId, audience, enrolment};

/// One change.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// In which class.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class_id: ClassId,
    /// Its place in the feed. Microseconds of the clock, and always more than the one before, so that what lies between
    /// two that somebody sees tells nothing of how many others there were.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// What happened, such as `annotation.created`.
    pub kind: String,
    /// To what.
    pub object_id: Uuid,
    /// In which conversation one has to read to hear of it; none for what belongs to the class, conversations themselves
    /// among it: who can no longer read one has to hear of just that.
    pub conversation_id: Option<ConversationId>,
    /// Who hears of it besides the person whose it is.
    pub audience: Audience,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// When.
    pub created_at: Moment,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "SetNull")]
    pub user: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The feed of a class as this person, an active member at `at`, may hear it, oldest first.
    pub fn heard_by(user: UserId, role: enrolment::Role, at: Moment, class: ClassId) -> Select<Self> {
        let of_class = match role.is_staff() {
            true => COLUMN.audience.ne(Audience::Private),
            false => COLUMN.audience.eq(Audience::Class),
        };
        let inside = audience::reached(
            user,
            at,
            (Entity, Column::ConversationId),
            (Entity, Column::Audience),
            Expr::val(true).eq(true),
        );
        let own = COLUMN.user_id.eq(user);
        let readable = COLUMN.conversation_id.in_subquery(audience::readable(user, at));
        let whole =
            Condition::all().add(COLUMN.conversation_id.is_null()).add(Condition::any().add(own.clone()).add(of_class));
        let within = Condition::all().add(readable).add(Condition::any().add(own).add(inside));
        Self::find()
            .filter(COLUMN.class_id.eq(class))
            .filter(Condition::any().add(whole).add(within))
            .order_by_asc(Column::Seq)
    }
}
