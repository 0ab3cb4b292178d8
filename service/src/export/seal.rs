//! Proof that a file is as it was exported, and by whom.
//!
//! A file says of some words that they are its exporter's own. That is believed only of a file that is byte for byte what
//! was given to this very account: anybody can write anything into a file, and have somebody else import it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::UserId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What stands before the seal in a file; it is the last member.
pub(super) const MEMBER: &str = ",\"seal\":\"";

/// What stands after it.
pub(super) const END: &str = "\"}";

/// What a file of this hash says when it is exported to `user` from the class with this secret.
pub(super) fn seal(secret: &[u8], user: UserId, hash: &[u8]) -> String {
    let made = mac(secret, user, hash).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(made)
}

fn mac(secret: &[u8], user: UserId, hash: &[u8]) -> Option<Hmac<Sha256>> {
    // A key of any length will do, so there is none that it refuses.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    // The same secret makes pseudonyms; these bytes begin like nothing that is asked of it there.
    mac.update(b"export\0");
    mac.update(user.0.as_bytes());
    mac.update(hash);
    Some(mac)
}
