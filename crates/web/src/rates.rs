//! Rates: how much one caller may ask for, so that nobody's haste becomes everybody's wait.
//!
//! Each caller has a bucket that fills steadily; a request takes one out. A bucket is one
//! number, the instant at which it will be full again (GCRA), so that hundreds of thousands
//! fit. An emergency never asks a bucket.
//!
//! Source: identity-security OA-10, T17, T19; ITU-T I.371 annex A (GCRA);
//! draft-ietf-httpapi-ratelimit-headers (names of the headers).

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use kernel::{Refusal, time::Timestamp};
use store::caller::{Actor, Caller};

use crate::{
    errors,
    metrics::{Metrics, Throttled},
};

/// Most buckets of one kind; those that are full, then those that are fullest, make place.
const BUCKETS_MAX: usize = 50_000;
const SECOND_NS: i64 = 1_000_000_000;
/// One refusal a caller in this time leaves an audit record: more would fill the disk for
/// whoever likes that.
const RECORD_EVERY_S: i64 = 60;

/// What a bucket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A facility's system.
    Client,
    /// A facility's system that reads about one person or visit.
    ClientPerson,
    /// A staff session.
    Staff,
    /// A patient's session, or their proxy's.
    Patient,
    /// An address of callers who are nobody, looking.
    Address,
    /// The same, sending something: a password, a card, a token.
    Attempt,
}

impl Kind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::ClientPerson,
        Self::Staff,
        Self::Patient,
        Self::Address,
        Self::Attempt,
    ];

    /// The word in metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::ClientPerson => "client-person",
            Self::Staff => "staff",
            Self::Patient => "patient",
            Self::Address => "address",
            Self::Attempt => "attempt",
        }
    }

    /// What is allowed, unless the operator allows a multiple of it.
    #[must_use]
    pub const fn limit(self) -> Limit {
        match self {
            // The largest hospitals see 3,000 outpatients in a morning, each with a few calls:
            // 200 a second is tens of times that, and what a batch after a failure sends first
            // fits the bucket.
            Self::Client => Limit::new(4_000, 200),
            // One patient's record opened by a whole ward at once, not copied in a loop.
            Self::ClientPerson => Limit::new(300, 10),
            // A page with what it loads is fewer than 10 requests; nobody reads two a second.
            Self::Staff => Limit::new(600, 20),
            Self::Patient => Limit::new(300, 10),
            // A hospital's staff, and a carrier's customers, share one address.
            Self::Address => Limit::new(1_200, 20),
            // 300 of a hospital's staff who log in within one minute, not a guesser.
            Self::Attempt => Limit::new(300, 5),
        }
    }
}

/// How much a bucket holds and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests at once.
    pub burst: i64,
    /// Requests a second, for ever.
    pub per_second: i64,
}

impl Limit {
    const fn new(burst: i64, per_second: i64) -> Self {
        Self { burst, per_second }
    }

    fn interval_ns(self) -> i64 {
        SECOND_NS
            .checked_div(self.per_second)
            .unwrap_or(SECOND_NS)
            .max(1)
    }

    fn capacity_ns(self) -> i64 {
        self.burst.saturating_mul(self.interval_ns())
    }

    /// Takes one from a bucket that will be full at `full_at`; when it is full thereafter, or
    /// how long until there is one (both nanoseconds).
    ///
    /// # Errors
    /// The nanoseconds to wait.
    fn take(self, full_at: i64, now: i64) -> Result<i64, i64> {
        let capacity = self.capacity_ns();
        // Emptier than empty: the clock was set back. Nobody waits for it to come round again.
        let was_set_back = full_at.saturating_sub(now) > capacity;
        let full_at = if was_set_back { now } else { full_at.max(now) };
        let next = full_at.saturating_add(self.interval_ns());
        let beyond = next.saturating_sub(now).saturating_sub(capacity);
        if beyond > 0 { Err(beyond) } else { Ok(next) }
    }

    fn standing(self, full_at: i64, now: i64) -> Standing {
        let missing = full_at.saturating_sub(now).max(0);
        let taken = rounded_up(missing, self.interval_ns());
        Standing {
            limit: self.burst,
            remaining: self.burst.saturating_sub(taken).max(0),
            reset_s: rounded_up(missing, SECOND_NS),
        }
    }
}

fn rounded_up(value: i64, unit: i64) -> i64 {
    value
        .saturating_add(unit.saturating_sub(1))
        .checked_div(unit)
        .unwrap_or(0)
}

/// How a caller stands, for the answer's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the bucket holds.
    pub limit: i64,
    /// What is left.
    pub remaining: i64,
    /// Seconds until it is full.
    pub reset_s: i64,
}

/// A caller who must wait.
pub(crate) struct TooFast {
    pub(crate) refusal: Refusal,
    /// Does this refusal leave an audit record?
    pub(crate) is_recorded: bool,
}

type Key = ([u8; 16], u64);

#[derive(Clone, Copy)]
struct Bucket {
    full_at: i64,
    recorded_at: Option<i64>,
}

#[derive(Default)]
struct Buckets(Mutex<BTreeMap<Key, Bucket>>);

impl Buckets {
    fn map(&self) -> MutexGuard<'_, BTreeMap<Key, Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everybody's buckets.
pub struct Rates {
    buckets: [Buckets; Kind::ALL.len()],
    meters: [Throttled; Kind::ALL.len()],
    times: AtomicI64,
}

impl Rates {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            buckets: Default::default(),
            meters: Kind::ALL.map(|kind| metrics.throttled(kind.word())),
            times: AtomicI64::new(1),
        }
    }

    /// Allows every caller so many times what the table says: for an installation that serves
    /// a region, and for measuring.
    pub fn allow(&self, times: u32) {
        self.times.store(i64::from(times.max(1)), Ordering::Relaxed);
    }

    fn limit(&self, kind: Kind) -> Limit {
        let (limit, times) = (kind.limit(), self.times.load(Ordering::Relaxed));
        Limit {
            burst: limit.burst.saturating_mul(times),
            per_second: limit.per_second.saturating_mul(times),
        }
    }

    /// Takes one for a caller at `at`. `subject` is the person or visit that is read; `sends`
    /// says whether something is sent.
    ///
    /// # Errors
    /// [`TooFast`] when the bucket is empty. `None` for the program's own jobs.
    pub(crate) fn charge(
        &self,
        caller: &Caller,
        subject: Option<&str>,
        sends: bool,
        at: Timestamp,
    ) -> Result<Option<Standing>, TooFast> {
        let (kind, key) = match &caller.actor {
            Actor::System { client, .. } => {
                let id = *client.as_bytes();
                let whole = self.take(Kind::Client, (id, 0), at)?;
                let Some(subject) = subject else {
                    return Ok(Some(whole));
                };
                let part = self.take(Kind::ClientPerson, (id, short(subject)), at)?;
                let is_tighter = part.remaining < whole.remaining;
                return Ok(Some(if is_tighter { part } else { whole }));
            }
            Actor::Staff { session, .. } => (Kind::Staff, (*session.as_bytes(), 0)),
            Actor::Patient { session, .. } | Actor::Proxy { session, .. } => {
                (Kind::Patient, (*session.as_bytes(), 0))
            }
            Actor::Anonymous { client } => {
                let kind = if sends { Kind::Attempt } else { Kind::Address };
                (kind, ([0; 16], short(client)))
            }
            Actor::Job { .. } => return Ok(None),
        };
        self.take(kind, key, at).map(Some)
    }

    fn take(&self, kind: Kind, key: Key, at: Timestamp) -> Result<Standing, TooFast> {
        let place = Kind::ALL.iter().position(|one| *one == kind);
        let (Some(buckets), Some(meter)) = (
            place.and_then(|place| self.buckets.get(place)),
            place.and_then(|place| self.meters.get(place)),
        ) else {
            return Ok(kind.limit().standing(0, 0));
        };
        let (limit, now) = (self.limit(kind), at.micros().saturating_mul(1_000));
        let mut map = buckets.map();
        if map.len() >= BUCKETS_MAX && !map.contains_key(&key) {
            make_place(&mut map, now);
        }
        let bucket = map.entry(key).or_insert(Bucket {
            full_at: now,
            recorded_at: None,
        });
        match limit.take(bucket.full_at, now) {
            Ok(full_at) => {
                bucket.full_at = full_at;
                Ok(limit.standing(full_at, now))
            }
            Err(wait_ns) => {
                let due = RECORD_EVERY_S.saturating_mul(SECOND_NS);
                let is_recorded = bucket
                    .recorded_at
                    .is_none_or(|then| now < then || now.saturating_sub(then) >= due);
                if is_recorded {
                    bucket.recorded_at = Some(now);
                }
                drop(map);
                meter.inc();
                let mut refusal = Refusal::new(&errors::TOO_FAST);
                refusal.retry_after_s = u32::try_from(rounded_up(wait_ns, SECOND_NS)).ok();
                Err(TooFast {
                    refusal,
                    is_recorded,
                })
            }
        }
    }
}

/// Full buckets say nothing that a new one does not say. When these are few, the fuller half
/// goes, so that place is not made again for each that comes.
fn make_place(map: &mut BTreeMap<Key, Bucket>, now: i64) {
    map.retain(|_, bucket| bucket.full_at > now);
    if map.len() > BUCKETS_MAX / 2 {
        let mut all: Vec<i64> = map.values().map(|bucket| bucket.full_at).collect();
        all.sort_unstable();
        let middle = all.get(all.len() / 2).copied().unwrap_or(now);
        let mut left = map.len() / 2;
        map.retain(|_, bucket| {
            let goes = bucket.full_at <= middle && left > 0;
            left = left.saturating_sub(usize::from(goes));
            !goes
        });
    }
}

/// Eight bytes of a text: two that meet share a bucket of the same caller, no more.
fn short(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
