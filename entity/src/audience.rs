//! Who may see what people add to a conversation: the one rule for annotations, comments and the feed.

use sea_orm::{
    ActiveEnum, Condition, ExprTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{IntoColumnRef, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Moment, UserId, annotation,
    class::{self, Blind},
    conversation, enrolment,
};

/// Who may see something besides the one whose it is; never more than may read the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Audience {
    /// Nobody.
    Private,
    /// Owner, instructors and tutors of the class.
    Staff,
    /// Whoever may read the conversation.
    Class,
}

impl From<conversation::Visibility> for Audience {
    fn from(visibility: conversation::Visibility) -> Self {
        match visibility {
            conversation::Visibility::Private => Self::Private,
            conversation::Visibility::Staff => Self::Staff,
            conversation::Visibility::Class => Self::Class,
        }
    }
}

impl Audience {
    /// Who may see something that was meant for these people, in a conversation that is shared this far.
    #[must_use]
    pub fn within(self, visibility: conversation::Visibility) -> Self {
        match (self, Self::from(visibility)) {
            (Self::Private, _) | (_, Self::Private) => Self::Private,
            (Self::Staff, _) | (_, Self::Staff) => Self::Staff,
            (Self::Class, Self::Class) => Self::Class,
        }
    }
}

/// The ids of the conversations this person may read.
pub(crate) fn readable(user: UserId, at: Moment) -> SelectStatement {
    conversation::Entity::visible_to(user, at).select_only().column(conversation::Column::Id).into_query()
}

/// The ids of the conversations of classes that this person is in, or left not longer ago than [`conversation::FAREWELL`]:
/// what they wrote there is theirs, whoever may read the rest.
pub(crate) fn around(user: UserId, at: Moment) -> SelectStatement {
    let class_id = (conversation::Entity, conversation::Column::ClassId);
    let farewell = enrolment::COLUMN.ended_at.gt(at.plus(-conversation::FAREWELL));
    Query::select()
        .column((conversation::Entity, conversation::Column::Id))
        .from(conversation::Entity)
        .inner_join(enrolment::Entity, enrolment::COLUMN.class_id.into_expr().equals(class_id))
        .and_where(enrolment::COLUMN.user_id.eq(user))
        .cond_where(Condition::any().add(enrolment::COLUMN.state.eq(enrolment::State::Active)).add(farewell))
        .to_owned()
}

/// Whether something of somebody else's, in the conversation of one column and for the audience of another, is for this
/// person: for staff unless it is private; for other members when it is for the class, `unhidden` holds, and they are
/// not [blind](lifted). Former members see nothing of others.
pub(crate) fn reached(
    user: UserId,
    at: Moment,
    conversation: impl IntoColumnRef,
    audience: impl IntoColumnRef,
    unhidden: SimpleExpr,
) -> SimpleExpr {
    let audience = Expr::col(audience);
    let staff = Condition::all()
        .add(enrolment::COLUMN.role.is_in(enrolment::Role::STAFF))
        .add(audience.clone().is_in([Audience::Staff, Audience::Class].map(|one| one.to_value())));
    let others = Condition::all().add(audience.eq(Audience::Class.to_value())).add(unhidden).add(lifted(user, at));
    let class_id = (conversation::Entity, conversation::Column::ClassId);
    let query = Query::select()
        .expr(Expr::val(1))
        .from(conversation::Entity)
        .inner_join(enrolment::Entity, enrolment::COLUMN.class_id.into_expr().equals(class_id))
        .inner_join(class::Entity, class::COLUMN.id.into_expr().equals(class_id))
        .and_where(Expr::col((conversation::Entity, conversation::Column::Id)).eq(Expr::col(conversation)))
        .and_where(enrolment::COLUMN.user_id.eq(user))
        .and_where(enrolment::COLUMN.state.eq(enrolment::State::Active))
        .cond_where(Condition::any().add(staff).add(others))
        .to_owned();
    Expr::exists(query)
}

/// Whether this person teaches in the class of the conversation of one column.
pub(crate) fn staff_of(user: UserId, conversation: impl IntoColumnRef) -> SimpleExpr {
    let class_id = (conversation::Entity, conversation::Column::ClassId);
    let query = Query::select()
        .expr(Expr::val(1))
        .from(conversation::Entity)
        .inner_join(enrolment::Entity, enrolment::COLUMN.class_id.into_expr().equals(class_id))
        .and_where(Expr::col((conversation::Entity, conversation::Column::Id)).eq(Expr::col(conversation)))
        .and_where(enrolment::COLUMN.user_id.eq(user))
        .and_where(enrolment::COLUMN.state.eq(enrolment::State::Active))
        .and_where(enrolment::COLUMN.role.is_in(enrolment::Role::STAFF))
        .to_owned();
    Expr::exists(query)
}

/// Whether what others say below the mark of one column is for this person by now: for staff always, for students once
/// they are not [blind](lifted), below marks of their own too.
pub(crate) fn unveiled(user: UserId, at: Moment, mark: impl IntoColumnRef) -> SimpleExpr {
    let class_id = (conversation::Entity, conversation::Column::ClassId);
    let above = |column: annotation::Column| Expr::col(("above", column));
    let around = above(annotation::Column::ConversationId).equals((conversation::Entity, conversation::Column::Id));
    let query = Query::select()
        .expr(Expr::val(1))
        .from_as(annotation::Entity, "above")
        .inner_join(conversation::Entity, around)
        .inner_join(enrolment::Entity, enrolment::COLUMN.class_id.into_expr().equals(class_id))
        .inner_join(class::Entity, class::COLUMN.id.into_expr().equals(class_id))
        .and_where(above(annotation::Column::Id).eq(Expr::col(mark)))
        .and_where(enrolment::COLUMN.user_id.eq(user))
        .cond_where(lifted(user, at).add(enrolment::COLUMN.role.is_in(enrolment::Role::STAFF)))
        .to_owned();
    Expr::exists(query)
}

/// Whether a student of the class at hand sees the marks of others by now, in a query over conversation and class.
fn lifted(user: UserId, at: Moment) -> Condition {
    let enough =
        Expr::expr(annotation::Entity::made_by(user)).gte(Expr::col((class::Entity, class::Column::BlindMarks)));
    let is = |blind: Blind| class::COLUMN.blind.eq(blind);
    Condition::any()
        .add(is(Blind::Open))
        .add(class::COLUMN.revealed_at.is_not_null())
        .add(Condition::all().add(is(Blind::UntilDate)).add(class::COLUMN.blind_until.lte(at)))
        .add(Condition::all().add(is(Blind::UntilMarks)).add(enough))
}
