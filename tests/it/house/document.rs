//! Documents that are made from the code, or list what the code has: none of them may drift.

use std::{collections::BTreeSet, fs, path::PathBuf};

use api::config::KEYS;

fn read(path: &str) -> String {
    let whole = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The table rows of a Markdown page whose first cell `wanted` accepts, cells trimmed.
fn rows(page: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    page.lines()
        .filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'))
        .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .filter(|cells| wanted(&cells[0]))
        .collect()
}

#[test]
fn the_schema_page_is_what_the_migrations_make() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let current = runtime.block_on(migration::schema::current_document()).unwrap();
    assert!(
        read("docs/schema.md") == current,
        "docs/schema.md is not up to date: cargo run -p migration -- schema > docs/schema.md"
    );
}

#[test]
fn the_configuration_page_has_a_row_for_every_key() {
    let page = read("docs/configuration.md");
    let is_key = |cell: &str| {
        ["DATABASE_URL", "COLLOQUIUM_", "OTEL_"].iter().any(|start| cell.trim_matches('`').starts_with(start))
    };
    let mut found = rows(&page, is_key);
    for row in &mut found {
        row[0] = row[0].trim_matches('`').to_owned();
    }
    let expected: Vec<Vec<String>> = KEYS
        .iter()
        .map(|(key, values, default, meaning)| [key, values, default, meaning].map(|cell| (*cell).to_owned()).to_vec())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_example_environment_has_every_key_once_and_switches_none_on() {
    let example = read(".env.example");
    let mut keys = Vec::new();
    for line in example.lines().filter(|line| is_example(line)) {
        let (key, _) = line.trim_start_matches(['#', ' ']).split_once('=').unwrap();
        assert!(line.starts_with('#'), "{line:?} is switched on");
        keys.push(key.to_owned());
    }
    let expected: Vec<String> = KEYS.iter().map(|(key, ..)| (*key).to_owned()).collect();
    assert_eq!(keys, expected);
}

/// `# KEY=value`, not a sentence with an equals sign.
fn is_example(line: &str) -> bool {
    let key = line.trim_start_matches(['#', ' ']).split('=').next().unwrap_or_default();
    line.contains('=') && !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[test]
fn the_examples_of_the_configuration_are_accepted_as_they_stand() {
    let vars = read(".env.example")
        .lines()
        .filter(|line| is_example(line))
        .map(|line| {
            let (key, value) = line.trim_start_matches(['#', ' ']).split_once('=').unwrap();
            (key.to_owned(), value.to_owned())
        })
        .collect::<Vec<_>>();
    assert_eq!(vars.len(), KEYS.len());
    let config = api::config::Config::from_vars(vars);
    assert!(config.is_ok(), "{config:?}");
}

#[test]
fn every_key_is_described_once_and_in_full() {
    let mut seen = BTreeSet::new();
    for (key, values, default, meaning) in KEYS {
        assert!(seen.insert(*key), "{key} stands twice");
        assert!(!values.is_empty() && !default.is_empty() && meaning.ends_with('.'), "{key}");
    }
}

#[test]
fn every_refusal_that_the_operations_page_explains_is_one_that_is_made() {
    let sources = [
        "api/src/config/raw.rs",
        "api/src/config/safety.rs",
        "api/src/startup.rs",
        "migration/src/error.rs",
        "migration/src/runner.rs",
    ];
    let sources = sources.map(read).concat();
    // What PostgreSQL says itself.
    let of_others = ["password authentication failed", "database \""];
    let page = read("docs/operations.md");
    let (_, refusals) = page.split_once("## What each refusal means").unwrap();
    let explained = rows(refusals, |cell| cell.starts_with('`'));
    assert!(explained.len() > 15, "{explained:?}");
    for phrase in explained.iter().flat_map(|row| row[0].split("`, `")) {
        let words = phrase.trim_matches('`').split('…').map(|part| part.trim_start_matches(": ").trim());
        for words in words.filter(|words| !words.is_empty() && !words.ends_with('=')) {
            let known = sources.contains(words) || of_others.iter().any(|of| phrase.contains(of));
            assert!(known, "nothing says {words:?}");
        }
    }
}
