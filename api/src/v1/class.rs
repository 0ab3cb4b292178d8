//! Classes.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Fields, Flaw,
    class::{ChangeClass, ChangeVisibility, ClassView, Filter, NewClass, TimeZone},
    entity::{ClassId, EnrolmentId},
    text::{ClassName, Description, Label},
};
use utoipa::ToSchema;

use super::ConfirmQuery;
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    wire::{Audience, AuthorOut, Blind, ClassStatus, Naming, Role, Time},
};

/// A class somebody opens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassIn {
    /// What people call it, 1 to 200 characters.
    name: String,
    /// Course code.
    code: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// IANA name such as Australia/Sydney.
    time_zone: Option<String>,
    /// Its id in the school's own system.
    external_id: Option<String>,
}

/// What is changed of a class; what is not sent stays, `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassPatch {
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// Course code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Patch<String>,
    /// What it is about.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// IANA name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    time_zone: Patch<String>,
    /// Its id in the school's own system.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    external_id: Patch<String>,
    /// Archive or reopen; the owner only.
    #[serde(default)]
    #[schema(value_type = Option<ClassStatus>)]
    status: Patch<ClassStatus>,
    /// Hand over to this member, by enrolment id; the owner only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: Patch<String>,
    /// How students appear to each other. Made-up names cannot be given up once students have written under them.
    #[serde(default)]
    #[schema(value_type = Option<Naming>)]
    naming: Patch<Naming>,
    /// Whether staff see the names behind made-up ones.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    staff_see_names: Patch<bool>,
    /// How long a student does not see the marks of others.
    #[serde(default)]
    #[schema(value_type = Option<Blind>)]
    blind: Patch<Blind>,
    /// The date of `until_date`.
    #[serde(default)]
    #[schema(value_type = Option<Time>)]
    blind_until: Patch<Time>,
    /// The number of `until_marks`, 1 to 100, in each conversation.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    blind_marks: Patch<i32>,
    /// `true` shows the marks of others now, whatever the rule.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    revealed: Patch<bool>,
    /// Whether only owner and instructors change the codebook.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    codebook_locked: Patch<bool>,
    /// How far an annotation goes unless its author chooses otherwise; pages offer it first, and never more than the
    /// conversation is shared with.
    #[serde(default)]
    #[schema(value_type = Option<Audience>)]
    usual_audience: Patch<Audience>,
}

/// A class as one of its members sees it.
#[derive(Serialize, ToSchema)]
pub struct ClassOut {
    /// The class.
    id: String,
    /// What people call it.
    name: String,
    /// Course code.
    code: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// Its id in the school's own system.
    external_id: Option<String>,
    /// Whether it still changes.
    status: ClassStatus,
    /// Whose it is.
    owner: Option<AuthorOut>,
    /// Your membership.
    enrolment_id: String,
    /// Your role.
    role: Role,
    /// Your section.
    section: Option<String>,
    /// Active members.
    members: u64,
    /// How students appear to each other.
    naming: Naming,
    /// Whether staff see the names behind made-up ones.
    staff_see_names: bool,
    /// How long a student does not see the marks of others.
    blind: Blind,
    /// The date of `until_date`.
    blind_until: Option<Time>,
    /// The number of `until_marks`.
    blind_marks: Option<i32>,
    /// Whether staff showed the marks of others before their time.
    revealed: bool,
    /// Whether only owner and instructors change the codebook.
    codebook_locked: bool,
    /// How far an annotation goes unless its author chooses otherwise: what pages offer first. What is created through
    /// the API without an audience stays private.
    usual_audience: Audience,
    /// When it was made.
    created_at: Time,
    /// When it last changed.
    updated_at: Time,
}

impl From<ClassView> for ClassOut {
    fn from(view: ClassView) -> Self {
        let ClassView { class, me, owner, members } = view;
        Self {
            id: class.id.to_string(),
            name: class.name,
            code: class.code,
            description: class.description,
            time_zone: class.time_zone,
            external_id: class.external_id,
            status: class.status.into(),
            owner: owner.map(AuthorOut::from),
            enrolment_id: me.id.to_string(),
            role: me.role.into(),
            section: me.section,
            members,
            naming: class.naming.into(),
            staff_see_names: class.staff_see_names,
            blind: class.blind.into(),
            blind_until: class.blind_until.map(Time),
            blind_marks: class.blind_marks,
            revealed: class.revealed_at.is_some(),
            codebook_locked: class.codebook_locked,
            usual_audience: class.usual_audience.into(),
            created_at: Time(class.created_at),
            updated_at: Time(class.updated_at),
        }
    }
}

/// Which classes are listed.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClassQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Those with this id in the school's own system.
    external_id: Option<String>,
    /// Those in this state.
    #[param(inline)]
    status: Option<ClassStatus>,
}

fn parse(body: ClassIn) -> service::Result<NewClass> {
    let mut fields = Fields::default();
    let name = fields.take("/name", ClassName::parse(&body.name));
    let code = body.code.and_then(|text| fields.take("/code", Label::parse(&text)));
    let description = body.description.and_then(|text| fields.take("/description", Description::parse(&text)));
    let time_zone = body.time_zone.and_then(|text| fields.take("/time_zone", TimeZone::parse(&text)));
    let external_id = body.external_id.and_then(|text| fields.take("/external_id", Label::parse(&text)));
    match name {
        Some(name) if fields.is_fine() => Ok(NewClass { name, code, description, time_zone, external_id }),
        _ => Err(fields.into()),
    }
}

fn parse_patch(body: ClassPatch) -> service::Result<ChangeClass> {
    let ClassPatch { name, code, description, time_zone, external_id, status, owner, .. } = body;
    let fields = &mut Fields::default();
    let visibility = ChangeVisibility {
        naming: body.naming.required(fields, "/naming", |naming| Ok(naming.into())),
        staff_see_names: body.staff_see_names.required(fields, "/staff_see_names", Ok),
        blind: body.blind.required(fields, "/blind", |blind| Ok(blind.into())),
        blind_until: body.blind_until.optional(fields, "/blind_until", |at| Ok(at.into())),
        blind_marks: body.blind_marks.optional(fields, "/blind_marks", Ok),
        revealed: body.revealed.required(fields, "/revealed", Ok),
        codebook_locked: body.codebook_locked.required(fields, "/codebook_locked", Ok),
        usual_audience: body.usual_audience.required(fields, "/usual_audience", |audience| Ok(audience.into())),
    };
    let change = ChangeClass {
        name: name.required(fields, "/name", |text| ClassName::parse(&text)),
        code: code.optional(fields, "/code", |text| Label::parse(&text)),
        description: description.optional(fields, "/description", |text| Description::parse(&text)),
        time_zone: time_zone.optional(fields, "/time_zone", |text| TimeZone::parse(&text)),
        external_id: external_id.optional(fields, "/external_id", |text| Label::parse(&text)),
        status: status.required(fields, "/status", |status| Ok(status.into())),
        owner: owner.required(fields, "/owner", |id| {
            id.parse::<EnrolmentId>().map_err(|_| Flaw::new("id_invalid", "expected an enrolment id"))
        }),
        visibility,
    };
    if fields.is_fine() { Ok(change) } else { Err(std::mem::take(fields).into()) }
}

async fn shown(state: &State, me: &CurrentUser, id: ClassId) -> Result<(ClassOut, i32)> {
    let view = service::class::show(&state.db, &me.actor(), id).await?;
    let version = view.class.version;
    Ok((view.into(), version))
}

/// Opens a class; you become its owner.
#[utoipa::path(post, path = "/api/v1/classes", tag = "classes", request_body = ClassIn,
    responses((status = 201, description = "Opened", body = ClassOut)))]
pub async fn create(me: CurrentUser, state: Data<State>, body: Json<ClassIn>) -> Result<Answer<ClassOut>> {
    let (actor, new) = (me.making(body.fingerprint), parse(body.value)?);
    let made = service::class::create(&state.db, &actor, state.rules, new).await?;
    let (class, version) = shown(&state, &me, made.value).await?;
    let location = format!("/api/v1/classes/{}", class.id);
    Ok(Answer::created(class).at(location).version(version).replayed(made.replayed))
}

/// Lists the classes you are a member of.
#[utoipa::path(get, path = "/api/v1/classes", tag = "classes", params(ClassQuery),
    responses((status = 200, description = "The classes, newest first", body = Listing<ClassOut>)))]
pub async fn list(me: CurrentUser, state: Data<State>, query: Query<ClassQuery>) -> Result<Paged<ClassOut>> {
    let ClassQuery { limit, cursor, external_id, status } = query.into_inner();
    let page = service::page::PageRequest::parse(limit, cursor.as_deref())?;
    let filter = Filter { external_id, status: status.map(Into::into) };
    let page = service::class::list(&state.db, &me.actor(), filter, page).await?;
    Ok(page.map(ClassOut::from).into())
}

/// Shows a class.
#[utoipa::path(get, path = "/api/v1/classes/{id}", tag = "classes", params(("id" = String, Path)),
    responses((status = 200, description = "The class", body = ClassOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<ClassId>) -> Result<Answer<ClassOut>> {
    let (class, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(class).version(version))
}

/// Changes a class, archives or reopens it, hands it over.
#[utoipa::path(patch, path = "/api/v1/classes/{id}", tag = "classes", params(("id" = String, Path)),
    request_body = ClassPatch, responses((status = 200, description = "Changed", body = ClassOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ClassId>,
    expected: IfMatch,
    body: Json<ClassPatch>,
) -> Result<Answer<ClassOut>> {
    service::class::change(&state.db, &me.actor(), *id, expected.0, parse_patch(body.value)?).await?;
    let (class, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(class).version(version))
}

/// Deletes a class with everything in it. While it holds others' work, only archived and confirmed by its exact name.
#[utoipa::path(delete, path = "/api/v1/classes/{id}", tag = "classes", params(("id" = String, Path), ConfirmQuery),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ClassId>,
    expected: IfMatch,
    query: Query<ConfirmQuery>,
) -> Result<NoContent> {
    let confirm = query.into_inner().confirm;
    service::class::delete(&state.db, &me.actor(), *id, expected.0, confirm).await?;
    Ok(NoContent)
}
