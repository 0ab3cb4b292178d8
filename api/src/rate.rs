//! How many requests one caller may send: a bucket of tokens for each account, and for each address before login.
//!
//! A bucket is one number, the moment at which it is full again (the generic cell rate algorithm), so that a hundred
//! thousand callers are a few megabytes, and time comes in from the clock that tests move.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use service::entity::UserId;

/// A bucket holds so many tokens, and gets one back every so many microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How long until one comes back, in microseconds.
    pub refill: i64,
}

/// 600 at once, then ten a second: a browser page is about twenty requests, a script that imports stays below.
pub const USER: Rate = Rate { burst: 600, refill: 100_000 };
/// 3,000 at once, then twenty a second: a school is one address, and two hundred people who register, log in and open
/// the pages in the same two minutes send some two thousand.
pub const ADDRESS: Rate = Rate { burst: 3_000, refill: 50_000 };
/// Invitation codes that do not exist, for somebody signed in: 20 at once, then one a minute.
pub const USER_CODES: Rate = Rate { burst: 20, refill: 60_000_000 };
/// The same before login: a class of two hundred may mistype twice, then one in half a minute. A code is one of 8 * 10^11.
pub const ADDRESS_CODES: Rate = Rate { burst: 400, refill: 30_000_000 };

/// Callers remembered at most, for each kind of bucket.
const REMEMBERED: usize = 100_000;

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// An account.
    User(UserId),
    /// An address.
    Address(IpAddr),
}

impl Caller {
    /// The caller behind an address. Whoever has one IPv6 address has its whole /64.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// What a bucket says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Whether it may pass.
    pub passed: bool,
    /// Tokens the bucket holds at most.
    pub limit: u32,
    /// Tokens left.
    pub remaining: i64,
    /// Seconds until there is a token again for one that may not pass, until the bucket is full for one that may.
    pub reset: i64,
}

/// Buckets of one kind.
#[derive(Debug, Default)]
pub struct Buckets(Mutex<HashMap<Caller, i64>>);

impl Buckets {
    /// Takes a token, if there is one.
    pub fn take(&self, caller: Caller, rate: Rate, now: i64) -> Left {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= REMEMBERED && !full_at.contains_key(&caller) {
            forget(&mut full_at, now);
        }
        let burst = i64::from(rate.burst);
        let whole = burst * rate.refill;
        // A clock that was set back must not lock anybody out for longer than an empty bucket does.
        let full = full_at.get(&caller).copied().unwrap_or(now).clamp(now, now + whole);
        let next = full + rate.refill;
        let passed = next - now <= whole;
        let until = if passed { next } else { full };
        full_at.insert(caller, until);
        let wait = if passed { until - now } else { next - now - whole };
        Left { passed, limit: rate.burst, remaining: (now + whole - until) / rate.refill, reset: seconds(wait) }
    }

    /// Gives a token back.
    pub fn give_back(&self, caller: Caller, rate: Rate) {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full) = full_at.get_mut(&caller) {
            *full -= rate.refill;
        }
    }

    /// How many callers are remembered.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Makes room: full buckets say nothing and go; if there are none, the fuller half goes, so that whoever makes up
/// callers by the thousand frees nobody who is held back.
fn forget(full_at: &mut HashMap<Caller, i64>, now: i64) {
    full_at.retain(|_, full| *full > now);
    if full_at.len() < REMEMBERED / 2 {
        return;
    }
    let mut moments: Vec<i64> = full_at.values().copied().collect();
    let half = moments.len() / 2;
    let (_, middle, _) = moments.select_nth_unstable(half);
    let middle = *middle;
    full_at.retain(|_, full| *full > middle);
}

/// Whole seconds, rounded up.
fn seconds(micros: i64) -> i64 {
    (micros + 999_999) / 1_000_000
}

/// Every kind of bucket.
#[derive(Debug, Default)]
pub struct Limiter {
    /// Requests.
    pub requests: Buckets,
    /// Invitation codes that do not exist.
    pub codes: Buckets,
}

impl Limiter {
    /// Counts a request.
    pub fn request(&self, caller: Caller, now: i64) -> Left {
        let rate = match caller {
            Caller::User(_) => USER,
            Caller::Address(_) => ADDRESS,
        };
        self.requests.take(caller, rate, now)
    }

    /// How many wrong codes a caller may send.
    #[must_use]
    pub fn codes_of(caller: Caller) -> Rate {
        match caller {
            Caller::User(_) => USER_CODES,
            Caller::Address(_) => ADDRESS_CODES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, refill: 10_000_000 };

    fn address(number: u32) -> Caller {
        Caller::at(IpAddr::V4(number.into()))
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::default();
        let take = |now: i64| buckets.take(address(1), RATE, now * 1_000_000);
        let left: Vec<(bool, i64, i64)> =
            (0..5).map(|_| take(100)).map(|left| (left.passed, left.remaining, left.reset)).collect();
        assert_eq!(left, [(true, 2, 10), (true, 1, 20), (true, 0, 30), (false, 0, 10), (false, 0, 10)]);
        assert!(!take(109).passed && take(110).passed && !take(110).passed);
        assert_eq!(take(1_000).remaining, 2);
        assert_eq!(buckets.take(address(2), RATE, 100_000_000).remaining, 2);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let buckets = Buckets::default();
        let take = |now: i64| buckets.take(address(1), RATE, now * 1_000_000);
        assert!(take(1_000_000).passed);
        assert!(!take(0).passed);
        assert!(take(10).passed);
    }

    #[test]
    fn what_is_given_back_can_be_taken() {
        let buckets = Buckets::default();
        for _ in 0..50 {
            assert!(buckets.take(address(1), RATE, 0).passed);
            buckets.give_back(address(1), RATE);
        }
    }

    #[test]
    fn a_host_of_made_up_callers_takes_bounded_memory_and_frees_nobody() {
        let buckets = Buckets::default();
        let held = address(0);
        assert!((0..3).all(|_| buckets.take(held, RATE, 0).passed));
        for number in 1..300_000 {
            assert!(buckets.take(address(number), RATE, 0).passed);
        }
        assert!(buckets.len() <= REMEMBERED);
        assert!(!buckets.take(held, RATE, 0).passed);
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let at = |text: &str| Caller::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
