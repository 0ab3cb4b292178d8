//! Reading the catalogue. Each question has one answer shape and a query for each engine.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::{Action, Column, ForeignKey, Index, Kind, Shape};

/// The type of each column as the engine declares it, by table and column.
pub(super) type Types = BTreeMap<(String, String), String>;

/// Answers `table_name, name, type, nullable, key_position`.
const COLUMNS: [&str; 2] = [
    "SELECT m.name AS table_name, c.name AS name, c.type AS type, 1 - c.\"notnull\" AS nullable, c.pk AS key_position
     FROM sqlite_master m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name <> 'seaql_migrations'
     ORDER BY m.name, c.cid",
    "SELECT t.relname::text AS table_name, c.attname::text AS name, format_type(c.atttypid, c.atttypmod) AS type,
            (NOT c.attnotnull)::int AS nullable,
            coalesce((SELECT k.position FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, position)
                      WHERE k.number = c.attnum), 0)::int AS key_position
     FROM pg_class t
     JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
     LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
     WHERE t.relkind = 'r' AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relname <> 'seaql_migrations'
     ORDER BY t.relname, c.attnum",
];

/// Answers `table_name, definition`, and on PostgreSQL only for checks.
const CHECKS: [&str; 2] = [
    "SELECT name AS table_name, sql AS definition FROM sqlite_master WHERE type = 'table'",
    "SELECT t.relname::text AS table_name, pg_get_constraintdef(k.oid) AS definition
     FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
     WHERE k.contype = 'c' AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
];

/// Answers `table_name, key_name, column_name, target, target_column, on_delete`, the columns of a key in order.
const FOREIGN_KEYS: [&str; 2] = [
    "SELECT m.name AS table_name, CAST(k.id AS TEXT) AS key_name, k.\"from\" AS column_name, k.\"table\" AS target,
            k.\"to\" AS target_column, k.on_delete AS on_delete
     FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k
     WHERE m.type = 'table' ORDER BY m.name, k.id, k.seq",
    "SELECT t.relname::text AS table_name, k.conname::text AS key_name, c.attname::text AS column_name,
            o.relname::text AS target, d.attname::text AS target_column,
            CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END AS on_delete
     FROM pg_constraint k
     JOIN pg_class t ON t.oid = k.conrelid
     JOIN pg_class o ON o.oid = k.confrelid
     CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS p (here, there, position)
     JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = p.here
     JOIN pg_attribute d ON d.attrelid = o.oid AND d.attnum = p.there
     WHERE k.contype = 'f' AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
     ORDER BY t.relname, k.conname, p.position",
];

/// Answers `table_name, name, is_unique, column_name`, the columns of an index in order.
const INDEXES: [&str; 2] = [
    "SELECT m.name AS table_name, i.name AS name, i.\"unique\" AS is_unique, c.name AS column_name
     FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
     WHERE m.type = 'table' AND m.name <> 'seaql_migrations' AND i.origin <> 'pk' ORDER BY m.name, i.name, c.seqno",
    "SELECT t.relname::text AS table_name, x.relname::text AS name, i.indisunique::int AS is_unique,
            c.attname::text AS column_name
     FROM pg_index i
     JOIN pg_class t ON t.oid = i.indrelid
     JOIN pg_class x ON x.oid = i.indexrelid
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, position)
     JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
     WHERE NOT i.indisprimary AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relname <> 'seaql_migrations'
     ORDER BY t.relname, x.relname, k.position",
];

/// The shape, and the types as declared.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<(Shape, Types), DbErr> {
    let (mut shape, types) = columns(ask(db, COLUMNS).await?)?;
    choices(&mut shape, ask(db, CHECKS).await?)?;
    foreign_keys(&mut shape, ask(db, FOREIGN_KEYS).await?)?;
    indexes(&mut shape, ask(db, INDEXES).await?)?;
    Ok((shape, types))
}

async fn ask(db: &impl ConnectionTrait, [sqlite, postgres]: [&str; 2]) -> Result<Vec<QueryResult>, DbErr> {
    let backend = db.get_database_backend();
    let query = if backend == DbBackend::Sqlite { sqlite } else { postgres };
    db.query_all_raw(Statement::from_string(backend, query)).await
}

fn columns(rows: Vec<QueryResult>) -> Result<(Shape, Types), DbErr> {
    let (mut shape, mut types) = (Shape::default(), Types::new());
    let mut keys: BTreeMap<String, Vec<(i32, String)>> = BTreeMap::new();
    for row in rows {
        let table: String = row.try_get("", "table_name")?;
        let name: String = row.try_get("", "name")?;
        let declared: String = row.try_get("", "type")?;
        let position: i32 = row.try_get("", "key_position")?;
        if position > 0 {
            keys.entry(table.clone()).or_default().push((position, name.clone()));
        }
        let nullable = row.try_get::<i32>("", "nullable")? != 0;
        let column = Column { name: name.clone(), kind: kind(&declared), nullable, choices: Vec::new() };
        shape.tables.entry(table.clone()).or_default().columns.push(column);
        types.insert((table, name), declared);
    }
    for (table, mut key) in keys {
        key.sort();
        shape.tables.entry(table).or_default().primary_key = key.into_iter().map(|(_, name)| name).collect();
    }
    Ok((shape, types))
}

fn kind(declared: &str) -> Kind {
    match declared.to_ascii_lowercase().as_str() {
        "uuid" | "uuid_text" => Kind::Uuid,
        "text" => Kind::Text,
        "integer" => Kind::Integer,
        "bigint" => Kind::BigInteger,
        "boolean" => Kind::Boolean,
        "json" | "json_text" => Kind::Json,
        "blob" | "bytea" => Kind::Bytes,
        other => Kind::Other(other.to_owned()),
    }
}

fn choices(shape: &mut Shape, rows: Vec<QueryResult>) -> Result<(), DbErr> {
    for row in rows {
        let table: String = row.try_get("", "table_name")?;
        let definition: String = row.try_get("", "definition")?;
        let Some(table) = shape.tables.get_mut(&table) else {
            continue;
        };
        for check in definition.split("CHECK").skip(1) {
            // `("role" IN ('a', 'b'))` here, `((role = ANY (ARRAY['a'::text, 'b'::text])))` there: either way the
            // column comes first, and the words are what stands in single quotes.
            let check = check.split("FOREIGN KEY").next().unwrap_or_default();
            let inner = check.trim_start_matches([' ', '(', '"']);
            let name: String = inner.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            // What follows the list of words belongs to the next column.
            let list = inner.split([')', ']']).next().unwrap_or_default();
            let mut words: Vec<String> = list.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
            words.sort();
            if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
                column.choices = words;
            }
        }
    }
    Ok(())
}

fn foreign_keys(shape: &mut Shape, rows: Vec<QueryResult>) -> Result<(), DbErr> {
    let mut keys: BTreeMap<(String, String), ForeignKey> = BTreeMap::new();
    for row in rows {
        let name = (row.try_get("", "table_name")?, row.try_get("", "key_name")?);
        let target: String = row.try_get("", "target")?;
        let on_delete = match row.try_get::<String>("", "on_delete")?.as_str() {
            "CASCADE" => Action::Cascade,
            "SET NULL" => Action::SetNull,
            _ => Action::Refuse,
        };
        let empty = ForeignKey { columns: Vec::new(), target, target_columns: Vec::new(), on_delete };
        let key = keys.entry(name).or_insert(empty);
        key.columns.push(row.try_get("", "column_name")?);
        key.target_columns.push(row.try_get("", "target_column")?);
    }
    for ((table, _), key) in keys {
        if let Some(table) = shape.tables.get_mut(&table) {
            table.foreign_keys.push(key);
            table.foreign_keys.sort();
        }
    }
    Ok(())
}

fn indexes(shape: &mut Shape, rows: Vec<QueryResult>) -> Result<(), DbErr> {
    for row in rows {
        let table: String = row.try_get("", "table_name")?;
        let Some(table) = shape.tables.get_mut(&table) else {
            continue;
        };
        let unique = row.try_get::<i32>("", "is_unique")? != 0;
        let empty = Index { columns: Vec::new(), unique };
        let index = table.indexes.entry(row.try_get("", "name")?).or_insert(empty);
        index.columns.push(row.try_get("", "column_name")?);
    }
    Ok(())
}
