//! A conversation as it is read: one path through its messages, as HTML, with the ways it could go beside it.

mod tree;

use entity::{ConversationId, MessageId, annotation, message, reader, rendering::RenderedPart};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use tracing::warn;

use tree::Tree;
pub use tree::{Fork, Node, Onward, PAGE};

use crate::{
    Actor, Db, Error, Result,
    conversation::{About, about_in},
    rendering::{self, Renderer},
    session::NOTED_WITHIN,
};

/// Which way through a conversation, and which page of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Through the message with this number; the way its platform shows if not said.
    pub through: Option<u32>,
    /// The page, from 1; the one with that message if not said.
    pub page: Option<usize>,
    /// Whether its owner wants to see what the others see of it.
    pub as_others: bool,
}

/// What somebody reads.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The conversation and what is around it.
    pub about: About,
    /// The messages of this page, in their order.
    pub messages: Vec<Shown>,
    /// What was asked, on every page of this way.
    pub prompts: Vec<Prompt>,
    /// First and last number of each page.
    pub pages: Vec<(u32, u32)>,
    /// Which page this is, from 1.
    pub page: usize,
    /// Where the conversation went on, if this way is another one; on its last page.
    pub onward: Option<Onward>,
}

/// A message on a page.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The message.
    pub node: Node,
    /// The ways that lead elsewhere here.
    pub fork: Option<Fork>,
    /// The messages on those ways, with their numbers.
    pub elsewhere: Vec<(MessageId, u32)>,
    /// What it says.
    pub parts: Vec<RenderedPart>,
}

/// A question, for the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The number of its message.
    pub number: u32,
    /// On which page it stands, from 1.
    pub page: usize,
    /// How it begins.
    pub opening: String,
}

/// One conversation with the messages of one page of one way through it, in four statements however long it is, two more
/// when messages were never rendered before, and one at the end of a way that the conversation did not go. Who reads another's for the first time is noted.
///
/// # Errors
/// [`Error::NotFound`] unless the actor, or whom it is read as, may read it, and for a number or a page that it does not
/// have.
pub async fn read(db: &Db, renderer: &Renderer, actor: &Actor, id: ConversationId, way: Way) -> Result<Reading> {
    let reader = actor.clone();
    let (about, tree) = db
        .read(move |db| async move {
            let mut about = about_in(&db, &reader, id).await?;
            if way.as_others {
                about = about.seen_by_others()?;
            }
            Ok((about, Tree::new(nodes(&db, id).await?)))
        })
        .await?;
    let path = tree.path(way.through, about.mine).ok_or(Error::NotFound)?;
    let pages = tree::pages(path.len());
    let holds = |node: &&Node| Some(node.number()) == way.through && !node.confidential;
    let asked = path.iter().position(holds).unwrap_or(0);
    let page = way.page.unwrap_or(asked / PAGE + 1);
    let range = page.checked_sub(1).and_then(|before| pages.get(before)).ok_or(Error::NotFound)?;
    let here = path.get(range.clone()).unwrap_or_default();
    let wanted: Vec<(MessageId, i32)> = here.iter().map(|node| (node.id, node.version)).collect();
    let mut rendered = rendering::of(db, renderer, &wanted, about.mine).await?;
    let shown = |node: &&Node| {
        let parts = rendered.remove(&node.id)?.0;
        Some(Shown { node: (*node).clone(), fork: tree.fork(node), elsewhere: tree.elsewhere(node), parts })
    };
    let messages = here.iter().filter_map(shown).collect();
    let ends = |range: &std::ops::Range<usize>| {
        let some = path.get(range.clone()).unwrap_or_default();
        Some((some.first()?.number(), some.last()?.number()))
    };
    if !(about.mine || about.noted || way.as_others) {
        note(db, actor, id).await;
    }
    let onward = if page == pages.len() { tree.onward(&path) } else { None };
    let onward = match onward {
        Some(onward) if !way.as_others => Some(onward.marked(db, actor, id).await?),
        other => other,
    };
    let prompts = path.iter().enumerate().filter_map(|(at, node)| prompt(node, at / PAGE + 1)).collect();
    Ok(Reading { messages, prompts, pages: pages.iter().filter_map(ends).collect(), page, onward, about })
}

impl Onward {
    /// With the marks that the actor sees of its messages.
    async fn marked(mut self, db: &Db, actor: &Actor, id: ConversationId) -> Result<Self> {
        let actor = actor.clone();
        let visible = annotation::Entity::visible_to(actor.user, actor.at);
        let marked: Vec<Option<MessageId>> = db
            .read(move |db| async move {
                let here = visible.filter(annotation::COLUMN.conversation_id.eq(id));
                Ok(here.select_only().column(annotation::Column::MessageId).into_tuple().all(&db).await?)
            })
            .await?;
        self.marks = marked.into_iter().flatten().filter(|on| self.ids.contains(on)).count();
        Ok(self)
    }
}

/// Notes that the actor read it. Nobody waits long for that, and reading does not depend on it.
async fn note(db: &Db, actor: &Actor, id: ConversationId) {
    let row = reader::ActiveModel { conversation_id: Set(id), user_id: Set(actor.user), created_at: Set(actor.at) };
    let noting = db.write(move |tx| async move {
        let once = OnConflict::new().do_nothing().to_owned();
        Ok(reader::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await?)
    });
    if let Ok(Err(error)) = tokio::time::timeout(NOTED_WITHIN, noting).await {
        warn!(cause = error.name(), "that somebody read a conversation was not noted");
    }
}

/// All messages in reading order, without their words.
async fn nodes(db: &impl ConnectionTrait, id: ConversationId) -> Result<Vec<Node>> {
    Ok(message::Entity::in_conversation(id).into_partial_model::<Node>().all(db).await?)
}

/// The messages of the way that its platform shows, one after the other, as far as people and models say something in
/// them. In one statement.
pub(crate) async fn slides(db: &impl ConnectionTrait, id: ConversationId) -> Result<Vec<Node>> {
    let tree = Tree::new(nodes(db, id).await?);
    let path = tree.path(None, false).unwrap_or_default();
    Ok(path.into_iter().filter(|node| node.is_said()).cloned().collect())
}

fn prompt(node: &Node, page: usize) -> Option<Prompt> {
    let opening = node.opening.as_deref().unwrap_or_default().lines().map(str::trim).find(|line| !line.is_empty());
    node.is_question().then(|| Prompt { number: node.number(), page, opening: opening.unwrap_or_default().to_owned() })
}
