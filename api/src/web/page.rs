//! What all pages share: the frame around them, and how they are sent.

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use service::entity::{ClassId, Moment};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use tracing::error;

use super::{asset, visitor::Visitor};
use crate::error::ApiError;

/// What handlers of pages return.
pub type Result<T = HttpResponse, E = ApiError> = std::result::Result<T, E>;

/// The frame of a page.
pub struct Page {
    /// What it is about; its first heading, and its title in the browser.
    pub title: String,
    /// The way back, outermost first: name and path.
    pub crumbs: Vec<(String, String)>,
    /// Who visits it.
    pub visitor: Option<Who>,
    /// What was just done.
    pub notice: Option<Cow<'static, str>>,
    /// What can be done next, beside the notice: words and path.
    pub links: Vec<(&'static str, String)>,
    /// The class whose changes it follows, if a script runs.
    pub follows: Option<Follows>,
}

/// What a page follows.
pub struct Follows {
    /// The class.
    pub class: ClassId,
    /// From which place of its feed on: one from before the page was made.
    pub since: i64,
}

/// How long before a page is made a change may have been given its place that it does not show yet, because whoever made
/// it was not done. What is told twice does no harm.
const OVERLAP: Duration = Duration::seconds(30);

/// The person a page is made for.
pub struct Who {
    /// The name shown.
    pub name: String,
    /// The address to log in by again when the session is over.
    pub email: String,
    /// What forms carry.
    pub csrf: String,
}

impl Page {
    /// A page for nobody in particular.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), crumbs: Vec::new(), visitor: None, notice: None, links: Vec::new(), follows: None }
    }

    /// A page for `visitor`.
    pub fn of(visitor: &Visitor, title: impl Into<String>) -> Self {
        Self::new(title).with(Some(visitor))
    }

    /// The same page for `visitor`, if there is one.
    #[must_use]
    pub fn with(mut self, visitor: Option<&Visitor>) -> Self {
        self.visitor = visitor.map(|v| Who {
            name: v.me.user.display_name.clone(),
            email: v.me.user.email.clone(),
            csrf: v.csrf.clone(),
        });
        self
    }

    /// The same page, following what changes in a class from the moment `at` on; its parts say in `data-live` what they
    /// show.
    #[must_use]
    pub fn following(mut self, class: ClassId, at: Moment) -> Self {
        self.follows = Some(Follows { class, since: at.plus(-OVERLAP).0 });
        self
    }

    /// With one step more on the way back.
    #[must_use]
    pub fn below(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.crumbs.push((name.into(), path.into()));
        self
    }

    /// With the notice of what was just done; of a closed list, so that no link can put words on a page.
    #[must_use]
    pub fn done(mut self, what: Option<&str>) -> Self {
        let known = what.and_then(|what| NOTICES.iter().find(|(known, _)| *known == what));
        self.notice = known.map(|(_, text)| Cow::Borrowed(*text));
        self
    }

    /// With something more that the notice says, if there is one.
    #[must_use]
    pub fn adding(mut self, more: &str) -> Self {
        self.notice = self.notice.map(|notice| Cow::Owned(format!("{notice} {more}")));
        self
    }

    /// With the notice of what was done to so many conversations at once.
    #[must_use]
    pub fn did(mut self, what: Option<&str>, several: Option<u64>) -> Self {
        let known = what.and_then(|what| SEVERAL.iter().find(|(known, _)| *known == what));
        if let (Some((_, text)), Some(number)) = (known, several) {
            let number = super::words::count(number, "conversation", "conversations");
            self.notice = Some(Cow::Owned(format!("{number} {text}.")));
        }
        self
    }

    /// With a link beside the notice, if there is a notice.
    #[must_use]
    pub fn leading(mut self, words: &'static str, path: String) -> Self {
        if self.notice.is_some() {
            self.links.push((words, path));
        }
        self
    }

    /// Where a file is served.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        asset::path(name)
    }

    /// What forms carry; nothing for somebody without a session.
    #[must_use]
    pub fn csrf(&self) -> &str {
        self.visitor.as_ref().map_or("", |who| &who.csrf)
    }
}

/// What `?did=` says of several conversations.
const SEVERAL: &[(&str, &str)] = &[("share", "shared"), ("take-back", "taken back"), ("delete", "deleted")];

/// What `?done=` says.
const NOTICES: &[(&str, &str)] = &[
    ("saved", "Saved."),
    ("opened", "The class is open. Send this link to your students, or show them the code."),
    ("invited", "The invitation is ready."),
    ("revoked", "Taken back. Nobody can join by it any more."),
    ("joined", "You are in."),
    ("already", "You are a member already."),
    ("removed", "Removed from the class. What they brought in stays."),
    ("readmitted", "Taken back into the class."),
    ("left", "You left the class. You can read your own conversations for 30 days."),
    ("archived", "The class is archived. Everybody can go on reading."),
    ("reopened", "The class is running again."),
    ("revealed", "Done. Students see the marks of others now."),
    ("handed-over", "Handed over. You are an instructor now."),
    ("presentation-ended", "The presentation is over."),
    ("class-deleted", "The class is deleted."),
    ("marked", "Marked."),
    ("marked-alone", "Saved for you alone."),
    ("shown", "Saved. Others see it now."),
    ("tag-added", "The tag is in the codebook."),
    ("tags-brought", "Brought in."),
    ("tag-kept", "The tag is there, for you alone."),
    ("tag-merged", "Merged. The marks carry the other tag now."),
    ("tag-deleted", "The tag is deleted."),
    ("locked", "Locked. Only owner and instructors change it now."),
    ("unlocked", "Everybody can add tags now."),
    ("replied", "Your reply is there."),
    ("comment-saved", "The reply is changed."),
    ("comment-deleted", "The reply is deleted."),
    ("mark-deleted", "The mark is deleted. You can take that back for an hour."),
    ("restored", "The mark is back."),
    ("resolved", "The discussion is marked as done."),
    ("unresolved", "The discussion is open again."),
    ("flagged", "The teachers will look at it."),
    ("unflagged", "You took it back."),
    ("hidden", "Hidden. Its author and the teachers still see it."),
    ("unhidden", "Shown again."),
    ("left-be", "It stays. The flags are gone."),
    ("added", "Added. Only you see it."),
    ("shared", "Shared."),
    ("narrowed", "Done. Fewer people can read it now."),
    ("conversation-deleted", "The conversation is deleted."),
    ("password", "The password is changed. Other sessions and all API tokens ended."),
    ("password-set", "The password is set. Log in with it."),
    ("ended", "The session is ended."),
    ("everywhere", "You are signed out everywhere."),
    ("token-revoked", "The token is revoked."),
    ("logged-out", "You are logged out."),
    ("account-deleted", "Your account is deleted."),
];

/// Sends a page.
///
/// # Errors
/// 500 if it cannot be written.
pub fn show(template: &impl Template) -> Result {
    answer(StatusCode::OK, template)
}

/// Sends a page with another status.
///
/// # Errors
/// 500 if it cannot be written.
pub fn answer(status: StatusCode, template: &impl Template) -> Result {
    Ok(html(status, written(template)?))
}

/// A page as it is sent.
///
/// # Errors
/// 500 if it cannot be written.
pub fn written(template: &impl Template) -> Result<String> {
    template.render().map_err(|cause| {
        error!(%cause, "a page could not be written");
        ApiError::panicked()
    })
}

/// Sends what was written.
#[must_use]
pub fn html(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html)
}

/// Leads on, after something was done.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// How many milliseconds away a moment is, for a page that changes then: no clock but the server's says when.
#[must_use]
pub fn until(at: &Moment, now: &Moment) -> i64 {
    at.0.saturating_sub(now.0) / 1_000 + 1
}

/// A moment as pages show it: in UTC, which the script turns into the reader's own time.
pub struct When(pub Moment);

impl When {
    /// RFC 3339, for machines.
    #[must_use]
    pub fn machine(&self) -> String {
        OffsetDateTime::from(self.0).format(&Rfc3339).unwrap_or_default()
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        f.write_str(&OffsetDateTime::from(self.0).format(format).unwrap_or_default())
    }
}

/// Lets templates show a moment, however many references they hold it by.
pub trait Shown {
    /// The moment as pages show it.
    fn when(&self) -> When;
}

impl Shown for Moment {
    fn when(&self) -> When {
        When(*self)
    }
}

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    page: Page,
    detail: &'a str,
    request_id: &'a str,
}

/// The page for a request that was not answered as asked, of `who` by name and CSRF token.
#[must_use]
pub fn problem(error: &ApiError, request_id: &str, who: Option<(String, String)>) -> Vec<u8> {
    // On a page what does not fit can only come from its address: forms say beside each field what is wrong.
    let by_address = matches!(error.code(), "query_invalid" | "validation_failed");
    let title = match error.status().as_u16() {
        _ if by_address => "This address is not quite right",
        404 => "Not here, or not shared with you",
        410 => "This is over",
        401 => "Log in again",
        403 => "You may not do this",
        405 => "This address takes no such request",
        429 => "Too fast",
        500 => "Something went wrong here",
        503 | 504 => "Not now",
        _ => "This cannot be done",
    };
    let detail = match error.code() {
        "not_found" => "The address may be mistyped, what was here may be gone, or it belongs to others.",
        "csrf_failed" => {
            "This page was open for too long, or the request came from elsewhere. Go back, reload, try again."
        }
        "method_not_allowed" => "Go back to the page you came from.",
        _ if by_address => "Something after the question mark is not what this page knows. Go back, or begin anew.",
        _ => "",
    };
    let own = super::form::sentence(error.detail());
    let detail = if detail.is_empty() { &own } else { detail };
    // Whoever has no session here has nothing to go on with.
    let visitor = who.map(|(name, csrf)| Who { name, email: String::new(), csrf });
    let page = Page { visitor, ..Page::new(title) };
    Problem { page, detail, request_id }.render().unwrap_or_default().into_bytes()
}
