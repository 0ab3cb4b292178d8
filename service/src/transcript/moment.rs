//! Times as the sources write them.

use entity::Moment;
use serde_json::Value;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, format_description::well_known};

use super::notes::Notes;

/// 2000-01-01 and 2100-01-01: nobody talked with a model outside of these, so such a time is an error of the source.
const PLAUSIBLE: std::ops::Range<Moment> = Moment(946_684_800_000_000)..Moment(4_102_444_800_000_000);

/// The time in `value`: seconds since 1970 or an ISO 8601 string. Nothing for null; nothing and a note for nonsense.
pub(super) fn read(value: Option<&Value>, notes: &mut Notes) -> Option<Moment> {
    let moment = match value {
        None | Some(Value::Null) => return None,
        Some(Value::Number(seconds)) => seconds.as_f64().and_then(from_seconds),
        Some(Value::String(text)) if text.trim().is_empty() => return None,
        Some(Value::String(text)) => from_iso(text.trim()),
        Some(_) => None,
    };
    let moment = moment.filter(|found| PLAUSIBLE.contains(found));
    if moment.is_none() {
        notes.times += 1;
    }
    moment
}

/// Seconds to the nearest microsecond.
fn from_seconds(seconds: f64) -> Option<Moment> {
    let nanoseconds = Duration::checked_seconds_f64(seconds)?.whole_nanoseconds();
    i64::try_from((nanoseconds + 500).div_euclid(1_000)).ok().map(Moment)
}

/// ISO 8601; without an offset the time is taken as UTC. A string of digits is seconds.
fn from_iso(text: &str) -> Option<Moment> {
    OffsetDateTime::parse(text, &well_known::Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, &well_known::Iso8601::DEFAULT))
        .or_else(|_| PrimitiveDateTime::parse(text, &well_known::Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .ok()
        .map(Moment::from)
        .or_else(|| text.parse().ok().and_then(from_seconds))
}
