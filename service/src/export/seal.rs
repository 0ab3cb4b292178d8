//! Proof that a file is as it was exported, and by whom.
//!
//! A file says of some words that they are its exporter's own. That is believed only of a file that is byte for byte what
//! was given to this very account: anybody can write anything into a file, and have somebody else import it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::UserId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What stands before the seal in a file; it is the last member.
pub(crate) const MEMBER: &str = ",\"seal\":\"";

/// What stands after it.
pub(crate) const END: &str = "\"}";

/// What is sealed: all bytes of a file before [`MEMBER`], as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    /// The hash of those bytes.
    pub(crate) hash: Vec<u8>,
    /// What the file says.
    pub(crate) said: String,
}

impl Seal {
    /// The seal of a file, if it has one.
    pub(crate) fn of(raw: &[u8]) -> Option<Self> {
        let raw = raw.strip_suffix(END.as_bytes())?;
        let at = raw.windows(MEMBER.len()).rposition(|window| window == MEMBER.as_bytes())?;
        let (content, said) = raw.split_at_checked(at)?;
        let said = std::str::from_utf8(said.get(MEMBER.len()..)?).ok()?.to_owned();
        Some(Self { hash: Sha256::digest(content).to_vec(), said })
    }

    /// Whether the file was exported to `user` from the class with this secret, and not changed since.
    pub(crate) fn holds(&self, secret: &[u8], user: UserId) -> bool {
        let Ok(said) = URL_SAFE_NO_PAD.decode(&self.said) else { return false };
        mac(secret, user, &self.hash).is_some_and(|mac| mac.verify_slice(&said).is_ok())
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_one_person_one_class_and_these_bytes_alone() {
        let (one, other) = (UserId::new(), UserId::new());
        let content = br#"{"note":"mine, \",\"seal\":\" and all""#;
        let said = seal(b"secret", one, &Sha256::digest(content));
        let file = [content.as_slice(), MEMBER.as_bytes(), said.as_bytes(), END.as_bytes()].concat();
        let holds = |file: &[u8], secret: &[u8], user| Seal::of(file).is_some_and(|seal| seal.holds(secret, user));
        assert!(holds(&file, b"secret", one));
        assert!(!holds(&file, b"secret", other));
        assert!(!holds(&file, b"another", one));
        for at in 0..file.len() {
            let mut changed = file.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1;
            }
            assert!(!holds(&changed, b"secret", one), "byte {at} may be another one");
        }
        assert_eq!(Seal::of(b"{}"), None);
    }
}
