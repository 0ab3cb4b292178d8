//! Real names in what staff write for a class with made-up names: students would read who is behind one.
//!
//! A warning and no rule: teachers may have their reasons, and nobody but the writer learns of it.

use std::ops::Range;

use entity::{ClassId, class::Naming, enrolment, user};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    Actor, Db, Error, Result,
    access::Membership,
    author::{made_up_name, sees_names},
    comment::mention::is_letter,
};

/// A real name in somebody's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Whose name it is, as the class list has it.
    pub name: String,
    /// The name under which students know the person; none where the writer must not know it either.
    pub instead: Option<String>,
}

/// The real names of people behind made-up names that stand in words, if the actor teaches in such a class; none else.
///
/// # Errors
/// That of the database.
pub async fn slips(db: &Db, actor: &Actor, class: ClassId, words: String) -> Result<Vec<Slip>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let Membership { class, enrolment } = match Membership::of(&db, &actor, class).await {
            // What they write is refused for another reason.
            Err(Error::NotFound) => return Ok(Vec::new()),
            member => member?,
        };
        if class.naming != Naming::Pseudonyms || !enrolment.role.is_staff() {
            return Ok(Vec::new());
        }
        let people = enrolment::Entity::in_class(class.id).filter(enrolment::COLUMN.user_id.ne(actor.user));
        let people = people.find_also_related(user::Entity).all(&db).await?;
        let known = sees_names(&class, Some(enrolment.role));
        let slip = |(row, user): (enrolment::Model, Option<user::Model>)| {
            let name = user.filter(|_| !row.role.is_staff())?.display_name;
            find(&words, &name).map(|found| (found, name, made_up_name(&class, &row).filter(|_| known)))
        };
        let mut found: Vec<_> = people.into_iter().filter_map(slip).collect();
        // Where they stand is what the writer sees; nothing else orders them.
        found.sort_by(|(one, name, instead), (other, named, too)| {
            (one.start, name, instead).cmp(&(other.start, named, too))
        });
        Ok(found.into_iter().map(|(_, name, instead)| Slip { name, instead }).collect())
    })
    .await
}

/// Words with made-up names in place of the real ones, as far as the writer may know them.
#[must_use]
pub fn corrected(words: &str, slips: &[Slip]) -> String {
    let mut slips: Vec<&Slip> = slips.iter().collect();
    slips.sort_by_key(|slip| std::cmp::Reverse(slip.name.len()));
    slips.into_iter().fold(words.to_owned(), |words, slip| match &slip.instead {
        Some(instead) => replaced(&words, &slip.name, instead),
        None => words,
    })
}

fn replaced(words: &str, name: &str, instead: &str) -> String {
    let (mut done, mut rest) = (String::with_capacity(words.len()), words);
    while let Some(Range { start, end }) = find(rest, name) {
        done.push_str(rest.get(..start).unwrap_or_default());
        done.push_str(instead);
        rest = rest.get(end..).unwrap_or_default();
    }
    done + rest
}

/// Where a name stands first: whole, in capitals or not, on one line or two.
fn find(words: &str, name: &str) -> Option<Range<usize>> {
    let mut before = None;
    for (start, c) in words.char_indices() {
        let inside = before.is_some_and(is_letter) && is_letter(c);
        before = Some(c);
        if inside {
            continue;
        }
        if let Some(end) = words.get(start..).and_then(|rest| match_end(rest, name)) {
            return Some(start..start + end);
        }
    }
    None
}

/// Where a name ends that words begin with.
fn match_end(words: &str, name: &str) -> Option<usize> {
    let mut rest = words.chars();
    let mut last = None;
    for wanted in name.chars() {
        let met = rest.next()?;
        if wanted.is_whitespace() != met.is_whitespace() || !(wanted.is_whitespace() || same(wanted, met)) {
            return None;
        }
        last = Some(met);
    }
    let goes_on = last.is_some_and(is_letter) && rest.clone().next().is_some_and(is_letter);
    (last.is_some() && !goes_on).then(|| words.len() - rest.as_str().len())
}

fn same(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_name_is_found_however_it_is_written() {
        for (words, name, found) in [
            ("Ask Ben Huber!", "Ben Huber", Some(4..13)),
            ("ask BEN\nHUBER", "Ben Huber", Some(4..13)),
            ("@Ben Huber's", "Ben Huber", Some(1..10)),
            ("Ben Hubertus, Reuben Huber", "Ben Huber", None),
            ("Ben", "Ben Huber", None),
            ("ask 王芳吗", "王芳", Some(4..10)),
            ("a.b a.b", "A.B", Some(0..3)),
            ("", "x", None),
        ] {
            assert_eq!(find(words, name), found, "{words}");
        }
    }

    #[test]
    fn names_are_replaced_by_those_that_are_known() {
        let slip =
            |name: &str, instead: Option<&str>| Slip { name: name.to_owned(), instead: instead.map(str::to_owned) };
        let slips = [slip("Ben", Some("Calm Otter 1")), slip("Ben Huber", Some("Blue Wren 2")), slip("Cem", None)];
        assert_eq!(corrected("ben huber, Ben, Cem and Ben", &slips), "Blue Wren 2, Calm Otter 1, Cem and Calm Otter 1");
    }
}
