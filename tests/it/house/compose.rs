//! The files of the deployment: what they say is read as it stands, and given to the program's own check.

use std::{collections::BTreeMap, fs, path::Path};

use api::config::{Config, Migrate, Profile};
use service::rules::Registration;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

/// A YAML file of maps, lists and plain words, as paths and their values: `services.server.image` is `colloquium`. More
/// of YAML the file has no need of, and what is not understood fails the test.
fn leaves(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        assert!(!line.contains('\t') && !line.contains(" #"), "{line:?}");
        let depth = line.len() - line.trim_start().len();
        path.retain(|(of, _)| *of < depth);
        let at = path.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(".");
        let line = line.trim();
        if let Some(item) = line.strip_prefix("- ") {
            found.entry(at).or_default().push(item.to_owned());
        } else if let Some(key) = line.strip_suffix(':') {
            path.push((depth, key.to_owned()));
        } else {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("not understood: {line:?}"));
            let list = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
            let words = list.map_or(vec![value], |list| list.split(", ").collect());
            let whole = if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
            let old = found.insert(whole, words.iter().map(|word| word.trim_matches('"').to_owned()).collect());
            assert!(old.is_none(), "{line:?} stands twice");
        }
    }
    found
}

/// The environment of a service, with secrets from files in `secrets` and the one value that an operator has to give.
fn environment(compose: &BTreeMap<String, Vec<String>>, service: &str, secrets: &Path) -> Vec<(String, String)> {
    let prefix = format!("services.{service}.environment.");
    let ours = compose.iter().filter_map(|(path, value)| Some((path.strip_prefix(&prefix)?, value.join(", "))));
    ours.map(|(key, value)| {
        let value = match value.strip_prefix("/run/secrets/") {
            Some(name) => secrets.join(name).display().to_string(),
            None if value.starts_with("${COLLOQUIUM_PUBLIC_URL:?") => "https://colloquium.example.org".to_owned(),
            None => value,
        };
        (key.to_owned(), value)
    })
    .collect()
}

#[test]
fn the_environment_of_the_compose_file_is_accepted_by_the_check() {
    let compose = leaves(&read("docker-compose.yml"));
    let secrets = tempfile::tempdir().unwrap();
    let url = "postgres://colloquium:0123456789abcdef@database:5432/colloquium\n";
    fs::write(secrets.path().join("database_url"), url).unwrap();
    let vars = environment(&compose, "server", secrets.path());
    let config = Config::from_vars(vars.clone()).unwrap();
    assert_eq!((config.profile, config.migrate), (Profile::Production, Migrate::Never));
    assert_eq!(config.rules.registration, Registration::Invite);
    // The database is the service of that name, with the names that service makes.
    assert_eq!(config.database.host(), Some("database"));
    assert_eq!(compose["services.database.environment.POSTGRES_DB"], [config.database.database()]);
    assert_eq!(compose["services.database.environment.POSTGRES_USER"], ["colloquium"]);
    // Without TLS it has to be allowed in so many words.
    let plain = vars.into_iter().filter(|(key, _)| key != "COLLOQUIUM_ALLOW");
    let refused = Config::from_vars(plain).unwrap_err();
    assert!(refused.len() == 1 && refused[0].to_string().contains("COLLOQUIUM_ALLOW=plain_database"), "{refused:?}");
    // The step that migrates has no keys but these.
    let step = environment(&compose, "migrate", secrets.path());
    assert_eq!(
        step.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
        ["COLLOQUIUM_PROFILE", "DATABASE_URL_FILE"]
    );
}

#[test]
fn the_services_wait_for_each_other_and_are_locked_down() {
    let text = read("docker-compose.yml");
    let compose = leaves(&text);
    let is = |path: &str, expected: &[&str]| assert_eq!(compose[&format!("services.{path}")], expected, "{path}");
    is("migrate.depends_on.database.condition", &["service_healthy"]);
    is("server.depends_on.database.condition", &["service_healthy"]);
    is("server.depends_on.migrate.condition", &["service_healthy"]);
    is("migrate.command", &["up", "--stay"]);
    is("migrate.healthcheck.test", &["CMD", "/usr/local/bin/migration", "check"]);
    is("server.healthcheck.test", &["CMD", "/usr/local/bin/colloquium", "health"]);
    assert_eq!(compose["services.database.healthcheck.test"][1], "pg_isready");
    let services = ["database", "migrate", "server"];
    assert!(!text.contains("disable:") && !text.contains("service_completed"));
    for service in services {
        assert_eq!(compose[&format!("services.{service}.healthcheck.test")][0], "CMD");
        is(&format!("{service}.restart"), &["unless-stopped"]);
    }
    for service in ["server", "migrate"] {
        is(&format!("{service}.read_only"), &["true"]);
        is(&format!("{service}.cap_drop"), &["ALL"]);
        is(&format!("{service}.security_opt"), &["no-new-privileges:true"]);
    }
    // Only a proxy on the same machine reaches the server, only the other services the database.
    is("server.ports", &["127.0.0.1:8080:8080"]);
    assert_eq!(compose["networks.inside.internal"], ["true"]);
    is("database.networks", &["inside"]);
    is("migrate.networks", &["inside"]);
    assert!(!compose.contains_key("services.database.ports"));
}

#[test]
fn no_secret_stands_in_the_compose_file() {
    let text = read("docker-compose.yml");
    assert!(!text.contains("postgres://"));
    for (path, value) in leaves(&text) {
        let key = path.rsplit('.').next().unwrap().to_ascii_uppercase();
        let of_a_secret = ["PASSWORD", "DATABASE_URL", "TOKEN", "KEY"].iter().any(|word| key.contains(word));
        let is_a_file = value.iter().all(|value| value.starts_with("/run/secrets/"));
        assert!(!of_a_secret || (key.ends_with("_FILE") && is_a_file), "{path}: {value:?}");
    }
    assert_eq!(leaves(&text)["secrets.database_url.file"], ["./secrets/database_url"]);
    assert!(read(".gitignore").lines().any(|line| line == "/secrets"));
}

#[test]
fn the_image_is_for_nobody_in_particular_and_its_environment_is_accepted() {
    let dockerfile = read("Dockerfile").replace("\\\n", " ");
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    let line = |word: &str| last.lines().find_map(|line| line.strip_prefix(word)).unwrap().trim();
    assert_ne!(line("USER ").split(':').next().unwrap().parse::<u32>().unwrap(), 0);
    assert!(line("HEALTHCHECK ").ends_with("CMD [\"/usr/local/bin/colloquium\", \"health\"]"));
    assert_eq!(line("ENTRYPOINT "), "[\"/usr/local/bin/colloquium\"]");
    let vars = line("ENV ").split_whitespace().map(|pair| pair.split_once('=').unwrap());
    let config = Config::from_vars(vars.map(|(key, value)| (key.to_owned(), value.to_owned()))).unwrap();
    assert_eq!(config.profile, Profile::Production);
    assert_eq!(config.database.path(), Some(Path::new("/data/colloquium.db")));
    // The toolchain is the one that everything else is built with.
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap().trim_matches('"');
    assert!(dockerfile.contains(&format!("RUSTUP_TOOLCHAIN={channel}\n")));
    assert!(dockerfile.contains(&format!("FROM rust:{}-", channel.rsplit_once('.').unwrap().0)));
}
