//! The shape as Markdown.

use super::{Action, Column, ForeignKey, Index, Kind, Shape, Table, read::Types};

const HEADER: &str = "# The schema

Generated from a freshly migrated SQLite database; a test compares it. Do not edit, regenerate:

    cargo run -p migration -- schema > docs/schema.md

Moments are `big integer` columns: microseconds since 1970-01-01 UTC. PostgreSQL has the same tables, columns, keys and
indexes with its own types: `uuid`, `text`, `integer`, `bigint`, `boolean`, `json`, `bytea`.
";

pub(super) fn render(shape: &Shape, types: &Types) -> String {
    let mut text = HEADER.to_owned();
    for (name, table) in &shape.tables {
        text.push_str(&format!(
            "\n## {name}\n\n| column | holds | declared as | null | one of |\n|---|---|---|---|---|\n"
        ));
        for column in &table.columns {
            let declared = types.get(&(name.clone(), column.name.clone())).map(String::as_str).unwrap_or_default();
            text.push_str(&row(column, declared));
        }
        text.push('\n');
        text.push_str(&keys(table));
    }
    text
}

fn row(column: &Column, declared: &str) -> String {
    let null = if column.nullable { "yes" } else { "" };
    let choices = column.choices.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    format!("| `{}` | {} | `{declared}` | {null} | {choices} |\n", column.name, holds(&column.kind))
}

fn holds(kind: &Kind) -> &str {
    match kind {
        Kind::Uuid => "UUID",
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::BigInteger => "big integer",
        Kind::Boolean => "boolean",
        Kind::Json => "JSON",
        Kind::Bytes => "bytes",
        Kind::Other(name) => name,
    }
}

fn keys(table: &Table) -> String {
    let mut text = format!("- primary key: {}\n", list(&table.primary_key));
    for ForeignKey { columns, target, target_columns, on_delete } in &table.foreign_keys {
        let action = match on_delete {
            Action::Cascade => "deleted with it",
            Action::SetNull => "set to null without it",
            Action::Refuse => "keeps it from being deleted",
        };
        text.push_str(&format!("- {} names `{target}` {}: {action}\n", list(columns), list(target_columns)));
    }
    for (name, Index { columns, unique }) in &table.indexes {
        let what = if *unique { "unique index" } else { "index" };
        text.push_str(&format!("- {what} `{name}`: {}\n", list(columns)));
    }
    text
}

fn list(columns: &[String]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}
