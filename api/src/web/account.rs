//! One's own account: name, password, sessions, API tokens, the end of it.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields, Secret,
    api_token::NewApiToken,
    entity::{
        ApiTokenId, SessionId,
        api_token::{self, Scope},
        session,
    },
    page::{Page as Rows, PageRequest},
    text::{DisplayName, Label, NewPassword},
    user::ChangeAccount,
};
use time::Duration;

use super::{
    form::{Form, Posted, Typed},
    page::{self, Page, Result, Shown, see_other},
    session::signed_out,
    visitor::Visitor,
};
use crate::state::State;

/// How long tokens may last.
const EXPIRIES: [(&str, &str, i64); 4] =
    [("30", "30 days", 30), ("90", "90 days", 90), ("365", "one year", 365), ("", "for ever", 0)];

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    email: String,
    sessions: Rows<session::Model>,
    current: Option<SessionId>,
    tokens: Rows<api_token::Model>,
    forms: Forms,
    /// The secret of a token just made, shown this once.
    secret: Option<String>,
}

impl AccountPage {
    fn is_current(&self, session: &session::Model) -> bool {
        self.current == Some(session.id)
    }
}

/// Which part of its lists the page shows.
#[derive(Default, Deserialize)]
pub(super) struct AccountQuery {
    done: Option<String>,
    sessions: Option<String>,
    tokens: Option<String>,
}

/// The forms of the page; one of them may have been refused.
#[derive(Default)]
struct Forms {
    name: Form,
    password: Form,
    token: Form,
    end: Form,
}

async fn account_page(state: &State, visitor: &Visitor, forms: Forms, query: &AccountQuery) -> Result<AccountPage> {
    let actor = visitor.actor();
    let sessions = PageRequest::parse(None, query.sessions.as_deref())?;
    let tokens = PageRequest::parse(None, query.tokens.as_deref())?;
    Ok(AccountPage {
        page: Page::of(visitor, "Account").below("My classes", "/").done(query.done.as_deref()),
        email: visitor.me.user.email.clone(),
        sessions: service::session::list(&state.db, &actor, sessions).await?,
        current: visitor.me.session(),
        tokens: service::api_token::list(&state.db, &actor, tokens).await?,
        forms,
        secret: None,
    })
}

fn name_now(visitor: &Visitor) -> Form {
    Form::filled(Typed::from([("display_name", visitor.me.user.display_name.clone())]))
}

pub(super) async fn show(visitor: Visitor, state: Data<State>, query: Query<AccountQuery>) -> Result {
    let forms = Forms { name: name_now(&visitor), ..Forms::default() };
    page::show(&account_page(&state, &visitor, forms, &query).await?)
}

/// The page with one form refused.
async fn refused(state: &State, visitor: &Visitor, form: Form, place: impl FnOnce(&mut Forms, Form)) -> Result {
    let outcome = form.outcome();
    let mut forms = Forms { name: name_now(visitor), ..Forms::default() };
    place(&mut forms, form);
    outcome.answer(&account_page(state, visitor, forms, &AccountQuery::default()).await?)
}

pub(super) async fn rename(form: Posted, state: Data<State>) -> Result {
    let Posted { visitor, typed } = form;
    let mut fields = Fields::default();
    let name = fields.take("display_name", DisplayName::parse(typed.get("display_name")));
    let done = match name {
        Some(name) => change(&state, &visitor, ChangeAccount { display_name: Some(name), ..Default::default() }).await,
        None => Err(fields.into()),
    };
    match done {
        Ok(()) => Ok(see_other("/account?done=saved")),
        Err(error) => refused(&state, &visitor, Form::refused(typed, error)?, |forms, form| forms.name = form).await,
    }
}

async fn change(state: &State, visitor: &Visitor, change: ChangeAccount) -> service::Result<()> {
    let keep = visitor.me.session();
    service::user::change(&state.db, &state.hasher, &visitor.actor(), keep, None, change).await.map(drop)
}

pub(super) async fn set_password(form: Posted, state: Data<State>) -> Result {
    let Posted { visitor, typed } = form;
    let about = [visitor.me.user.email.as_str(), visitor.me.user.display_name.as_str()];
    let mut fields = Fields::default();
    let password = fields.take("password", NewPassword::parse(typed.get("password"), &about));
    let done = match password {
        Some(password) => {
            let current_password = Some(Secret::new(typed.get("current_password")));
            change(&state, &visitor, ChangeAccount { display_name: None, password: Some(password), current_password })
                .await
        }
        None => Err(fields.into()),
    };
    match done {
        Ok(()) => Ok(see_other("/account?done=password")),
        Err(error) => {
            refused(&state, &visitor, Form::refused(typed, error)?, |forms, form| forms.password = form).await
        }
    }
}

pub(super) async fn end_session(form: Posted, state: Data<State>, id: Path<SessionId>) -> Result {
    service::session::end(&state.db, &form.visitor.actor(), *id).await?;
    if form.visitor.me.session() == Some(*id) {
        return Ok(signed_out(&state, "/login?done=logged-out"));
    }
    Ok(see_other("/account?done=ended"))
}

pub(super) async fn end_all_sessions(form: Posted, state: Data<State>) -> Result {
    service::session::end_all(&state.db, &form.visitor.actor()).await?;
    Ok(signed_out(&state, "/login?done=everywhere"))
}

/// Makes a token. The answer is the page itself, because its secret is shown once and kept nowhere.
pub(super) async fn make_token(form: Posted, state: Data<State>) -> Result {
    let Posted { visitor, typed } = form;
    let mut fields = Fields::default();
    let name = fields.take("token_name", Label::parse(typed.get("token_name")));
    let days = EXPIRIES.iter().find(|(key, ..)| *key == typed.get("expires")).map_or(30, |(.., days)| *days);
    let expires_at = (days > 0).then(|| state.clock.now().plus(Duration::days(days)));
    let scope = if typed.get("scope") == "write" { Scope::Write } else { Scope::Read };
    let made = match name {
        Some(name) => {
            service::api_token::create(&state.db, &visitor.actor(), NewApiToken { name, scope, expires_at }).await
        }
        None => Err(fields.into()),
    };
    match made {
        Ok((_, secret)) => {
            let forms = Forms { name: name_now(&visitor), ..Forms::default() };
            let shown = account_page(&state, &visitor, forms, &AccountQuery::default()).await?;
            page::show(&AccountPage { secret: secret.map(|secret| secret.expose().to_owned()), ..shown })
        }
        Err(error) => refused(&state, &visitor, Form::refused(typed, error)?, |forms, form| forms.token = form).await,
    }
}

pub(super) async fn revoke_token(form: Posted, state: Data<State>, id: Path<ApiTokenId>) -> Result {
    service::api_token::revoke(&state.db, &form.visitor.actor(), *id).await?;
    Ok(see_other("/account?done=token-revoked"))
}

pub(super) async fn delete(form: Posted, state: Data<State>) -> Result {
    let Posted { visitor, typed } = form;
    match service::user::delete(&state.db, &visitor.actor(), Some(typed.get("confirm").to_owned())).await {
        Ok(()) => Ok(signed_out(&state, "/?done=account-deleted")),
        Err(error) => refused(&state, &visitor, Form::refused(typed, error)?, |forms, form| forms.end = form).await,
    }
}
