//! Forms: what was typed, and what is wrong with it. Reading one checks that it comes from a page of ours, so no handler
//! can forget to.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    pin::Pin,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
};
use askama::Template;
use url::form_urlencoded;

use super::{
    page, session,
    visitor::{Visitor, must_log_in},
};
use crate::{auth, error::ApiError, extract};

/// The field that carries the session's CSRF token.
const CSRF: &str = "csrf";

/// What was typed into a form.
#[derive(Clone, Default)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// The value of a field; nothing if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The value of a field that may be left empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.trim().is_empty())
    }

    /// The version of what is changed, as the page showed it.
    #[must_use]
    pub fn version(&self) -> Option<i32> {
        self.get("version").parse().ok()
    }

    /// Every value of a field, of boxes ticked.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Typed {
    /// What a form held besides secrets, to be sent once more: nothing if nothing was typed.
    fn resumable(mut self) -> Self {
        self.0.retain(|(name, _)| name != CSRF && !name.contains("password"));
        self
    }

    /// As a form is sent.
    #[must_use]
    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// What was encoded.
    #[must_use]
    pub fn decoded(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect()).resumable()
    }

    /// Names and values, in their order.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl Typed {
    /// The same with another value of a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: String) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
        self
    }
}

impl<const N: usize> From<[(&str, String); N]> for Typed {
    fn from(pairs: [(&str, String); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl From<Vec<(String, String)>> for Typed {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

/// A form that somebody signed in sent.
pub struct Posted {
    /// Who.
    pub visitor: Visitor,
    /// What.
    pub typed: Typed,
}

/// A form that anybody may send.
pub struct Open {
    /// Who, if there is a session.
    pub visitor: Option<Visitor>,
    /// What.
    pub typed: Typed,
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, actix_web::Error>>>>;

impl FromRequest for Posted {
    type Error = actix_web::Error;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if auth::signed_in(&request).is_none() {
                let typed = read(&request, payload).await.map(Typed::resumable).unwrap_or_default();
                return Err(session::log_in_to_send(&request, &typed).unwrap_or_else(|| must_log_in(&request)));
            }
            let typed = read(&request, payload).await?;
            auth::prove(&request, typed.get(CSRF))?;
            let visitor = Visitor::of(&request)?.ok_or_else(|| must_log_in(&request))?;
            Ok(Self { visitor, typed })
        })
    }
}

impl FromRequest for Open {
    type Error = actix_web::Error;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let typed = read(&request, payload).await?;
            // A form made for nobody is nobody's, even if its sender has logged in in another tab meanwhile.
            if typed.get(CSRF).is_empty() && auth::is_unproven(&request) {
                return Ok(Self { visitor: None, typed });
            }
            auth::prove(&request, typed.get(CSRF))?;
            Ok(Self { visitor: Visitor::of(&request)?, typed })
        })
    }
}

async fn read(request: &HttpRequest, mut payload: Payload) -> Result<Typed, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        let detail = "expected the form of this page; go back, reload, try again";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", detail));
    }
    let body = extract::ordinary(request, &mut payload).await?;
    Ok(Typed(form_urlencoded::parse(&body).into_owned().collect()))
}

/// A form as a page shows it: what was typed before, and beside each field what is wrong with it.
pub struct Form {
    typed: Typed,
    /// The values of each field, for pages that ask for thousands of boxes.
    given: HashMap<String, HashSet<String>>,
    wrong: BTreeMap<String, String>,
    /// The code it was refused with.
    code: &'static str,
    /// What is wrong with the whole of it.
    pub wrong_with_all: Option<String>,
    /// Whether it can be sent as it is all the same, and whether the server can mend it.
    pub warned: Option<bool>,
    status: StatusCode,
    retry_after: Option<i64>,
}

impl Default for Form {
    fn default() -> Self {
        Self::filled(Typed::default())
    }
}

impl Form {
    /// A form with these values in it.
    #[must_use]
    pub fn filled(typed: impl Into<Typed>) -> Self {
        let (typed, wrong, status) = (typed.into(), BTreeMap::new(), StatusCode::OK);
        let mut given = HashMap::<String, HashSet<String>>::new();
        for (name, value) in &typed.0 {
            given.entry(name.clone()).or_default().insert(value.clone());
        }
        Self { typed, given, wrong, code: "", wrong_with_all: None, warned: None, status, retry_after: None }
    }

    /// A form that was refused for something that whoever typed it can mend.
    ///
    /// # Errors
    /// What they cannot mend.
    pub fn refused(typed: Typed, error: impl Into<ApiError>) -> Result<Self, ApiError> {
        let error: ApiError = error.into();
        let (status, code, retry_after) = (error.status(), error.code(), error.retry_after());
        let mut form = Self { status, code, retry_after, ..Self::filled(typed) };
        match error.status().as_u16() {
            // Logging in does not ask for a challenge: the page asks.
            401 if error.code() == "wrong_credentials" => form.status = StatusCode::UNPROCESSABLE_ENTITY,
            403 | 409 | 410 | 412 | 422 | 429 => {}
            _ => return Err(error),
        }
        for field in error.errors() {
            let name = field.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
            form.wrong.entry(name.to_owned()).or_insert_with(|| sentence(plain(field.flaw.code, &field.flaw.detail)));
        }
        // Some refusals are about one field, though nothing is wrong with how it is written.
        let about = [("email_taken", "email"), ("invite_required", "invite_code"), ("tag_exists", "name")];
        if let Some((code, field)) = about.iter().find(|(code, _)| *code == error.code()) {
            form.wrong.insert((*field).to_owned(), sentence(plain(code, error.detail())));
        }
        if form.wrong.is_empty() {
            form.wrong_with_all = Some(sentence(plain(error.code(), error.detail())));
        }
        Ok(form)
    }

    /// A form refused with a sentence about all of it.
    #[must_use]
    pub fn refused_with(typed: Typed, status: StatusCode, said: &str) -> Self {
        Self { status, wrong_with_all: Some(said.to_owned()), ..Self::filled(typed) }
    }

    /// A form that is sent once more if whoever typed it wants it so; `mends` tells that the server can put it right.
    #[must_use]
    pub fn warned(typed: Typed, said: &str, mends: bool) -> Self {
        Self { warned: Some(mends), ..Self::refused_with(typed, StatusCode::UNPROCESSABLE_ENTITY, said) }
    }

    /// What a field holds. What is secret is typed again.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        if name.contains("password") { "" } else { self.typed.get(name) }
    }

    /// What was typed.
    #[must_use]
    pub fn typed(&self) -> &Typed {
        &self.typed
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.typed.all(name)
    }

    /// Whether a choice is made.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.given.get(name).is_some_and(|values| values.contains(value))
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.get(name).map(String::as_str)
    }

    /// Whether it was refused with this code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.wrong.is_empty() || self.wrong_with_all.is_some()
    }

    /// How the page that holds this form is sent.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome(self.status, self.retry_after)
    }
}

/// The status of a page with a form, and the seconds to wait before the next try.
pub struct Outcome(StatusCode, Option<i64>);

impl Outcome {
    /// Sends the page.
    ///
    /// # Errors
    /// 500 if it cannot be written.
    pub fn answer(self, template: &impl Template) -> page::Result {
        let written = page::written(template)?;
        let mut answer = page::html(self.0, if self.0 == StatusCode::OK { written } else { faulty(written) });
        if let Some(seconds) = self.1 {
            answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        Ok(answer)
    }
}

/// A page with a form that was refused: its title says so, and the focus is on the first field that is wrong, else on what
/// is said of the whole form. What people typed is escaped, so that it holds none of these signs.
fn faulty(mut html: String) -> String {
    const SIGNS: [(&str, &str); 3] = [
        (" aria-invalid=\"true\"", " autofocus"),
        (" data-wrong", " autofocus"),
        (" class=\"notice bad\" role=\"alert\"", " tabindex=\"-1\" autofocus"),
    ];
    let fields = SIGNS.iter().take(2).filter_map(|(sign, more)| Some((html.find(sign)?, *more))).min();
    let whole = SIGNS.iter().skip(2).find_map(|(sign, more)| Some((html.find(sign)?, *more)));
    if let Some((at, more)) = fields.or(whole) {
        html.insert_str(at, more);
    }
    html.replacen("<title>", "<title>Error: ", 1)
}

/// What people are told where the API speaks of its own fields.
fn plain<'a>(code: &str, detail: &'a str) -> &'a str {
    match code {
        "blank" => "this is needed",
        "wrong_credentials" => "the address or the password is wrong",
        "email_taken" => "an account with this address exists; log in instead",
        "invite_required" => "this server registers people by invitation; ask your teacher for the link or the code",
        "version_mismatch" => "somebody changed it since you opened this page; this is how it stands now",
        "confirmation_wrong" => "type it exactly as shown",
        "tag_in_use" => "marks may carry it; type its exact name, or merge it into another tag",
        "class_has_work" => "the class holds the work of others; archive it, then type its exact name",
        _ => detail,
    }
}

/// A detail as a sentence.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
