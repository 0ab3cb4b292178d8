//! The members of a class: who they are, their roles, leaving and removing.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields,
    access::{Membership, Right},
    author::sees_names,
    enrolment::{ChangeEnrolment, Filter, Member},
    entity::{
        ClassId, EnrolmentId, class,
        enrolment::{Role, State as Standing},
    },
    page::PageRequest,
    text::Label,
};

use super::{
    class::DoneQuery,
    form::{Form, Posted, Typed},
    page::{self, Page, Result, Shown, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// Which members, and which page of them.
#[derive(Deserialize)]
pub(super) struct MembersQuery {
    cursor: Option<String>,
    state: Option<String>,
    done: Option<String>,
}

/// A member as a line of the list.
struct Line {
    member: Member,
    role: &'static str,
    manageable: bool,
    /// Whether the reader sees under this name what they bring in and write.
    named: bool,
    /// Whether there is a page of all they did.
    findable: bool,
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    page: Page,
    class: class::Model,
    manages: bool,
    moderates: bool,
    /// Which former members; empty for those of today.
    former: &'static str,
    lines: Vec<Line>,
    next: Option<String>,
}

pub(super) async fn list(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ClassId>,
    query: Query<MembersQuery>,
) -> Result {
    let actor = visitor.actor();
    let (former, wanted) = match query.state.as_deref() {
        Some("left") => ("left", Some(Standing::Left)),
        Some("removed") => ("removed", Some(Standing::Removed)),
        _ => ("", None),
    };
    let me = service::class::membership(&state.db, &actor, *id).await?;
    let request = PageRequest { limit: 100, ..PageRequest::parse(None, query.cursor.as_deref())? };
    let filter = Filter { state: wanted, ..Filter::default() };
    let list = service::enrolment::list(&state.db, &actor, *id, filter, request).await?;
    let (moderates, named) = (me.may(Right::Moderate).is_ok(), sees_names(&me.class, Some(me.enrolment.role)));
    let line = |member: Member| {
        let (author, named) = (&member.author, named || member.author.role.is_staff());
        Line {
            role: words::name(&words::ROLES, &author.role),
            manageable: author.me || me.may_manage(author.role).is_ok(),
            named: named || author.me,
            findable: moderates && named,
            member,
        }
    };
    let path = |cursor: String| format!("/classes/{id}/members?state={former}&cursor={cursor}");
    page::show(&MembersPage {
        page: below(Page::of(&visitor, "Members").following(*id, actor.at), &me.class).done(query.done.as_deref()),
        manages: me.may(Right::ManageMembers).is_ok(),
        moderates,
        former,
        lines: list.items.into_iter().map(line).collect(),
        next: list.next.map(|cursor| path(cursor.encode())),
        class: me.class,
    })
}

fn below(page: Page, class: &class::Model) -> Page {
    page.below("My classes", "/").below(class.name.clone(), format!("/classes/{}", class.id))
}

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage {
    page: Page,
    class: class::Model,
    member: Member,
    role: &'static str,
    roles: Vec<(&'static str, &'static str)>,
    manages: bool,
    may_hand_over: bool,
    form: Form,
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<EnrolmentId>,
    query: Query<DoneQuery>,
) -> Result {
    let mut shown = member_page(&state, &visitor, *id, None).await?;
    shown.page = shown.page.done(query.done.as_deref());
    page::show(&shown)
}

async fn member_page(state: &State, visitor: &Visitor, id: EnrolmentId, form: Option<Form>) -> Result<MemberPage> {
    let actor = visitor.actor();
    let member = service::enrolment::show(&state.db, &actor, id).await?;
    let me: Membership = service::class::membership(&state.db, &actor, member.enrolment.class_id).await?;
    let role = words::key(&words::ROLES, &member.author.role);
    let section = member.enrolment.section.clone().unwrap_or_default();
    let roles = me.manages().map(|role| (words::key(&words::ROLES, &role), words::name(&words::ROLES, &role)));
    Ok(MemberPage {
        page: below(Page::of(visitor, member.author.name.clone()), &me.class)
            .below("Members", format!("/classes/{}/members", me.class.id)),
        roles: roles.collect(),
        manages: !member.author.me && me.may_manage(member.author.role).is_ok(),
        may_hand_over: me.enrolment.role == Role::Owner
            && !member.author.me
            && member.enrolment.state == Standing::Active,
        form: form.unwrap_or_else(|| Form::filled(Typed::from([("role", role.to_owned()), ("section", section)]))),
        role: words::name(&words::ROLES, &member.author.role),
        class: me.class,
        member,
    })
}

pub(super) async fn change(form: Posted, state: Data<State>, id: Path<EnrolmentId>) -> Result {
    let typed = &form.typed;
    let mut fields = Fields::default();
    let section = typed.optional("section").and_then(|text| fields.take("section", Label::parse(text)));
    let role = words::parse(&words::ROLES, typed.get("role"));
    let change = ChangeEnrolment { role, section: Some(section), ..ChangeEnrolment::default() };
    let done = if fields.is_fine() {
        service::enrolment::change(&state.db, &form.visitor.actor(), *id, typed.version(), change).await
    } else {
        Err(fields.into())
    };
    ended(&state, form, *id, done, "saved").await
}

pub(super) async fn readmit(form: Posted, state: Data<State>, id: Path<EnrolmentId>) -> Result {
    let change = ChangeEnrolment { readmit: true, ..ChangeEnrolment::default() };
    let done = service::enrolment::change(&state.db, &form.visitor.actor(), *id, None, change).await;
    ended(&state, form, *id, done, "readmitted").await
}

/// Leads back to the member, or shows them with what stood in the way.
async fn ended(state: &State, form: Posted, id: EnrolmentId, done: service::Result<()>, what: &str) -> Result {
    let Posted { visitor, typed } = form;
    let Err(error) = done else { return Ok(see_other(&format!("/enrolments/{id}?done={what}"))) };
    let form = Form::refused(typed, error)?;
    let outcome = form.outcome();
    outcome.answer(&member_page(state, &visitor, id, Some(form)).await?)
}

/// Leaves the class, or removes somebody from it.
pub(super) async fn end(form: Posted, state: Data<State>, id: Path<EnrolmentId>) -> Result {
    let actor = form.visitor.actor();
    let member = service::enrolment::show(&state.db, &actor, *id).await?;
    let class = member.enrolment.class_id;
    match service::enrolment::end(&state.db, &actor, *id, None).await {
        Ok(()) if member.author.me => Ok(see_other(&format!("/classes/{class}?done=left"))),
        Ok(()) => Ok(see_other(&format!("/classes/{class}/members?done=removed"))),
        Err(error) => ended(&state, form, *id, Err(error), "").await,
    }
}
