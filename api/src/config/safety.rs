//! Settings that are fine one by one and unsafe together. Each pair has one word that allows it all the same.

use service::rules::Registration;

use super::{Config, Profile, raw::Reader};

/// What `COLLOQUIUM_ALLOW` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allow {
    /// Production that anybody who reaches it may register at.
    PublicRegistration,
    /// PostgreSQL on another machine whose certificate is not checked.
    PlainDatabase,
    /// Production that people reach without TLS.
    PlainHttp,
}

/// The words for it.
const WORDS: [(&str, Allow); 3] = [
    ("public_registration", Allow::PublicRegistration),
    ("plain_database", Allow::PlainDatabase),
    ("plain_http", Allow::PlainHttp),
];

/// Reads the list of words.
pub(super) fn allowed(r: &mut Reader, text: Option<&str>) -> Vec<Allow> {
    let key = "COLLOQUIUM_ALLOW";
    let words = text.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty());
    // The first word stands for a wrong one; what was noted stops the start.
    words.map(|word| r.one_of(key, Some(word), &WORDS, Allow::PublicRegistration)).collect()
}

/// Notes what is unsafe and not allowed.
pub(super) fn check(r: &mut Reader, config: &Config, allow: &[Allow]) {
    let public = !config.bind.ip().is_loopback();
    if config.profile == Profile::Production
        && public
        && config.rules.registration == Registration::Open
        && !allow.contains(&Allow::PublicRegistration)
    {
        let bind = config.bind.to_string();
        let reason = "would let everybody who reaches this address register (COLLOQUIUM_REGISTRATION=open)";
        let fix = "set COLLOQUIUM_REGISTRATION=invite, or COLLOQUIUM_ALLOW=public_registration if that is meant";
        r.note("COLLOQUIUM_BIND", Some(&bind), reason, fix);
    }
    let plain = config.public_url.strip_prefix("http://").map(host);
    if config.profile == Profile::Production
        && plain.is_some_and(|host| !is_here(host))
        && !allow.contains(&Allow::PlainHttp)
    {
        let reason = "is not https: whoever stands between can read passwords and sessions";
        let fix = "put a proxy with TLS in front and write https://, or set COLLOQUIUM_ALLOW=plain_http if the network \
                   between is yours alone";
        r.note("COLLOQUIUM_PUBLIC_URL", Some(&config.public_url), reason, fix);
    }
    let url = &config.database;
    // In the test profile a server is refused already.
    let remote = url.host().is_some_and(|host| !is_here(host)) && config.profile != Profile::Test;
    if remote && url.ssl_mode() != Some("verify-full") && !allow.contains(&Allow::PlainDatabase) {
        let reason = "is on another machine, and without sslmode=verify-full whoever stands between can read and \
                      change everything";
        let fix = "add ?sslmode=verify-full&sslrootcert=FILE, or set COLLOQUIUM_ALLOW=plain_database if the network \
                   between is yours alone";
        r.note("DATABASE_URL", Some(&url.to_string()), reason, fix);
    }
}

/// The host of an origin, without its port.
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// Whether a host is this machine: its loopback addresses, and sockets of PostgreSQL.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/') || bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
