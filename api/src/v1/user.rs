//! Accounts.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use service::{
    Fields, Secret,
    entity::user,
    text::{DisplayName, Email, NewPassword},
    user::{ChangeAccount, Register},
};
use utoipa::ToSchema;

use super::ConfirmQuery;
use crate::{
    answer::{Answer, NoContent, Result},
    auth::{CurrentUser, InSession},
    error::ApiError,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    throttle::Codes,
    wire::{Role, SiteRole, Time},
};

/// A person who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserIn {
    /// Sign-in name.
    #[schema(format = Email)]
    email: String,
    /// The name others see, 1 to 100 characters.
    display_name: String,
    /// 8 to 256 characters, not among the commonest.
    #[schema(format = Password)]
    password: String,
    /// A code to join a class by at once.
    invite_code: Option<String>,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub struct MeOut {
    /// Sign-in name.
    email: String,
    /// The name others see.
    display_name: String,
    /// Standing on the site.
    site_role: SiteRole,
    /// When it was made.
    created_at: Time,
    /// When it last changed.
    updated_at: Time,
}

impl From<user::Model> for MeOut {
    fn from(user: user::Model) -> Self {
        Self {
            email: user.email,
            display_name: user.display_name,
            site_role: user.site_role.into(),
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
        }
    }
}

/// A new account, and the membership it came with.
#[derive(Serialize, ToSchema)]
pub struct RegisteredOut {
    /// The account.
    user: MeOut,
    /// The membership, if a code was sent.
    enrolment: Option<JoinedOut>,
}

/// A membership just made.
#[derive(Serialize, ToSchema)]
pub struct JoinedOut {
    /// The membership.
    id: String,
    /// The class.
    class_id: String,
    /// As what.
    role: Role,
}

/// What is changed of one's own account; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// The name others see.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    display_name: Patch<String>,
    /// A new password; needs `current_password` and ends all other sessions and all API tokens.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password)]
    password: Patch<String>,
    /// The password until now.
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// Registers a person. With a code they join its class as well, or neither happens.
#[utoipa::path(post, path = "/api/v1/users", tag = "account", security(()), request_body = UserIn,
    responses((status = 201, description = "Registered", body = RegisteredOut)))]
pub async fn register(state: Data<State>, codes: Codes, body: Json<UserIn>) -> Result<Answer<RegisteredOut>> {
    let UserIn { email, display_name, password, invite_code } = body.value;
    let mut fields = Fields::default();
    let password = fields.take("/password", NewPassword::parse(&password, &[&email, &display_name]));
    let email = fields.take("/email", Email::parse(&email));
    let name = fields.take("/display_name", DisplayName::parse(&display_name));
    let (Some(email), Some(display_name), Some(password)) = (email, name, password) else {
        return Err(service::Error::from(fields).into());
    };
    let new = Register { email, display_name, password, invite_code };
    let with_code = new.invite_code.is_some();
    let registering = service::user::register(&state.db, &state.hasher, state.rules, state.clock.now(), new);
    let (person, joined) = if with_code { codes.attempt(registering).await? } else { registering.await? };
    let enrolment = joined.map(|row| JoinedOut {
        id: row.id.to_string(),
        class_id: row.class_id.to_string(),
        role: row.role.into(),
    });
    Ok(Answer::created(RegisteredOut { user: person.into(), enrolment }).at("/api/v1/me"))
}

/// Shows one's own account.
#[utoipa::path(get, path = "/api/v1/me", tag = "account",
    responses((status = 200, description = "The account", body = MeOut)))]
pub async fn show(me: CurrentUser) -> Result<Answer<MeOut>> {
    let version = me.user.version;
    Ok(Answer::ok(me.user.into()).version(version))
}

/// Changes one's own name or password.
#[utoipa::path(patch, path = "/api/v1/me", tag = "account", request_body = MePatch,
    responses((status = 200, description = "Changed", body = MeOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    expected: IfMatch,
    body: Json<MePatch>,
) -> Result<Answer<MeOut>> {
    let MePatch { display_name, password, current_password } = body.value;
    let mut fields = Fields::default();
    let display_name = display_name.required(&mut fields, "/display_name", |name| DisplayName::parse(&name));
    let about = [me.user.email.as_str(), me.user.display_name.as_str()];
    let password = password.required(&mut fields, "/password", |new| NewPassword::parse(&new, &about));
    if !fields.is_fine() {
        return Err(service::Error::from(fields).into());
    }
    if password.is_some() && me.session().is_none() {
        let detail = "a password is changed in a session, never with an API token; log in";
        return Err(ApiError::new(actix_web::http::StatusCode::FORBIDDEN, "session_required", detail));
    }
    let change = ChangeAccount { display_name, password, current_password: current_password.map(Secret::new) };
    let actor = me.actor();
    let person = service::user::change(&state.db, &state.hasher, &actor, me.session(), expected.0, change).await?;
    let version = person.version;
    Ok(Answer::ok(person.into()).version(version))
}

/// Deletes one's own account with the classes it owns and its conversations.
#[utoipa::path(delete, path = "/api/v1/me", tag = "account", params(ConfirmQuery),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(me: InSession, state: Data<State>, query: Query<ConfirmQuery>) -> Result<NoContent> {
    service::user::delete(&state.db, &me.me.actor(), query.into_inner().confirm).await?;
    Ok(NoContent)
}
