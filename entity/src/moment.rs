//! A moment, as it is stored.

use sea_orm::DeriveValueType;
use time::{Duration, OffsetDateTime};

/// Microseconds since 1970-01-01 UTC.
///
/// A number rather than a date type, because SQLite keeps dates as text that sorts wrongly; numbers compare and sort
/// alike on both engines (ADR 0002). Microseconds are what PostgreSQL's own type and the export files can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Moment(pub i64);

impl Moment {
    /// This moment moved by `by`; stays at the ends of the range instead of overflowing.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let by = i64::try_from(by.whole_microseconds()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(by))
    }

    /// The time since `earlier`, negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::microseconds(self.0.saturating_sub(earlier.0))
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(at: OffsetDateTime) -> Self {
        // Every date the `time` crate can hold fits in 64 bits of microseconds.
        Self(i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
}

impl From<Moment> for OffsetDateTime {
    fn from(at: Moment) -> Self {
        Self::from_unix_timestamp_nanos(i128::from(at.0) * 1_000).unwrap_or(Self::UNIX_EPOCH)
    }
}
