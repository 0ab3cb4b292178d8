//! Tables: rows and the dictionary that explains them are made from one list of fields, so that neither can lack a line
//! of the other.

use entity::Moment;
use serde_json::{Map, Value, json};

use super::document::time;

/// A table of rows of one kind.
pub(super) struct Table<R: 'static> {
    /// Its name, and that of its file.
    pub(super) name: &'static str,
    /// What one row is called.
    pub(super) kind: &'static str,
    pub(super) fields: &'static [Field<R>],
}

/// A column.
pub(super) struct Field<R: 'static> {
    name: &'static str,
    about: &'static str,
    of: Of<R>,
}

/// What stands in a column, by the row.
enum Of<R: 'static> {
    Text(fn(&R) -> Option<String>),
    Number(fn(&R) -> Option<i64>),
    Flag(fn(&R) -> bool),
    Time(fn(&R) -> Option<Moment>),
    List(fn(&R) -> Vec<String>),
    Json(fn(&R) -> Value),
}

/// A line of the dictionary.
pub(super) struct Entry {
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) about: &'static str,
}

/// The dictionary as a table of its own.
pub(super) const DICTIONARY: Table<Entry> = Table {
    name: "dictionary",
    kind: "field",
    fields: &[
        text("table", "In which table", |entry| Some(entry.table.to_owned())),
        text("name", "What the column is called", |entry| Some(entry.name.to_owned())),
        text("type", "What stands in it", |entry| Some(entry.kind.to_owned())),
        text("about", "What it means", |entry| Some(entry.about.to_owned())),
    ],
};

pub(super) const fn text<R>(name: &'static str, about: &'static str, of: fn(&R) -> Option<String>) -> Field<R> {
    Field { name, about, of: Of::Text(of) }
}

pub(super) const fn number<R>(name: &'static str, about: &'static str, of: fn(&R) -> Option<i64>) -> Field<R> {
    Field { name, about, of: Of::Number(of) }
}

pub(super) const fn flag<R>(name: &'static str, about: &'static str, of: fn(&R) -> bool) -> Field<R> {
    Field { name, about, of: Of::Flag(of) }
}

pub(super) const fn moment<R>(name: &'static str, about: &'static str, of: fn(&R) -> Option<Moment>) -> Field<R> {
    Field { name, about, of: Of::Time(of) }
}

pub(super) const fn list<R>(name: &'static str, about: &'static str, of: fn(&R) -> Vec<String>) -> Field<R> {
    Field { name, about, of: Of::List(of) }
}

pub(super) const fn raw<R>(name: &'static str, about: &'static str, of: fn(&R) -> Value) -> Field<R> {
    Field { name, about, of: Of::Json(of) }
}

impl<R> Table<R> {
    /// Its lines of the dictionary.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let table = self.name;
        self.fields.iter().map(move |field| Entry {
            table,
            name: field.name,
            kind: field.of.kind(),
            about: field.about,
        })
    }

    /// A row as a line of JSON.
    pub(super) fn line(&self, row: &R) -> String {
        let mut members = Map::new();
        members.insert("kind".to_owned(), json!(self.kind));
        members.extend(self.fields.iter().map(|field| (field.name.to_owned(), field.of.json(row))));
        let mut line = Value::Object(members).to_string();
        line.push('\n');
        line
    }

    /// The names of the columns as a line of CSV.
    pub(super) fn heading(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
        format!("{}\r\n", names.join(","))
    }

    /// A row as a line of CSV.
    pub(super) fn record(&self, row: &R) -> String {
        let cells: Vec<String> = self.fields.iter().map(|field| field.of.cell(row)).collect();
        format!("{}\r\n", cells.join(","))
    }
}

impl<R> Of<R> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text; in CSV with ' in front where it begins with = + - @, tab or CR",
            Self::Number(_) => "number",
            Self::Flag(_) => "true or false",
            Self::Time(_) => "time, RFC 3339 in UTC",
            Self::List(_) => "list of texts; in CSV with \"; \" between them",
            Self::Json(_) => "JSON",
        }
    }

    fn json(&self, row: &R) -> Value {
        match self {
            Self::Text(of) => json!(of(row)),
            Self::Number(of) => json!(of(row)),
            Self::Flag(of) => json!(of(row)),
            Self::Time(of) => json!(of(row).and_then(time)),
            Self::List(of) => json!(of(row)),
            Self::Json(of) => of(row),
        }
    }

    fn cell(&self, row: &R) -> String {
        match self {
            Self::Text(of) => quoted(&of(row).unwrap_or_default()),
            Self::Number(of) => of(row).map(|number| number.to_string()).unwrap_or_default(),
            Self::Flag(of) => of(row).to_string(),
            Self::Time(of) => of(row).and_then(time).unwrap_or_default(),
            Self::List(of) => quoted(&of(row).join("; ")),
            Self::Json(of) => quoted(&of(row).to_string()),
        }
    }
}

/// Text as a cell (RFC 4180) that no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\r', '\n']) && text.trim() == text {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_is_a_formula_and_every_text_comes_back() {
        for (text, cell) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "\"'=1+1\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("\r=x", "\"'\r=x\""),
            (" =x", "\" =x\""),
            ("'=x", "'=x"),
        ] {
            assert_eq!(quoted(text), cell, "{text:?}");
        }
    }
}
