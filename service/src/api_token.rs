//! Personal API tokens: make, list, revoke.

use entity::{
    ApiTokenId, Moment, UserId,
    api_token::{self, Scope},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::{
    Actor, Db, Error, Flaw, Once, Result, Secret, TokenKind,
    page::{Cursor, Page, PageRequest},
    text::Label,
};

/// A token somebody wants.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// What its owner calls it.
    pub name: Label,
    /// What it may be used for.
    pub scope: Scope,
    /// Until when.
    pub expires_at: Option<Moment>,
}

/// Makes a token. The secret is there once: a repeated request gets the token without it.
///
/// # Errors
/// [`Error::Invalid`] when it would have expired already.
pub async fn create(db: &Db, actor: &Actor, new: NewApiToken) -> Result<(Once<ApiTokenId>, Option<Secret>)> {
    if new.expires_at.is_some_and(|end| end <= actor.at) {
        return Err(Error::invalid("/expires_at", Flaw::new("in_the_past", "must be in the future")));
    }
    let secret = Secret::token(TokenKind::Api)?;
    let row = api_token::ActiveModel {
        id: Set(ApiTokenId::new()),
        user_id: Set(actor.user),
        name: Set(new.name.into_inner()),
        token_hash: Set(secret.hash()),
        scope: Set(new.scope),
        created_at: Set(actor.at),
        last_used_at: Set(None),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
    };
    let made = db.once(actor, move |tx| async move { Ok(row.insert(&*tx).await?.id) }).await?;
    Ok((made, (!made.replayed).then_some(secret)))
}

/// One of the actor's tokens.
///
/// # Errors
/// [`Error::NotFound`] when the actor has no such token.
pub async fn show(db: &Db, actor: &Actor, id: ApiTokenId) -> Result<api_token::Model> {
    let user = actor.user;
    db.read(move |db| async move {
        let row = api_token::Entity::of(user).filter(api_token::COLUMN.id.eq(id)).one(&db).await?;
        row.ok_or(Error::NotFound)
    })
    .await
}

/// The actor's tokens that were not revoked, newest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn list(db: &Db, actor: &Actor, page: PageRequest) -> Result<Page<api_token::Model>> {
    let user = actor.user;
    db.read(move |db| async move {
        let mut mine = api_token::Entity::of(user);
        if let Some(after) = page.after_id()? {
            mine = mine.filter(api_token::COLUMN.id.lt(ApiTokenId(after)));
        }
        let rows = mine.order_by_desc(api_token::Column::Id).limit(page.limit + 1).all(&db).await?;
        Ok(Page::cut(rows, page.limit, |token| Cursor::at(token.id.0)))
    })
    .await
}

/// Ends one of the actor's tokens for good.
///
/// # Errors
/// [`Error::NotFound`] when the actor has no such token.
pub async fn revoke(db: &Db, actor: &Actor, id: ApiTokenId) -> Result<()> {
    let actor = actor.clone();
    db.write_as(&actor.clone(), move |tx| async move {
        let row = api_token::Entity::of(actor.user).filter(api_token::COLUMN.id.eq(id)).one(&*tx).await?;
        let mut row = row.ok_or(Error::NotFound)?.into_active_model();
        row.revoked_at = Set(Some(actor.at));
        row.update(&*tx).await?;
        Ok(())
    })
    .await
}

/// Ends every token of a person.
pub(crate) async fn revoke_all(db: &impl ConnectionTrait, user: UserId, at: Moment) -> Result<()> {
    let revoked = api_token::ActiveModel { revoked_at: Set(Some(at)), ..Default::default() };
    let of = api_token::Entity::update_many().set(revoked).filter(api_token::COLUMN.user_id.eq(user));
    of.filter(api_token::COLUMN.revoked_at.is_null()).exec(db).await?;
    Ok(())
}
