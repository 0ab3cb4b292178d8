//! Everything of one person, as one ZIP.

use entity::{
    AnnotationId, CommentId, TagId, class,
    conversation::FAREWELL,
    enrolment::{self, State},
    tag,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{
    class::{BOM, Form, rows},
    document::{time, word},
    json, name,
    out::{Download, Out},
    placed::Site,
    table::{DICTIONARY, Table},
    tables::{ANNOTATIONS, COMMENTS, ENROLMENTS, Enrolment, TAGS, of_person},
};
use crate::{
    Actor, Db, Error, Result, annotation, comment,
    conversation::{self, AuthorFilter, ConversationView, Filter, Sort, SortKey},
    page::{self, PageRequest},
    user,
};

/// Rows read at once.
const BATCH: u64 = page::MAX;

/// The actor's account, memberships, conversations with what is theirs alone and the form they came in, marks, comments
/// and tags; of classes they left while the farewell lasts. `site` is the address of this server, for links. `place` is dropped as soon as all is written.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn mine(db: &Db, actor: &Actor, site: &str, place: impl Send + 'static) -> Result<Download> {
    let person = user::show(db, actor).await?;
    let enrolments = enrolments(db, actor).await?;
    let day = time(actor.at).unwrap_or_default().chars().take(10).collect::<String>();
    let (db, actor, site) = (db.clone(), actor.clone(), Site(site.to_owned()));
    let name = format!("colloquium {day}.zip");
    Ok(Download::start(name, "application/zip", place, move |mut out| async move {
        out.archive();
        let account = json!({
            "email": person.email, "display_name": person.display_name, "site_role": word(&person.site_role),
            "created_at": time(person.created_at), "exported_at": time(actor.at),
        });
        out.file("account.json")?;
        out.text(&format!("{account}\n")).await?;
        let mut number = 0;
        for (row, _) in &enrolments {
            let lasts = row.state == State::Active || row.ended_at.is_some_and(|at| at > actor.at.plus(-FAREWELL));
            if lasts {
                conversations(&db, &actor, row, &mut number, &mut out).await?;
            }
        }
        lines(&ENROLMENTS, &mut out)?;
        rows(Form::Lines, &ENROLMENTS, enrolments, &mut out).await?;
        annotations(&db, &actor, &site, &mut out).await?;
        comments(&db, &actor, &site, &mut out).await?;
        tags(&db, &actor, &mut out).await?;
        out.file("dictionary.csv")?;
        out.text(&format!("{BOM}{}", DICTIONARY.heading())).await?;
        rows(Form::Records, &DICTIONARY, of_person(), &mut out).await?;
        Ok(out)
    }))
}

fn lines<R>(table: &Table<R>, out: &mut Out) -> Result<()> {
    out.file(&format!("{}.jsonl", table.name))
}

async fn enrolments(db: &Db, actor: &Actor) -> Result<Vec<Enrolment>> {
    let user = actor.user;
    db.read(move |db| async move {
        let found = enrolment::Entity::find()
            .filter(enrolment::COLUMN.user_id.eq(user))
            .find_also_related(class::Entity)
            .filter(class::COLUMN.deleted_at.is_null())
            .order_by_asc(enrolment::Column::Id)
            .all(&db)
            .await?;
        Ok(found.into_iter().filter_map(|(row, class)| Some((row, class?))).collect())
    })
    .await
}

/// The actor's conversations of one class.
async fn conversations(
    db: &Db,
    actor: &Actor,
    row: &enrolment::Model,
    number: &mut usize,
    out: &mut Out,
) -> Result<()> {
    let own = Filter { author: Some(AuthorFilter::Me), ..Filter::default() };
    let oldest = Sort { key: SortKey::Created, descending: false };
    let mut place = None;
    loop {
        let request = PageRequest { limit: page::MAX, after: place };
        let page = conversation::list(db, actor, row.class_id, own.clone(), oldest, request).await?;
        for view in page.items {
            *number += 1;
            match one(db, actor, &view, *number, out).await {
                // Deleted meanwhile.
                Err(Error::NotFound) => {}
                done => done?,
            }
        }
        place = page.next;
        if place.is_none() {
            return Ok(());
        }
    }
}

/// One conversation as it can be brought in again, and as it came in.
async fn one(db: &Db, actor: &Actor, view: &ConversationView, number: usize, out: &mut Out) -> Result<()> {
    let id = view.conversation.id;
    let about = conversation::about(db, actor, id).await?;
    let title = view.conversation.title.as_deref();
    let named = |ending: &str| format!("{number:04} {}", name::file(title, "conversation", ending));
    out.file(&format!("conversations/{}", named("json")))?;
    json::write(db, actor, &about, out).await?;
    let source = match conversation::source(db, actor, id).await {
        Err(Error::NotFound) => return Ok(()),
        source => source?,
    };
    let ending = match source.media_type.as_str() {
        "application/json" => "json",
        "text/html" => "html",
        _ => "txt",
    };
    out.file(&format!("sources/{}", named(ending)))?;
    out.bytes(&source.body).await
}

async fn annotations(db: &Db, actor: &Actor, site: &Site, out: &mut Out) -> Result<()> {
    lines(&ANNOTATIONS, out)?;
    let mut place: Option<AnnotationId> = None;
    loop {
        let items = annotation::authored(db, actor, place).await?;
        place = items.last().map(|view| view.annotation.id);
        if place.is_none() {
            return Ok(());
        }
        let places = annotation::whereabouts(db, actor, items.iter().map(|view| view.annotation.id)).await?;
        rows(Form::Lines, &ANNOTATIONS, site.all(items, |view| view.annotation.id, &places), out).await?;
    }
}

async fn comments(db: &Db, actor: &Actor, site: &Site, out: &mut Out) -> Result<()> {
    lines(&COMMENTS, out)?;
    let mut place: Option<CommentId> = None;
    loop {
        let items = comment::authored(db, actor, place).await?;
        place = items.last().map(|view| view.comment.id);
        if place.is_none() {
            return Ok(());
        }
        let places = annotation::whereabouts(db, actor, items.iter().map(|view| view.comment.annotation_id)).await?;
        rows(Form::Lines, &COMMENTS, site.all(items, |view| view.comment.annotation_id, &places), out).await?;
    }
}

/// The tags that the actor keeps to themselves.
async fn tags(db: &Db, actor: &Actor, out: &mut Out) -> Result<()> {
    lines(&TAGS, out)?;
    let user = actor.user;
    let mut place: Option<TagId> = None;
    loop {
        let items = db
            .read(move |db| async move {
                let mut own = tag::Entity::find().filter(tag::COLUMN.owner_id.eq(user));
                if let Some(after) = place {
                    own = own.filter(tag::COLUMN.id.gt(after));
                }
                Ok(own.order_by_asc(tag::Column::Id).limit(BATCH).all(&db).await?)
            })
            .await?;
        place = items.last().map(|row| row.id);
        if place.is_none() {
            return Ok(());
        }
        rows(Form::Lines, &TAGS, items, out).await?;
    }
}
