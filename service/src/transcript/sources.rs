//! Sources that a message names: each once, by name and address, wherever the file keeps them.

use std::collections::HashMap;

use entity::message::{Part, PartKind};
use serde_json::{Map, Value};

use super::{
    notes::Notes,
    part::{self, Fields},
};

/// Fields that name a source, the best first.
const NAMES: [&str; 4] = ["title", "name", "file_name", "label"];
/// Fields that hold the address of a source, the best first.
const ADDRESSES: [&str; 4] = ["url", "link", "href", "cloud_doc_url"];
/// Fields of addresses alone.
const LISTS: [&str; 2] = ["safe_urls", "urls"];
/// Fields of a reference that say where its marker stands and how it is drawn, and nothing else.
const DRAWING: [&str; 8] =
    ["matched_text", "alt", "refs", "prompt_text", "invalid_reason", "fallback_text", "safe_urls", "clicked_from"];
/// What ChatGPT adds to addresses.
const TAIL: &str = "utm_source=chatgpt.com";

/// The sources of one message.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// One part each.
    parts: Vec<Part>,
    /// The place of each by its address, or by its name where it has none.
    known: HashMap<String, usize>,
}

impl Sources {
    /// Takes what one reference of the file names. What names nothing makes no source; words that are found nowhere
    /// else are kept as unknown.
    pub(super) fn take(&mut self, reference: Value, notes: &mut Notes) {
        let before = (self.parts.len(), self.known.len());
        let mut alone = Vec::new();
        let found = self.walk(&reference, &mut alone, true);
        for address in alone {
            let data = Map::from_iter([("url".to_owned(), Value::String(address.clone()))]);
            self.put(None, Some(address), data);
        }
        if found || before != (self.parts.len(), self.known.len()) {
            return;
        }
        let Value::Object(mut fields) = reference else {
            if part::says_words(&reference) {
                self.parts.push(part::unknown(reference, notes));
            }
            return;
        };
        let hidden = part::text_in(&fields, "type") == Some("hidden");
        // The marker of an entity stands for its name, which is in the sentence.
        let named = matches!(part::text_in(&fields, "type"), Some("entity" | "alt_text"));
        if let Some(name) = part::take_text(&mut fields, "alt").filter(|_| !hidden && !named) {
            self.put(Some(name), None, fields);
            return;
        }
        fields.retain(|name, _| !DRAWING.contains(&name.as_str()));
        let rest = Value::Object(fields);
        if !hidden && part::says_words(&rest) {
            self.parts.push(part::unknown(rest, notes));
        }
    }

    /// Takes the sources in `value` and below it; addresses without anything beside them go to `alone`, so that those
    /// with a name come first. Says whether there was any.
    ///
    /// Recursive: `serde_json` has limited the depth before.
    fn walk(&mut self, value: &Value, alone: &mut Vec<String>, whole: bool) -> bool {
        match value {
            Value::Array(items) => {
                // Each of them is walked, whether or not one was found before it.
                let found: Vec<bool> = items.iter().map(|item| self.walk(item, alone, whole)).collect();
                found.contains(&true)
            }
            Value::Object(fields) => {
                let inner = || ["metadata", "details"].iter().filter_map(|name| fields.get(*name)?.as_object());
                let name = text_of(fields, &NAMES).or_else(|| inner().find_map(|inner| text_of(inner, &NAMES)));
                let address = address_of(fields).or_else(|| inner().find_map(address_of));
                // A name alone is a source only where a source is expected, and not in a detail of one.
                let is_source = address.is_some() || whole && name.is_some();
                if is_source {
                    let own = fields.iter().filter(|(name, field)| !holds_sources(name, field));
                    let own = own.filter(|(_, field)| part::says_something(field));
                    let data = own.map(|(name, field)| (name.clone(), field.clone())).collect();
                    self.put(name, address, data);
                }
                let mut below = false;
                for (name, field) in fields.iter().filter(|(name, _)| !(is_source && is_detail(name))) {
                    below |= self.walk(field, alone, is_list_of_sources(name) || field.is_array() && !is_source);
                }
                for list in LISTS {
                    let addresses = fields.get(list).and_then(Value::as_array).into_iter().flatten();
                    alone.extend(addresses.filter_map(Value::as_str).filter(|url| is_address(url)).map(str::to_owned));
                }
                is_source || below
            }
            _ => false,
        }
    }

    /// Puts a source, or adds to the one that is there what it did not say yet.
    fn put(&mut self, name: Option<String>, address: Option<String>, mut data: Fields) {
        let key = match (&address, &name) {
            (Some(address), _) => plain(address),
            (None, Some(name)) => format!(" {name}"),
            (None, None) => return,
        };
        let known = self.known.get(&key).and_then(|place| self.parts.get_mut(*place));
        let Some(part) = known else {
            if let Some(address) = address {
                data.insert("url".to_owned(), Value::String(address));
            }
            self.known.insert(key, self.parts.len());
            self.parts.push(Part { text: name, ..part::raw(PartKind::Citation, Value::Object(data)) });
            return;
        };
        match (&part.text, name) {
            (None, name) => part.text = name,
            (Some(said), Some(name)) if *said != name => {
                data.insert("title".to_owned(), Value::String(name));
            }
            _ => drop(data.remove("title")),
        }
        let Some(Value::Object(kept)) = &mut part.data else { return };
        let mut more = Map::new();
        for (field, value) in data {
            match kept.get(&field) {
                None => drop(kept.insert(field, value)),
                Some(same) if *same == value || part::is_bookkeeping(&field) || !part::says_words(&value) => {}
                Some(_) => drop(more.insert(field, value)),
            }
        }
        if !more.is_empty()
            && let Value::Array(also) = kept.entry("also").or_insert_with(|| Value::Array(Vec::new()))
        {
            also.push(Value::Object(more));
        }
    }

    /// One part for each source.
    pub(super) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}

/// The first of these fields that says something.
fn text_of(fields: &Fields, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| part::text_in(fields, name)).map(str::to_owned)
}

/// The address in these fields.
fn address_of(fields: &Fields) -> Option<String> {
    ADDRESSES.iter().filter_map(|name| part::text_in(fields, name)).find(|text| is_address(text)).map(str::to_owned)
}

/// Is it an address that can be opened?
pub(super) fn is_address(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme)))
        && !text.contains(char::is_whitespace)
}

/// Does a list of this name hold sources?
fn is_list_of_sources(name: &str) -> bool {
    matches!(name, "items" | "sources" | "supporting_websites" | "fallback_items" | "entries" | "metadata_list")
}

/// Does a field of this name of a source describe it, and name no other one?
fn is_detail(name: &str) -> bool {
    ["metadata", "details", "refs", "image", "icon", "thumbnail", "logo", "avatar"].iter().any(|it| name.contains(it))
}

/// Is this field taken apart by itself?
fn holds_sources(name: &str, field: &Value) -> bool {
    is_list_of_sources(name) && field.is_array() || matches!(name, "refs" | "matched_text") || LISTS.contains(&name)
}

/// An address as it is compared.
fn plain(address: &str) -> String {
    let address = address.split_once("#:~:").map_or(address, |(before, _)| before);
    let address = address.replace(&format!("?{TAIL}&"), "?");
    address.replace(&format!("?{TAIL}"), "").replace(&format!("&{TAIL}"), "").trim_end_matches('/').to_owned()
}
