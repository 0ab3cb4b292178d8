//! The codebook: tags of a class, and those people keep to themselves.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::{
    Error, Fields, Flaw,
    entity::{ClassId, TagId},
    tag::{ChangeTag, Colour, NewTag, Source, TagView},
    text::{Description, Label},
};
use utoipa::ToSchema;

use super::{ConfirmQuery, PageQuery, annotation::id};
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch},
    query::Query,
    state::State,
    wire::Time,
};

/// A tag somebody makes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagIn {
    /// What it is called, 1 to 100 characters; no two of one list differ in case alone.
    name: String,
    /// `blue`, `orange`, `green`, `purple`, `red`, `teal`, `pink`, `yellow`, `brown` or `grey`; another one than that of the
    /// tag before if not said.
    colour: Option<String>,
    /// What it means.
    definition: Option<String>,
    /// Words that it fits.
    example: Option<String>,
    /// The heading it stands under.
    group: Option<String>,
    /// Whether it is yours alone; a tag of the class if not said.
    #[serde(default)]
    private: bool,
}

/// What is changed of a tag; what is not sent stays, `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagPatch {
    /// What it is called.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// Its colour.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    colour: Patch<String>,
    /// What it means.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    definition: Patch<String>,
    /// Words that it fits.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    example: Patch<String>,
    /// The heading it stands under.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    group: Patch<String>,
    /// Its place in the list, from 0; what stands there and after it moves on.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    position: Patch<i32>,
}

/// Tags to bring in: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagImportIn {
    /// `name: definition`, one a line.
    lines: Option<String>,
    /// The id of a class you are in, whose codebook is copied.
    from_class: Option<String>,
    /// `true` for a few tags to start from.
    sample: Option<bool>,
}

/// Where the tag goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeIn {
    /// The id of the tag that stays.
    into: String,
}

/// A tag.
#[derive(Serialize, ToSchema)]
pub struct TagOut {
    /// The tag.
    id: String,
    /// In which class.
    class_id: String,
    /// What it is called.
    name: String,
    /// Its colour, by name.
    colour: String,
    /// What it means.
    definition: Option<String>,
    /// Words that it fits.
    example: Option<String>,
    /// The heading it stands under.
    group: Option<String>,
    /// Its place in the list.
    position: i32,
    /// Whether it is yours alone.
    private: bool,
    /// Annotations carrying it that you may see.
    uses: u64,
    /// When it was made.
    created_at: Time,
    /// When it last changed.
    updated_at: Time,
    /// Counts its changes; the ETag.
    version: i32,
}

impl From<TagView> for TagOut {
    fn from(view: TagView) -> Self {
        let TagView { tag: row, uses } = view;
        Self {
            id: row.id.to_string(),
            class_id: row.class_id.to_string(),
            name: row.name,
            colour: row.colour,
            definition: row.definition,
            example: row.example,
            group: row.grouping,
            position: row.position,
            private: row.owner_id.is_some(),
            uses,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
            version: row.version,
        }
    }
}

/// What became of tags that were brought in.
#[derive(Serialize, ToSchema)]
pub struct TagImportOut {
    /// The ids of those that are new.
    imported: Vec<String>,
    /// The names of those that were there already.
    skipped: Vec<String>,
}

async fn shown(state: &State, me: &CurrentUser, id: TagId) -> Result<(TagOut, i32)> {
    let view = service::tag::show(&state.db, &me.actor(), id).await?;
    let version = view.tag.version;
    Ok((view.into(), version))
}

/// Makes a tag: of the class, or yours alone.
#[utoipa::path(post, path = "/api/v1/classes/{id}/tags", tag = "annotations", params(("id" = String, Path)),
    request_body = TagIn, responses((status = 201, description = "Made", body = TagOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    body: Json<TagIn>,
) -> Result<Answer<TagOut>> {
    let actor = me.making(body.fingerprint);
    let TagIn { name, colour, definition, example, group, private } = body.value;
    let mut fields = Fields::default();
    let name = fields.take("/name", Label::parse(&name));
    let colour = colour.and_then(|text| fields.take("/colour", Colour::parse(&text)));
    let definition = definition.and_then(|text| fields.take("/definition", Description::parse(&text)));
    let example = example.and_then(|text| fields.take("/example", Description::parse(&text)));
    let group = group.and_then(|text| fields.take("/group", Label::parse(&text)));
    let (Some(name), true) = (name, fields.is_fine()) else {
        return Err(Error::from(fields).into());
    };
    let new = NewTag { name, colour, definition, example, group };
    let made = service::tag::create(&state.db, &actor, *class, private, new).await?;
    let (body, version) = shown(&state, &me, made.value).await?;
    let location = format!("/api/v1/tags/{}", body.id);
    Ok(Answer::created(body).at(location).version(version).replayed(made.replayed))
}

/// Lists the tags of a class and your own, in the order of the codebook.
#[utoipa::path(get, path = "/api/v1/classes/{id}/tags", tag = "annotations", params(("id" = String, Path), PageQuery),
    responses((status = 200, description = "The tags", body = Listing<TagOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<PageQuery>,
) -> Result<Paged<TagOut>> {
    let page = service::tag::list(&state.db, &me.actor(), *class, query.parse()?).await?;
    Ok(page.map(TagOut::from).into())
}

/// Adds tags to the codebook: lines, the codebook of another class, or a sample.
#[utoipa::path(post, path = "/api/v1/classes/{id}/tags/import", tag = "annotations", params(("id" = String, Path)),
    request_body = TagImportIn, responses((status = 201, description = "Brought in", body = TagImportOut)))]
pub async fn bring(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    body: Json<TagImportIn>,
) -> Result<Answer<TagImportOut>> {
    let actor = me.making(body.fingerprint);
    let mut fields = Fields::default();
    let TagImportIn { lines, from_class, sample } = body.value;
    let source = match (lines, from_class, sample.unwrap_or(false)) {
        (Some(lines), None, false) => Some(Source::Lines(lines)),
        (None, Some(class), false) => id(&mut fields, "/from_class", Some(class), "a class").map(Source::Class),
        (None, None, true) => Some(Source::Sample),
        _ => {
            fields.note("", Flaw::new("one_of", "expected one of `lines`, `from_class` and `sample`"));
            None
        }
    };
    let Some(source) = source else { return Err(Error::from(fields).into()) };
    let made = service::tag::bring(&state.db, &actor, *class, source).await?;
    let imported = made.value.made.iter().map(ToString::to_string).collect();
    Ok(Answer::created(TagImportOut { imported, skipped: made.value.skipped }).replayed(made.replayed))
}

/// Shows a tag.
#[utoipa::path(get, path = "/api/v1/tags/{id}", tag = "annotations", params(("id" = String, Path)),
    responses((status = 200, description = "The tag", body = TagOut)))]
pub async fn show(me: CurrentUser, state: Data<State>, id: Path<TagId>) -> Result<Answer<TagOut>> {
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Changes a tag; annotations that carry it keep it.
#[utoipa::path(patch, path = "/api/v1/tags/{id}", tag = "annotations", params(("id" = String, Path)),
    request_body = TagPatch, responses((status = 200, description = "Changed", body = TagOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<TagId>,
    expected: IfMatch,
    body: Json<TagPatch>,
) -> Result<Answer<TagOut>> {
    let TagPatch { name, colour, definition, example, group, position } = body.value;
    let place = |position: i32| match position {
        0.. => Ok(position),
        _ => Err(Flaw::new("out_of_range", format!("at least 0, found {position}"))),
    };
    let fields = &mut Fields::default();
    let change = ChangeTag {
        name: name.required(fields, "/name", |text| Label::parse(&text)),
        colour: colour.required(fields, "/colour", |text| Colour::parse(&text)),
        definition: definition.optional(fields, "/definition", |text| Description::parse(&text)),
        example: example.optional(fields, "/example", |text| Description::parse(&text)),
        group: group.optional(fields, "/group", |text| Label::parse(&text)),
        position: position.required(fields, "/position", place),
    };
    if !fields.is_fine() {
        return Err(Error::from(std::mem::take(fields)).into());
    }
    service::tag::change(&state.db, &me.actor(), *id, expected.0, change).await?;
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Deletes a tag; one of the class, and one that annotations carry, only with its exact name as `confirm`.
#[utoipa::path(delete, path = "/api/v1/tags/{id}", tag = "annotations", params(("id" = String, Path), ConfirmQuery),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(
    me: CurrentUser,
    state: Data<State>,
    id: Path<TagId>,
    expected: IfMatch,
    query: Query<ConfirmQuery>,
) -> Result<NoContent> {
    let confirm = query.into_inner().confirm;
    service::tag::delete(&state.db, &me.actor(), *id, expected.0, confirm).await?;
    Ok(NoContent)
}

/// Puts another tag wherever this one is, and deletes this one.
#[utoipa::path(post, path = "/api/v1/tags/{id}/merge", tag = "annotations", params(("id" = String, Path)),
    request_body = MergeIn, responses((status = 200, description = "The tag that stays", body = TagOut)))]
pub async fn merge(
    me: CurrentUser,
    state: Data<State>,
    tag: Path<TagId>,
    body: Json<MergeIn>,
) -> Result<Answer<TagOut>> {
    let mut fields = Fields::default();
    let Some(into) = id(&mut fields, "/into", Some(body.value.into), "a tag") else {
        return Err(Error::from(fields).into());
    };
    service::tag::merge(&state.db, &me.actor(), *tag, into).await?;
    let (body, version) = shown(&state, &me, into).await?;
    Ok(Answer::ok(body).version(version))
}
