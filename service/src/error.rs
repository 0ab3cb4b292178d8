//! Everything a use case can answer besides success: one closed list.

use sea_orm::DbErr;
use time::Duration;
use tokio::task::JoinError;

use crate::{
    db::{Fault, fault_of},
    mishap::Mishap,
    session::Rejection,
    transcript::SourceError,
};

/// What use cases return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that cannot be accepted, all of them at once.
    #[error("some values cannot be accepted")]
    Invalid(Vec<FieldError>),
    /// It does not exist, or the actor may not know that it does.
    #[error("nothing here, or not shared with you")]
    NotFound,
    /// The actor sees it but may not do that.
    #[error("{}", .0.detail())]
    Forbidden(Denial),
    /// It does not fit the state things are in.
    #[error("{}", .0.detail())]
    Conflict(Conflict),
    /// It was there and is over.
    #[error("{}", .0.detail())]
    Gone(Gone),
    /// It changed since the actor last read it.
    #[error("it was changed since you read it")]
    Stale,
    /// The account or credential that the request came with was ended meanwhile.
    #[error("the account or the credential was ended meanwhile")]
    Rejected(Rejection),
    /// Address and password do not belong together.
    #[error("address or password is wrong")]
    WrongCredentials,
    /// Too many attempts.
    #[error("too many attempts")]
    Throttled {
        /// When the next one is looked at.
        retry_after: Duration,
    },
    /// The idempotency key came with another request before.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// Nothing of an import's source can be read.
    #[error(transparent)]
    Source(SourceError),
    /// Another unit of work was in the way, each time.
    #[error("others were in the way")]
    Contention,
    /// Too many wait for the same thing.
    #[error("too many requests wait for this")]
    Overloaded,
    /// The connection was lost while a unit of work was being committed: it was done or it was not.
    #[error("the connection was lost at the last step: it may have been done")]
    OutcomeUnknown,
    /// Something of ours went wrong.
    #[error("{}", .0.detail())]
    Mishap(Mishap),
    /// The database did not do it.
    #[error("the database reported a fault: {0:?}")]
    Database(Fault, #[source] Box<DbErr>),
}

/// One value that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where it stands: a JSON pointer into the body, or the name of a query parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// A stable name.
    pub code: &'static str,
    /// What was expected and what was found, without quoting the value.
    pub detail: String,
}

impl Flaw {
    /// A flaw by name and explanation.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Why something visible may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The role in the class does not allow it.
    Role,
    /// Only the conversation's owner may.
    NotYours,
    /// Only the author of an annotation or a comment may.
    NotAuthor,
    /// Only owner and instructors change the codebook.
    CodebookLocked,
    /// A former member may read own work, nothing else.
    FormerMember,
    /// Sent away from the class.
    Removed,
    /// The site lets nobody register.
    RegistrationClosed,
    /// The site registers people by invitation only.
    InviteRequired,
    /// The site lets only some people open classes.
    ClassCreation,
}

impl Denial {
    /// Its stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Role => "role_insufficient",
            Self::NotYours => "not_owner",
            Self::NotAuthor => "not_author",
            Self::CodebookLocked => "codebook_locked",
            Self::FormerMember => "former_member",
            Self::Removed => "removed_from_class",
            Self::RegistrationClosed => "registration_closed",
            Self::InviteRequired => "invite_required",
            Self::ClassCreation => "class_creation_restricted",
        }
    }

    /// What to tell the person.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::Role => "your role in this class does not allow this",
            Self::NotYours => "only the conversation's owner may do this",
            Self::NotAuthor => "only its author may do this",
            Self::CodebookLocked => "the codebook is locked: only owner and instructors of the class change it",
            Self::FormerMember => "you left this class: your own work can be read for 30 days, nothing else",
            Self::Removed => "you were removed from this class; ask its staff to take you back",
            Self::RegistrationClosed => "this server does not register new people; ask its administrator",
            Self::InviteRequired => "this server registers people by invitation: send `invite_code`",
            Self::ClassCreation => {
                "this server lets only teachers or administrators open classes; ask its administrator"
            }
        }
    }
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another account has the address.
    EmailTaken,
    /// The class is read only.
    ClassArchived,
    /// Students wrote while they were told that their names would not be seen.
    NamesPromised,
    /// The class holds others' work.
    ClassHasWork {
        /// Whether it is archived already.
        archived: bool,
        /// Conversations of others in it.
        conversations: u64,
        /// Active members besides the owner.
        members: u64,
    },
    /// The owner must hand the class over first.
    OwnerMustHandOver,
    /// The account owns classes that hold others' work.
    OwnsClasses {
        /// How many.
        classes: u64,
    },
    /// The owner's enrolment changes only by handing the class over.
    OwnerEnrolment,
    /// The codebook has a tag of this name.
    TagExists,
    /// Annotations carry the tag.
    TagInUse {
        /// How many of those that the actor sees.
        uses: u64,
    },
}

impl Conflict {
    /// Its stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken => "email_taken",
            Self::ClassArchived => "class_archived",
            Self::NamesPromised => "names_promised",
            Self::ClassHasWork { .. } => "class_has_work",
            Self::OwnerMustHandOver => "owner_must_hand_over",
            Self::OwnsClasses { .. } => "owns_classes",
            Self::OwnerEnrolment => "owner_enrolment",
            Self::TagExists => "tag_exists",
            Self::TagInUse { .. } => "tag_in_use",
        }
    }

    /// What to tell the person.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::EmailTaken => "an account with this address exists; log in instead".to_owned(),
            Self::ClassArchived => "this class is archived and read only; its owner can reopen it".to_owned(),
            Self::NamesPromised => {
                "students wrote here while they were told that their names would not be seen".to_owned()
            }
            Self::ClassHasWork { archived, conversations, members } => {
                let first = if *archived { "" } else { "archive it first, then " };
                format!(
                    "this class holds {conversations} conversations of others and {members} other members; \
                     {first}repeat the request with `confirm` set to its exact name"
                )
            }
            Self::OwnerMustHandOver => "the owner cannot leave; hand the class over first".to_owned(),
            Self::OwnsClasses { classes } => {
                format!("you own {classes} classes with others' work in them; hand them over or delete them first")
            }
            Self::TagExists => "there is a tag of this name; use it, or merge the two".to_owned(),
            Self::TagInUse { uses } => {
                format!(
                    "{uses} annotations that you see carry this tag, and perhaps some that you do not see; repeat the \
                     request with `confirm` set to its exact name"
                )
            }
            Self::OwnerEnrolment => "the owner's membership changes only by handing the class over".to_owned(),
        }
    }
}

/// What is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The code's time is over.
    InviteExpired,
    /// As many joined by the code as it was made for.
    InviteUsedUp,
    /// The code was taken back.
    InviteRevoked,
    /// The link was used or its hour is over.
    ResetLink,
    /// The events asked for are not kept any more.
    Events,
}

impl Gone {
    /// Its stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InviteExpired => "invite_expired",
            Self::InviteUsedUp => "invite_used_up",
            Self::InviteRevoked => "invite_revoked",
            Self::ResetLink => "reset_link_over",
            Self::Events => "events_over",
        }
    }

    /// What to tell the person.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::InviteExpired => "this invitation has expired; ask for a new code",
            Self::InviteUsedUp => "this invitation was used as often as it may be; ask for a new code",
            Self::InviteRevoked => "this invitation was taken back; ask for a new code",
            Self::Events => "full resync: these events are not kept any more; read what you follow anew",
            Self::ResetLink => "this link was used already or is older than an hour; ask for a new one",
        }
    }
}

impl Error {
    /// One value that cannot be accepted.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, flaw: Flaw) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.into(), flaw }])
    }

    /// What `otherwise` says if `error` is a violated unique index, else `error`.
    pub(crate) fn on_unique(error: DbErr, otherwise: impl FnOnce() -> Self) -> Self {
        if fault_of(&error) == Fault::Unique { otherwise() } else { error.into() }
    }

    /// Whether the whole unit of work may be tried again.
    pub(crate) fn may_be_retried(&self) -> bool {
        matches!(self, Self::Contention | Self::Database(Fault::Contention, _))
    }

    /// Whether it says no to the one who asked, which is nobody's fault here.
    pub(crate) fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Contention | Self::Overloaded | Self::OutcomeUnknown | Self::Mishap(_) | Self::Database(..)
        )
    }

    /// The kind of error, safe to log: no value, no row, no secret.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotFound => "not_found",
            Self::Forbidden(denial) => denial.code(),
            Self::Conflict(conflict) => conflict.code(),
            Self::Gone(gone) => gone.code(),
            Self::Stale => "stale",
            Self::Rejected(_) => "rejected",
            Self::WrongCredentials => "wrong_credentials",
            Self::Throttled { .. } => "throttled",
            Self::KeyReused => "key_reused",
            Self::Source(source) => source.code,
            Self::Contention => "contention",
            Self::Overloaded => "overloaded",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Mishap(mishap) => mishap.name(),
            Self::Database(fault, _) => match fault {
                Fault::Contention => "database_contention",
                Fault::Unavailable => "database_unavailable",
                Fault::StorageFull => "storage_full",
                Fault::StorageReadOnly => "storage_read_only",
                Fault::Timeout => "query_timeout",
                Fault::Unique => "database_unique",
                Fault::ForeignKey => "database_foreign_key",
                Fault::Value => "database_value",
                Fault::Other => "database_other",
            },
        }
    }
}

/// Why work away from the workers has no result.
impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        Self::Mishap(if error.is_panic() { Mishap::WorkPanicked } else { Mishap::Stopping })
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Database(fault_of(&error), Box::new(error))
    }
}

/// Collects what is wrong with the fields of one command.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// The value, or its flaw noted under `pointer`.
    pub fn take<T>(&mut self, pointer: impl Into<String>, parsed: Result<T, Flaw>) -> Option<T> {
        parsed.map_err(|flaw| self.note(pointer, flaw)).ok()
    }

    /// Notes a flaw.
    pub fn note(&mut self, pointer: impl Into<String>, flaw: Flaw) {
        self.0.push(FieldError { pointer: pointer.into(), flaw });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Fields> for Error {
    fn from(fields: Fields) -> Self {
        Self::Invalid(fields.0)
    }
}
