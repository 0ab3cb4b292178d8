//! Opaque tokens: made here, shown once, stored only as a hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{Error, Mishap, Result};

/// What a token opens; its prefix, so that secret scanners and people can tell tokens apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A session.
    Session,
    /// A personal API token.
    Api,
    /// A link to set a password.
    Reset,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "cqs_",
            Self::Api => "cqt_",
            Self::Reset => "cqr_",
        }
    }
}

/// A secret in the clear. Has no `Debug`, `Display` or `Serialize`: [`Secret::expose`] is the only way to read it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret that came in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A new token of 256 random bits with prefix and checksum.
    pub(crate) fn token(kind: TokenKind) -> Result<Self> {
        let body = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random::<32>()?));
        let sum = checksum(&body);
        Ok(Self(body + &sum))
    }

    /// Which kind of token this is; none if it was not made here or was mistyped.
    #[must_use]
    pub fn kind(&self) -> Option<TokenKind> {
        let (body, sum) = self.0.split_at_checked(self.0.len().checked_sub(6)?)?;
        let kinds = [TokenKind::Session, TokenKind::Api, TokenKind::Reset];
        kinds.into_iter().find(|kind| body.starts_with(kind.prefix()) && checksum(body) == sum)
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The value a browser must send back with every change it asks for under this session.
    #[must_use]
    pub fn csrf(&self) -> String {
        let digest = Sha256::digest([b"csrf:", self.0.as_bytes()].concat());
        URL_SAFE_NO_PAD.encode(digest)
    }
}

fn checksum(body: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(body.as_bytes())).chars().take(6).collect()
}

/// `N` bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Mishap(Mishap::NoRandomness))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_a_mistyped_one_is_not() {
        let token = Secret::token(TokenKind::Api).ok();
        let text = token.as_ref().map(|t| t.expose().to_owned()).unwrap_or_default();
        assert_eq!(token.and_then(|t| t.kind()), Some(TokenKind::Api));
        let (head, last) = text.split_at(text.len() - 1);
        let mistyped = format!("{head}{}", if last == "A" { "B" } else { "A" });
        assert_eq!(Secret::new(mistyped).kind(), None);
        assert_eq!(Secret::new("é").kind(), None);
        assert_eq!(Secret::new("").kind(), None);
    }
}
