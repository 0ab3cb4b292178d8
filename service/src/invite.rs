//! Invitation codes: make, list, take back.

use entity::{ClassId, InviteId, Moment, enrolment::Role, invite};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Actor, Conflict, Db, Error, Flaw, Once, Result,
    access::{Membership, Right},
    page::{Cursor, Page, PageRequest},
    text::Label,
};

/// Read aloud without mistakes: no 0 O, no 1 I L.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// How long a code is.
const LENGTH: usize = 8;

/// An invitation somebody makes.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// As what.
    pub role: Role,
    /// Until when.
    pub expires_at: Option<Moment>,
    /// For how many people.
    pub max_uses: Option<i32>,
    /// Into which section.
    pub section: Option<Label>,
}

/// An invitation code in its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code as typed: any case, with or without spaces and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase());
        let code: String = typed.take(LENGTH + 1).collect();
        (code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(Self(code))
    }

    /// A new code of about 40 random bits.
    fn new() -> Result<Self> {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            // Bytes from 248 on would make the first letters likelier.
            let fair = crate::secret::random::<16>()?.into_iter().filter(|b| *b < 248);
            let letters = fair.filter_map(|b| ALPHABET.get(usize::from(b) % ALPHABET.len()));
            code.extend(letters.take(LENGTH - code.len()).map(|b| char::from(*b)));
        }
        Ok(Self(code))
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Makes an invitation.
///
/// # Errors
/// [`Error::Forbidden`] for a role not below the actor's own; [`Error::Conflict`] in an archived class;
/// [`Error::Invalid`] for one that would be over already.
pub async fn create(db: &Db, actor: &Actor, class: ClassId, new: NewInvite) -> Result<Once<InviteId>> {
    if new.expires_at.is_some_and(|end| end <= actor.at) {
        return Err(Error::invalid("/expires_at", Flaw::new("in_the_past", "must be in the future")));
    }
    if new.max_uses.is_some_and(|uses| uses < 1) {
        return Err(Error::invalid("/max_uses", Flaw::new("out_of_range", "must be at least 1")));
    }
    let actor = actor.clone();
    db.once(&actor.clone(), move |tx| async move {
        let member = Membership::of(&*tx, &actor, class).await?;
        member.may(Right::ManageMembers)?;
        if new.role == Role::Owner {
            member.may(Right::DisposeOfClass)?;
            return Err(Error::Conflict(Conflict::OwnerEnrolment));
        }
        member.may_manage(new.role)?;
        member.is_running()?;
        let row = invite::ActiveModel {
            id: Set(InviteId::new()),
            class_id: Set(class),
            code: Set(Code::new()?.0),
            role: Set(new.role),
            section: Set(new.section.map(Label::into_inner)),
            expires_at: Set(new.expires_at),
            max_uses: Set(new.max_uses),
            uses: Set(0),
            created_by: Set(Some(actor.user)),
            created_at: Set(actor.at),
            revoked_at: Set(None),
        };
        // A code that exists already makes the whole unit start again with another one.
        let row = row.insert(&*tx).await.map_err(|e| Error::on_unique(e, || Error::Contention))?;
        Ok(row.id)
    })
    .await
}

/// The invitations of a class for roles below the actor's, newest first.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] without the right to invite.
pub async fn list(db: &Db, actor: &Actor, class: ClassId, page: PageRequest) -> Result<Page<invite::Model>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let member = Membership::of(&db, &actor, class).await?;
        member.may(Right::ManageMembers)?;
        // A code gives its role away: who may not make it does not see it.
        let mut query = invite::Entity::in_class(class).filter(invite::COLUMN.role.is_in(member.manages()));
        if let Some(after) = page.after_id()? {
            query = query.filter(invite::COLUMN.id.lt(InviteId(after)));
        }
        let rows = query.order_by_desc(invite::Column::Id).limit(page.limit + 1).all(&db).await?;
        Ok(Page::cut(rows, page.limit, |invite| Cursor::at(invite.id.0)))
    })
    .await
}

/// One invitation.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] without the right to invite.
pub async fn show(db: &Db, actor: &Actor, id: InviteId) -> Result<invite::Model> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let row = invite::Entity::visible_to(actor.user)
            .filter(invite::COLUMN.id.eq(id))
            .one(&db)
            .await?
            .ok_or(Error::NotFound)?;
        Membership::of(&db, &actor, row.class_id).await?.may_manage(row.role)?;
        Ok(row)
    })
    .await
}

/// Takes an invitation back. Who joined by it stays.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] without the right to invite.
pub async fn revoke(db: &Db, actor: &Actor, id: InviteId) -> Result<()> {
    let actor = actor.clone();
    db.write_as(&actor.clone(), move |tx| async move {
        let row = invite::Entity::visible_to(actor.user)
            .filter(invite::COLUMN.id.eq(id))
            .one(&*tx)
            .await?
            .ok_or(Error::NotFound)?;
        let member = Membership::of(&*tx, &actor, row.class_id).await?;
        member.may_manage(row.role)?;
        if row.revoked_at.is_some() {
            return Err(Error::NotFound);
        }
        let mut row = row.into_active_model();
        row.revoked_at = Set(Some(actor.at));
        row.update(&*tx).await?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(Code::parse("abcd-2345"), Some(Code("ABCD2345".to_owned())));
        assert_eq!(Code::parse(" ABCD 2345 "), Some(Code("ABCD2345".to_owned())));
        for wrong in ["", "ABCD234", "ABCD23456", "ABCD2340", "ABCD234O", "ABCD234I", "ÄBCD2345"] {
            assert_eq!(Code::parse(wrong), None, "{wrong:?} was accepted");
        }
    }

    #[test]
    fn new_codes_are_well_formed_and_differ() {
        let codes: Vec<String> = (0..200).filter_map(|_| Code::new().ok()).map(|c| c.0).collect();
        assert_eq!(codes.len(), 200);
        assert!(codes.iter().all(|code| Code::parse(code).is_some_and(|parsed| parsed.0 == *code)));
        let distinct: std::collections::HashSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), 200);
    }
}
