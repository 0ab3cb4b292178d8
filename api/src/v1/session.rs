//! Sessions.

use actix_web::{
    HttpRequest,
    http::header,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use service::{
    Secret,
    entity::{SessionId, session},
    session::LogIn,
};
use utoipa::ToSchema;

use super::{PageQuery, user::MeOut};
use crate::{
    answer::{Answer, Listing, Paged, Result},
    auth::{self, CurrentUser, InSession, no_cookies},
    extract::Json,
    query::Query,
    state::State,
    wire::Time,
};

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionIn {
    /// Sign-in name.
    #[schema(format = Email)]
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// A session just begun. Browsers get the same token as a cookie.
#[derive(Serialize, ToSchema)]
pub struct NewSessionOut {
    /// Send it as `Authorization: Bearer <token>`.
    token: String,
    /// When it ends at the latest.
    expires_at: Time,
    /// Browsers send it as `X-CSRF-Token` with every change; scripts with a bearer token need not.
    csrf_token: String,
    /// The account.
    user: MeOut,
}

/// One of one's own sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionOut {
    /// The session.
    id: String,
    /// What the browser called itself.
    user_agent: Option<String>,
    /// When it began.
    created_at: Time,
    /// When it was last used, to within five minutes.
    last_seen_at: Time,
    /// When it ends at the latest.
    expires_at: Time,
    /// Whether it is the one this request came by.
    current: bool,
}

impl SessionOut {
    fn of(row: session::Model, current: Option<SessionId>) -> Self {
        Self {
            id: row.id.to_string(),
            user_agent: row.user_agent,
            created_at: Time(row.created_at),
            last_seen_at: Time(row.last_seen_at),
            expires_at: Time(row.expires_at),
            current: current == Some(row.id),
        }
    }
}

/// Logs in. An unknown address and a wrong password are answered alike; failures slow the next attempts down.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "account", security(()), request_body = SessionIn,
    responses((status = 201, description = "Logged in", body = NewSessionOut)))]
pub async fn create(request: HttpRequest, state: Data<State>, body: Json<SessionIn>) -> Result<Answer<NewSessionOut>> {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let attempt = LogIn {
        email: body.value.email,
        password: Secret::new(body.value.password),
        user_agent: agent.map(str::to_owned),
        known: auth::known(&request, &state),
    };
    let new = service::session::log_in(&state.db, &state.hasher, state.clock.now(), attempt).await?;
    let cookies = auth::new_cookies(&state, &new);
    let body = NewSessionOut {
        token: new.token.expose().to_owned(),
        expires_at: Time(new.session.expires_at),
        csrf_token: new.token.csrf(),
        user: new.user.into(),
    };
    Ok(Answer::created(body).at("/api/v1/sessions/current").cookies(cookies))
}

/// Lists one's own sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "account", params(PageQuery),
    responses((status = 200, description = "The sessions, newest first", body = Listing<SessionOut>)))]
pub async fn list(me: CurrentUser, state: Data<State>, query: Query<PageQuery>) -> Result<Paged<SessionOut>> {
    let page = service::session::list(&state.db, &me.actor(), query.parse()?).await?;
    Ok(page.map(|row| SessionOut::of(row, me.session())).into())
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204, description = "Ended")))]
pub async fn end(me: InSession, state: Data<State>, id: Path<SessionId>) -> Result<crate::answer::NoContent> {
    service::session::end(&state.db, &me.me.actor(), *id).await?;
    Ok(crate::answer::NoContent)
}

/// Logs out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "account",
    responses((status = 204, description = "Logged out")))]
pub async fn log_out(me: InSession, state: Data<State>) -> Result<actix_web::HttpResponse> {
    service::session::end(&state.db, &me.me.actor(), me.session).await?;
    let mut response = actix_web::HttpResponse::NoContent();
    for cookie in no_cookies(&state) {
        response.cookie(cookie);
    }
    Ok(response.insert_header(("Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"")).finish())
}
