//! A mark and what is said of it: read, answer, change and delete one's own, call it done.

mod remark;

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use service::{
    Fields,
    access::{Right, allows},
    annotation::{ChangeAnnotation, TagName, Thread},
    comment::{ChangeComment, CommentView, NewComment},
    entity::{AnnotationId, Audience, CommentId, annotation::Target, class::Status},
    page::PageRequest,
    text::{Note, Said},
};

use self::remark::{Remark, remarks};
use super::{
    form::{Form, Posted, Typed},
    mark::{AUDIENCES, audiences, named, tagged},
    naming::{Checked, Meant, checked, parsed},
    page::{self, Page, Result, Shown as _, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// Comments on one page.
const COMMENTS: u64 = 500;

/// Which part of the discussion, and what somebody is about to do.
#[derive(Default, Deserialize)]
pub(super) struct ThreadQuery {
    cursor: Option<String>,
    reply: Option<CommentId>,
    edit: Option<CommentId>,
    /// A comment, or `mark` for the mark.
    flag: Option<String>,
    done: Option<String>,
}

/// What the open form of the page is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// To answer the mark.
    Answer,
    /// To answer a comment.
    Reply(CommentId),
    /// To change one.
    Edit(CommentId),
    /// To have staff look at one.
    Flag(CommentId),
    /// To have staff look at the mark.
    FlagMark,
}

impl ThreadQuery {
    fn doing(&self) -> Doing {
        let flagged = self.flag.as_deref();
        let comment = flagged.and_then(|text| text.parse().ok()).map(Doing::Flag);
        let mark = (flagged == Some("mark")).then_some(Doing::FlagMark);
        let edit = self.edit.map(Doing::Edit).or(self.reply.map(Doing::Reply));
        edit.or(comment).or(mark).unwrap_or(Doing::Answer)
    }
}

#[derive(Template)]
#[template(path = "thread.html")]
pub(super) struct ThreadPage {
    page: Page,
    thread: Thread,
    tags: Vec<TagName>,
    audiences: Vec<(&'static str, &'static str)>,
    remarks: Vec<Remark>,
    next: Option<String>,
    doing: Doing,
    /// The form that is open.
    form: Form,
    /// The form of the mark itself.
    own: Form,
    /// Whether the reader may add to it.
    may_write: bool,
    /// Whether the reader may take back, flag and the like.
    may_act: bool,
    may_moderate: bool,
    may_resolve: bool,
    /// Under which name the reader writes.
    written_as: Option<String>,
}

impl ThreadPage {
    /// Where its words stand.
    fn path(&self) -> String {
        let id = self.thread.conversation;
        self.thread
            .mark
            .number
            .map_or_else(|| format!("/conversations/{id}"), |n| format!("/conversations/{id}?at={n}#m{n}"))
    }

    fn is_mine(&self) -> bool {
        self.thread.mark.view.author.as_ref().is_some_and(|author| author.me)
    }

    /// Whether a form for this comment is open.
    fn replies_to(&self, remark: &Remark) -> bool {
        self.doing == Doing::Reply(remark.view.comment.id)
    }

    fn edits(&self, remark: &Remark) -> bool {
        self.doing == Doing::Edit(remark.view.comment.id)
    }

    fn flags(&self, remark: &Remark) -> bool {
        self.doing == Doing::Flag(remark.view.comment.id)
    }
}

/// The page with the forms as they were sent.
pub(super) async fn thread_page(
    state: &State,
    visitor: &Visitor,
    id: AnnotationId,
    query: &ThreadQuery,
    (doing, form, own): (Doing, Option<Form>, Option<Form>),
) -> Result<ThreadPage> {
    let request = PageRequest { limit: COMMENTS, ..PageRequest::parse(None, query.cursor.as_deref())? };
    let mut thread = service::annotation::thread(&state.db, &visitor.actor(), id, request).await?;
    let may_act = thread.role.is_some_and(|role| allows(role, Right::Annotate));
    let may_moderate = thread.role.is_some_and(|role| allows(role, Right::Moderate));
    let remarks = remarks(std::mem::take(&mut thread.comments.items));
    let edited = match doing {
        Doing::Edit(id) => remarks.iter().find(|one| one.view.comment.id == id).map(said),
        _ => None,
    };
    let mine = thread.mark.view.author.as_ref().is_some_and(|author| author.me);
    let title = named(thread.title.as_deref());
    Ok(ThreadPage {
        page: Page::of(visitor, "A mark and its discussion")
            .following(thread.class.id, visitor.actor().at)
            .below("My classes", "/")
            .below(thread.class.name.clone(), format!("/classes/{}", thread.class.id))
            .below(title, format!("/conversations/{}", thread.conversation))
            .below("Marks", format!("/conversations/{}/marks", thread.conversation)),
        next: thread.comments.next.as_ref().map(|cursor| format!("/annotations/{id}?cursor={}", cursor.encode())),
        tags: thread.tags.iter().map(|choice| choice.name.clone()).collect(),
        audiences: audiences(thread.visibility),
        form: form.unwrap_or_else(|| Form::filled(edited.unwrap_or_default())),
        own: own.unwrap_or_else(|| filled(&thread)),
        remarks,
        doing,
        may_write: may_act && thread.class.status == Status::Active,
        may_act,
        may_moderate,
        written_as: words::written_as(thread.made_up_name.as_ref(), &thread.class),
        may_resolve: may_act && (mine || thread.mine || may_moderate),
        thread,
    })
}

/// A comment as its form shows it.
fn said(remark: &Remark) -> Vec<(String, String)> {
    let CommentView { comment, mentions, .. } = &remark.view;
    let named = mentions.iter().map(|person| ("mention".to_owned(), person.id.to_string()));
    std::iter::once(("body".to_owned(), comment.body.clone())).chain(named).collect()
}

/// The mark as its form shows it.
fn filled(thread: &Thread) -> Form {
    let row = &thread.mark.view.annotation;
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let on = thread.tags.iter().filter(|choice| choice.on).map(|choice| text("tag", &choice.name.id.to_string()));
    let fields = [
        text("note", row.note.as_deref().unwrap_or_default()),
        text("audience", words::key(&AUDIENCES, &row.audience)),
    ];
    Form::filled(fields.into_iter().chain(on).collect::<Vec<_>>())
}

pub(super) async fn show(
    visitor: Visitor,
    state: Data<State>,
    id: Path<AnnotationId>,
    query: Query<ThreadQuery>,
) -> Result {
    let mut shown = thread_page(&state, &visitor, *id, &query, (query.doing(), None, None)).await?;
    shown.page = shown.page.done(query.done.as_deref());
    page::show(&shown)
}

/// The page with what is wrong with the form that is open.
pub(super) async fn refused(
    state: &State,
    (visitor, typed): (&Visitor, Typed),
    id: AnnotationId,
    doing: Doing,
    error: service::Error,
) -> Result {
    shown_again(state, visitor, id, (doing, Form::refused(typed, error)?)).await
}

pub(super) async fn change(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    let Posted { visitor, typed } = form;
    let class = thread_of(&state, &visitor, *id).await?.class.id;
    let audience = words::parse(&AUDIENCES, typed.get("audience"));
    let rest = if audience == Some(Audience::Class) { typed.get("note").to_owned() } else { String::new() };
    let own = match checked(&state, &visitor, class, typed, ("note", rest)).await? {
        Checked::Warned(own) => own,
        Checked::Fine(typed) => match changed(&state, &visitor, *id, &typed, audience).await {
            Ok(()) => return Ok(see_other(&format!("/annotations/{id}?done=saved"))),
            Err(error) => Form::refused(typed, error)?,
        },
    };
    let (outcome, forms) = (own.outcome(), (Doing::Answer, None, Some(own)));
    outcome.answer(&thread_page(&state, &visitor, *id, &ThreadQuery::default(), forms).await?)
}

async fn changed(
    state: &State,
    visitor: &Visitor,
    id: AnnotationId,
    typed: &Typed,
    audience: Option<Audience>,
) -> service::Result<()> {
    let mut fields = Fields::default();
    let note = typed.optional("note").and_then(|text| fields.take("note", Note::parse(text)));
    let tags = Some(tagged(typed, &mut fields));
    if !fields.is_fine() {
        return Err(fields.into());
    }
    let change = ChangeAnnotation { note: Some(note), tags, audience, ..ChangeAnnotation::default() };
    service::annotation::change(&state.db, &visitor.actor(), id, typed.version(), change).await
}

/// Shows a mark to more or fewer people, and leaves all else of it as it is.
pub(super) async fn show_to(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    let audience = words::parse(&AUDIENCES, form.typed.get("audience"));
    let change = ChangeAnnotation { audience, ..ChangeAnnotation::default() };
    service::annotation::change(&state.db, &form.visitor.actor(), *id, None, change).await?;
    Ok(see_other(&format!("/annotations/{id}?done=shown")))
}

pub(super) async fn delete(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    let actor = form.visitor.actor();
    let above = service::annotation::show(&state.db, &actor, *id).await?.annotation.conversation_id;
    service::annotation::delete(&state.db, &actor, *id, form.typed.version()).await?;
    Ok(see_other(&format!("/conversations/{above}/marks?done=mark-deleted&undo={id}")))
}

pub(super) async fn restore(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    service::annotation::restore(&state.db, &form.visitor.actor(), *id).await?;
    Ok(see_other(&format!("/annotations/{id}?done=restored")))
}

/// Calls the discussion done, or opens it again.
pub(super) async fn resolve(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    let resolved = form.typed.get("resolved") == "yes";
    let change = ChangeAnnotation { resolved: Some(resolved), ..ChangeAnnotation::default() };
    service::annotation::change(&state.db, &form.visitor.actor(), *id, None, change).await?;
    let what = if resolved { "resolved" } else { "unresolved" };
    Ok(see_other(&format!("/annotations/{id}?done={what}")))
}

/// The mark and the first part of its discussion.
async fn thread_of(state: &State, visitor: &Visitor, id: AnnotationId) -> service::Result<Thread> {
    let page = PageRequest { limit: COMMENTS, ..PageRequest::parse(None, None)? };
    service::annotation::thread(&state.db, &visitor.actor(), id, page).await
}

/// The page once more, with the form that is open.
async fn shown_again(state: &State, visitor: &Visitor, id: AnnotationId, (doing, form): (Doing, Form)) -> Result {
    let outcome = form.outcome();
    outcome.answer(&thread_page(state, visitor, id, &ThreadQuery::default(), (doing, Some(form), None)).await?)
}

pub(super) async fn reply(form: Posted, state: Data<State>, id: Path<AnnotationId>) -> Result {
    let Posted { visitor, typed } = form;
    let parent: Option<CommentId> = typed.optional("parent_id").and_then(|text| text.parse().ok());
    let doing = parent.map_or(Doing::Answer, Doing::Reply);
    let thread = thread_of(&state, &visitor, *id).await?;
    let rest = Meant::of(&typed, &thread.people).rest();
    let typed = match checked(&state, &visitor, thread.class.id, typed, ("body", rest)).await? {
        Checked::Warned(form) => return shown_again(&state, &visitor, *id, (doing, form)).await,
        Checked::Fine(typed) => typed,
    };
    let Meant { body, mentions, .. } = Meant::of(&typed, &thread.people);
    let done = match parsed(Said::parse(&body), "body") {
        Ok(body) => {
            service::comment::create(&state.db, &visitor.actor(), *id, NewComment { body, parent, mentions }).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(made) => Ok(see_other(&format!("/annotations/{id}?done=replied#c{}", made.value))),
        Err(error) => refused(&state, (&visitor, typed), *id, doing, error).await,
    }
}

/// The mark that a comment stands below.
pub(super) async fn above(state: &State, visitor: &Visitor, id: CommentId) -> service::Result<AnnotationId> {
    Ok(service::comment::show(&state.db, &visitor.actor(), id).await?.comment.annotation_id)
}

pub(super) async fn edit(form: Posted, state: Data<State>, id: Path<CommentId>) -> Result {
    let Posted { visitor, typed } = form;
    let mark = above(&state, &visitor, *id).await?;
    let thread = thread_of(&state, &visitor, mark).await?;
    let rest = Meant::of(&typed, &thread.people).rest();
    let typed = match checked(&state, &visitor, thread.class.id, typed, ("body", rest)).await? {
        Checked::Warned(form) => return shown_again(&state, &visitor, mark, (Doing::Edit(*id), form)).await,
        Checked::Fine(typed) => typed,
    };
    let Meant { body, mentions, .. } = Meant::of(&typed, &thread.people);
    let done = match parsed(Said::parse(&body), "body") {
        Ok(body) => {
            let change = ChangeComment { body: Some(body), mentions: Some(mentions), ..ChangeComment::default() };
            service::comment::change(&state.db, &visitor.actor(), *id, typed.version(), change).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/annotations/{mark}?done=comment-saved#c{id}"))),
        Err(error) => refused(&state, (&visitor, typed), mark, Doing::Edit(*id), error).await,
    }
}

pub(super) async fn remove(form: Posted, state: Data<State>, id: Path<CommentId>) -> Result {
    let mark = above(&state, &form.visitor, *id).await?;
    service::comment::delete(&state.db, &form.visitor.actor(), *id, None).await?;
    Ok(see_other(&format!("/annotations/{mark}?done=comment-deleted")))
}
