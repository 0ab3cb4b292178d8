//! Sessions: log in, recognise, list, end.

mod attempt;
mod identity;

pub(crate) use attempt::{count, forgive, forgotten};
pub use identity::{Credential, Identity, Rejection, authenticate};
pub(crate) use identity::{NOTED_WITHIN, still_holds};

use entity::{
    Moment, SessionId, UserId, session,
    user::{self, Status},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use time::Duration;

use self::attempt::{count_as, forgive_as, hash_of};
use crate::{
    Actor, Db, Error, Result, Secret, TokenKind, known_browser,
    page::{Cursor, Page, PageRequest},
    password::Hasher,
    text::Email,
    upkeep,
};

/// How long a session lasts whatever happens.
pub const ABSOLUTE: Duration = Duration::days(30);
/// How long an unused session lasts.
const IDLE: Duration = Duration::hours(12);

/// An attempt to log in.
#[derive(Clone)]
pub struct LogIn {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: Secret,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// What it keeps since somebody logged in with it before.
    pub known: Option<Secret>,
}

/// A session just begun.
pub struct NewSession {
    /// Its token, never to be seen again.
    pub token: Secret,
    /// The session.
    pub session: session::Model,
    /// The person.
    pub user: user::Model,
    /// What the browser keeps, to be known the next time.
    pub known: Option<Secret>,
}

/// Begins a session. An unknown address, a wrong password and a disabled account answer alike and take as long.
///
/// Failures are counted for the address, whoever makes them; those of a browser that the person logged in with before for
/// that browser, so that nobody else's guesses keep its person waiting.
///
/// # Errors
/// [`Error::WrongCredentials`]; [`Error::Throttled`] after several failures in a row for this address.
pub async fn log_in(db: &Db, hasher: &Hasher, at: Moment, attempt: LogIn) -> Result<NewSession> {
    let typed = attempt.email.trim().to_lowercase();
    let email = Email::parse(&typed).map_or(typed, Email::into_inner);
    let person = {
        let email = email.clone();
        db.read(move |db| async move { Ok(user::Entity::find().filter(user::COLUMN.email.eq(email)).one(&db).await?) })
            .await?
    };
    let person = person.filter(|p| p.status == Status::Active);
    let known = attempt.known.filter(|kept| person.as_ref().is_some_and(|person| known_browser::knows(person, kept)));
    let known = count_as(db, &email, known, at).await?;
    let stored = person.as_ref().and_then(|p| p.password_hash.clone());
    let right = hasher.verify(attempt.password, stored).await?;
    let (Some(person), true) = (person, right) else {
        return Err(Error::WrongCredentials);
    };
    begin_with(db, at, person, attempt.user_agent, known).await
}

/// Begins a session of a person who has just shown who they are, by the password in `person`.
///
/// # Errors
/// [`Error::WrongCredentials`] when the password was changed, or the account disabled, meanwhile.
pub async fn begin(db: &Db, at: Moment, person: user::Model, user_agent: Option<String>) -> Result<NewSession> {
    begin_with(db, at, person, user_agent, None).await
}

async fn begin_with(
    db: &Db,
    at: Moment,
    person: user::Model,
    user_agent: Option<String>,
    known: Option<Secret>,
) -> Result<NewSession> {
    // A known browser forgives itself alone: the address's failures are somebody else's.
    let forgiven = known.as_ref().map_or_else(|| hash_of(&person.email), known_browser::counted_as);
    let agent = user_agent.map(|a| a.chars().filter(|c| !c.is_control()).take(200).collect());
    let token = Secret::token(TokenKind::Session)?;
    let hash = token.hash();
    let session = db
        .write(move |tx| async move {
            // The password was checked outside: it may have been changed, or the account disabled, meanwhile.
            let now = user::Entity::find_by_id(person.id).lock_shared().one(&*tx).await?;
            let person = now.filter(|now| now.password_hash == person.password_hash && now.status == Status::Active);
            let person = person.ok_or(Error::WrongCredentials)?;
            forgive_as(&*tx, forgiven).await?;
            let row = session::ActiveModel {
                id: Set(SessionId::new()),
                user_id: Set(person.id),
                token_hash: Set(hash),
                user_agent: Set(agent),
                created_at: Set(at),
                last_seen_at: Set(at),
                expires_at: Set(at.plus(ABSOLUTE)),
            };
            Ok((row.insert(&*tx).await?, person))
        })
        .await?;
    let (session, user) = session;
    let known = match known {
        Some(known) => Some(known),
        None => known_browser::make(&user)?,
    };
    Ok(NewSession { token, session, user, known })
}

/// The actor's sessions, newest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn list(db: &Db, actor: &Actor, page: PageRequest) -> Result<Page<session::Model>> {
    let (user, at) = (actor.user, actor.at);
    db.read(move |db| async move {
        let mut alive = session::Entity::of(user).filter(session::COLUMN.expires_at.gt(at));
        if let Some(after) = page.after_id()? {
            alive = alive.filter(session::COLUMN.id.lt(SessionId(after)));
        }
        let rows = alive.order_by_desc(session::Column::Id).limit(page.limit + 1).all(&db).await?;
        Ok(Page::cut(rows, page.limit, |session| Cursor::at(session.id.0)))
    })
    .await
}

/// The sessions that ended so long ago that nobody asks for them.
pub(crate) fn over(at: Moment) -> Condition {
    let by = at.plus(-upkeep::TOLD);
    Condition::any().add(session::COLUMN.expires_at.lte(by)).add(session::COLUMN.last_seen_at.lte(by.plus(-IDLE)))
}

/// Ends one of the actor's sessions.
///
/// # Errors
/// [`Error::NotFound`] when the actor has no such session.
pub async fn end(db: &Db, actor: &Actor, id: SessionId) -> Result<()> {
    let user: UserId = actor.user;
    db.write_as(actor, move |tx| async move {
        let row = session::Entity::of(user).filter(session::COLUMN.id.eq(id)).one(&*tx).await?;
        row.ok_or(Error::NotFound)?.into_active_model().delete(&*tx).await?;
        Ok(())
    })
    .await
}

/// Ends every session of the actor. API tokens stay.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn end_all(db: &Db, actor: &Actor) -> Result<()> {
    let user = actor.user;
    db.write_as(actor, move |tx| async move {
        session::Entity::delete_many().filter(session::COLUMN.user_id.eq(user)).exec(&*tx).await?;
        Ok(())
    })
    .await
}
