//! Pages of lists: a cursor that says after which row to go on.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Flaw, Result};

/// The most rows a page has.
pub const MAX: u64 = 100;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Rows at most.
    pub limit: u64,
    /// After which row.
    pub after: Option<Cursor>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// By which order the list runs; a cursor of one order means nothing in another.
    #[serde(rename = "o")]
    pub order: String,
    /// The row's value in that order.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// The row.
    #[serde(rename = "i")]
    pub id: Uuid,
}

impl Cursor {
    /// A place in a list that runs by id.
    pub(crate) fn at(id: Uuid) -> Self {
        Self { order: "id".to_owned(), value: None, id }
    }

    /// As it stands in a URL.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

impl PageRequest {
    /// Reads `limit` and `cursor` as they stand in a query; 50 rows unless told otherwise.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1 to [`MAX`] or a cursor that was not made here.
    pub fn parse(limit: Option<u64>, cursor: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(50);
        if !(1..=MAX).contains(&limit) {
            let detail = format!("a page has 1 to {MAX} items, asked for {limit}");
            return Err(Error::invalid("limit", Flaw::new("out_of_range", detail)));
        }
        let after = match cursor {
            None => None,
            Some(text) => Some(Cursor::decode(text).ok_or_else(bad_cursor)?),
        };
        Ok(Self { limit, after })
    }

    /// After which id a list that runs by id goes on.
    pub(crate) fn after_id(&self) -> Result<Option<Uuid>> {
        match &self.after {
            None => Ok(None),
            Some(cursor) if cursor.order == "id" => Ok(Some(cursor.id)),
            Some(_) => Err(bad_cursor()),
        }
    }
}

/// The answer to a cursor that does not fit.
pub(crate) fn bad_cursor() -> Error {
    Error::invalid(
        "cursor",
        Flaw::new("cursor_invalid", "use `next_cursor` of the page before, with the same filters and order"),
    )
}

impl<T> Page<T> {
    /// A page of `limit` rows from a query that asked for one more.
    pub(crate) fn cut(mut items: Vec<T>, limit: u64, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(place) } else { None };
        Self { items, next }
    }

    /// The same page of something else.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}
