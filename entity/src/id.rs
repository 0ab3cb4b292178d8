//! Identifiers: one newtype a table, so that a class id can never be passed where a user id is meant.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier. UUIDv7: byte order is creation order, which is what lists page by.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        // SeaORM asks every key type; a UUID is never made from a row number.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

id! {
    /// A person's account.
    UserId;
    /// A signed-in browser or script.
    SessionId;
    /// A personal API token.
    ApiTokenId;
    /// A one-time link to set a password.
    ResetLinkId;
    /// An identity at an outside provider.
    ExternalIdentityId;
    /// A class.
    ClassId;
    /// A person's membership of a class.
    EnrolmentId;
    /// An invitation code.
    InviteId;
    /// A conversation with an AI.
    ConversationId;
    /// One message of a conversation.
    MessageId;
    /// One import of an export file or a pasted text.
    ImportId;
    /// A tag.
    TagId;
    /// A mark on words, a message or a conversation.
    AnnotationId;
    /// A comment below an annotation.
    CommentId;
    /// Something a member asks staff to look at.
    FlagId;
    /// A conversation on the projector.
    PresentationId;
    /// A remembered request.
    IdempotencyKeyId;
    /// A running server, new each time one starts.
    ServerId;
}

impl MessageId {
    /// An id for a message that others may not know of: it comes before those of [`MessageId::new`], in the order of
    /// falling `before`, and takes no number from the counter they share, whose gaps would tell how many there are.
    #[must_use]
    pub fn unseen(before: u64) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let then = now.saturating_sub(std::time::Duration::from_millis(before.saturating_add(1)));
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, then.as_secs(), then.subsec_nanos())))
    }
}
