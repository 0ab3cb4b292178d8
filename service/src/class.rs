//! Classes: open, list, read, change, hand over, delete.

pub(crate) mod visibility;

use std::collections::HashMap;

use entity::{
    Audience, ClassId, EnrolmentId, UserId,
    class::{self, Blind, Naming, Status},
    conversation,
    enrolment::{self, Role, State},
    user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

pub use visibility::{ChangeVisibility, MOST_MARKS, Veil};

use crate::{
    Actor, Conflict, Db, Denial, Error, Flaw, Once, Result,
    access::{self, Membership, Right},
    author::Author,
    enrolment as membership,
    feed::{self, Change, Kind},
    page::{Cursor, Page, PageRequest},
    rules::Rules,
    text::{ClassName, Description, Label},
};

/// A class somebody opens.
#[derive(Clone, Debug)]
pub struct NewClass {
    /// What people call it.
    pub name: ClassName,
    /// Course code.
    pub code: Option<Label>,
    /// What it is about.
    pub description: Option<Description>,
    /// IANA name.
    pub time_zone: Option<TimeZone>,
    /// Its id in the school's own system.
    pub external_id: Option<Label>,
}

/// What is changed of a class; absent stays as it is, `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ChangeClass {
    /// What people call it.
    pub name: Option<ClassName>,
    /// Course code.
    pub code: Option<Option<Label>>,
    /// What it is about.
    pub description: Option<Option<Description>>,
    /// IANA name.
    pub time_zone: Option<Option<TimeZone>>,
    /// Its id in the school's own system.
    pub external_id: Option<Option<Label>>,
    /// Archive or reopen.
    pub status: Option<Status>,
    /// Hand over to this member.
    pub owner: Option<EnrolmentId>,
    /// Who sees whose name and whose marks.
    pub visibility: ChangeVisibility,
}

/// Which classes are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those with this id in the school's own system.
    pub external_id: Option<String>,
    /// Those in this state.
    pub status: Option<Status>,
}

/// A class as one of its members sees it.
#[derive(Clone, Debug)]
pub struct ClassView {
    /// The class.
    pub class: class::Model,
    /// The viewer's membership.
    pub me: enrolment::Model,
    /// Whose it is.
    pub owner: Option<Author>,
    /// Active members.
    pub members: u64,
}

/// An IANA time zone name such as `Australia/Sydney`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// A name of that form. Whether the zone exists is left to whoever shows dates in it.
    ///
    /// # Errors
    /// A [`Flaw`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-');
        if text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(fine) {
            return Ok(Self(text.to_owned()));
        }
        Err(Flaw::new("time_zone_invalid", "expected an IANA name like Australia/Sydney"))
    }
}

/// Opens a class; the actor becomes its owner.
///
/// # Errors
/// [`Error::Forbidden`] where the site lets only others open classes.
pub async fn create(db: &Db, actor: &Actor, rules: Rules, new: NewClass) -> Result<Once<ClassId>> {
    let secret = crate::secret::random::<32>()?;
    let actor = actor.clone();
    db.once(&actor.clone(), move |tx| async move {
        let person = user::Entity::find_by_id(actor.user).one(&*tx).await?.ok_or(Error::NotFound)?;
        if !rules.class_creation.allows(person.site_role) {
            return Err(Error::Forbidden(Denial::ClassCreation));
        }
        let class = class::ActiveModel {
            id: Set(ClassId::new()),
            owner_id: Set(actor.user),
            name: Set(new.name.into_inner()),
            code: Set(new.code.map(Label::into_inner)),
            description: Set(new.description.map(Description::into_inner)),
            time_zone: Set(new.time_zone.map(|zone| zone.0)),
            external_id: Set(new.external_id.map(Label::into_inner)),
            secret: Set(secret.to_vec()),
            status: Set(Status::Active),
            created_at: Set(actor.at),
            updated_at: Set(actor.at),
            deleted_at: Set(None),
            version: Set(1),
            naming: Set(Naming::Names),
            staff_see_names: Set(true),
            blind: Set(Blind::Open),
            blind_until: Set(None),
            blind_marks: Set(None),
            revealed_at: Set(None),
            codebook_locked: Set(false),
            usual_audience: Set(Audience::Class),
        };
        let class = class.insert(&*tx).await?;
        membership::new(class.id, actor.user, Role::Owner, actor.at).insert(&*tx).await?;
        Ok(class.id)
    })
    .await
}

/// The classes the actor is an active member of, newest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn list(db: &Db, actor: &Actor, filter: Filter, page: PageRequest) -> Result<Page<ClassView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let mut query = class::Entity::visible_to(actor.user);
        if let Some(id) = filter.external_id {
            query = query.filter(class::COLUMN.external_id.eq(id));
        }
        if let Some(status) = filter.status {
            query = query.filter(class::COLUMN.status.eq(status));
        }
        if let Some(after) = page.after_id()? {
            query = query.filter(class::COLUMN.id.lt(ClassId(after)));
        }
        let rows = query.order_by_desc(class::Column::Id).limit(page.limit + 1).all(&db).await?;
        let page = Page::cut(rows, page.limit, |class| Cursor::at(class.id.0));
        let items = views(&db, &actor, page.items).await?;
        Ok(Page { items, next: page.next })
    })
    .await
}

/// One class.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member.
pub async fn show(db: &Db, actor: &Actor, id: ClassId) -> Result<ClassView> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let row = class::Entity::visible_to(actor.user).filter(class::COLUMN.id.eq(id)).one(&db).await?;
        let views = views(&db, &actor, vec![row.ok_or(Error::NotFound)?]).await?;
        views.into_iter().next().ok_or(Error::NotFound)
    })
    .await
}

/// The class and the actor's own membership of it.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member.
pub async fn membership(db: &Db, actor: &Actor, id: ClassId) -> Result<Membership> {
    let actor = actor.clone();
    db.read(move |db| async move { Membership::of(&db, &actor, id).await }).await
}

/// The classes with the viewer's membership, owner and size, in three statements however many they are.
async fn views(db: &impl ConnectionTrait, viewer: &Actor, classes: Vec<class::Model>) -> Result<Vec<ClassView>> {
    let ids: Vec<ClassId> = classes.iter().map(|class| class.id).collect();
    let mine = enrolment::Entity::in_classes(ids.clone()).filter(enrolment::COLUMN.user_id.eq(viewer.user));
    let mut mine: HashMap<ClassId, enrolment::Model> =
        mine.all(db).await?.into_iter().map(|row| (row.class_id, row)).collect();
    let owners = enrolment::Entity::in_classes(ids.clone())
        .filter(enrolment::COLUMN.role.eq(Role::Owner))
        .find_also_related(user::Entity)
        .all(db)
        .await?;
    let mut owners: HashMap<ClassId, Author> = owners
        .into_iter()
        .filter_map(|(row, user)| Some((row.class_id, Author::named(viewer.user, &row, &user?))))
        .collect();
    let sizes: Vec<(ClassId, i64)> = enrolment::Entity::in_classes(ids)
        .filter(enrolment::COLUMN.state.eq(State::Active))
        .select_only()
        .column(enrolment::Column::ClassId)
        .column_as(Expr::col((enrolment::Entity, enrolment::Column::Id)).count(), "members")
        .group_by(enrolment::Column::ClassId)
        .into_tuple()
        .all(db)
        .await?;
    let sizes: HashMap<ClassId, i64> = sizes.into_iter().collect();
    let view = |class: class::Model| {
        Some(ClassView {
            me: mine.remove(&class.id)?,
            owner: owners.remove(&class.id),
            members: sizes.get(&class.id).and_then(|n| u64::try_from(*n).ok()).unwrap_or(0),
            class,
        })
    };
    Ok(classes.into_iter().filter_map(view).collect())
}

/// Changes a class.
///
/// # Errors
/// [`Error::Forbidden`] without the right; [`Error::Conflict`] in an archived class, unless it is reopened;
/// [`Error::Stale`] for another version.
pub async fn change(db: &Db, actor: &Actor, id: ClassId, expected: Option<i32>, change: ChangeClass) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn(&*tx, id, actor.at).await?;
        let member = Membership::of(&*tx, &actor, id).await?;
        member.may(Right::ChangeClass)?;
        if change.status.is_some() || change.owner.is_some() {
            member.may(Right::DisposeOfClass)?;
        }
        access::unchanged(member.class.version, expected)?;
        if change.status != Some(Status::Active) {
            member.is_running()?;
        }
        let ChangeClass { name, code, description, time_zone, external_id, status, owner, visibility } = change;
        let version = member.class.version;
        let mut row = member.class.clone().into_active_model();
        if let Some(name) = name {
            row.name = Set(name.into_inner());
        }
        if let Some(code) = code {
            row.code = Set(code.map(Label::into_inner));
        }
        if let Some(description) = description {
            row.description = Set(description.map(Description::into_inner));
        }
        if let Some(zone) = time_zone {
            row.time_zone = Set(zone.map(|zone| zone.0));
        }
        if let Some(external_id) = external_id {
            row.external_id = Set(external_id.map(Label::into_inner));
        }
        if let Some(status) = status {
            row.status = Set(status);
        }
        if let Some(owner) = owner {
            row.owner_id = Set(hand_over(&*tx, &actor, &member, owner).await?);
        }
        visibility.apply(&*tx, &member.class, &mut row, actor.at).await?;
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        let (kind, audience) = (Kind::ClassChanged, Audience::Class);
        turn.tell(&*tx, Change { kind, object: id.0, conversation: None, audience, user: None }).await
    })
    .await
}

/// Makes another active member the owner and the owner an instructor; who the owner is now.
async fn hand_over(db: &impl ConnectionTrait, actor: &Actor, member: &Membership, to: EnrolmentId) -> Result<UserId> {
    let heir = enrolment::Entity::in_class(member.class.id)
        .filter(enrolment::COLUMN.id.eq(to))
        .filter(enrolment::COLUMN.state.eq(State::Active))
        .one(db)
        .await?;
    let heir = heir.ok_or_else(|| {
        Error::invalid(
            "/owner",
            Flaw::new("not_a_member", "expected the enrolment id of an active member of this class"),
        )
    })?;
    if heir.id == member.enrolment.id {
        return Ok(heir.user_id);
    }
    visibility::may_teach(db, &member.class, &heir).await?;
    membership::set_role(db, member.enrolment.clone(), Role::Instructor, actor.at).await?;
    Ok(membership::set_role(db, heir, Role::Owner, actor.at).await?.user_id)
}

/// Deletes a class with everything in it. While it holds others' work only when it is archived and its name is given.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the owner; [`Error::Conflict`] with the counts of what would be lost.
pub async fn delete(db: &Db, actor: &Actor, id: ClassId, expected: Option<i32>, confirm: Option<String>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        // Nobody adds to it between the count and the end.
        drop(feed::turn(&*tx, id, actor.at).await?);
        let member = Membership::of(&*tx, &actor, id).await?;
        member.may(Right::DisposeOfClass)?;
        access::unchanged(member.class.version, expected)?;
        let conversations = conversation::Entity::find()
            .filter(conversation::COLUMN.class_id.eq(id))
            .filter(conversation::COLUMN.owner_id.ne(actor.user))
            .count(&*tx)
            .await?;
        let archived = member.class.status == Status::Archived;
        let confirmed = archived && confirm.as_deref() == Some(member.class.name.as_str());
        if conversations > 0 && !confirmed {
            let members = enrolment::Entity::in_class(id)
                .filter(enrolment::COLUMN.state.eq(State::Active))
                .filter(enrolment::COLUMN.user_id.ne(actor.user))
                .count(&*tx)
                .await?;
            return Err(Error::Conflict(Conflict::ClassHasWork { archived, conversations, members }));
        }
        class::Entity::delete_by_id(id).exec(&*tx).await?;
        Ok(())
    })
    .await
}
