//! The list of a class's conversations: filters, orders, pages.

use entity::{
    ClassId, Moment, UserId,
    conversation::{self, Platform, Visibility},
    enrolment::{self, State},
    invite, message,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LikeExpr, Query, SimpleExpr},
};
use unicode_normalization::UnicodeNormalization;

use super::{
    Audience, ConversationView, Row,
    audience::{count, count_beside},
    rows, views,
};
use crate::{
    Actor, Db, Denial, Error, Flaw, Result,
    access::{Right, Standing, allows},
    author::{AuthorId, meant, sees_names},
    flag,
    page::{self, Cursor, Page, PageRequest},
};

/// Whose conversations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorFilter {
    /// The actor's own.
    Me,
    /// Those of one member, as the actor sees them.
    Member(AuthorId),
}

/// Which conversations are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose.
    pub author: Option<AuthorFilter>,
    /// Shared that far.
    pub visibility: Option<Visibility>,
    /// From there.
    pub platform: Option<Platform>,
    /// By members of this section.
    pub section: Option<String>,
    /// With answers of this model.
    pub model: Option<String>,
    /// Changed since.
    pub updated_since: Option<Moment>,
    /// With these words in the title.
    pub words: Option<String>,
}

/// By what a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// When it came here.
    Created,
    /// When it last changed here.
    Updated,
    /// When it began; those without a date are oldest.
    Started,
    /// Its title.
    Title,
}

/// Where a conversation without a date stands when a list runs by date: before every other.
const UNDATED: i64 = i64::MIN;

/// In which order a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// From the greatest down.
    pub descending: bool,
}

impl Sort {
    const NAMES: [(&'static str, SortKey); 4] = [
        ("created", SortKey::Created),
        ("updated", SortKey::Updated),
        ("started", SortKey::Started),
        ("title", SortKey::Title),
    ];

    /// Reads `created`, `updated`, `started` or `title`, with a minus in front for the reverse; newest first if not said.
    ///
    /// # Errors
    /// A [`Flaw`] that lists what is known.
    pub fn parse(text: Option<&str>) -> Result<Self, Flaw> {
        let text = text.unwrap_or("-created");
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let known = Self::NAMES.into_iter().find(|(known, _)| *known == name);
        let (_, key) = known.ok_or_else(|| {
            Flaw::new("sort_unknown", "expected created, updated, started or title, with - in front for the reverse")
        })?;
        Ok(Self { key, descending })
    }

    fn name(self) -> String {
        let name = Self::NAMES.iter().find(|(_, key)| *key == self.key).map_or("", |(name, _)| *name);
        format!("{}{name}", if self.descending { "-" } else { "" })
    }

    /// The expression the list runs by, before the id.
    fn expr(self) -> Option<Expr> {
        let column = |c: conversation::Column| Expr::col((conversation::Entity, c));
        match self.key {
            SortKey::Created => None,
            SortKey::Updated => Some(column(conversation::Column::UpdatedAt)),
            SortKey::Started => {
                Some(Func::coalesce([column(conversation::Column::StartedAt), Expr::val(UNDATED)]).into())
            }
            SortKey::Title => {
                let title = Func::coalesce([column(conversation::Column::Title), Expr::val("")]);
                Some(Func::lower(Expr::from(title)).into())
            }
        }
    }

    /// The same value of one row, as a cursor keeps it.
    fn value(self, row: &conversation::Model) -> Option<serde_json::Value> {
        match self.key {
            SortKey::Created => None,
            SortKey::Updated => Some(row.updated_at.0.into()),
            SortKey::Started => Some(row.started_at.map_or(UNDATED, |at| at.0).into()),
            SortKey::Title => Some(row.title.clone().unwrap_or_default().into()),
        }
    }

    /// The rows after `cursor`.
    fn beyond(self, cursor: &Cursor) -> Result<Condition> {
        if cursor.order != self.name() {
            return Err(page::bad_cursor());
        }
        let past = |left: Expr, right: Expr| {
            if self.descending { left.lt(right) } else { left.gt(right) }
        };
        let id = Expr::col((conversation::Entity, conversation::Column::Id));
        let by_id = past(id, Expr::val(cursor.id));
        let Some(expr) = self.expr() else {
            return Ok(Condition::all().add(by_id));
        };
        let value = match (&cursor.value, self.key) {
            (Some(serde_json::Value::String(title)), SortKey::Title) => Func::lower(Expr::val(title.as_str())).into(),
            (Some(serde_json::Value::Number(n)), SortKey::Updated | SortKey::Started) => {
                Expr::val(n.as_i64().ok_or_else(page::bad_cursor)?)
            }
            _ => return Err(page::bad_cursor()),
        };
        let same = Condition::all().add(expr.clone().eq(value.clone())).add(by_id);
        Ok(Condition::any().add(past(expr, value)).add(same))
    }
}

/// The conversations of a class that the actor may read; for a former member, own ones while the farewell lasts.
///
/// # Errors
/// [`crate::Error::NotFound`] for outsiders; [`crate::Error::Invalid`] for a cursor of another order.
pub async fn list(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    filter: Filter,
    sort: Sort,
    page: PageRequest,
) -> Result<Page<ConversationView>> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let standing = Standing::of(&db, &actor, class).await?;
        page_of(&db, &actor, &standing, filter, sort, &page).await
    })
    .await
}

/// A page of a class's conversations with what a reader has to know beside them.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The class and the viewer's membership.
    pub standing: Standing,
    /// How many people are in the class; not asked where there is no conversation they could read.
    pub audience: Audience,
    /// The conversations.
    pub page: Page<ConversationView>,
    /// What was flagged and waits for the viewer to look at it; not asked where there is no conversation.
    pub flags: u64,
    /// The newest invitation for students that is still good, where there is no conversation yet, for who may invite.
    pub way_in: Option<invite::Model>,
}

/// The conversations of a class as [`list`] gives them, the class, and how many people read what is shared in it.
///
/// # Errors
/// Those of [`list`].
pub async fn shelf(
    db: &Db,
    actor: &Actor,
    class: ClassId,
    filter: Filter,
    sort: Sort,
    page: PageRequest,
) -> Result<Shelf> {
    let actor = actor.clone();
    db.read(move |db| async move {
        let standing = Standing::of(&db, &actor, class).await?;
        let page = page_of(&db, &actor, &standing, filter, sort, &page).await?;
        if !page.items.is_empty() {
            let (audience, flags) = match standing.is_member() && allows(standing.enrolment.role, Right::Moderate) {
                true => count_beside(&db, class, flag::waiting(&actor, class)).await?,
                false => (count(&db, class).await?, 0),
            };
            return Ok(Shelf { audience, standing, page, flags, way_in: None });
        }
        let way_in = if standing.may(Right::ManageMembers) { way_in(&db, class, actor.at).await? } else { None };
        Ok(Shelf { audience: Audience::default(), standing, page, flags: 0, way_in })
    })
    .await
}

async fn way_in(db: &impl ConnectionTrait, class: ClassId, at: Moment) -> Result<Option<invite::Model>> {
    let lasts = Condition::any().add(invite::COLUMN.expires_at.is_null()).add(invite::COLUMN.expires_at.gt(at));
    let room = Expr::col(invite::Column::Uses).lt(Expr::col(invite::Column::MaxUses));
    let good = invite::Entity::in_class(class)
        .filter(invite::COLUMN.role.eq(enrolment::Role::Student))
        .filter(lasts)
        .filter(Condition::any().add(invite::COLUMN.max_uses.is_null()).add(room));
    Ok(good.order_by_desc(invite::Column::Id).one(db).await?)
}

async fn page_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    standing: &Standing,
    filter: Filter,
    sort: Sort,
    page: &PageRequest,
) -> Result<Page<ConversationView>> {
    let (class, role) = (&standing.class, standing.role());
    // Whoever knows the sections would know who is behind a made-up name.
    if filter.section.is_some() && !sees_names(class, role) {
        return Err(Error::Forbidden(Denial::Role));
    }
    let owner = match filter.author {
        None => None,
        Some(AuthorFilter::Me) => Some(actor.user),
        Some(AuthorFilter::Member(id)) => Some(meant(db, actor, role, class, id).await?),
    };
    let mut query = conversation::Entity::visible_to(actor.user, actor.at)
        .filter(conversation::COLUMN.class_id.eq(class.id))
        .filter(filter.condition(owner, class.id));
    if let Some(cursor) = &page.after {
        query = query.filter(sort.beyond(cursor)?);
    }
    let order = if sort.descending { Order::Desc } else { Order::Asc };
    if let Some(expr) = sort.expr() {
        query = query.order_by(expr, order.clone());
    }
    let found = rows(db, query.order_by(conversation::Column::Id, order).limit(page.limit + 1)).await?;
    let place = |row: &Row| {
        let row = &row.conversation;
        Cursor { order: sort.name(), value: sort.value(row), id: row.id.0 }
    };
    let page = Page::cut(found, page.limit, place);
    let items = views(db, actor, page.items).await?;
    Ok(Page { items, next: page.next })
}

impl Filter {
    fn condition(self, owner: Option<UserId>, class: ClassId) -> Condition {
        let Self { author: _, visibility, platform, section, model, updated_since, words } = self;
        Condition::all()
            .add_option(owner.map(|owner| conversation::COLUMN.owner_id.eq(owner)))
            .add_option(visibility.map(|v| conversation::COLUMN.visibility.eq(v)))
            .add_option(platform.map(|p| conversation::COLUMN.platform.eq(p)))
            .add_option(section.map(|section| {
                let there = Query::select()
                    .column(enrolment::Column::UserId)
                    .from(enrolment::Entity)
                    .and_where(enrolment::COLUMN.class_id.eq(class))
                    .and_where(enrolment::COLUMN.section.eq(section))
                    .and_where(enrolment::COLUMN.state.eq(State::Active))
                    .to_owned();
                Expr::col((conversation::Entity, conversation::Column::OwnerId)).in_subquery(there)
            }))
            .add_option(model.map(|model| {
                let answered = Query::select()
                    .expr(Expr::val(1))
                    .from(message::Entity)
                    .and_where(
                        Expr::col((message::Entity, message::Column::ConversationId))
                            .equals((conversation::Entity, conversation::Column::Id)),
                    )
                    .and_where(message::COLUMN.model.eq(model.clone()))
                    .and_where(message::COLUMN.confidential.eq(false))
                    .to_owned();
                conversation::COLUMN.model.eq(model).or(Expr::exists(answered))
            }))
            .add_option(updated_since.map(|at| conversation::COLUMN.updated_at.gte(at)))
            .add_option(words.filter(|words| !words.trim().is_empty()).map(|words| titled(&words)))
    }
}

/// The conversations with these words in the title.
fn titled(words: &str) -> Condition {
    holding(|| Expr::col((conversation::Entity, conversation::Column::Title)), words)
}

/// Whether a text holds these words, in any case. SQLite folds the case of ASCII letters alone, so words are also looked
/// for as they are typed and in capitals.
pub(crate) fn holding(text: impl Fn() -> SimpleExpr, words: &str) -> Condition {
    let words: String = words.nfc().collect();
    Condition::any()
        .add(Expr::from(Func::lower(text())).like(containing(&words.to_lowercase())))
        .add(text().like(containing(&words)))
        .add(text().like(containing(&words.to_uppercase())))
}

/// A pattern for text that holds `words` as they are: `%` and `_` mean themselves.
fn containing(words: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in words.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
