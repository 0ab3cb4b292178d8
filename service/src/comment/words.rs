//! The words of a comment on their way in: each "@name" of somebody it names becomes a reference.

use std::collections::HashMap;

use entity::{CommentId, UserId, comment, mention as mentions};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::mention::{MOST, Piece, cut, kept, reference, references, worded};
use crate::{
    Actor, Error, Flaw, Result,
    access::Membership,
    author::{AuthorId, authors, whose},
    text::Said,
};

/// What a comment was before it was changed; nothing for a new one.
#[derive(Default)]
pub(super) struct Before {
    /// Its words as they are kept.
    body: String,
    /// Whom it named, by place.
    named: Vec<(i32, UserId)>,
}

/// What is kept of a comment.
pub(super) struct Kept {
    /// Its words, with references.
    pub(super) body: String,
    /// Whom it names, by place.
    named: Vec<UserId>,
}

/// The members that are meant, each once; those who left, too: that an id is taken no more would tell whose it was.
pub(super) async fn meant(
    db: &impl ConnectionTrait,
    actor: &Actor,
    member: &Membership,
    wanted: &[AuthorId],
) -> Result<Vec<UserId>> {
    if wanted.len() > MOST {
        return Err(too_many(wanted.len()));
    }
    let known = whose(db, actor, Some(member.enrolment.role), &member.class, wanted).await?;
    let mut found = Vec::new();
    for (index, id) in wanted.iter().enumerate() {
        let flaw = || Flaw::new("member_unknown", "expected the id of somebody in this class");
        let user = known.get(id).copied();
        let user = user.ok_or_else(|| Error::invalid(format!("/mentions/{index}"), flaw()))?;
        if !found.contains(&user) {
            found.push(user);
        }
    }
    Ok(found)
}

fn too_many(found: usize) -> Error {
    Error::invalid("/mentions", Flaw::new("out_of_range", format!("at most {MOST} people, found {found}")))
}

/// What a comment becomes by other words, other people named, or both.
pub(super) async fn edited(
    db: &impl ConnectionTrait,
    actor: &Actor,
    member: &Membership,
    row: &comment::Model,
    words: Option<Said>,
    wanted: Option<Vec<AuthorId>>,
) -> Result<Kept> {
    let rows = mentions::Entity::find().filter(mentions::COLUMN.comment_id.eq(row.id));
    let rows = rows.order_by_asc(mentions::Column::Place).all(db).await?;
    let named = rows.into_iter().map(|row| (row.place, row.user_id)).collect();
    let wanted = match wanted {
        Some(wanted) => Some(meant(db, actor, member, &wanted).await?),
        None => None,
    };
    Before { body: row.body.clone(), named }.become_kept(db, actor, member, words, wanted).await
}

impl Before {
    /// With these words, or the ones before, and these people, or the ones before.
    pub(super) async fn become_kept(
        self,
        db: &impl ConnectionTrait,
        actor: &Actor,
        member: &Membership,
        words: Option<Said>,
        wanted: Option<Vec<UserId>>,
    ) -> Result<Kept> {
        let before = self.named.iter().map(|(_, user)| *user);
        let people = before.clone().chain(wanted.iter().flatten().copied());
        let known = authors(db, actor, people.map(|user| (member.class.id, user))).await?;
        let names: HashMap<UserId, String> = known.into_iter().map(|((_, user), author)| (user, author.name)).collect();
        let mut named = wanted.clone().unwrap_or_else(|| before.collect());
        let words = words.map_or_else(|| self.read(&names), Said::into_inner);
        let dealt = self.dealt(&names, &named, wanted.is_some());
        let pieces = cut(&words, &dealt);
        for piece in &pieces {
            // Whoever is still named in the words stays named: the name would be words for all otherwise.
            if let Piece::Person(user) = piece
                && !named.contains(user)
            {
                named.push(*user);
            }
        }
        if named.len() > MOST {
            return Err(too_many(named.len()));
        }
        let place = |user| named.iter().zip(0..).find(|(one, _)| **one == user).and_then(|(_, place)| reference(place));
        let body = kept(pieces, |user| place(user).into_iter().flatten().collect());
        Said::fits(&body).map_err(|flaw| Error::invalid("/body", flaw))?;
        Ok(Kept { body, named })
    }

    fn person(&self, place: i32) -> Option<UserId> {
        self.named.iter().find(|(known, _)| *known == place).map(|(_, user)| *user)
    }

    /// Its words, as somebody reads them who knows people by these names.
    fn read(&self, names: &HashMap<UserId, String>) -> String {
        worded(&self.body, |place| names.get(&self.person(place)?).map(String::as_str))
    }

    /// People in the order in which their names are dealt out: as they stood in the words, then as they are listed. Who is
    /// listed no more comes last, and not at all where somebody listed has the same name.
    fn dealt<'n>(&self, names: &'n HashMap<UserId, String>, listed: &[UserId], is_new: bool) -> Vec<(UserId, &'n str)> {
        let stood = references(&self.body).into_iter().filter_map(|piece| match piece {
            Piece::Person(place) => self.person(place),
            Piece::Words(_) => None,
        });
        let (mut dealt, dropped): (Vec<UserId>, Vec<UserId>) = stood.partition(|user| listed.contains(user));
        let further: Vec<UserId> = listed.iter().filter(|user| !dealt.contains(user)).copied().collect();
        dealt.extend(further);
        let named = |user: UserId| names.get(&user).map(|name| (user, name.as_str()));
        let mut dealt: Vec<_> = dealt.into_iter().filter_map(named).collect();
        if is_new {
            let taken = |name: &str| dealt.iter().any(|(_, known)| *known == name);
            let last: Vec<_> = dropped.into_iter().filter_map(named).filter(|(_, name)| !taken(name)).collect();
            dealt.extend(last);
        }
        dealt
    }
}

impl Kept {
    /// Notes whom a comment names, and nobody else.
    pub(super) async fn name(&self, db: &impl ConnectionTrait, id: CommentId) -> Result<()> {
        mentions::Entity::delete_many().filter(mentions::COLUMN.comment_id.eq(id)).exec(db).await?;
        if self.named.is_empty() {
            return Ok(());
        }
        let rows = self.named.iter().zip(0..).map(|(user, place)| mentions::ActiveModel {
            comment_id: Set(id),
            user_id: Set(*user),
            place: Set(place),
        });
        mentions::Entity::insert_many(rows).exec_without_returning(db).await?;
        Ok(())
    }
}
