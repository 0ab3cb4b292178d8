//! Conversations.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Bytes, Data, Path},
};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use service::{
    Actor, Db, Error, Fields, Flaw,
    conversation::{AuthorFilter, ChangeConversation, ConversationView, Filter, NewConversation, Sort},
    entity::{ClassId, ConversationId},
    page::{self, PageRequest},
    text::Title,
};
use utoipa::ToSchema;

use super::message::{Branches, MessageIn, MessageOut, parse};
use crate::{
    answer::{Answer, Listing, NoContent, Paged, Result},
    auth::CurrentUser,
    extract::{IfMatch, Json, Patch, WITH_MESSAGES},
    query::Query,
    state::State,
    wire::{AuthorOut, Platform, Time, Visibility},
};

/// A conversation written or copied by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationIn {
    /// What you call it, 1 to 300 characters.
    title: String,
    /// Who may read it besides you; nobody if not said.
    visibility: Option<Visibility>,
    /// One after the other.
    messages: Vec<MessageIn>,
}

/// What is changed of a conversation; what is not sent stays, `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    /// What you call it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    title: Patch<String>,
    /// Who may read it besides you.
    #[serde(default)]
    #[schema(value_type = Option<Visibility>)]
    visibility: Patch<Visibility>,
}

/// A conversation as one reader sees it.
#[derive(Serialize, ToSchema)]
pub struct ConversationOut {
    /// The conversation.
    pub(super) id: String,
    /// The class.
    class_id: String,
    /// What its owner calls it; null where the export had no title.
    title: Option<String>,
    /// Whose words.
    author: Option<AuthorOut>,
    /// Who may read it.
    visibility: Visibility,
    /// Where it comes from.
    platform: Platform,
    /// The model that answered by default, where known.
    model: Option<String>,
    /// Messages of the visible path that its platform shows.
    messages: u64,
    /// When it began, where known.
    started_at: Option<Time>,
    /// When it came here.
    created_at: Time,
    /// When it last changed here.
    updated_at: Time,
}

impl From<ConversationView> for ConversationOut {
    fn from(view: ConversationView) -> Self {
        let ConversationView { conversation: row, author, messages } = view;
        Self {
            id: row.id.to_string(),
            class_id: row.class_id.to_string(),
            title: row.title,
            author: author.map(AuthorOut::from),
            visibility: row.visibility.into(),
            platform: row.platform.into(),
            model: row.model,
            messages,
            started_at: row.started_at.map(Time),
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
        }
    }
}

/// Which conversations are listed, and in which order.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationQuery {
    /// Rows at most, 1 to 100; 50 if not said.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `me`, or an enrolment id.
    author: Option<String>,
    /// Shared that far.
    #[param(inline)]
    visibility: Option<Visibility>,
    /// From there.
    #[param(inline)]
    platform: Option<Platform>,
    /// By members of this section.
    section: Option<String>,
    /// With answers of this model.
    model: Option<String>,
    /// Changed here since.
    updated_since: Option<Time>,
    /// With these words in the title.
    q: Option<String>,
    /// `created`, `updated`, `started` or `title`, with `-` in front for the reverse; `-created` if not said.
    sort: Option<String>,
}

/// What comes with a conversation.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationShowQuery {
    /// `messages` for all messages in the same answer.
    include: Option<String>,
    /// `all` for the whole tree instead of the visible path.
    #[param(inline)]
    branches: Option<Branches>,
}

pub(super) async fn shown(state: &State, me: &CurrentUser, id: ConversationId) -> Result<(ConversationOut, i32)> {
    let view = service::conversation::show(&state.db, &me.actor(), id).await?;
    let version = view.conversation.version;
    Ok((view.into(), version))
}

/// Writes a conversation by hand.
#[utoipa::path(post, path = "/api/v1/classes/{id}/conversations", tag = "conversations",
    params(("id" = String, Path)), request_body = ConversationIn,
    responses((status = 201, description = "Stored", body = ConversationOut)))]
pub async fn create(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    body: Json<ConversationIn, WITH_MESSAGES>,
) -> Result<Answer<ConversationOut>> {
    let actor = me.making(body.fingerprint);
    let ConversationIn { title, visibility, messages } = body.value;
    let mut fields = Fields::default();
    let title = fields.take("/title", Title::parse(&title));
    let messages = parse(messages, &mut fields);
    let (Some(title), true) = (title, fields.is_fine()) else {
        return Err(Error::from(fields).into());
    };
    let visibility = visibility.unwrap_or(Visibility::Private).into();
    let new = NewConversation { title, visibility, messages };
    let made = service::conversation::create(&state.db, &actor, *class, new).await?;
    let (body, version) = shown(&state, &me, made.value).await?;
    let location = format!("/api/v1/conversations/{}", body.id);
    Ok(Answer::created(body).at(location).version(version).replayed(made.replayed))
}

/// Lists the conversations of a class that you may read.
#[utoipa::path(get, path = "/api/v1/classes/{id}/conversations", tag = "conversations",
    params(("id" = String, Path), ConversationQuery),
    responses((status = 200, description = "The conversations", body = Listing<ConversationOut>)))]
pub async fn list(
    me: CurrentUser,
    state: Data<State>,
    class: Path<ClassId>,
    query: Query<ConversationQuery>,
) -> Result<Paged<ConversationOut>> {
    let query = query.into_inner();
    let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
    let mut fields = Fields::default();
    let sort = fields.take("sort", Sort::parse(query.sort.as_deref()));
    let author = query.author.and_then(|text| fields.take("author", author(&text)));
    let (Some(sort), true) = (sort, fields.is_fine()) else {
        return Err(Error::from(fields).into());
    };
    let filter = Filter {
        author,
        visibility: query.visibility.map(Into::into),
        platform: query.platform.map(Into::into),
        section: query.section,
        model: query.model,
        updated_since: query.updated_since.map(Into::into),
        words: query.q,
    };
    let page = service::conversation::list(&state.db, &me.actor(), *class, filter, sort, page).await?;
    Ok(page.map(ConversationOut::from).into())
}

pub(super) fn author(text: &str) -> Result<AuthorFilter, Flaw> {
    match text {
        "me" => Ok(AuthorFilter::Me),
        id => id
            .parse()
            .map(AuthorFilter::Member)
            .map_err(|_| Flaw::new("author_invalid", "expected `me` or an enrolment id")),
    }
}

/// Shows a conversation; with `include=messages` and all of its messages, as a stream.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path), ConversationShowQuery),
    responses((status = 200, description = "The conversation; `items` holds the messages if they were asked for",
               body = ConversationOut)))]
pub async fn show(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    query: Query<ConversationShowQuery>,
) -> Result<HttpResponse> {
    let with_messages = match query.include.as_deref() {
        None => false,
        Some("messages") => true,
        Some(_) => return Err(Error::invalid("include", Flaw::new("unknown_value", "expected `messages`")).into()),
    };
    let (body, version) = shown(&state, &me, *id).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, format!("\"{version}\"")));
    if !with_messages {
        return Ok(response.json(body));
    }
    let all = query.branches == Some(Branches::All);
    let head = serde_json::to_string(&body).unwrap_or_default();
    let whole = whole(head, state.db.clone(), me.actor(), *id, all);
    Ok(response.content_type("application/json").streaming(whole))
}

/// Where a stream of messages stands.
enum Next {
    Head(String),
    Page(PageRequest, bool),
    Done,
}

/// The conversation with its messages under `items`, one page of them in memory at a time.
fn whole(
    head: String,
    db: Db,
    actor: Actor,
    id: ConversationId,
    all: bool,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(Next::Head(head), move |next| {
        let (db, actor) = (db.clone(), actor.clone());
        async move {
            let (request, first) = match next {
                Next::Head(head) => {
                    let open = head.strip_suffix('}').unwrap_or(&head).to_owned() + ",\"items\":[";
                    let first = PageRequest { limit: page::MAX, after: None };
                    return Ok(Some((Bytes::from(open), Next::Page(first, true))));
                }
                Next::Page(request, first) => (request, first),
                Next::Done => return Ok(None),
            };
            let page =
                service::message::list(&db, &actor, id, all, request).await.map_err(crate::error::ApiError::from)?;
            let mut text = String::new();
            for (index, row) in page.items.into_iter().enumerate() {
                if index > 0 || !first {
                    text.push(',');
                }
                text.push_str(&serde_json::to_string(&MessageOut::from(row)).unwrap_or_default());
            }
            let next = match page.next {
                Some(cursor) => Next::Page(PageRequest { limit: page::MAX, after: Some(cursor) }, false),
                None => {
                    text.push_str("]}");
                    Next::Done
                }
            };
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

/// How far a conversation is shared.
#[derive(Serialize, ToSchema)]
pub struct AudienceOut {
    /// Who may read it besides its owner.
    visibility: Visibility,
    /// How many people that is.
    others: u64,
    /// The annotations you see that are for others than their authors.
    marks: SharedMarks,
}

/// Annotations that others lose sight of when the conversation is shared with fewer people, and see again when it is
/// shared again.
#[derive(Serialize, ToSchema)]
pub struct SharedMarks {
    /// For staff.
    staff: u64,
    /// For the class.
    class: u64,
}

/// Says how many people may read a conversation, and how many annotations they would lose sight of with it.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/audience", tag = "annotations", params(("id" = String, Path)),
    responses((status = 200, description = "People and annotations", body = AudienceOut)))]
pub async fn audience(me: CurrentUser, state: Data<State>, id: Path<ConversationId>) -> Result<Answer<AudienceOut>> {
    let about = service::conversation::about(&state.db, &me.actor(), *id).await?;
    let visibility = about.conversation.visibility;
    let others = about.audience.others(visibility, about.author.map(|author| author.role));
    let marks = SharedMarks { staff: about.marks.staff, class: about.marks.class };
    Ok(Answer::ok(AudienceOut { visibility: visibility.into(), others, marks }))
}

/// Gives back the raw form your own conversation was imported in.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/source", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, description = "The bytes as they were", content_type = "application/octet-stream")))]
pub async fn source(me: CurrentUser, state: Data<State>, id: Path<ConversationId>) -> Result<HttpResponse> {
    let source = service::conversation::source(&state.db, &me.actor(), *id).await?;
    let name = if source.media_type == "application/json" { "source.json" } else { "source.txt" };
    Ok(HttpResponse::Ok()
        .content_type(source.media_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(source.body))
}

/// Renames your own conversation or changes who may read it.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    request_body = ConversationPatch, responses((status = 200, description = "Changed", body = ConversationOut)))]
pub async fn change(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    expected: IfMatch,
    body: Json<ConversationPatch>,
) -> Result<Answer<ConversationOut>> {
    let ConversationPatch { title, visibility } = body.value;
    let fields = &mut Fields::default();
    let change = ChangeConversation {
        title: title.optional(fields, "/title", |text| Title::parse(&text)),
        visibility: visibility.required(fields, "/visibility", |v| Ok(v.into())),
    };
    if !fields.is_fine() {
        return Err(Error::from(std::mem::take(fields)).into());
    }
    service::conversation::change(&state.db, &me.actor(), *id, expected.0, change).await?;
    let (body, version) = shown(&state, &me, *id).await?;
    Ok(Answer::ok(body).version(version))
}

/// Deletes your own conversation with its messages and its raw form.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete(
    me: CurrentUser,
    state: Data<State>,
    id: Path<ConversationId>,
    expected: IfMatch,
) -> Result<NoContent> {
    service::conversation::delete(&state.db, &me.actor(), *id, expected.0).await?;
    Ok(NoContent)
}
