//! Setting a password by a link from the administrator.

use actix_web::{
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;
use service::{Error, Secret, reset_link};

use super::{
    form::{Form, Open},
    page::{self, Page, Result, see_other},
};
use crate::state::State;

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage {
    page: Page,
    form: Form,
    /// The account it is for; none if the link cannot be used.
    email: Option<String>,
}

pub(super) async fn ask(state: Data<State>, token: Path<String>) -> Result {
    shown(&state, &Secret::new(token.into_inner()), Form::default()).await
}

pub(super) async fn set(state: Data<State>, token: Path<String>, form: Open) -> Result {
    let token = Secret::new(token.into_inner());
    let password = ("password", form.typed.get("password"));
    match reset_link::redeem(&state.db, &state.hasher, state.clock.now(), &token, password).await {
        Ok(()) => Ok(see_other("/login?done=password-set")),
        Err(error @ Error::Invalid(_)) => shown(&state, &token, Form::refused(form.typed, error)?).await,
        Err(error) => refuse(error),
    }
}

async fn shown(state: &State, token: &Secret, form: Form) -> Result {
    match reset_link::check(&state.db, state.clock.now(), token).await {
        Ok(email) => {
            let outcome = form.outcome();
            outcome.answer(&ResetPage { page: Page::new("Choose a password"), form, email: Some(email) })
        }
        Err(error) => refuse(error),
    }
}

fn refuse(error: Error) -> Result {
    let (status, title) = match &error {
        Error::NotFound => (StatusCode::NOT_FOUND, "This link is not known here"),
        Error::Gone(_) => (StatusCode::GONE, "This link is over"),
        _ => return Err(error.into()),
    };
    page::answer(status, &ResetPage { page: Page::new(title), form: Form::default(), email: None })
}
