//! Values as they stand in JSON, apart from how they are stored: v1 only grows, whatever the tables do.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use service::entity::{self, Moment};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// A moment, RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-03-02T09:00:00Z")]
pub struct Time(pub Moment);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Years beyond 9999 have no form in RFC 3339.
        match OffsetDateTime::from(self.0).format(&Rfc3339) {
            Ok(text) => serializer.serialize_str(&text),
            Err(_) => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| de::Error::custom("expected a time like 2026-03-02T09:00:00Z"))?;
        let at = at.checked_to_offset(time::UtcOffset::UTC).filter(|at| (1..=9999).contains(&at.year()));
        let at = at.ok_or_else(|| de::Error::custom("expected a time between the years 1 and 9999 in UTC"))?;
        Ok(Self(at.into()))
    }
}

impl From<Time> for Moment {
    fn from(time: Time) -> Self {
        time.0
    }
}

macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident = $stored:path { $($variant:ident),+ })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the values are explained where they are stored")]
        pub enum $name { $($variant),+ }

        impl From<$stored> for $name {
            fn from(stored: $stored) -> Self {
                use $stored as Stored;
                match stored { $(Stored::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $stored {
            fn from(wire: $name) -> Self {
                use $stored as Stored;
                match wire { $($name::$variant => Stored::$variant),+ }
            }
        }
    )*};
}

wire! {
    /// Role in a class.
    Role = entity::enrolment::Role { Owner, Instructor, Tutor, Student, Auditor }
    /// State of a membership.
    EnrolmentState = entity::enrolment::State { Active, Left, Removed }
    /// State of a class.
    ClassStatus = entity::class::Status { Active, Archived }
    /// How students appear to each other: by name, or by made-up names.
    Naming = entity::class::Naming { Names, Pseudonyms }
    /// How long a student does not see the marks of others.
    Blind = entity::class::Blind { Open, UntilDate, UntilMarks, UntilReveal }
    /// Standing on the site.
    SiteRole = entity::user::SiteRole { Member, Teacher, Admin }
    /// What an API token may be used for.
    Scope = entity::api_token::Scope { Read, Write }
    /// Who may read a conversation besides its owner.
    Visibility = entity::conversation::Visibility { Private, Staff, Class }
    /// Who may see an annotation besides its author, never more than may read the conversation.
    Audience = entity::Audience { Private, Staff, Class }
    /// What an annotation is on.
    Target = entity::annotation::Target { Span, Message, Conversation }
    /// How an import stands.
    ImportState = entity::import::State { Queued, Running, Done, Failed }
    /// Where a conversation comes from.
    Platform = entity::conversation::Platform { Chatgpt, Claude, Pasted, Manual }
    /// Who speaks.
    MessageRole = entity::message::Role { User, Assistant, System, Tool, Unknown }
    /// What a part of a message is.
    PartKind = entity::message::PartKind {
        Text, Code, Thinking, ToolCall, ToolResult, Image, Audio, Attachment, Document, Citation, Context, Error, Unknown
    }
}

/// A person as others of a class see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuthorOut {
    /// The membership.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Role in the class.
    pub role: Role,
    /// Whether it is you.
    pub me: bool,
}

impl From<service::author::Author> for AuthorOut {
    fn from(author: service::author::Author) -> Self {
        Self { id: author.id.to_string(), name: author.name, role: author.role.into(), me: author.me }
    }
}
