//! Nothing that people see is in the order of accounts or memberships: beside made-up names it would tell who is who.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Columns and fields that say whose something is, or since when somebody is here. Ids are in the order in which accounts
/// and memberships were made.
const PEOPLE: [&str; 18] = [
    "Column::UserId",
    "Column::AuthorId",
    "Column::OwnerId",
    "Column::PresenterId",
    "Column::CreatedBy",
    "Column::HiddenBy",
    "user::Column::Id",
    "user::Column::CreatedAt",
    "enrolment::Column::Id",
    "enrolment::Column::CreatedAt",
    "enrolment::Column::UpdatedAt",
    "enrolment::Column::EndedAt",
    ".user_id",
    ".author_id",
    ".owner_id",
    ".presenter_id",
    ".enrolment.id",
    ".user.id",
];

/// Orders by these that are fine: where, what is ordered, and why.
const FINE: [(&str, &str, &str); 3] = [
    (
        "service/src/enrolment.rs",
        "order_by_desc(enrolment::Column::Id)",
        "the list of members, by real names, of classes without made-up names",
    ),
    (
        "service/src/enrolment.rs",
        "order_by_asc(enrolment::Column::Id)",
        "the list of members by real names: only two of the same name stand in this order",
    ),
    ("service/src/export/mine.rs", "order_by_asc(enrolment::Column::Id)", "one person's own memberships"),
];

/// What orders rows, or what was read of them.
const ORDERS: [&str; 4] = ["order_by", "sort_by", "sort_unstable_by", "sort_by_cached_key"];

/// The calls of a source that order by people; its tests and comments are left out.
fn ordered_by_people(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let code = lines.collect::<Vec<_>>().join(" ");
    let places = ORDERS.iter().flat_map(|order| code.match_indices(order)).map(|(at, _)| call(&code[at..]));
    let mut found: Vec<String> =
        places.filter(|call| PEOPLE.iter().any(|column| call.contains(column))).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

/// A call, from its name to the end of what it takes.
fn call(code: &str) -> &str {
    let mut depth = 0_i32;
    let end = code.char_indices().find(|(_, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        *letter == ')' && depth == 0
    });
    end.map_or(code, |(at, _)| &code[..=at])
}

fn sources(root: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn nothing_is_ordered_by_accounts_or_memberships_where_names_may_be_made_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    ["entity/src", "service/src", "api/src"].iter().for_each(|part| sources(&root.join(part), &mut files));
    assert!(files.len() > 150, "{} files", files.len());
    let (mut found, mut used) = (Vec::new(), 0);
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(&file).unwrap();
        for call in ordered_by_people(&source) {
            match FINE.iter().any(|(place, fine, _)| *place == name && call == *fine) {
                true => used += 1,
                false => found.push(format!("{name}: {call}")),
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "order by what is shown, or say in FINE why it tells nothing");
    assert_eq!(used, FINE.len(), "an exception that nothing needs any more");
}

#[test]
fn the_rule_finds_what_it_is_for() {
    let planted = [
        (
            "for row in rows.order_by_asc(mention::Column::UserId).all(db).await? {",
            "order_by_asc(mention::Column::UserId)",
        ),
        (
            "query.order_by_desc(\n    conversation::Column::OwnerId,\n)",
            "order_by_desc( conversation::Column::OwnerId, )",
        ),
        (".order_by_asc(enrolment::Column::CreatedAt)", "order_by_asc(enrolment::Column::CreatedAt)"),
        ("query.order_by(user::Column::Id, Order::Asc).limit(1)", "order_by(user::Column::Id, Order::Asc)"),
        ("rows.sort_by_key(|row| row.user_id);", "sort_by_key(|row| row.user_id)"),
        ("people.sort_unstable_by_key(|one| (one.enrolment.id));", "sort_unstable_by_key(|one| (one.enrolment.id))"),
    ];
    for (line, call) in planted {
        assert_eq!(ordered_by_people(line), [call], "{line}");
    }
    let fine = [
        "let query = query.order_by_asc(comment::Column::Id);",
        ".order_by_asc(comment::Column::Id).filter(mention::Column::UserId.eq(user))",
        "mentions.sort_by_key(|person| person.id);",
        "// rows.order_by_asc(mention::Column::UserId)",
    ];
    for line in fine {
        assert_eq!(ordered_by_people(line), Vec::<String>::new(), "{line}");
    }
}
