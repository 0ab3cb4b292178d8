//! Joining a class by a code or a link: what it is and who will see what stand before the question.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use service::{enrolment::Invitation, entity::class::Naming, rules::Registration};

use super::{
    form::{Form, Open, Typed},
    page::{self, Page, Result, see_other},
    session::{new_account, signed_in},
    visitor::{Guest, Visitor, login},
    words,
};
use crate::{error::ApiError, state::State, throttle::Codes};

/// A code, as typed.
#[derive(Deserialize)]
pub(super) struct CodeQuery {
    code: Option<String>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    form: Form,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    page: Page,
    form: Form,
    code: String,
    invitation: Invitation,
    role: &'static str,
    login: String,
    registers: bool,
}

pub(super) async fn ask_code(guest: Guest, query: Query<CodeQuery>) -> Result {
    let typed = query.into_inner().code.unwrap_or_default();
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    if !code.is_empty() {
        return Ok(see_other(&format!("/join/{}", code.to_ascii_uppercase())));
    }
    let page = Page::new("Join a class").with(guest.0.as_ref());
    page::show(&CodePage { page, form: Form::default() })
}

pub(super) async fn ask(guest: Guest, state: Data<State>, codes: Codes, code: Path<String>) -> Result {
    let code = code.into_inner();
    match codes.attempt(service::enrolment::invitation(&state.db, state.clock.now(), code.clone())).await {
        Ok(invitation) => page::show(&join_page(guest.0.as_ref(), &state, code, invitation, Form::default())),
        Err(error) => unknown(guest.0.as_ref(), code, error),
    }
}

fn join_page(visitor: Option<&Visitor>, state: &State, code: String, invitation: Invitation, form: Form) -> JoinPage {
    JoinPage {
        page: Page::new(format!("Join {}", invitation.class.name)).with(visitor),
        form,
        role: words::name(&words::ROLES, &invitation.role),
        login: login(&format!("/join/{code}")),
        code,
        invitation,
        registers: state.rules.registration != Registration::Closed,
    }
}

/// A code that nobody made is asked for again.
fn unknown(visitor: Option<&Visitor>, code: String, error: ApiError) -> Result {
    if error.code() != "not_found" {
        return Err(error);
    }
    let said = "No class has this code. Look at it again: there is no 0, O, 1, I or L in it.";
    let form = Form::refused_with(Typed::from([("code", code)]), StatusCode::NOT_FOUND, said);
    form.outcome().answer(&CodePage { page: Page::new("Join a class").with(visitor), form })
}

pub(super) async fn join(
    request: HttpRequest,
    state: Data<State>,
    codes: Codes,
    code: Path<String>,
    form: Open,
) -> Result {
    let code = code.into_inner();
    let Open { visitor, typed } = form;
    let done = match &visitor {
        Some(visitor) => enrol(&state, visitor, codes, &code).await,
        None => {
            let new = new_account(&request, &state, codes, &typed, Some(code.clone())).await;
            new.map(|(session, class)| signed_in(&state, &session, class.as_deref().unwrap_or("/")))
        }
    };
    match done {
        Ok(answer) => Ok(answer),
        Err(error) if error.code() == "not_found" => unknown(visitor.as_ref(), code, error),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let invitation = service::enrolment::invitation(&state.db, state.clock.now(), code.clone()).await?;
            form.outcome().answer(&join_page(visitor.as_ref(), &state, code, invitation, form))
        }
    }
}

async fn enrol(state: &State, visitor: &Visitor, codes: Codes, code: &str) -> Result {
    let joined = codes.attempt(service::enrolment::join(&state.db, &visitor.actor(), code.to_owned())).await?.value;
    let what = if joined.already { "already" } else { "joined" };
    Ok(see_other(&format!("/classes/{}?done={what}", joined.class)))
}
