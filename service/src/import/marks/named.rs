//! The people whom comments of a file name, as far as they are known again.

use std::collections::HashMap;

use entity::UserId;
use sea_orm::ConnectionTrait;

use super::Into;
use crate::{
    Result,
    access::Membership,
    author::{self, AuthorId},
    comment::mention::{cut, kept, reference},
    transcript::{ParsedComment, ParsedMarks, ParsedPerson},
};

/// What stands for somebody who is not known again.
const SOMEBODY: &str = "@somebody";

/// Whom the importer knows of those in a file.
pub(super) struct Acquaintances {
    people: HashMap<AuthorId, UserId>,
    /// The importer, where the file is what this server gave them.
    own: Option<UserId>,
}

impl Acquaintances {
    /// Everybody of the class, if the file comes from it and names anybody.
    pub(super) async fn of(db: &impl ConnectionTrait, into: &Into<'_>, parsed: &ParsedMarks) -> Result<Self> {
        let names = parsed.marks.iter().any(|mark| mark.comments.iter().any(|one| !one.mentions.is_empty()));
        let people = if names && parsed.class == Some(into.class) {
            let member = Membership::of(db, into.actor, into.class).await?;
            author::everybody(db, into.actor, &member).await?
        } else {
            HashMap::new()
        };
        Ok(Self { people, own: into.sealed.then_some(into.actor.user) })
    }

    /// The words of a comment as they are kept, and whom it names, by place.
    pub(super) fn met(&self, parsed: &ParsedComment) -> (String, Vec<UserId>) {
        let Some(words) = &parsed.body else { return (String::new(), Vec::new()) };
        let known: Vec<Option<UserId>> = parsed.mentions.iter().map(|person| self.user(person)).collect();
        let mut named: Vec<UserId> = Vec::new();
        for user in known.iter().flatten() {
            if !named.contains(user) {
                named.push(*user);
            }
        }
        let meant = |person: &ParsedPerson, user: Option<UserId>| {
            let is_only = parsed.mentions.iter().filter(|other| other.name == person.name).count() == 1;
            user.filter(|_| is_only)
        };
        let people = parsed.mentions.iter().zip(known);
        let people: Vec<_> = people.map(|(person, user)| (meant(person, user), person.name.as_str())).collect();
        let place = |user| named.iter().zip(0..).find(|(one, _)| **one == user).and_then(|(_, place)| reference(place));
        let body = kept(cut(words.as_ref(), &people), |user| match user.and_then(place) {
            Some(reference) => reference.into_iter().collect(),
            None => SOMEBODY.to_owned(),
        });
        (body, named)
    }

    fn user(&self, person: &ParsedPerson) -> Option<UserId> {
        let own = self.own.filter(|_| person.mine);
        own.or_else(|| self.people.get(&person.id?).copied())
    }
}
