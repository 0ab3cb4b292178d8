//! One conversation of an import: stored, grown, or known already.

use std::{collections::HashMap, sync::Arc};

use entity::{
    ConversationId, ImportId, MessageId, conversation, conversation_source,
    message::{self, Parts},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    Imported, Preview, Ready, Request, Skipped, hex, marks,
    seen::{Plan, Seen, digest},
};
use crate::{
    Actor, Db, Error, Result,
    access::{Membership, Right},
    feed::{self, Kind, Turn},
    message::{heard_by, insert_all, is_confidential, path, show_path, visible_text},
    transcript::{Glance, ParsedMessage},
};

/// What became of one conversation.
pub(super) enum Stored {
    /// It was stored, or took new messages in.
    New(Imported),
    /// It was here already.
    Known(Skipped),
}

/// Stores one conversation in a unit of work of its own.
pub(super) async fn store(db: &Db, actor: &Actor, request: &Request, import: ImportId, ready: Ready) -> Result<Stored> {
    let (actor, request, ready) = (actor.clone(), request.clone(), Arc::new(ready));
    db.write_in_turn_as(&actor.clone(), move |tx| async move {
        let mut turn = feed::turn(&*tx, request.class, actor.at).await?;
        // Rights are read again with each conversation: a long import ends with the membership.
        let member = Membership::of(&*tx, &actor, request.class).await?;
        member.may(Right::Contribute)?;
        member.is_running()?;
        let identity = Identity::of(&*tx, &actor, &ready).await?;
        let known = Known::find(&*tx, &actor, &request, &ready, &identity).await?;
        if let Some(skipped) = known.as_ref().and_then(|known| known.seen.skip(&ready)) {
            return Ok(Stored::Known(skipped));
        }
        Ok(Stored::New(match known {
            None => insert(&*tx, &actor, &request, (import, identity), &ready, &mut turn).await?,
            Some(known) => known.grow(&*tx, &actor, &request, &ready, &mut turn).await?,
        }))
    })
    .await
}

/// Says what [`store`] would do, after all that was planned before.
pub(super) async fn rehearse(
    db: &Db,
    actor: &Actor,
    request: &Request,
    plan: &mut Plan,
    ready: Ready,
) -> Result<Stored> {
    let ready = Arc::new(ready);
    let (actor, asked, read) = (actor.clone(), request.clone(), Arc::clone(&ready));
    let (key, found) = db
        .read(move |db| async move {
            let identity = Identity::of(&db, &actor, &read).await?;
            let known = Known::find(&db, &actor, &asked, &read, &identity).await?;
            Ok((identity.key, known.map(|known| known.seen)))
        })
        .await?;
    let name = (format!("{:?}", ready.platform()), key);
    let known = plan.0.remove(&name).or(found);
    let preview = Some(preview(&ready));
    let stored = if let Some(skipped) = known.as_ref().and_then(|known| known.skip(&ready)) {
        Stored::Known(Skipped { preview, ..skipped })
    } else {
        let messages = known.as_ref().map_or(ready.parsed.messages.len(), |known| known.unseen(&ready).count());
        let mut line = line(&ready, known.as_ref().and_then(|known| known.id), messages, known.is_some());
        let notes = match (&known, &ready.parsed.marks) {
            (Some(known), _) => known.notes(request, &ready),
            (None, Some(marks)) => marks::held(marks).into_iter().collect(),
            (None, None) => Vec::new(),
        };
        line.notes.splice(0..0, notes);
        Stored::New(Imported { preview, ..line })
    };
    let mut seen = known.unwrap_or_else(|| Seen::planned(request));
    if matches!(stored, Stored::New(_)) {
        seen.take(&ready);
    }
    plan.0.insert(name, seen);
    Ok(stored)
}

fn preview(ready: &Ready) -> Preview {
    let parsed = &ready.parsed;
    Preview {
        platform: ready.platform(),
        format: ready.format,
        started_at: parsed.started_at,
        updated_at: parsed.updated_at,
        glance: Glance::of(parsed),
    }
}

fn line(ready: &Ready, id: Option<ConversationId>, messages: usize, updated: bool) -> Imported {
    Imported {
        index: ready.index,
        id,
        source_id: ready.parsed.source_id.clone(),
        title: ready.parsed.title.clone(),
        messages,
        updated,
        notes: ready.parsed.notes.clone(),
        file: ready.file.clone(),
        visibility: None,
        preview: None,
    }
}

async fn insert(
    db: &impl ConnectionTrait,
    actor: &Actor,
    request: &Request,
    (import, identity): (ImportId, Identity),
    ready: &Ready,
    turn: &mut Turn,
) -> Result<Imported> {
    let id = ConversationId::new();
    let ids = fresh_ids(ready);
    let parsed = &ready.parsed;
    let row = conversation::ActiveModel {
        id: Set(id),
        class_id: Set(request.class),
        owner_id: Set(actor.user),
        created_by: Set(Some(actor.user)),
        import_id: Set(Some(import)),
        title: Set(parsed.title.clone()),
        visibility: Set(request.visibility),
        platform: Set(ready.platform()),
        source_id: Set(parsed.source_id.clone()),
        source_key: Set(Some(identity.key)),
        model: Set(parsed.model.clone()),
        started_at: Set(parsed.started_at),
        source_updated_at: Set(parsed.updated_at),
        leaf_id: Set(parsed.leaf.and_then(|leaf| ids.get(leaf).copied())),
        created_at: Set(actor.at),
        updated_at: Set(actor.at),
        deleted_at: Set(None),
        version: Set(1),
    };
    // The same conversation came in by another import meanwhile: start again and find it.
    row.insert(db).await.map_err(|e| Error::on_unique(e, || Error::Contention))?;
    insert_all(db, rows(id, ready, &ids, |_| true, 0, actor)).await?;
    source(id, ready, actor).insert(db).await?;
    let mut line = line(ready, Some(id), parsed.messages.len(), false);
    if let Some(marks) = &parsed.marks {
        let into =
            marks::Into { actor, class: request.class, conversation: id, messages: &ids, sealed: identity.sealed };
        line.notes.splice(0..0, marks::store(db, &into, turn, marks).await?);
    }
    turn.conversation(db, Kind::ConversationCreated, (id, actor.user), request.visibility).await?;
    Ok(line)
}

/// An id for each message of a parsed conversation.
fn fresh_ids(ready: &Ready) -> Vec<MessageId> {
    let all = &ready.parsed.messages;
    let left = (0..u64::try_from(all.len()).unwrap_or(u64::MAX)).rev();
    let id = |(message, left): (&ParsedMessage, u64)| {
        if is_confidential(&message.parts) { MessageId::unseen(left) } else { MessageId::new() }
    };
    all.iter().zip(left).map(id).collect()
}

fn source(id: ConversationId, ready: &Ready, actor: &Actor) -> conversation_source::ActiveModel {
    let media_type = match ready.format {
        crate::transcript::Format::Text => "text/plain",
        crate::transcript::Format::Page(_) => "text/html",
        crate::transcript::Format::Colloquium
        | crate::transcript::Format::Chatgpt
        | crate::transcript::Format::Claude => "application/json",
    };
    conversation_source::ActiveModel {
        conversation_id: Set(id),
        hash: Set(ready.hash.clone()),
        body: Set(ready.packed.clone()),
        bytes: Set(ready.bytes),
        media_type: Set(media_type.to_owned()),
        created_at: Set(actor.at),
    }
}

/// Those messages of a parsed conversation that `wanted` picks by index, ready to insert; `ids` names all of them.
fn rows(
    id: ConversationId,
    ready: &Ready,
    ids: &[MessageId],
    wanted: impl Fn(usize) -> bool,
    mut position: i32,
    actor: &Actor,
) -> Vec<message::ActiveModel> {
    let mut rows = Vec::new();
    for (index, parsed) in ready.parsed.messages.iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let Some(own) = ids.get(index) else { continue };
        let confidential = is_confidential(&parsed.parts);
        rows.push(message::ActiveModel {
            id: Set(*own),
            conversation_id: Set(id),
            parent_id: Set(parsed.parent.and_then(|parent| ids.get(parent).copied())),
            position: Set(position),
            source_id: Set(parsed.source_id.clone()),
            role: Set(parsed.role),
            model: Set(parsed.model.clone()),
            created_at: Set(parsed.created_at),
            hidden: Set(parsed.hidden),
            on_path: Set(parsed.on_path),
            confidential: Set(confidential),
            content: Set(visible_text(&parsed.parts)),
            parts: Set(Parts(parsed.parts.clone())),
            added_at: Set(actor.at),
            version: Set(1),
        });
        if !confidential {
            position = position.saturating_add(1);
        }
    }
    rows
}

/// A message's id, parent, id in the source, whether it is confidential, position, and its words.
type Place = (MessageId, Option<MessageId>, Option<String>, bool, i32, String);

/// The messages by their ids in the source; for an export of this server also by those they have here.
fn by_name(messages: &[Place], exported: bool) -> impl Iterator<Item = (String, &Place)> {
    messages.iter().flat_map(move |place| {
        let own = exported.then(|| place.0.to_string());
        own.into_iter().chain(place.2.clone()).map(move |name| (name, place))
    })
}

/// What makes it the same conversation when it comes again.
struct Identity {
    key: String,
    /// The ids its file says it has here.
    here: Vec<ConversationId>,
    /// Whether its file is an export of this server to the actor, unchanged.
    sealed: bool,
}

impl Identity {
    /// An export of this server is believed only with its seal: others know the ids of what they may read, and could add
    /// words to somebody's conversation by a file that they hand over. Without it only the very same file is the same.
    async fn of(db: &impl ConnectionTrait, actor: &Actor, ready: &Ready) -> Result<Self> {
        let key = ready.key.clone();
        let Some(marks) = &ready.parsed.marks else { return Ok(Self { key, here: Vec::new(), sealed: false }) };
        Ok(match marks::is_sealed(db, actor, marks).await? {
            true => Self { key, here: marks.conversations.clone(), sealed: true },
            false => Self { key: hex(&ready.hash), here: Vec::new(), sealed: false },
        })
    }
}

/// A conversation that is here already, with what is needed to let it grow.
struct Known {
    row: conversation::Model,
    seen: Seen,
    messages: HashMap<String, MessageId>,
    parents: HashMap<MessageId, Option<MessageId>>,
    next: i32,
}

impl Known {
    async fn find(
        db: &impl ConnectionTrait,
        actor: &Actor,
        request: &Request,
        ready: &Ready,
        Identity { key, here, .. }: &Identity,
    ) -> Result<Option<Self>> {
        let same = Condition::all()
            .add(conversation::COLUMN.platform.eq(ready.platform()))
            .add(conversation::COLUMN.source_key.eq(key.clone()));
        let row = conversation::Entity::owned_by(actor.user, request.class)
            .filter(Condition::any().add(same).add(conversation::COLUMN.id.is_in(here.clone())))
            .order_by_asc(conversation::Column::Id)
            .one(db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let hash: Option<Vec<u8>> = conversation_source::Entity::find_by_id(row.id)
            .select_only()
            .column(conversation_source::Column::Hash)
            .into_tuple()
            .one(db)
            .await?;
        // Of the very same file nothing can be new.
        let same = hash.as_ref() == Some(&ready.hash);
        let messages: Vec<Place> = if same { Vec::new() } else { places(db, row.id).await? };
        let exported = !here.is_empty();
        let seen = Seen {
            id: Some(row.id),
            visibility: row.visibility,
            hash,
            words: by_name(&messages, exported).map(|(name, place)| (name, digest(&place.5))).collect(),
        };
        let counted = messages.iter().filter(|(_, _, _, confidential, ..)| !confidential);
        Ok(Some(Self {
            row,
            seen,
            next: counted.map(|(.., position, _)| position.saturating_add(1)).max().unwrap_or(0),
            parents: messages.iter().map(|(id, parent, ..)| (*id, *parent)).collect(),
            messages: by_name(&messages, exported).map(|(name, place)| (name, place.0)).collect(),
        }))
    }

    /// Takes the new messages in; ids, titles and what people did to the rest stay.
    async fn grow(
        self,
        db: &impl ConnectionTrait,
        actor: &Actor,
        request: &Request,
        ready: &Ready,
        turn: &mut Turn,
    ) -> Result<Imported> {
        let unseen: Vec<usize> = self.seen.unseen(ready).collect();
        let notes = self.seen.notes(request, ready);
        let parsed = &ready.parsed;
        let known = |source: &Option<String>| source.as_ref().and_then(|id| self.messages.get(id)).copied();
        let ids: Vec<MessageId> =
            parsed.messages.iter().zip(fresh_ids(ready)).map(|(m, new)| known(&m.source_id).unwrap_or(new)).collect();
        let id = self.row.id;
        let new = rows(id, ready, &ids, |index| unseen.binary_search(&index).is_ok(), self.next, actor);
        insert_all(db, new).await?;
        let mut parents = self.parents;
        for index in &unseen {
            if let (Some(own), Some(message)) = (ids.get(*index), parsed.messages.get(*index)) {
                parents.insert(*own, message.parent.and_then(|parent| ids.get(parent).copied()));
            }
        }
        let leaf = parsed.leaf.and_then(|leaf| ids.get(leaf).copied()).or(self.row.leaf_id);
        show_path(db, id, &path(&parents, leaf)).await?;
        // One that was written by hand has none.
        match self.seen.hash {
            Some(_) => drop(source(id, ready, actor).update(db).await?),
            None => drop(source(id, ready, actor).insert(db).await?),
        }
        let (version, visibility) = (self.row.version, self.row.visibility);
        let mut row = self.row.into_active_model();
        row.leaf_id = Set(leaf);
        row.source_updated_at = Set(parsed.updated_at);
        row.updated_at = Set(actor.at);
        row.version = Set(version.saturating_add(1));
        row.update(db).await?;
        let added = unseen.iter().filter_map(|index| parsed.messages.get(*index)).map(|message| &message.parts);
        turn.conversation(db, Kind::MessageAdded, (id, actor.user), heard_by(visibility, added)).await?;
        let mut line = line(ready, Some(id), unseen.len(), true);
        line.notes.splice(0..0, notes);
        Ok(line)
    }
}

/// The messages of a conversation, with their words.
async fn places(db: &impl ConnectionTrait, id: ConversationId) -> Result<Vec<Place>> {
    let rows = message::Entity::in_conversation(id)
        .select_only()
        .columns([
            message::Column::Id,
            message::Column::ParentId,
            message::Column::SourceId,
            message::Column::Confidential,
            message::Column::Position,
            message::Column::Content,
        ])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}
