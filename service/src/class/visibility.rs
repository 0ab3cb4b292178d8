//! Who sees whose name and whose marks in a class, as those who run it choose.

use entity::{
    Audience, Moment, annotation,
    class::{self, Blind, Naming, Status},
    comment, conversation,
    enrolment::{self, Role},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, Query},
};

use crate::{Conflict, Error, Flaw, Result};

/// The most marks of one's own a class may ask for.
pub const MOST_MARKS: i32 = 100;

/// What is changed of it; absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeVisibility {
    /// How students appear to each other.
    pub naming: Option<Naming>,
    /// Whether staff see the names behind made-up ones.
    pub staff_see_names: Option<bool>,
    /// How long a student does not see the marks of others.
    pub blind: Option<Blind>,
    /// The date of [`Blind::UntilDate`].
    pub blind_until: Option<Option<Moment>>,
    /// The number of [`Blind::UntilMarks`].
    pub blind_marks: Option<Option<i32>>,
    /// Shows the marks before their time, or takes that back.
    pub revealed: Option<bool>,
    /// Whether only those who run the class change its codebook.
    pub codebook_locked: Option<bool>,
    /// How far an annotation goes unless its author says otherwise.
    pub usual_audience: Option<Audience>,
}

impl ChangeVisibility {
    /// Writes it into the class's row.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a rule without its date or number; [`Error::Conflict`] where people wrote something while
    /// they were told that their names would not be seen.
    pub(super) async fn apply(
        self,
        db: &impl ConnectionTrait,
        now: &class::Model,
        row: &mut class::ActiveModel,
        at: Moment,
    ) -> Result<()> {
        let naming = self.naming.unwrap_or(now.naming);
        let staff_see_names = self.staff_see_names.unwrap_or(now.staff_see_names);
        if tells_more(now, naming, staff_see_names) && is_written_in(db, now).await? {
            return Err(Error::Conflict(Conflict::NamesPromised));
        }
        row.naming = Set(naming);
        row.staff_see_names = Set(staff_see_names);
        let blind = self.blind.unwrap_or(now.blind);
        let until = self.blind_until.unwrap_or(now.blind_until).filter(|_| blind == Blind::UntilDate);
        let marks = self.blind_marks.unwrap_or(now.blind_marks).filter(|_| blind == Blind::UntilMarks);
        is_whole(blind, until, marks)?;
        row.blind = Set(blind);
        row.blind_until = Set(until);
        row.blind_marks = Set(marks);
        // Another rule begins anew.
        let revealed = self.revealed.unwrap_or(now.revealed_at.is_some() && blind == now.blind);
        row.revealed_at = Set(revealed.then(|| now.revealed_at.unwrap_or(at)));
        row.codebook_locked = Set(self.codebook_locked.unwrap_or(now.codebook_locked));
        row.usual_audience = Set(self.usual_audience.unwrap_or(now.usual_audience));
        Ok(())
    }
}

/// What still keeps the marks of others from a student. Finders ask the same of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veil {
    /// It is not this late yet.
    Until(Moment),
    /// So many marks of one's own are needed, in each conversation.
    Marks(u32),
    /// A teacher shows them.
    Reveal,
}

impl Veil {
    /// Whether so many marks of one's own in a conversation lift it there.
    #[must_use]
    pub fn is_lifted_by(self, own: u64) -> bool {
        matches!(self, Self::Marks(needed) if own >= u64::from(needed))
    }

    /// What it is at `at` for somebody in this role; nothing for staff, who see them all, and for former members, who see
    /// none of others.
    #[must_use]
    pub fn of(class: &class::Model, role: Option<Role>, at: Moment) -> Option<Self> {
        if class.revealed_at.is_some() || role.is_none_or(Role::is_staff) {
            return None;
        }
        match class.blind {
            Blind::Open => None,
            Blind::UntilDate => class.blind_until.filter(|until| *until > at).map(Self::Until),
            // Who cannot make any waits for a teacher.
            Blind::UntilMarks if role == Some(Role::Auditor) || class.status == Status::Archived => Some(Self::Reveal),
            Blind::UntilMarks => class.blind_marks.and_then(|marks| u32::try_from(marks).ok()).map(Self::Marks),
            Blind::UntilReveal => Some(Self::Reveal),
        }
    }
}

fn is_whole(blind: Blind, until: Option<Moment>, marks: Option<i32>) -> Result<()> {
    match blind {
        Blind::UntilDate if until.is_none() => Err(Error::invalid(
            "/blind_until",
            Flaw::new("required", "say until when: a time like 2026-03-02T09:00:00Z"),
        )),
        Blind::UntilMarks if !marks.is_some_and(|n| (1..=MOST_MARKS).contains(&n)) => {
            let detail = format!("say after how many marks of one's own: 1 to {MOST_MARKS}");
            Err(Error::invalid("/blind_marks", Flaw::new("out_of_range", detail)))
        }
        _ => Ok(()),
    }
}

/// Whether somebody would see a name that they do not see now.
fn tells_more(now: &class::Model, naming: Naming, staff_see_names: bool) -> bool {
    now.naming == Naming::Pseudonyms && (naming == Naming::Names || (staff_see_names && !now.staff_see_names))
}

/// Whether this member, whose name others do not see, may be seen by it in another role.
///
/// # Errors
/// [`Error::Conflict`] once anybody wrote under a made-up name. Asked of this member alone, the answer would tell whether
/// they wrote, also what is private.
pub(crate) async fn may_teach(
    db: &impl ConnectionTrait,
    class: &class::Model,
    member: &enrolment::Model,
) -> Result<()> {
    let masked = class.naming == Naming::Pseudonyms && !member.role.is_staff();
    if masked && is_written_in(db, class).await? {
        return Err(Error::Conflict(Conflict::NamesPromised));
    }
    Ok(())
}

/// Whether anybody but staff has written in the class.
async fn is_written_in(db: &impl ConnectionTrait, class: &class::Model) -> Result<bool> {
    let staff = Query::select()
        .column(enrolment::Column::UserId)
        .from(enrolment::Entity)
        .and_where(enrolment::COLUMN.class_id.eq(class.id))
        .and_where(enrolment::COLUMN.role.is_in(Role::STAFF))
        .to_owned();
    is_written(db, class, |author| author.not_in_subquery(staff.clone())).await
}

/// Whether there is a conversation, a mark or a comment in the class whose author `by` holds of.
async fn is_written(db: &impl ConnectionTrait, class: &class::Model, by: impl Fn(Expr) -> Expr) -> Result<bool> {
    let conversations = conversation::Entity::find()
        .filter(conversation::COLUMN.class_id.eq(class.id))
        .filter(by(Expr::col((conversation::Entity, conversation::Column::OwnerId))));
    let inside = Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .and_where(conversation::COLUMN.class_id.eq(class.id))
        .to_owned();
    let marks = annotation::Entity::find()
        .filter(annotation::Column::ConversationId.in_subquery(inside.clone()))
        .filter(by(Expr::col((annotation::Entity, annotation::Column::AuthorId))));
    let comments = comment::Entity::find()
        .inner_join(annotation::Entity)
        .filter(annotation::Column::ConversationId.in_subquery(inside))
        .filter(by(Expr::col((comment::Entity, comment::Column::AuthorId))));
    Ok(conversations.count(db).await? > 0 || marks.count(db).await? > 0 || comments.count(db).await? > 0)
}
