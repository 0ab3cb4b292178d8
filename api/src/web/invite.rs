//! Invitations: link, code, a QR code for the whole screen, how many joined.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use qrcodegen::{QrCode, QrCodeEcc};
use service::{
    Fields, Flaw,
    access::{Membership, Right},
    entity::{
        ClassId, InviteId, Moment, class,
        enrolment::Role,
        invite::{self, Model},
    },
    invite::NewInvite,
    page::PageRequest,
    text::Label,
};
use time::Duration;

use super::{
    class::DoneQuery,
    form::{Form, Posted, Typed},
    page::{self, Page, Result, Shown, see_other},
    visitor::Visitor,
    words,
};
use crate::{error::ApiError, state::State};

/// How long invitations may last: the name in forms, the name for people, days. None are for as long as is usual for the
/// role, 0 for ever.
const EXPIRIES: [(&str, &str, Option<i64>); 5] = [
    ("", "one week for teachers, never for others", None),
    ("1", "after one day", Some(1)),
    ("7", "after one week", Some(7)),
    ("30", "after 30 days", Some(30)),
    ("never", "never", Some(0)),
];

/// For how many days an invitation for staff lasts unless something else is chosen, and for how many people.
const STAFF_DAYS: i64 = 7;
const STAFF_USES: i32 = 1;

/// What members of each role may do, for those who invite them.
const ABOUT_ROLES: [(Role, &str); 4] = [
    (
        Role::Instructor,
        "Runs the class with you: settings, members, everything shared with teachers. Cannot delete it.",
    ),
    (Role::Tutor, "Reads what is shared with teachers, sees addresses, hides marks and comments. Changes no settings."),
    (Role::Student, "Brings in conversations, marks and discusses what the class shares."),
    (Role::Auditor, "Reads what the class shares. Adds nothing."),
];

/// A role that somebody can be invited as.
struct Choice {
    key: &'static str,
    name: &'static str,
    about: &'static str,
}

impl Choice {
    fn of(role: Role) -> Self {
        let about = ABOUT_ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, about)| *about);
        Self { key: words::key(&words::ROLES, &role), name: words::name(&words::ROLES, &role), about }
    }
}

/// An invitation as a line of the list.
struct Line {
    invite: Model,
    link: String,
    role: &'static str,
    joined: String,
    over: bool,
}

impl Line {
    fn of(state: &State, invite: Model) -> Self {
        let used_up = invite.max_uses.is_some_and(|most| invite.uses >= most);
        let joined = u64::try_from(invite.uses).unwrap_or(0);
        Self {
            link: format!("{}/join/{}", state.public_url, invite.code),
            role: words::name(&words::ROLES, &invite.role),
            joined: format!("{joined} joined"),
            over: used_up || invite.expires_at.is_some_and(|end| state.clock.now() >= end),
            invite,
        }
    }
}

#[derive(Template)]
#[template(path = "invites.html")]
struct InvitesPage {
    page: Page,
    class: class::Model,
    lines: Vec<Line>,
    roles: Vec<Choice>,
    form: Form,
}

pub(super) async fn list(visitor: Visitor, state: Data<State>, id: Path<ClassId>, query: Query<DoneQuery>) -> Result {
    let form = Form::filled(Typed::from([("role", "student".to_owned())]));
    let mut shown = invites_page(&state, &visitor, *id, form).await?;
    shown.page = shown.page.done(query.done.as_deref());
    page::show(&shown)
}

async fn invites_page(state: &State, visitor: &Visitor, id: ClassId, form: Form) -> Result<InvitesPage> {
    let actor = visitor.actor();
    let member: Membership = service::class::membership(&state.db, &actor, id).await?;
    member.may(Right::ManageMembers)?;
    let request = PageRequest { limit: 100, after: None };
    let list = service::invite::list(&state.db, &actor, id, request).await?;
    let page = Page::of(visitor, "Invite people").following(id, actor.at).below("My classes", "/");
    Ok(InvitesPage {
        page: page.below(member.class.name.clone(), format!("/classes/{id}")),
        lines: list.items.into_iter().map(|invite| Line::of(state, invite)).collect(),
        roles: member.manages().map(Choice::of).collect(),
        class: member.class,
        form,
    })
}

pub(super) async fn create(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let done = match parse(&typed, state.clock.now()) {
        Ok(new) => service::invite::create(&state.db, &visitor.actor(), *id, new).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("/classes/{id}/invites?done=invited"))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let outcome = form.outcome();
            outcome.answer(&invites_page(&state, &visitor, *id, form).await?)
        }
    }
}

fn parse(typed: &Typed, now: Moment) -> service::Result<NewInvite> {
    let mut fields = Fields::default();
    let role = words::parse(&words::ROLES, typed.get("role")).unwrap_or(Role::Student);
    let chosen = EXPIRIES.iter().find(|(key, ..)| *key == typed.get("expires")).and_then(|(.., days)| *days);
    let days = chosen.unwrap_or(if role.is_staff() { STAFF_DAYS } else { 0 });
    let uses = typed.optional("max_uses").and_then(|text| {
        let number = text.trim().parse::<i32>().map_err(|_| Flaw::new("wrong_type", "expected a whole number"));
        fields.take("max_uses", number)
    });
    let section = typed.optional("section").and_then(|text| fields.take("section", Label::parse(text)));
    if !fields.is_fine() {
        return Err(fields.into());
    }
    let expires_at = (days > 0).then(|| now.plus(Duration::days(days)));
    let max_uses = uses.or(role.is_staff().then_some(STAFF_USES));
    Ok(NewInvite { role, expires_at, max_uses, section })
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    page: Page,
    class: class::Model,
    line: Line,
    qr: Qr,
}

/// A QR code as a path of unit squares in a view box.
pub(super) struct Qr {
    pub(super) size: i32,
    pub(super) path: String,
}

/// How students come in, for a class in which nobody is yet.
pub(super) struct Way {
    pub(super) link: String,
    pub(super) code: String,
    pub(super) qr: Qr,
}

impl Way {
    pub(super) fn of(state: &State, invite: Model) -> Result<Self> {
        let Line { link, invite, .. } = Line::of(state, invite);
        Ok(Self { qr: Qr::of(&link)?, link, code: invite.code })
    }
}

impl Qr {
    /// Four modules around it stay empty, as the standard asks.
    const BORDER: i32 = 4;

    fn of(text: &str) -> Result<Self> {
        // A public address is far shorter than a QR code can hold.
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| ApiError::panicked())?;
        let cells = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = cells.filter(|(x, y)| code.get_module(*x, *y));
        let path = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + Self::BORDER, y + Self::BORDER)).collect();
        Ok(Self { size: code.size() + 2 * Self::BORDER, path })
    }
}

pub(super) async fn show(visitor: Visitor, state: Data<State>, id: Path<InviteId>) -> Result {
    let actor = visitor.actor();
    let invite: invite::Model = service::invite::show(&state.db, &actor, *id).await?;
    if invite.revoked_at.is_some() {
        return Err(ApiError::not_found());
    }
    let class = service::class::membership(&state.db, &actor, invite.class_id).await?.class;
    let line = Line::of(&state, invite);
    let page = Page::of(&visitor, format!("Join {}", class.name))
        .following(class.id, actor.at)
        .below(class.name.clone(), format!("/classes/{}", class.id));
    page::show(&InvitePage {
        page: page.below("Invite people", format!("/classes/{}/invites", class.id)),
        qr: Qr::of(&line.link)?,
        class,
        line,
    })
}

pub(super) async fn revoke(form: Posted, state: Data<State>, id: Path<InviteId>) -> Result {
    let actor = form.visitor.actor();
    let class = service::invite::show(&state.db, &actor, *id).await?.class_id;
    service::invite::revoke(&state.db, &actor, *id).await?;
    Ok(see_other(&format!("/classes/{class}/invites?done=revoked")))
}
