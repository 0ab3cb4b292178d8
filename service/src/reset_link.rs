//! Links to set a password: made by an administrator, good once, for one hour.

use entity::{Moment, ResetLinkId, UserId, reset_link, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use time::Duration;

use crate::{Db, Error, Gone, Result, Secret, TokenKind, password::Hasher, text::NewPassword, upkeep, user as account};

/// How long a link is good.
const GOOD_FOR: Duration = Duration::hours(1);

/// Makes a link for a person; earlier ones end.
pub(crate) async fn issue(db: &impl ConnectionTrait, user: UserId, at: Moment) -> Result<Secret> {
    reset_link::Entity::delete_many().filter(reset_link::COLUMN.user_id.eq(user)).exec(db).await?;
    let token = Secret::token(TokenKind::Reset)?;
    let row = reset_link::ActiveModel {
        id: Set(ResetLinkId::new()),
        user_id: Set(user),
        token_hash: Set(token.hash()),
        created_at: Set(at),
        expires_at: Set(at.plus(GOOD_FOR)),
        used_at: Set(None),
    };
    row.insert(db).await?;
    Ok(token)
}

/// Whether a link can still be used; the address of the account it is for.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made; [`Error::Gone`] for one that is used or too old.
pub async fn check(db: &Db, at: Moment, token: &Secret) -> Result<String> {
    Ok(owner(db, at, token).await?.email)
}

/// The account that a usable link is for.
async fn owner(db: &Db, at: Moment, token: &Secret) -> Result<user::Model> {
    let token_hash = token.hash();
    db.read(move |db| async move {
        let link = usable(&db, token_hash, at).await?;
        user::Entity::find_by_id(link.user_id).one(&db).await?.ok_or(Error::NotFound)
    })
    .await
}

/// Sets the password of the person the link was made for and ends all their sessions and tokens.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made; [`Error::Gone`] for one that is used or too old;
/// [`Error::Invalid`] at `field` for a password that [`NewPassword::parse`] refuses.
pub async fn redeem(
    db: &Db,
    hasher: &Hasher,
    at: Moment,
    token: &Secret,
    (field, password): (&'static str, &str),
) -> Result<()> {
    // A first look, so that a wrong link does not cost a hash.
    let owner = owner(db, at, token).await?;
    let password = NewPassword::parse(password, &[&owner.email, &owner.display_name])
        .map_err(|flaw| Error::invalid(field, flaw))?;
    let token_hash = token.hash();
    let hash = hasher.hash(password.into_inner()).await?;
    db.write(move |tx| async move {
        let link = usable(&*tx, token_hash, at).await?;
        let user = user::Entity::find_by_id(link.user_id).one(&*tx).await?.ok_or(Error::NotFound)?;
        let mut used = link.into_active_model();
        used.used_at = Set(Some(at));
        used.update(&*tx).await?;
        account::end_all(&*tx, user.id, None, at).await?;
        let version = user.version;
        let mut row = user.into_active_model();
        row.password_hash = Set(Some(hash));
        row.updated_at = Set(at);
        row.version = Set(version.saturating_add(1));
        row.update(&*tx).await?;
        Ok(())
    })
    .await
}

/// The links, used or not, that ended so long ago that nobody asks for them.
pub(crate) fn over(at: Moment) -> Condition {
    Condition::all().add(reset_link::COLUMN.expires_at.lte(at.plus(-upkeep::TOLD)))
}

async fn usable(db: &impl ConnectionTrait, token_hash: Vec<u8>, at: Moment) -> Result<reset_link::Model> {
    let link = reset_link::Entity::find().filter(reset_link::COLUMN.token_hash.eq(token_hash)).one(db).await?;
    let link = link.ok_or(Error::NotFound)?;
    if link.used_at.is_some() || at >= link.expires_at {
        return Err(Error::Gone(Gone::ResetLink));
    }
    Ok(link)
}
