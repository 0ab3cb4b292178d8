//! Reads `table.txt`, the reviewed table.

use std::collections::HashMap;

use super::world::Who;

const TABLE: &str = include_str!("table.txt");

/// The columns, in the order of the table.
pub(super) const CALLERS: [(&str, Who); 12] = [
    ("anon", Who::Anonymous),
    ("outs", Who::Outsider),
    ("stud", Who::Student),
    ("peer", Who::Peer),
    ("tutr", Who::Tutor),
    ("inst", Who::Instructor),
    ("ownr", Who::Owner),
    ("audi", Who::Auditor),
    ("admn", Who::Admin),
    ("rmvd", Who::Removed),
    ("disb", Who::Disabled),
    ("read", Who::ReadToken),
];

/// What a caller is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) status: u16,
    pub(super) code: Option<&'static str>,
}

/// One kind of object of one route.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) group: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) object: &'static str,
    pub(super) deed: &'static str,
    pub(super) cells: Vec<(Who, Cell)>,
}

impl Row {
    /// Whether the route is there to change something.
    pub(super) fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// Whether the route names one thing by its id.
    pub(super) fn has_id(&self) -> bool {
        self.path.contains("{id}")
    }
}

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    let mut legend = HashMap::new();
    let (mut group, mut route, mut rows) = ("", ("", ""), Vec::new());
    for line in TABLE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            group = name;
        } else if let Some(rest) = line.strip_prefix("cell ") {
            let (name, meaning) = rest.split_once('=').expect("a cell has a meaning");
            assert!(legend.insert(name.trim(), cell(meaning)).is_none(), "twice: {line}");
        } else if let Some(rest) = line.strip_prefix("callers") {
            let names: Vec<&str> = rest.split_whitespace().collect();
            assert_eq!(names, CALLERS.map(|(name, _)| name), "another order of columns");
        } else if let Some(rest) = line.strip_prefix("  ") {
            rows.push(row(group, route, rest, &legend));
        } else {
            route = line.split_once(' ').unwrap_or_else(|| panic!("not a route: {line}"));
        }
    }
    rows
}

fn cell(meaning: &'static str) -> Cell {
    let mut words = meaning.split_whitespace();
    let status = words.next().and_then(|word| word.parse().ok()).expect("a status");
    Cell { status, code: words.next() }
}

fn row(
    group: &'static str,
    (method, path): (&'static str, &'static str),
    line: &'static str,
    legend: &HashMap<&'static str, Cell>,
) -> Row {
    let mut rest = line.trim_end();
    let mut found = Vec::new();
    for (_, who) in CALLERS.iter().rev() {
        let (before, name) = rest.rsplit_once(' ').unwrap_or_else(|| panic!("too few cells: {line}"));
        let cell = legend.get(name).unwrap_or_else(|| panic!("unknown cell {name}: {line}"));
        found.push((*who, *cell));
        rest = before.trim_end();
    }
    found.reverse();
    let (object, deed) = rest.split_once(": ").unwrap_or((rest, ""));
    Row { group, method, path, object, deed, cells: found }
}
