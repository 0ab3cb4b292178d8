//! A conversation as one reader may see it, read a page at a time, by the same use cases as everywhere.

use std::collections::VecDeque;

use entity::{AnnotationId, ConversationId, MessageId, message};

use crate::{
    Actor, Db, Result,
    annotation::{self, AnnotationView, Filter, Sort},
    comment::{self, CommentView},
    page::{self, Cursor, Page, PageRequest},
};

/// Where one stands in a list.
enum Place {
    Page(Option<Cursor>),
    Over,
}

impl Place {
    fn request(&mut self) -> Option<PageRequest> {
        match std::mem::replace(self, Self::Over) {
            Self::Page(after) => Some(PageRequest { limit: page::MAX, after }),
            Self::Over => None,
        }
    }

    fn went<T>(&mut self, page: Page<T>) -> Vec<T> {
        if page.next.is_some() {
            *self = Self::Page(page.next);
        }
        page.items
    }
}

/// Bytes of messages that are in memory at once, as their parts are stored; one message may be more.
const HELD: i64 = 4 << 20;

/// The messages of all branches, in reading order.
pub(super) struct Messages {
    db: Db,
    actor: Actor,
    id: ConversationId,
    with_own: bool,
    after: Option<Cursor>,
    /// How large the next ones are.
    sizes: VecDeque<i32>,
}

impl Messages {
    /// With what is their owner's alone, if that is who reads.
    pub(super) fn of(db: &Db, actor: &Actor, id: ConversationId) -> Self {
        let (db, actor) = (db.clone(), actor.clone());
        Self { db, actor, id, with_own: true, after: None, sizes: VecDeque::new() }
    }

    /// As everybody sees them who may read the conversation.
    pub(super) fn shared(db: &Db, actor: &Actor, id: ConversationId) -> Self {
        Self { with_own: false, ..Self::of(db, actor, id) }
    }

    /// The next page; empty at the end.
    pub(super) async fn page(&mut self) -> Result<Vec<message::Model>> {
        let Self { db, actor, id, with_own, after, sizes } = self;
        if sizes.is_empty() {
            *sizes = crate::message::sizes(db, actor, *id, after.clone(), *with_own).await?.into();
        }
        let count = fitting(sizes);
        if count == 0 {
            return Ok(Vec::new());
        }
        let page = crate::message::next(db, actor, *id, after.clone(), count, *with_own).await?;
        *after = page.last().map(crate::message::place);
        Ok(page)
    }
}

/// Takes as many as are held at once, one at least.
fn fitting(sizes: &mut VecDeque<i32>) -> u64 {
    let (mut left, mut count) = (HELD, 0);
    while let Some(size) = sizes.pop_front_if(|size| count == 0 || i64::from(*size) <= left) {
        left = left.saturating_sub(i64::from(size));
        count += 1;
    }
    count
}

/// The marks, in one order.
pub(super) struct Marks {
    db: Db,
    actor: Actor,
    id: ConversationId,
    sort: Sort,
    place: Place,
    read: VecDeque<AnnotationView>,
}

impl Marks {
    pub(super) fn of(db: &Db, actor: &Actor, id: ConversationId, sort: Sort) -> Self {
        let (db, actor) = (db.clone(), actor.clone());
        Self { db, actor, id, sort, place: Place::Page(None), read: VecDeque::new() }
    }

    async fn fill(&mut self) -> Result<()> {
        if self.read.is_empty()
            && let Some(request) = self.place.request()
        {
            let page = annotation::list(&self.db, &self.actor, self.id, Filter::default(), self.sort, request).await?;
            self.read = self.place.went(page).into();
        }
        Ok(())
    }

    /// The next one; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<AnnotationView>> {
        self.fill().await?;
        Ok(self.read.pop_front())
    }

    /// The next one if it is on this message, or on the conversation for none.
    pub(super) async fn next_on(&mut self, message: Option<MessageId>) -> Result<Option<AnnotationView>> {
        self.fill().await?;
        Ok(self.read.pop_front_if(|view| view.annotation.message_id == message))
    }

    /// The thread below one of them.
    pub(super) fn thread(&self, mark: &AnnotationView) -> Thread {
        // Places that are kept for the sake of answers nobody may read say nothing.
        let place = if mark.comments > 0 { Place::Page(None) } else { Place::Over };
        Thread { db: self.db.clone(), actor: self.actor.clone(), above: mark.annotation.id, place }
    }
}

/// The comments below a mark, as they were written.
pub(super) struct Thread {
    db: Db,
    actor: Actor,
    above: AnnotationId,
    place: Place,
}

impl Thread {
    /// The next page; empty at the end.
    pub(super) async fn page(&mut self) -> Result<Vec<CommentView>> {
        let Some(request) = self.place.request() else { return Ok(Vec::new()) };
        let page = comment::list(&self.db, &self.actor, self.above, request).await?;
        Ok(self.place.went(page))
    }
}
