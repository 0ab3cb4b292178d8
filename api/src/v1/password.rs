//! Setting a password by a link from the administrator.

use actix_web::web::Data;
use serde::Deserialize;
use service::Secret;
use utoipa::ToSchema;

use crate::{
    answer::{NoContent, Result},
    extract::Json,
    state::State,
};

/// A new password, by a link's token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordResetIn {
    /// The last part of the link.
    token: String,
    /// 8 to 256 characters, not among the commonest.
    #[schema(format = Password)]
    password: String,
}

/// Sets a password by a link that is good once, for one hour. Ends all sessions and API tokens of the account.
#[utoipa::path(post, path = "/api/v1/password_resets", tag = "account", security(()), request_body = PasswordResetIn,
    responses((status = 204, description = "The password is set")))]
pub async fn reset(state: Data<State>, body: Json<PasswordResetIn>) -> Result<NoContent> {
    let PasswordResetIn { token, password } = body.value;
    let (at, token) = (state.clock.now(), Secret::new(token));
    service::reset_link::redeem(&state.db, &state.hasher, at, &token, ("/password", &password)).await?;
    Ok(NoContent)
}
