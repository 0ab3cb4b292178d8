//! Memberships.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Fields, Flaw,
    enrolment::{ChangeEnrolment, Filter, Member},
    entity::{ClassId, EnrolmentId, enrolment::State as Stored},
    text::Label,
};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    throttle::Codes,
    wire::{EnrolmentState, Role, Time},
};

/// A code to join by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentIn {
    /// Eight characters; case, spaces and hyphens do not matter.
    invite_code: String,
}

/// What is changed of a membership; what is not sent stays, `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentPatch {
    /// A role below your own.
    #[serde(default)]
    #[schema(value_type = Option<Role>)]
    role: Patch<Role>,
    /// Section or group.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    section: Patch<String>,
    /// The member's id in the school's own system.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    external_id: Patch<String>,
    /// `active` takes back a member who left or was removed.
    #[serde(default)]
    #[schema(value_type = Option<EnrolmentState>)]
    state: Patch<EnrolmentState>,
}

/// A member as another member sees them.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentOut {
    /// The membership.
    id: String,
    /// The class.
    class_id: String,
    /// The name shown.
    name: String,
    /// Role in the class.
    role: Role,
    /// Whether it holds.
    state: EnrolmentState,
    /// Section or group.
    section: Option<String>,
    /// Whether it is you.
    me: bool,
    /// The address; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The member's id in the school's own system; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// The made-up name under which students know the person; for staff who see both names.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_up_name: Option<String>,
    /// When the person joined.
    created_at: Time,
}

impl From<Member> for EnrolmentOut {
    fn from(member: Member) -> Self {
        let Member { author, enrolment, email, made_up } = member;
        Self {
            id: author.id.to_string(),
            class_id: enrolment.class_id.to_string(),
            name: author.name,
            role: author.role.into(),
            state: enrolment.state.into(),
            section: enrolment.section,
            me: author.me,
            email,
            external_id: enrolment.external_id,
            made_up_name: made_up,
            created_at: Time(enrolment.created_at),
        }
    }
}

/// Which members are listed.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnrolmentQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Those of this role.
    #[param(inline)]
    role: Option<Role>,
    /// Those of this section.
    section: Option<String>,
    /// Those with this id in the school's own system; for staff.
    external_id: Option<String>,
    /// Those who `left` or were `removed`; for owner and instructors.
    #[param(inline)]
    state: Option<EnrolmentState>,
}

/// Joins a class by an invitation code; 200 if you are a member already.
#[utoipa::path(post, path = "/api/v1/enrolments", tag = "classes", request_body = EnrolmentIn,
    responses((status = 201, description = "Joined", body = EnrolmentOut),
              (status = 200, description = "A member already", body = EnrolmentOut)))]
pub async fn join(
    me: CurrentUser,
    state: Data<State>,
    codes: Codes,
    body: Json<EnrolmentIn>,
) -> Result<Answer<EnrolmentOut>> {
    let actor = me.making(body.fingerprint);
    let joined = codes.attempt(service::enrolment::join(&state.db, &actor, body.value.invite_code)).await?;
    let member = service::enrolment::show(&state.db, &actor, joined.value.id).await?;
    let (version, body) = (member.enrolment.version, EnrolmentOut::from(member));
    let location = format!("/api/v1/classes/{}", body.class_id);
    let answer = if joined.value.already { Answer::ok(body) } else { Answer::created(body).at(location) };
    Ok(answer.version(version).replayed(joined.replayed))
}

/// Lists the members of a class.
#[utoipa::path(get, path = "/api/v1/classes/{id}/enrolments", tag = "classes",
    params(("id" = String, Path), EnrolmentQuery),
    responses((status = 200, description = "The members, newest first; by name where students have made-up names",
               body = Listing<EnrolmentOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<EnrolmentQuery>,
) -> Result<Paged<EnrolmentOut>> {
    let EnrolmentQuery { limit, cursor, role, section, external_id, state: held } = query.into_inner();
    let page = service::page::PageRequest::parse(limit, cursor.as_deref())?;
    let filter = Filter { role: role.map(Into::into), section, external_id, state: held.map(Into::into) };
    let page = service::enrolment::list(&state.db, &me.actor(), *class, filter, page).await?;
    Ok(page.map(EnrolmentOut::from).into())
}

fn parse(body: EnrolmentPatch) -> service::Result<ChangeEnrolment> {
    let EnrolmentPatch { role, section, external_id, state } = body;
    let fields = &mut Fields::default();
    let state = state.required(fields, "/state", |state| match state.into() {
        Stored::Active => Ok(()),
        Stored::Left | Stored::Removed => {
            Err(Flaw::new("unknown_value", "only `active`; DELETE the enrolment to leave or remove"))
        }
    });
    let change = ChangeEnrolment {
        role: role.required(fields, "/role", |role| Ok(role.into())),
        section: section.optional(fields, "/section", |text| Label::parse(&text)),
        external_id: external_id.optional(fields, "/external_id", |text| Label::parse(&text)),
        readmit: state.is_some(),
    };
    if fields.is_fine() { Ok(change) } else { Err(std::mem::take(fields).into()) }
}

/// Changes a member's role or section, or takes a former member back.
#[utoipa::path(patch, path = "/api/v1/enrolments/{id}", tag = "classes", params(("id" = String, Path)),
    request_body = EnrolmentPatch, responses((status = 200, description = "Changed", body = EnrolmentOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<EnrolmentId>,
    expected: IfMatch,
    body: Json<EnrolmentPatch>,
) -> Result<Answer<EnrolmentOut>> {
    let actor = me.actor();
    service::enrolment::change(&state.db, &actor, *id, expected.0, parse(body.value)?).await?;
    let member = service::enrolment::show(&state.db, &actor, *id).await?;
    let version = member.enrolment.version;
    Ok(Answer::ok(member.into()).version(version))
}

/// Leaves a class, or removes a member from it. What they brought in stays.
#[utoipa::path(delete, path = "/api/v1/enrolments/{id}", tag = "classes", params(("id" = String, Path)),
    responses((status = 204, description = "Left or removed")))]
pub async fn end(me: CurrentUser, state: Data<State>, id: Path<EnrolmentId>, expected: IfMatch) -> Result<NoContent> {
    service::enrolment::end(&state.db, &me.actor(), *id, expected.0).await?;
    Ok(NoContent)
}
