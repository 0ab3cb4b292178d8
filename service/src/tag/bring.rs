//! Tags brought in together: lines somebody wrote, the codebook of another class, or a sample to start from.

use std::collections::HashSet;

use entity::{ClassId, TagId, tag};
use sea_orm::{ActiveModelTrait, ConnectionTrait, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::{Colour, NewTag, end_of, enter, key, may_add, row, same_list, taken, tell};
use crate::{
    Actor, Db, Error, Fields, Flaw, Once, Result,
    access::Membership,
    feed::Kind,
    text::{Description, Label},
};

/// Where tags come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// `name: definition`, one a line.
    Lines(String),
    /// The codebook of a class that the actor is in.
    Class(ClassId),
    /// A few to start from.
    Sample,
}

/// What became of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Brought {
    /// Those that are new.
    pub made: Vec<TagId>,
    /// The names of those that were there already.
    pub skipped: Vec<String>,
}

/// To begin with: what people say of answers of a model, and of how it was asked.
const SAMPLE: [(&str, &str, &str, &str); 9] = [
    ("Asking", "Precise question", "Says what is wanted, and from what", "Compare these two proofs step by step"),
    ("Asking", "Leading question", "Has the wanted answer in it", "Isn't it true that"),
    ("Asking", "Follow-up", "Goes on from what was answered", "And if the sample is small?"),
    ("Answering", "Claim without source", "States a fact and does not say where it is from", "Studies show that"),
    ("Answering", "Error", "Is wrong, in fact or in reasoning", "Therefore p is the chance that it is true"),
    ("Answering", "Hedge", "Takes back part of what it says", "It may well depend on"),
    ("Answering", "Good explanation", "Makes something clear that was not", "Think of it as"),
    ("Thinking", "Checks it", "Somebody looks whether an answer holds", "I ran it and got 12"),
    ("Thinking", "Takes it over", "Somebody uses an answer as it is", "Thanks, that is my first paragraph"),
];

/// Adds tags to the codebook of a class; names that are there stay as they are.
///
/// # Errors
/// Those of [`super::create`]; [`Error::Invalid`] for lines that are none, and for a class the actor is not in.
pub async fn bring(db: &Db, actor: &Actor, class: ClassId, source: Source) -> Result<Once<Brought>> {
    let written = match &source {
        Source::Lines(lines) => lined(lines)?,
        Source::Sample => sample()?,
        Source::Class(_) => Vec::new(),
    };
    let actor = actor.clone();
    db.once_in_turn(&actor.clone(), move |tx| async move {
        let (mut turn, member) = enter(&*tx, &actor, class).await?;
        may_add(&member, false)?;
        let wanted = match source {
            Source::Class(other) => of_class(&*tx, &actor, other).await?,
            _ => written,
        };
        let names: Vec<String> =
            same_list(class, None).select_only().column(tag::Column::NameKey).into_tuple().all(&*tx).await?;
        let mut there: HashSet<String> = names.into_iter().collect();
        let (fresh, known): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|tag: &NewTag| there.insert(key(None, tag.name.as_ref())));
        let skipped = known.into_iter().map(|tag| tag.name.into_inner()).collect();
        let position = end_of(&*tx, class, None, u64::try_from(fresh.len()).unwrap_or(u64::MAX)).await?;
        let mut made = Vec::with_capacity(fresh.len());
        for (position, tag) in (position..).zip(fresh) {
            let row = row(&actor, class, None, position, tag).insert(&*tx).await.map_err(taken)?;
            tell(&mut turn, &*tx, Kind::TagChanged, row.id, None).await?;
            made.push(row.id);
        }
        Ok(Brought { made, skipped })
    })
    .await
}

/// Reads `name: definition` a line; lines of space alone mean nothing.
fn lined(text: &str) -> Result<Vec<NewTag>> {
    let mut fields = Fields::default();
    let mut tags = Vec::new();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in lines {
        let (name, definition) = line.split_once(':').unwrap_or((line, ""));
        let at = |flaw: Flaw| Flaw::new("line_malformed", format!("line {}: {}", number + 1, flaw.detail));
        let name = fields.take("/lines", Label::parse(name).map_err(at));
        let definition = fields.take("/lines", Description::parse(definition.trim()).map_err(at));
        if let (Some(name), Some(definition)) = (name, definition) {
            tags.push(NewTag { name, colour: None, definition: Some(definition), example: None, group: None });
        }
    }
    if tags.is_empty() && fields.is_fine() {
        fields.note("/lines", Flaw::new("blank", "expected a tag a line, such as `Hedge: takes back part of a claim`"));
    }
    if fields.is_fine() { Ok(tags) } else { Err(fields.into()) }
}

fn sample() -> Result<Vec<NewTag>> {
    let tag = |(group, name, definition, example): (&str, &str, &str, &str)| -> Result<NewTag, Flaw> {
        Ok(NewTag {
            name: Label::parse(name)?,
            colour: None,
            definition: Some(Description::parse(definition)?),
            example: Some(Description::parse(example)?),
            group: Some(Label::parse(group)?),
        })
    };
    let tags: Result<Vec<NewTag>, Flaw> = SAMPLE.into_iter().map(tag).collect();
    tags.map_err(|flaw| Error::invalid("/sample", flaw))
}

/// The tags of another class, without those that people keep to themselves.
async fn of_class(db: &impl ConnectionTrait, actor: &Actor, class: ClassId) -> Result<Vec<NewTag>> {
    let flaw = || Flaw::new("not_in_class", "expected the id of a class that you are in");
    Membership::of(db, actor, class).await.map_err(|_| Error::invalid("/from_class", flaw()))?;
    let rows = same_list(class, None).order_by_asc(tag::Column::Position).order_by_asc(tag::Column::Id).all(db).await?;
    let kept = |text: Option<String>| text.map(|text| Description::parse(&text)).transpose();
    let copy = |row: tag::Model| -> Result<NewTag, Flaw> {
        Ok(NewTag {
            name: Label::parse(&row.name)?,
            colour: Colour::parse(&row.colour).ok(),
            definition: kept(row.definition)?,
            example: kept(row.example)?,
            group: row.grouping.map(|group| Label::parse(&group)).transpose()?,
        })
    };
    let tags: Result<Vec<NewTag>, Flaw> = rows.into_iter().map(copy).collect();
    tags.map_err(|flaw| Error::invalid("/from_class", flaw))
}
