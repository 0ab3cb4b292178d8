//! Personal API tokens.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Fields,
    api_token::NewApiToken,
    entity::{ApiTokenId, api_token},
    text::Label,
};
use utoipa::ToSchema;

use super::PageQuery;
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::{CurrentUser, InSession},
    extract::Json,
    query::Query,
    state::State,
    wire::{Scope, Time},
};

/// A token somebody wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiTokenIn {
    /// What you call it.
    name: String,
    /// What it may be used for.
    scope: Scope,
    /// When it ends; never if not said.
    expires_at: Option<Time>,
}

/// One of one's own tokens.
#[derive(Serialize, ToSchema)]
pub struct ApiTokenOut {
    /// The token's name in these routes, not the secret.
    id: String,
    /// What you call it.
    name: String,
    /// What it may be used for.
    scope: Scope,
    /// When it was made.
    created_at: Time,
    /// When it was last used, to within five minutes.
    last_used_at: Option<Time>,
    /// When it ends.
    expires_at: Option<Time>,
    /// The secret, only in the answer that makes it: send it as `Authorization: Bearer <token>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<api_token::Model> for ApiTokenOut {
    fn from(row: api_token::Model) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            scope: row.scope.into(),
            created_at: Time(row.created_at),
            last_used_at: row.last_used_at.map(Time),
            expires_at: row.expires_at.map(Time),
            token: None,
        }
    }
}

/// Makes a token. Its secret is shown once.
#[utoipa::path(post, path = "/api/v1/me/tokens", tag = "account", request_body = ApiTokenIn,
    responses((status = 201, description = "Made", body = ApiTokenOut)))]
pub async fn create(me: InSession, state: Data<State>, body: Json<ApiTokenIn>) -> Result<Answer<ApiTokenOut>> {
    let ApiTokenIn { name, scope, expires_at } = body.value;
    let mut fields = Fields::default();
    let Some(name) = fields.take("/name", Label::parse(&name)) else {
        return Err(service::Error::from(fields).into());
    };
    let actor = me.me.making(body.fingerprint);
    let new = NewApiToken { name, scope: scope.into(), expires_at: expires_at.map(Into::into) };
    let (made, secret) = service::api_token::create(&state.db, &actor, new).await?;
    let row = service::api_token::show(&state.db, &actor, made.value).await?;
    let token = secret.map(|secret| secret.expose().to_owned());
    Ok(Answer::created(ApiTokenOut { token, ..row.into() }).replayed(made.replayed))
}

/// Lists one's own tokens, without their secrets.
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "account", params(PageQuery),
    responses((status = 200, description = "The tokens, newest first", body = Listing<ApiTokenOut>)))]
pub async fn list(me: CurrentUser, state: Data<State>, query: Query<PageQuery>) -> Result<Paged<ApiTokenOut>> {
    let page = service::api_token::list(&state.db, &me.actor(), query.parse()?).await?;
    Ok(page.map(ApiTokenOut::from).into())
}

/// Revokes one of one's own tokens.
#[utoipa::path(delete, path = "/api/v1/me/tokens/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked")))]
pub async fn revoke(me: InSession, state: Data<State>, id: Path<ApiTokenId>) -> Result<NoContent> {
    service::api_token::revoke(&state.db, &me.me.actor(), *id).await?;
    Ok(NoContent)
}
