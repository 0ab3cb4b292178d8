//! Passwords: argon2id, away from the workers, a few at a time.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::sync::{Semaphore, TryAcquireError};

use crate::{Error, Mishap, Result, Secret};

/// How many wait for a slot before further ones are turned away: at 25 ms each about five seconds on two slots.
const QUEUE: usize = 400;

/// Hashes and checks passwords in a bounded number of slots.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    memory: Arc<Memory>,
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
        let memory = Arc::<Memory>::default();
        let decoy = memory.lend(|memory| hash(&argon2, memory, &crate::secret::random::<32>()?))?;
        Ok(Self {
            argon2,
            slots: Arc::new(Semaphore::new(slots.max(1))),
            memory,
            queue: Arc::new(Semaphore::new(QUEUE)),
            decoy: decoy.into(),
        })
    }

    /// The hash of `password`, in PHC form.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        self.in_slot(move |argon2, memory| hash(argon2, memory, password.expose().as_bytes())).await
    }

    /// Whether `password` belongs to `stored`. Without a stored hash the answer is no, after as long a time.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let right = self.in_slot(move |_, memory| is_of(&stored, memory, password.expose().as_bytes())).await?;
        Ok(known && right)
    }

    async fn in_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>, &mut Vec<Block>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.queue.try_acquire().map_err(|e| match e {
            TryAcquireError::NoPermits => Error::Overloaded,
            TryAcquireError::Closed => Error::Mishap(Mishap::Stopping),
        })?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| Error::Mishap(Mishap::Stopping))?;
        let (argon2, memory) = (self.argon2.clone(), Arc::clone(&self.memory));
        let done = tokio::task::spawn_blocking(move || {
            // Given back when the work ends, not when the caller stops waiting.
            let _slot = slot;
            memory.lend(|memory| work(&argon2, memory))
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

/// What hashes are computed in: as much as was ever needed at once, and used again. Allocated for each hash, it is never
/// given back by glibc: a hundred registrations left 900 MB behind.
#[derive(Default)]
struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    fn lend<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = free().pop().unwrap_or_default();
        let done = work(&mut memory);
        free().push(memory);
        done
    }
}

fn hash(argon2: &Argon2<'_>, memory: &mut Vec<Block>, password: &[u8]) -> Result<String> {
    let salt = crate::secret::random::<{ Salt::RECOMMENDED_LENGTH }>()?;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    fill(argon2, memory, password, &salt, &mut output)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).map_err(broken)?,
        salt: Some(Salt::new(&salt).map_err(broken)?),
        hash: Some(Output::new(&output).map_err(broken)?),
    };
    Ok(hash.to_string())
}

/// Whether a stored hash is this password's, whatever its cost.
fn is_of(stored: &str, memory: &mut Vec<Block>, password: &[u8]) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(broken)?;
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(broken)?;
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from).map_err(broken)?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored).map_err(broken)?);
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(broken(())) };
    let mut output = vec![0; expected.len()];
    fill(&argon2, memory, password, salt, &mut output)?;
    // Compared in constant time by `Output`.
    Ok(Output::new(&output).map_err(broken)? == *expected)
}

fn fill(argon2: &Argon2<'_>, memory: &mut Vec<Block>, password: &[u8], salt: &[u8], output: &mut [u8]) -> Result<()> {
    if memory.len() < argon2.params().block_count() {
        memory.resize(argon2.params().block_count(), Block::new());
    }
    argon2.hash_password_into_with_memory(password, salt, output, memory).map_err(broken)
}

fn broken<E>(_: E) -> Error {
    Error::Mishap(Mishap::Hash)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn the_library_knows_our_hashes_and_we_know_the_librarys() {
        let argon2 = Argon2::default();
        let memory = Memory::default();
        let ours = memory.lend(|memory| hash(&argon2, memory, b"right")).ok().unwrap_or_default();
        assert!(argon2.verify_password(b"right", ours.as_str()).is_ok(), "{ours}");
        assert!(argon2.verify_password(b"wrong", ours.as_str()).is_err());
        let costs = [Params::new(64, 1, 1, Some(16)), Params::new(256, 3, 2, None)];
        for params in costs.into_iter().flatten() {
            let other = Argon2::new(Algorithm::Argon2d, Version::V0x10, params);
            let theirs = other.hash_password(b"right").map(|hash| hash.to_string()).unwrap_or_default();
            let is = |password: &[u8]| memory.lend(|memory| is_of(&theirs, memory, password)).ok();
            assert_eq!((is(b"right"), is(b"wrong")), (Some(true), Some(false)), "{theirs}");
        }
        assert!(memory.lend(|memory| is_of("$argon2id$v=19$m=64", memory, b"right")).is_err());
        // All of that in the memory of one.
        assert_eq!(memory.0.lock().map_or(0, |free| free.len()), 1);
    }
}
