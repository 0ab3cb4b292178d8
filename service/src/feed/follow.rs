//! Reading the feed: for one person, and for all who listen at once.

use std::{collections::BTreeMap, sync::Arc};

use entity::{
    ApiTokenId, ClassId, ConversationId, Moment, SessionId, UserId, api_token,
    class::{self, Blind},
    conversation, enrolment,
    enrolment::{Role, State},
    event, session,
    user::{self, Status},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::ExprTrait,
};
use time::Duration;

use crate::{Actor, Db, Error, Gone, Result, access::Membership, session::Credential};

/// How long events are kept.
pub const KEPT: Duration = Duration::days(30);

/// How long before an event is seen it may have been given its place: longer than a unit of work is tried.
pub const LATE: Duration = Duration::hours(1);

/// Rows or ids that one statement takes at most.
const MANY: usize = 500;

/// What somebody may hear of a feed.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The events, oldest first.
    pub items: Vec<event::Model>,
    /// From where to read on.
    pub next: i64,
}

/// The events of a class after `since` that the actor may hear of; without it none, and from where to read on.
///
/// # Errors
/// [`Error::NotFound`] unless the actor is an active member; [`Error::Gone`] when `since` is older than what is kept.
pub async fn changes(db: &Db, actor: &Actor, class: ClassId, since: Option<i64>, limit: u64) -> Result<Heard> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let member = Membership::of(&db, &actor, class).await?;
        let heard = event::Entity::heard_by(actor.user, member.enrolment.role, actor.at, class);
        let Some(since) = since else {
            let mut last = heard.select_only().column(event::Column::Seq).limit(1);
            QuerySelect::query(&mut last).clear_order_by();
            let last: Option<i64> = last.order_by_desc(event::Column::Seq).into_tuple().one(&db).await?;
            // A place of the clock, not of an event that nobody may know of.
            let next = Ord::max(actor.at.plus(-LATE).0, last.unwrap_or(0));
            return Ok(Heard { items: Vec::new(), next });
        };
        if since < actor.at.plus(-KEPT).0 {
            return Err(Error::Gone(Gone::Events));
        }
        let items = heard.filter(event::COLUMN.seq.gt(since)).limit(limit).all(&db).await?;
        Ok(Heard { next: items.last().map_or(since, |last| last.seq), items })
    })
    .await
}

/// The last place in the feed of a class, whoever may know of it: for nobody's eyes.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn last(db: &Db, class: ClassId) -> Result<i64> {
    db.read(move |db| async move { Ok(super::last(&db, class).await?.unwrap_or(0)) }).await
}

/// What is new in several classes, each after a place of its own: not more than a few hundred events, in order. Who may
/// hear of them is for [`hearing`] to say.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn news(db: &Db, classes: Vec<(ClassId, i64)>) -> Result<Vec<event::Model>> {
    db.read(move |db| async move {
        let mut found = Vec::new();
        for some in classes.chunks(50) {
            let mut after = Condition::any();
            for (class, seq) in some {
                after = after.add(event::COLUMN.class_id.eq(*class).and(event::COLUMN.seq.gt(*seq)));
            }
            let rows = event::Entity::find().filter(after);
            let rows = rows.order_by_asc(event::Column::ClassId).order_by_asc(event::Column::Seq);
            found.extend(rows.limit(u64::try_from(MANY).unwrap_or(u64::MAX)).all(&db).await?);
        }
        Ok(found)
    })
    .await
}

/// Places in a feed, in order.
pub type Places = Arc<Vec<i64>>;

/// Who of those who listen hears which of some events of a class.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    members: BTreeMap<uuid::Uuid, Role>,
    by_role: Vec<(Role, Places)>,
    by_person: BTreeMap<uuid::Uuid, Places>,
}

impl Hearing {
    /// The places this person hears of; none who is no member any more.
    #[must_use]
    pub fn of(&self, user: UserId) -> Option<Places> {
        let role = self.members.get(&user.0)?;
        if let Some(own) = self.by_person.get(&user.0) {
            return Some(Arc::clone(own));
        }
        self.by_role.iter().find(|(of, _)| of == role).map(|(_, places)| Arc::clone(places))
    }
}

/// Who of `listeners` hears which of `events`, all of one class and in order, at `at`.
///
/// The rule is that of [`event::Entity::heard_by`], asked once for everybody whose answer is the same: the rule knows a
/// person by their role, as the one whose something is, and where a class is blind by their own marks. So it is asked
/// once for each role, and once for each person that an event or its conversation belongs to.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn hearing(
    db: &Db,
    at: Moment,
    class: ClassId,
    events: Vec<event::Model>,
    listeners: Vec<UserId>,
) -> Result<Hearing> {
    db.read(move |db| async move {
        let members: Vec<(UserId, Role)> = enrolment::Entity::in_class(class)
            .filter(enrolment::COLUMN.state.eq(State::Active))
            .select_only()
            .columns([enrolment::Column::UserId, enrolment::Column::Role])
            .into_tuple()
            .all(&db)
            .await?;
        let members: BTreeMap<uuid::Uuid, Role> = members.into_iter().map(|(user, role)| (user.0, role)).collect();
        let (special, each_student) = special(&db, class, &events).await?;
        let mut hearing = Hearing { members, ..Default::default() };
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(hearing) };
        for user in listeners {
            let Some(role) = hearing.members.get(&user.0).copied() else { continue };
            let alone = special.contains(&user) || (each_student && !role.is_staff());
            let known = if alone {
                hearing.by_person.contains_key(&user.0)
            } else {
                hearing.by_role.iter().any(|(of, _)| *of == role)
            };
            if known {
                continue;
            }
            let heard = event::Entity::heard_by(user, role, at, class)
                .filter(event::COLUMN.seq.between(first.seq, last.seq))
                .select_only()
                .column(event::Column::Seq);
            let places = Arc::new(heard.into_tuple::<i64>().all(&db).await?);
            if alone {
                hearing.by_person.insert(user.0, places);
            } else {
                hearing.by_role.push((role, places));
            }
        }
        Ok(hearing)
    })
    .await
}

/// The people that events or their conversations belong to, and whether every student hears by marks of their own.
async fn special(db: &impl ConnectionTrait, class: ClassId, events: &[event::Model]) -> Result<(Vec<UserId>, bool)> {
    let mut special: Vec<UserId> = events.iter().filter_map(|event| event.user_id).collect();
    let inside: Vec<ConversationId> = events.iter().filter_map(|event| event.conversation_id).collect();
    if inside.is_empty() {
        return Ok((special, false));
    }
    let owners = conversation::Entity::find().filter(conversation::COLUMN.id.is_in(inside));
    let owners = owners.select_only().column(conversation::Column::OwnerId).into_tuple::<UserId>();
    special.extend(owners.all(db).await?);
    let blind = class::Entity::find_by_id(class).select_only().column(class::Column::Blind);
    let blind: Option<Blind> = blind.into_tuple().one(db).await?;
    Ok((special, blind == Some(Blind::UntilMarks)))
}

/// Somebody who listens, and by what they were recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// In which class.
    pub class: ClassId,
    /// Who.
    pub user: UserId,
    /// By what.
    pub credential: Credential,
}

/// Which of these may not listen any more: their session or token has ended, their account or membership does not hold.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn ended(db: &Db, at: Moment, listeners: Vec<Listener>) -> Result<Vec<Listener>> {
    db.read(move |db| async move {
        let mut ended = Vec::new();
        for some in listeners.chunks(MANY) {
            let standing = Standing::of(&db, at, some).await?;
            ended.extend(some.iter().filter(|listener| !standing.holds(listener)));
        }
        Ok(ended)
    })
    .await
}

/// What holds, of some people.
struct Standing {
    people: Vec<UserId>,
    members: Vec<(ClassId, UserId)>,
    sessions: Vec<SessionId>,
    tokens: Vec<ApiTokenId>,
}

impl Standing {
    async fn of(db: &impl ConnectionTrait, at: Moment, listeners: &[Listener]) -> Result<Self> {
        let users = || listeners.iter().map(|listener| listener.user);
        let people = user::Entity::find().filter(user::COLUMN.id.is_in(users()));
        let people = people.filter(user::COLUMN.status.eq(Status::Active)).select_only().column(user::Column::Id);
        let mut classes: Vec<ClassId> = listeners.iter().map(|listener| listener.class).collect();
        classes.sort_unstable();
        classes.dedup();
        let members = enrolment::Entity::in_classes(classes)
            .filter(enrolment::COLUMN.user_id.is_in(users()))
            .filter(enrolment::COLUMN.state.eq(State::Active))
            .select_only()
            .columns([enrolment::Column::ClassId, enrolment::Column::UserId]);
        let sessions = listeners.iter().filter_map(|listener| match listener.credential {
            Credential::Session(id) => Some(id),
            Credential::ApiToken(..) => None,
        });
        let sessions = session::Entity::find().filter(session::COLUMN.id.is_in(sessions));
        let sessions = sessions.filter(session::COLUMN.expires_at.gt(at)).select_only().column(session::Column::Id);
        let tokens = listeners.iter().filter_map(|listener| match listener.credential {
            Credential::ApiToken(id, _) => Some(id),
            Credential::Session(_) => None,
        });
        let unexpired =
            Condition::any().add(api_token::COLUMN.expires_at.is_null()).add(api_token::COLUMN.expires_at.gt(at));
        let tokens = api_token::Entity::find()
            .filter(api_token::COLUMN.id.is_in(tokens))
            .filter(api_token::COLUMN.revoked_at.is_null())
            .filter(unexpired)
            .select_only()
            .column(api_token::Column::Id);
        let mut standing = Self {
            people: people.into_tuple().all(db).await?,
            members: members.into_tuple().all(db).await?,
            sessions: sessions.into_tuple().all(db).await?,
            tokens: tokens.into_tuple().all(db).await?,
        };
        standing.people.sort_unstable();
        standing.members.sort_unstable();
        standing.sessions.sort_unstable();
        standing.tokens.sort_unstable();
        Ok(standing)
    }

    fn holds(&self, listener: &Listener) -> bool {
        let recognised = match listener.credential {
            Credential::Session(id) => self.sessions.binary_search(&id).is_ok(),
            Credential::ApiToken(id, _) => self.tokens.binary_search(&id).is_ok(),
        };
        let member = self.members.binary_search(&(listener.class, listener.user)).is_ok();
        recognised && member && self.people.binary_search(&listener.user).is_ok()
    }
}

/// Notes that these sessions are in use: an open page counts as activity.
///
/// # Errors
/// [`Error::Database`] when the database does not answer.
pub async fn in_use(db: &Db, at: Moment, sessions: Vec<SessionId>) -> Result<()> {
    db.write(move |tx| async move {
        for some in sessions.chunks(MANY) {
            let seen = session::ActiveModel { last_seen_at: Set(at), ..Default::default() };
            let these = session::COLUMN.id.is_in(some.iter().copied());
            session::Entity::update_many().set(seen).filter(these).exec(&*tx).await?;
        }
        Ok(())
    })
    .await
}

/// The events that are not kept any longer; a day after nobody may ask for them.
pub(crate) fn over(at: Moment) -> Condition {
    Condition::all().add(event::COLUMN.created_at.lte(at.plus(-KEPT - Duration::days(1))))
}
