//! Browsers that logged in before: whoever guesses a person's password slows the person down, but not there.
//!
//! A browser keeps random bytes and their HMAC under the stored hash of the password, so that nothing is to be stored, a
//! change of password ends them all, and nobody who lacks the database can make one. It opens nothing: it only counts its
//! failures apart from everybody else's.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::user;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::Duration;

use crate::{Result, Secret, secret::random};

/// How long a browser is known.
pub const KNOWN: Duration = Duration::days(180);

/// Failures in a row after which a browser is like any other: it may have been stolen to guess with.
pub(crate) const TRUSTED: i32 = 10;

/// Bytes that tell browsers of one person apart.
const RANDOM: usize = 16;

/// What a browser keeps after this person logged in; nothing for an account without a password.
pub(crate) fn make(person: &user::Model) -> Result<Option<Secret>> {
    let random = random::<RANDOM>()?;
    Ok(seal(person, &random).map(|seal| {
        let text = [random.as_slice(), &seal].concat();
        Secret::new(URL_SAFE_NO_PAD.encode(text))
    }))
}

/// Whether the person logged in with this browser before.
pub(crate) fn knows(person: &user::Model, kept: &Secret) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(kept.expose()) else { return false };
    let Some((random, sealed)) = bytes.split_at_checked(RANDOM) else { return false };
    mac(person, random).is_some_and(|mac| mac.verify_slice(sealed).is_ok())
}

/// Under what its failures are counted.
pub(crate) fn counted_as(kept: &Secret) -> Vec<u8> {
    Sha256::digest([b"known:", kept.expose().as_bytes()].concat()).to_vec()
}

fn seal(person: &user::Model, random: &[u8]) -> Option<Vec<u8>> {
    Some(mac(person, random)?.finalize().into_bytes().to_vec())
}

fn mac(person: &user::Model, random: &[u8]) -> Option<Hmac<Sha256>> {
    let hash = person.password_hash.as_ref()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(hash.as_bytes()).ok()?;
    mac.update(b"known browser of ");
    mac.update(person.id.0.as_bytes());
    mac.update(random);
    Some(mac)
}
