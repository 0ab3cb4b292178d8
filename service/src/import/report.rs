//! What an import did, as it is answered, and as it is kept.

use std::collections::HashMap;

use entity::{
    ClassId, ConversationId, ImportId, Moment, UserId,
    conversation::{self, Platform, Visibility},
    import::{self, Report as Stored},
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Mishap, Result,
    transcript::{Format, Glance},
};

/// Keys in one statement: far below what an engine takes.
const BATCH: usize = 5_000;

/// What an import did, one line a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The import, at which the report stays; none in a dry run, or when there was nothing to report on.
    #[serde(skip)]
    pub id: Option<ImportId>,
    /// Stored, or in a dry run to be stored.
    pub imported: Vec<Imported>,
    /// Here already.
    pub skipped: Vec<Skipped>,
    /// Not readable.
    pub failed: Vec<Failed>,
    /// What is to be said of the whole, such as how many files held no conversations.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Report {
    /// Whether anything of what was sent is here now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.imported.is_empty() && self.skipped.is_empty()
    }

    /// What is kept of it: nothing that says what a conversation is about. Titles and ids in the source are read from the
    /// conversations again, and are gone with them; a file that held one conversation alone may be named after it.
    pub(super) fn to_store(&self) -> Result<Stored> {
        let mut kept = self.clone();
        let mut files: HashMap<String, usize> = HashMap::new();
        let imported = self.imported.iter().map(|line| &line.file);
        let skipped = self.skipped.iter().map(|line| &line.file);
        for file in imported.chain(skipped).flatten() {
            *files.entry(file.clone()).or_default() += 1;
        }
        let of_several = |file: &String| files.get(file).is_some_and(|count| *count > 1);
        for line in &mut kept.imported {
            (line.title, line.source_id, line.file) = (None, None, line.file.take().filter(of_several));
        }
        for line in &mut kept.skipped {
            (line.title, line.source_id, line.file) = (None, None, line.file.take().filter(of_several));
        }
        Ok(Stored(serde_json::to_value(&kept).map_err(|_| Error::Mishap(Mishap::Stored))?))
    }

    /// The one that was kept, with what its owner's conversations are called now. Lines of those that are gone stay
    /// without a title.
    pub(super) async fn from_stored(
        db: &impl ConnectionTrait,
        owner: UserId,
        id: ImportId,
        stored: Stored,
    ) -> Result<Self> {
        let report: Self = serde_json::from_value(stored.0).map_err(|_| Error::Mishap(Mishap::Stored))?;
        let mut report = Self { id: Some(id), ..report };
        let skipped = report.skipped.iter().filter_map(|line| line.id);
        let ids: Vec<ConversationId> = report.imported.iter().filter_map(|line| line.id).chain(skipped).collect();
        let mut known: HashMap<ConversationId, (Visibility, Option<String>, Option<String>)> = HashMap::new();
        for some in ids.chunks(BATCH) {
            let rows: Vec<(ConversationId, Visibility, Option<String>, Option<String>)> = conversation::Entity::find()
                .filter(conversation::COLUMN.owner_id.eq(owner))
                .filter(conversation::COLUMN.id.is_in(some.iter().copied()))
                .select_only()
                .columns([conversation::Column::Id, conversation::Column::Visibility])
                .columns([conversation::Column::Title, conversation::Column::SourceId])
                .into_tuple()
                .all(db)
                .await?;
            known.extend(rows.into_iter().map(|(id, visibility, title, source)| (id, (visibility, title, source))));
        }
        for line in &mut report.imported {
            let Some((visibility, title, source)) = line.id.and_then(|id| known.get(&id).cloned()) else { continue };
            (line.visibility, line.title, line.source_id) = (Some(visibility), title, source);
        }
        for line in &mut report.skipped {
            let Some((visibility, title, source)) = line.id.and_then(|id| known.get(&id).cloned()) else { continue };
            (line.visibility, line.title, line.source_id) = (Some(visibility), title, source);
        }
        Ok(report)
    }
}

/// Forgets in what was kept of a person's imports whatever names this conversation: it may have failed to come in before,
/// under the same title.
pub(crate) async fn forget(db: &impl ConnectionTrait, conversation: &conversation::Model) -> Result<()> {
    let (owner, class): (UserId, ClassId) = (conversation.owner_id, conversation.class_id);
    let names_one = Expr::col(import::Column::Report).cast_as("text").like("%\"title\"%");
    let rows: Vec<(ImportId, Stored)> = import::Entity::made_by(owner)
        .filter(import::COLUMN.class_id.eq(class))
        .filter(names_one)
        .select_only()
        .columns([import::Column::Id, import::Column::Report])
        .into_tuple()
        .all(db)
        .await?;
    for (id, stored) in rows {
        let Ok(report) = serde_json::from_value::<Report>(stored.0.clone()) else { continue };
        let mut kept = report.clone();
        for line in &mut kept.failed {
            if line.title == conversation.title {
                (line.title, line.file) = (None, None);
            }
        }
        let kept = kept.to_store()?;
        if kept != stored {
            let row = import::ActiveModel { id: Set(id), report: Set(kept), ..Default::default() };
            row.update(db).await?;
        }
    }
    Ok(())
}

/// A conversation that was stored, or grew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Its place in what was sent, from 0.
    pub index: usize,
    /// The conversation here; none in a dry run, unless it would grow.
    pub id: Option<ConversationId>,
    /// Its id in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Its title in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Messages added.
    pub messages: usize,
    /// It was here already and took new messages in.
    pub updated: bool,
    /// What was mended or left out.
    pub notes: Vec<String>,
    /// The file it is from, where files have names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How far it is shared now; none once it was deleted.
    #[serde(skip)]
    pub visibility: Option<Visibility>,
    /// How it looks; in a dry run alone, so that no words of it are kept with the report.
    #[serde(skip)]
    pub preview: Option<Preview>,
}

/// How a conversation looks before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Where it comes from.
    pub platform: Platform,
    /// What it came as.
    pub format: Format,
    /// When it began, as the source says.
    pub started_at: Option<Moment>,
    /// When it last changed, as the source says.
    pub updated_at: Option<Moment>,
    /// Its visible path.
    pub glance: Glance,
}

/// A conversation that was here already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its place in what was sent, from 0.
    pub index: usize,
    /// The conversation here; none in a dry run for one that comes again in what was sent and is not here yet.
    pub id: Option<ConversationId>,
    /// Its id in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Its title in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why.
    pub reason: String,
    /// The file it is from, where files have names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How far it is shared now; none once it was deleted.
    #[serde(skip)]
    pub visibility: Option<Visibility>,
    /// How it looks; in a dry run alone.
    #[serde(skip)]
    pub preview: Option<Preview>,
}

/// A conversation that could not be read, or was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its place in what was sent, from 0; none for a selected one that is not in the file.
    pub index: Option<usize>,
    /// Its title, as far as it could be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What was expected and what was found.
    pub reason: String,
    /// The file it is from, where files have names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
