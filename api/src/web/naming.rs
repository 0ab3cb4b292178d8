//! Names in forms: whom somebody means by "@name", and real names that students would read.

use service::{
    Fields,
    author::{Author, AuthorId},
    entity::ClassId,
    slip::{Slip, corrected, slips},
};

use super::{
    form::{Form, Typed},
    visitor::Visitor,
};
use crate::state::State;

/// The words of a comment as they are sent, and whom they name.
pub(super) struct Meant {
    /// The words, with the name of everybody who was ticked.
    pub(super) body: String,
    /// Whom they name.
    pub(super) mentions: Vec<AuthorId>,
    /// The words without these names.
    rest: String,
}

impl Meant {
    /// Whom a form means: those ticked, and those whose "@name" is typed and nobody else's.
    pub(super) fn of(typed: &Typed, people: &[Author]) -> Self {
        let mut body = typed.get("body").to_owned();
        let ticked: Vec<AuthorId> = typed.all("mention").filter_map(|id| id.parse().ok()).collect();
        let is_typed = |body: &str, name: &str| body.contains(&format!("@{name}"));
        let mut meant: Vec<&Author> = Vec::new();
        for person in people {
            let is_only = people.iter().filter(|other| other.name == person.name).count() == 1;
            let is_ticked = ticked.contains(&person.id);
            if is_ticked && !is_typed(&body, &person.name) {
                body = format!("@{} {body}", person.name);
            }
            if is_ticked || (is_only && is_typed(&body, &person.name)) {
                meant.push(person);
            }
        }
        meant.sort_by_key(|person| std::cmp::Reverse(person.name.len()));
        let rest = meant.iter().fold(body.clone(), |rest, person| rest.replace(&format!("@{}", person.name), "@"));
        Self { body, mentions: meant.into_iter().map(|person| person.id).collect(), rest }
    }

    /// The words without the names that become references.
    pub(super) fn rest(self) -> String {
        self.rest
    }
}

/// What became of words that may hold real names.
pub(super) enum Checked {
    /// They can be sent.
    Fine(Typed),
    /// The form comes back with a warning.
    Warned(Form),
}

/// Whether words can be sent as they are, have been warned of, or are to be mended: `field` is where they were typed,
/// `rest` what of them is to be looked at.
pub(super) async fn checked(
    state: &State,
    visitor: &Visitor,
    class: ClassId,
    typed: Typed,
    (field, rest): (&str, String),
) -> service::Result<Checked> {
    if typed.get("anyway") == "yes" {
        return Ok(Checked::Fine(typed));
    }
    let found = slips(&state.db, &visitor.actor(), class, rest).await?;
    if found.is_empty() {
        return Ok(Checked::Fine(typed));
    }
    let known = found.iter().all(|slip| slip.instead.is_some());
    if typed.get("replace") == "yes" && known {
        let words = corrected(typed.get(field), &found);
        return Ok(Checked::Fine(typed.with(field, words)));
    }
    Ok(Checked::Warned(Form::warned(typed, &warning(&found), known)))
}

/// What is said of real names.
fn warning(found: &[Slip]) -> String {
    let one = |slip: &Slip| match &slip.instead {
        Some(instead) => format!("Students would read a real name: {}. Use {instead}?", slip.name),
        None => format!("Students would read a real name: {}.", slip.name),
    };
    found.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A refusal of one field, which the fields before it do not hide.
pub(super) fn parsed<T>(parsed: Result<T, service::Flaw>, field: &str) -> service::Result<T> {
    let mut fields = Fields::default();
    fields.take(field, parsed).ok_or_else(|| fields.into())
}
