//! A glance at a JSON object: which fields it has, two levels deep, without building it.

use std::{collections::HashMap, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What an object looks like; empty for anything else.
#[derive(Debug, Default)]
pub(super) struct Shape(HashMap<String, Glance>);

/// The kind of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Null, a number, a string, true or false.
    #[default]
    Plain,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Shape {
    /// Looks at `raw`, which should be valid JSON.
    pub(super) fn of(raw: &[u8]) -> Result<Self, serde_json::Error> {
        if raw.starts_with(b"{") {
            serde_json::from_slice(raw).map(Self)
        } else {
            serde_json::from_slice::<IgnoredAny>(raw).map(|_| Self::default())
        }
    }

    /// Has no fields at all: null, `{}`, a list, a word.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is there such a field?
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Are all of these fields there?
    pub(super) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// Is there such a field, of that kind?
    pub(super) fn is(&self, name: &str, kind: Kind) -> bool {
        self.0.get(name).is_some_and(|found| found.kind == kind)
    }

    /// Does the value of the field `name`, or an early element of that list, have the field `inner`?
    pub(super) fn holds(&self, name: &str, inner: &str) -> bool {
        self.0.get(name).is_some_and(|found| found.names.iter().any(|name| name == inner))
    }

    /// Does the string in the field `name` begin so?
    pub(super) fn begins(&self, name: &str, beginning: &str) -> bool {
        self.0.get(name).is_some_and(|found| found.text.starts_with(beginning))
    }
}

/// What one value looks like.
#[derive(Debug, Default)]
struct Glance {
    /// What it is.
    kind: Kind,
    /// The names of its fields; of the first element that has fields, if it is a list.
    names: Vec<String>,
    /// The beginning of the string, if it is one.
    text: String,
}

impl<'de> Deserialize<'de> for Glance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

/// Looks at any value.
struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Glance;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Glance, E> {
        Ok(Glance::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Glance, E> {
        Ok(Glance::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Glance, E> {
        Ok(Glance::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Glance, E> {
        Ok(Glance::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Glance, E> {
        Ok(Glance::default())
    }

    fn visit_str<E>(self, text: &str) -> Result<Glance, E> {
        Ok(Glance { text: text.chars().take(20).collect(), ..Glance::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Glance, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = access.next_entry::<String, IgnoredAny>()? {
            names.push(name);
        }
        Ok(Glance { kind: Kind::Object, names, ..Glance::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Glance, A::Error> {
        let mut names = Vec::new();
        while names.is_empty() {
            match access.next_element::<Glance>()? {
                Some(element) => names = element.names,
                None => {
                    return Ok(Glance { kind: Kind::List, ..Glance::default() });
                }
            }
        }
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Glance { kind: Kind::List, names, ..Glance::default() })
    }
}
