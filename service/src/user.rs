//! Accounts: register, read, change, delete.

use std::collections::BTreeMap;

use entity::{
    Audience, ClassId, ConversationId, Moment, UserId, class,
    conversation::{self, Visibility},
    enrolment::{self, Role},
    reset_link, session,
    user::{self, SiteRole, Status},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    Actor, Conflict, Db, Denial, Error, Flaw, Result, Secret, access, annotation, enrolment as membership,
    feed::{self, Kind},
    password::Hasher,
    rules::{Registration, Rules},
    session as sign_in,
    text::{DisplayName, Email, NewPassword},
};

/// A person who wants an account.
#[derive(Clone)]
pub struct Register {
    /// Sign-in name.
    pub email: Email,
    /// Name others see.
    pub display_name: DisplayName,
    /// The password.
    pub password: NewPassword,
    /// A code to join a class by at once.
    pub invite_code: Option<String>,
}

/// What a person changes of their own account; absent stays as it is.
#[derive(Clone, Default)]
pub struct ChangeAccount {
    /// Name others see.
    pub display_name: Option<DisplayName>,
    /// A new password; needs `current_password`.
    pub password: Option<NewPassword>,
    /// The password until now.
    pub current_password: Option<Secret>,
}

/// Makes an account and, with a code, the membership, or neither.
///
/// # Errors
/// [`Error::Forbidden`] where the site's rules say no; [`Error::Conflict`] for a taken address; those of
/// [`membership::join`] for the code.
pub async fn register(
    db: &Db,
    hasher: &Hasher,
    rules: Rules,
    at: Moment,
    new: Register,
) -> Result<(user::Model, Option<enrolment::Model>)> {
    match rules.registration {
        Registration::Closed => return Err(Error::Forbidden(Denial::RegistrationClosed)),
        Registration::Invite if new.invite_code.is_none() => return Err(Error::Forbidden(Denial::InviteRequired)),
        Registration::Invite | Registration::Open => {}
    }
    if let Some(code) = new.invite_code.clone() {
        // Before anything else, so that a wrong code neither costs a hash nor tells which addresses have accounts.
        db.read(move |db| async move { membership::usable(&db, at, &code).await.map(drop) }).await?;
    }
    let hash = hasher.hash(new.password.into_inner()).await?;
    let (email, display_name, code) = (new.email, new.display_name, new.invite_code);
    db.write_in_turn(move |tx| async move {
        if let Some(code) = &code {
            membership::usable(&*tx, at, code).await?;
        }
        let row = account(email, display_name.into_inner(), Some(hash), SiteRole::Member, at);
        let person =
            row.insert(&*tx).await.map_err(|e| Error::on_unique(e, || Error::Conflict(Conflict::EmailTaken)))?;
        let joined = match code {
            None => None,
            Some(code) => Some(membership::enrol(&*tx, person.id, at, &code).await?.0),
        };
        Ok((person, joined))
    })
    .await
}

/// A new account, ready to insert.
pub(crate) fn account(
    email: Email,
    display_name: String,
    password_hash: Option<String>,
    site_role: SiteRole,
    at: Moment,
) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(UserId::new()),
        email: Set(email.into_inner()),
        display_name: Set(display_name),
        password_hash: Set(password_hash),
        status: Set(Status::Active),
        site_role: Set(site_role),
        created_at: Set(at),
        updated_at: Set(at),
        version: Set(1),
    }
}

/// Whether nobody has an account here yet.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn nobody_yet(db: &Db) -> Result<bool> {
    db.read(|db| async move {
        let first = user::Entity::find().select_only().column(user::Column::Id).into_tuple::<UserId>().one(&db).await?;
        Ok(first.is_none())
    })
    .await
}

/// The actor's own account.
///
/// # Errors
/// [`Error::NotFound`] when it was deleted meanwhile.
pub async fn show(db: &Db, actor: &Actor) -> Result<user::Model> {
    let actor = actor.clone();
    db.read(move |db| async move { of(&db, actor.user).await }).await
}

async fn of(db: &impl ConnectionTrait, id: UserId) -> Result<user::Model> {
    user::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Changes the actor's own account. A new password ends every other session and all API tokens.
///
/// # Errors
/// [`Error::Invalid`] when the current password is missing or wrong; [`Error::Stale`] for another version.
pub async fn change(
    db: &Db,
    hasher: &Hasher,
    actor: &Actor,
    keep: Option<entity::SessionId>,
    expected: Option<i32>,
    change: ChangeAccount,
) -> Result<user::Model> {
    let hash = match change.password {
        None => None,
        Some(new) => {
            let person = show(db, actor).await?;
            let stored = person.password_hash;
            let given = change.current_password.ok_or_else(|| {
                Error::invalid("/current_password", Flaw::new("required", "send the current password to set a new one"))
            })?;
            // Somebody at a forgotten screen guesses no faster here than at the door.
            sign_in::count(db, &person.email, actor.at).await?;
            if !hasher.verify(given, stored.clone()).await? {
                return Err(Error::invalid(
                    "/current_password",
                    Flaw::new("password_wrong", "this is not the current password"),
                ));
            }
            Some((hasher.hash(new.into_inner()).await?, stored))
        }
    };
    let (actor, name) = (actor.clone(), change.display_name);
    db.write_as(&actor.clone(), move |tx| async move {
        let person = of(&*tx, actor.user).await?;
        access::unchanged(person.version, expected)?;
        let (before, version, email) = (person.password_hash.clone(), person.version, person.email.clone());
        let mut row = person.into_active_model();
        if let Some(name) = name {
            row.display_name = Set(name.into_inner());
        }
        if let Some((hash, checked)) = hash {
            // Another change of password came between the check and now.
            if before != checked {
                return Err(Error::Stale);
            }
            row.password_hash = Set(Some(hash));
            sign_in::forgive(&*tx, &email).await?;
            end_all(&*tx, actor.user, keep, actor.at).await?;
        }
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        Ok(row.update(&*tx).await?)
    })
    .await
}

/// Ends every session of a person but `keep`, every API token and every link to set the password.
pub(crate) async fn end_all(
    db: &impl ConnectionTrait,
    user: UserId,
    keep: Option<entity::SessionId>,
    at: Moment,
) -> Result<()> {
    let mut sessions = session::Entity::delete_many().filter(session::COLUMN.user_id.eq(user));
    if let Some(keep) = keep {
        sessions = sessions.filter(session::COLUMN.id.ne(keep));
    }
    sessions.exec(db).await?;
    let unused = reset_link::COLUMN.used_at.is_null();
    reset_link::Entity::delete_many().filter(reset_link::COLUMN.user_id.eq(user)).filter(unused).exec(db).await?;
    crate::api_token::revoke_all(db, user, at).await
}

/// Deletes the actor's account with the classes it owns and its conversations.
///
/// # Errors
/// [`Error::Invalid`] unless `confirm` is the account's address; [`Error::Conflict`] while it owns classes that hold
/// others' work.
pub async fn delete(db: &Db, actor: &Actor, confirm: Option<String>) -> Result<()> {
    let actor = actor.clone();
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turns = turns(&*tx, &actor).await?;
        let person = of(&*tx, actor.user).await?;
        if confirm.is_none_or(|typed| typed.trim().to_lowercase() != person.email) {
            return Err(Error::invalid(
                "confirm",
                Flaw::new("confirmation_wrong", "set `confirm` to the account's address"),
            ));
        }
        let owned: Vec<entity::ClassId> = class::Entity::find()
            .filter(class::COLUMN.owner_id.eq(actor.user))
            .select_only()
            .column(class::Column::Id)
            .into_tuple()
            .all(&*tx)
            .await?;
        let held = conversation::Entity::find()
            .filter(conversation::COLUMN.class_id.is_in(owned.clone()))
            .filter(conversation::COLUMN.owner_id.ne(actor.user))
            .select_only()
            .column(conversation::Column::ClassId)
            .distinct()
            .count(&*tx)
            .await?;
        if held > 0 {
            return Err(Error::Conflict(Conflict::OwnsClasses { classes: held }));
        }
        farewell(&*tx, &mut turns, &actor).await?;
        annotation::forget_private(&*tx, actor.user).await?;
        user::Entity::delete_by_id(actor.user).exec(&*tx).await?;
        Ok(())
    })
    .await
}

/// The turns of all classes the actor is or was in, in the order of their ids.
async fn turns(db: &impl ConnectionTrait, actor: &Actor) -> Result<BTreeMap<ClassId, feed::Turn>> {
    let classes = enrolment::Entity::find()
        .filter(enrolment::COLUMN.user_id.eq(actor.user))
        .order_by_asc(enrolment::Column::ClassId)
        .select_only()
        .column(enrolment::Column::ClassId);
    let mut turns = BTreeMap::new();
    for class in classes.into_tuple::<ClassId>().all(db).await? {
        turns.insert(class, feed::turn(db, class, actor.at).await?);
    }
    Ok(turns)
}

/// Tells the classes of somebody who goes what goes with them.
async fn farewell(db: &impl ConnectionTrait, turns: &mut BTreeMap<ClassId, feed::Turn>, actor: &Actor) -> Result<()> {
    let own = conversation::Entity::find().filter(conversation::COLUMN.owner_id.eq(actor.user));
    let shared = own.filter(conversation::COLUMN.visibility.ne(Visibility::Private)).select_only().columns([
        conversation::Column::Id,
        conversation::Column::ClassId,
        conversation::Column::Visibility,
    ]);
    for (id, class, visibility) in shared.into_tuple::<(ConversationId, ClassId, Visibility)>().all(db).await? {
        if let Some(turn) = turns.get_mut(&class) {
            turn.conversation(db, Kind::ConversationDeleted, (id, actor.user), visibility).await?;
        }
    }
    let member = enrolment::Entity::find()
        .filter(enrolment::COLUMN.user_id.eq(actor.user))
        .filter(enrolment::COLUMN.state.eq(enrolment::State::Active));
    for row in member.all(db).await? {
        if let Some(turn) = turns.get_mut(&row.class_id) {
            turn.member(db, Kind::MemberLeft, (row.id, Some(actor.user)), Audience::Class).await?;
        }
    }
    Ok(())
}

/// Whether a person teaches anywhere: their sessions idle out sooner.
pub(crate) async fn is_staff(db: &impl ConnectionTrait, person: &user::Model) -> Result<bool> {
    if person.site_role != SiteRole::Member {
        return Ok(true);
    }
    let teaches = enrolment::Entity::find()
        .filter(enrolment::COLUMN.user_id.eq(person.id))
        .filter(enrolment::COLUMN.state.eq(enrolment::State::Active))
        .filter(enrolment::COLUMN.role.is_in(Role::STAFF))
        .count(db)
        .await?;
    Ok(teaches > 0)
}
