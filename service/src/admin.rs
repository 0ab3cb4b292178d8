//! What the operator does to accounts from the command line.

use entity::{
    Moment,
    user::{self, SiteRole, Status},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::{
    Conflict, Db, Error, Result, Secret, reset_link,
    text::{DisplayName, Email},
    user as account,
};

/// Makes an account without a password and a link to set one.
///
/// # Errors
/// [`Error::Conflict`] when the address is taken.
pub async fn create(db: &Db, at: Moment, email: Email, name: DisplayName, role: SiteRole) -> Result<Secret> {
    db.write(move |tx| async move {
        let row = account::account(email, name.into_inner(), None, role, at);
        let person =
            row.insert(&*tx).await.map_err(|e| Error::on_unique(e, || Error::Conflict(Conflict::EmailTaken)))?;
        reset_link::issue(&*tx, person.id, at).await
    })
    .await
}

/// Gives an account its standing on the site.
///
/// # Errors
/// [`Error::NotFound`] when no account has the address.
pub async fn grant(db: &Db, at: Moment, email: Email, role: SiteRole) -> Result<()> {
    change(db, at, email, move |row| row.site_role = Set(role)).await
}

/// Shuts an account out: its sessions end, its tokens are refused.
///
/// # Errors
/// [`Error::NotFound`] when no account has the address.
pub async fn disable(db: &Db, at: Moment, email: Email) -> Result<()> {
    change(db, at, email, |row| row.status = Set(Status::Disabled)).await
}

/// Lets an account in again.
///
/// # Errors
/// [`Error::NotFound`] when no account has the address.
pub async fn enable(db: &Db, at: Moment, email: Email) -> Result<()> {
    change(db, at, email, |row| row.status = Set(Status::Active)).await
}

/// Makes a link to set the account's password; earlier links end.
///
/// # Errors
/// [`Error::NotFound`] when no account has the address.
pub async fn reset_link(db: &Db, at: Moment, email: Email) -> Result<Secret> {
    db.write(move |tx| async move {
        let person = by_email(&*tx, &email).await?;
        reset_link::issue(&*tx, person.id, at).await
    })
    .await
}

async fn change(
    db: &Db,
    at: Moment,
    email: Email,
    apply: impl FnOnce(&mut user::ActiveModel) + Clone + Send + 'static,
) -> Result<()> {
    db.write(move |tx| async move {
        let person = by_email(&*tx, &email).await?;
        let version = person.version;
        let mut row = person.into_active_model();
        apply(&mut row);
        row.updated_at = Set(at);
        row.version = Set(version.saturating_add(1));
        let person = row.update(&*tx).await?;
        if person.status == Status::Disabled {
            // Tokens stay, so that they work again with the account; until then each request is refused.
            entity::session::Entity::delete_many()
                .filter(entity::session::COLUMN.user_id.eq(person.id))
                .exec(&*tx)
                .await?;
        }
        Ok(())
    })
    .await
}

async fn by_email(db: &impl ConnectionTrait, email: &Email) -> Result<user::Model> {
    user::Entity::find().filter(user::COLUMN.email.eq(email.as_ref())).one(db).await?.ok_or(Error::NotFound)
}
