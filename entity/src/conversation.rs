//! A conversation with an AI.

use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Query, SelectStatement},
};
use time::Duration;

use crate::{ClassId, ConversationId, ImportId, MessageId, Moment, UserId, class, enrolment};

/// Who may read a conversation besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Visibility {
    /// Nobody.
    Private,
    /// Owner, instructors and tutors of the class.
    Staff,
    /// Every active member of the class.
    Class,
}

/// Where a conversation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Platform {
    /// A ChatGPT export.
    Chatgpt,
    /// A Claude export.
    Claude,
    /// Pasted text.
    Pasted,
    /// Written through the API.
    Manual,
}

/// How long a former member may still read own work.
pub const FAREWELL: Duration = Duration::days(30);

/// One conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// In which class.
    #[sea_orm(unique_key = "identity")]
    pub class_id: ClassId,
    /// Whose words.
    #[sea_orm(unique_key = "identity")]
    pub owner_id: UserId,
    /// Who brought it in; none once that account is gone.
    pub created_by: Option<UserId>,
    /// By which import.
    pub import_id: Option<ImportId>,
    /// What its owner calls it; none where the export had no title.
    pub title: Option<String>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Where it comes from.
    #[sea_orm(unique_key = "identity")]
    pub platform: Platform,
    /// Its id there.
    pub source_id: Option<String>,
    /// What makes it the same conversation when it comes again: its id there, else the hash of its raw form.
    #[sea_orm(unique_key = "identity")]
    pub source_key: Option<String>,
    /// The model that answered by default.
    pub model: Option<String>,
    /// When it began, as the export says.
    pub started_at: Option<Moment>,
    /// When it last changed there, as the export says.
    pub source_updated_at: Option<Moment>,
    /// The last message of the visible path; no foreign key, since messages hang below.
    pub leaf_id: Option<MessageId>,
    /// When it came here.
    pub created_at: Moment,
    /// When it last changed here.
    pub updated_at: Moment,
    /// When it was put aside for deletion.
    pub deleted_at: Option<Moment>,
    /// Counts changes; the ETag.
    pub version: i32,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// The person whose words they are.
    #[sea_orm(belongs_to, relation_enum = "Owner", from = "owner_id", to = "id", on_delete = "Cascade")]
    pub owner: BelongsTo<super::user::Entity>,
    /// The person who brought it in.
    #[sea_orm(belongs_to, relation_enum = "Creator", from = "created_by", to = "id", on_delete = "SetNull")]
    pub creator: BelongsTo<Option<super::user::Entity>>,
    /// The import.
    #[sea_orm(belongs_to, from = "import_id", to = "id", on_delete = "SetNull")]
    pub import: BelongsTo<Option<super::import::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The conversations this person may read at `at`: as an active member their own and what is shared with their role;
    /// for [`FAREWELL`] after leaving, their own.
    pub fn visible_to(user: UserId, at: Moment) -> Select<Self> {
        let own = COLUMN.owner_id.eq(user);
        let member = enrolment::COLUMN.state.eq(enrolment::State::Active);
        let staff = enrolment::COLUMN.role.is_in(enrolment::Role::STAFF);
        let shared = Condition::any()
            .add(own.clone())
            .add(COLUMN.visibility.eq(Visibility::Class))
            .add(Condition::all().add(COLUMN.visibility.eq(Visibility::Staff)).add(staff));
        let farewell = enrolment::COLUMN.ended_at.gt(at.plus(-FAREWELL));
        let enrolled = Query::select()
            .expr(Expr::val(1))
            .from(enrolment::Entity)
            .and_where(Expr::col((enrolment::Entity, enrolment::Column::ClassId)).equals((Entity, Column::ClassId)))
            .and_where(enrolment::COLUMN.user_id.eq(user))
            .cond_where(
                Condition::any()
                    .add(Condition::all().add(member).add(shared))
                    .add(Condition::all().add(farewell).add(own)),
            )
            .to_owned();
        Self::find()
            .filter(COLUMN.deleted_at.is_null())
            .filter(Column::ClassId.in_subquery(kept_classes()))
            .filter(Expr::exists(enrolled))
    }

    /// What one person has in one class.
    pub fn owned_by(user: UserId, class: ClassId) -> Select<Self> {
        Self::find().filter(COLUMN.class_id.eq(class)).filter(COLUMN.owner_id.eq(user))
    }

    /// The ids of all conversations of one class, whoever may read them: to be put around what is scoped already.
    pub fn ids_in(class: ClassId) -> SelectStatement {
        Query::select().column(Column::Id).from(Entity).and_where(COLUMN.class_id.eq(class)).to_owned()
    }
}

/// The ids of the classes that were not put aside for deletion.
fn kept_classes() -> SelectStatement {
    Query::select()
        .column(class::Column::Id)
        .from(class::Entity)
        .and_where(class::COLUMN.deleted_at.is_null())
        .to_owned()
}
