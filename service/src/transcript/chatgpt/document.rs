//! One conversation as the file holds it.

use std::{collections::HashMap, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::transcript::part::Fields;

/// A conversation, with the nodes in the order of the file, which decides where nothing else does.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The nodes.
    pub(super) mapping: Vec<(String, Value)>,
    /// There is a mapping, even if empty.
    pub(super) has_mapping: bool,
    /// All other fields.
    pub(super) fields: Fields,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader { nodes: false })
    }
}

/// The nodes: a document whose fields are all nodes.
struct Nodes(Document);

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader { nodes: true }).map(Self)
    }
}

/// Reads a document. Anything that is no object gives an empty one.
struct Reader {
    /// The fields are nodes.
    nodes: bool,
}

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a conversation")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Document, A::Error> {
        let mut document = Document { has_mapping: self.nodes, ..Document::default() };
        if !self.nodes {
            while let Some(name) = access.next_key::<String>()? {
                if name == "mapping" {
                    let Nodes(nodes) = access.next_value()?;
                    (document.mapping, document.has_mapping) = (nodes.mapping, nodes.has_mapping);
                } else {
                    document.fields.insert(name, access.next_value()?);
                }
            }
            return Ok(document);
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some((id, node)) = access.next_entry::<String, Value>()? {
            if let Some(place) = places.get(&id).and_then(|place| document.mapping.get_mut(*place)) {
                place.1 = node;
            } else {
                places.insert(id.clone(), document.mapping.len());
                document.mapping.push((id, node));
            }
        }
        Ok(document)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Document, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Document::default())
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Document, E> {
        Ok(Document::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Document, E> {
        Ok(Document::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Document, E> {
        Ok(Document::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Document, E> {
        Ok(Document::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Document, E> {
        Ok(Document::default())
    }
}
