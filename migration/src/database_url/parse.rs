//! From text to parts. By hand, because a general parser accepts an unescaped password quietly and connects elsewhere.

use std::path::PathBuf;

use sqlx::postgres::PgSslMode;
use url::form_urlencoded;

use super::{DatabaseUrlError as Error, Parts, Password, Postgres, Sqlite};

const SQLITE_PARAMETERS: &str = "mode, cache";
const POSTGRES_PARAMETERS: &str = "sslmode, sslrootcert, sslcert, sslkey, application_name, options, \
    statement-cache-capacity, host, port, user, password, dbname";

pub(super) fn parse(text: &str) -> Result<Parts, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']) {
        return Err(Error::Quoted);
    }
    let (scheme, rest) = text.split_once(':').ok_or(Error::MissingScheme)?;
    match scheme.to_ascii_lowercase().as_str() {
        "sqlite" => sqlite(rest).map(Parts::Sqlite),
        "postgres" | "postgresql" => match rest.strip_prefix("//") {
            Some(rest) => postgres(rest).map(Parts::Postgres),
            None => Err(Error::MissingSlashes { scheme: scheme.to_ascii_lowercase() }),
        },
        other => Err(unknown_scheme(other, rest)),
    }
}

fn unknown_scheme(scheme: &str, rest: &str) -> Error {
    let base = scheme.split('+').next().unwrap_or_default();
    let plain = scheme.len() <= 24 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    // In `user:password@host` what stands before the colon is no scheme; it is not repeated.
    if !plain || !(rest.starts_with("//") || base == "file") {
        return Error::MissingScheme;
    }
    let fix = match base {
        "postgres" | "postgresql" | "pgsql" | "psql" | "pg" => "write postgres://, without the name of a driver",
        "sqlite" | "sqlite3" | "file" => "write sqlite://",
        "mysql" | "mariadb" => "MySQL and MariaDB do not work here, use sqlite:// or postgres://",
        _ => "use sqlite:// or postgres://",
    };
    Error::UnknownScheme { scheme: scheme.to_owned(), fix }
}

fn sqlite(rest: &str) -> Result<Sqlite, Error> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    if rest.contains('#') {
        return Err(Error::Fragment);
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut mode, mut cache) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let (place, key, known) = match &*name {
            "mode" => (&mut mode, "mode", ["ro", "rw", "rwc", "memory"].as_slice()),
            "cache" => (&mut cache, "cache", ["private", "shared"].as_slice()),
            _ => {
                return Err(Error::UnknownParameter { name: name.into_owned(), known: SQLITE_PARAMETERS });
            }
        };
        if !known.contains(&&*value) {
            let known = if key == "mode" { "ro, rw, rwc or memory" } else { "private or shared" };
            return Err(Error::ParameterValue { name: key, known });
        }
        *place = Some(value.into_owned());
    }
    let path = decode(path).ok_or(Error::Escape { part: "the path" })?;
    if path == ":memory:" || mode.as_deref() == Some("memory") {
        return Ok(Sqlite { path: None, mode: None, cache: None });
    }
    if path.is_empty() {
        return Err(Error::EmptyPath);
    }
    if path.ends_with('/') || matches!(path.rsplit('/').next(), Some("." | "..")) {
        let path = path.trim_end_matches('/').to_owned();
        return Err(Error::Directory { path });
    }
    Ok(Sqlite { path: Some(PathBuf::from(path)), mode, cache })
}

fn postgres(rest: &str) -> Result<Postgres, Error> {
    let (authority, tail) = split_authority(rest)?;
    let (login, server) = match authority.rsplit_once('@') {
        Some((login, server)) => (Some(login), server),
        None => (None, authority),
    };
    let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
        Some((user, password)) => (non_empty(user), non_empty(password)),
        None => (None, None),
    };
    let (host, port) = split_port(server, login.is_some())?;
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let name = path.trim_matches('/');
    if name.contains('/') {
        return Err(Error::DatabaseName);
    }
    let login = Error::Escape { part: "the user name or password" };
    let mut found = Postgres {
        user: user.map(|user| decode(user).ok_or(login.clone())).transpose()?,
        password: password.map(|word| decode(word).map(Password).ok_or(login)).transpose()?,
        host: decode(host).ok_or(Error::Escape { part: "the host" })?,
        port,
        database: decode(name).ok_or(Error::Escape { part: "the database name" })?,
        parameters: Vec::new(),
    };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        found.set(&name, value.into_owned())?;
    }
    found.check()
}

fn non_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// What stands before the first `/`, `?` or `#`, and the rest; an error where that character belongs to a password.
fn split_authority(rest: &str) -> Result<(&str, &str), Error> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let path = tail.split('?').next().unwrap_or_default();
    let login_goes_on = match tail.chars().next() {
        // An @ in the parameters of an address without a login is fine, one in the path is not.
        Some('/') => path.contains('@') || (authority.contains(':') && !ends_in_port(authority) && tail.contains('@')),
        Some(_) => tail.contains('@'),
        None => false,
    };
    if login_goes_on && !authority.contains('@') {
        let (character, escaped) = match tail.chars().next() {
            Some('/') => ('/', "%2F"),
            Some('?') => ('?', "%3F"),
            _ => ('#', "%23"),
        };
        return Err(Error::Unescaped { character, escaped });
    }
    // Here a login is complete before the first slash: any second @ stands inside it.
    if authority.matches('@').count() > 1 || (authority.contains('@') && path.contains('@')) {
        return Err(Error::Unescaped { character: '@', escaped: "%40" });
    }
    if tail.contains('#') {
        return Err(Error::Fragment);
    }
    Ok((authority, tail))
}

fn ends_in_port(authority: &str) -> bool {
    let port = authority.rsplit(':').next().unwrap_or_default();
    authority.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host and the port of `host:port`. `after_login` says that nothing here can be a password.
fn split_port(server: &str, after_login: bool) -> Result<(&str, u16), Error> {
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !server.ends_with(']') => (host, Some(port)),
        _ => (server, None),
    };
    let Some(text) = port.filter(|port| !port.is_empty()) else {
        return Ok((host, 5432));
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok((host, port)),
        _ => Err(Error::Port { found: Some(text.to_owned()).filter(|_| after_login && digits) }),
    }
}

impl Postgres {
    /// Takes one parameter; those that name a part of the address replace it, as in libpq.
    fn set(&mut self, name: &str, value: String) -> Result<(), Error> {
        match name {
            "host" | "hostaddr" => self.host = value,
            "port" => (_, self.port) = split_port(&format!(":{value}"), false)?,
            "user" => self.user = Some(value),
            "password" => self.password = Some(Password(value)),
            "dbname" => self.database = value,
            "sslmode" | "ssl-mode" if value.parse::<PgSslMode>().is_err() => {
                let known = "disable, allow, prefer, require, verify-ca or verify-full";
                return Err(Error::ParameterValue { name: "sslmode", known });
            }
            "statement-cache-capacity" if value.parse::<usize>().is_err() => {
                return Err(Error::ParameterValue { name: "statement-cache-capacity", known: "a number" });
            }
            "sslmode"
            | "ssl-mode"
            | "sslrootcert"
            | "ssl-root-cert"
            | "ssl-ca"
            | "sslcert"
            | "ssl-cert"
            | "sslkey"
            | "ssl-key"
            | "statement-cache-capacity"
            | "application_name"
            | "options" => {
                self.parameters.push((name.to_owned(), value));
            }
            _ if name.starts_with("options[") && name.ends_with(']') => {
                self.parameters.push((name.to_owned(), value));
            }
            // The driver would log an unknown parameter together with its value.
            _ => {
                return Err(Error::UnknownParameter { name: name.to_owned(), known: POSTGRES_PARAMETERS });
            }
        }
        Ok(())
    }

    fn check(self) -> Result<Self, Error> {
        if self.host.is_empty() {
            return Err(Error::MissingHost);
        }
        let host = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let valid = match host {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None if self.host.starts_with('/') => true,
            None => self.host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
        };
        if !valid {
            return Err(Error::Host);
        }
        if self.database.is_empty() {
            let login = if self.user.is_some() { "user:***@" } else { "" };
            let example = format!("postgres://{login}{}:{}/colloquium", self.host, self.port);
            return Err(Error::MissingDatabase { example });
        }
        Ok(self)
    }
}

/// `text` without its escapes; none where a `%` escapes nothing or the result is no text.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}
