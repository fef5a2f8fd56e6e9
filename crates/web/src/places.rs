//! Places for requests in hand, so that whoever holds many keeps nobody else out, and so
//! that ordinary work, however much there is, keeps no emergency out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::Refusal;
use store::caller::{Actor, Caller, Purpose};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::{
    errors,
    metrics::{Lane, LaneMeter, Metrics},
};

/// Ordinary requests in hand at once; more are turned away politely.
const ORDINARY_MAX: usize = 1_024;
/// Places that only emergencies take; when these are taken, ordinary ones serve as well.
const EMERGENCY_MAX: usize = 256;
/// Bodies of callers who are nobody, read at once: a part of the places above.
const ANONYMOUS_BODIES_MAX: usize = 256;
const EMERGENCY_ANONYMOUS_BODIES_MAX: usize = 64;
/// Bodies of one caller, and of one address of callers who are nobody, read at once.
const CALLER_BODIES_MAX: u32 = 128;
const ADDRESS_BODIES_MAX: u32 = 64;
/// Files in hand at once: each is held in memory until it is put away.
const FILES_MAX: usize = 2;
const RETRY_SECONDS: u32 = 1;

/// The refusal of whoever finds no place.
pub(crate) fn busy() -> Refusal {
    let mut refusal = Refusal::new(&errors::BUSY);
    refusal.retry_after_s = Some(RETRY_SECONDS);
    refusal
}

/// Which places a purpose takes.
pub(crate) const fn lane(purpose: Purpose) -> Lane {
    match purpose {
        Purpose::Emergency => Lane::Emergency,
        Purpose::Eligibility
        | Purpose::Treatment
        | Purpose::Registration
        | Purpose::Intake
        | Purpose::Disaster
        | Purpose::OwnAccess
        | Purpose::Operation
        | Purpose::Support => Lane::Ordinary,
    }
}

/// The places of one lane.
struct Room {
    requests: Semaphore,
    anonymous_bodies: Semaphore,
    by_caller: Mutex<BTreeMap<String, u32>>,
    meter: LaneMeter,
}

impl Room {
    fn new(requests: usize, anonymous_bodies: usize, meter: LaneMeter) -> Self {
        Self {
            requests: Semaphore::new(requests),
            anonymous_bodies: Semaphore::new(anonymous_bodies),
            by_caller: Mutex::new(BTreeMap::new()),
            meter,
        }
    }

    fn by_caller(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.by_caller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The places.
pub(crate) struct Places {
    ordinary: Room,
    emergency: Room,
    files: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let ordinary = metrics.lane(Lane::Ordinary);
        let emergency = metrics.lane(Lane::Emergency);
        Self {
            ordinary: Room::new(ORDINARY_MAX, ANONYMOUS_BODIES_MAX, ordinary),
            emergency: Room::new(EMERGENCY_MAX, EMERGENCY_ANONYMOUS_BODIES_MAX, emergency),
            files: Arc::new(Semaphore::new(FILES_MAX)),
        }
    }

    const fn room(&self, lane: Lane) -> &Room {
        match lane {
            Lane::Ordinary => &self.ordinary,
            Lane::Emergency => &self.emergency,
        }
    }

    /// A place for one request; `None` when all of its lane are taken.
    pub(crate) fn request(&self, lane: Lane) -> Option<RequestPlace<'_>> {
        let room = self.room(lane);
        let permit = match (room.requests.try_acquire(), lane) {
            (Ok(permit), _) => Some(permit),
            (Err(_), Lane::Emergency) => self.ordinary.requests.try_acquire().ok(),
            (Err(_), Lane::Ordinary) => None,
        };
        let Some(permit) = permit else {
            room.meter.shed_requests.inc();
            return None;
        };
        room.meter.in_hand.inc();
        Some(RequestPlace {
            room,
            _permit: permit,
        })
    }

    /// A place for a file, from its reading to its answer.
    ///
    /// # Errors
    /// [`busy`] when as many are in hand as may be.
    pub(crate) fn file(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.files)
            .try_acquire_owned()
            .map_err(|_| busy())
    }

    /// Counts a request that was turned away before it asked for a place.
    pub(crate) fn turned_away(&self, lane: Lane) {
        self.room(lane).meter.shed_requests.inc();
    }

    /// A place for reading a caller's body.
    ///
    /// # Errors
    /// [`busy`] when the caller, or all who are nobody together, have as many as they may.
    pub(crate) fn body(&self, lane: Lane, caller: &Caller) -> Result<BodyPlace<'_>, Refusal> {
        let room = self.room(lane);
        let (key, max) = match &caller.actor {
            Actor::Anonymous { client } => (client.clone(), ADDRESS_BODIES_MAX),
            Actor::System { client, .. } => (client.to_hex(), CALLER_BODIES_MAX),
            Actor::Staff { session, .. }
            | Actor::Patient { session, .. }
            | Actor::Proxy { session, .. } => (session.to_hex(), CALLER_BODIES_MAX),
            Actor::Job { name } => ((*name).to_owned(), CALLER_BODIES_MAX),
        };
        let full = || {
            room.meter.shed_bodies.inc();
            busy()
        };
        let among_nobody = match &caller.actor {
            Actor::Anonymous { .. } => {
                Some(room.anonymous_bodies.try_acquire().map_err(|_| full())?)
            }
            _ => None,
        };
        let mut by_caller = room.by_caller();
        let count = by_caller.entry(key.clone()).or_default();
        if *count >= max {
            return Err(full());
        }
        *count += 1;
        drop(by_caller);
        Ok(BodyPlace {
            room,
            key,
            _among_nobody: among_nobody,
        })
    }
}

/// A request's place, given back with its answer.
pub(crate) struct RequestPlace<'p> {
    room: &'p Room,
    _permit: SemaphorePermit<'p>,
}

impl Drop for RequestPlace<'_> {
    fn drop(&mut self) {
        self.room.meter.in_hand.dec();
    }
}

/// A caller's place, given back when the body has been read.
pub(crate) struct BodyPlace<'p> {
    room: &'p Room,
    key: String,
    _among_nobody: Option<SemaphorePermit<'p>>,
}

impl Drop for BodyPlace<'_> {
    fn drop(&mut self) {
        let mut by_caller = self.room.by_caller();
        if let Some(count) = by_caller.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                by_caller.remove(&self.key);
            }
        }
    }
}
