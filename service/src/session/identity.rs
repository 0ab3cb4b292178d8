//! By what a request is known to come from somebody, and whether it still is.

use entity::{
    ApiTokenId, Moment, SessionId,
    api_token::{self, Scope},
    session,
    user::{self, Status},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use time::Duration;
use tracing::warn;

use super::IDLE;
use crate::{Actor, Db, Error, Result, Secret, TokenKind, user as account};

/// How long an unused session of somebody who teaches lasts.
const IDLE_STAFF: Duration = Duration::hours(8);
/// How exactly the last use is known; finer would write to the database on every request.
const SEEN_WITHIN: Duration = Duration::minutes(5);
/// How long a request waits for its credential's last use, or what it read, to be noted; it is noted even so.
pub(crate) const NOTED_WITHIN: std::time::Duration = std::time::Duration::from_millis(250);

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
