//! Who asks, when, and under which idempotency key.

use entity::{Moment, UserId};

use crate::session::Credential;

/// Who asks for something, and when.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// The moment of the request, after its body has come; use cases never look at a clock.
    pub at: Moment,
    /// By what the person was recognised; none for what does not come by a request. Looked at again where something
    /// changes: a request may take long to arrive.
    pub credential: Option<Credential>,
    /// The request's idempotency key, if it carries one.
    pub once: Option<IdempotencyKey>,
}

/// A client's name for one request, and what the request was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The client's name for it.
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub fingerprint: [u8; 32],
}
