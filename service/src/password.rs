//! Passwords: argon2id, away from the workers, a few at a time.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use tokio::sync::{Semaphore, TryAcquireError};

use crate::{Error, Mishap, Result, Secret};

/// How many wait for a slot before further ones are turned away: at 25 ms each about five seconds on two slots.
const QUEUE: usize = 400;

/// Hashes and checks passwords in a bounded number of slots.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// A hash that no password has, checked when there is no account so that the answer takes as long.
    decoy: Arc<str>,
}

/// How costly a hash is.
#[derive(Clone, Copy, Debug)]
pub enum Cost {
    /// 19 MiB, two passes: the OWASP minimum for argon2id (ASVS 5.0, 11.4.2).
    Standard,
    /// As cheap as the algorithm allows, for tests.
    Minimal,
}

impl Hasher {
    /// A hasher with `slots` hashes at a time.
    ///
    /// # Errors
    /// [`Error::Mishap`] when the system gives no random bytes.
    pub fn new(cost: Cost, slots: usize) -> Result<Self> {
        let params = match cost {
            Cost::Standard => Params::new(19 * 1024, 2, 1, None),
            Cost::Minimal => Params::new(Params::MIN_M_COST, 1, 1, None),
        };
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| Error::Mishap(Mishap::Hash))?);
        let decoy = hash(&argon2, &crate::secret::random::<32>()?)?;
        Ok(Self {
            argon2,
            slots: Arc::new(Semaphore::new(slots.max(1))),
            queue: Arc::new(Semaphore::new(QUEUE)),
            decoy: decoy.into(),
        })
    }

    /// The hash of `password`, in PHC form.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        self.in_slot(move |argon2| hash(argon2, password.expose().as_bytes())).await
    }

    /// Whether `password` belongs to `stored`. Without a stored hash the answer is no, after as long a time.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let right = self
            .in_slot(move |argon2| {
                let parsed = PasswordHash::new(&stored).map_err(|_| Error::Mishap(Mishap::Hash))?;
                Ok(argon2.verify_password(password.expose().as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(known && right)
    }

    async fn in_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.queue.try_acquire().map_err(|e| match e {
            TryAcquireError::NoPermits => Error::Overloaded,
            TryAcquireError::Closed => Error::Mishap(Mishap::Stopping),
        })?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| Error::Mishap(Mishap::Stopping))?;
        let argon2 = self.argon2.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Given back when the work ends, not when the caller stops waiting.
            let _slot = slot;
            work(&argon2)
        });
        done.await?
    }
}

/// A password for somebody who is told it at once: 64 random bits.
///
/// # Errors
/// [`Error::Mishap`] when the system gives no random bytes.
pub fn on_the_spot() -> Result<Secret> {
    let number = u64::from_be_bytes(crate::secret::random()?);
    let group = |shift: u32| format!("{:04x}", (number >> shift) & 0xffff);
    Ok(Secret::new([48, 32, 16, 0].map(group).join("-")))
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String> {
    argon2.hash_password(password).map(|hash| hash.to_string()).map_err(|_| Error::Mishap(Mishap::Hash))
}
