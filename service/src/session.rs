//! Sessions: log in, recognise, list, end.

use entity::{
    ApiTokenId, Moment, SessionId, UserId,
    api_token::{self, Scope},
    session, sign_in_attempt,
    user::{self, Status},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use sha2::{Digest, Sha256};
use time::Duration;
use tracing::warn;

use crate::{
    Actor, Db, Error, Result, Secret, TokenKind, known_browser,
    page::{Cursor, Page, PageRequest},
    password::Hasher,
    text::Email,
    upkeep, user as account,
};

/// How long a session lasts whatever happens.
pub const ABSOLUTE: Duration = Duration::days(30);
/// How long an unused session lasts.
const IDLE: Duration = Duration::hours(12);
/// How long an unused session of somebody who teaches lasts.
const IDLE_STAFF: Duration = Duration::hours(8);
/// How exactly the last use is known; finer would write to the database on every request.
const SEEN_WITHIN: Duration = Duration::minutes(5);
/// How long a request waits for its credential's last use, or what it read, to be noted; it is noted even so.
pub(crate) const NOTED_WITHIN: std::time::Duration = std::time::Duration::from_millis(250);
/// Failures in a row before the next attempt has to wait.
const FREE_FAILURES: i32 = 5;
/// How long a failure counts towards the wait after the next one.
const REMEMBERED: Duration = Duration::days(1);
/// The longest wait after a failure: slowed down, never locked out for good by somebody else.
const LONGEST_WAIT: Duration = Duration::minutes(15);

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

/// By what a request is known to come from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A session.
    Session(SessionId),
    /// A personal API token.
    ApiToken(ApiTokenId, Scope),
}

/// A recognised person.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person.
    pub user: user::Model,
    /// By what.
    pub credential: Credential,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Not one of ours, or ended.
    Unknown,
    /// The session was not used for long, or its time is over.
    SessionExpired,
    /// The token's time is over.
    TokenExpired,
    /// The token was revoked.
    TokenRevoked,
    /// An administrator disabled the account.
    AccountDisabled,
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

/// Counts an attempt for this address in a unit of its own.
pub(crate) async fn count(db: &Db, email: &str, at: Moment) -> Result<()> {
    let email_hash = hash_of(email);
    db.write(move |tx| async move { count_attempt(&*tx, email_hash, at).await }).await
}

/// Counts an attempt for the browser if it is known, and else for the address; the browser if it was.
async fn count_as(db: &Db, email: &str, known: Option<Secret>, at: Moment) -> Result<Option<Secret>> {
    let Some(known) = known else {
        count(db, email, at).await?;
        return Ok(None);
    };
    let (browser, address) = (known_browser::counted_as(&known), hash_of(email));
    let trusted = db
        .write(move |tx| async move {
            let before = sign_in_attempt::Entity::find_by_id(browser.clone()).one(&*tx).await?;
            let recent = before.filter(|row| at.since(row.failed_at) < REMEMBERED);
            let trusted = recent.is_none_or(|row| row.failures < known_browser::TRUSTED);
            count_attempt(&*tx, if trusted { browser } else { address }, at).await?;
            Ok(trusted)
        })
        .await?;
    Ok(trusted.then_some(known))
}

/// Forgets the attempts for an address after the right password.
pub(crate) async fn forgive(db: &impl ConnectionTrait, email: &str) -> Result<()> {
    forgive_as(db, hash_of(email)).await
}

async fn forgive_as(db: &impl ConnectionTrait, counted: Vec<u8>) -> Result<()> {
    sign_in_attempt::Entity::delete_by_id(counted).exec(db).await?;
    Ok(())
}

fn hash_of(email: &str) -> Vec<u8> {
    Sha256::digest(email.as_bytes()).to_vec()
}

/// Counts an attempt as failed until it succeeds, so that guesses sent side by side are slowed down as well.
async fn count_attempt(db: &impl ConnectionTrait, email_hash: Vec<u8>, at: Moment) -> Result<()> {
    let before = sign_in_attempt::Entity::find_by_id(email_hash.clone()).one(db).await?;
    let failures = match &before {
        Some(row) if at < row.locked_until => {
            return Err(Error::Throttled { retry_after: row.locked_until.since(at) });
        }
        Some(row) if at.since(row.failed_at) < REMEMBERED => row.failures.saturating_add(1),
        _ => 1,
    };
    let row = sign_in_attempt::ActiveModel {
        email_hash: Set(email_hash),
        failures: Set(failures),
        failed_at: Set(at),
        locked_until: Set(at.plus(wait_after(failures))),
    };
    if before.is_some() {
        row.update(db).await?;
    } else {
        row.insert(db).await.map_err(|e| Error::on_unique(e, || Error::Contention))?;
    }
    Ok(())
}

/// How long the next attempt waits: nothing at first, then one second, doubled each time.
fn wait_after(failures: i32) -> Duration {
    match u32::try_from(failures.saturating_sub(FREE_FAILURES)) {
        Ok(doublings) => Duration::seconds(1_i64 << doublings.min(10)).min(LONGEST_WAIT),
        Err(_) => Duration::ZERO,
    }
}

/// Recognises the person behind a token, in one statement. Rights are never remembered: the next request asks again.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn authenticate(db: &Db, at: Moment, token: &Secret) -> Result<Result<Identity, Rejection>> {
    let hash = token.hash();
    let found = match token.kind() {
        Some(TokenKind::Session) => db.admit(move |db| async move { by_session(&db, hash, at).await }).await?,
        Some(TokenKind::Api) => db.admit(move |db| async move { by_api_token(&db, hash, at).await }).await?,
        Some(TokenKind::Reset) | None => Err(Rejection::Unknown),
    };
    let (identity, seen) = match found {
        Ok(found) => found,
        Err(rejection) => return Ok(Err(rejection)),
    };
    if identity.user.status == Status::Disabled {
        return Ok(Err(Rejection::AccountDisabled));
    }
    if at.since(seen) >= SEEN_WITHIN {
        let token = token.clone();
        let credential = identity.credential;
        let noting = db.write(move |tx| async move { touch(&*tx, credential, token.hash(), at).await });
        // Reading goes on while nothing can be written, and does not wait behind those who write.
        if let Ok(Err(error)) = tokio::time::timeout(NOTED_WITHIN, noting).await {
            warn!(cause = error.name(), "the last use of a credential was not noted");
        }
    }
    Ok(Ok(identity))
}

/// Whether the actor's account and credential are still what the request was recognised by. Locks the account's row
/// against changes until the unit ends, so that a change of password and what its old holder does exclude each other.
pub(crate) async fn still_holds(db: &impl ConnectionTrait, actor: &Actor) -> Result<()> {
    let Some(credential) = actor.credential else { return Ok(()) };
    let person = user::Entity::find_by_id(actor.user).lock_shared().one(db).await?;
    let rejection = match (person.map(|person| person.status), credential) {
        (None, _) => Some(Rejection::Unknown),
        (Some(Status::Disabled), _) => Some(Rejection::AccountDisabled),
        (Some(Status::Active), Credential::Session(id)) => {
            let session = session::Entity::of(actor.user).filter(session::COLUMN.id.eq(id)).one(db).await?;
            session.is_none().then_some(Rejection::Unknown)
        }
        (Some(Status::Active), Credential::ApiToken(id, _)) => {
            let token = api_token::Entity::of(actor.user).filter(api_token::COLUMN.id.eq(id)).one(db).await?;
            token.is_none().then_some(Rejection::TokenRevoked)
        }
    };
    rejection.map_or(Ok(()), |rejection| Err(Error::Rejected(rejection)))
}

type Recognised = Result<(Identity, Moment), Rejection>;

async fn by_session(db: &impl ConnectionTrait, hash: Vec<u8>, at: Moment) -> Result<Recognised> {
    let found = session::Entity::find()
        .filter(session::COLUMN.token_hash.eq(hash))
        .find_also_related(user::Entity)
        .one(db)
        .await?;
    let Some((session, Some(user))) = found else {
        return Ok(Err(Rejection::Unknown));
    };
    let idle = at.since(session.last_seen_at);
    let over = at >= session.expires_at || idle >= IDLE || (idle >= IDLE_STAFF && account::is_staff(db, &user).await?);
    if over {
        return Ok(Err(Rejection::SessionExpired));
    }
    Ok(Ok((Identity { user, credential: Credential::Session(session.id) }, session.last_seen_at)))
}

async fn by_api_token(db: &impl ConnectionTrait, hash: Vec<u8>, at: Moment) -> Result<Recognised> {
    let found = api_token::Entity::find()
        .filter(api_token::COLUMN.token_hash.eq(hash))
        .find_also_related(user::Entity)
        .one(db)
        .await?;
    let Some((token, Some(user))) = found else {
        return Ok(Err(Rejection::Unknown));
    };
    if token.revoked_at.is_some() {
        return Ok(Err(Rejection::TokenRevoked));
    }
    if token.expires_at.is_some_and(|end| at >= end) {
        return Ok(Err(Rejection::TokenExpired));
    }
    let seen = token.last_used_at.unwrap_or(Moment(0));
    Ok(Ok((Identity { user, credential: Credential::ApiToken(token.id, token.scope) }, seen)))
}

async fn touch(db: &impl ConnectionTrait, credential: Credential, hash: Vec<u8>, at: Moment) -> Result<()> {
    match credential {
        Credential::Session(id) => {
            let seen = session::ActiveModel { last_seen_at: Set(at), ..Default::default() };
            session::Entity::update_many().set(seen).filter(session::COLUMN.id.eq(id)).exec(db).await?;
        }
        Credential::ApiToken(..) => {
            let used = api_token::ActiveModel { last_used_at: Set(Some(at)), ..Default::default() };
            api_token::Entity::update_many().set(used).filter(api_token::COLUMN.token_hash.eq(hash)).exec(db).await?;
        }
    }
    Ok(())
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

/// The failures that make nobody wait any more.
pub(crate) fn forgotten(at: Moment) -> Condition {
    Condition::all()
        .add(sign_in_attempt::COLUMN.failed_at.lte(at.plus(-REMEMBERED)))
        .add(sign_in_attempt::COLUMN.locked_until.lte(at))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_starts_after_five_failures_doubles_and_ends_at_a_quarter_of_an_hour() {
        let seconds = |failures| wait_after(failures).whole_seconds();
        assert_eq!([1, 4, 5, 6, 7, 8].map(seconds), [0, 0, 1, 2, 4, 8]);
        assert_eq!([14, 15, 16, 1_000, i32::MAX].map(seconds), [512, 900, 900, 900, 900]);
    }
}
