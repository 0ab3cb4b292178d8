//! The database's address: parsed once, masked wherever it is shown.

mod error;
mod parse;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

pub use error::DatabaseUrlError;

/// Which database engine an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, a file or in memory.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The address of a database.
///
/// `Debug` and `Display` mask the password; [`expose`](Self::expose) is the only way to it.
#[derive(Clone)]
pub struct DatabaseUrl {
    parts: Parts,
}

#[derive(Clone)]
enum Parts {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

#[derive(Clone)]
struct Sqlite {
    /// None: in memory.
    path: Option<PathBuf>,
    mode: Option<String>,
    cache: Option<String>,
}

#[derive(Clone)]
struct Postgres {
    user: Option<String>,
    password: Option<Password>,
    host: String,
    port: u16,
    database: String,
    parameters: Vec<(String, String)>,
}

/// Neither `Debug` nor `Display`, so that no formatting can ever reach it.
#[derive(Clone)]
struct Password(String);

impl DatabaseUrl {
    /// A SQLite database in memory.
    #[must_use]
    pub fn memory() -> Self {
        let parts = Parts::Sqlite(Sqlite { path: None, mode: None, cache: None });
        Self { parts }
    }

    /// A SQLite file, made when missing.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let parts = Parts::Sqlite(Sqlite { path: Some(path.into()), mode: Some("rwc".into()), cache: None });
        Self { parts }
    }

    /// Which engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.parts {
            Parts::Sqlite(_) => Engine::Sqlite,
            Parts::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether it is a SQLite database in memory, which only the connection that made it can see.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(&self.parts, Parts::Sqlite(sqlite) if sqlite.path.is_none())
    }

    /// The SQLite file, unless in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.parts {
            Parts::Sqlite(sqlite) => sqlite.path.as_deref(),
            Parts::Postgres(_) => None,
        }
    }

    /// Whether a missing SQLite file may be made.
    #[must_use]
    pub fn creates(&self) -> bool {
        matches!(&self.parts, Parts::Sqlite(sqlite) if sqlite.mode.as_deref() == Some("rwc"))
    }

    /// Whether a SQLite file is to be opened for reading only.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(&self.parts, Parts::Sqlite(sqlite) if sqlite.mode.as_deref() == Some("ro"))
    }

    /// The server, or the directory of its socket; none for SQLite.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.parts {
            Parts::Sqlite(_) => None,
            Parts::Postgres(postgres) => Some(&postgres.host),
        }
    }

    /// The server's port; none for SQLite.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match &self.parts {
            Parts::Sqlite(_) => None,
            Parts::Postgres(postgres) => Some(postgres.port),
        }
    }

    /// What to call the database in a log: its name, the file's path, or `:memory:`.
    #[must_use]
    pub fn database(&self) -> String {
        match &self.parts {
            Parts::Sqlite(Sqlite { path: Some(path), .. }) => path.display().to_string(),
            Parts::Sqlite(_) => ":memory:".to_owned(),
            Parts::Postgres(postgres) => postgres.database.clone(),
        }
    }

    /// The value of `sslmode`, if the address has one.
    #[must_use]
    pub fn ssl_mode(&self) -> Option<&str> {
        let Parts::Postgres(postgres) = &self.parts else {
            return None;
        };
        let found = postgres.parameters.iter().rev().find(|(key, _)| matches!(key.as_str(), "sslmode" | "ssl-mode"));
        found.map(|(_, value)| value.as_str())
    }

    /// The whole address with its password, in a form that every parser below accepts. For connecting, nothing else:
    /// whatever prints it, or the connect options made of it, prints the password.
    #[must_use]
    pub fn expose(&self) -> String {
        match &self.parts {
            Parts::Sqlite(sqlite) => sqlite.expose(),
            Parts::Postgres(postgres) => postgres.expose(),
        }
    }
}

impl Sqlite {
    fn expose(&self) -> String {
        let Some(path) = &self.path else {
            return "sqlite::memory:".to_owned();
        };
        // `sqlite:` without slashes: after `//` the first directory would have to be a valid host name.
        let mut text = format!("sqlite:{}", encode(&path.to_string_lossy(), "/"));
        let parameters = [("mode", &self.mode), ("cache", &self.cache)];
        let given = parameters.into_iter().filter_map(|(key, value)| value.as_ref().map(|value| (key, value.as_str())));
        append_query(&mut text, given);
        text
    }
}

impl Postgres {
    fn expose(&self) -> String {
        let mut text = "postgres://".to_owned();
        if let Some(user) = &self.user {
            text.push_str(&encode(user, ""));
        }
        if let Some(Password(password)) = &self.password {
            text.push(':');
            text.push_str(&encode(password, ""));
        }
        if self.user.is_some() || self.password.is_some() {
            text.push('@');
        }
        let host = encode(&self.host, if self.host.starts_with('[') { "[:]" } else { "" });
        text.push_str(&format!("{host}:{}/{}", self.port, encode(&self.database, "")));
        append_query(&mut text, self.parameters.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        text
    }
}

/// `text` with every byte escaped but letters, digits, `-._~` and those in `kept`.
fn encode(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric() || "-._~".contains(character) || kept.contains(character) {
            out.push(character);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn append_query<'a>(text: &mut String, parameters: impl Iterator<Item = (&'a str, &'a str)>) {
    for (count, (key, value)) in parameters.enumerate() {
        text.push(if count == 0 { '?' } else { '&' });
        text.push_str(&format!("{}={}", encode(key, ""), encode(value, "")));
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::parse(text).map(|parts| Self { parts })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parts {
            Parts::Sqlite(Sqlite { path: None, .. }) => f.write_str("sqlite::memory:"),
            Parts::Sqlite(Sqlite { path: Some(path), .. }) => write!(f, "sqlite:{}", path.display()),
            Parts::Postgres(Postgres { user, password, host, port, database, .. }) => {
                f.write_str("postgres://")?;
                f.write_str(user.as_deref().unwrap_or_default())?;
                if password.is_some() {
                    f.write_str(":***")?;
                }
                if user.is_some() || password.is_some() {
                    f.write_str("@")?;
                }
                // The parameters stay out: `options` may hold anything.
                write!(f, "{host}:{port}/{database}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
