//! A class as tables, for who counts and compares.

use entity::{AnnotationId, ClassId, CommentId};
use serde_json::json;

use super::{
    document::time,
    name,
    out::{Download, Out},
    placed::Site,
    table::{DICTIONARY, Entry, Table},
    tables::{ANNOTATIONS, COMMENTS, CONVERSATIONS, MESSAGES, TAGS, of_class},
    walk::Messages,
};
use crate::{
    Actor, Db, Result,
    access::Standing,
    annotation, comment,
    conversation::{self, ConversationView, Filter, Sort, SortKey},
    page::{self, Cursor, PageRequest},
    tag,
};

/// How the tables of a class are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassFormat {
    /// A line of JSON for each row of all tables.
    Jsonl,
    /// A ZIP with a CSV file for each table.
    Csv,
    /// One table as a CSV file.
    Table(Name),
}

/// A table of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The conversations.
    Conversations,
    /// Their messages.
    Messages,
    /// The annotations.
    Annotations,
    /// The comments below them.
    Comments,
    /// The codebook, and one's own tags.
    Tags,
    /// What each column of the others means.
    Dictionary,
}

impl Name {
    const ALL: [Self; 6] =
        [Self::Dictionary, Self::Conversations, Self::Messages, Self::Annotations, Self::Comments, Self::Tags];

    fn name(self) -> &'static str {
        match self {
            Self::Conversations => CONVERSATIONS.name,
            Self::Messages => MESSAGES.name,
            Self::Annotations => ANNOTATIONS.name,
            Self::Comments => COMMENTS.name,
            Self::Tags => TAGS.name,
            Self::Dictionary => DICTIONARY.name,
        }
    }
}

/// What a CSV file begins with: without this byte order mark Excel does not take it for UTF-8.
pub(super) const BOM: &str = "\u{feff}";

/// How a row is written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Lines,
    Records,
}

/// Writes rows.
pub(super) async fn rows<R>(
    form: Form,
    table: &Table<R>,
    rows: impl IntoIterator<Item = R>,
    out: &mut Out,
) -> Result<()> {
    for row in rows {
        let line = match form {
            Form::Lines => table.line(&row),
            Form::Records => table.record(&row),
        };
        out.text(&line).await?;
    }
    Ok(())
}

/// Everything of a class that the actor may see, as tables; of a former member while the farewell lasts, their own. What
/// is a conversation's owner's alone is not in it, the actor's own neither. `site` is the address of this server, for links. `place` is dropped as soon as all is written.
///
/// # Errors
/// [`crate::Error::NotFound`] for outsiders.
pub async fn class(
    db: &Db,
    actor: &Actor,
    id: ClassId,
    format: ClassFormat,
    site: &str,
    place: impl Send + 'static,
) -> Result<Download> {
    let reader = actor.clone();
    let standing = db.read(move |db| async move { Standing::of(&db, &reader, id).await }).await?;
    let title = standing.class.name.as_str();
    let (name, media_type) = match format {
        ClassFormat::Jsonl => (name::file(Some(title), "class", "jsonl"), "application/jsonl"),
        ClassFormat::Csv => (name::file(Some(title), "class", "zip"), "application/zip"),
        ClassFormat::Table(table) => {
            let title = format!("{title} {}", table.name());
            (name::file(Some(&title), "class", "csv"), "text/csv; charset=utf-8")
        }
    };
    let tables = Tables { db: db.clone(), actor: actor.clone(), standing, site: Site(site.to_owned()) };
    Ok(Download::start(name, media_type, place, move |mut out| async move {
        match format {
            ClassFormat::Jsonl => {
                out.text(&tables.head()).await?;
                for table in Name::ALL {
                    tables.write(table, Form::Lines, &mut out).await?;
                }
            }
            ClassFormat::Csv => {
                out.archive();
                for table in Name::ALL {
                    out.file(&format!("{}.csv", table.name()))?;
                    tables.write(table, Form::Records, &mut out).await?;
                }
            }
            ClassFormat::Table(table) => tables.write(table, Form::Records, &mut out).await?,
        }
        Ok(out)
    }))
}

/// The tables of one class for one reader.
struct Tables {
    db: Db,
    actor: Actor,
    standing: Standing,
    site: Site,
}

/// A page after a place.
fn after(place: Option<Cursor>) -> PageRequest {
    PageRequest { limit: page::MAX, after: place }
}

impl Tables {
    fn head(&self) -> String {
        let class = &self.standing.class;
        let head = json!({
            "kind": "export", "format": "colloquium.class", "version": 1, "exported_at": time(self.actor.at),
            "class": { "id": class.id.to_string(), "name": class.name },
        });
        format!("{head}\n")
    }

    async fn write(&self, table: Name, form: Form, out: &mut Out) -> Result<()> {
        if matches!(form, Form::Records) {
            out.text(BOM).await?;
            out.text(&heading(table)).await?;
        }
        match table {
            Name::Dictionary => rows::<Entry>(form, &DICTIONARY, of_class(), out).await,
            Name::Conversations => self.conversations(form, out).await,
            Name::Messages => self.messages(form, out).await,
            Name::Annotations => self.annotations(form, out).await,
            Name::Comments => self.comments(form, out).await,
            Name::Tags => self.tags(form, out).await,
        }
    }

    /// A page of the conversations, oldest first, and where the next one begins.
    async fn page(&self, place: Option<Cursor>) -> Result<(Vec<ConversationView>, Option<Cursor>)> {
        let (class, oldest) = (self.standing.class.id, Sort { key: SortKey::Created, descending: false });
        let page = conversation::list(&self.db, &self.actor, class, Filter::default(), oldest, after(place)).await?;
        Ok((page.items, page.next))
    }

    async fn conversations(&self, form: Form, out: &mut Out) -> Result<()> {
        let mut place = None;
        loop {
            let (items, next) = self.page(place).await?;
            let placed = items.into_iter().map(|view| {
                let id = view.conversation.id;
                self.site.placed(view, id, None, None)
            });
            rows(form, &CONVERSATIONS, placed.collect::<Vec<_>>(), out).await?;
            place = next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn messages(&self, form: Form, out: &mut Out) -> Result<()> {
        let mut place = None;
        loop {
            let (items, next) = self.page(place).await?;
            for view in items {
                self.messages_of(&view, form, out).await?;
            }
            place = next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn messages_of(&self, view: &ConversationView, form: Form, out: &mut Out) -> Result<()> {
        let mut messages = Messages::shared(&self.db, &self.actor, view.conversation.id);
        loop {
            let page = messages.page().await?;
            if page.is_empty() {
                return Ok(());
            }
            let placed = page.into_iter().map(|row| {
                let number = i64::from(row.position).saturating_add(1);
                self.site.placed(row, view.conversation.id, view.conversation.title.clone(), Some(number))
            });
            rows(form, &MESSAGES, placed.collect::<Vec<_>>(), out).await?;
        }
    }

    async fn annotations(&self, form: Form, out: &mut Out) -> Result<()> {
        let mut place: Option<AnnotationId> = None;
        loop {
            let items = annotation::in_class(&self.db, &self.actor, self.standing.class.id, place).await?;
            place = items.last().map(|view| view.annotation.id);
            if place.is_none() {
                return Ok(());
            }
            let ids = items.iter().map(|view| view.annotation.id);
            let places = annotation::whereabouts(&self.db, &self.actor, ids).await?;
            rows(form, &ANNOTATIONS, self.site.all(items, |view| view.annotation.id, &places), out).await?;
        }
    }

    async fn comments(&self, form: Form, out: &mut Out) -> Result<()> {
        let mut place: Option<CommentId> = None;
        loop {
            let items = comment::in_class(&self.db, &self.actor, self.standing.class.id, place).await?;
            place = items.last().map(|view| view.comment.id);
            if place.is_none() {
                return Ok(());
            }
            let above = items.iter().map(|view| view.comment.annotation_id);
            let places = annotation::whereabouts(&self.db, &self.actor, above).await?;
            rows(form, &COMMENTS, self.site.all(items, |view| view.comment.annotation_id, &places), out).await?;
        }
    }

    async fn tags(&self, form: Form, out: &mut Out) -> Result<()> {
        // The codebook is for members.
        if !self.standing.is_member() {
            return Ok(());
        }
        let mut place = None;
        loop {
            let page = tag::list(&self.db, &self.actor, self.standing.class.id, after(place)).await?;
            rows(form, &TAGS, page.items.into_iter().map(|view| view.tag), out).await?;
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }
}

fn heading(table: Name) -> String {
    match table {
        Name::Conversations => CONVERSATIONS.heading(),
        Name::Messages => MESSAGES.heading(),
        Name::Annotations => ANNOTATIONS.heading(),
        Name::Comments => COMMENTS.heading(),
        Name::Tags => TAGS.heading(),
        Name::Dictionary => DICTIONARY.heading(),
    }
}
