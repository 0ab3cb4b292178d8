//! Invitations.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Fields,
    entity::{ClassId, InviteId, invite},
    invite::NewInvite,
    text::Label,
};
use utoipa::ToSchema;

use super::PageQuery;
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::Json,
    query::Query,
    state::State,
    wire::{Role, Time},
};

/// An invitation somebody makes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteIn {
    /// As what; a role below your own.
    role: Role,
    /// Until when; for ever if not said.
    expires_at: Option<Time>,
    /// For how many people; any number if not said.
    #[schema(minimum = 1)]
    max_uses: Option<i32>,
    /// Into which section.
    section: Option<String>,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub struct InviteOut {
    /// The invitation.
    id: String,
    /// What people type or follow to join.
    code: String,
    /// As what.
    role: Role,
    /// Into which section.
    section: Option<String>,
    /// Until when.
    expires_at: Option<Time>,
    /// For how many people.
    max_uses: Option<i32>,
    /// How many joined by it.
    uses: i32,
    /// When it was made.
    created_at: Time,
}

impl From<invite::Model> for InviteOut {
    fn from(row: invite::Model) -> Self {
        Self {
            id: row.id.to_string(),
            code: row.code,
            role: row.role.into(),
            section: row.section,
            expires_at: row.expires_at.map(Time),
            max_uses: row.max_uses,
            uses: row.uses,
            created_at: Time(row.created_at),
        }
    }
}

/// Makes an invitation code for a role below your own.
#[utoipa::path(post, path = "/api/v1/classes/{id}/invites", tag = "classes", params(("id" = String, Path)),
    request_body = InviteIn, responses((status = 201, description = "Made", body = InviteOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    body: Json<InviteIn>,
) -> Result<Answer<InviteOut>> {
    let actor = me.making(body.fingerprint);
    let InviteIn { role, expires_at, max_uses, section } = body.value;
    let mut fields = Fields::default();
    let section = section.and_then(|text| fields.take("/section", Label::parse(&text)));
    if !fields.is_fine() {
        return Err(service::Error::from(fields).into());
    }
    let new = NewInvite { role: role.into(), expires_at: expires_at.map(Into::into), max_uses, section };
    let made = service::invite::create(&state.db, &actor, *class, new).await?;
    let row = service::invite::show(&state.db, &actor, made.value).await?;
    Ok(Answer::created(InviteOut::from(row)).replayed(made.replayed))
}

/// Lists the invitations of a class.
#[utoipa::path(get, path = "/api/v1/classes/{id}/invites", tag = "classes", params(("id" = String, Path), PageQuery),
    responses((status = 200, description = "The invitations, newest first", body = Listing<InviteOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<PageQuery>,
) -> Result<Paged<InviteOut>> {
    let page = service::invite::list(&state.db, &me.actor(), *class, query.parse()?).await?;
    Ok(page.map(InviteOut::from).into())
}

/// Takes an invitation back. Who joined by it stays.
#[utoipa::path(delete, path = "/api/v1/invites/{id}", tag = "classes", params(("id" = String, Path)),
    responses((status = 204, description = "Taken back")))]
pub async fn revoke(me: CurrentUser, state: Data<State>, id: Path<InviteId>) -> Result<NoContent> {
    service::invite::revoke(&state.db, &me.actor(), *id).await?;
    Ok(NoContent)
}
