//! Places for requests in hand, so that whoever holds many keeps nobody else out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::Refusal;
use store::caller::{Actor, Caller};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::errors;

/// Requests in hand at once; more are turned away politely.
const AT_ONCE_MAX: usize = 1_024;
/// Bodies of callers who are nobody, read at once: a part of the places above.
const ANONYMOUS_BODIES_MAX: usize = 256;
/// Bodies of one caller, and of one address of callers who are nobody, read at once.
const CALLER_BODIES_MAX: u32 = 128;
const ADDRESS_BODIES_MAX: u32 = 64;
const RETRY_SECONDS: u32 = 1;

/// The refusal of whoever finds no place.
pub(crate) fn busy() -> Refusal {
    let mut refusal = Refusal::new(&errors::BUSY);
    refusal.retry_after_s = Some(RETRY_SECONDS);
    refusal
}

/// The places.
pub(crate) struct Places {
    all: Semaphore,
    anonymous_bodies: Semaphore,
    by_caller: Mutex<BTreeMap<String, u32>>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self {
            all: Semaphore::new(AT_ONCE_MAX),
            anonymous_bodies: Semaphore::new(ANONYMOUS_BODIES_MAX),
            by_caller: Mutex::new(BTreeMap::new()),
        }
    }

    /// A place for one request; `None` when all are taken.
    pub(crate) fn request(&self) -> Option<SemaphorePermit<'_>> {
        self.all.try_acquire().ok()
    }

    /// A place for reading a caller's body.
    ///
    /// # Errors
    /// [`busy`] when the caller, or all who are nobody together, have as many as they may.
    pub(crate) fn body(self: &Arc<Self>, caller: &Caller) -> Result<BodyPlace<'_>, Refusal> {
        let (key, max) = match &caller.actor {
            Actor::Anonymous { client } => (client.clone(), ADDRESS_BODIES_MAX),
            Actor::System { client, .. } => (client.to_hex(), CALLER_BODIES_MAX),
            Actor::Staff { session, .. } | Actor::Patient { session, .. } => {
                (session.to_hex(), CALLER_BODIES_MAX)
            }
            Actor::Job { name } => ((*name).to_owned(), CALLER_BODIES_MAX),
        };
        let among_nobody = match &caller.actor {
            Actor::Anonymous { .. } => {
                Some(self.anonymous_bodies.try_acquire().map_err(|_| busy())?)
            }
            _ => None,
        };
        let mut by_caller = self.by_caller();
        let count = by_caller.entry(key.clone()).or_default();
        if *count >= max {
            return Err(busy());
        }
        *count += 1;
        drop(by_caller);
        Ok(BodyPlace {
            places: Arc::clone(self),
            key,
            _among_nobody: among_nobody,
        })
    }

    fn by_caller(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.by_caller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller's place, given back when the body has been read.
pub(crate) struct BodyPlace<'p> {
    places: Arc<Places>,
    key: String,
    _among_nobody: Option<SemaphorePermit<'p>>,
}

impl Drop for BodyPlace<'_> {
    fn drop(&mut self) {
        let mut by_caller = self.places.by_caller();
        if let Some(count) = by_caller.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                by_caller.remove(&self.key);
            }
        }
    }
}
