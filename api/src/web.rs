//! Pages for people. So far the one an administrator's link leads to; it needs no script.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{self, Data, Form, Path, ServiceConfig},
};
use serde::Deserialize;
use service::{Error, Flaw, Secret, reset_link, text::NewPassword};

use crate::{error::ApiError, extract::InTime, state::State};

/// Registers the pages.
pub fn configure(config: &mut ServiceConfig) {
    config.route("/", web::get().to(home));
    config.service(web::resource("/reset/{token}").route(web::get().to(ask)).route(web::post().to(set)));
}

/// Whoever opens the server in a browser finds the documentation.
async fn home() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/api/docs/")).finish()
}

#[derive(Deserialize)]
struct PasswordForm {
    password: String,
}

async fn ask(state: Data<State>, token: Path<String>) -> Result<HttpResponse, ApiError> {
    match reset_link::check(&state.db, state.clock.now(), &Secret::new(token.into_inner())).await {
        Ok(()) => Ok(page(StatusCode::OK, &form(""))),
        Err(error) => refuse(error),
    }
}

async fn set(
    state: Data<State>,
    token: Path<String>,
    body: InTime<Form<PasswordForm>>,
) -> Result<HttpResponse, ApiError> {
    let password = match NewPassword::parse(&body.0.password, &[]) {
        Ok(password) => password,
        Err(Flaw { detail, .. }) => return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&detail))),
    };
    let token = Secret::new(token.into_inner());
    match reset_link::redeem(&state.db, &state.hasher, state.clock.now(), &token, password).await {
        Ok(()) => Ok(page(StatusCode::OK, "<h1>The password is set</h1><p>You can log in with it now.</p>")),
        Err(error) => refuse(error),
    }
}

fn refuse(error: Error) -> Result<HttpResponse, ApiError> {
    let (status, title) = match &error {
        Error::NotFound => (StatusCode::NOT_FOUND, "This link is not known here"),
        Error::Gone(_) => (StatusCode::GONE, "This link is over"),
        _ => return Err(error.into()),
    };
    let ask = "<p>Links are good once, for one hour. Ask the administrator for a new one.</p>";
    Ok(page(status, &format!("<h1>{title}</h1>{ask}")))
}

/// The form, with what was wrong with the last try. `wrong` is text of ours, never what somebody typed.
fn form(wrong: &str) -> String {
    format!(
        "<h1>Choose a password</h1><form method=\"post\">\
         <p><label for=\"password\">New password, at least 8 characters</label></p>\
         <p><input id=\"password\" name=\"password\" type=\"password\" required minlength=\"8\" maxlength=\"256\" \
         autocomplete=\"new-password\" aria-describedby=\"wrong\"></p>\
         <p id=\"wrong\" role=\"alert\">{wrong}</p><p><button>Set the password</button></p></form>"
    )
}

fn page(status: StatusCode, main: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Password - Colloquium</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head><body><main>{main}</main></body></html>"
    );
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page)
}
