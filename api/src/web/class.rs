//! Classes: open one, its conversations, its settings.

pub(super) mod visibility;

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields,
    access::{Membership, Right, Standing, allows},
    author::AuthorId,
    class::{ChangeClass, NewClass},
    conversation::{AuthorFilter, ConversationView, Filter, Shelf, Sort},
    entity::{
        ClassId, EnrolmentId, InviteId,
        class::{self, Blind, Status},
        enrolment::Role,
    },
    invite::NewInvite,
    page::PageRequest,
    text::{ClassName, Description, Label},
};
use url::form_urlencoded;

use super::{
    form::{Form, Posted, Typed},
    invite::Way,
    page::{self, Page, Result, Shown, see_other},
    visitor::Visitor,
    words,
};
use crate::{demo::PASTED as DEMO, error::ApiError, state::State};

#[derive(Template)]
#[template(path = "class_new.html")]
struct NewPage {
    page: Page,
    form: Form,
}

pub(super) async fn ask_new(visitor: Visitor) -> Result {
    page::show(&new_page(&visitor, Form::default()))
}

fn new_page(visitor: &Visitor, form: Form) -> NewPage {
    NewPage { page: Page::of(visitor, "Open a class").below("My classes", "/"), form }
}

pub(super) async fn open(form: Posted, state: Data<State>) -> Result {
    let Posted { visitor, typed } = form;
    match opened(&state, &visitor, &typed).await {
        Ok(id) => Ok(see_other(&format!("/classes/{id}/invites?done=opened"))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            form.outcome().answer(&new_page(&visitor, form))
        }
    }
}

/// Opens a class, and an invitation for its students: the next thing its owner needs.
async fn opened(state: &State, visitor: &Visitor, typed: &Typed) -> service::Result<ClassId> {
    let mut fields = Fields::default();
    let described = Described::take(typed, &mut fields);
    let Described { name, code, description } = whole(described, fields)?;
    let new = NewClass { name, code, description, time_zone: None, external_id: None };
    let id = service::class::create(&state.db, &visitor.actor(), state.rules, new).await?.value;
    let invite = NewInvite { role: Role::Student, expires_at: None, max_uses: None, section: None };
    let _: InviteId = service::invite::create(&state.db, &visitor.actor(), id, invite).await?.value;
    Ok(id)
}

/// What a class is called and what it is about.
struct Described {
    name: ClassName,
    code: Option<Label>,
    description: Option<Description>,
}

impl Described {
    /// What a form says of it; nothing where something is wrong, which `fields` then holds.
    fn take(typed: &Typed, fields: &mut Fields) -> Option<Self> {
        let name = fields.take("name", ClassName::parse(typed.get("name")));
        let code = typed.optional("code").and_then(|text| fields.take("code", Label::parse(text)));
        let about = typed.optional("description");
        let description = about.and_then(|text| fields.take("description", Description::parse(text)));
        Some(Self { name: name?, code, description })
    }
}

/// What a form describes, if nothing in it is wrong.
fn whole<T>(described: Option<T>, fields: Fields) -> service::Result<T> {
    described.filter(|_| fields.is_fine()).ok_or_else(|| fields.into())
}

/// Which conversations are shown, in which order, and what was just done.
#[derive(Clone, Default, Deserialize)]
pub(super) struct ListQuery {
    cursor: Option<String>,
    q: Option<String>,
    author: Option<String>,
    visibility: Option<String>,
    platform: Option<String>,
    model: Option<String>,
    sort: Option<String>,
    done: Option<String>,
    /// What was done to several conversations, and to how many.
    did: Option<String>,
    several: Option<u64>,
}

/// Orders of the list.
const SORTS: [(&str, &str); 5] = [
    ("-created", "added: newest first"),
    ("-updated", "changed: newest first"),
    ("-started", "started: newest first"),
    ("started", "started: oldest first"),
    ("title", "by title"),
];

/// The tables of a class that staff can open alone.
const TABLES: [(&str, &str); 5] = [
    ("conversations", "conversations"),
    ("messages", "messages"),
    ("annotations", "marks"),
    ("comments", "replies"),
    ("tags", "tags"),
];

impl ListQuery {
    /// A filter that is set.
    fn set(text: Option<&String>) -> Option<&str> {
        text.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// What a page can filter by; what it does not know it leaves out.
    fn filter(&self) -> Filter {
        Filter {
            author: Self::set(self.author.as_ref()).and_then(|text| match text {
                "me" => Some(AuthorFilter::Me),
                id => id.parse().ok().map(AuthorFilter::Member),
            }),
            visibility: Self::set(self.visibility.as_ref()).and_then(|text| words::parse(&words::VISIBILITIES, text)),
            platform: Self::set(self.platform.as_ref()).and_then(|text| words::parse(&words::PLATFORMS, text)),
            model: Self::set(self.model.as_ref()).map(str::to_owned),
            words: Self::set(self.q.as_ref()).map(str::to_owned),
            section: None,
            updated_since: None,
        }
    }

    /// The filters that are set, by name.
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", &self.q),
            ("author", &self.author),
            ("visibility", &self.visibility),
            ("platform", &self.platform),
            ("model", &self.model),
            ("sort", &self.sort),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, Self::set(value.as_ref())?))).collect()
    }

    /// The address of the page that begins at `cursor`.
    fn at(&self, class: ClassId, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs()).append_pair("cursor", cursor);
        format!("/classes/{class}?{}", query.finish())
    }
}

/// A conversation as a line of a list.
struct Line {
    view: ConversationView,
    who: String,
    kind: &'static str,
    platform: &'static str,
    messages: String,
}

impl Line {
    /// Whether it is the reader's own.
    fn is_mine(&self) -> bool {
        self.view.author.as_ref().is_some_and(|author| author.me)
    }
}

#[derive(Template)]
#[template(path = "class.html")]
struct ClassPage {
    page: Page,
    class: class::Model,
    standing: Standing,
    query: Form,
    filtered: bool,
    one_author: Option<String>,
    lines: Vec<Line>,
    next: Option<String>,
    may_bring: bool,
    /// Whether there are conversations that the reader may choose, to do something with several of them.
    selects: bool,
    manages: bool,
    moderates: bool,
    /// What waits for staff to look at it.
    flags: u64,
    /// How students come in, as long as there is nothing else to show to who invites them.
    way_in: Option<Way>,
}

pub(super) async fn show(visitor: Visitor, state: Data<State>, id: Path<ClassId>, query: Query<ListQuery>) -> Result {
    let request = PageRequest::parse(None, query.cursor.as_deref())?;
    let sort = Sort::parse(query.sort.as_deref()).or_else(|_| Sort::parse(None));
    let sort = sort.map_err(|flaw| service::Error::invalid("sort", flaw))?;
    let actor = visitor.actor();
    let shelf = service::conversation::shelf(&state.db, &actor, *id, query.filter(), sort, request).await?;
    let way_in = shelf.way_in.clone().map(|invite| Way::of(&state, invite)).transpose()?;
    page::show(&ClassPage { way_in, ..class_page(&visitor, &query, shelf) })
}

fn class_page(visitor: &Visitor, query: &ListQuery, shelf: Shelf) -> ClassPage {
    let Shelf { standing, audience, page, flags, .. } = shelf;
    let class = standing.class.clone();
    let line = |view: ConversationView| Line {
        who: words::who_sees(view.conversation.visibility, audience),
        kind: words::key(&words::VISIBILITIES, &view.conversation.visibility),
        platform: words::name(&words::PLATFORMS, &view.conversation.platform),
        messages: words::count(view.messages, "message", "messages"),
        view,
    };
    let next = page.next.map(|cursor| query.at(class.id, &cursor.encode()));
    let lines: Vec<Line> = page.items.into_iter().map(line).collect();
    let may_act = standing.role().is_some_and(|role| allows(role, Right::Contribute));
    let selects = may_act && lines.iter().any(Line::is_mine);
    let pairs: Vec<(String, String)> =
        query.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let filtered = pairs.iter().any(|(name, _)| name != "sort");
    let one_author = query.author.clone().filter(|author| author.parse::<AuthorId>().is_ok());
    ClassPage {
        page: Page::of(visitor, class.name.clone())
            .following(class.id, visitor.actor().at)
            .below("My classes", "/")
            .done(query.done.as_deref())
            .did(query.did.as_deref(), query.several),
        query: Form::filled(Typed::from(pairs)),
        filtered,
        one_author,
        lines,
        next,
        may_bring: standing.may(Right::Contribute),
        selects,
        manages: standing.is_member() && allows(standing.enrolment.role, Right::ManageMembers),
        moderates: standing.is_member() && allows(standing.enrolment.role, Right::Moderate),
        flags,
        way_in: None,
        standing,
        class,
    }
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: Page,
    class: class::Model,
    owner: bool,
    form: Form,
    end: Form,
}

/// What was done before.
#[derive(Deserialize)]
pub(super) struct DoneQuery {
    pub(super) done: Option<String>,
}

pub(super) async fn settings(
    visitor: Visitor,
    state: Data<State>,
    id: Path<ClassId>,
    query: Query<DoneQuery>,
) -> Result {
    let member = changing(&state, &visitor, *id).await?;
    let mut page = settings_page(&visitor, member, None, Form::default());
    page.page = page.page.done(query.done.as_deref());
    page::show(&page)
}

/// The membership of somebody who may change the class.
async fn changing(state: &State, visitor: &Visitor, id: ClassId) -> service::Result<Membership> {
    let member = service::class::membership(&state.db, &visitor.actor(), id).await?;
    member.may(Right::ChangeClass)?;
    Ok(member)
}

fn settings_page(visitor: &Visitor, member: Membership, form: Option<Form>, end: Form) -> SettingsPage {
    let class = member.class;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let now = [("name", class.name.clone()), ("code", text(&class.code)), ("description", text(&class.description))];
    let now = now.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(visibility::now(&class));
    let page = Page::of(visitor, "Settings").below("My classes", "/");
    SettingsPage {
        page: page.below(class.name.clone(), format!("/classes/{}", class.id)),
        form: form.unwrap_or_else(|| Form::filled(now.collect::<Vec<_>>())),
        end,
        owner: member.enrolment.role == Role::Owner,
        class,
    }
}

pub(super) async fn change(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let done = match changes(&typed) {
        Ok(change) => service::class::change(&state.db, &visitor.actor(), *id, typed.version(), change).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/classes/{id}/settings?done=saved"))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let member = changing(&state, &visitor, *id).await?;
            form.outcome().answer(&settings_page(&visitor, member, Some(form), Form::default()))
        }
    }
}

/// What the form of the settings says, all of it.
fn changes(typed: &Typed) -> service::Result<ChangeClass> {
    let mut fields = Fields::default();
    let described = Described::take(typed, &mut fields);
    let visibility = visibility::take(typed, &mut fields);
    let Described { name, code, description } = whole(described, fields)?;
    Ok(ChangeClass {
        name: Some(name),
        code: Some(code),
        description: Some(description),
        visibility,
        ..ChangeClass::default()
    })
}

/// Archives a class, or opens it again.
pub(super) async fn set_status(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let archive = form.typed.get("status") == "archived";
    let status = if archive { Status::Archived } else { Status::Active };
    let change = ChangeClass { status: Some(status), ..ChangeClass::default() };
    let done = service::class::change(&state.db, &form.visitor.actor(), *id, form.typed.version(), change).await;
    let what = if archive { "archived" } else { "reopened" };
    ended(&state, form, *id, done, &format!("/classes/{id}/settings?done={what}")).await
}

/// Makes another member the owner.
pub(super) async fn hand_over(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let owner = form.typed.get("owner").parse::<EnrolmentId>().map_err(|_| ApiError::not_found())?;
    let change = ChangeClass { owner: Some(owner), ..ChangeClass::default() };
    let done = service::class::change(&state.db, &form.visitor.actor(), *id, None, change).await;
    ended(&state, form, *id, done, &format!("/classes/{id}/members?done=handed-over")).await
}

pub(super) async fn delete(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let confirm = form.typed.get("confirm").trim().to_owned();
    let member = changing(&state, &form.visitor, *id).await?;
    // The page always asks for the name, also where nobody else's work is lost.
    let done = if confirm == member.class.name {
        service::class::delete(&state.db, &form.visitor.actor(), *id, None, Some(confirm)).await
    } else {
        Err(service::Error::invalid("confirm", service::Flaw::new("confirmation_wrong", "")))
    };
    ended(&state, form, *id, done, "/?done=class-deleted").await
}

/// Leads on, or shows the settings with what stood in the way.
async fn ended(state: &State, form: Posted, id: ClassId, done: service::Result<()>, next: &str) -> Result {
    let Posted { visitor, typed } = form;
    let Err(error) = done else { return Ok(see_other(next)) };
    let end = Form::refused(typed, error)?;
    let member = changing(state, &visitor, id).await?;
    end.outcome().answer(&settings_page(&visitor, member, None, end))
}
