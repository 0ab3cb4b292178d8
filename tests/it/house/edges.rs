//! Who may import whom: the table of crates, asserted from what cargo itself says.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn metadata() -> Metadata {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    MetadataCommand::new().cargo_path(env!("CARGO")).manifest_path(manifest).no_deps().exec().unwrap()
}

/// What every crate depends on, by name; `only` picks the kinds.
fn dependencies(only: &[DependencyKind]) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata().packages;
    let named = packages.into_iter().map(|package| {
        let wanted = package.dependencies.into_iter().filter(|dependency| only.contains(&dependency.kind));
        (package.name.to_string(), wanted.map(|dependency| dependency.name).collect())
    });
    named.collect()
}

const ALL_KINDS: [DependencyKind; 3] = [DependencyKind::Normal, DependencyKind::Development, DependencyKind::Build];

#[test]
fn crates_import_what_the_design_lets_them() {
    let expected = [
        ("api", ["migration", "service"].as_slice()),
        ("entity", &[]),
        ("migration", &[]),
        ("service", &["entity"]),
        ("tests", &["api", "entity", "migration", "service"]),
    ];
    let ours: BTreeSet<&str> = expected.iter().map(|(name, _)| *name).collect();
    let found: BTreeMap<String, BTreeSet<String>> = dependencies(&ALL_KINDS)
        .into_iter()
        .map(|(name, imports)| (name, imports.into_iter().filter(|import| ours.contains(import.as_str())).collect()))
        .collect();
    let expected: BTreeMap<String, BTreeSet<String>> = expected
        .iter()
        .map(|(name, imports)| ((*name).to_owned(), imports.iter().map(|import| (*import).to_owned()).collect()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn no_query_can_grow_in_the_http_layer_and_no_http_below_it() {
    let all = dependencies(&ALL_KINDS);
    let banned = |name: &str, starts: &[&str]| -> Vec<String> {
        let imports = all[name].iter();
        imports.filter(|import| starts.iter().any(|start| import.starts_with(start))).cloned().collect()
    };
    assert_eq!(banned("api", &["sea-orm", "sea-query", "sqlx", "libsqlite3"]), Vec::<String>::new());
    for below in ["entity", "migration", "service"] {
        assert_eq!(banned(below, &["actix", "utoipa", "hyper", "envy"]), Vec::<String>::new(), "{below}");
    }
    assert_eq!(banned("entity", &["sqlx", "sea-orm-migration", "tokio"]), Vec::<String>::new());
    assert_eq!(banned("service", &["sea-orm-migration"]), Vec::<String>::new());
}

#[test]
fn what_is_for_tests_alone_is_in_no_program() {
    for (name, imports) in dependencies(&[DependencyKind::Normal, DependencyKind::Build]) {
        let found: Vec<&String> =
            imports.iter().filter(|i| ["proptest", "cargo_metadata"].contains(&i.as_str())).collect();
        assert!(name == "tests" || found.is_empty(), "{name} imports {found:?}");
    }
}

#[test]
fn cargo_run_starts_the_server() {
    let metadata = metadata();
    let default: Vec<&str> =
        metadata.workspace_default_packages().iter().map(|package| package.name.as_str()).collect();
    assert_eq!(default, ["api"]);
    let api = metadata.packages.iter().find(|package| package.name.as_str() == "api").unwrap();
    let programs: Vec<&str> =
        api.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str()).collect();
    assert_eq!(programs, ["colloquium"]);
}

#[test]
fn every_crate_has_the_same_version_of_three_numbers() {
    let packages = metadata().packages;
    assert_eq!(packages.len(), 5);
    for package in &packages {
        let version = package.version.to_string();
        let numbers: Vec<&str> = version.split('.').collect();
        assert!(numbers.len() == 3 && numbers.iter().all(|n| n.parse::<u32>().is_ok()), "{}: {version}", package.name);
        assert_eq!(version, env!("CARGO_PKG_VERSION"), "{}", package.name);
        assert_eq!(package.license.as_deref(), Some("Apache-2.0"), "{}", package.name);
        assert_eq!(package.edition.to_string(), "2024", "{}", package.name);
    }
}
