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
            Self::Text(_) => "text; in CSV with ' before each = + - @ that a cell could begin with",
            Self::Number(_) => "number",
            Self::Flag(_) => "true or false",
            Self::Time(_) => "time, RFC 3339 in UTC",
            Self::List(_) => "list of texts; in CSV with \"; \" between them, and guarded like a text",
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
            Self::Text(of) => quoted(&guarded(&of(row).unwrap_or_default(), apostrophe)),
            Self::Number(of) => of(row).map(|number| number.to_string()).unwrap_or_default(),
            Self::Flag(of) => of(row).to_string(),
            Self::Time(of) => of(row).and_then(time).unwrap_or_default(),
            Self::List(of) => quoted(&guarded(&of(row).join("; "), apostrophe)),
            Self::Json(of) => quoted(&guarded(&of(row).to_string(), escape)),
        }
    }
}

/// A cell (RFC 4180) with this text in it.
fn quoted(text: &str) -> String {
    if !text.contains(['"', ',', ';', '\t', '\r', '\n', '\'']) && text.trim() == text {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Text that no spreadsheet takes for a formula, also not one that splits lines elsewhere than at commas: to it the quotes
/// around a text mean nothing, and what follows a semicolon, a tab or the end of a line begins a cell. `instead` says what
/// to write for a sign that a formula would begin with.
fn guarded(text: &str, instead: fn(char) -> String) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        match c {
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' if begins => safe.push_str(&instead(c)),
            c => safe.push(c),
        }
        let unseen = c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'');
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || begins && unseen;
    }
    safe
}

fn apostrophe(sign: char) -> String {
    format!("'{sign}")
}

/// Within JSON such a sign stands in a string, where it can be written like this and is read as it was.
fn escape(sign: char) -> String {
    format!("\\u{:04x}", u32::from(sign))
}

#[cfg(test)]
mod tests {
    use super::{Of, apostrophe, guarded, quoted};

    fn cell(text: &str) -> String {
        quoted(&guarded(text, apostrophe))
    }

    #[test]
    fn no_cell_is_a_formula_wherever_a_spreadsheet_splits_a_line() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("1-2=3", "1-2=3"),
            ("=1+1", "\"'=1+1\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("＝1+1", "\"'＝1+1\""),
            ("\tx", "\"\tx\""),
            ("\r=x", "\"\r'=x\""),
            (" =x", "\" '=x\""),
            ("'=x", "\"''=x\""),
            ("a;=1+1;b", "\"a;'=1+1;b\""),
            ("a; \"=1+1;b", "\"a; \"\"'=1+1;b\""),
            ("a\t@b", "\"a\t'@b\""),
            ("a\n- b\r\n+c", "\"a\n'- b\r\n'+c\""),
            ("a,=1", "\"a,=1\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    /// The cells of a line for whoever splits it here, as spreadsheets do: quotes mean something only around a whole cell.
    fn split(line: &str, at: char) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if quoted || cell.is_empty() => quoted = !quoted,
                c if !quoted && (c == at || matches!(c, '\r' | '\n')) => cells.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn every_reading_of_a_line_is_without_formulas_and_every_text_comes_back() {
        let pieces = ["=1", "+", "-", "@a", ";", "\t", "\n", "\r", "\"", "'", " ", ",", "a"];
        let pairs = pieces.iter().flat_map(|one| pieces.map(|two| format!("{one}{two}")));
        for (pair, last) in pairs.flat_map(|pair| pieces.map(|last| (pair.clone(), last))) {
            let text = format!("a{pair}{last}=2;b");
            let json = Of::Json(|text: &String| serde_json::json!([text])).cell(&text);
            let line = format!("\"id\",{},{json},1", cell(&text));
            for at in [',', ';', '\t'] {
                let formula = split(&line, at).into_iter().find(|cell| cell.trim().starts_with(['=', '+', '-', '@']));
                assert_eq!(formula, None, "{line:?} split at {at:?}");
            }
            let cells = split(&line, ',');
            assert_eq!(without_guard(&cells[1]), text);
            assert_eq!(serde_json::from_str::<Vec<String>>(&cells[2]).unwrap(), [text]);
        }
    }

    /// What the documentation says to do to have a text as it was.
    fn without_guard(cell: &str) -> String {
        let mut text = String::new();
        let mut begins = true;
        let mut chars = cell.chars().peekable();
        while let Some(c) = chars.next() {
            let guard = begins && c == '\'' && chars.peek().is_some_and(|next| "=+-@".contains(*next));
            if !guard {
                text.push(c);
            }
            begins = ";\t\r\n".contains(c) || begins && (c.is_whitespace() || "\"'".contains(c)) && !guard;
        }
        text
    }
}
