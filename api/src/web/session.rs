//! Logging in and out, and registering.

use actix_web::{
    HttpRequest, HttpResponse,
    error::InternalError,
    http::{StatusCode, header},
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields, Secret,
    rules::Registration,
    session::{LogIn, NewSession},
    text::{DisplayName, Email, NewPassword},
    user::Register,
};

use super::{
    form::{Form, Open, Posted, Typed},
    page::{self, Page, Result, see_other},
    visitor::{Guest, local, with_next},
};
use crate::{auth, state::State, throttle::Codes};

/// Where to go on after logging in, and what was done before.
#[derive(Deserialize)]
pub(super) struct NextQuery {
    next: Option<String>,
    done: Option<String>,
}

impl NextQuery {
    fn next(&self) -> &str {
        self.next.as_deref().and_then(local).unwrap_or("/")
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    form: Form,
    next: String,
    register: Option<String>,
    resume: Option<Resume>,
}

/// A form whose session was over when it was sent: it is sent again after logging in.
struct Resume {
    to: String,
    typed: String,
}

impl Resume {
    /// As the login form carries it on.
    fn of(typed: &Typed) -> Option<Self> {
        let to = typed.optional("then").and_then(local)?.to_owned();
        Some(Self { to, typed: typed.get("typed").to_owned() })
    }
}

#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    page: Page,
    to: String,
    csrf: String,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    form: Form,
    login: String,
    next: String,
    registration: Registration,
}

pub(super) async fn ask(guest: Guest, state: Data<State>, query: Query<NextQuery>) -> Result {
    if guest.0.is_some() {
        return Ok(see_other(query.next()));
    }
    page::show(&login_page(&state, query.next(), query.done.as_deref(), Form::default()))
}

fn login_page(state: &State, next: &str, done: Option<&str>, form: Form) -> LoginPage {
    let open = state.rules.registration != Registration::Closed;
    let register = open.then(|| with_next("/register", next));
    let resume = Resume::of(form.typed());
    LoginPage { page: Page::new("Log in").done(done), form, next: next.to_owned(), register, resume }
}

/// The login page for somebody whose session was over when a form was sent: what was typed goes on from there. Nothing if
/// nothing was.
pub(super) fn log_in_to_send(request: &HttpRequest, typed: &Typed) -> Option<actix_web::Error> {
    let state = request.app_data::<Data<State>>()?;
    if typed.pairs().is_empty() {
        return None;
    }
    let carried = Typed::from([("then", request.path().to_owned()), ("typed", typed.encoded())]);
    let said = "Your session is over. Log in: what you typed is kept, and sent then.";
    let form = Form::refused_with(carried, StatusCode::UNPROCESSABLE_ENTITY, said);
    let answer = form.outcome().answer(&login_page(state, "/", None, form)).ok()?;
    Some(InternalError::from_response("log in", answer).into())
}

/// Leads on after logging in: to where somebody wanted to go, or to the form that waits.
fn go_on(state: &State, new: &NewSession, next: &str, typed: &Typed) -> Result {
    let Some(Resume { to, typed }) = Resume::of(typed) else { return Ok(signed_in(state, new, next)) };
    let (page, csrf, typed) = (Page::new("You are logged in"), new.token.csrf(), Typed::decoded(&typed));
    Ok(with_cookies(page::show(&ResumePage { page, to, csrf, typed })?, auth::new_cookies(state, new)))
}

pub(super) async fn log_in(request: HttpRequest, state: Data<State>, form: Open) -> Result {
    let typed = form.typed;
    let next = local(typed.get("next")).unwrap_or("/").to_owned();
    if typed.get("do") == "ask" {
        // From a page that found that this address has an account: nobody tried to log in yet.
        return page::show(&login_page(&state, &next, None, Form::filled(typed)));
    }
    let attempt = LogIn {
        email: typed.get("email").to_owned(),
        password: Secret::new(typed.get("password")),
        user_agent: user_agent(&request),
        known: auth::known(&request, &state),
    };
    match service::session::log_in(&state.db, &state.hasher, state.clock.now(), attempt).await {
        Ok(new) => go_on(&state, &new, &next, &typed),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            form.outcome().answer(&login_page(&state, &next, None, form))
        }
    }
}

pub(super) fn user_agent(request: &HttpRequest) -> Option<String> {
    request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Leads on with the cookies of a session just begun.
pub(super) fn signed_in(state: &State, new: &NewSession, next: &str) -> HttpResponse {
    with_cookies(see_other(next), auth::new_cookies(state, new))
}

/// Leads on without a session.
pub(super) fn signed_out(state: &State, next: &str) -> HttpResponse {
    let mut answer = with_cookies(see_other(next), auth::no_cookies(state));
    // Not "cookies": the next page may set new ones.
    let data = header::HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert(header::HeaderName::from_static("clear-site-data"), data);
    answer
}

fn with_cookies(
    mut answer: HttpResponse,
    cookies: impl IntoIterator<Item = actix_web::cookie::Cookie<'static>>,
) -> HttpResponse {
    for cookie in cookies {
        if let Ok(value) = header::HeaderValue::from_str(&cookie.to_string()) {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    answer
}

pub(super) async fn log_out(form: Posted, state: Data<State>) -> Result {
    if let Some(session) = form.visitor.me.session() {
        service::session::end(&state.db, &form.visitor.actor(), session).await?;
    }
    Ok(signed_out(&state, "/login?done=logged-out"))
}

pub(super) async fn ask_new(guest: Guest, state: Data<State>, query: Query<NextQuery>) -> Result {
    if guest.0.is_some() {
        return Ok(see_other(query.next()));
    }
    page::show(&register_page(&state, query.next(), Form::default()))
}

fn register_page(state: &State, next: &str, form: Form) -> RegisterPage {
    RegisterPage {
        page: Page::new("Create an account"),
        form,
        login: super::visitor::login(next),
        next: next.to_owned(),
        registration: state.rules.registration,
    }
}

pub(super) async fn register(request: HttpRequest, state: Data<State>, codes: Codes, form: Open) -> Result {
    let typed = form.typed;
    let next = local(typed.get("next")).unwrap_or("/").to_owned();
    let code = typed.optional("invite_code").map(str::to_owned);
    match new_account(&request, &state, codes, &typed, code).await {
        Ok((new, class)) => Ok(signed_in(&state, &new, class.as_deref().unwrap_or(&next))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            form.outcome().answer(&register_page(&state, &next, form))
        }
    }
}

/// Registers, joins by the code if there is one, and logs in; with the path of the class.
pub(super) async fn new_account(
    request: &HttpRequest,
    state: &State,
    codes: Codes,
    typed: &Typed,
    invite_code: Option<String>,
) -> Result<(NewSession, Option<String>)> {
    let (email, name, password) = (typed.get("email"), typed.get("display_name"), typed.get("password"));
    let mut fields = Fields::default();
    let password = fields.take("password", NewPassword::parse(password, &[email, name]));
    let email = fields.take("email", Email::parse(email));
    let name = fields.take("display_name", DisplayName::parse(name));
    let (Some(email), Some(display_name), Some(password)) = (email, name, password) else {
        return Err(service::Error::from(fields).into());
    };
    let at = state.clock.now();
    let new = Register { email, display_name, password, invite_code };
    let with_code = new.invite_code.is_some();
    let registering = service::user::register(&state.db, &state.hasher, state.rules, at, new);
    let done = if with_code { codes.attempt(registering).await } else { registering.await.map_err(Into::into) };
    let (person, joined) = done.map_err(unknown_code)?;
    let session = service::session::begin(&state.db, at, person, user_agent(request)).await?;
    Ok((session, joined.map(|row| format!("/classes/{}?done=joined", row.class_id))))
}

/// A code that nobody made is a mistake of typing here, not a page that is missing.
fn unknown_code(error: crate::error::ApiError) -> crate::error::ApiError {
    if error.code() != "not_found" {
        return error;
    }
    let detail = "no class has this code; look at it again, there is no 0, O, 1, I or L in it";
    service::Error::invalid("invite_code", service::Flaw::new("code_unknown", detail)).into()
}
