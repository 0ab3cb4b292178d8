//! How an import stands: begun, noted while it goes on, ended; and looked up by whoever made it.

use entity::{
    ClassId, ImportId, Moment, class, conversation, idempotency_key,
    import::{self, ActiveModel, COLUMN, Entity as Imports, Report as Stored, State},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use time::Duration;

use super::{Report, Request};
use crate::{
    Actor, Db, Error, Result,
    access::{Membership, Right},
    idempotency::{self, Claim},
    transcript::Format,
};

/// How long nothing may be heard of an import before it counts as broken off. Its server says something every
/// [`SAID_EVERY`].
const LOST: Duration = Duration::minutes(2);

/// How often the server that reads an import says that it still does.
pub const SAID_EVERY: std::time::Duration = std::time::Duration::from_secs(20);

/// Where an import is that has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many go before it and itself; none once it is being read.
    pub place: Option<usize>,
    /// Conversations that were dealt with.
    pub done: usize,
    /// How many there are; unknown until all of the file was looked at.
    pub total: Option<usize>,
}

/// What became of a request to import.
pub enum Begun {
    /// It is to be read now: for the first time, or again after it broke off. What came in before is skipped.
    Open(ImportId),
    /// The same request is being answered already.
    UnderWay(ImportId),
    /// The same request was answered before.
    Reported(Report),
}

/// An import as whoever made it can look it up.
#[derive(Clone, Debug)]
pub struct Past {
    /// The import.
    pub id: ImportId,
    /// Into which class.
    pub class: ClassId,
    /// What people call it.
    pub class_name: String,
    /// When.
    pub at: Moment,
    /// How it stands.
    pub state: State,
    /// Where it is; where it was, once it has ended.
    pub standing: Standing,
    /// Why it failed, as a code of problems.
    pub failure: Option<String>,
    /// What it did; nothing before its end.
    pub report: Option<Report>,
}

/// Begins an import as `id`, once for the actor's idempotency key.
///
/// # Errors
/// Those of [`super::may_import`]; [`Error::KeyReused`].
pub async fn begin(db: &Db, actor: &Actor, request: &Request, id: ImportId) -> Result<Begun> {
    let (actor, request) = (actor.clone(), request.clone());
    db.write_as(&actor.clone(), move |tx| async move {
        let member = Membership::of(&*tx, &actor, request.class).await?;
        member.may(Right::Contribute)?;
        member.is_running()?;
        let claimed = match &actor.once {
            None => None,
            Some(key) => match idempotency::claim(&*tx, &actor, key).await? {
                Claim::Replay(id) => return again(&*tx, &actor, id).await,
                Claim::New(row) => Some(row),
            },
        };
        let row = ActiveModel {
            id: Set(id),
            class_id: Set(request.class),
            owner_id: Set(actor.user),
            format: Set("unknown".to_owned()),
            bytes: Set(i64::try_from(request.bytes).unwrap_or(i64::MAX)),
            hash: Set(request.hash.to_vec()),
            report: Set(Stored(serde_json::Value::Null)),
            created_at: Set(actor.at),
            state: Set(State::Queued),
            place: Set(None),
            done: Set(0),
            total: Set(None),
            failure: Set(None),
            seen_at: Set(actor.at),
        };
        row.insert(&*tx).await?;
        if let Some(claimed) = claimed {
            idempotency::settle(&*tx, claimed, &id).await?;
        }
        Ok(Begun::Open(id))
    })
    .await
}

/// The import that the actor's key stands for, however it stands.
async fn again(db: &impl ConnectionTrait, actor: &Actor, id: ImportId) -> Result<Begun> {
    let row = Imports::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    match state(&row, actor.at) {
        State::Done => Ok(Begun::Reported(Report::from_stored(db, actor.user, id, row.report).await?)),
        State::Queued | State::Running => Ok(Begun::UnderWay(id)),
        State::Failed => {
            let fresh = ActiveModel {
                id: Set(id),
                state: Set(State::Queued),
                failure: Set(None),
                seen_at: Set(actor.at),
                ..Default::default()
            };
            fresh.update(db).await?;
            Ok(Begun::Open(id))
        }
    }
}

/// How it stands at this moment: one that nobody reads any more has failed, whatever its row says.
fn state(row: &import::Model, at: Moment) -> State {
    match row.state {
        State::Queued | State::Running if at.since(row.seen_at) >= LOST => State::Failed,
        state => state,
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn number(count: i32) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// Notes where an import is that has not ended.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn note(db: &Db, id: ImportId, standing: Standing, at: Moment) -> Result<()> {
    let now = ActiveModel {
        state: Set(if standing.place.is_some() { State::Queued } else { State::Running }),
        place: Set(standing.place.map(count)),
        done: Set(count(standing.done)),
        total: Set(standing.total.map(count)),
        seen_at: Set(at),
        ..Default::default()
    };
    db.write(move |tx| async move {
        let going_on = COLUMN.state.is_in([State::Queued, State::Running]);
        Imports::update_many().set(now).filter(COLUMN.id.eq(id)).filter(going_on).exec(&*tx).await?;
        Ok(())
    })
    .await
}

/// Keeps the report of an import that came to its end.
pub(super) async fn end(db: &Db, actor: &Actor, id: ImportId, format: Option<Format>, report: &Report) -> Result<()> {
    let done = report.imported.len() + report.skipped.len() + report.failed.len();
    let row = ActiveModel {
        id: Set(id),
        format: format.map_or(sea_orm::ActiveValue::NotSet, |format| Set(format.name().to_owned())),
        report: Set(report.to_store()?),
        state: Set(State::Done),
        place: Set(None),
        done: Set(count(done)),
        total: Set(Some(count(done))),
        failure: Set(None),
        seen_at: Set(actor.at),
        ..Default::default()
    };
    db.write(move |tx| async move {
        row.update(&*tx).await?;
        Ok(())
    })
    .await
}

/// Notes that an import broke off, and why: a code of problems.
///
/// # Errors
/// [`Error::Database`] when the database does not answer; who looks at it learns even so that nobody reads it any more.
pub async fn fail(db: &Db, id: ImportId, code: &'static str) -> Result<()> {
    let row = ActiveModel {
        id: Set(id),
        state: Set(State::Failed),
        place: Set(None),
        failure: Set(Some(code.to_owned())),
        ..Default::default()
    };
    db.write(move |tx| async move {
        row.update(&*tx).await?;
        Ok(())
    })
    .await
}

/// Forgets an import that brought nothing in, and whose sender was told so: its key is free for another try. One that
/// broke off after some conversations stays, and its key stands for it.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn drop_empty(db: &Db, actor: &Actor, id: ImportId) -> Result<()> {
    let (user, key) = (actor.user, actor.once.clone());
    db.write(move |tx| async move {
        let brought = conversation::Entity::find().filter(conversation::COLUMN.import_id.eq(id)).limit(1);
        if brought.one(&*tx).await?.is_some() {
            return Ok(());
        }
        if let Some(key) = key {
            let mine = idempotency_key::Entity::delete_many().filter(idempotency_key::COLUMN.user_id.eq(user));
            mine.filter(idempotency_key::COLUMN.key.eq(&key.key)).exec(&*tx).await?;
        }
        Imports::delete_by_id(id).exec(&*tx).await?;
        Ok(())
    })
    .await
}

/// How an import stands, and what it did.
///
/// # Errors
/// [`Error::NotFound`] for anybody but who made it.
pub async fn show(db: &Db, actor: &Actor, id: ImportId) -> Result<Past> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let mine = Imports::made_by(actor.user).filter(COLUMN.id.eq(id));
        let (row, class) = mine.find_also_related(class::Entity).one(&db).await?.ok_or(Error::NotFound)?;
        let state = state(&row, actor.at);
        let (place, total) = (row.place.map(number), row.total.map(number));
        let report = match state {
            State::Done => Some(Report::from_stored(&db, actor.user, id, row.report).await?),
            _ => None,
        };
        Ok(Past {
            id,
            class: row.class_id,
            class_name: class.ok_or(Error::NotFound)?.name,
            at: row.created_at,
            state,
            standing: Standing { place: place.filter(|_| state == State::Queued), done: number(row.done), total },
            failure: row.failure.or_else(|| (state == State::Failed).then(|| "interrupted".to_owned())),
            report,
        })
    })
    .await
}
