//! What can be wrong with a database address, and what to do about it.

/// Why a text is no database address: what was found, why it is wrong, the likely fix.
///
/// Nothing a password may be part of is ever repeated, so a message can go into any log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Nothing there.
    #[error(
        "the database URL is empty: write sqlite://./data/colloquium.db?mode=rwc or postgres://user:password@host:5432/database, or leave it unset"
    )]
    Empty,
    /// Quotes that a shell would have removed.
    #[error(
        "the database URL begins or ends with a quotation mark: env files are not read by a shell, so remove the quotes"
    )]
    Quoted,
    /// No `scheme:` in front.
    #[error("the database URL has no scheme: begin it with sqlite:// or postgres://")]
    MissingScheme,
    /// A scheme that names no engine of ours.
    #[error("the database URL begins with \"{scheme}:\", which is not supported: {fix}")]
    UnknownScheme {
        /// What stands in front.
        scheme: String,
        /// The likely fix.
        fix: &'static str,
    },
    /// `postgres:` without the two slashes.
    #[error("the database URL has no // after {scheme}: write {scheme}://user:password@host:5432/database")]
    MissingSlashes {
        /// What stands in front.
        scheme: String,
    },
    /// A character in user name or password that ends them.
    #[error(
        "the user name or password in the database URL (postgres://***) holds an unescaped {character}, which ends it there: write {escaped} instead"
    )]
    Unescaped {
        /// The character.
        character: char,
        /// How to write it.
        escaped: &'static str,
    },
    /// A `#` behind the server.
    #[error("the database URL holds an unescaped #, which would cut off what follows: write %23 instead")]
    Fragment,
    /// A `%` that escapes nothing.
    #[error(
        "{part} in the database URL holds a % that is not followed by two hexadecimal digits of a UTF-8 text: write %25 for the character itself"
    )]
    Escape {
        /// Where it stands.
        part: &'static str,
    },
    /// A port that is none.
    #[error("the port in the database URL{} is not a number from 1 to 65535: PostgreSQL listens on 5432 unless \
        told otherwise; a password stands before an @, as in postgres://user:password@host:5432/database", found.as_deref().map(|found| format!(" ({found})")).unwrap_or_default())]
    Port {
        /// The digits found, where they cannot be a password.
        found: Option<String>,
    },
    /// No server.
    #[error(
        "the database URL names no host: write postgres://user:password@host:5432/database, or ?host=/var/run/postgresql for a local socket"
    )]
    MissingHost,
    /// A server name that cannot be one.
    #[error(
        "the host in the database URL is not a valid host name: write a name, an IPv4 address, or an IPv6 address in [ ]"
    )]
    Host,
    /// No database name.
    #[error("the database URL names no database: add its name after the host, as in {example}")]
    MissingDatabase {
        /// The address as it could be.
        example: String,
    },
    /// A path where a name is meant.
    #[error(
        "the database name in the database URL holds a /: write postgres://user:password@host:5432/database, with %2F for a / that is part of the name"
    )]
    DatabaseName,
    /// No file name.
    #[error(
        "the database URL names no file: write sqlite://./data/colloquium.db?mode=rwc (relative), sqlite:///srv/colloquium.db?mode=rwc (absolute) or sqlite::memory:"
    )]
    EmptyPath,
    /// A directory where a file is meant.
    #[error(
        "the database URL names the directory {path}, not a file: add the file's name, as in sqlite://{path}/colloquium.db?mode=rwc"
    )]
    Directory {
        /// The path found.
        path: String,
    },
    /// A parameter nothing reads.
    #[error("the database URL has the parameter {name}, which nothing here reads: remove it (known are {known})")]
    UnknownParameter {
        /// Its name.
        name: String,
        /// Those that are read.
        known: &'static str,
    },
    /// A parameter with a value it cannot have.
    #[error("the parameter {name} in the database URL has a value it cannot have: it takes {known}")]
    ParameterValue {
        /// Its name.
        name: &'static str,
        /// The values it takes.
        known: &'static str,
    },
}
